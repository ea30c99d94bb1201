"""Remedy's replies, and from its words to ours. What does not add up is `Garbled`, by name.

A row is a mapping of field names to values: texts, numbers, null. A field that was asked for has to be there, if only
as null. Moments are `2022-06-21T11:08:05.000+0000`, the offset without a colon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, TypeVar

import msgspec

from resolvers.backends.base import Garbled
from resolvers.backends.remedy import records, words
from resolvers.backends.remedy.records import Incident, Requester, Sla, WorkLogEntry
from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency

T = TypeVar("T")
Row = Mapping[str, Any]
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
LARGEST = 2**63
LACKING: Any = object()
NOTHING: Iterable[None] = repeat(None)


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


class Reading:
    """Reads the values of rows that were asked for these columns."""

    def __init__(self, system: str, names: Names, columns: Collection[str]) -> None:
        self._system = system
        self._own = names.own
        self._columns = columns

    def incidents(self, rows: Sequence[Row]) -> list[Incident]:
        told = {column: read(self, rows, name) for column, name, read in INCIDENT if column in self._columns}
        told["number"] = self.keys(rows, records.NUMBER)
        if any(column == "sla" or column.startswith("sla.") for column in self._columns):
            told["sla"] = map(self._sla, rows)
        return list(map(Incident, *(told.get(name, NOTHING) for name in Incident.__struct_fields__)))

    def logs(self, rows: Sequence[Row], at: Sequence[datetime]) -> list[WorkLogEntry]:
        """`at`: their moments, which whoever puts entries in order has read already."""
        told = {column: read(self, rows, name) for column, name, read in LOG if column in self._columns}
        told["at"] = at if "at" in self._columns else repeat(None, len(rows))
        return list(map(WorkLogEntry, *(told.get(name, NOTHING) for name in WorkLogEntry.__struct_fields__)))

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

    def internal(self, rows: Sequence[Row], name: str = records.ACCESS) -> list[bool]:
        """Whatever is not said to be public is not."""
        return [text != "Public" for text in self.texts(rows, name)]

    def _sla(self, row: Row) -> Sla | None:
        label = self.text(row, "SLM Status")
        if words.sla_status(label, None) is None:
            return None
        told = "sla.status" in self._columns
        return Sla(
            target=self._asked("sla.target", row, records.TARGET, self.text),
            due_at=self._asked("sla.due_at", row, "Required Resolution DateTime", self.moment),
            status=words.sla_status(label, self._statuses([row], "Status")[0]) if told else None,
        )

    def _asked(self, column: str, row: Row, name: str, read: Any) -> Any:
        return read(row, name) if column in self._columns else None

    def _statuses(self, rows: Sequence[Row], name: str) -> list[TicketStatus | None]:
        return _coded(self.texts(rows, name), words.STATUS, TicketStatus.OTHER)

    def _priorities(self, rows: Sequence[Row], name: str) -> list[TicketPriority | None]:
        return _coded(self.texts(rows, name), words.PRIORITY, TicketPriority.OTHER)

    def _urgencies(self, rows: Sequence[Row], name: str) -> list[TicketUrgency | None]:
        return _coded(self.texts(rows, name), words.URGENCY, TicketUrgency.OTHER)

    def _impacts(self, rows: Sequence[Row], name: str) -> list[TicketImpact | None]:
        return _coded(self.texts(rows, name), words.IMPACT, TicketImpact.OTHER)

    # a field of many rows: what is plain is read on the spot, the rest as a value by itself

    def keys(self, rows: Sequence[Row], name: str) -> list[str]:
        at = self._own.get(name, name)
        return [v if (v := row.get(at)).__class__ is str and v else self.key(row, name) for row in rows]

    def texts(self, rows: Sequence[Row], name: str) -> list[str | None]:
        at = self._own.get(name, name)
        return [v or None if (v := row.get(at)).__class__ is str else self.text(row, name) for row in rows]

    def moments(self, rows: Sequence[Row], name: str) -> list[datetime | None]:
        at = self._own.get(name, name)
        return [_moment(row.get(at)) or self.moment(row, name) for row in rows]

    def dates(self, rows: Sequence[Row], name: str) -> list[datetime]:
        return [v or self.dated(row, name) for row, v in zip(rows, self.moments(rows, name), strict=True)]

    # values

    def key(self, row: Row, name: str) -> str:
        found = self.text(row, name)
        if found is None:
            raise Garbled(self._system, f"a row without {name}")
        return found

    def text(self, row: Row, name: str) -> str | None:
        value = row.get(self._own.get(name, name), LACKING)
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
        value = row.get(self._own.get(name, name), LACKING)
        if value is None:
            return None
        if value is LACKING:
            raise self._lacking(name)
        found = _moment(value)
        if found is None:
            raise Garbled(self._system, f"{name} is no moment")
        return found

    def _lacking(self, name: str) -> Garbled:
        return Garbled(self._system, f"a row lacks {self._own.get(name, name)}, which was asked for")


def _coded(labels: Iterable[str | None], known: Mapping[str, T], other: T) -> list[T | None]:
    return [None if label is None else known.get(label, other) for label in labels]


def _moment(value: object) -> datetime | None:
    """None for what is none, or lies where nobody's clock can be read: at the very ends of the calendar."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and MOMENT.fullmatch(value) else None
        return found if found is not None and 1 < found.year < datetime.max.year else None
    except ValueError:
        return None


INCIDENT: tuple[tuple[str, str, Callable[[Reading, Sequence[Row], str], Iterable[Any]]], ...] = (
    ("subject", records.SUBJECT, Reading.texts),
    ("description", "Detailed Decription", Reading.texts),
    ("status", "Status", Reading._statuses),
    ("word", "Status", Reading.texts),
    ("priority", "Priority", Reading._priorities),
    ("urgency", "Urgency", Reading._urgencies),
    ("impact", "Impact", Reading._impacts),
    ("opened_at", records.OPENED, Reading.moments),
    ("resolved_at", "Last Resolved Date", Reading.moments),
    ("assigned_group", "Assigned Group", Reading.texts),
    ("assignee", "Assignee", Reading.texts),
    ("person_id", records.PERSON, Reading.texts),
    ("customer_number", records.CUSTOMER, Reading.texts),
    ("email", records.EMAIL, Reading.texts),
    ("phone", "Phone Number", Reading.texts),
    ("order_number", records.ORDER, Reading.texts),
    ("sku", records.SKU, Reading.texts),
)
LOG: tuple[tuple[str, str, Callable[[Reading, Sequence[Row], str], Iterable[Any]]], ...] = (
    ("author", "Work Log Submitter", Reading.texts),
    ("text", "Detailed Description", Reading.texts),
    ("internal", records.ACCESS, Reading.internal),
)
"""By attribute: the usual name of its field, and how that is read of many rows."""
