"""Remedy's replies, and from its words to ours. What does not add up is `Garbled`, by name.

A row is a mapping of field names to values: texts, numbers, null. A field that was asked for has to be there, if only
as null. Moments are `2022-06-21T11:08:05.000+0000`, the offset without a colon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar

import msgspec

from resolvers.backends.base import Garbled
from resolvers.backends.base.compiling import Writer
from resolvers.backends.remedy import records, words
from resolvers.backends.remedy.records import Incident, Requester, Sla, WorkLogEntry
from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency

T = TypeVar("T")
Row = Mapping[str, Any]
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
USUAL, MARKS = len("2022-06-21T11:08:05.000+0000"), "--T::"
"""What nearly all are, told without a pattern: where the marks stand as they should, numbers are all that is read."""

LARGEST = 2**63
LACKING: Any = object()
Opened = tuple[datetime | None, Row]
Entered = tuple[datetime, str, WorkLogEntry]
STATUS = "Status", words.STATUS, TicketStatus.OTHER
CODES: Mapping[str, tuple[str, Mapping[str, Any], Any]] = {
    "status": STATUS,
    "priority": ("Priority", words.PRIORITY, TicketPriority.OTHER),
    "urgency": ("Urgency", words.URGENCY, TicketUrgency.OTHER),
    "impact": ("Impact", words.IMPACT, TicketImpact.OTHER),
}
TEXTS: Mapping[str, str] = {
    "subject": records.SUBJECT,
    "description": "Detailed Decription",
    "word": "Status",
    "assigned_group": "Assigned Group",
    "assignee": "Assignee",
    "person_id": records.PERSON,
    "customer_number": records.CUSTOMER,
    "email": records.EMAIL,
    "phone": "Phone Number",
    "order_number": records.ORDER,
    "sku": records.SKU,
}
LOG_TEXTS: Mapping[str, str] = {"author": "Work Log Submitter", "text": "Detailed Description"}
"""By attribute: the usual name of its field; of a selection, what its labels mean as well, and what all others do."""


class Link(msgspec.Struct, frozen=True):
    href: str


class Links(msgspec.Struct, frozen=True):
    next: list[Link] | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    values: dict[str, Any]


class Page(msgspec.Struct, frozen=True):
    """One page of rows. `next` is absent on the last; its address is not followed: see `paging`."""

    entries: list[Entry]
    matches: int | None = msgspec.field(name="numMatches", default=None)
    links: Links | None = msgspec.field(name="_links", default=None)

    @property
    def has_more(self) -> bool:
        return self.links is not None and bool(self.links.next)


class Names:
    """What this company calls the custom fields. Attributes everywhere else are named by the usual names."""

    def __init__(self, options: Mapping[str, str]) -> None:
        told = {
            records.CUSTOMER: options.get("customer_field"),
            records.ORDER: options.get("order_field"),
            records.SKU: options.get("sku_field"),
            records.TARGET: options.get("target_field"),
        }
        self.own = {usual: name for usual, name in told.items() if name}

    def __call__(self, usual: str) -> str:
        return self.own.get(usual, usual)


class Values:
    """Reads single values, whatever they are: texts, numbers, null, or nothing at all."""

    def __init__(self, system: str, names: Names) -> None:
        self._system = system
        self.own = names

    def key(self, row: Row, name: str) -> str:
        found = self.text(row, name)
        if found is None:
            raise Garbled(self._system, f"a row without {name}")
        return found

    def text(self, row: Row, name: str) -> str | None:
        value = row.get(self.own(name), LACKING)
        if value.__class__ is str:
            return value or None
        if value is LACKING:
            raise self._lacking(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
            return str(value)  # of a custom field that is a number there
        if value is not None and not isinstance(value, str):
            raise Garbled(self._system, f"{name} is no text")
        return value or None

    def dated(self, row: Row, name: str) -> datetime:
        found = self.moment(row, name)
        if found is None:
            raise Garbled(self._system, f"a row without {name}")
        return found

    def moment(self, row: Row, name: str) -> datetime | None:
        value = row.get(self.own(name), LACKING)
        if value is None:
            return None
        if value is LACKING:
            raise self._lacking(name)
        found = _moment(value)
        if found is None:
            raise Garbled(self._system, f"{name} is no moment")
        return found

    def coded(self, row: Row, name: str, known: Mapping[str, T], other: T) -> T | None:
        label = self.text(row, name)
        return None if label is None else known.get(label, other)

    def sla(self, row: Row, columns: Collection[str]) -> Sla | None:
        label = self.text(row, "SLM Status")
        if words.sla_status(label, None) is None:
            return None
        status = self.coded(row, *STATUS) if "sla.status" in columns else None
        return Sla(
            target=self.text(row, records.TARGET) if "sla.target" in columns else None,
            due_at=self.moment(row, "Required Resolution DateTime") if "sla.due_at" in columns else None,
            status=words.sla_status(label, status) if "sla.status" in columns else None,
        )

    # a field of many rows: what is plain is read on the spot, the rest as a value by itself

    def keys(self, rows: Sequence[Row], name: str) -> list[str]:
        at = self.own(name)
        return [v if (v := row.get(at)).__class__ is str and v else self.key(row, name) for row in rows]

    def texts(self, rows: Sequence[Row], name: str) -> list[str | None]:
        at = self.own(name)
        return [v or None if (v := row.get(at)).__class__ is str else self.text(row, name) for row in rows]

    def moments(self, rows: Sequence[Row], name: str) -> list[datetime | None]:
        at = self.own(name)
        return [_moment(row.get(at)) or self.moment(row, name) for row in rows]

    def dates(self, rows: Sequence[Row], name: str) -> list[datetime]:
        at = self.own(name)
        return [_moment(row.get(at)) or self.dated(row, name) for row in rows]

    def _lacking(self, name: str) -> Garbled:
        return Garbled(self._system, f"a row lacks {self.own(name)}, which was asked for")


class Reading(Values):
    """Reads rows that were asked for these columns, by functions written for just these (see `base/compiling.py`).

    incidents:  of pairs: a row, and the moment it was opened at, which whoever puts rows in order has read already
    entries:    of rows of the work log, either those that are internal or the others: moment, id, what is said.
                Whatever is not said to be public is internal
    """

    def __init__(self, system: str, names: Names, columns: Collection[str]) -> None:
        super().__init__(system, names)
        self._columns = columns

    @cached_property
    def incidents(self) -> Callable[[Iterable[Opened]], list[Incident]]:
        return _incidents(Values(self._system, self.own), self._columns)

    @cached_property
    def entries(self) -> Callable[[Iterable[Row], bool], list[Entered]]:
        return _entries(Values(self._system, self.own), self._columns)

    def opened(self, rows: Sequence[Row]) -> list[Opened]:
        """Rows with the moments they were opened at, as far as these were asked for."""
        at = self.moments(rows, records.OPENED) if "opened_at" in self._columns else [None] * len(rows)
        return list(zip(at, rows, strict=True))

    def requester(self, row: Row) -> Requester:
        name = " ".join(filter(None, (self.text(row, "First Name"), self.text(row, "Last Name"))))
        return Requester(
            person_id=self.text(row, records.PERSON),
            customer_number=self.text(row, records.CUSTOMER),
            email=self.text(row, records.EMAIL),
            phone=self.text(row, "Phone Number"),
            name=name or None,
            updated=self.dated(row, records.MODIFIED),
        )


class _Expressions(Writer):
    """How a field of a row `r` is read: on the spot where it is plain, by `Values` otherwise."""

    def __init__(self, values: Values) -> None:
        super().__init__(moment=_moment)
        self._values = values

    def key(self, name: str) -> str:
        v, rest = self.fresh(), self.name("key", partial(self._values.key, name=name))
        return f"({v} if ({v} := {self._got(name)}).__class__ is str and {v} else {rest}(r))"

    def text(self, name: str) -> str:
        v, rest = self.fresh(), self.name("text", partial(self._values.text, name=name))
        return f"({v} or None if ({v} := {self._got(name)}).__class__ is str else {rest}(r))"

    def coded(self, name: str, known: Mapping[str, Any], other: Any) -> str:
        v, rest = self.fresh(), self.name("coded", partial(self._values.coded, name=name, known=known, other=other))
        found = f"{self.name('known', known)}.get({v}) if ({v} := {self._got(name)}).__class__ is str else None"
        return f"(({found}) or {rest}(r))"

    def moment(self, name: str) -> str:
        return f"(moment({self._got(name)}) or {self.name('or_none', partial(self._values.moment, name=name))}(r))"

    def dated(self, name: str) -> str:
        return f"(moment({self._got(name)}) or {self.name('dated', partial(self._values.dated, name=name))}(r))"

    def sla(self, columns: Collection[str]) -> str:
        return f"{self.name('sla', partial(self._values.sla, columns=columns))}(r)"

    def _got(self, name: str) -> str:
        return f"r.get({self._values.own(name)!r})"


def _incidents(values: Values, columns: Collection[str]) -> Callable[..., Any]:
    write = _Expressions(values)
    told = {"number": write.key(records.NUMBER)}
    told |= {column: write.text(name) for column, name in TEXTS.items() if column in columns}
    told |= {column: write.coded(*code) for column, code in CODES.items() if column in columns}
    if "opened_at" in columns:
        told["opened_at"] = "at"
    if "resolved_at" in columns:
        told["resolved_at"] = write.moment("Last Resolved Date")
    if any(column.partition(".")[0] == "sla" for column in columns):
        told["sla"] = write.sla(columns)
    return write.function("R", f"[{write.record(Incident, told)} for at, r in R]")


def _entries(values: Values, columns: Collection[str]) -> Callable[..., Any]:
    write = _Expressions(values)
    known = {"at": "at", "internal": "internal"} | {column: write.text(name) for column, name in LOG_TEXTS.items()}
    entry = write.record(WorkLogEntry, {column: made for column, made in known.items() if column in columns})
    wanted = f"({write.text(records.ACCESS)} != 'Public') is internal"
    row = f"((at := {write.dated(records.LOG_AT)}), {write.key(records.LOG_ID)}, {entry})"
    return write.function("R, internal", f"[{row} for r in R if {wanted}]")


def _moment(value: object) -> datetime | None:
    """None for what is none, or lies where nobody's clock can be read: at the very ends of the calendar."""
    if not isinstance(value, str):
        return None
    usual = len(value) == USUAL and value[4:17:3] == MARKS and value[19] == "." and value[23] in "+-"
    try:
        found = datetime.fromisoformat(value) if usual or MOMENT.fullmatch(value) else None
        return found if found is not None and 1 < found.year < datetime.max.year else None
    except ValueError:
        return None
