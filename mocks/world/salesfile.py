"""Reading a sales file: one line of it is one order line, and a mapping (TOML) says which column means what.

What cannot be understood is refused, never guessed, with one error that names file, line and column: `BadWorld`.
Refused are: a file that is not text in the encoding named, or empty, or without a needed column, or with a column
twice; a line with too few or too many fields; a date that is not of the form named, or outside 1900 … 2199; a number
that is no plain decimal number; a quantity of zero; a discount outside 0 … 1; a currency that is not three capitals; a
SKU of more than 40 characters (SAP's limit); an order, customer or SKU without a name. Also refused is what would put
money in the wrong place: an order of two customers, or in two currencies.

Kept as they are: non-breaking spaces, curly quotes, negative quantities and amounts (returns), names of any length.
Spaces around a value are not part of it. Lines with nothing in them are skipped.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

T = TypeVar("T")

NEEDED = ("order", "placed_on", "customer", "sku", "quantity", "amount")
PARSED = frozenset({*NEEDED, "discount", "shipped_on", "currency"})
NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST_SKU = 40
ASCII_SPACE = " \t\r\n"


class BadWorld(ValueError):
    """A file no world can be made of; the text names the place and the reason."""


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    encoding: str = "utf-8"
    delimiter: str = ","
    dates: str = "%Y-%m-%d"
    postal_code_width: int = 0


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Our words; values are the file's. None: the file has no such column."""

    order: str
    placed_on: str
    customer: str
    sku: str
    quantity: str
    amount: str
    customer_name: str | None = None
    segment: str | None = None
    country: str | None = None
    region: str | None = None
    state: str | None = None
    city: str | None = None
    street: str | None = None
    postal_code: str | None = None
    product_name: str | None = None
    group: str | None = None
    discount: str | None = None
    shipped_on: str | None = None
    ship_mode: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    unit: str | None = None
    channel: str | None = None


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    currency: str = "USD"
    language: str = ""
    country: str = ""
    unit: str = "PC"


class SalesMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: Columns
    file: Layout = Layout()
    defaults: Defaults = Defaults()
    carriers: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sold:
    """One line of the file, understood. `texts`: the columns that are texts, by our word; absent when not mapped."""

    line: int
    order: str
    customer: str
    sku: str
    placed_at: datetime
    shipped_at: datetime | None
    quantity: Decimal
    amount: Decimal
    discount: Decimal
    currency: str
    texts: Mapping[str, str]

    def text(self, word: str) -> str:
        return self.texts.get(word, "")


