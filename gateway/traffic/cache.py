"""What systems have said lately, kept per question and key, before policy: so one caller's masks never reach another.

An entry knows when its system was asked. How old it may be is for who asks to say (`Freshness`, from the categories of
the columns wanted): what one reader may still have, another has to ask anew. No error is kept; that a key does not
exist is kept shortly. What is no longer of use to those it was kept for loses its value; that there was one is still
known, so that a system's failure can be told from an answer that was too old to be shown.

What is kept is bounded in bytes, by what its replies weighed on the wire; who was not asked for longest goes first.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from resolvers.backends.base import BackendError, Call, Key, Outcome, Refused
from resolvers.freshness import Freshness

CACHED, STALE = "CACHED", "STALE"
OVERHEAD = 1_000
UNPACKED = 2
"""Bytes of memory that an entry is counted for by itself, and for each byte of its reply. On the safe side: records of
SAP and Contentful took half a byte to one byte for each."""
BRIEF = 60.0
"""What is to be kept no longer than so many seconds is taken out on time, whether anybody asks for it again or not."""

Found = Mapping[Key, Outcome[Any]]
ShelfKey = tuple[Any, ...]


class StaleSuppressed(BackendError):
    """The system failed, and what it said before is too old to be shown. Code and hints are those of the failure."""

    reason = "STALE_SUPPRESSED"

    def __init__(self, cause: BackendError) -> None:
        Exception.__init__(self, f"{cause}; an older answer may not be shown")
        self.system, self.retry_after = cause.system, cause.retry_after
        self.code, self.retryable = cause.code, cause.retryable


class Begun(NamedTuple):
    """When a system was asked, and how often something of it had been forgotten by then."""

    at: float
    epoch: int


class _Entry:
    """`outcome` as it was given; `cached`: the same as a reader hears it. Both None once it is of no use any more."""

    __slots__ = ("at", "cached", "kept", "key", "outcome", "shelf", "size")

    def __init__(self, shelf: _Shelf, key: Key, outcome: Outcome[Any], at: float, kept: float, size: int) -> None:
        self.shelf = shelf
        self.key = key
        self.outcome: Outcome[Any] | None = outcome
        self.cached: Outcome[Any] | None = None
        self.at = at
        self.kept = kept
        self.size = size

    def held(self, now: float) -> Outcome[Any] | None:
        if now - self.at > self.kept:
            self.outcome = self.cached = None
        return self.outcome

    def told(self, outcome: Outcome[Any]) -> Outcome[Any]:
        if self.cached is None:
            self.cached = _told(outcome, CACHED)
        return self.cached


class _Shelf(dict[Key, _Entry]):
    """All that is known of one question's keys."""

    __slots__ = ("name",)

    def __init__(self, name: ShelfKey) -> None:
        self.name = name


