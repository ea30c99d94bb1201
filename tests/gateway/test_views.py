"""What callers may name: redact clients all there is, reject clients their ceiling, and nothing beyond it is there."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_introspection_query,
    is_introspection_type,
    is_specified_scalar_type,
    validate_schema,
)

from gateway.auth import Principal
from gateway.engine.consistent import problems
from gateway.engine.graph import Graph
from gateway.engine.views import KEPT, Views
from gateway.errors import Refusal
from gateway.pipeline import Pipeline
from gateway.policy import Policy
from gateway.policy.grants import BITS
from gateway.question import Options, Question
from schema import Category
from tests.company import Company
from tests.gateway.library import Index
from tests.gateway.test_another_app import opened_over

pytestmark = pytest.mark.anyio

REJECTED = [role.name for role in Policy.read().roles.values() if role.clients == "reject"]

CARRIERS = {"fedex", "ups"}
"""Who brings a parcel is written on it."""

ROLES = """
[forwarder]
title = "Forwards what it is told, and is refused for the rest."
group = "partner"
clients = "reject"
purposes = ["fulfilment", "billing"]
disclosure = "full"
any = ["public", "logistics", "presence"]
[[forwarder.rule]]
purpose = ["billing"]
allow = ["financial", "contact", "service"]
"""


@pytest.fixture
def graph(company: Company) -> Graph:
    return company.app.graph


@pytest.fixture
def forwarded(company: Company, tmp_path: Path) -> Pipeline:
    """The customer graph for a client that has two purposes."""
    roles = tmp_path / "roles.toml"
    roles.write_text(ROLES)
    pipeline = company.app.pipeline
    return replace(pipeline, callers=replace(pipeline.callers, policy=Policy.read(roles, None)))


async def told(pipeline: Pipeline, role: str, text: str, purpose: str | None = None, **variables: Any) -> Any:
    """The answer, or the errors of the refusal."""
    try:
        body = await pipeline(Question(text, None, variables), Principal("t", role), Options(purpose=purpose))
    except Refusal as refusal:
        return list(refusal.errors)
    return json.loads(body)


def ceilings(graph: Graph) -> Iterator[int]:
    """Those of the roles, and others nobody has yet."""
    policy = Policy.read()
    yield from (policy.ceiling(Principal("t", role)) or 0 for role in REJECTED)
    dice = random.Random(4)
    for _ in range(40):
        chosen = dice.sample(list(Category), dice.randint(0, 8))
        yield BITS[Category.PUBLIC] | sum(BITS[one] for one in set(chosen) - {Category.PUBLIC, Category.INHERITED})


def coordinates(schema: GraphQLSchema) -> Iterator[str]:
    for kind in schema.type_map.values():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield kind.name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}"
                yield from (f"{kind.name}.{name}({argument}:)" for argument in field.args)
        members = kind.fields if isinstance(kind, GraphQLInputObjectType) else getattr(kind, "values", ())
        yield from (f"{kind.name}.{name}" for name in members)


# -- the schema -------------------------------------------------------------------------------------------------------


async def test_a_view_is_a_sound_schema_of_what_its_ceiling_covers_and_nothing_else(graph: Graph) -> None:
    whole = set(coordinates(graph.schema))
    for ceiling in ceilings(graph):
        part = Views.over(graph).of(ceiling).schema
        assert validate_schema(part) == []
        named = set(coordinates(part))
        assert named <= whole
        unfit = {
            one
            for one in named
            if (c := graph.categories.get(one)) and not (ceiling | BITS[Category.INHERITED]) & BITS[c]
        }
        assert unfit == set()


async def test_a_view_keeps_all_that_its_ceiling_covers_and_something_leads_to(graph: Graph) -> None:
    everything = sum(BITS.values())
    assert set(coordinates(Views.over(graph).of(everything).schema)) == set(coordinates(graph.schema))


async def test_a_view_says_of_the_kept_what_the_whole_says(graph: Graph) -> None:
    part = Views.over(graph).of(sum(BITS.values())).schema
    for name, kind in graph.schema.type_map.items():
        assert part.type_map[name].description == kind.description
        if isinstance(kind, GraphQLInputObjectType):
            same = part.type_map[name]
            assert isinstance(same, GraphQLInputObjectType)
            assert same.is_one_of == kind.is_one_of


async def test_a_view_does_not_say_which_systems_there_are(company: Company) -> None:
    for role in REJECTED:
        answer = json.dumps(await company.ask(get_introspection_query(), role)).lower()
        for name, adapter in company.app.backends.items():
            if name not in CARRIERS:
                assert name not in answer
                assert adapter.title.lower() not in answer


async def test_views_are_shared_and_their_number_is_bounded(graph: Graph) -> None:
    views = Views.over(graph)
    assert views.of(3) is views.of(3)
    assert views.of(None) is views.whole
    for ceiling in range(3 * KEPT):
        views.of(BITS[Category.PUBLIC] | ceiling)
    assert len(views.made) == KEPT


async def test_a_partner_who_has_fewer_purposes_may_name_less(company: Company, tmp_path: Path) -> None:
    (tmp_path / "roles.toml").write_text(ROLES)
    (tmp_path / "partners.toml").write_text(
        '[slow]\ntitle = "Slow."\nrole = "forwarder"\nkeys = {}\npurposes = ["fulfilment"]\n'
    )
    policy = Policy.read(tmp_path / "roles.toml", tmp_path / "partners.toml")
    wide = policy.ceiling(Principal("t", "forwarder")) or 0
    narrow = policy.ceiling(Principal("t", "forwarder", "slow")) or 0
    assert (wide ^ narrow) & BITS[Category.FINANCIAL]
    bound = policy.ceiling(Principal("t", "forwarder", purpose="fulfilment"))
    assert bound == narrow


# -- what is hidden is not there --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hidden", "made_up"),
    [
        ('{ order(number: "1") { %s { amount } } }', "total", "zzzzz"),
        ('{ order(number: "1") { id ... on Order { %s { id } } } }', "customer", "zzzzzzzz"),
        ('{ node(id: "1") { ... on %s { id } } }', "Ticket", "Zzzzzz"),
        ("query ($x: %s!) { viewer { name } node(id: $x) { id } }", "CustomerBy", "Zzzzzzzzzz"),
        ('{ search(text: "a", kinds: [%s]) { __typename } }', "CUSTOMER", "ZZZZZZZZ"),
        ('query ($k: [SearchKind!] = [%s]) { search(text: "a", kinds: $k) { __typename } }', "CUSTOMER", "ZZZZZZZZ"),
        ('{ __type(name: "%s") { name } }', "Customer", "Zzzzzzzz"),
        ('{ %s(sku: "1") { id } }', "product", "zzzzzzz"),
        ('fragment F on %s { id } { node(id: "1") { ...F } }', "Customer", "Zzzzzzzz"),
    ],
)
async def test_a_hidden_name_is_answered_to_the_byte_like_one_that_does_not_exist(
    company: Company, text: str, hidden: str, made_up: str
) -> None:
    pipeline = company.app.pipeline
    one = json.dumps(await told(pipeline, "partner_carrier", text % hidden))
    other = json.dumps(await told(pipeline, "partner_carrier", text % made_up))
    assert one.replace(hidden, made_up) == other
    assert await company.asked() == []


@pytest.mark.parametrize("kinds", [["CUSTOMER"], ["ORDER", "TICKET"]])
async def test_a_hidden_choice_in_a_variable_is_one_that_does_not_exist(company: Company, kinds: list[str]) -> None:
    text = 'query ($k: [SearchKind!]) { search(text: "a", kinds: $k) { __typename } }'
    one = json.dumps(await told(company.app.pipeline, "partner_carrier", text, k=kinds))
    other = json.dumps(await told(company.app.pipeline, "partner_carrier", text, k=[*kinds[:-1], "ZZZ"]))
    assert one.replace(kinds[-1], "ZZZ") == other


async def test_no_suggestion_names_what_is_hidden(company: Company) -> None:
    for near in ("custome", "custmer", "customerMatche", "tickt"):
        (error,) = await told(company.app.pipeline, "partner_carrier", f"{{ {near} {{ id }} }}")
        assert error["message"] == f"Cannot query field '{near}' on type 'Query'."


async def test_the_same_name_is_there_for_clients_that_are_shown_nulls(company: Company) -> None:
    answer = await company.ask('{ order(number: "1") { total { amount } } customers { nodes { id } } }', "warehouse")
    assert "errors" not in answer


# -- what may be named and is not granted -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{ orders(first: 1) { nodes { number total { amount } } } }", "Order.total"),
        (
            "query ($no: Boolean = true) { orders(first: 1) { nodes { number total @skip(if: $no) { amount } } } }",
            "Order.total",
        ),
        ('{ node(id: "x") { id ... on Ticket { number } } }', "Ticket.number"),
        ('{ customer(by: { email: "a@b.example" }) { id } }', "CustomerBy.email"),
        ("{ tickets(first: 1) { nodes { id } } }", "Query.tickets"),
        ("fragment T on Query { tickets(first: 1) { totalCount } } { ...T }", "Query.tickets"),
        ("{ customers(first: 1) { nodes { id email } } }", "Customer.email"),
    ],
)
async def test_what_may_be_named_and_is_not_granted_refuses_the_whole_before_any_call(
    company: Company, forwarded: Pipeline, text: str, named: str
) -> None:
    errors = await told(forwarded, "forwarder", text)
    assert [one["extensions"]["code"] for one in errors] == ["NOT_ALLOWED"] * len(errors)
    assert named in [one["extensions"]["coordinate"] for one in errors]
    (error,) = [one for one in errors if one["extensions"]["coordinate"] == named]
    assert "fulfilment" in error["message"]
    assert error["extensions"]["why"]["ref"]
    assert await company.asked() == []


async def test_a_value_of_a_variable_can_be_what_is_not_granted(company: Company, forwarded: Pipeline) -> None:
    text = "query ($by: CustomerBy!) { customer(by: $by) { id } }"
    errors = await told(forwarded, "forwarder", text, by={"email": "a@b.example"})
    assert errors[0]["extensions"]["coordinate"] == "CustomerBy.email"
    assert await company.asked() == []


async def test_for_the_other_purpose_the_same_operation_is_answered(company: Company, forwarded: Pipeline) -> None:
    text = "{ orders(first: 1) { nodes { number total { amount } } } }"
    answer = await told(forwarded, "forwarder", text, "billing")
    assert answer["data"]["orders"]["nodes"][0]["total"]["amount"]


async def test_only_what_the_chosen_operation_selects_is_looked_at(company: Company, forwarded: Pipeline) -> None:
    text = "query A { viewer { name } } query B { tickets { totalCount } }"
    principal = Principal("t", "forwarder")
    assert b'"viewer"' in await forwarded(Question(text, "A", {}), principal, Options())
    with pytest.raises(Refusal):
        await forwarded(Question(text, "B", {}), principal, Options())


async def test_a_client_that_is_refused_hears_of_no_absence_it_could_not_name(company: Company) -> None:
    for role in REJECTED:
        schema = company.app.pipeline.callers.view(Principal("t", role)).schema
        text = '{ node(id: "nothing") { id __typename } search(text: "1") { __typename } }'
        answer = await company.ask(text, role)
        named = {entry["coordinate"] for entry in answer.get("extensions", {}).get("absent", ())}
        assert named <= set(coordinates(schema))


async def test_a_graph_with_unions_and_lists_of_lists_is_cut_as_soundly(tmp_path: Path) -> None:
    app = opened_over(Index(), tmp_path)
    for ceiling in ceilings(app.graph):
        assert validate_schema(app.pipeline.callers.views.of(ceiling | BITS[Category.CATALOGUE]).schema) == []
    await app.stop()


async def test_a_graph_of_which_a_refused_client_could_name_nothing_stops_the_start(tmp_path: Path) -> None:
    app = opened_over(Index(), tmp_path)
    (tmp_path / "roles.toml").write_text(ROLES)
    told = list(problems(app.graph, Policy.read(tmp_path / "roles.toml", None)))
    assert told == ["clients of the role forwarder could name nothing: the graph has no public field to start at"]
