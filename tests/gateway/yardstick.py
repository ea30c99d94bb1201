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
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values

from gateway.auth import Principal
from gateway.engine.answer import answer, withheld_errors
from gateway.engine.collect import Collector
from gateway.engine.decisions import decisions
from gateway.engine.foresee import foreseen
from gateway.engine.frame import Path
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.engine.operation import Operation, View, admit, digest_of, variables
from gateway.engine.plan import Gap
from gateway.engine.reference import Reference
from gateway.engine.trace import Trace
from gateway.errors import CallerError, Code, Refusal
from gateway.pipeline import Pipeline
from gateway.policy.grants import Grants
from gateway.policy.reasons import with_reasons
from gateway.prepare import Preparation
from gateway.question import Options, Question
from resolvers.backends.base import ON_BEHALF, Deadline
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
    except CallerError as error:
        return Told(msgspec.json.encode([error.as_json()]), error.code)


async def referred(
    pipeline: Pipeline,
    declared: strawberry.Schema,
    question: Question,
    principal: Principal,
    options: Options,
) -> Told:
    """What graphql-core says. `declared` is the same schema, built anew: its resolvers are replaced."""
    document = parse(question.query)
    graph, view = pipeline.prepared.graph, pipeline.callers.view(principal)
    if unanswerable(view.schema, document, question):
        return Told(b"", "by graphql-core")
    asking = pipeline.callers.asking(principal, options)
    ON_BEHALF.set(pipeline.callers.on_behalf(asking))
    grants, viewer = asking.grants, asking.viewer
    operation = admitted(pipeline.prepared, view.schema, question)
    values = variables(view.schema, operation, question.variables)
    if view.partial and named_in_vain(graph, view, grants, operation, values):
        return Told(b"", Code.NOT_ALLOWED)
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
    gaps = [gap for gap in gaps if view.names(gap.coordinate)] if view.partial else gaps
    key = pipeline.callers.label_key
    absent = with_reasons(
        collector.absent(gaps, reference.beside, lambda: reference.hiding),
        grants,
        viewer.purpose,
        asking.disclosed,
        key,
    )
    errors = collector.errors()
    if options.on_withheld == "error":
        errors += withheld_errors(absent, errors, data, lambda: reference.hiding)
    wanted = asking.wants("policy")
    told = {"policy": decisions(graph, operation, grants, values, viewer.purpose) if wanted else []}
    ours = {path: at for path, at in reference.coordinates.items() if not at.startswith("__") and ".__" not in at}
    return Told(answer(data, errors, absent, told), "", ours, data, bool(errors))


def admitted(prepared: Preparation, schema: GraphQLSchema, question: Question) -> Operation:
    """The operation asked for: as the gateway has just found it to be valid, or else admitted here and now."""
    recent = prepared.recent.get(digest_of(question.query))
    document = recent or admit(schema, question.query, prepared.limits)
    return document.operation(question.operation_name)


def refused(schema: GraphQLSchema, question: Question) -> bool:
    """Whether graphql-core finds a request error in the question: nothing would be executed."""
    try:
        document = parse(question.query)
    except GraphQLError:
        return True
    return bool(validate(schema, document)) or unanswerable(schema, document, question)


def named_in_vain(graph: Graph, view: View, grants: Grants, operation: Operation, values: VariableValues) -> set[str]:
    """What a client that is refused for it may name and is not granted: fields of a category of which no row shows
    anything, wherever the operation names them; and what is not there for them as the conditions and values are."""
    certain = {gap.coordinate for gap in foreseen(Judge(graph, grants), operation, values).certain if withheld(gap)}
    named = coordinates_in(view.schema, operation)
    never = {at for at in named if (category := graph.categories.get(at)) and not grants.decide(category).ever}
    return never | {at for at in certain if "." in at and view.names(at)}


def withheld(gap: Gap) -> bool:
    return gap.reason == "WITHHELD"


def coordinates_in(schema: GraphQLSchema, operation: Operation) -> set[str]:
    """Fields that an operation names, on whatever condition: each by the type that its selection says."""
    info, found, spread = TypeInfo(schema), set[str](), set[str]()

    class Search(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            owner = info.get_parent_type()
            found.add(f"{owner.name if owner else ''}.{node.name.value}")

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            spread.add(node.name.value)

    search = TypeInfoVisitor(info, Search())
    visit(operation.node, search)
    done = set[str]()
    while todo := spread - done:
        for name in todo:
            visit(operation.fragments[name].definition, search)
        done |= todo
    return found


def unanswerable(schema: GraphQLSchema, document: DocumentNode, question: Question) -> bool:
    """Whether a valid document cannot be executed: no such operation, or variables that do not fit."""
    node = get_operation_ast(document, question.operation_name)
    if node is None:
        return True
    values = get_variable_values(schema, node.variable_definitions or (), dict(question.variables))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    return isinstance(values, list) or undecided(node, fragments, values.coerced)


def undecided(node: Any, fragments: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether an `@skip` or `@include` that is looked at is given null, which is neither yes nor no."""
    for item in node.selection_set.selections if node.selection_set else ():
        told = {one.name.value: one.arguments[0].value for one in item.directives or () if one.arguments}
        bits = {
            name: given[one.name.value] if isinstance(one, VariableNode) else one.value for name, one in told.items()
        }
        skip, include = bits.get("skip", False), bits.get("include", True)
        if skip is None or (not skip and include is None):
            return True
        within = fragments[item.name.value] if isinstance(item, FragmentSpreadNode) else item
        if not skip and include and hasattr(within, "selection_set") and undecided(within, fragments, given):
            return True
    return False
