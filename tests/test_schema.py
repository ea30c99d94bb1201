"""The printed schema is reviewed, described, and without holes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    is_introspection_type,
    is_specified_scalar_type,
)

import schema
from gateway.auth import Principal
from gateway.engine.graph import Graph, Unbound
from gateway.engine.register import source_rows
from gateway.engine.views import Views
from gateway.policy import Policy
from resolvers.backends.base import Outcome
from resolvers.binding import Ask, Bindings, resolves
from resolvers.whole import bindings
from schema.classification import Category, Identity, Inherited, Public, choice, edge, entity
from schema.coverage import DEFINITION, Contradicted, Overpromised, Unclassified, categories, classify, core

PRINTED = Path(schema.__file__).with_name("customer_graph.graphql")


def test_the_printed_schema_is_the_one_that_is_served() -> None:
    assert PRINTED.read_text() == schema.build().as_str() + "\n", "run: customer360 sdl > schema/customer_graph.graphql"


FEWEST_WORDS = 3


def told(built: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Everything that a frontend developer meets, and what it says of itself; the specification's own left out."""
    for kind in built.type_map.values():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield kind.name, kind.description or ""
        for name, one in getattr(kind, "fields", getattr(kind, "values", {})).items():
            yield f"{kind.name}.{name}", one.description or ""
            for argument, given in getattr(one, "args", {}).items():
                yield f"{kind.name}.{name}({argument}:)", given.description or ""
    yield from ((f"@{one.name}", one.description or "") for one in built.directives if one.name != "oneOf")


def test_everything_a_frontend_developer_meets_is_described() -> None:
    assert [at for at, said in told(core(schema.build())) if not said.strip()] == []


def test_no_description_is_too_short_to_say_anything() -> None:
    """Three words and a full stop at the least, and more than the name said again."""
    found = dict(told(core(schema.build())))
    terse = {
        at: said
        for at, said in found.items()
        if len(said.split()) < FEWEST_WORDS or said.rstrip()[-1:] not in (".", "`")
    }
    again = {
        at: said for at, said in found.items() if not words(said) - words(at) - {"a", "an", "the", "of", "this", "its"}
    }

    assert terse == {}
    assert again == {}


def words(text: str) -> set[str]:
    """`Order.placedAt` and "placed at" are the same words."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def test_a_field_that_says_nothing_is_found_wherever_it_is() -> None:
    @strawberry.input(description="Which ones are wanted.")
    class Wanted:
        name: Annotated[str, Category.PUBLIC]

    globals()["Wanted"] = Wanted

    @strawberry.type(description="Where one begins here.")
    class Query:
        @edge(Category.PUBLIC)
        def names(self, of: Annotated[Wanted, Category.PUBLIC]) -> str | None:
            pass

    bare = {at for at, said in told(core(built(Query))) if not said}

    assert {"Wanted.name", "Query.names", "Query.names(of:)"} <= bare


@pytest.mark.parametrize("role", [role.name for role in Policy.read().roles.values() if role.clients == "reject"])
def test_what_partners_read_names_no_system_of_ours(role: str) -> None:
    """Which systems stand behind the graph is for `operations`; partners read descriptions too."""
    graph = Graph.build(schema.build(), bindings())
    view = Views.over(graph).of(Policy.read().ceiling(Principal("", role)))
    carriers = {"fedex", "ups"}
    ours = {binding.source[0].backend for binding in graph.bindings.fields.values() if binding.source} - carriers
    named = {name for one in ours for name in (one, one.partition("_")[0])} - {"partner"}

    assert {at: said for at, said in told(view.schema) if {*re.findall(r"[a-z]+", said.lower())} & named} == {}


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


def test_a_field_of_an_interface_without_a_category_stops_the_start() -> None:
    @strawberry.interface
    class Named:
        name: str | None

    @strawberry.type(directives=[entity(Category.PUBLIC)])
    class Query(Named):
        name: Public[str | None]

    with pytest.raises(Unclassified, match=r"Named\.name"):
        built(Query)


@strawberry.interface
class Named:
    @edge(Category.IDENTITY)
    def name(self, of: Annotated[str | None, Category.IDENTITY] = None) -> str | None:
        """Its name."""


def test_an_edge_of_another_category_than_its_interface_s_stops_the_start() -> None:
    @strawberry.type
    class Query(Named):
        @edge(Category.PUBLIC)
        def name(self, of: Annotated[str | None, Category.IDENTITY] = None) -> str | None:
            """Its name."""

    with pytest.raises(Contradicted, match=r"Query\.name is public, but Named\.name says otherwise: identity"):
        built(Query)


def test_an_argument_of_another_category_than_its_interface_s_stops_the_start() -> None:
    @strawberry.type
    class Query(Named):
        @edge(Category.IDENTITY)
        def name(self, of: Annotated[str | None, Category.PUBLIC] = None) -> str | None:
            """Its name."""

    with pytest.raises(Contradicted, match=r"Query\.name\(of:\) is public, but Named\.name\(of:\) says otherwise"):
        built(Query)


def test_edges_that_say_what_their_interface_says_start() -> None:
    @strawberry.type
    class Query(Named):
        @edge(Category.IDENTITY)
        def name(self, of: Annotated[str | None, Category.IDENTITY] = None) -> str | None:
            """Its name."""

    assert categories(built(Query))["Named.name(of:)"] is Category.IDENTITY


def test_a_coordinate_with_two_categories_stops_the_start() -> None:
    @strawberry.type
    class Query:
        name: Annotated[str | None, Category.PUBLIC, Category.IDENTITY]

    with pytest.raises(Contradicted, match=r"Query\.name has more than one category: public, identity"):
        built(Query)


def test_a_type_with_two_categories_stops_the_start() -> None:
    @strawberry.type(directives=[entity(Category.PUBLIC), entity(Category.PRESENCE)])
    class Query:
        name: Public[str | None]

    with pytest.raises(Contradicted, match=r"Query has more than one category"):
        built(Query)


def test_an_argument_that_inherits_stops_the_start() -> None:
    """It would be for everybody to give: nothing leads to it but itself."""

    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self, of: Annotated[str | None, Category.INHERITED] = None) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unclassified, match=r"Query\.name\(of:\) has nothing to inherit"):
        built(Query)


def test_a_choice_or_a_row_that_inherits_stops_the_start() -> None:
    @strawberry.enum
    class Order(Enum):
        NAME = choice("NAME", Category.INHERITED, "By name.")

    globals()["Order"] = Order

    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self, by: Annotated[Order | None, Category.PUBLIC] = None) -> str | None:
            """Somebody's name."""

    @strawberry.type(name="Query", directives=[entity(Category.INHERITED)])
    class Other:
        name: Public[str | None]

    with pytest.raises(Unclassified, match=r"Order\.NAME has nothing to inherit"):
        built(Query)
    with pytest.raises(Unclassified, match=r"Query has nothing to inherit"):
        built(Other)


