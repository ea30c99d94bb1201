"""Questions that the plan engine and graphql-core once answered differently, each by the reason why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from msgspec import structs

from gateway.auth import Principal
from gateway.engine.once import Once
from gateway.pipeline import Pipeline
from gateway.policy import Policy, Role
from gateway.policy.grants import Grants
from gateway.policy.rules import Rule
from gateway.prepare import Preparation
from gateway.question import Options, Question
from gateway.traffic import Traffic
from mocks.world.parcels import Parcels
from resolvers.backends.base import Call, Deadline, Key, Outcome, Refused, Throttled
from resolvers.binding import Bindings
from resolvers.ids import parsed
from schema import Category
from tests.company import Company
from tests.gateway.engine.test_another_graph import SELF
from tests.gateway.engine.test_on_bad_days import ALL, bench
from tests.gateway.questions.harvest import under
from tests.gateway.questions.weather import Weather, weathered
from tests.gateway.yardstick import planned, referred

pytestmark = pytest.mark.anyio

WAITS = {"a0": None, "a1": 1.5, "a2": 30.0, "a3": 2.0}


async def later(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(error=Throttled("shelves", "busy", WAITS[one.id])) for one in parents]


@pytest.mark.parametrize("ids", [["a0", "a1", "a2", "a3"], ["a3", "a2", "a1", "a0"]])
async def test_the_longest_of_several_waits_is_told_whichever_row_comes_first(ids: list[str]) -> None:
    spelled = ", ".join(f'"{one}"' for one in ids)

    told = await bench(Author_books=later).agreed(f"{{ authors(ids: [{spelled}]) {{ books {{ id }} }} }}", ALL)

    assert [error["extensions"]["retryAfterMs"] for error in told.errors] == [30_000]
    assert [(gap["retryAfterMs"], gap["rows"]) for gap in told.absent] == [(30_000, "ALL")]


async def test_a_null_where_none_may_be_costs_the_field_whose_argument_it_is() -> None:
    document = 'query($n: Int = 3) { authors(ids: ["a1", "a2"]) { name books(first: $n) { id } } }'

    told = await bench().agreed(document, ALL, {"n": None})

    assert told.data == {"authors": [{"name": "Author 1", "books": None}, {"name": "Author 2", "books": None}]}
    assert [(error["path"], error["extensions"]["code"]) for error in told.errors] == [
        (["authors", 0, "books"], "BAD_VARIABLE")
    ]


async def test_such_a_null_is_no_error_on_a_row_that_is_not_shown() -> None:
    document = 'query($n: Int = 3) { authors(ids: ["a1", "a2"]) { books(first: $n) { id } } }'

    told = await bench().agreed(document, SELF, {"n": None}, {"own": "a1"})

    assert told.data == {"authors": [{"books": None}, None]}
    assert [error["extensions"]["affected"] for error in told.errors] == [1]


def of_ups(company: Company) -> str:
    """A parcel that its carrier still knows."""
    world, parcels = company.world, Parcels(company.world)
    every = (one for i in world.customers() for order in world.orders_of(i) for one in parcels.of_order(order))
    return next(
        one.number for one in every if one.carrier == "UPS" and one.scans and (world.now - one.scans[-1].at).days < 30
    )


@pytest.mark.parametrize("down", [["oracle_om"], ["oracle_om", "ups"], ["ups"]], ids=" and ".join)
@pytest.mark.parametrize("wanted", ["order { number }", "status", "trackingNumber", "order { number } status"])
async def test_whether_a_parcel_is_there_does_not_depend_on_what_is_asked_of_it(
    company: Company, declared: strawberry.Schema, down: list[str], wanted: str
) -> None:
    """Who was asked for its order only asked its carrier nothing, and told that the order system was down."""
    for system in down:
        await company.break_(system, "status", value=503)
    question = Question(f'{{ shipment(trackingNumber: "{of_ups(company)}") {{ {wanted} }} }}')
    asker, options = Principal("x", "warehouse"), Options(request_id="case")

    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert (b'"shipment":null' in told.body) is (len(down) == 2)


class NoRecords(Traffic):
    """Tells which invoices an order has, and no more of any of them."""

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:  # type: ignore[override]
        found = await super().perform(call, deadline, *how)
        lost = Outcome[Any](error=Refused(call.backend, "not today"))
        return dict.fromkeys(found, lost) if call.operation == "invoices" else found


async def test_what_an_edge_needs_of_rows_under_a_rule_is_asked_for_once_the_rule_has_said_yes(
    company: Company,
    declared: strawberry.Schema,
) -> None:
    """The yardstick used what the row had brought along, for which nobody asks before it is known whose the row is."""
    pipeline = replace(company.app.pipeline, traffic=NoRecords(company.app.pipeline.traffic.lines))
    me = company.id_of(0)
    question = Question("query($me: ID!) { customer(by: {id: $me}) { orders { nodes { invoices { daysOverdue } } } } }")
    question = structs.replace(question, variables={"me": me})
    asker, options = Principal("x", "customer", customer=me), Options(request_id="case")

    told = await planned(pipeline, question, asker, options)
    other = await referred(pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert [one["extensions"]["coordinate"] for one in json.loads(told.body)["errors"]] == ["Invoice.daysOverdue"]


async def test_weeks_that_cannot_be_are_refused_whatever_is_asked_of_them(
    company: Company, declared: strawberry.Schema
) -> None:
    """Who asked for nothing that comes by weeks was not told that there are none."""
    sku = {"sku": company.world.product(0).sku}
    question = Question(
        "query($sku: String!) { product(sku: $sku) { demandOutlook(weeks: 0) { __typename } } }", None, sku
    )
    asker, options = Principal("x", "support_agent"), Options(request_id="case")

    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert [one["extensions"]["code"] for one in json.loads(told.body)["errors"]] == ["BAD_VARIABLE"]


@pytest.mark.parametrize("asked", ["__typename", "stage @skip(if: true)"])
async def test_there_are_as_many_stages_whatever_is_asked_of_them(
    company: Company, declared: strawberry.Schema, asked: str
) -> None:
    """Who asked for nothing that the orders at a stage come to was told of no stage."""
    question = Question(f"{{ orderToCash {{ stages {{ {asked} }} }} }}")
    asker, options = Principal("x", "support_agent"), Options(request_id="case")

    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert len(json.loads(told.body)["data"]["orderToCash"]["stages"]) > 1


async def test_who_bought_is_told_whole_however_little_of_them_led_to_the_order(
    company: Company, declared: strawberry.Schema
) -> None:
    """A customer found by e-mail carries what was asked of them; led to again by their order, they carried no more."""
    known = next(one for one in map(company.world.customer, range(50)) if one.email and one.phone and one.party_number)
    question = Question("query($by: CustomerBy!) { customer(by: $by) { orders { nodes { customer { phone } } } } }")
    question = structs.replace(question, variables={"by": {"email": known.email}})
    asker, options = Principal("x", "support_agent"), Options(request_id="case")

    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)

    assert told.body == other.body
    nodes = json.loads(told.body)["data"]["customer"]["orders"]["nodes"]
    assert {one["customer"]["phone"] for one in nodes} == {known.phone}


async def test_a_system_that_does_not_know_who_bought_is_not_asked_about_their_orders_beside_others(
    company: Company,
    declared: strawberry.Schema,
) -> None:
    """Beside an order of somebody whom the help desk knows, it was asked about all; and, being down, told nothing."""
    crossref, world = company.app.pipeline.facts["crossref"], company.world
    buyers = {company.id_of(i): i for i in range(200) if world.orders_of(i) and world.customer(i).party_number}
    keys = {id: crossref.keys([key[1]])[key[1]].keys for id in buyers if (key := parsed(id))}
    known = {id: "remedy.person" in mine for id, mine in keys.items() if "siebel.account" in mine}
    reported = next(id for id in known if known[id])
    unknown = next(id for id in known if not known[id])
    await company.break_("remedy", "status", value=503)
    cash = "orderToCash { steps { serviced { state } } }"
    question = Question(
        f"query($ids: [ID!]!) {{ customersById(ids: $ids) {{ orders(first: 2) {{ nodes {{ {cash} }} }} }} }}"
    )
    question = structs.replace(question, variables={"ids": [reported, unknown]})
    regions = tuple({world.customer(buyers[id]).region or "" for id in (reported, unknown)})
    asker, options = Principal("x", "account_manager", keys={"own-region": regions}), Options(request_id="case")

    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)

    assert told.body == other.body
    pages = [one["orders"]["nodes"] for one in json.loads(told.body)["data"]["customersById"]]
    assert [{one["orderToCash"]["steps"]["serviced"] is None for one in page} for page in pages] == [{True}, {False}]


class NoBuyers(Traffic):
    """Tells all of orders but who placed them, where that is asked for by itself."""

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:  # type: ignore[override]
        found = await super().perform(call, deadline, *how)
        lost = Outcome[Any](error=Refused(call.backend, "not today"))
        return dict.fromkeys(found, lost) if call.operation == "parties_of_orders" else found


@pytest.mark.parametrize("beside", ["", "customer { id }"])
async def test_who_bought_is_found_out_whether_or_not_the_order_has_brought_them_along(
    company: Company, declared: strawberry.Schema, beside: str
) -> None:
    """An order that was asked who placed it carried them; one that was not had the order system asked once more."""
    pipeline = replace(company.app.pipeline, traffic=NoBuyers(company.app.pipeline.traffic.lines))
    number = next(one.number for i in range(20) for one in company.world.orders_of(i))
    question = Question(
        f"query($n: String!) {{ order(number: $n) {{ {beside} orderToCash {{ steps {{ serviced {{ state }} }} }} }} }}",
        None,
        {"n": number},
    )
    regions = tuple({one.region for one in map(company.world.customer, range(20)) if one.region})
    asker, options = Principal("x", "account_manager", keys={"own-region": regions}), Options(request_id="case")

    told = await planned(pipeline, question, asker, options)
    other = await referred(pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert "CashSteps.serviced" in {one["extensions"]["coordinate"] for one in json.loads(told.body).get("errors", ())}


class NoTickets(Traffic):
    """Finds tickets by how they stand, and tells no more of any of them."""

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:  # type: ignore[override]
        found = await super().perform(call, deadline, *how)
        lost = Outcome[Any](error=Refused(call.backend, "not today"))
        return dict.fromkeys(found, lost) if call.operation == "incidents" else found


@pytest.mark.parametrize("asked", ["__typename", "number", "number status"])
async def test_a_ticket_in_the_queue_is_lost_whatever_is_asked_of_it(
    company: Company, declared: strawberry.Schema, asked: str
) -> None:
    """One of which nothing was asked but what had put it into its place was there, though its system told no more of it."""
    pipeline = replace(company.app.pipeline, traffic=NoTickets(company.app.pipeline.traffic.lines))
    question = Question(f"{{ supportQueue {{ places {{ ticket {{ {asked} }} }} }} }}")
    asker, options = Principal("x", "support_agent"), Options(request_id="case")

    told = await planned(pipeline, question, asker, options)
    other = await referred(pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert {one["ticket"] for one in json.loads(told.body)["data"]["supportQueue"]["places"]} == {None}


class NoContacts(Traffic):
    """Finds customers by what they are reached at, and tells no more of any of them."""

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:  # type: ignore[override]
        found = await super().perform(call, deadline, *how)
        lost = Outcome[Any](error=Refused(call.backend, "not today"))
        return dict.fromkeys(found, lost) if call.operation == "contacts" else found


@pytest.mark.parametrize("beside", ["", "timeline { incomplete { code } }"])
async def test_what_was_brought_along_is_not_told_of_rows_into_whose_past_only_some_may_look(
    company: Company, declared: strawberry.Schema, beside: str
) -> None:
    """A timeline shows the same nulls to all, and looks at more on one's own row: the yardstick took no notice of that."""
    always = frozenset({Category.PUBLIC, Category.PRESENCE, Category.IDENTITY, Category.CONTACT})
    rules = [Rule("always", allow=always), Rule("own", when=frozenset({"own"}), allow=frozenset({Category.TRACKING}))]
    role = Role("drawn", "Drawn.", "staff", ("something",), {"something": Grants.compiled(rules)})
    inside = under(company.app.pipeline, Policy({role.name: role}))
    pipeline = replace(inside, traffic=NoContacts(inside.traffic.lines))
    email = next(one.email for one in map(company.world.customer, range(50)) if one.email and one.siebel_contact_id)
    question = Question(f"query($by: CustomerBy!) {{ customer(by: $by) {{ email {beside} }} }}")
    question = structs.replace(question, variables={"by": {"email": email}})
    asker, options = Principal("x", role.name, customer=company.id_of(0)), Options(request_id="case")

    told = await planned(pipeline, question, asker, options)
    other = await referred(pipeline, declared, question, asker, options)

    assert told.body == other.body
    assert (json.loads(told.body)["data"]["customer"]["email"] is None) is bool(beside)


