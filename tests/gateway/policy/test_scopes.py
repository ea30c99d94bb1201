"""Scopes are a ceiling: they take away from what a role shows, and add nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType

from gateway.auth import SCOPE, Principal
from gateway.auth.tokens import dev_tokens
from gateway.engine.consistent import problems
from gateway.policy import BadPolicy, Policy
from gateway.policy import scopes as reading
from gateway.policy.grants import Grants, bits
from gateway.policy.scopes import Reach, Scope
from resolvers.backends.base import Outcome
from resolvers.binding import Ask, Binding, Bindings
from schema import Category
from tests.company import Company
from tests.gateway.engine.test_mutations import ALL, Library

POLICY = Policy.read()
READ = frozenset({"orders.basic:read"})
ORDER = '{ order(number: "411180277") { status total { amount } customer { name } } }'


def someone(*scopes: str, role: str = "support_agent", client: str | None = None) -> Principal:
    return Principal("somebody", role, client, scopes=frozenset(scopes))


def test_every_category_but_the_public_one_is_in_reach_of_some_scope() -> None:
    reached = {category for scope in POLICY.scopes.values() for category in scope.categories}
    assert reached == set(Category) - {Category.PUBLIC, Category.INHERITED}


@pytest.mark.parametrize("role", POLICY.roles)
@pytest.mark.parametrize("scope", POLICY.scopes)
def test_a_scope_shows_nobody_more_than_their_role_does(role: str, scope: str) -> None:
    whole, narrowed = POLICY.grants(someone(SCOPE, role=role)), POLICY.grants(someone(scope, role=role))
    allowed = POLICY.scopes[scope].categories | {Category.PUBLIC}
    assert set(narrowed.categories) == set(whole.categories) & allowed
    for category in narrowed.categories:
        assert narrowed.decide(category) == whole.decide(category)


def test_without_a_scope_we_know_only_what_is_public_is_left() -> None:
    for scopes in ((), ("openid",), ("orders.basic:write",)):
        assert POLICY.grants(someone(*scopes)).categories == (Category.PUBLIC,)


def test_equal_reach_and_equal_rules_are_the_same_grants() -> None:
    one = POLICY.grants(someone("orders.basic:read", "orders.amounts:read"))
    other = POLICY.grants(someone("orders.amounts:read", "openid"))
    assert one is other
    assert one != POLICY.grants(someone("orders.basic:read"))


def test_a_partner_s_token_reaches_no_further_than_its_entry_in_the_register() -> None:
    partner = someone(SCOPE, role="partner_reseller", client="northwind")
    assert POLICY.scopes_of(partner) == {"products.basic:read", "content.published:read", "orders.basic:read"}
    greedy = someone("orders.basic:read", "orders.amounts:read", role="partner_reseller", client="northwind")
    assert POLICY.scopes_of(greedy) == READ


def test_reading_scopes_let_nobody_act_and_writing_ones_only_where_they_say() -> None:
    assert POLICY.grants(someone(SCOPE)).acts == bits(Category)
    assert POLICY.grants(someone("orders.basic:read")).acts == 0
    writer = POLICY.grants(someone("tickets.basic:write", "orders.basic:read"))
    assert writer.acts == bits({Category.PRESENCE, Category.SERVICE})


@pytest.mark.anyio
async def test_a_token_for_reading_writes_nothing() -> None:
    question = 'mutation { rename(id: "b1", title: "One") { title } }'
    reader = Grants(bits(Category), acts=0)

    told, written = await Library().ask(question, reader)
    assert (told.data, written) == ({"rename": None}, [])
    assert [gap["reason"] for gap in told.absent] == ["WITHHELD"]
    _, written = await Library().ask(question, ALL)
    assert len(written) == 1


@pytest.mark.anyio
async def test_what_no_scope_reaches_is_withheld_and_never_fetched(company: Company) -> None:
    await company.forget()
    told = await post(company, READ, ORDER)
    assert told["data"]["order"]["total"] is None
    assert told["data"]["order"]["status"]
    assert {gap["coordinate"] for gap in told["extensions"]["absent"]} == {"Order.total", "Customer.name"}
    assert await company.asked("siebel") == []


@pytest.mark.anyio
async def test_a_token_for_another_endpoint_is_forbidden(company: Company) -> None:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent", scopes=["openid"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        reply = await client.post("/graphql", json={"query": ORDER}, headers={"Authorization": f"Bearer {token}"})
        metrics = await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert (reply.status_code, metrics.status_code) == (403, 403)
    assert 'error="insufficient_scope"' in reply.headers["WWW-Authenticate"]


async def post(company: Company, scopes: frozenset[str], query: str) -> Any:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint("support_agent", scopes=scopes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        reply = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 200
    return reply.json()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[orders]\ntitle = "x"\ncategories = ["logistics"]', "no name of a scope"),
        ('["orders.basic:delete"]\ntitle = "x"\ncategories = ["logistics"]', "no name of a scope"),
        ('["orders.basic:read"]\ntitle = "x"\ncategories = []', "reaches nothing"),
        ('["orders.basic:read"]\ntitle = "x"\ncategories = ["gossip"]', "unknown category 'gossip'"),
        ('["orders.basic:read"]\ncategories = ["logistics"]', "lacks 'title'"),
        ('["orders.basic:read"]\ntitle = "x"\ncategories = ["logistics"]\nrows = "all"', "unknown key 'rows'"),
    ],
)
def test_a_wrong_line_stops_the_start_by_name(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "scopes.toml").write_text(text)
    with pytest.raises(BadPolicy, match=told):
        reading.read(tmp_path / "scopes.toml")


async def nothing(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome(None) for _ in parents]


@dataclass(frozen=True)
class Computing:
    """As much of a graph as the check looks at: a value that is computed from one of another category."""

    bindings: Bindings
    categories: Mapping[str, Category]
    query: GraphQLObjectType
    leading: Mapping[str, Sequence[tuple[str, str]]]


def test_a_scope_that_reaches_a_computed_value_and_not_its_inputs_stops_the_start() -> None:
    binding = Binding("Order", ("late",), nothing, derived=True, inputs=("Order.due",))
    categories = {
        "Query.order": Category.PUBLIC,
        "Order.late": Category.LOGISTICS,
        "Order.due": Category.DELIVERY,
    }
    leading = {"Order": [("Query", "order")]}
    graph: Any = Computing(Bindings([binding]), categories, GraphQLObjectType("Query", {}), leading)
    narrow = Scope("orders.late:read", "", frozenset({Category.LOGISTICS}))
    wide = Scope("orders.all:read", "", frozenset({Category.LOGISTICS, Category.DELIVERY}))
    told = list(problems(graph, Policy({}, {}, {one.name: one for one in (narrow, wide)})))
    assert told == ["the scope orders.late:read reaches Order.late and not Order.due, which it is derived from"]


def test_a_ceiling_is_no_grant() -> None:
    nothing = Grants()
    assert Reach(bits(Category), bits(Category)).over(nothing) == nothing
