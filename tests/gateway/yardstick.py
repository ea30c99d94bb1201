"""The pipeline's answer, and the one graphql-core would give in its place: to be compared byte for byte.

The plan engine is asked as the server asks it, through the pipeline with its caches. The yardstick takes what the
pipeline takes and runs `gateway/engine/reference.py`; where the pipeline refuses a question, graphql-core's own rules
have to refuse it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values

from gateway.auth import Principal
from gateway.engine.answer import answer, withheld_errors
from gateway.engine.collect import Collector
from gateway.engine.decisions import decisions
from gateway.engine.frame import Path
from gateway.engine.operation import admit, variables
from gateway.engine.reference import Reference
from gateway.engine.trace import Trace
from gateway.errors import Refusal
from gateway.pipeline import Pipeline
from gateway.policy.reasons import with_reasons
from gateway.question import Options, Question
from resolvers.backends.base import Deadline
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Told:
    """A response body, or why there is none; and which coordinate each position of it was resolved for."""

    body: bytes
    refused: str = ""
    coordinates: Mapping[Path, str] = field(default_factory=dict)

    data: Any = None
    failed: bool = False

    def at(self, path: Path) -> Any:
        """The value at a position; None when a null is above it."""
        value = self.data
        for step in path:
            value = None if value is None else value[step]
        return value


async def planned(pipeline: Pipeline, question: Question, principal: Principal, options: Options) -> Told:
    """What the gateway says."""
    try:
        return Told(await pipeline(question, principal, options))
    except Refusal as refusal:
        return Told(msgspec.json.encode(refusal.errors), refusal.errors[0]["extensions"]["code"])


async def referred(
    pipeline: Pipeline,
    declared: strawberry.Schema,
    question: Question,
    principal: Principal,
    options: Options,
) -> Told:
    """What graphql-core says. `declared` is the same schema, built anew: its resolvers are replaced."""
    document = parse(question.query)
    graph = pipeline.prepared.graph
    if unanswerable(graph.schema, document, question):
        return Told(b"", "by graphql-core")
    limits = pipeline.prepared.limits
    operation = admit(graph.schema, question.query, limits).operation(question.operation_name)
    values = variables(graph.schema, operation, question.variables)
    asking = pipeline.callers.asking(principal, options)
    grants, viewer = asking.grants, asking.viewer
    collector = Collector(options.request_id, pipeline.callers.names(asking))
    reference = Reference(
        graph,
        declared,
        grants,
        viewer,
        Context(Trace(pipeline.traffic, noted=False), pipeline.now, caller=asking.caller, **pipeline.facts),
        Deadline(30),
        collector,
        lambda coordinate, arguments: pipeline.sealer.bound(coordinate, arguments, asking.alike),
    )
    data, gaps = await reference(document, operation, values, question.variables)
    key = pipeline.callers.label_key
    absent = with_reasons(collector.absent(gaps), grants, viewer.purpose, asking.disclosed, key)
    errors = collector.errors()
    if options.on_withheld == "error":
        errors += withheld_errors(absent, data)
    wanted = asking.wants("policy")
    told = {"policy": decisions(graph, operation, grants, values, viewer.purpose) if wanted else []}
    return Told(answer(data, errors, absent, told), "", reference.coordinates, data, bool(errors))


def refused(schema: GraphQLSchema, question: Question) -> bool:
    """Whether graphql-core finds a request error in the question: nothing would be executed."""
    try:
        document = parse(question.query)
    except GraphQLError:
        return True
    return bool(validate(schema, document)) or unanswerable(schema, document, question)


def unanswerable(schema: GraphQLSchema, document: DocumentNode, question: Question) -> bool:
    """Whether a valid document cannot be executed: no such operation, or variables that do not fit."""
    node = get_operation_ast(document, question.operation_name)
    if node is None:
        return True
    values = get_variable_values(schema, node.variable_definitions or (), dict(question.variables))
    return isinstance(values, list) or any(values.coerced.get(name, ...) is None for name in _deciding(document))


def _deciding(document: DocumentNode) -> set[str]:
    """Variables that stand in `@skip` or `@include`, where null is neither yes nor no."""
    found: set[str] = set()

    class Search(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            found.update(one.value.name.value for one in node.arguments or () if isinstance(one.value, VariableNode))

    visit(document, Search())
    return found
