"""What each system tells of one customer, newest first, behind a moment: one stream for each kind of a timeline.

Each is asked for no more than a page, by its own filter and in its own order. What a system cannot list so is bounded:

* parcels:  the order system lists what has left; scans are listed by carriers, of a parcel and never of a customer
* notes:    the help desk lists a work log by ticket: of the 100 tickets reported last before the place, 25 a request
* touches:  of campaigns by letter and telephone the CRM lists all that somebody was on the list of: a few rows
* consent:  the marketing system has what was said last of each kind of message; the CRM's flags have no date
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from resolvers.backends.base import Columns, Operation, Outcome
from resolvers.backends.discourse import Discourse
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.binding import Ask
from resolvers.marketing import happened, told_by
from resolvers.people import ACCOUNT, DEBTOR, MEMBER, PARTY, REQUESTER, SUBSCRIBER
from resolvers.rows import Bill, Case, Deal, Parcel, Person, Sale, Wish
from resolvers.timeline.merging import Told
from resolvers.timeline.places import DAY, END, INSTANT, SECOND, Behind, Happening, Place, moment
from schema.marketing import ConsentState
from schema.timeline import TimelineKind

TICKETS = 100
LOWEST_TICKET = "0"
"""Below the numbers of tickets and work log entries, which begin with a letter; a qualification has no empty text."""

DIGITS = 20
SHOWN = ("nodes", "edges.node")


class Stream(Protocol):
    async def __call__(self, person: Person, ask: Ask, first: int, behind: Behind | None) -> Told: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """What one operation lists by the customer's keys in its system, newest first, behind a row.

    rows:    attribute of its pages that has the records; `dated`, `keyed`: attributes of a record
    make:    the row of the graph that a record is of
    shown:   what of the record itself is shown, below items of `type`; such columns are asked for as they are wanted
    also:    what else `make` needs
    days:    its moments are days; `lowest`: below any key of its rows; `digits`: keys are numbers, and sorted as such
    """

    kind: TimelineKind
    type: str
    system: str
    operation: Operation[Any]
    rows: str
    dated: str
    keyed: str
    make: Callable[[Person, Any], Any]
    shown: bool = False
    days: bool = False
    lowest: str = ""
    digits: bool = False
    also: tuple[str, ...] = ()

    async def __call__(self, person: Person, ask: Ask, first: int, behind: Behind | None) -> Told:
        pages = await self._pages(person, ask, first, behind)
        if behind is None and any(self._undated(page) for page in pages):
            pages = await self._pages(person, ask, first, END)
        told = [[self._told(person, one) for one in getattr(page, self.rows)] for page in pages]
        ends = [rows[-1].place for page, rows in zip(pages, told, strict=True) if page.has_next and rows and rows[-1]]
        return Told([one for rows in told for one in rows if one], max(ends, default=None))

    async def _pages(self, person: Person, ask: Ask, first: int, behind: Behind | None) -> list[Any]:
        keys, columns = person.keys.get(self.system, ()), frozenset({self.dated, self.keyed, *self.also})
        if self.shown:
            columns |= shown(ask, self.type)
        found = await ask.load(self.operation, keys, columns, first=first, after=self._after(behind))
        return [value for value in map(given, found) if value is not None]

    def _after(self, behind: Behind | None) -> tuple[str, str] | None:
        if behind is None:
            return None
        at, key = behind.of(DAY if self.days else SECOND, self.lowest)
        return (at.date() if self.days else at).isoformat(), str(int(key)) if self.digits else key

    def _undated(self, page: Any) -> bool:
        """Systems list first what has no date."""
        rows = getattr(page, self.rows)
        return bool(page.has_next and rows and getattr(rows[-1], self.dated) is None)

    def _told(self, person: Person, record: Any) -> Happening | None:
        at, key = getattr(record, self.dated), getattr(record, self.keyed)
        if at is None or not key or (row := self.make(person, record)) is None:
            return None
        place = Place(moment(at), self.kind.value, key.zfill(DIGITS) if self.digits else key)
        return Happening(self.type, place, self.operation.backend, row)


@dataclass(frozen=True, slots=True)
class Notes:
    """Work log entries of the tickets that were reported last, before the place that the page begins at."""

    kind: TimelineKind
    type: str
    internal: bool

    async def __call__(self, person: Person, ask: Ask, first: int, behind: Behind | None) -> Told:
        numbers = await self._tickets(person, ask, behind)
        if not numbers:
            return Told([])
        after = behind.of(SECOND, LOWEST_TICKET) if behind else None
        place = (after[0].isoformat(), after[1]) if after else None
        columns = shown(ask, f"{self.type}.entry") | {"at"}
        (found,) = await ask.load(Remedy.notes, [numbers], columns, internal=self.internal, first=first, after=place)
        page = given(found)
        rows = [self._told(one) for one in page.notes] if page else []
        return Told(rows, rows[-1].place if page and page.has_next and rows else None)

    async def _tickets(self, person: Person, ask: Ask, behind: Behind | None) -> tuple[str, ...]:
        """An entry is no older than its ticket."""
        place = None
        if behind:
            place = (Behind(behind.before + INSTANT).of(SECOND, "")[0].isoformat(), LOWEST_TICKET)
        keys = person.keys.get(REQUESTER, ())
        found = await ask.load(Remedy.incidents_of_people, keys, frozenset({"number"}), first=TICKETS, after=place)
        pages = [page for page in map(given, found) if page]
        return tuple(dict.fromkeys(one.number for page in pages for one in page.incidents))

    def _told(self, note: Any) -> Happening:
        place = Place(moment(note.at), self.kind.value, note.id)
        return Happening(self.type, place, Remedy.name, Case(note.number), note.entry)


async def touches(person: Person, ask: Ask, first: int, behind: Behind | None) -> Told:
    kind, type_ = TimelineKind.TOUCH.value, "CampaignTouched"
    after = behind.of(INSTANT, "") if behind else None
    place = (after[0].isoformat(), after[1]) if after else None
    pages = given(await happened(person, ask, shown(ask, f"{type_}.touch"), first, place)) or []
    told = [
        [Happening(type_, Place(moment(one.at), kind, one.id), told_by(one), one) for one in page.touches]
        for page in pages
    ]
    ends = [rows[-1].place for page, rows in zip(pages, told, strict=True) if page.has_next and rows]
    return Told([one for rows in told for one in rows], max(ends, default=None))


def _touched(type_: str, kind: str, touch: Any) -> Happening:
    return Happening(type_, Place(moment(touch.at), kind, touch.id), told_by(touch), touch)


async def statements(person: Person, ask: Ask, first: int, behind: Behind | None) -> Told:
    keys = person.keys.get(SUBSCRIBER, ())
    found = await ask.load(HubSpot.consents, keys, frozenset({"purpose", "state", "name", "at"}))
    said = [(key, one) for key, outcome in zip(keys, found, strict=True) for one in given(outcome) or ()]
    return Told(
        [
            Happening(
                "ConsentStated",
                Place(moment(one.at), TimelineKind.CONSENT.value, f"{key} {one.name or one.purpose.value}"),
                HubSpot.name,
                one,
            )
            for key, one in said
            if one.at is not None and one.state is not ConsentState.UNSAID
        ]
    )


def given(outcome: Outcome[Any]) -> Any:
    """Raises the gap, where there is one."""
    if outcome.error:
        raise outcome.error
    return outcome.value


def shown(ask: Ask, type_: str) -> Columns:
    return ask.below(*(f"{rows}.{type_}" for rows in SHOWN))


STREAMS: Mapping[TimelineKind, Stream] = {
    TimelineKind.OPPORTUNITY: Listed(
        *(TimelineKind.OPPORTUNITY, "OpportunityDecided", ACCOUNT, Siebel.opportunities_of),
        *("rows", "closes_on", "row_id", lambda _, one: Deal(one.row_id)),
        days=True,
        lowest="0-0",
    ),
    TimelineKind.ORDER: Listed(
        *(TimelineKind.ORDER, "OrderPlaced", PARTY, OracleOM.orders_of),
        *("orders", "placed_at", "number", lambda person, one: Sale(one.number, None, person.bare, True)),
    ),
    TimelineKind.SHIPMENT: Listed(
        *(TimelineKind.SHIPMENT, "ParcelShipped", PARTY, OracleOM.sent_to),
        *("shipments", "shipped_on", "number", lambda _, one: Parcel(one.number)),
    ),
    TimelineKind.INVOICE: Listed(
        *(TimelineKind.INVOICE, "InvoiceIssued", DEBTOR, NetSuite.invoices_of_debtors),
        *("invoices", "issued_on", "id", lambda _, one: Bill(one.number) if one.number else None),
        also=("number",),
        days=True,
        lowest="1",
        digits=True,
    ),
    TimelineKind.PAYMENT: Listed(
        *(TimelineKind.PAYMENT, "PaymentReceived", DEBTOR, NetSuite.receipts_of_debtors),
        *("receipts", "paid_on", "id", lambda _, one: one),
        shown=True,
        days=True,
        lowest="1",
        digits=True,
    ),
    TimelineKind.TICKET: Listed(
        *(TimelineKind.TICKET, "TicketOpened", REQUESTER, Remedy.incidents_of_people),
        *("incidents", "opened_at", "number", lambda _, one: Case(one.number)),
        lowest=LOWEST_TICKET,
    ),
    TimelineKind.NOTE: Notes(TimelineKind.NOTE, "NoteWritten", False),
    TimelineKind.INTERNAL_NOTE: Notes(TimelineKind.INTERNAL_NOTE, "InternalNoteWritten", True),
    TimelineKind.TOUCH: touches,
    TimelineKind.SUGGESTION: Listed(
        *(TimelineKind.SUGGESTION, "SuggestionMade", MEMBER, Discourse.suggestions_by),
        *("suggestions", "suggested_at", "id", lambda _, one: Wish(one.id)),
        lowest="0",
        digits=True,
    ),
    TimelineKind.CONSENT: statements,
}
