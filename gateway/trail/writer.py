"""Group commit: while one transaction is on its way to the disk, the answers that come next gather, and go together.

The event loop never waits for a disk: a thread writes, one batch at a time, and each answer waits for its own batch.
What is handed over and what comes back are looked at in the loop alone, so there is nothing to lock.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread

from gateway.trail.record import Entry

Waiting = tuple[Entry | None, "asyncio.Future[None] | None"]
"""A record (None: only to see whether one could be written), and who waits for it."""

Job = tuple[asyncio.AbstractEventLoop, Sequence[Waiting]]
LOG = logging.getLogger("gateway.trail")
FAILURES = (sqlite3.Error, OSError)


class Unwritable(Exception):
    """The trail cannot be written just now."""


@dataclass(slots=True)
class Writer:
    """Belongs to one event loop.

    write:    commits records, or raises; called in a thread, never twice at a time
    after:    what is to be done between commits, likewise
    most:     records that may wait
    rest:     seconds after a commit when once more is written, though nothing waits (the head is signed), and again
              until that succeeds; 0: never
    failing:  whether the last commit failed
    """

    write: Callable[[Sequence[Entry]], None]
    most: int
    relaxed: bool = False
    after: Callable[[], None] = lambda: None
    rest: float = 0.0
    failing: bool = False
    written: int = 0
    lost: int = 0
    failures: int = 0
    refused: int = 0
    commits: int = 0
    seconds: float = 0.0
    _waiting: list[Waiting] = field(default_factory=list)
    _busy: bool = False
    _idle: list[asyncio.Future[None]] = field(default_factory=list)
    _resting: asyncio.TimerHandle | None = None
    _jobs: SimpleQueue[Job | None] = field(default_factory=SimpleQueue)
    _thread: Thread | None = None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, entry: Entry | None) -> asyncio.Future[None] | None:
        """To be awaited before the answer leaves; None: nobody has to wait. Raises `Unwritable` when too many do."""
        if len(self._waiting) >= self.most:
            self.refused += 1
            raise Unwritable
        waits = None if self.relaxed and not self.failing else asyncio.get_running_loop().create_future()
        self._queue(entry, waits)
        return waits

    def put_by(self, entry: Entry) -> None:
        """Write it when there is time; where that cannot be done it is lost, and counted."""
        if len(self._waiting) >= self.most:
            self.lost += 1
        else:
            self._queue(entry, None)

    async def on_disk(self, waits: asyncio.Future[None] | None) -> None:
        """Raises `Unwritable`."""
        if waits is not None:
            try:
                await waits
            except FAILURES as error:
                self.refused += 1
                raise Unwritable from error

    async def possible(self) -> None:
        """After a failure: whether writing works again. Raises `Unwritable`."""
        if self.failing:
            await self.on_disk(self.put(None))

    async def close(self) -> None:
        """What waits is written, if it can be."""
        while self._busy:
            self._idle.append(asyncio.get_running_loop().create_future())
            await self._idle[-1]
        if self._resting is not None:  # what was written last has set it
            self._resting.cancel()
            self._resting = None
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    # -- in the loop ----------------------------------------------------------------------------------------------

    def _queue(self, entry: Entry | None, waits: asyncio.Future[None] | None) -> None:
        """What is put while the loop goes round once goes together: answers often come several at a time."""
        self._waiting.append((entry, waits))
        if not self._busy:
            self._busy = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._busy = True
        batch, self._waiting = self._waiting, []
        if self._thread is None:
            self._thread = Thread(target=self._work, name="trail", daemon=True)
            self._thread.start()
        self._jobs.put((loop, batch))

    def _ended(
        self, loop: asyncio.AbstractEventLoop, batch: Sequence[Waiting], seconds: float, why: Exception | None
    ) -> None:
        if why is None:
            self._succeeded(batch, seconds)
        else:
            self._failed(batch, why)
        self._busy = False
        if self._waiting:
            self._begin(loop)
        elif (batch or why) and self.rest and self._resting is None:
            self._resting = loop.call_later(self.rest, self._rest, loop)
        while self._idle and not self._busy:
            self._idle.pop().set_result(None)

    def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        self._resting = None
        if not self._busy:
            self._begin(loop)

    # -- in the thread --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._written(*job)
            except Exception:  # a defect in what comes after a commit stops nobody
                LOG.exception("the audit trail's thread goes on")

    def _written(self, loop: asyncio.AbstractEventLoop, batch: Sequence[Waiting]) -> None:
        begun, why = time.perf_counter(), None
        try:
            self.write([entry for entry, _ in batch if entry is not None])
        except Exception as error:
            why = error
        loop.call_soon_threadsafe(self._ended, loop, batch, time.perf_counter() - begun, why)
        if why is None:
            self._looked_after()

    def _looked_after(self) -> None:
        """Nobody waits for it."""
        try:
            self.after()
        except FAILURES as error:  # this is tried again
            LOG.warning("the audit trail could not be looked after: %s", error)

    # -- in the loop again ----------------------------------------------------------------------------------------

    def _succeeded(self, batch: Sequence[Waiting], seconds: float) -> None:
        if self.failing:
            LOG.warning("the audit trail is written again")
        self.failing = False
        self.commits += bool(batch)
        self.seconds += seconds
        for entry, waits in batch:
            self.written += entry is not None
            if waits is not None and not waits.done():
                waits.set_result(None)

    def _failed(self, batch: Sequence[Waiting], error: Exception) -> None:
        """Whoever waits is refused. A bug of ours is one too: an answer nobody can account for does not leave."""
        if not self.failing or not isinstance(error, FAILURES):
            LOG.error("the audit trail cannot be written: %s", error, exc_info=not isinstance(error, FAILURES))
        self.failing = True
        self.failures += 1
        shown = error if isinstance(error, FAILURES) else OSError("a defect of ours")
        for entry, waits in batch:
            if waits is None:
                self.lost += entry is not None
            elif not waits.done():
                waits.set_exception(shown)
                waits.exception()  # seen: whoever waited may have left
