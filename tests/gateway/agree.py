"""Ask both engines the same question, with equal grants, and compare what they say byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import parse

from gateway.engine.answer import encoder
from gateway.engine.collect import Collector
from gateway.engine.cursors import Sealer
from gateway.engine.frame import Path
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.operation import Operation, admit, conditions, variables
from gateway.engine.planner import plan
from gateway.engine.reference import Reference
from gateway.engine.run import Run
from gateway.engine.trace import Trace
from gateway.engine.viewer import Viewer
from gateway.policy.grants import Grants
from gateway.traffic import Traffic
from resolvers.backends.base import Deadline
from resolvers.context import Caller, Context

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEALER = Sealer(b"tests")


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine says: data, errors, absences. `calls` are the plan engine's questions to backends, `failed` every
    single position behind the errors."""

    data: Any
    errors: list[Any]
    absent: list[Any]
    calls: list[Any] = field(default_factory=list, compare=False)
    failed: list[Path] = field(default_factory=list, compare=False)

    @property
    def bytes(self) -> bytes:
        return encoder.encode([self.data, self.errors, self.absent])


@dataclass(frozen=True, slots=True)
class Bench:
    """A graph, and how to build its schema anew for the reference, which replaces resolvers."""

    graph: Graph
    declare: Callable[[], strawberry.Schema]
    traffic: Callable[[], Traffic]
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    depth: int = 6
    admitted: dict[tuple[str, str | None], Operation] = field(default_factory=dict)

    async def planned(
        self,
        text: str,
        grants: Grants,
        raw: Mapping[str, Any] | None = None,
        keys: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Told:
        operation = self.admit(text, name)
        values = variables(self.graph.schema, operation, raw or {})
        chosen = plan(self.graph, operation, grants, conditions(operation, values))
        collector, trace = Collector("ref"), Trace(self.traffic(), noted=True)
        run = Run(
            self.graph.schema,
            chosen,
            values,
            self.context(trace, grants),
            Deadline(30),
            Viewer(keys or {}),
            collector,
            lambda branch, arguments: SEALER.bound(branch.coordinate, arguments, str(grants)),
        )
        run.prepare()
        data = await run()
        return Told(
            data,
            collector.errors(),
            collector.absent(run.prepared.gaps, run.prepared.beside, lambda: run.witness.hiding(run.prepared)),
            trace.calls,
            _failed(collector),
        )

    async def referred(
        self,
        text: str,
        grants: Grants,
        raw: Mapping[str, Any] | None = None,
        keys: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Told:
        operation = self.admit(text, name)
        values = variables(self.graph.schema, operation, raw or {})
        collector, trace = Collector("ref"), Trace(self.traffic(), noted=False)
        reference = Reference(
            self.graph,
            self.declare(),
            grants,
            Viewer(keys or {}),
            self.context(trace, grants),
            Deadline(30),
            collector,
            lambda coordinate, arguments: SEALER.bound(coordinate, arguments, str(grants)),
            self.depth,
        )
        data, gaps = await reference(parse(text), operation, values, raw or {})
        return Told(
            data,
            collector.errors(),
            collector.absent(gaps, reference.beside, lambda: reference.hiding),
            failed=_failed(collector),
        )

    async def agreed(
        self, text: str, grants: Grants, raw: Mapping[str, Any] | None = None, keys: Mapping[str, str] | None = None
    ) -> Told:
        """The plan engine's answer, once the reference has said the same."""
        planned = await self.planned(text, grants, raw, keys)
        referred = await self.referred(text, grants, raw, keys)
        assert planned.data == referred.data
        assert planned.errors == referred.errors
        assert planned.absent == referred.absent
        assert planned.bytes == referred.bytes
        assert planned.failed == referred.failed
        return planned

    def admit(self, text: str, name: str | None) -> Operation:
        if (text, name) not in self.admitted:
            self.admitted[text, name] = admit(self.graph.schema, text, self.limits).operation(name)
        return self.admitted[text, name]

    def context(self, trace: Trace, grants: Grants) -> Context:
        names = [category.value for category in grants.categories]
        return Context(trace, lambda: NOW, caller=Caller("test", "test", None, None, None, names), **self.facts)


def _failed(collector: Collector) -> list[Path]:
    return sorted((path for _, _, path in collector.failed()), key=str)