ALWAYS = frozenset(Category) - {Category.INHERITED}
"""What is shown of all rows, but for what rules say below."""


def drawn(*rules: Rule) -> Role:
    return Role("drawn", "Drawn.", "staff", ("something",), {"something": Grants.compiled(rules)})


def with_bindings(pipeline: Pipeline, bindings: Bindings) -> Pipeline:
    graph = replace(pipeline.prepared.graph, bindings=bindings)
    return replace(pipeline, prepared=Preparation(graph, pipeline.prepared.limits, Once(1000, 2**26)))


async def untold(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(error=Refused("oracle_om", "not today"))] * len(parents)


def without_own(bindings: Bindings) -> Bindings:
    """Nobody can tell whose an order is."""
    fields, lost = {id(one): one for one in bindings.fields.values()}, bindings.relations["Order", "own"]
    others = [one for one in bindings.relations.values() if one is not lost]
    return Bindings([*fields.values(), *others, replace(lost, batch=untold)])


async def an_order_of_mine(
    company: Company, declared: strawberry.Schema, others_only: Category, fields: str
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """What both engines say of it to who is shown this of others' orders only: while nobody can tell whose it is, and when
    that is known; and its number."""
    shown = [Rule("always", allow=ALWAYS - {others_only})]
    shown.append(Rule("others'", unless=frozenset({"own"}), allow=frozenset({others_only})))
    role = drawn(*shown)
    known = under(company.app.pipeline, Policy({role.name: role}))
    unknown = with_bindings(known, without_own(known.prepared.graph.bindings))
    mine = next(i for i in range(50) if company.world.orders_of(i) and company.world.customer(i).party_number)
    number = company.world.orders_of(mine)[0].number
    question = Question(f"query($n: String!) {{ order(number: $n) {{ {fields} }} }}", None, {"n": number})
    asker, options = Principal("x", role.name, customer=company.id_of(mine)), Options(request_id="case")

    told = [await planned(one, question, asker, options) for one in (unknown, known)]
    others = [await referred(one, declared, question, asker, options) for one in (unknown, known)]

    assert [one.body for one in told] == [one.body for one in others]
    return json.loads(told[0].body), json.loads(told[1].body), number


async def test_a_row_is_not_told_while_nobody_knows_whether_it_hides_something(
    company: Company, declared: strawberry.Schema
) -> None:
    """What is shown of others' orders only was shown of an order of which nobody could tell whose it is."""
    unknown, known, number = await an_order_of_mine(company, declared, Category.CREDIT, "number holds { reason }")

    assert known["data"]["order"] == {"number": number, "holds": None}
    assert unknown["data"]["order"] is None
    assert unknown["errors"][0]["path"] == ["order"]


async def test_nor_is_what_it_works_out_of_what_may_have_to_be_hidden(
    company: Company, declared: strawberry.Schema
) -> None:
    """How far an order has come was told by its parcels, of which others are told only, while nobody could tell whose
    the order is."""
    unknown, known, _ = await an_order_of_mine(company, declared, Category.TRACKING, "orderToCash { stage }")

    assert known["data"]["order"]["orderToCash"]["stage"]
    assert unknown["data"]["order"] is None
    assert unknown["errors"][0]["path"] == ["order"]


def in_hail(pipeline: Pipeline, seed: int) -> Pipeline:
    """Resolvers lose what every other row would be told."""
    facts = {**pipeline.facts, "weather": Weather("hail", rows=2, seed=seed)}
    return replace(with_bindings(pipeline, weathered(pipeline.prepared.graph.bindings)), facts=facts)


STATED = (
    "query($ids: [ID!]!) { customersById(ids: $ids) { name timeline { nodes { ... on ConsentStated { state } } } } }"
)
SIGNED = "query($ids: [ID!]!) { customersById(ids: $ids) { orders { nodes { status shipments { signedForBy } } } } }"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("name", "text"), [("marketer", STATED), ("drawn", SIGNED)])
async def test_what_came_after_a_row_was_judged_is_not_asked_for_again(
    company: Company, declared: strawberry.Schema, name: str, text: str, seed: int
) -> None:
    """The yardstick asked once more for what came with rows below a judged one, and with rows of which only those further
    down are judged."""
    own = Rule("own", when=frozenset({"own"}), allow=frozenset({Category.DELIVERY}))
    role, written = drawn(Rule("always", allow=ALWAYS - {Category.DELIVERY}), own), company.app.pipeline.policy
    policy = replace(written, roles={**written.roles, role.name: role})
    pipeline = in_hail(under(company.app.pipeline, policy), seed)
    ids = [company.id_of(i) for i in range(12) if company.world.customer(i).siebel_contact_id]
    asker, options = Principal("x", name, customer=ids[0]), Options(request_id="case")

    told = await planned(pipeline, Question(text, None, {"ids": ids}), asker, options)
    other = await referred(pipeline, declared, Question(text, None, {"ids": ids}), asker, options)

    assert told.body == other.body
    assert "errors" in json.loads(told.body)
