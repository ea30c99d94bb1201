"""`extensions.policy`: each coordinate of an operation with its decision, for who runs the gateway."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

import schema
from gateway.auth import Principal
from gateway.engine.decisions import decisions
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.operation import Operation, admit, conditions, variables
from gateway.engine.planner import plan
from gateway.policy import Grants, Policy, Rule
from gateway.question import Options, Question
from resolvers.whole import bindings
from schema import Category
from tests.company import Company
from tests.gateway.yardstick import planned, referred

pytestmark = pytest.mark.anyio

GRAPH = Graph.build(schema.build(), bindings())
POLICY = Policy.read()
CLASSES = [
    (role.name, purpose, grants) for role in POLICY.roles.values() for purpose, grants in role.by_purpose.items()
]
ANYTHING = """
query Q($by: CustomerBy!, $channel: [String!], $more: Boolean!) {
  customer(by: $by) { ...who orders(first: 3) { nodes { ...sale } pageInfo { hasNextPage } totalCount } }
  orders(filter: {channel: $channel, placed: {from: "2026-01-01T00:00:00Z"}}) { edges { node { ...sale } } }
  customers(orderBy: NAME_ASC, filter: {tier: "Gold"}) { nodes { id } }
  node(id: "x") { id ... on Ticket { subject internalWorklog { text } customer { ...who } } ... on Order { ...sale } }
  search(text: "x", kinds: [TICKET]) { tickets { ticket { number } matched } }
  products { nodes { name stock { quantity } } } sources { name } viewer { role }
}
fragment who on Customer { name email tier lifetimeValue { amount currency } phone @include(if: $more) }
fragment sale on Order { number total { amount } holds { name } lines { amount { amount } }
  parties { soldTo { name } shipTo { address { city } } } customer { name } }
