"""One line of all that happened with a customer: each system's own list, merged page by page.

A page holds the newest of what each kind has behind the place where the last one ended; a place is a moment, a kind and
a key, so what comes in meanwhile shifts nothing. Every system is asked for a page at most, whatever its history holds.
Where a list may go on behind its last row, nothing older than that row is told: nobody knows what lies between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Gap, Operation, Outcome, Unusable
from resolvers.backends.discourse import Discourse
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Siebel
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.people import OF_CUSTOMER
from resolvers.rows import Person
from resolvers.timeline.merging import Stretch, Told, merged
from resolvers.timeline.places import Happening, Place, behind
from resolvers.timeline.streams import STREAMS
from schema import Category
from schema.marketing import ConsentChannel
from schema.timeline import TimelineKind

NEEDED: Mapping[TimelineKind, frozenset[Category]] = {
    TimelineKind.OPPORTUNITY: frozenset({Category.SALES}),
    TimelineKind.ORDER: frozenset({Category.LOGISTICS}),
    TimelineKind.SHIPMENT: frozenset({Category.TRACKING}),
    TimelineKind.INVOICE: frozenset({Category.BILLING}),
    TimelineKind.PAYMENT: frozenset({Category.BILLING}),
    TimelineKind.TICKET: frozenset({Category.SERVICE}),
    TimelineKind.NOTE: frozenset({Category.SERVICE}),
    TimelineKind.INTERNAL_NOTE: frozenset({Category.INTERNAL, Category.SERVICE}),  # it stands in a ticket
    TimelineKind.TOUCH: frozenset({Category.ENGAGEMENT}),
    TimelineKind.SUGGESTION: frozenset({Category.COMMUNITY}),
    TimelineKind.CONSENT: frozenset({Category.CONSENT}),
}
"""Of whom who asks does not see all of these categories, they are told nothing of its kinds, and nobody is asked."""

ASKED: tuple[Operation[Any], ...] = (
    Siebel.opportunities_of,
    OracleOM.orders_of,
    OracleOM.sent_to,
    NetSuite.invoices_of_debtors,
    NetSuite.receipts_of_debtors,
    Remedy.incidents_of_people,
    Remedy.notes,
    HubSpot.touches,
    Siebel.campaign_members_of,
    HubSpot.consents,
    Discourse.suggestions_by,
)
Answer = Told | Gap


@dataclass(frozen=True, slots=True)
class Missing:
    """Kinds that a page lacks, since a system cannot tell."""

    kinds: list[TimelineKind]
    code: str
    retryable: bool
    system: str | None


@dataclass(frozen=True, slots=True)
class Line(Page):
    incomplete: Sequence[Missing] = ()


@resolves(
    schema.Customer,
    "timeline",
    source=ASKED,
    asks=tuple(sorted(frozenset().union(*NEEDED.values()))),
)
async def timeline(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Line]]:
    if refused := paging.refused(ask, len(people)):
        return refused
    since = ask.arguments.get("since")
    if since is not None and since.tzinfo is None:
        return [Outcome(error=Unusable("`since` needs its offset from UTC"))] * len(people)
    return await asyncio.gather(*(_page(person, ask, since) for person in people))


@resolves(schema.OpportunityDecided, "opportunity", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.OrderPlaced, "order", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.ParcelShipped, "shipment", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.InvoiceIssued, "invoice", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.TicketOpened, "ticket", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.NoteWritten, "ticket", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.InternalNoteWritten, "ticket", needs=("row",), passes_on=OF_CUSTOMER)
@resolves(schema.SuggestionMade, "suggestion", needs=("row",))
async def rows(items: Sequence[Happening], ask: Ask) -> Sequence[Outcome[Any]]:
    """What it happened to; whatever is wanted of that is fetched for all of them together."""
    return [Outcome(one.row) for one in items]


@resolves(
    schema.PaymentReceived,
    *("number", "amount", "means", "lastFour"),
    carried="row",
    source=(NetSuite.receipts_of_debtors,),
)
@resolves(schema.ConsentStated, "purpose", "state", carried="row", source=(HubSpot.consents,))
async def records(items: Sequence[Happening], ask: Ask) -> Sequence[Outcome[Any]]:
    """What is told of the thing itself has come along with it."""
    return [Outcome(one.row) for one in items]


@resolves(schema.ConsentStated, "channel", source=(HubSpot.consents,))
async def channel(items: Sequence[Happening], ask: Ask) -> Sequence[Outcome[ConsentChannel]]:
    """The marketing system writes e-mails, and has consent to nothing else."""
    return [Outcome(ConsentChannel.EMAIL) for _ in items]


async def _page(person: Person, ask: Ask, since: datetime | None) -> Outcome[Line]:
    try:
        place = _opened(ask, person)
    except Gap as gap:
        return Outcome(error=gap)
    kinds = _kinds(ask)
    told = await asyncio.gather(*(_told(kind, person, ask, place) for kind in kinds))
    missing = {kind: one for kind, one in zip(kinds, told, strict=True) if isinstance(one, Gap)}
    if missing and not ask.arguments["partial"]:
        return Outcome(error=next(iter(missing.values())))
    page = merged([one for one in told if isinstance(one, Told)], place, since, ask.arguments["first"])
    return Outcome(_line(person, ask, page, missing))


def _kinds(ask: Ask) -> list[TimelineKind]:
    wanted = ask.arguments.get("kinds")
    return [kind for kind, need in NEEDED.items() if need <= ask.askable and (wanted is None or kind in wanted)]


async def _told(kind: TimelineKind, person: Person, ask: Ask, place: Place | None) -> Answer:
    try:
        return await STREAMS[kind](person, ask, ask.arguments["first"], behind(kind.value, place))
    except Gap as gap:
        return gap


def _opened(ask: Ask, person: Person) -> Place | None:
    opened = paging.opened(ask, person.id)
    return None if opened is None else Place(datetime.fromisoformat(opened[0]), opened[1], opened[2])


def _line(person: Person, ask: Ask, page: Stretch, missing: Mapping[TimelineKind, Gap]) -> Line:
    end = page.end
    return Line(
        page.rows,
        page.more,
        ask.arguments.get("after") is not None,
        lambda row: _sealed(ask, person, row.place),
        end=(lambda: _sealed(ask, person, end)) if end else None,
        incomplete=_missing(missing),
    )


def _sealed(ask: Ask, person: Person, place: Place) -> str:
    return paging.sealed(ask, person.id, (place.at.isoformat(), place.kind, place.key))


def _missing(gaps: Mapping[TimelineKind, Gap]) -> list[Missing]:
    found: dict[tuple[str, str | None], Missing] = {}
    for kind, gap in gaps.items():
        found.setdefault((gap.code, gap.system), Missing([], gap.code, gap.retryable, gap.system)).kinds.append(kind)
    return list(found.values())
