"""How old an answer may be follows from why it is needed: worked out in the plan, for each fetch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import schema
from gateway.app import FACTS, ages_of
from gateway.catalogue import SettingsError
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.operation import admit
from gateway.engine.plan import Gate, Plan, Selection
from gateway.engine.planner import plan
from gateway.engine.register import source_rows
from gateway.policy import Policy
from gateway.settings import Settings
from resolvers.freshness import LIVE, Freshness
from resolvers.whole import bindings
from schema import Category
from tests.company import configured

ROLES = Policy.read().roles
GRAPH = Graph.build(schema.build(), bindings(), ages_of(Settings.load(environ={})))
STOCK, CATALOGUE, BRIEF = Freshness(30, 0, 300), Freshness(300, 600, 86_400), Freshness(5, 0, 0)


def planned(question: str, role: str = "support_agent") -> Plan:
    operation = admit(GRAPH.schema, question, Limits()).operation(None)
    return plan(GRAPH, operation, ROLES[role].grants, {})


def fetches(plan: Plan) -> Iterator[tuple[str, Freshness]]:
    """(what for, how old) of every fetch of a plan."""
    for step in plan.steps:
        yield from fetched(step)


def fetched(rows: Selection | Gate) -> Iterator[tuple[str, Freshness]]:
    if isinstance(rows, Gate):
        yield f"own {rows.coordinate}", rows.freshness
        for case in rows.cases.values():
            if case:
                yield from fetched(case.selection)
        return
    for facet in rows.facets:
        yield " ".join(sorted(at for _, at in facet.fields)), facet.freshness
    for branch in rows.branches:
        if branch.edge:
            yield branch.coordinate, branch.edge.freshness
        for below in branch.below.values():
            if below:
                yield from fetched(below)


def ages(question: str, role: str = "support_agent") -> dict[str, Freshness]:
    return dict(fetches(planned(question, role)))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            '{ productsBySku(skus: ["a"]) { name unit } }',
            {"Query.productsBySku": CATALOGUE, "Product.name Product.unit": CATALOGUE},
        ),
        ('{ product(sku: "a") { stock { quantity } } }', {"Product.stock": STOCK}),
        (
            '{ product(sku: "a") { name content { title } } }',
            {"Product.content": CATALOGUE, "Query.product": CATALOGUE},
        ),
        ('{ order(number: "1") { total { amount } } }', {"Query.order": LIVE, "Order.total": BRIEF}),
        ('{ order(number: "1") { total { amount } status } }', {"Order.status Order.total": LIVE}),
        ('{ customersById(ids: ["a"]) { email } }', {"Customer.email": BRIEF}),
        ('{ customersById(ids: ["a"]) { name email } }', {"Customer.email Customer.name": LIVE}),
        ('{ ticket(number: "1") { subject } }', {"Query.ticket": LIVE, "Ticket.subject": LIVE}),
        ('{ node(id: "x") { id } }', {"Query.node": LIVE}),
    ],
)
def test_the_strictest_category_of_what_is_fetched_together_decides(
    question: str, expected: dict[str, Freshness]
) -> None:
    found = ages(question)
    assert {at: found[at] for at in expected} == expected


def test_whose_a_row_is_may_be_five_seconds_old_and_no_more() -> None:
    found = ages('{ order(number: "1") { total { amount } } }', "customer")
    assert found["own Order"] == BRIEF
    assert found["Query.order"] == LIVE


def test_a_row_rule_s_fact_is_never_older_than_that_whatever_it_travels_with(tmp_path: Path) -> None:
    settings = configured(tmp_path, cache__logistics="60/60/60", cache__ownership="60/60/60")
    graph = Graph.build(schema.build(), bindings(), ages_of(settings))
    operation = admit(graph.schema, '{ order(number: "1") { status } }', Limits()).operation(None)
    found = dict(fetches(plan(graph, operation, ROLES["customer"].grants, {})))
    assert max(found["Query.order"]) == max(found["own Order"]) == FACTS
    mine = dict(fetches(plan(graph, operation, ROLES["support_agent"].grants, {})))
    assert mine["Query.order"] == Freshness(60, 60, 60)


def test_what_is_withheld_does_not_make_the_rest_stricter() -> None:
    asked = '{ order(number: "1") { status total { amount } } }'
    assert ages(asked, "warehouse")["Order.status"] == LIVE
    assert "Order.total" not in " ".join(ages(asked, "warehouse"))


def test_every_category_of_values_has_its_setting_and_those_that_must_not_age_do_not() -> None:
    known = GRAPH.ages.by_category
    ours = {Category.PUBLIC, Category.INHERITED, Category.OPERATIONS, Category.ACCESS, Category.ACCESSOR}
    worked_out_anew = {Category.OUTLOOK, Category.GUIDANCE}
    assert set(Category) - known.keys() == ours | worked_out_anew
    strict = {Category.CONTACT, Category.FINANCIAL, Category.BILLING, Category.MEANS, Category.ASSETS}
    assert all(max(known[one]) <= 5 for one in strict)
    ageing = {Category.INVENTORY, Category.CATALOGUE, Category.CONTENT, Category.SUPPLY, Category.TRACKING}
    ageing |= {Category.MARKETING, Category.COMMUNITY}
    assert all(known[one] == LIVE for one in known.keys() - strict - ageing)
    assert known[Category.INVENTORY] == STOCK
    assert known[Category.CATALOGUE] == known[Category.CONTENT] == CATALOGUE


@pytest.mark.parametrize("wrong", ["", "5", "5/0", "1/2/3/4", "a/b/c", "-1/0/0", "nan/0/0", "inf/0/0"])
def test_an_age_that_is_none_stops_the_start_and_names_the_setting(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"cache\.contact"):
        ages_of(configured(tmp_path, cache__contact=wrong))


def test_the_table_of_sources_says_how_old_a_field_may_be() -> None:
    told = {row.field: row.freshness for row in source_rows(GRAPH)}
    assert told["Product.stock.quantity"] == "30 s, 300 s when failing"
    assert told["Customer.email"] == "5 s"
    assert told["Order.status"] == "live"
