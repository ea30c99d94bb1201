"""graphql-core's own executor, for the reference: told in the order of the document, whoever is quicker.

Fields and items start together, as they always do, but are looked at one after the other. Of two nulls that break the
same parent it is the first that is told; what comes after it is dropped, as the specification allows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from graphql import GraphQLObjectType
from graphql.execution import Executor
from graphql.pyutils import Path as CorePath
from graphql.pyutils import is_collection

from gateway.engine.frame import Path


class Watcher(Protocol):
    """Who is told what graphql-core does with the nulls."""

    def enters(self, owner: GraphQLObjectType, name: str, path: Path) -> None: ...
    def lands(self, path: Path, cause: Path) -> None: ...
    def drops(self, path: Path, later: Sequence[str | int]) -> None: ...


class InOrder(Executor[Any]):
    """The context value of the execution is its `Watcher`."""

    async def execute_fields(self, parent_type: Any, source: Any, path: Any, fields: Any, context: Any) -> Any:
        async def one(key: str, details: Any) -> Any:
            value = self.execute_field(parent_type, source, details, CorePath(path, key, parent_type.name), context)
            return await value if isinstance(value, Awaitable) else value

        values = await self._each(path, {key: one(key, details) for key, details in fields.items()})
        return dict(zip(fields, values, strict=True))

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, context: Any) -> Any:
        """Arguments are read by the watcher, once it is settled that the field is asked for at all."""
        name = details[0].node.name.value
        self.context_value.enters(parent_type, name, tuple(path.as_list()))
        definition = parent_type.fields.get(name)
        if definition is None or parent_type.name.startswith("__"):
            return super().execute_field(parent_type, source, details, path, context)
        kept, definition.args = definition.args, {}
        try:
            return super().execute_field(parent_type, source, details, path, context)
        finally:
            definition.args = kept

    def complete_list_value(self, kind: Any, details: Any, info: Any, path: Any, result: Any, context: Any) -> Any:
        if isinstance(result, AsyncIterator):
            return self._rows(kind.of_type, details, info, path, result, context)
        if not is_collection(result):  # graphql-core would take an iterator too; here a list can be read again
            raise TypeError(f"{info.parent_type}.{info.field_name} promises a list")
        return super().complete_list_value(kind, details, info, path, result, context)

    async def _rows(self, kind: Any, details: Any, info: Any, path: Any, rows: Any, context: Any) -> list[Any]:
        async def one(index: int, row: Any) -> Any:
            box: list[Any] = []
            at = path.add_key(index, None)
            waits = self.complete_list_item_value(row, box, kind, details, info, at, context)
            return await box[0] if waits else box[0]

        return await self._each(path, {index: one(index, row) async for index, row in rows})

    async def _each(self, path: Any, work: Mapping[Any, Coroutine[Any, Any, Any]]) -> list[Any]:
        tasks = {step: asyncio.ensure_future(one) for step, one in work.items()}
        done: list[Any] = []
        try:
            for task in tasks.values():
                done.append(await task)
        except Exception:
            later = list(tasks)[len(done) + 1 :]
            self.context_value.drops(tuple(path.as_list() if path else ()), later)
            await asyncio.gather(*tasks.values(), return_exceptions=True)  # not cancelled: others share their loads
            raise
        return done

    def handle_field_error(self, error: Exception, kind: Any, details: Any, path: Any) -> None:
        super().handle_field_error(error, kind, details, path)  # goes on to the parent, unless a null may stand here
        self.context_value.lands(tuple(path.as_list()), tuple(getattr(error, "path", None) or path.as_list()))
