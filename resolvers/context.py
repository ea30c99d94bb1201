"""All that a resolver may know about the request it serves, and the one way it asks a system anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from resolvers.backends.base import Call, Columns, Deadline, Key, Operation, Outcome

if TYPE_CHECKING:
    from resolvers.binding import Ask

R = TypeVar("R")
Perform = Callable[[Call, Deadline, Sequence["Ask"]], Awaitable[Mapping[Key, Outcome[Any]]]]


class Caller(msgspec.Struct, frozen=True):
    """Who is asking, for resolvers that tell callers about themselves.

    keys:  what our systems call them, by relation
    """

    name: str
    role: str
    client: str | None
    purpose: str | None
    customer: str | None
    categories: list[str]
    keys: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)


class Context:
    """One per operation. Loaders live here: equal questions from different branches meet within a tick.

    now:    the clock everything is computed against
    facts:  what the composition root gives all resolvers of its graph, by name
    """

    def __init__(self, perform: Perform, now: Callable[[], datetime], **facts: Any) -> None:
        self.now = now
        self.facts = facts
        self._perform = perform
        self._loaders: dict[Any, _Loader] = {}
        self._running: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Nobody waits any more: whatever is still asked for on behalf of this operation is given up. Loaders know who
        asked, who knows this: were they kept, all of it would lie about until garbage is looked for."""
        for task in self._running:
            task.cancel()
        self._loaders.clear()

    def forget(self) -> None:
        """Something has been written: what was loaded before may no longer be so, and is asked for again."""
        self._loaders.clear()

    def load(
        self, ask: Ask, operation: Operation[R], keys: Sequence[Key], columns: Columns, args: Mapping[str, Any]
    ) -> Awaitable[list[Outcome[R]]]:
        known = _common(columns, operation.known)
        question = (operation, known, tuple(sorted(args.items())) if args else (), ask.subject, ask.freshness)
        loader = self._loaders.get(question)
        if loader is None:
            loader = self._loaders[question] = _Loader(self._perform, operation, known, question[2], ask, self._running)
        elif ask not in loader.asks:
            loader.asks.append(ask)
        return loader.load_many(keys)


@lru_cache(4096)
def _common(some: Columns, others: Columns) -> Columns:
    return some & others


class _Batch:
    """Keys that travel together, and whoever waits for their answers."""

    __slots__ = ("answers", "error", "keys", "waiting")

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.answers: Mapping[Key, Outcome[Any]] | None = None
        self.error: BaseException | None = None
        self.waiting: list[asyncio.Future[None]] = []

    async def landed(self) -> Mapping[Key, Outcome[Any]]:
        if self.answers is None and self.error is None:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            await turn
        if self.error is not None:
            raise self.error
        assert self.answers is not None  # noqa: S101 - one of the two is there once it has landed
        return self.answers

    def land(self) -> None:
        for turn in self.waiting:
            if not turn.done():
                turn.set_result(None)


class _Loader:
    """What dataloaders do, with a future for each load instead of each key: a level can have hundreds of keys.
    Batches by the system's own maximum; one `Call` per batch. All who ask are content with the same freshness."""

    def __init__(
        self,
        perform: Perform,
        operation: Operation[Any],
        columns: Columns,
        args: tuple[tuple[str, Any], ...],
        ask: Ask,
        running: set[asyncio.Task[Any]],
    ) -> None:
        self.asks = [ask]
        self._perform = perform
        self._limit = operation.limit
        self._deadline = ask.deadline
        self._running = running
        self._call = Call(operation.backend, operation.name, (), columns, args, ask.subject, kind=operation.kind)
        self._known: dict[Key, _Batch] = {}
        self._queue: list[_Batch] = []

    async def load_many(self, keys: Sequence[Key]) -> list[Outcome[Any]]:
        """Answers in order; what is under way already, or has come, is not asked for again."""
        if new := [key for key in dict.fromkeys(keys) if key not in self._known]:
            self._queue_up(new)
        batches = [self._known[key] for key in keys]
        if len(whole := dict.fromkeys(batches)) == 1:
            answers = await batches[0].landed()
            return [answers[key] for key in keys]
        found = {batch: await batch.landed() for batch in whole}
        return [found[batch][key] for batch, key in zip(batches, keys, strict=True)]

    def _queue_up(self, keys: Sequence[Key]) -> None:
        if not self._queue:
            loop = asyncio.get_running_loop()  # whoever is about to ask for more does so before the next turn but one
            loop.call_soon(loop.call_soon, self._dispatch)
        while keys:
            if not self._queue or len(self._queue[-1].keys) == self._limit:
                self._queue.append(_Batch())
            batch = self._queue[-1]
            room = self._limit - len(batch.keys)
            batch.keys += keys[:room]
            self._known |= dict.fromkeys(keys[:room], batch)
            keys = keys[room:]

    def _dispatch(self) -> None:
        queue, self._queue = self._queue, []
        for batch in queue:
            task = asyncio.get_running_loop().create_task(self._asked(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _asked(self, batch: _Batch) -> None:
        call = self._call
        keys = tuple(batch.keys)
        asked = Call(
            call.backend, call.operation, keys, call.columns, call.args, call.subject, call.credential, call.kind
        )
        try:
            batch.answers = await self._perform(asked, self._deadline, self.asks)
        except BaseException as error:
            batch.error = error
            self._known = {key: one for key, one in self._known.items() if one is not batch}
            if not isinstance(error, Exception):
                raise
        finally:
            batch.land()