class Cache:
    """One for all systems. `negative`: seconds that "there is none" holds at most; `most`: bytes."""

    def __init__(self, most: int, negative: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = 0
        self._most = most
        self._negative = negative
        self._clock = clock
        self._shelves: dict[ShelfKey, _Shelf] = {}
        self._by_use: OrderedDict[_Entry, None] = OrderedDict()
        self._forgotten: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_use)

    def look(self, call: Call, allowed: Freshness) -> tuple[dict[Key, Outcome[Any]], list[Key], list[Key]]:
        """What is there, the keys to ask for, and those among the first that should be asked for again."""
        shelf, now = self._shelves.get(_named(call)), self._clock()
        if shelf is None:
            return {}, list(call.keys), []
        there: dict[Key, Outcome[Any]] = {}
        missing: list[Key] = []
        ageing: list[Key] = []
        for key in call.keys:
            entry = shelf.get(key)
            outcome = self._usable(entry, now, allowed) if entry else None
            if entry is None or outcome is None:
                missing.append(key)
                continue
            self._by_use.move_to_end(entry)
            there[key] = outcome
            if now - entry.at > allowed.fresh:
                ageing.append(key)
        return there, missing, ageing

    def begin(self, backend: str) -> Begun:
        """To be noted before a system is asked what is to be kept."""
        return Begun(self._clock(), self._forgotten.get(backend, 0))

    def keep(self, call: Call, allowed: Freshness, found: Found, size: int, begun: Begun) -> None:
        """`size`: bytes of the replies it was made from."""
        if begun.epoch != self._forgotten.get(call.backend, 0):
            return  # somebody has changed something there meanwhile
        shelf = self._shelf(call)
        share = OVERHEAD + UNPACKED * size // max(len(found), 1)
        new = [key for key, outcome in found.items() if outcome.error is None and _news(shelf.get(key), begun)]
        for key in new:
            outcome = found[key]
            self._put(_Entry(shelf, key, outcome, begun.at, self._kept(outcome, allowed), share))
        if not shelf:
            del self._shelves[shelf.name]
        elif new and allowed.kept <= BRIEF:
            asyncio.get_running_loop().call_later(allowed.kept, self._cleared, shelf, new)
        while self.size > self._most:
            self._drop(next(iter(self._by_use)))

    def rescue(self, call: Call, allowed: Freshness, found: Found) -> Found:
        """The same, with what was known before in the place of failures, as far as that may be shown."""
        shelf, now = self._shelves.get(_named(call)), self._clock()
        if shelf is None:
            return found
        return {key: self._rescued(shelf.get(key), outcome, now, allowed) for key, outcome in found.items()}

    def forget(self, backend: str, operation: str | None = None, key: Key | None = None) -> None:
        """After a change there: nothing said before it counts, not even what is being answered just now."""
        self._forgotten[backend] = self._forgotten.get(backend, 0) + 1
        for shelf in list(self._shelves.values()):
            if shelf.name[0] == backend and operation in (None, shelf.name[1]):
                concerned = list(shelf.values()) if key is None else [shelf[key]] if key in shelf else []
                for entry in concerned:
                    self._drop(entry)

    def _usable(self, entry: _Entry, now: float, allowed: Freshness) -> Outcome[Any] | None:
        age, outcome = now - entry.at, entry.held(now)
        if outcome is None:
            return None
        if outcome.value is None:
            return entry.told(outcome) if age <= min(allowed.fresh, self._negative) else None
        if age <= allowed.fresh:
            return entry.told(outcome)
        return _told(outcome, STALE) if age <= allowed.meanwhile else None

    def _rescued(self, entry: _Entry | None, outcome: Outcome[Any], now: float, allowed: Freshness) -> Outcome[Any]:
        error = outcome.error
        if entry is None or not isinstance(error, BackendError) or isinstance(error, Refused):
            return outcome
        known = entry.held(now)
        if known is not None and known.value is not None and now - entry.at <= allowed.when_failing:
            return _told(known, STALE)
        return Outcome(error=StaleSuppressed(error))

    def _kept(self, outcome: Outcome[Any], allowed: Freshness) -> float:
        return allowed.kept if outcome.value is not None else min(allowed.fresh, self._negative)

    def _shelf(self, call: Call) -> _Shelf:
        name = _named(call)
        shelf = self._shelves.get(name)
        if shelf is None:
            shelf = self._shelves[name] = _Shelf(name)
        return shelf

    def _put(self, entry: _Entry) -> None:
        if (old := entry.shelf.get(entry.key)) is not None:
            entry.kept = max(entry.kept, old.kept if entry.outcome and entry.outcome.value is not None else 0)
            self._by_use.pop(old)
            self.size -= old.size
        entry.shelf[entry.key] = entry
        self._by_use[entry] = None
        self.size += entry.size

    def _drop(self, entry: _Entry) -> None:
        del self._by_use[entry]
        self.size -= entry.size
        del entry.shelf[entry.key]
        if not entry.shelf:
            self._shelves.pop(entry.shelf.name, None)

    def _cleared(self, shelf: _Shelf, keys: Iterable[Key]) -> None:
        now = self._clock()
        for key in keys:
            if (entry := shelf.get(key)) is not None:
                entry.held(now)


def _news(held: _Entry | None, begun: Begun) -> bool:
    """Whether what was asked then is newer than what there is: several who joined one question bring the same."""
    return held is None or held.at < begun.at


def _named(call: Call) -> ShelfKey:
    return call.backend, call.operation, call.columns, call.args, call.subject, call.credential


def _told(outcome: Outcome[Any], mode: str) -> Outcome[Any]:
    source = outcome.source
    return Outcome(outcome.value, None, source and msgspec.structs.replace(source, mode=mode))
