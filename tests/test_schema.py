"""The printed schema is reviewed, described, and without holes."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

import schema
from gateway.engine.graph import Graph, Unbound
from gateway.engine.register import source_rows
from resolvers import bindings
from resolvers.binding import Bindings
from schema.classification import Category, Identity, Inherited, Public, choice, edge, entity
from schema.coverage import DEFINITION, Contradicted, Overpromised, Unclassified, categories, classify, core

PRINTED = Path(schema.__file__).with_name("customer_graph.graphql")


def test_the_printed_schema_is_the_one_that_is_served() -> None:
    assert PRINTED.read_text() == schema.build().as_str() + "\n", "run: customer360 sdl > schema/customer_graph.graphql"


def test_everything_a_frontend_developer_meets_is_described() -> None:
    bare = []
    for kind in core(schema.build()).type_map.values():
        if DEFINITION not in kind.extensions or kind.name in ("Date", "DateTime", "Decimal"):
            continue
        bare += [kind.name] if not kind.description else []
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            bare += [f"{kind.name}.{name}" for name, field in kind.fields.items() if not field.description]
        if isinstance(kind, GraphQLObjectType):
            arguments = ((n, a, x) for n, field in kind.fields.items() for a, x in field.args.items())
            bare += [f"{kind.name}.{n}({a}:)" for n, a, argument in arguments if not argument.description]
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description]

    assert bare == []


def test_every_field_has_a_row_in_the_source_table() -> None:
    graph = Graph.build(schema.build(), bindings())
    fields = {
        f"{kind.name}.{name}"
        for kind in graph.schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and DEFINITION in kind.extensions
        for name in kind.fields
    }

    assert {row.coordinate for row in source_rows(graph)} == fields


def test_every_category_is_used_and_has_its_sentence() -> None:
    used = set(categories(schema.build()).values())

    assert used == set(Category)
    assert all(category.why.endswith(".") for category in Category)


def test_one_of_is_known_to_validation_itself() -> None:
    kind = core(schema.build()).type_map["CustomerBy"]

    assert isinstance(kind, GraphQLInputObjectType)
    assert kind.is_one_of


# -- a hole stops the start, by name ----------------------------------------------------------------------------------


def built(query: type) -> strawberry.Schema:
    return classify(strawberry.Schema(query=query))


def test_a_field_without_a_category_stops_the_start() -> None:
    @strawberry.type
    class Query:
        name: str | None

    with pytest.raises(Unclassified, match=r"Query\.name"):
        built(Query)


def test_an_argument_without_a_category_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self, of: str) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unclassified, match=r"Query\.name\(of:\)"):
        built(Query)


def test_an_input_field_without_a_category_stops_the_start() -> None:
    @strawberry.input
    class Filter:
        name: str

    globals()["Filter"] = Filter

    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self, of: Annotated[Filter, Category.PUBLIC]) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unclassified, match=r"Filter\.name"):
        built(Query)


def test_a_choice_without_a_category_stops_the_start() -> None:
    @strawberry.enum
    class Sort(Enum):
        NAME = choice("NAME", Category.IDENTITY, "By name.")
        AGE = "AGE"

    globals()["Sort"] = Sort

    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self, by: Annotated[Sort | None, Category.PUBLIC] = None) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unclassified, match=r"Sort\.AGE"):
        built(Query)


def test_a_promise_that_policy_may_break_stops_the_start() -> None:
    @strawberry.type
    class Query:
        name: Annotated[str, Category.IDENTITY]

    with pytest.raises(Overpromised, match=r"Query\.name"):
        built(Query)


def test_an_edge_that_promises_a_value_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self) -> str:
            """Somebody's name."""

    with pytest.raises(Overpromised, match=r"Query\.name"):
        built(Query)


def test_a_row_that_stands_alone_has_nothing_to_inherit() -> None:
    @strawberry.type
    class Query:
        name: Inherited[str | None]

    with pytest.raises(Unclassified, match=r"Query\.name"):
        built(Query)


def test_a_field_of_another_category_than_its_interface_stops_the_start() -> None:
    @strawberry.interface
    class Named:
        name: Identity[str]

    @strawberry.type(directives=[entity(Category.PUBLIC)])
    class Query(Named):
        name: Public[str | None]

    with pytest.raises(Contradicted, match=r"Query\.name"):
        built(Query)


def test_an_edge_nobody_resolves_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unbound, match=r"Query\.name"):
        Graph.build(built(Query), Bindings([]))
