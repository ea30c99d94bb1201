"""Whether a customer may be reached: what the CRM and the marketing system have on record; the less permissive counts.

The CRM's suppress flags are for a channel, whatever the purpose; the marketing system's subscriptions are for e-mail,
by purpose. Every row of either counts. Reaching somebody is allowed when at least one row says so and none says no:
what nobody has said anything about is not allowed, and what a system cannot tell right now is not known.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers.backends.base import Gap, Outcome
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.siebel import Contact, Siebel
from resolvers.binding import Ask
from resolvers.people import CONTACT, SUBSCRIBER
from resolvers.rows import Person
from schema.marketing import ConsentChannel, ConsentPurpose, ConsentState

FLAGS: Mapping[str, ConsentChannel] = {
    "suppress_emails": ConsentChannel.EMAIL,
    "suppress_calls": ConsentChannel.PHONE,
    "suppress_mailings": ConsentChannel.POST,
    "suppress_faxes": ConsentChannel.FAX,
}
PURPOSES = (ConsentPurpose.MARKETING, ConsentPurpose.NEWSLETTER, ConsentPurpose.SURVEY)
SAID = frozenset({"purpose", "state"})
TOLD = SAID | {"name", "at"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one row of one system says. `purpose` None: whatever it is for."""

    system: str
    channel: ConsentChannel
    purpose: ConsentPurpose | None
    state: ConsentState
    kind: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    channel: ConsentChannel
    purpose: ConsentPurpose
    statements: Sequence[Statement]

    @property
    def allowed(self) -> bool:
        states = {one.state for one in self.statements}
        return ConsentState.GRANTED in states and ConsentState.REFUSED not in states


Record = Outcome[list[Statement]]


async def on_record(people: Sequence[Person], ask: Ask, told: bool = True) -> list[tuple[Record, Record]]:
    """What the CRM and the marketing system say of each; both are asked at the same time, for all in one question.
    `told`: with names and moments, for who is shown the statements themselves. Who only needs the fact may not learn by
    the questions it takes who exists: where nobody is on record, a system is asked about somebody it does not know."""
    crm_keys, subscribers = _keys(people, CONTACT), _keys(people, SUBSCRIBER)
    if not told and people:
        crm_keys = crm_keys or unknown_rows(people)
        subscribers = subscribers or [f"9{int(_nobody(people), 16):019d}"]
    flagged, subscribed = await asyncio.gather(
        _rows(people, ask, CONTACT, Siebel.contacts, crm_keys, frozenset(FLAGS)),
        _rows(people, ask, SUBSCRIBER, HubSpot.consents, subscribers, TOLD if told else SAID),
    )
    crm = [_record(rows, _flags) for rows in flagged]
    marketing = [_record(rows, _subscriptions) for rows in subscribed]
    return list(zip(crm, marketing, strict=True))


def agreed(crm: Record, marketing: Record) -> Outcome[bool]:
    """Whether somebody is marketed to at all: nothing on record in either system is against it, in any channel, and the
    CRM knows them. A no is a no, whatever else is known; without one, what cannot be told is not known."""
    refused = any(
        one.state is not ConsentState.GRANTED if one.system == Siebel.name else _against(one)
        for record in (crm, marketing)
        for one in record.value or ()
    )
    if refused or (not crm.error and not crm.value):
        return Outcome(False)
    return Outcome(None if crm.error or marketing.error else True, crm.error or marketing.error)


def by_channel(
    crm: Record, marketing: Record, channel: ConsentChannel | None, purpose: ConsentPurpose | None
) -> Outcome[list[Consent]]:
    """One row for each channel and purpose, or for those asked for."""
    if error := crm.error or marketing.error:
        return Outcome(error=error)
    said = [*(crm.value or ()), *(marketing.value or ())]
    others = any(one.purpose is ConsentPurpose.OTHER for one in said)
    purposes = (*PURPOSES, ConsentPurpose.OTHER) if others or purpose is ConsentPurpose.OTHER else PURPOSES
    return Outcome(
        [
            Consent(way, aim, [one for one in said if one.channel is way and one.purpose in (None, aim)])
            for way in ConsentChannel
            for aim in purposes
            if channel in (None, way) and purpose in (None, aim)
        ]
    )


def _against(one: Statement) -> bool:
    return one.state is ConsentState.REFUSED and one.purpose is ConsentPurpose.MARKETING


def _keys(people: Sequence[Person], system: str) -> list[str]:
    return list(dict.fromkeys(key for person in people for key in person.keys.get(system, ())))


def unknown_rows(people: Sequence[Person]) -> list[str]:
    """A row id that the CRM does not have, for people who do not exist: they are asked about like others."""
    strange = people and not any(person.keys for person in people)
    return [f"0-{_nobody(people).upper()}"] if strange else []


def _nobody(people: Sequence[Person]) -> str:
    """For a key that no system has, and that nobody has asked about already."""
    return hashlib.blake2b(people[0].key.encode(), digest_size=5).hexdigest()


async def _rows(
    people: Sequence[Person], ask: Ask, system: str, operation: Any, keys: list[str], columns: frozenset[str]
) -> list[list[Outcome[Any]]]:
    found = dict(zip(keys, await ask.load(operation, keys, columns), strict=True))
    return [[found[key] for key in person.keys.get(system, ())] for person in people]


def _record(rows: Iterable[Outcome[Any]], read: Any) -> Record:
    """All that some rows say; and the gap, when one of them cannot be had."""
    statements: list[Statement] = []
    gap: Gap | None = None
    for row in rows:
        gap = gap or row.error
        statements += read(row.value) if row.value is not None else ()
    return Outcome(statements, gap)


def _flags(contact: Contact) -> list[Statement]:
    """A flag that is empty says nothing."""
    words = {True: ConsentState.REFUSED, False: ConsentState.GRANTED, None: ConsentState.UNSAID}
    return [Statement(Siebel.name, channel, None, words[getattr(contact, flag)]) for flag, channel in FLAGS.items()]


def _subscriptions(consents: Sequence[Any]) -> list[Statement]:
    return [Statement(HubSpot.name, ConsentChannel.EMAIL, one.purpose, one.state, one.name, one.at) for one in consents]
