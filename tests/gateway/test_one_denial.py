"""What may not be seen is denied once and for all: in the same words whichever way leads there, and before anything is
asked of a system when it is used to look up, filter or sort."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.errors import CallerError
from gateway.policy.grants import SEEN, Grants, bits
from gateway.question import Options, Question
from schema import Category
from tests.company import Company
from tests.gateway.engine.test_on_bad_days import bench
from tests.gateway.questions.company import rows_of
from tests.gateway.questions.subjects import WRITTEN, Subject, subjects
from tests.gateway.questions.values import OMITTED, Rows, Values, literal

pytestmark = pytest.mark.anyio

WAYS = {
    "a look-up": '{ customer(by: {id: "ID"}) { id email } }',
    "an alias": '{ a: customer(by: {id: "ID"}) { id b: email } }',
    "several": '{ customersById(ids: ["ID"]) { id email } }',
    "an inline fragment": '{ customer(by: {id: "ID"}) { id ... on Customer { email } } }',
    "a fragment": '{ customer(by: {id: "ID"}) { ...F } } fragment F on Customer { id ...G } fragment G on Customer { email }',
    "an interface": '{ customer(by: {id: "ID"}) { ... on Node { id ... on Customer { email } } } }',
    "node": '{ node(id: "ID") { id ... on Customer { email } } }',
    "a condition": 'query($v: Boolean = true) { customer(by: {id: "ID"}) { id email @include(if: $v) } }',
    "an order and back": '{ order(number: "ORDER") { customer { id email } } }',
    "an order and back by node": '{ order(number: "ORDER") { customer { orders(first: 1) { nodes { customer { id email } } } } } }',
    "a list": '{ customers(filter: {name: "NAME"}, first: 5) { nodes { id email } } }',
    "the edges of a list": '{ customers(filter: {name: "NAME"}, first: 5) { edges { node { id email } } } }',
    "a search": '{ search(text: "NAME") { customers { customer { id email } } } }',
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_field_is_denied_in_the_same_words_whichever_way_leads_there(company: Company, way: str) -> None:
    """Finance knows who buys, not how to reach them."""
    person, order = company.world.customer(0), company.world.orders_of(0)[0]
    text = WAYS[way].replace("ID", company.id_of(0)).replace("ORDER", order.number).replace("NAME", person.last_name)
    await company.forget()

    told = await company.ask(text, "finance")

    denials = [gap for gap in told["extensions"]["absent"] if gap["coordinate"] == "Customer.email"]
    said = {
        json.dumps({name: gap.get(name) for name in gap if name not in ("path", "at", "rows")}, sort_keys=True)
        for gap in denials
    }
    assert said == {'{"category": "contact", "coordinate": "Customer.email", "reason": "WITHHELD"}'}
    assert company.id_of(0) in json.dumps(told["data"])
    assert person.email not in json.dumps(told)
    asked = await company.asked()
    assert not [entry for entry in asked if {"Email Address", "Primary Email", "email"} & set(entry["columns"])]


@pytest.mark.parametrize(
    "document",
    [
        '{ author(by: {id: "a1"}) { id email } }',
        '{ thing(id: "a1") { ... on Author { id email } } }',
        '{ find(text: "1") { ... on Author { id email } } }',
        '{ books(ids: ["b1"]) { authors { id email } } }',
    ],
)
async def test_a_member_of_a_union_or_an_interface_is_denied_like_any_other(document: str) -> None:
    told = await bench().agreed(document, Grants(bits(set(Category) - {Category.CONTACT})))

    denials = [gap for gap in told.absent if gap["coordinate"] == "Author.email"]
    assert {(gap["reason"], gap["category"]) for gap in denials} == {("WITHHELD", "contact")}
    assert "@" not in json.dumps(told.data)


SEE_ALL = {"support_agent for service", "account_manager for service"}
"""Every category there is an argument of, at least on some rows; what some rows decide is in `policy/`."""

# -- look-ups, filters and sort orders --------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", subjects(invented=0), ids=str)
async def test_nothing_is_looked_for_by_what_may_not_be_seen(company: Company, subject: Subject) -> None:
    graph = company.app.graph
    grants = WRITTEN.roles[subject.role].by_purpose[subject.purpose]
    principal = Principal("tester", subject.role, "a-test", subject.purpose, company.id_of(0))
    rejected = WRITTEN.roles[subject.role].clients == "reject"
    desks = [mock.desk for mock in company.mocks.values()]  # type: ignore[attr-defined]
    denied = 0
    for coordinate, document, variables in list(forbidden(graph, grants, rows_of(company))):
        for desk in desks:
            desk.requests.clear()
        question = Question(document, None, variables)
        told = await answered(company, question, principal)
        assert told or rejected, document
        assert [entry for desk in desks for entry in desk.requests] == [], document
        assert rejected or told["data"]["it"] is None, document
        denied += rejected or coordinate in {gap["coordinate"] for gap in told["extensions"]["absent"]}
    print(f"\n{subject}: {denied} denials")
    assert denied or str(subject) in SEE_ALL


async def answered(company: Company, question: Question, principal: Principal) -> Any:
    """The answer; None when the whole is refused."""
    try:
        return json.loads(await company.app.pipeline(question, principal, Options()))
    except CallerError:
        return None


def forbidden(graph: Graph, grants: Grants, rows: Rows) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every use of an argument, input field or choice whose category these callers see nowhere, or only in part: as a
    literal, by variable and by the default of one."""
    values = Values(rows, Random(1))
    for name, definition in graph.query.fields.items():
        at = f"Query.{name}"
        needed = {
            key: (one.type, values.of(f"{at}({key}:)", one.type))
            for key, one in definition.args.items()
            if is_required_argument(one)
        }
        below = "" if is_leaf_type(get_named_type(definition.type)) else " { __typename }"
        for key, one in definition.args.items():
            for coordinate, value in uses(values, f"{at}({key}:)", one.type):
                category = graph.categories.get(coordinate, Category.INHERITED)
                if category is Category.INHERITED or SEEN in grants.decide(category).table:
                    continue
                given = {other: literal(*spelled) for other, spelled in needed.items()}
                written = literal(one.type, value)
                for head, spelled, sent in (
                    ("query", written, {}),
                    (f"query($v: {one.type})", "$v", {"v": value}),
                    (f"query($v: {one.type} = {written})", "$v", {}),
                ):
                    arguments = ", ".join(f"{other}: {text}" for other, text in (given | {key: spelled}).items())
                    yield coordinate, f"{head} {{ it: {name}({arguments}){below} }}", sent


def uses(values: Values, at: str, kind: Any) -> Iterator[tuple[str, Any]]:
    """Coordinates that come with an argument or input field, each with a value that says no more than it has to."""
    value = values.of(at, kind, needed=False)
    if value is not OMITTED and not isinstance(get_named_type(kind), GraphQLInputObjectType):
        yield at, value
    yield from inside(values, kind)


def inside(values: Values, kind: Any) -> Iterator[tuple[str, Any]]:
    kind = get_nullable_type(kind)
    if is_list_type(kind):
        yield from ((coordinate, [value]) for coordinate, value in inside(values, kind.of_type))
    elif isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{name}", name) for name in kind.values)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            for coordinate, value in uses(values, f"{kind.name}.{name}", field.type):
                others = {
                    other: values.of(f"{kind.name}.{other}", one.type)
                    for other, one in kind.fields.items()
                    if other != name and not kind.is_one_of and str(one.type).endswith("!")
                }
                yield coordinate, others | {name: value}
