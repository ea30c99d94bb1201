"""SuiteQL, as far as we speak it: literals, conditions, and one expression for each column we know.

Aliases are the same everywhere: `t` a transaction, `tl` a line of it, `l` a link between two, `c` a customer, `cur` the
currency. Dates are always asked for as `YYYY-MM-DD`: as they are, they come in the account's own format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from resolvers.backends.base import Key, Unusable
from resolvers.backends.netsuite.records import ACCOUNT, CURRENCY, LAST_FOUR, ORDER, ORDER_LINE

LONGEST = 100
NAME = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
DAY = "YYYY-MM-DD"
SECOND = "YYYY-MM-DD HH24:MI:SS"
FIELDS = {"order_field": ORDER, "last_four_field": LAST_FOUR, "line_field": ORDER_LINE, "customer_field": ACCOUNT}
ALIASES = {"transaction": "t", "transactionline": "tl", "nexttransactionlink": "l", "customer": "c", "currency": "cur"}
DATES = frozenset({"trandate", "duedate", "closedate"})

NET = "CASE WHEN t.type = 'CustCred' THEN -ABS(t.foreigntotal) ELSE t.foreigntotal END"
ISSUED = "t.type = 'CustInvc'"
GONE = "'E', 'V', 'CustInvc:E', 'CustInvc:V', 'CustCred:V'"  # rejected, voided: an account spells either way
BILLED = f"t.type IN ('CustInvc', 'CustCred') AND t.status NOT IN ({GONE})"
"""What was billed: invoices, less what was credited of them, whatever sign an account gives its credit memos."""


class Columns:
    """How columns are spelled in one account: its own fields by the names it gave them.

    Raises ValueError for a name that cannot be one, or a currency that is none.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        self.currency = options.get("currency", "")
        if self.currency and not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise ValueError(f"netsuite: {self.currency!r} is no ISO 4217 code")
        self._renamed = {usual: options.get(option, "") for option, usual in FIELDS.items()}
        for option, usual in FIELDS.items():
            if self._renamed[usual] and not NAME.fullmatch(self._renamed[usual]):
                raise ValueError(f"netsuite: {option} is {self._renamed[usual]!r}, and no name of a field")

    def place(self, column: str) -> str:
        """`transaction.trandate` → `t.trandate`."""
        table, _, name = column.partition(".")
        return f"{ALIASES[table]}.{self._renamed.get(column) or name}"

    def selected(self, columns: Iterable[str]) -> str:
        """The list behind SELECT: each column once, under the name that `rows.Row` has for it."""
        return ", ".join(dict.fromkeys(self._item(column) for column in columns if not self._known(column)))

    def joined(self, columns: Collection[str], owner: str) -> str:
        """The join that gives the currency, when it is wanted and not always the same."""
        needed = CURRENCY in columns and not self._known(CURRENCY)
        return f" LEFT JOIN currency cur ON cur.id = {owner}.currency" if needed else ""

    def _known(self, column: str) -> bool:
        return column == CURRENCY and bool(self.currency)

    def _item(self, column: str) -> str:
        place, name = self.place(column), column.partition(".")[2]
        if name in DATES:
            return f"TO_CHAR({place}, '{DAY}') AS {name}"
        if column in ("transaction.paymentmethod", "transactionline.item"):
            return f"BUILTIN.DF({place}) AS {name}"
        return f"{place} AS {name}"


def sums(columns: Iterable[str], since: date) -> list[str]:
    """What NetSuite adds up of each debtor's documents, under the names that `rows.Row` has for it."""
    recent = f"t.trandate >= {day(since)}"
    told = {
        "billed": f"SUM({NET}) AS billed",
        "billed_since": f"SUM(CASE WHEN {recent} THEN {NET} ELSE 0 END) AS billedsince",
        "invoices": f"SUM(CASE WHEN {ISSUED} THEN 1 ELSE 0 END) AS invoices",
        "invoices_since": f"SUM(CASE WHEN {ISSUED} AND {recent} THEN 1 ELSE 0 END) AS invoicessince",
        "last_on": f"TO_CHAR(MAX(CASE WHEN {ISSUED} THEN t.trandate END), '{DAY}') AS laston",
    }
    return [sql for name, sql in told.items() if name in columns]


def usable(keys: Sequence[Key]) -> tuple[list[str], dict[Key, Unusable]]:
    """Keys that can be asked for, each once, and those that can never be. What cannot exist is in neither."""
    asked: list[str] = []
    refused: dict[Key, Unusable] = {}
    for key in dict.fromkeys(keys):
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST:
            continue
        if key.isprintable():
            asked.append(key)
        else:
            refused[key] = Unusable("A key has no control characters in it")
    return asked, refused


def numbers(keys: Sequence[Key]) -> list[str]:
    """NetSuite's own ids among keys, each once: digits; anything else is nobody's id."""
    return [key for key in dict.fromkeys(keys) if isinstance(key, str) and is_id(key)]


def is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19 and not text.startswith("0")


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def among(place: str, values: Iterable[str], *, numeric: bool = False) -> str:
    return f"{place} IN ({', '.join(values if numeric else map(text, values))})"


def day(at: date) -> str:
    return f"TO_DATE('{at.isoformat()}', '{DAY}')"


def moment(at: datetime) -> str:
    """On the account's own wall clock, to the second."""
    return f"TO_DATE('{at:%Y-%m-%d %H:%M:%S}', '{SECOND}')"


def behind(after: Sequence[Any] | None) -> str:
    """The condition for what stands behind a place in a list, newest first."""
    if after is None:
        return ""
    at, identity = day(date.fromisoformat(after[0])), str(after[1])
    if not is_id(identity):
        raise ValueError("a place in a list of invoices has an id")
    return f" AND (t.trandate < {at} OR (t.trandate = {at} AND t.id < {identity}))"
