"""All that a resolver may know about the request it serves, and the one way it asks a system anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from aiodataloader import DataLoader

from resolvers.backends.base import Call, Columns, Deadline, Key, Operation, Outcome

if TYPE_CHECKING:
    from resolvers.binding import Ask

R = TypeVar("R")
Perform = Callable[[Call, Deadline, Sequence["Ask"]], Awaitable[Mapping[Key, Outcome[Any]]]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, for resolvers that tell callers about themselves.

    keys:  what our systems call them, by relation
    """

    name: str
    role: str
    client: str | None
    purpose: str | None
    customer: str | None
    categories: list[str]
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


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
        """Nobody waits any more: whatever is still asked for on behalf of this operation is given up."""
        for task in self._running:
            task.cancel()

    def forget(self) -> None:
        """Something has been written: what was loaded before may no longer be so, and is asked for again."""
        self._loaders.clear()

    async def load(
        self, ask: Ask, operation: Operation[R], keys: Sequence[Key], columns: Columns, args: Mapping[str, Any]
    ) -> list[Outcome[R]]:
        known = frozenset(column for column in columns if column in operation.columns)
        question = (operation, known, tuple(sorted(args.items())), ask.subject, ask.freshness)
        loader = self._loaders.get(question)
        if loader is None:
            loader = self._loaders[question] = _Loader(self._perform, operation, known, question[2], ask, self._running)
        elif all(ask is not known_ask for known_ask in loader.asks):
            loader.asks.append(ask)
        return list(await loader.load_many(keys))


class _Loader(DataLoader[Key, Outcome[Any]]):
    """Batches by the system's own maximum; one `Call` per batch. All who ask are content with the same freshness."""

    def __init__(
        self,
        perform: Perform,
        operation: Operation[Any],
        columns: Columns,
        args: tuple[tuple[str, Any], ...],
        ask: Ask,
        running: set[asyncio.Task[Any]],
    ) -> None:
        super().__init__(max_batch_size=operation.limit)
        self.asks = [ask]
        self._perform = perform
        self._deadline = ask.deadline
        self._running = running
        self._call = Call(operation.backend, operation.name, (), columns, args, ask.subject, kind=operation.kind)

    async def batch_load_fn(self, keys: list[Key]) -> list[Outcome[Any]]:
        call = self._call
        asked = Call(
            call.backend, call.operation, tuple(keys), call.columns, call.args, call.subject, call.credential, call.kind
        )
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        answers = await self._perform(asked, self._deadline, self.asks)
        return [answers[key] for key in keys]
