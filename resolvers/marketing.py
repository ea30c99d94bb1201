"""What we advertise, how customers respond, and what they agreed to: HubSpot, one question for a whole level.

A campaign's key names the system that runs it, so campaigns of several systems stand side by side: each has a row in
`RUN_BY`, and gives records with the attributes of `hubspot.Campaign`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Columns, Gap, Operation, Outcome
from resolvers.backends.hubspot import HubSpot, Touch, TouchPage, place
from resolvers.backends.siebel import CampaignMember, Siebel
from resolvers.binding import Ask, resolves
from resolvers.consent import Consent, by_channel, on_record
from resolvers.ids import parsed
from resolvers.paging import Page
from resolvers.people import CONTACT, SUBSCRIBER
from resolvers.rows import Drive, Item, Person
from schema import TouchKind

RUN_BY: Mapping[str, Operation[Any]] = {HubSpot.name: HubSpot.campaigns, Siebel.name: Siebel.campaigns}
COUNTED_BY: Mapping[str, Operation[Any]] = {HubSpot.name: HubSpot.campaign_metrics}
LINK = frozenset({"skus"})
LISTED = frozenset({"campaign_id", "listed_at", "responded_at"})


@resolves(schema.Query, "campaign", source=tuple(RUN_BY.values()))
async def campaign(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Drive]]:
    asked = parsed(ask.arguments["id"])
    return await by_keys([asked[1]], ask, ask.columns) if asked and asked[0] == "Campaign" else [Outcome()]


@resolves(
    schema.Campaign,
    *("name", "status", "startsOn", "endsOn", "line"),
    carried="record",
    source=tuple(RUN_BY.values()),
)
async def record(drives: Sequence[Drive], ask: Ask) -> Sequence[Outcome[Any]]:
    return await by_system(drives, ask, RUN_BY, ask.columns)


@resolves(schema.Campaign, "metrics", source=tuple(COUNTED_BY.values()))
async def metrics(drives: Sequence[Drive], ask: Ask) -> Sequence[Outcome[Any]]:
    return await by_system(drives, ask, COUNTED_BY, ask.columns)


@resolves(schema.Campaign, "products", needs=("skus",), source=tuple(RUN_BY.values()))
async def products(drives: Sequence[Drive], ask: Ask) -> Sequence[Outcome[list[Item]]]:
    unknown = [drive for drive in drives if not drive.linked]
    found = dict(zip((one.key for one in unknown), await by_system(unknown, ask, RUN_BY, LINK), strict=True))
    told = [found.get(drive.key) or Outcome(drive.record) for drive in drives]
    return [Outcome(_items(one.value) if not one.error else None, one.error) for one in told]


@resolves(schema.Customer, "touches", source=(HubSpot.touches, Siebel.campaign_members_of))
async def touches(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    """Of every contact that a customer is in both systems: e-mails by the one, letters and calls by the other. A first
    page for many of them is one question to each; while one cannot tell, nobody knows which came last."""
    if refused := paging.refused(ask, len(people)):
        return refused
    return await asyncio.gather(*(_page(person, ask) for person in people))


@resolves(schema.Touch, "campaign", needs=("campaign_id",), source=(HubSpot.touches, Siebel.campaign_members_of))
async def of_touches(touches: Sequence[Any], ask: Ask) -> Sequence[Outcome[Drive]]:
    """Whatever is wanted of the campaigns is fetched with them, in one question to each system."""
    drives = [Drive(told_by(one), one.campaign_id) if one.campaign_id else None for one in touches]
    if ask.columns.isdisjoint(HubSpot.campaigns.columns.keys() - {"id"}):
        return [Outcome(one) for one in drives]
    keys = list(dict.fromkeys(one.key for one in drives if one))
    found = dict(zip(keys, await by_keys(keys, ask, ask.columns), strict=True))
    return [found[one.key] if one else Outcome() for one in drives]


@resolves(
    schema.Customer,
    "consent",
    source=(Siebel.contacts, HubSpot.consents),
    derived=True,
    inputs=("Consent.statements",),
    aggregate="A yes or no over all that is on record; which system says what is shown to who may see `statements`.",
)
async def consent(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[list[Consent]]]:
    records = await on_record(people, ask, told=any(column.startswith("statements") for column in ask.columns))
    channel, purpose = ask.arguments.get("channel"), ask.arguments.get("purpose")
    return [by_channel(crm, marketing, channel, purpose) for crm, marketing in records]


async def by_keys(keys: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Drive]]:
    """Campaigns that exist, by system and key there, carrying what was fetched to find them."""
    drives = [_drive(key) for key in keys]
    known = [drive for drive in drives if drive and drive.system in RUN_BY]
    found = dict(zip((one.key for one in known), await by_system(known, ask, RUN_BY, columns), strict=True))
    return [_carrying(drive, found.get(drive.key), columns) if drive else Outcome() for drive in drives]


def _drive(key: str) -> Drive | None:
    system, colon, native = key.partition(":")
    return Drive(system, native) if colon else None


def _carrying(drive: Drive, one: Outcome[Any] | None, columns: frozenset[str]) -> Outcome[Drive]:
    if one is None or one.value is None:
        return Outcome(error=one.error if one else None)
    return Outcome(Drive(drive.system, drive.native, one.value, "skus" in columns))


async def by_system(
    drives: Sequence[Drive], ask: Ask, operations: Mapping[str, Operation[Any]], columns: frozenset[str]
) -> list[Outcome[Any]]:
    """One outcome for each, from the system that runs it; nothing from one that has no such question."""
    found: dict[str, Outcome[Any]] = {}
    for system, operation in operations.items():
        mine = [drive for drive in drives if drive.system == system]
        answers = await ask.load(operation, [drive.native for drive in mine], columns)
        found |= zip((drive.key for drive in mine), answers, strict=True)
    return [found.get(drive.key, Outcome()) for drive in drives]


def _items(one: Any) -> list[Item]:
    return [Item(sku) for sku in (one.skus or ())] if one else []


async def _page(person: Person, ask: Ask) -> Outcome[Page]:
    try:
        after = paging.opened(ask, person.id)
    except Gap as gap:
        return Outcome(error=gap)
    pages = await happened(person, ask, paging.rows_of(ask), ask.arguments["first"], after)
    return Outcome(_merged(person.id, ask, pages.value), pages.error) if pages.value else Outcome(error=pages.error)


async def happened(
    person: Person, ask: Ask, columns: Columns, first: int, after: tuple[str, ...] | None
) -> Outcome[list[TouchPage]]:
    """What each contact of theirs was sent and did, newest first, behind a place: a page of each from the marketing
    system, and all that the CRM knows as one."""
    contacts = person.keys.get(SUBSCRIBER, ())
    mailed, listed = await asyncio.gather(
        ask.load(HubSpot.touches, contacts, columns, first=first, after=after),
        ask.load(Siebel.campaign_members_of, person.keys.get(CONTACT, ()), LISTED),
    )
    failures = [one.error for one in mailed] + [one.error for one in listed]
    if failed := next(filter(None, failures), None):
        return Outcome(error=failed)
    called = [touch for one in listed for member in one.value or () for touch in approached(member)]
    behind = (datetime.fromisoformat(after[0]), after[1]) if after else None
    own = TouchPage([touch for touch in called if behind is None or place(touch) < behind], False)
    return Outcome([own, *(one.value for one in mailed if one.value)])


class CrmTouch(Touch, frozen=True):
    """A touch that the CRM has on record."""


def approached(member: CampaignMember) -> list[Touch]:
    """That somebody was put on a campaign's list, and that they answered."""
    answer = f"{member.row_id}R"
    moments = (
        (member.row_id, member.listed_at, TouchKind.SENT),
        (answer, member.responded_at, TouchKind.ANSWERED),
    )
    return [CrmTouch(key, at, kind, None, member.campaign_id) for key, at, kind in moments if at]


def told_by(touch: Touch) -> str:
    """The system that has it on record."""
    return Siebel.name if isinstance(touch, CrmTouch) else HubSpot.name


def _merged(parent: str, ask: Ask, pages: Sequence[TouchPage]) -> Page:
    first = ask.arguments["first"]
    newest = sorted((one for page in pages for one in page.touches), key=place, reverse=True)
    more = any(page.has_next for page in pages) or len(newest) > first
    shown, behind = newest[:first], ask.arguments.get("after") is not None
    return Page(shown, more, behind, lambda one: _sealed(ask, parent, one), paging.whole(ask, shown, more))


def _sealed(ask: Ask, parent: str, touch: Touch) -> str:
    at, key = place(touch)
    return paging.sealed(ask, parent, (at.isoformat(), key))