def test_a_promise_of_an_interface_stops_the_start() -> None:
    @strawberry.interface
    class Named:
        name: Annotated[str, Category.IDENTITY]

    @strawberry.type
    class Query(Named):
        name: Annotated[str, Category.IDENTITY]

    with pytest.raises(Overpromised, match=r"Named\.name"):
        built(Query)


def test_a_promise_inside_a_value_is_kept_with_the_value() -> None:
    @strawberry.type
    class Sum:
        amount: Inherited[int]
        secret: Annotated[int, Category.IDENTITY]

    globals()["Sum"] = Sum

    @strawberry.type
    class Query:
        total: Annotated[Sum | None, Category.PUBLIC]

    with pytest.raises(Overpromised, match=r"Sum\.secret"):
        built(Query)


def test_a_type_that_is_not_strawberry_s_stops_the_start() -> None:
    @strawberry.type
    class Query:
        name: Public[str | None]

    stranger = strawberry.Schema(query=Query)
    core(stranger).type_map["Stranger"] = GraphQLObjectType("Stranger", {"x": GraphQLField(GraphQLString)})

    with pytest.raises(Unclassified, match="Stranger has no need-to-know categories"):
        classify(stranger)


def test_a_promise_that_a_system_would_have_to_keep_stops_the_start() -> None:
    @strawberry.type
    class Query:
        name: Public[str]

    @resolves(Query, "name", carried="record")
    async def name(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        return [Outcome(None) for _ in parents]

    with pytest.raises(Unbound, match=r"Query\.name promises a value that a system is asked for"):
        Graph.build(built(Query), Bindings(name.__bound__))  # type: ignore[attr-defined]


def test_a_relation_applied_that_no_rows_have_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self) -> str | None:
            """Somebody's name."""

    @resolves(Query, "name", pushes=("own-garden",))
    async def name(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        return [Outcome(None) for _ in parents]

    with pytest.raises(Unbound, match=r"Query\.name applies the relation 'own-garden'"):
        Graph.build(built(Query), Bindings(name.__bound__))  # type: ignore[attr-defined]


def test_an_edge_nobody_resolves_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def name(self) -> str | None:
            """Somebody's name."""

    with pytest.raises(Unbound, match=r"Query\.name"):
        Graph.build(built(Query), Bindings([]))