def read_mapping(path: Path) -> SalesMapping:
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), SalesMapping)
    except (OSError, ValueError) as error:  # msgspec's and TOML's errors, and undecodable text, are ValueErrors
        raise BadWorld(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(found.file.delimiter) != 1 or found.file.delimiter in '"\r\n':
        raise BadWorld(f"{path}: file.delimiter is one character, not {found.file.delimiter!r}")
    if not CURRENCY.fullmatch(found.defaults.currency):
        raise BadWorld(f"{path}: defaults.currency is three capitals, not {found.defaults.currency!r}")
    return found


def read_sales(path: Path, mapping: SalesMapping) -> list[Sold]:
    """All order lines of a file, in its own sequence."""
    source = _Source(path, mapping)
    sales = [source.sold(line, row) for line, row in source.rows()]
    if not sales:
        raise BadWorld(f"{path}: has a header and no sales")
    _check_orders(path, mapping, sales)
    return sales


class _Source:
    """A file being read: knows where it is, for errors."""

    def __init__(self, path: Path, mapping: SalesMapping) -> None:
        self._path = path
        self._mapping = mapping
        self._names = {word: name for word, name in msgspec.structs.asdict(mapping.columns).items() if name is not None}
        self._dates: dict[str, datetime] = {}
        self._texts: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(line it begins on, value by our word) of every line but the header."""
        lines = self._lines(self._text())
        _, header = next(lines, (1, []))
        at = self._positions(header)
        for line, row in lines:
            if len(row) != len(header):
                self._bad(line, f"has {len(row)} fields, the header has {len(header)}")
            yield line, {word: row[position].strip(ASCII_SPACE) for word, position in at.items()}

    def _text(self) -> str:
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise BadWorld(f"{self._path}: {error.strerror}") from error
        encoding = self._mapping.file.encoding
        try:
            text = content.decode(encoding)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            self._bad(content.count(b"\n", 0, start) + 1, f"is not {encoding}: {error}")
        except LookupError:
            raise BadWorld(f"{self._path}: there is no encoding {encoding!r}") from None
        text = text.removeprefix("\ufeff")
        if not text.strip():
            raise BadWorld(f"{self._path}: is empty")
        return text

    def _lines(self, text: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._mapping.file.delimiter, strict=True)
        begun = 1
        try:
            for row in reader:
                if any(value.strip() for value in row):
                    yield begun, row
                begun = reader.line_num + 1
        except csv.Error as error:
            self._bad(begun, f"cannot be split into fields: {error}")

    def _positions(self, header: list[str]) -> dict[str, int]:
        titles = [title.strip() for title in header]
        for word, name in self._names.items():
            if titles.count(name) != 1:
                many = "is there more than once" if name in titles else f"is missing; there are {', '.join(titles)}"
                self._bad(1, f"the column for {word} {many}", name)
        return {word: titles.index(name) for word, name in self._names.items()}

    def sold(self, line: int, row: dict[str, str]) -> Sold:
        def read(word: str, how: Callable[[str], T]) -> T:
            try:
                return how(row[word])
            except ValueError as error:
                self._bad(line, f"{row[word]!r} {error}", self._names[word])

        return Sold(
            line=line,
            order=read("order", _name),
            customer=read("customer", _name),
            sku=read("sku", _sku),
            placed_at=read("placed_on", self._date),
            shipped_at=read("shipped_on", self._date) if row.get("shipped_on") else None,
            quantity=read("quantity", _quantity),
            amount=read("amount", _number),
            discount=read("discount", _share) if row.get("discount") else Decimal(0),
            currency=read("currency", _currency) if row.get("currency") else self._mapping.defaults.currency,
            texts={word: self._texts.setdefault(text, text) for word, text in row.items() if word not in PARSED},
        )

    def _date(self, text: str) -> datetime:
        if (known := self._dates.get(text)) is None:
            known = self._dates[text] = _moment(text, self._mapping.file.dates)
        return known

    def _bad(self, line: int, why: str, column: str | None = None) -> NoReturn:
        place = f"{self._path}, line {line}" + ("" if column is None else f", column “{column}”")
        raise BadWorld(f"{place}: {why}") from None


def _check_orders(path: Path, mapping: SalesMapping, sales: list[Sold]) -> None:
    """One order, one buyer, one currency."""
    first: dict[str, Sold] = {}
    for sold in sales:
        known = first.setdefault(sold.order, sold)
        for what, column, one, other in (
            ("customer", mapping.columns.customer, known.customer, sold.customer),
            ("currency", mapping.columns.currency, known.currency, sold.currency),
        ):
            if one != other:
                place = f"{path}, line {sold.line}, column “{column}”"
                raise BadWorld(f"{place}: order {sold.order} has {what} {other} here, and {one} on line {known.line}")


def _name(text: str) -> str:
    if not text:
        raise ValueError("is no name")
    return text


def _sku(text: str) -> str:
    if not 0 < len(text) <= LONGEST_SKU:
        raise ValueError(f"is no SKU: 1 to {LONGEST_SKU} characters")
    return text


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise ValueError("is no number: digits, and a point if need be")
    return Decimal(text)


def _quantity(text: str) -> Decimal:
    number = _number(text)
    if not number:
        raise ValueError("is no quantity: nothing was sold")
    return number


def _share(text: str) -> Decimal:
    number = _number(text)
    if not 0 <= number <= 1:
        raise ValueError("is no share: 0 to 1")
    return number


def _currency(text: str) -> str:
    if not CURRENCY.fullmatch(text):
        raise ValueError("is no currency: three capitals, as ISO 4217 has them")
    return text


def _moment(text: str, form: str) -> datetime:
    try:
        found = datetime.strptime(text, form)
    except ValueError:
        raise ValueError(f"is no date of the form {form}") from None
    if not 1900 <= found.year < 2200:
        raise ValueError("is a date outside 1900 to 2199")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
