"""The line to one space: how a question is written, what each answer means, and how lists are read to their end.

200                         taken; HTML, or anything else that is not JSON, is Garbled
400 Unknown locale          Unusable, when it was the caller who named it
400 Response size too big   asked again, half as many to a page; Refused for a single one
401, other 4xx, 3xx         Refused (404 too: a list always exists, so space or environment are wrong)
429                         Throttled, with the seconds of X-Contentful-RateLimit-Reset (or of Retry-After)
5xx                         Unavailable

Lists go by offset, there is nothing else. So they are read in a fixed order, and when the number of rows changes on
the way, or a row shows up twice, they are read again from the start. The hub's `total` says where the end is.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import msgspec

from resolvers.backends.base import (
    Connection,
    Gap,
    Garbled,
    Overdue,
    Refused,
    Reply,
    Request,
    Throttled,
    TooLarge,
    Unavailable,
    Unusable,
    Wire,
)
from resolvers.backends.contentful.records import Collection, Problem

R = TypeVar("R")

ACCEPT = "application/vnd.contentful.delivery.v1+json"
LONGEST_TARGET = 7_000
"""Characters of path and query. The hub takes 7,600 for the whole address; a proxy in front may add to it."""
LONGEST_PAGE = 1_000
LONG_TEXTS = 250
ALL_LANGUAGES = 100
MOST_PAGES = 200
READINGS = 3
NO_LOCALE = "There is no content in this locale."


class TooBig(Refused):
    """More than the 7 MB that one answer of the hub may have, or than our transport takes."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the entries. `parameters` as they are, not encoded; `size`: rows to a page, to begin with."""

    parameters: Mapping[str, str]
    size: int
    named_locale: bool = False

    def query(self, **more: int) -> str:
        asked = {**self.parameters, **{name: str(value) for name, value in more.items()}}
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in asked.items())


class Line:
    """Reads from one environment of one space, few questions at a time."""

    def __init__(self, system: str, connection: Connection) -> None:
        options = connection.options
        space, environment = options.get("space") or "c360", options.get("environment") or "master"
        self.root = f"/spaces/{quote(space, safe='')}/environments/{quote(environment, safe='')}"
        self._system = system
        self._slots = asyncio.Semaphore(connection.concurrency)
        self._headers = (("authorization", f"Bearer {connection.password}"), ("accept", ACCEPT))

    def target(self, question: Question) -> str:
        """The address of a question's last page: as long as it gets."""
        return f"{self.root}/entries?{question.query(skip=MOST_PAGES * LONGEST_PAGE, limit=LONGEST_PAGE)}"

    async def pages(self, wire: Wire, question: Question) -> AsyncGenerator[Collection, None]:
        """Pages to the end. Raises Garbled for pages that do not add up, Moved when rows came or went."""
        size, skip, total = question.size, 0, -1
        for _ in range(MOST_PAGES):
            page, size = await self._page(wire, question, skip, size)
            if total not in (-1, page.total):
                raise Moved
            total, skip = page.total, skip + len(page.items)
            yield page
            if skip >= total:
                return
            if not page.items:
                raise Garbled(self._system, f"an empty page at {skip} of {total}")
        raise Garbled(self._system, f"its pages do not end, {MOST_PAGES} read")

    async def every(self, wire: Wire, question: Question) -> list[Collection]:
        """All pages, of one state of the list."""
        for _ in range(READINGS):
            try:
                pages = [page async for page in self.pages(wire, question)]
            except Moved:
                continue
            ids = [row.sys.id for page in pages for row in page.items]
            if len(ids) == len(set(ids)):
                return pages
        raise Unavailable(self._system, f"its list changed while it was read, {READINGS} times")

    async def _page(self, wire: Wire, question: Question, skip: int, size: int) -> tuple[Collection, int]:
        """A page, and how many rows to ask for the next time."""
        while True:
            try:
                target = f"{self.root}/entries?{question.query(skip=skip, limit=size)}"
                page = await self.read(wire, target, Collection, question.named_locale)
            except TooBig:
                if size == 1:
                    raise
                size //= 2
                continue
            if len(page.items) > size:
                raise Garbled(self._system, f"{len(page.items)} rows on a page of {size}")
            return page, size

    async def read(self, wire: Wire, target: str, shape: type[R], named_locale: bool = False) -> R:
        try:
            async with asyncio.timeout(max(0.0, wire.deadline.remaining())):
                await self._slots.acquire()
        except TimeoutError as error:
            raise Overdue(self._system, "no line to it was free in time") from error
        try:
            reply = await wire.send(Request("GET", target, self._headers))
        except Garbled as error:
            if isinstance(error.__cause__, TooLarge):
                raise TooBig(self._system, "an answer larger than our transport takes") from error
            raise
        finally:
            self._slots.release()
        return wire.decode(accepted(self._system, reply, named_locale), shape)


class Moved(Exception):
    """Rows came or went between two pages."""


def accepted(system: str, reply: Reply, named_locale: bool = False) -> bytes:
    if reply.status != 200:
        raise failure(system, reply, named_locale)
    kind = reply.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Garbled(system, f"200 of type {kind[:60]!r}")
    return reply.body


def failure(system: str, reply: Reply, named_locale: bool) -> Gap:
    said = _problem(reply)
    why = f"status {reply.status}, {said.sys.id[:60] or 'no error body'}"
    if reply.status == 429:
        return Throttled(system, why, wait(reply))
    if reply.status >= 500:
        return Unavailable(system, why, wait(reply))
    if reply.status == 400 and said.message.startswith("Response size too big"):
        return TooBig(system, why)
    if reply.status == 400 and said.message.startswith("Unknown locale") and named_locale:
        return Unusable(NO_LOCALE)
    return Refused(system, why) if reply.status >= 300 else Garbled(system, why)


def wait(reply: Reply) -> float | None:
    """Seconds to wait, when the answer says so."""
    for name in ("x-contentful-ratelimit-reset", "retry-after"):
        stated = reply.headers.get(name, "").strip()
        try:
            seconds = float(stated)
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None


def _problem(reply: Reply) -> Problem:
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Problem()
