"""The questions we put to the help desk. Everything plural; nothing travels but the columns asked for, and keys.

Settings (`Connection.options`): `form` (HPD:Help Desk), `timezone` (IANA name of the server's wall clock; UTC), the
custom fields `customer_field`, `order_field`, `sku_field`, `target_field`, and `authString` for logins that need one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from resolvers import normalise
from resolvers.backends.base import (
    JSON,
    KEPT,
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Deadline,
    Gap,
    Garbled,
    Key,
    Send,
    Wire,
    operation,
)
from resolvers.backends.remedy import asking, language, notes, records, words
from resolvers.backends.remedy.paging import Form, Position, Wanted
from resolvers.backends.remedy.records import Incident, IncidentPage, NotePage, Requester, WorkLogEntry
from resolvers.backends.remedy.rows import Names, Opened, Reading, Row
from resolvers.backends.remedy.session import Session
from schema.support import TicketPriority, TicketStatus

T = TypeVar("T")

PER_PARENT = "pages of many: one request, another while some with tickets left lack rows, at most one for each"
MOST_KEYS = 25
BULK_PATIENCE = 120.0
"""Seconds for one page when reading by change: nobody waits at a screen, and the database may sort the whole table."""


class Remedy(Adapter):
    """BMC Remedy (Helix ITSM), as a service account that may see every incident.

    Keys are compared exactly once they are in one spelling: numbers of incidents, orders and products as they are,
    customer numbers without leading zeros, e-mail addresses normalised. A key with control characters in it is
    `Unusable`; one that cannot exist (no text, empty, over 254 characters) has no tickets. A portion of the keys that
    fails costs only its own.
    """

    name = "remedy"
    title = "BMC Remedy ITSM"
    bears = Bears(at_once=8)  # its fast queue has few threads, and one that is full answers with ARERR 93
    takes = JSON | {"text/plain"}

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        options = connection.options
        self._names = Names(options)
        for usual in records.CUSTOM:
            language.field(self._names(usual))
        session = Session(self.name, connection)
        clock = language.Clock(_zone(options.get("timezone") or "UTC"))
        self._session = session
        self._wire_columns = lru_cache(KEPT)(self._of_incidents)
        self._wire_log = lru_cache(KEPT)(_of_log)
        self._reading = lru_cache(KEPT)(partial(Reading, self.name, self._names))
        self._incidents = Form(self.name, options.get("form") or "HPD:Help Desk", session, clock)
        self._worklogs = Form(self.name, "HPD:WorkLog", session, clock)

    # what can be asked

    @operation(Incident, limit=MOST_KEYS, columns=records.INCIDENT)
    async def incidents(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        people: tuple[str, ...] = (),
        assignees: tuple[str, ...] = (),
    ) -> Mapping[Key, Incident | Gap]:
        """Incidents by number: one call for 25, more only when the numbers are too long for one address.

        people, assignees:  only incidents reported by one of these, worked on by one of these, as for `search`; others
                            are not there
        """
        asked, refused = asking.askable(records.NUMBER, keys, str)
        limits = (*asking.one_of(records.PERSON, people), *asking.one_of("Assignee", assignees))
        reading = self._reading(columns)
        wanted = self._wire_columns(columns, records.NUMBER)

        async def ask(portion: Sequence[str]) -> Mapping[str, Any]:
            found = await self._incidents.every(wire, wanted, asked, portion, reading, *limits, by=records.NUMBER)
            return {key: _tried(partial(_last, reading), rows) for key, rows in found.items() if rows}

        answers = await asking.each(language.portions(asked.terms, MOST_KEYS), ask)
        return refused | {key: answers[key] for key in keys if key in answers}

    @operation(IncidentPage, limit=MOST_KEYS, columns=records.INCIDENT, calls=PER_PARENT)
    async def incidents_of_customers(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of each customer's incidents by customer number, with or without leading zeros, newest first.

        first:  page length
        after:  (opened_at in ISO 8601 with offset, incident number) of the last incident seen. It belongs to one
                customer, so each key then has a call of its own, for exactly first + 1 rows
        Without `after`: one call for all keys, and another while customers with incidents left have fewer than
        first + 1 (`Form.newest` gives the bound). `number` and `opened_at` always come. An empty page for who has none.
        """
        return await self._pages(wire, self._names(records.CUSTOMER), keys, asking.number, columns, first, after)

    @operation(IncidentPage, limit=MOST_KEYS, columns=records.INCIDENT, calls=PER_PARENT)
    async def incidents_of_emails(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        first: int = 20,
        after: Sequence[Any] | None = None,
        unnumbered: bool = False,
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of the incidents of each e-mail address, as for customers. Asked for as given and in lower case: an
        address that was entered in other capitals is found where the database minds none, as SQL Server's do.

        unnumbered:  only incidents without a customer number: those that `incidents_of_customers` cannot find
        """
        also = (f"{language.field(self._names(records.CUSTOMER))} = $NULL$",) if unnumbered else ()
        return await self._pages(wire, records.EMAIL, keys, normalise.email, columns, first, after, also)

    @operation(IncidentPage, limit=MOST_KEYS, columns=records.INCIDENT, calls=PER_PARENT)
    async def incidents_of_people(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of the incidents of each requester by Person ID, Remedy's own key of them, as for customers."""
        return await self._pages(wire, records.PERSON, keys, str, columns, first, after)

    @operation(IncidentPage, limit=MOST_KEYS, columns=records.INCIDENT, calls=PER_PARENT)
    async def incidents_of_orders(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        first: int = 20,
        after: Sequence[Any] | None = None,
        people: tuple[str, ...] = (),
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of the incidents about each order by its number, as for customers. `people` as for `incidents`."""
        also = tuple(asking.one_of(records.PERSON, people))
        return await self._pages(wire, self._names(records.ORDER), keys, str, columns, first, after, also)

    @operation(IncidentPage, limit=MOST_KEYS, columns=records.INCIDENT, calls=PER_PARENT)
    async def incidents_of_products(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of the incidents about each product by its SKU, leading zeros and all, as for customers."""
        return await self._pages(wire, self._names(records.SKU), keys, str, columns, first, after)

    @operation(list[WorkLogEntry], limit=MOST_KEYS, columns=records.WORK_LOG)
    async def worklogs(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, internal: bool = False
    ) -> Mapping[Key, list[WorkLogEntry] | Gap]:
        """The history of each incident by number, oldest first; an empty list for an unknown one.

        internal:  False: what the requester may read; the others are left out by the question itself and never travel.
                   True: what is for colleagues only
        """
        asked, refused = asking.askable(records.NUMBER, keys, str)
        reading = self._reading(columns)
        wanted = self._wire_log(columns)
        access = notes.access(internal)

        async def ask(portion: Sequence[str]) -> Mapping[str, Any]:
            form = self._worklogs
            found = await form.every(wire, wanted, asked, portion, reading, access, by=records.LOG_ID)
            return {key: _tried(partial(_history, reading, internal), rows) for key, rows in found.items()}

        answers = await asking.each(language.portions(asked.terms, MOST_KEYS), ask)
        return {key: [] for key in keys} | refused | {key: answers[key] for key in keys if key in answers}

    @operation(NotePage, limit=1, columns=records.WORK_LOG, calls="one request for each 25 tickets")
    async def notes(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        internal: bool = False,
        first: int = 20,
        after: Sequence[Any] | None = None,
    ) -> Mapping[Key, NotePage | Gap]:
        """A page of the history of several incidents together, newest first; each key is a tuple of their numbers.

        internal: as for `worklogs`;  after: (at in ISO 8601 with offset, Remedy's own id) of the last entry seen
        """
        reading, wanted = self._reading(columns), Wanted(first + 1, asking.position(after))
        asked = self._wire_log(columns)

        async def ask(numbers: Sequence[str]) -> tuple[list[Row], bool]:
            among = language.any_of(language.equal(records.NUMBER, number) for number in numbers)
            rows, more = await self._worklogs.written(wire, asked, [among, notes.access(internal)], reading, wanted)
            if any(reading.text(row, records.NUMBER) not in numbers for row in rows):
                raise Garbled(self.name, "work log entries of tickets nobody asked for")
            return rows, more

        answers: dict[Key, NotePage | Gap] = {}
        for key in keys:
            numbers = key if isinstance(key, tuple) else ()
            terms = {number: [language.equal(records.NUMBER, number)] for number in numbers}
            found = await asyncio.gather(*(ask(some) for some in language.portions(terms, MOST_KEYS)))
            answers[key] = notes.together(reading, found, internal, first)
        return answers

    @operation(IncidentPage, limit=1, columns=records.INCIDENT)
    async def search(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        first: int = 20,
        after: Sequence[Any] | None = None,
        status: Iterable[Any] = (),
        priority: Iterable[Any] = (),
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        people: tuple[str, ...] = (),
        assignees: tuple[str, ...] = (),
        order: str | None = None,
        sku: str | None = None,
    ) -> Mapping[Key, IncidentPage | Gap]:
        """A page of the incidents whose subject has the key in it, whatever its case; newest first. Of all incidents
        when the key is "".

        status, priority:  members (or their names) of TicketStatus, TicketPriority; none: any
        opened_from, opened_before:  moments with offset; the first is included, the second is not
        people:      reported by any of these, by Person ID; none: anybody
        assignees:   worked on by any of these, as the form spells them; none: anybody
        order, sku:  about this order, this product
        `after` as for customers. `total` when the server counts, which is rare. Unusable when the text has wildcards in
        it and thousands of subjects look like it.
        """
        clock = self._incidents.clock
        fits = _between(self._reading(columns), opened_from, opened_before)
        answers: dict[Key, IncidentPage | Gap] = {}
        for key in keys:
            try:
                conditions = [
                    *asking.among("Status", words.labels(status, words.STATUS, TicketStatus)),
                    *asking.among("Priority", words.labels(priority, words.PRIORITY, TicketPriority)),
                    *([clock.since(records.OPENED, opened_from)] if opened_from else ()),
                    *([clock.before(records.OPENED, opened_before)] if opened_before else ()),
                    *asking.one_of(records.PERSON, people),
                    *asking.one_of("Assignee", assignees),
                    *asking.one_of(self._names(records.ORDER), () if order is None else (order,)),
                    *asking.one_of(self._names(records.SKU), () if sku is None else (sku,)),
                ]
                answers[key] = await self._found(wire, key, columns, conditions, fits, (first, asking.position(after)))
            except Gap as gap:
                answers[key] = gap
        return answers

    async def requesters_changed_since(
        self, deadline: Deadline, since: datetime | None = None
    ) -> AsyncIterator[list[Requester]]:
        """Everybody who has an incident that changed at or after `since` (all, when None), oldest change first.

        Up to 500 at a time, each once in a list but perhaps again in a later one, named as the newest incident in that
        list names them. The greatest `updated` seen is the `since` for next time. Raises BackendError.
        """
        patience = max(BULK_PATIENCE, self.connection.attempt_timeout)
        wire = self.wire(deadline, patience=patience)
        asked = [self._names(name) for name in records.REQUESTER]
        reading = self._reading(frozenset())
        async for rows in self._incidents.changed(wire, asked, reading, since):
            newest = {_who(one): one for one in map(reading.requester, rows)}
            yield sorted(newest.values(), key=lambda one: one.updated)

    async def incidents_changed_since(
        self, deadline: Deadline, columns: Columns, since: datetime | None = None
    ) -> AsyncIterator[list[tuple[Incident, datetime]]]:
        """Incidents that changed at or after `since` (all, when None), each with the moment it did, oldest change
        first, up to 500 at a time; otherwise as for requesters."""
        wire = self.wire(deadline, patience=max(BULK_PATIENCE, self.connection.attempt_timeout))
        asked = self._wire_columns(columns, records.NUMBER, records.MODIFIED)
        reading = self._reading(columns)
        async for rows in self._incidents.changed(wire, asked, reading, since):
            yield list(zip(reading.incidents(reading.opened(rows)), reading.dates(rows, records.MODIFIED), strict=True))

    async def log_out(self, deadline: Deadline) -> None:
        """Give back the licence that our login holds. Call it when the gateway stops. Raises BackendError."""
        await self._session.log_out(self.wire(deadline))

    # how it is asked

    async def _pages(
        self,
        wire: Wire,
        field: str,
        keys: Sequence[Key],
        spell: asking.Spell,
        columns: Columns,
        first: int,
        after: Sequence[Any] | None,
        also: tuple[str, ...] = (),
    ) -> Mapping[Key, IncidentPage | Gap]:
        asked, refused = asking.askable(field, keys, spell)
        reading = self._reading(columns | {"number", "opened_at"})
        wanted = self._wire_columns(columns, records.NUMBER, records.OPENED, field)
        most = Wanted(first + 1, asking.position(after), also)

        async def ask(portion: Sequence[str]) -> Mapping[str, Any]:
            found = await self._incidents.newest(wire, wanted, asked, portion, reading, most)
            return {key: _tried(partial(_page, reading, first), rows) for key, rows in found.items()}

        portions = language.portions(asked.terms, MOST_KEYS if after is None else 1)
        answers = await asking.each(portions, ask)
        spelled = {key: spell(key) if isinstance(key, str) else None for key in keys}
        empty: dict[Key, Any] = dict.fromkeys(keys, IncidentPage([], False))
        return empty | refused | {key: answers[one] for key, one in spelled.items() if one in answers}

    async def _found(
        self,
        wire: Wire,
        key: Key,
        columns: Columns,
        conditions: Sequence[str],
        fits: Callable[[Row], bool],
        place: tuple[int, Position | None],
    ) -> IncidentPage:
        if not isinstance(key, str) or len(key) > language.LONGEST:
            return IncidentPage([], False)
        first, after = place
        reading = self._reading(columns | {"number", "opened_at"})
        asked = self._wire_columns(columns, records.NUMBER, records.OPENED, records.SUBJECT)
        named = [language.contains(records.SUBJECT, key)] if key else []

        def both(row: Row) -> bool:
            return key.casefold() in (reading.text(row, records.SUBJECT) or "").casefold() and fits(row)

        wanted = Wanted(first + 1, after, (*named, *conditions), both, language.exact(key))
        rows, total = await self._incidents.matching(wire, asked, reading, wanted)
        return _page(reading, first, rows, total)

    def _of_incidents(self, columns: Columns, *needed: str) -> tuple[str, ...]:
        asked = (self._names(name) for name in Remedy.incidents.wire_columns(columns))
        return tuple(dict.fromkeys([*needed, *asked]))


def _of_log(columns: Columns) -> tuple[str, ...]:
    needed = (records.LOG_ID, records.NUMBER, records.LOG_AT, records.ACCESS)
    return tuple(dict.fromkeys([*needed, *Remedy.worklogs.wire_columns(columns)]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"remedy: there is no time zone {name!r}") from error


def _last(reading: Reading, rows: Sequence[Row]) -> Incident:
    return reading.incidents(reading.opened(rows[-1:]))[0]


def _page(reading: Reading, first: int, rows: Sequence[Opened], total: int | None = None) -> IncidentPage:
    return IncidentPage(reading.incidents(rows[:first]), len(rows) > first, total)


def _history(reading: Reading, internal: bool, rows: Sequence[Row]) -> list[WorkLogEntry]:
    """Oldest first. Whatever the server answered, nothing internal gets through here unasked."""
    return [entry for _, _, entry in sorted(reading.entries(rows, internal), key=itemgetter(0, 1))]


def _between(reading: Reading, least: datetime | None, before: datetime | None) -> Callable[[Row], bool]:
    def fits(row: Row) -> bool:
        opened = reading.dated(row, records.OPENED)
        return (least is None or opened >= least) and (before is None or opened < before)

    return fits


def _who(requester: Requester) -> tuple[str | None, ...]:
    if requester.person_id:
        return (requester.person_id,)
    return (None, requester.customer_number, requester.email, requester.phone, requester.name)


def _tried(read: Callable[[Any], T], rows: Any) -> T | BackendError:
    """One row that cannot be read does not cost the others."""
    try:
        return read(rows)
    except BackendError as error:
        return error
