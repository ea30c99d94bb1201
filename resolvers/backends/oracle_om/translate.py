"""From Oracle's words to ours. What does not add up is `Garbled`, by name, and never a value further in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from msgspec import UNSET, UnsetType

from resolvers.backends.base import Garbled
from resolvers.backends.base.compiling import Writer
from resolvers.backends.oracle_om.records import (
    Address,
    BuyingParty,
    Hold,
    Line,
    Money,
    OrderTotal,
    Parties,
    Party,
    SalesOrder,
)
from resolvers.backends.oracle_om.wire import (
    Amount,
    Collection,
    Flag,
    HoldRow,
    LineRow,
    Moment,
    OrderRow,
    PartyRow,
    PlaceRow,
    Text,
    TotalRow,
    incomplete,
    rows_of,
    spelled,
)
from schema import LineStatus, OrderStatus

HIGHEST_DIGIT = 21
DEEPEST_DIGIT = -30
LIMIT = Decimal(10) ** HIGHEST_DIGIT
LATEST = datetime.max.replace(tzinfo=UTC)
NOBODY = Parties()

ATTRIBUTES: Mapping[str, str] = {
    wire: name
    for struct in (OrderRow, LineRow, TotalRow, HoldRow, PlaceRow)
    for name, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
}
"""Oracle's spelling → our rows' attribute; the same in whichever row."""

ORDER_STATUS: Mapping[str, OrderStatus] = {
    "DOO_DRAFT": OrderStatus.DRAFT,
    "DOO_SUBMITTED": OrderStatus.SUBMITTED,
    "DOO_PROCESSING": OrderStatus.PROCESSING,
    "OPEN": OrderStatus.OPEN,
    "PARTIALLY_CLOSE": OrderStatus.PARTIALLY_CLOSED,
    "CLOSED": OrderStatus.CLOSED,
    "CANCELED": OrderStatus.CANCELED,
}
LINE_STATUS: Mapping[str, LineStatus] = {
    "NOT_STARTED": LineStatus.ENTERED,
    "ENTERED": LineStatus.ENTERED,
    "CREATED": LineStatus.ENTERED,
    "SCHED": LineStatus.SCHEDULED,
    "SCHEDULED": LineStatus.SCHEDULED,
    "BACKORDERED": LineStatus.BACKORDERED,
    "AWAIT_SHIP": LineStatus.AWAITING_SHIPPING,
    "SHIPPED": LineStatus.SHIPPED,
    "AWAIT_BILLING": LineStatus.SHIPPED,
    "BILLED": LineStatus.CLOSED,
    "CLOSED": LineStatus.CLOSED,
    "CANCELED": LineStatus.CANCELED,
}
"""AWAIT_SHIP and SHIPPED are documented, the other line codes from memory; companies add their own: those are OTHER."""


IN_ORDER: Mapping[str, Mapping[str, str]] = {
    "header_id": {"header_id": "r.header_id"},
    "order_number": {"number": "r.order_number or None"},
    "buying_party_number": {"party_number": "r.buying_party_number or None"},
    "status_code": {
        "status": "ORDER_STATUS.get(r.status_code, OTHER_ORDER) if r.status_code else None",
        "word": "r.status_code or None",
    },
    "transaction_on": {"placed_at": "r.transaction_on or None"},
    "requested_ship_date": {"requested_on": "r.requested_ship_date or None"},
    "source_transaction_system": {"channel": "r.source_transaction_system or None"},
    "transactional_currency_code": {"currency": "r.transactional_currency_code or None"},
}
IN_LINE: Mapping[str, Mapping[str, str]] = {
    "display_line_number": {"number": "l.display_line_number or None"},
    "product_number": {"sku": "l.product_number or None"},
    "ordered_quantity": {
        "quantity": "l.ordered_quantity if str(l.ordered_quantity).isdigit() and l.ordered_quantity < LIMIT"
        " else number(l.ordered_quantity, 'OrderedQuantity')"
    },
    "unit_selling_price": {"unit_price": "money(l.unit_selling_price, r, 'UnitSellingPrice')"},
    "extended_amount": {"amount": "money(l.extended_amount, r, 'ExtendedAmount')"},
    "status_code": {
        "status": "LINE_STATUS.get(l.status_code, OTHER_LINE) if l.status_code else None",
        "word": "l.status_code or None",
    },
    "schedule_ship_date": {"promised_on": "l.schedule_ship_date or None"},
    "actual_ship_date": {"shipped_on": "l.actual_ship_date or None"},
    "shipping_carrier": {"carrier": "l.shipping_carrier or None"},
}
"""By attribute of a row (`r` an order, `l` a line of it), what is made of it. Empty texts are false, and no date is."""

READ_ALONE = frozenset({"holds", "ship_to", "bill_to"})
"""Children that are seldom asked for: `complete` looks at them before they are read."""


class Translation:
    """Translates rows, as the functions say that it writes (see `base/compiling.py`). `wire` are the columns that were
    asked for: each has to be there, if only as null, and nothing is made of others.

    orders, totals:  what is made of each row
    cut:             the places of the rows of which there are, or may be, more children than came along
    """

    def __init__(self, system: str, wire: Iterable[str]) -> None:
        asked: dict[str, list[str]] = {}
        for column in wire:
            child, _, name = column.rpartition(".")
            asked.setdefault(child and ATTRIBUTES[child], []).append(ATTRIBUTES[name])
        self._rest = _Rest(system, asked)

    @cached_property
    def orders(self) -> Callable[[Sequence[OrderRow]], list[SalesOrder]]:
        return _orders(self._rest)

    @cached_property
    def totals(self) -> Callable[[Sequence[OrderRow]], list[OrderTotal]]:
        return _totals(self._rest)

    @cached_property
    def cut(self) -> Callable[[Sequence[OrderRow]], list[int]]:
        return _cut(self._rest)


def _orders(rest: _Rest) -> Callable[..., Any]:
    writer = rest.writer()
    told = _written(IN_ORDER, rest.asked.get("", ()))
    told["parties"] = "parties(r)" if rest.parties else "NOBODY"
    if "totals" in rest.asked:
        told["total"] = "total(r)"
    if "holds" in rest.asked:
        told["holds"] = "holds(rows_of(r.holds))"
    if "lines" in rest.asked:
        names = rest.asked["lines"]
        line = f"{writer.record(Line, _written(IN_LINE, names))} if {_there('l', names)} else complete(r)"
        told["lines"] = f"[{line} for l in {_children('lines')}]"
    return writer.function("R", f"[{writer.record(SalesOrder, told)} if {rest.there()} else complete(r) for r in R]")


def _totals(rest: _Rest) -> Callable[..., Any]:
    writer = rest.writer()
    told = {"total": "total(r)", "status": IN_ORDER["status_code"]["status"]}
    return writer.function("R", f"[{writer.record(OrderTotal, told)} if {rest.there()} else complete(r) for r in R]")


def _cut(rest: _Rest) -> Callable[..., Any]:
    """Most rows have whole children, in pages that say so: only others are looked at."""
    children = [one for one in ("lines", "totals", "holds") if one in rest.asked]
    whole = " and ".join(f"r.{one}.__class__ is Collection and not r.{one}.has_more" for one in children)
    test = f" if not ({whole}) and incomplete(r)" if whole else " if False"
    return rest.writer().function("R", f"[n for n, r in enumerate(R){test}]")


def _written(known: Mapping[str, Mapping[str, str]], names: Iterable[str]) -> dict[str, str]:
    return {attribute: made for name in names for attribute, made in known.get(name, {}).items()}


def _there(row: str, names: Iterable[str]) -> str:
    """A test that a row has all of these. Its own id it has, or it would not have been decoded."""
    needed = [f"{row}.{name} is not UNSET" for name in names if name not in ("header_id", "fulfill_line_id")]
    return " and ".join(needed) or "True"


def _children(name: str) -> str:
    return f"(r.{name}.items if r.{name}.__class__ is Collection else rows_of(r.{name}))"


@dataclass(frozen=True, slots=True)
class _Rest:
    """What the functions leave to others. `asked`: by child, "" for the order itself, what has to be there."""

    system: str
    asked: Mapping[str, Sequence[str]]

    def writer(self) -> Writer:
        return Writer(
            UNSET=UNSET,
            NOBODY=NOBODY,
            Collection=Collection,
            ORDER_STATUS=ORDER_STATUS,
            LINE_STATUS=LINE_STATUS,
            OTHER_ORDER=OrderStatus.OTHER,
            OTHER_LINE=LineStatus.OTHER,
            LIMIT=LIMIT,
            rows_of=rows_of,
            incomplete=incomplete,
            parties=_parties,
            holds=_holds,
            number=self.number,
            money=self.money,
            total=self.total,
            complete=self.complete,
        )

    @property
    def parties(self) -> bool:
        return "buying_party_name" in self.asked.get("", ()) or not {"ship_to", "bill_to"}.isdisjoint(self.asked)

    def there(self) -> str:
        """A test that an order has what was asked of it, and of its children those that are not looked at again."""
        tests = [_there("r", [*self.asked.get("", ()), *filter(None, self.asked)])]
        return " and ".join([*tests, *(["complete(r)"] if READ_ALONE & self.asked.keys() else [])])

    def complete(self, row: OrderRow) -> bool:
        """Raises Garbled: a column we asked for and did not get would look like one that holds nothing."""
        for child, names in self.asked.items():
            rows = self._children(row, child) if child else [row]
            if any(getattr(one, name) is UNSET for one in rows for name in names):
                lacks = list(map(spelled, names))
                raise Garbled(self.system, f"order {row.header_id}: {child and spelled(child)} lacks one of {lacks}")
        return True

    def _children(self, row: OrderRow, child: str) -> list[Any]:
        children = getattr(row, child)
        if children is UNSET:
            raise Garbled(self.system, f"order {row.header_id} lacks {spelled(child)}")
        return rows_of(children)

    def total(self, row: OrderRow) -> Money | None:
        """The primary total. An order without a price has no totals at all; totals without one primary say nothing."""
        rows = rows_of(row.totals)
        if not rows:
            return None
        if [one for one in rows if one.total_amount is UNSET or one.primary_flag is UNSET]:
            self.complete(row)
        amounts = {one.total_amount for one in rows if one.primary_flag is True or _true(one.primary_flag)}
        if len(amounts) != 1:
            raise Garbled(self.system, f"order {row.header_id} has {len(amounts)} primary totals")
        return self.money(amounts.pop(), row, "TotalAmount")

    def money(self, amount: Amount, row: OrderRow, column: str) -> Money | None:
        if (exact := self.number(amount, column)) is None:
            return None
        currency = _text(row.transactional_currency_code)
        if currency is None:
            raise Garbled(self.system, f"order {row.header_id} has a {column} in no currency")
        return Money(exact, currency)

    def number(self, amount: Amount, column: str) -> Decimal | None:
        """Decimals as they came; but neither NaN, which JSON has no number for, nor ones with endless zeros."""
        if amount is UNSET or amount is None or isinstance(amount, UnsetType):  # the last is for the type checker
            return None
        plain = str(amount)
        if len(plain) <= HIGHEST_DIGIT and plain.replace(".", "", 1).isdigit():
            return amount  # nearly all: not worth taking to pieces
        _, digits, exponent = amount.as_tuple()
        if not isinstance(exponent, int) or exponent < DEEPEST_DIGIT or len(digits) + exponent > HIGHEST_DIGIT:
            raise Garbled(self.system, f"{column} is {str(amount)[:40]}")
        return amount


def _parties(row: OrderRow) -> Parties:
    if row.buying_party_name is UNSET and row.bill_to is UNSET and row.ship_to is UNSET:
        return NOBODY
    sold_to = None if row.buying_party_name is UNSET else Party(_text(row.buying_party_name))
    return Parties(sold_to, _party(rows_of(row.bill_to)), _party(rows_of(row.ship_to)))


def _party(places: list[PlaceRow]) -> Party | None:
    """An order goes to one place and is billed to one: further rows are history."""
    return Party(_text(places[0].party_name), _address(places[0])) if places else None


def _address(place: PlaceRow) -> Address | None:
    street = map(_text, (place.address1, place.address2, place.address3, place.address4))
    lines = [line for line in street if line]
    rest = [_text(part) for part in (place.city, place.state, place.postal_code, place.country)]
    return Address(lines, *rest) if lines or any(rest) else None


def _holds(rows: list[HoldRow]) -> list[Hold]:
    """Those in force, oldest first; a hold that does not say whether it was released still holds."""
    held = [
        Hold(_text(row.hold_name), _text(row.hold_comments), _moment(row.apply_date))
        for row in rows
        if not _true(row.release_flag)
    ]
    return sorted(held, key=lambda hold: hold.applied_at or LATEST)


def _text(value: Text) -> str | None:
    return None if value is UNSET or isinstance(value, UnsetType) else value or None


def _moment(value: Moment) -> datetime | None:
    return None if isinstance(value, UnsetType) else value


def _true(flag: Flag) -> bool:
    return flag is True or flag == "Y"


def buying_parties(rows: Sequence[PartyRow]) -> list[BuyingParty]:
    """Each party once, by its newest row; the oldest of these first."""
    newest = {row.buying_party_number: row for row in sorted(rows, key=_updated)}
    return [
        BuyingParty(row.buying_party_number, row.buying_party_id, row.buying_party_name or None, row.last_update_date)
        for row in sorted(newest.values(), key=_updated)
        if row.buying_party_number
    ]


def _updated(row: PartyRow) -> datetime:
    return row.last_update_date
