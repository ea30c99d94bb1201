"""What happened with one contact: two histories, one page.

E-mail events are kept by recipient, in the older interface, newest first behind a moment; page visits and forms are
events of the contact. Both are read behind the place where the page before ended, as far as the page needs, and merged.
E-mail events name a sending; which campaign and subject that is stands with the e-mails, whose list is read every ten
minutes, and anew when it lacks a sending.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from resolvers.backends.base import Columns, Garbled, Refused, Unusable, Wire
from resolvers.backends.hubspot.line import Line
from resolvers.backends.hubspot.records import (
    KIND,
    Email,
    EmailEvent,
    EmailEvents,
    Emails,
    Event,
    Events,
    Touch,
    TouchPage,
)
from schema.marketing import TouchKind

T = TypeVar("T")
Position = tuple[datetime, str]
FRESH = 600.0
ANEW = 5.0
EMAILS = 100
MOST_EMAIL_PAGES = 50
MOST_PAGES = 20
LONGEST_PAGE = 1_000
MILLISECOND = timedelta(milliseconds=1)


class Sendings:
    """Which e-mail a sending is of."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._known: Mapping[str, Email] = {}

    async def of(self, wire: Wire, sendings: frozenset[str]) -> Mapping[str, Email]:
        """E-mails by sending; one that belongs to none is missing."""
        async with self._lock:
            age = time.monotonic() - self._read_at
            if sendings and (age >= FRESH or (age >= ANEW and not sendings <= self._known.keys())):
                self._known = {sending: one async for one in self._all(wire) for sending in one.sendings}
                self._read_at = time.monotonic()
            return self._known

    async def _all(self, wire: Wire) -> AsyncIterator[Email]:
        asked = {"limit": str(EMAILS)}
        for _ in range(MOST_EMAIL_PAGES):
            page = await self._line.get(wire, "/marketing/v3/emails", Emails, asked)
            for one in page.results:
                yield one
            if page.paging is None or page.paging.next is None:
                return
            asked["after"] = page.paging.next.after
        raise Refused(wire.system, f"more than {MOST_EMAIL_PAGES * EMAILS} e-mails, and no telling which one is meant")


@dataclass(frozen=True, slots=True)
class History:
    """Reads touches, newest first. `after`: where the page before ended."""

    line: Line
    sendings: Sendings

    async def page(
        self, wire: Wire, contact: str, email: str | None, columns: Columns, first: int, after: Position | None
    ) -> TouchPage:
        """`email`: the contact's address, None when there is none."""
        mails, others = await _both(
            self._mails(wire, email, first + 1, after) if email else _nothing(),
            self._events(wire, contact, first + 1, after),
        )
        sendings = {str(one.sending) for one in mails if one.sending is not None}
        needed = bool(columns & {"subject", "campaign_id"})
        emails = await self.sendings.of(wire, frozenset(sendings)) if needed else {}
        touches = [*(_mailed(one, emails) for one in mails), *map(_done, others)]
        touches.sort(key=place, reverse=True)
        return TouchPage(touches[:first], len(touches) > first)

    async def _mails(self, wire: Wire, email: str, most: int, after: Position | None) -> list[EmailEvent]:
        asked = {"recipient": email, "limit": str(min(max(most, 20), LONGEST_PAGE))}
        if after:
            asked["endTimestamp"] = str(int(after[0].timestamp() * 1000))
        found: list[EmailEvent] = []
        for _ in range(MOST_PAGES):
            page = await self.line.get(wire, "/email/public/v1/events", EmailEvents, asked)
            if any(one.recipient.casefold() != email.casefold() for one in page.events):
                raise Garbled(wire.system, "e-mail events of somebody nobody asked about")
            found += (one for one in page.events if after is None or (_at(one), one.id) < after)
            if len(found) >= most or not page.more:
                return found
            if not page.events or page.offset == asked.get("offset"):
                raise Garbled(wire.system, "a page of e-mail events that promises more and does not go on")
            asked["offset"] = page.offset
        raise Unusable("Too much happened at the same moment to page through")

    async def _events(self, wire: Wire, contact: str, most: int, after: Position | None) -> list[Event]:
        asked = {"objectType": "contact", "objectId": contact, "sort": "-occurredAt", "limit": str(max(most, 20))}
        if after:
            asked["occurredBefore"] = (after[0] + MILLISECOND).astimezone(UTC).isoformat(timespec="milliseconds")
        found: list[Event] = []
        async with aclosing(self._pages(wire, asked)) as pages:
            async for page in pages:
                if any(one.contact != contact for one in page):
                    raise Garbled(wire.system, "events of somebody nobody asked about")
                found += (one for one in page if after is None or (one.at, one.id) < after)
                if len(found) >= most:
                    break
        return found

    async def _pages(self, wire: Wire, asked: dict[str, str]) -> AsyncGenerator[Sequence[Event], None]:
        for _ in range(MOST_PAGES):
            page = await self.line.get(wire, "/events/v3/events", Events, asked)
            yield page.results
            if page.paging is None or page.paging.next is None:
                return
            if asked.get("after") == page.paging.next.after:
                raise Garbled(wire.system, "a page of events that promises more and does not go on")
            asked["after"] = page.paging.next.after


def place(touch: Touch) -> tuple[datetime, str]:
    return (touch.at, touch.id)


def _mailed(one: EmailEvent, emails: Mapping[str, Email]) -> Touch:
    email = emails.get(str(one.sending))
    kind = KIND.get(one.type, TouchKind.OTHER)
    return Touch(one.id, _at(one), kind, email.subject if email else None, (email.campaign or None) if email else None)


def _done(one: Event) -> Touch:
    campaign = one.properties.get("hs_campaign_guid")
    kind = KIND.get(one.type, TouchKind.OTHER)
    return Touch(one.id, one.at, kind, None, campaign if isinstance(campaign, str) and campaign else None)


def _at(one: EmailEvent) -> datetime:
    return datetime.fromtimestamp(one.created / 1000, UTC)


async def _nothing() -> list[EmailEvent]:
    return []


async def _both(
    one: Awaitable[list[EmailEvent]], other: Awaitable[list[Event]]
) -> tuple[list[EmailEvent], list[Event]]:
    """Side by side; the first error of either is raised once both have ended."""
    mails, events = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(mails, BaseException):
        raise mails
    if isinstance(events, BaseException):
        raise events
    return mails, events
