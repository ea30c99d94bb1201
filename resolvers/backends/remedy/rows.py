"""Remedy's replies, and from its words to ours. What does not add up is `Garbled`, by name.

A row is a mapping of field names to values: texts, numbers, null. A field that was asked for has to be there, if only
as null. Moments are `2022-06-21T11:08:05.000+0000`, the offset without a colon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
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


class Link(msgspec.Struct, frozen=True):
    href: str


class Links(msgspec.Struct, frozen=True):
    next: list[Link] | None = None


class Entry(msgspec.Struct, frozen=True):
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
        self._incident = [read for read in INCIDENT if read[0] in columns]
        self._log = [read for read in LOG if read[0] in columns]
        self._dates = "at" in columns

    def incident(self, row: Row) -> Incident:
        told = {column: read(self, row, name) for column, name, read in self._incident}
        return Incident(number=self.key(row, records.NUMBER), sla=self._sla(row), **told)

    def log(self, row: Row, at: datetime) -> WorkLogEntry:
        """`at`: its moment, which whoever puts entries in order has read already."""
        told = {column: read(self, row, name) for column, name, read in self._log}
        return WorkLogEntry(at=at if self._dates else None, **told)

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

    def internal(self, row: Row) -> bool:
        """Whatever is not said to be public is not."""
        return self._internal(row, records.ACCESS)

    def _internal(self, row: Row, name: str) -> bool:
        return self.text(row, name) != "Public"

    def _sla(self, row: Row) -> Sla | None:
        if not any(column == "sla" or column.startswith("sla.") for column in self._columns):
            return None
        label = self.text(row, "SLM Status")
        if words.sla_status(label, None) is None:
            return None
        told = "sla.status" in self._columns
        return Sla(
            target=self._asked("sla.target", row, records.TARGET, self.text),
            due_at=self._asked("sla.due_at", row, "Required Resolution DateTime", self.moment),
            status=words.sla_status(label, self._status(row, "Status")) if told else None,
        )

    def _asked(self, column: str, row: Row, name: str, read: Any) -> Any:
        return read(row, name) if column in self._columns else None

    def _status(self, row: Row, name: str) -> TicketStatus | None:
        label = self.text(row, name)
        return None if label is None else words.STATUS.get(label, TicketStatus.OTHER)

    def _priority(self, row: Row, name: str) -> TicketPriority | None:
        return _coded(self.text(row, name), words.PRIORITY, TicketPriority.OTHER)

    def _urgency(self, row: Row, name: str) -> TicketUrgency | None:
        return _coded(self.text(row, name), words.URGENCY, TicketUrgency.OTHER)

    def _impact(self, row: Row, name: str) -> TicketImpact | None:
        return _coded(self.text(row, name), words.IMPACT, TicketImpact.OTHER)

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
        found = _moment(value) if isinstance(value, str) else None
        if found is None:
            raise Garbled(self._system, f"{name} is no moment")
        return found

    def _lacking(self, name: str) -> Garbled:
        return Garbled(self._system, f"a row lacks {self._own.get(name, name)}, which was asked for")


def _coded(label: str | None, known: Mapping[str, T], other: T) -> T | None:
    return None if label is None else known.get(label, other)


def _moment(text: str) -> datetime | None:
    """None for what is none, or lies where nobody's clock can be read: at the very ends of the calendar."""
    try:
        found = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
        return found if found is not None and 1 < found.year < datetime.max.year else None
    except ValueError:
        return None


INCIDENT: tuple[tuple[str, str, Callable[[Reading, Row, str], Any]], ...] = (
    ("subject", records.SUBJECT, Reading.text),
    ("description", "Detailed Decription", Reading.text),
    ("status", "Status", Reading._status),
    ("word", "Status", Reading.text),
    ("priority", "Priority", Reading._priority),
    ("urgency", "Urgency", Reading._urgency),
    ("impact", "Impact", Reading._impact),
    ("opened_at", records.OPENED, Reading.moment),
    ("resolved_at", "Last Resolved Date", Reading.moment),
    ("assigned_group", "Assigned Group", Reading.text),
    ("assignee", "Assignee", Reading.text),
    ("person_id", records.PERSON, Reading.text),
    ("customer_number", records.CUSTOMER, Reading.text),
    ("email", records.EMAIL, Reading.text),
    ("phone", "Phone Number", Reading.text),
    ("order_number", records.ORDER, Reading.text),
    ("sku", records.SKU, Reading.text),
)
LOG: tuple[tuple[str, str, Callable[[Reading, Row, str], Any]], ...] = (
    ("author", "Work Log Submitter", Reading.text),
    ("text", "Detailed Description", Reading.text),
    ("internal", records.ACCESS, Reading._internal),
)
"""By attribute: the usual name of its field, and how that is read."""