"""
GIVEN: dict[str, Any] = {"by": {"email": "x@example.com"}, "channel": ["WEB"], "more": False}


def admitted(text: str) -> Operation:
    return admit(GRAPH.schema, text, Limits()).operation(None)


def told(grants: Grants, text: str = ANYTHING, purpose: str = "service", **given: Any) -> dict[tuple[str, str], Any]:
    operation = admitted(text)
    values = variables(GRAPH.schema, operation, given)
    found = decisions(GRAPH, operation, grants, values, purpose)
    assert found == sorted(found, key=lambda one: (one["coordinate"], one["category"]))
    by_coordinate = {(one["coordinate"], one["category"]): one for one in found}
    assert len(by_coordinate) == len(found)
    return by_coordinate


def of(*rules: Rule) -> Grants:
    return Grants.compiled((Rule("root", allow=frozenset({Category.PUBLIC})), *rules))


ALL = of(Rule("all", allow=frozenset(Category) - {Category.INHERITED}))


# -- what is listed ---------------------------------------------------------------------------------------------------


def test_every_coordinate_named_is_listed_and_none_that_is_not() -> None:
    found = {coordinate for coordinate, _ in told(ALL, **GIVEN)}

    assert found >= {
        "Customer.email",
        "Customer",
        "Order",
        "OrderConnection.nodes",
        "PageInfo.hasNextPage",
        "Address.city",
    }
    assert found >= {"Query.customer(by:)", "CustomerBy.email", "OrderFilter.channel", "OrderFilter.placed"}
    assert found >= {"CustomerSort.NAME_ASC", "CustomerFilter.tier", "SearchKind.TICKET", "Ticket.internalWorklog"}
    assert not found & {"Customer.phone", "Customer.address", "CustomerBy.id", "CustomerSort.NAME_DESC", "Period.from"}
    assert not any("__" in coordinate for coordinate in found)


def test_what_an_include_lets_in_is_listed() -> None:
    assert ("Customer.phone", "contact") in told(ALL, **GIVEN | {"more": True})


def test_a_leaf_that_inherits_is_listed_once_for_each_category_it_is_reached_by() -> None:
    found = told(ALL, **GIVEN)

    assert {category for coordinate, category in found if coordinate == "Money.amount"} == {"commercial", "financial"}
    assert {category for coordinate, category in found if coordinate == "Party.name"} == {"identity"}


# -- what is decided --------------------------------------------------------------------------------------------------


def test_seen_masked_withheld_and_conditional() -> None:
    grants = of(
        Rule("anybody", allow=frozenset({Category.PRESENCE, Category.COMMERCIAL})),
        Rule("mine", when=frozenset({"own-region"}), allow=frozenset({Category.IDENTITY})),
        Rule("parts", mask={Category.CONTACT: "domain", Category.IDENTITY: "initial"}),
    )
    found = told(grants, '{ customer(by: {id: "x"}) { name email tier orders { totalCount } } }')

    assert found["Customer.tier", "commercial"] == {
        "coordinate": "Customer.tier",
        "decision": "SEEN",
        "category": "commercial",
        "rule": "anybody",
    }
    assert found["Customer.email", "contact"] == {
        "coordinate": "Customer.email",
        "decision": "MASKED",
        "category": "contact",
        "mask": "domain",
        "rule": "parts",
    }
    assert found["Customer.orders", "logistics"] == {
        "coordinate": "Customer.orders",
        "decision": "WITHHELD",
        "category": "logistics",
        "rule": "no line allows it",
        "needs": {"category": "logistics", "purpose": "service"},
    }
    assert found["Customer.name", "identity"] == {
        "coordinate": "Customer.name",
        "decision": "CONDITIONAL",
        "category": "identity",
        "mask": "initial",
        "rule": "mine",
        "needs": {"category": "identity", "purpose": "service", "relation": ["own-region"]},
    }


def test_rows_that_are_not_there_make_what_is_on_them_conditional_and_consent_is_told_apart() -> None:
    grants = of(
        Rule("agreed", when=frozenset({"consenting", "own"}), allow=frozenset({Category.PRESENCE})),
        Rule("anybody", allow=frozenset({Category.IDENTITY})),
    )
    found = told(grants, '{ customer(by: {id: "x"}) { id name } }', purpose="marketing")

    needs = {"category": "identity", "purpose": "marketing", "relation": ["own"], "consent": True}
    assert found["Customer.name", "identity"]["needs"] == needs
    assert found["Customer.id", "public"]["decision"] == found["Customer", "presence"]["decision"] == "CONDITIONAL"


def test_where_there_is_no_row_for_the_caller_its_own_category_is_to_blame() -> None:
    found = told(
        of(Rule("names", allow=frozenset({Category.IDENTITY}))), '{ node(id: "x") { ... on Customer { id name } } }'
    )

    assert found["Customer.name", "identity"]["decision"] == "WITHHELD"
    assert found["Customer.name", "identity"]["needs"]["category"] == "presence"
    assert found["Customer.name", "identity"]["rule"] == "no line allows it"


def test_a_mask_counts_where_it_fits_and_elsewhere_nothing_is_shown() -> None:
    rows = frozenset({Category.LOGISTICS, Category.PRESENCE})
    grants = of(
        Rule("rows", allow=rows), Rule("parts", mask={Category.FINANCIAL: "amount_band", Category.IDENTITY: "year"})
    )
    found = told(grants, '{ order(number: "1") { total { amount currency } currency customer { name } } }')

    assert found["Money.amount", "financial"]["decision"] == "MASKED"
    assert found["Money.currency", "financial"]["decision"] == "SEEN"
    assert found["Order.currency", "financial"]["decision"] == "WITHHELD"
    assert found["Customer.name", "identity"]["decision"] == "WITHHELD"


def test_nobody_asks_by_what_they_see_a_part_of() -> None:
    grants = of(
        Rule("rows", allow=frozenset({Category.PRESENCE})),
        Rule("parts", mask={Category.CONTACT: "domain"}),
    )

    assert (
        told(grants, '{ customer(by: {email: "x"}) { email } }')["CustomerBy.email", "contact"]["decision"]
        == "WITHHELD"
    )


@pytest.mark.parametrize(("role", "purpose", "grants"), CLASSES, ids=lambda one: one if isinstance(one, str) else "")
def test_it_never_says_less_of_what_is_absent_than_the_plan(role: str, purpose: str, grants: Grants) -> None:
    """What a plan withholds or masks is nowhere told as seen, unless another category is to blame."""
    found = told(grants, **GIVEN)
    operation = admitted(ANYTHING)
    values = variables(GRAPH.schema, operation, GIVEN)
    gaps = plan(GRAPH, operation, grants, conditions(operation, values)).gaps
    wrapped = {"Query.orders", "Query.customers", "Customer.orders", "SearchResults.tickets"}

    for gap in gaps:
        entry = found.get((gap.coordinate, gap.category))
        if entry is not None and gap.coordinate not in wrapped:
            allowed = {"MASKED": {"MASKED", "CONDITIONAL"}, "WITHHELD": {"WITHHELD", "CONDITIONAL"}}[gap.reason]
            assert entry["decision"] in allowed, (role, gap, entry)


# -- who is told ------------------------------------------------------------------------------------------------------

SHORT = "query($n: String!) { order(number: $n) { number total { amount } customer { name } } }"


async def test_who_runs_the_gateway_is_told_when_they_ask_and_nobody_else(company: Company) -> None:
    number = company.world.orders_of(0)[0].number

    asked = await company.ask(SHORT, "auditor", include="policy", n=number)
    not_asked = await company.ask(SHORT, "auditor", include="sources", n=number)
    not_granted = await company.ask(SHORT, "warehouse", include="policy", n=number)

    listed = {one["coordinate"]: one["decision"] for one in asked["extensions"]["policy"]}
    assert listed == {
        "Customer": "SEEN",
        "Customer.name": "WITHHELD",
        "Money.amount": "SEEN",
        "Order": "SEEN",
        "Order.customer": "SEEN",
        "Order.number": "SEEN",
        "Order.total": "SEEN",
        "Query.order": "SEEN",
        "Query.order(number:)": "SEEN",
    }
    assert asked["extensions"]["absent"][0]["why"]["rule"] == "no line allows it"
    assert "policy" not in not_asked["extensions"]
    assert "policy" not in not_granted["extensions"]


async def test_both_engines_tell_the_same(company: Company, declared: strawberry.Schema) -> None:
    question = Question(ANYTHING, None, GIVEN)
    for role in ("support_agent", "auditor", "integrator", "finance"):
        options = Options(include=frozenset({"policy"}), request_id="x")
        one = await planned(company.app.pipeline, question, Principal("x", role), options)
        other = await referred(company.app.pipeline, declared, question, Principal("x", role), options)

        assert (b'"policy":' in one.body) == (role != "finance")
        assert one.body == other.body


async def test_the_list_is_made_once_for_all_who_ask_alike_and_again_for_other_values(company: Company) -> None:
    by = "query($by: CustomerBy!) { customer(by: $by) { id } }"
    first = await company.ask(by, "auditor", include="policy", by={"id": "x"})
    again = await company.ask(by, "auditor", include="policy", by={"id": "y"})
    other = await company.ask(by, "auditor", include="policy", by={"email": "x@example.com"})

    assert first["extensions"]["policy"] == again["extensions"]["policy"]
    assert "CustomerBy.email" in [one["coordinate"] for one in other["extensions"]["policy"]]
