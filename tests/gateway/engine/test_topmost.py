"""What is listed as absent has nothing above it that is; where rows of several types may stand, that is told by the way
there, not by the path alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from gateway.auth import Principal
from gateway.engine.collect import Collector
from gateway.policy.grants import Grants, bits
from gateway.question import Options, Question
from resolvers.backends.base import Outcome, Unavailable
from resolvers.binding import Relation
from schema import Category
from tests.company import Company
from tests.gateway.agree import Bench
from tests.gateway.engine.test_once_wrong import edge, gives, keyed, small
from tests.gateway.yardstick import planned, referred

pytestmark = pytest.mark.anyio

SHELVES = """
    type Query { items: [Item!] }
    interface Item { id: ID! }
    type Book implements Item { id: ID! x(by: Int @is(why: "identity")): Page  more: Page }
    type Film implements Item { id: ID! x(of: Int @is(why: "contact")): Reel }
    type Page { n: Int cost: Int @is(why: "financial") x: Page }
    type Reel { n: Int cost: Int @is(why: "financial") x: Reel }
"""
NO_COSTS = Grants(bits(set(Category) - {Category.FINANCIAL}))
PRIVATE = Grants(bits(set(Category) - {Category.FINANCIAL, Category.IDENTITY}))
GONE = Outcome[Any](error=Unavailable("depot", "gone"))
THERE = SimpleNamespace(n=1, cost=2, x=None)


def shelves(book: Any = THERE, film: Any = THERE) -> Bench:
    """A book and a film: what is at `x` of each."""
    rows = [SimpleNamespace(graph_type=kind, id=kind, x=x) for kind, x in (("Book", book), ("Film", film))]
    bound = [edge("Query", "items", gives(rows)), edge("Book", "x", keyed("x")), edge("Film", "x", keyed("x"))]
    return small(SHELVES, *bound, edge("Book", "more", gives(THERE)))


async def listed(asked: Bench, document: str, grants: Grants = NO_COSTS) -> list[tuple[str, str, str]]:
    told = await asked.agreed(document, grants)
    return [(gap["path"], gap["coordinate"], gap["rows"]) for gap in told.absent]


BOTH = "{ items { ... on Book { x { n cost } } ... on Film { x { n cost } } } }"
FILMS = ("items.*.x.cost", "Reel.cost", "SOME")


async def test_what_one_type_has_lost_takes_nothing_along_that_lies_below_another() -> None:
    """The path was all that counted: of the films nothing was said."""
    assert await listed(shelves(book=GONE), BOTH) == [("items.*.x", "Book.x", "SOME"), FILMS]


async def test_what_all_have_lost_takes_along_all_that_lies_below() -> None:
    lost = await listed(shelves(book=GONE, film=GONE), BOTH)

    assert lost == [("items.*.x", "Book.x", "ALL"), ("items.*.x", "Film.x", "ALL")]


async def test_what_is_really_empty_is_not_lost_with_the_others() -> None:
    sdl = "type Query { pages: [Page] } type Page { n: Int }"
    pages = [SimpleNamespace(n=n) for n in (GONE, None)]

    told = await small(sdl, edge("Query", "pages", gives(pages)), edge("Page", "n", keyed("n"))).agreed(
        "{ pages { n } }", NO_COSTS
    )

    assert [(gap["rows"], gap["at"]) for gap in told.absent] == [("SOME", [["pages", 0, "n"]])]


async def test_what_can_be_come_by_in_another_way_is_listed() -> None:
    """Costs of pages lie below what is lost, and below what is not."""
    document = "{ items { ... on Book { x: more { cost } } ... on Film { x { x { cost } cost } } } }"

    assert await listed(shelves(film=GONE), document) == [
        ("items.*.x", "Film.x", "SOME"),
        ("items.*.x.cost", "Page.cost", "SOME"),
    ]


async def test_an_argument_that_one_type_may_not_be_given_takes_nothing_along_of_another() -> None:
    """It was said of all rows, and no more was said; the yardstick nulled those of the other type with it."""
    document = "{ items { ... on Book { x(by: 1) { n cost } } ... on Film { x(of: 1) { n cost } } } }"

    told = await shelves().agreed(document, PRIVATE)

    assert told.data == {"items": [{"x": None}, {"x": {"n": 1, "cost": None}}]}
    assert [(gap["coordinate"], gap["rows"]) for gap in told.absent] == [("Book.x(by:)", "SOME"), ("Reel.cost", "SOME")]


async def test_who_may_not_give_it_at_all_is_told_of_nothing_below() -> None:
    sdl = 'type Query { x(by: Int @is(why: "identity")): Page } type Page { n: Int cost: Int @is(why: "financial") }'

    assert await listed(small(sdl, edge("Query", "x", gives(THERE))), "{ x(by: 1) { cost } }", PRIVATE) == [
        ("x", "Query.x(by:)", "ALL")
    ]


async def test_a_value_that_is_masked_is_not_listed_where_it_is_not_there() -> None:
    sdl = 'type Query { name(by: Int @is(why: "contact")): String @is(why: "identity") }'
    masked = Grants(bits([Category.PUBLIC]), (), ((Category.IDENTITY, "initial"),))

    lost = await small(sdl, edge("Query", "name", gives(GONE))).agreed("{ name }", masked)
    withheld = await small(sdl, edge("Query", "name", gives("Ann"))).agreed("{ name(by: 1) }", masked)

    assert [(gap["coordinate"], gap["reason"]) for gap in lost.absent] == [("Query.name", "UNAVAILABLE")]
    assert [(gap["coordinate"], gap["reason"]) for gap in withheld.absent] == [("Query.name(by:)", "WITHHELD")]


THINGS = """
    type Query { people: [Person!] }
    type Person @is(why: "presence") { id: ID! things: [Thing!] }
    interface Thing { x: Value }
    type Hat implements Thing { x: Value @is(why: "contact") }
    type Bag implements Thing { x: Value @is(why: "identity") }
    type Value { n: Decimal s: String }
    scalar Decimal
"""


@pytest.mark.parametrize(("wanted", "at"), [("x { n }", ("x",)), ("x { s n }", ("x", "n"))])
async def test_what_is_hidden_row_by_row_is_located_where_rows_of_that_type_are(
    wanted: str, at: tuple[str, ...]
) -> None:
    """What a bag has not was said to be withheld, and the number of what it has to be masked, as a hat's is."""
    mask = ((Category.CONTACT, "amount_band"),) if "n" in at else ()
    grants = Grants(bits(set(Category) - {Category.CONTACT}), (("own", bits([Category.CONTACT])),), mask)
    there = SimpleNamespace(n=Decimal(1), s="one")
    things = [SimpleNamespace(graph_type=kind, x=there if mask else None) for kind in ("Bag", "Hat", "Bag")]
    rows = [SimpleNamespace(id=own, own=own, things=things) for own in ("me", "no")]
    asked = small(THINGS, edge("Query", "people", gives(rows)), Relation("Person", "own", keyed("own"), ("own",)))

    told = await asked.agreed(f"{{ people {{ things {{ {wanted} }} }} }}", grants, keys={"own": "me"})

    assert [(gap["reason"], gap["at"]) for gap in told.absent] == [
        ("MASKED" if mask else "WITHHELD", [["people", 1, "things", 1, *at]])
    ]


def test_where_nothing_is_missing_nothing_is_looked_for() -> None:
    collector, looked = Collector("ref"), list[Any]()

    assert collector.absent((), looked.append, dict) == collector.errors() == looked == []  # type: ignore[arg-type]


# -- once untrue of customers ------------------------------------------------------------------------------------------


async def absent(
    company: Company, declared: strawberry.Schema, text: str, **variables: Any
) -> tuple[Any, list[Mapping[str, Any]]]:
    """The data, and what both engines say is absent, but for types of rows that are not for this caller."""
    question, asker, options = Question(text, None, variables), Principal("x", "support_agent"), Options(request_id="a")
    told = await planned(company.app.pipeline, question, asker, options)
    other = await referred(company.app.pipeline, declared, question, asker, options)
    assert told.body == other.body
    body = json.loads(told.body)
    return body["data"], [one for one in body["extensions"]["absent"] if "." in one["coordinate"]]


TICKETS = "{ tickets(first: 100) { nodes { customer { id } order { id } product { sku } } } }"
NODE = """
    query($id: ID!, $kinds: [TimelineKind!]) {
        node(id: $id) {
            ... on Customer { t: timeline(kinds: $kinds) { nodes { at } } }
            ... on Order { t: tickets(first: 2) { nodes { number product { sku forecast { __typename } } } } }
        }
    }
"""
TIMELINE = """
    query($id: ID!) {
        customer(by: {id: $id}) {
            timeline(kinds: [SHIPMENT, TICKET]) {
                nodes {
                    ... on ParcelShipped { x: shipment { y: order { z: lines { p: product { forecast { __typename } } } } } }
                    ... on TicketOpened { x: ticket { y: product { z: stock { plant } } } }
                }
            }
        }
    }
"""


async def tickets(company: Company) -> Sequence[Mapping[str, Any]]:
    found = await company.ask(TICKETS)
    await company.forget()
    return [one for one in found["data"]["tickets"]["nodes"] if one["product"] and one["customer"]]


async def test_an_order_that_is_asked_for_in_place_of_a_customer_says_what_it_does_not_show(
    company: Company, declared: strawberry.Schema
) -> None:
    """Of a forecast that was null nothing was said, but of a timeline that no order has: on all rows."""
    id = next(one["order"]["id"] for one in await tickets(company) if one["order"])

    data, gaps = await absent(company, declared, NODE, id=id, kinds=["OPPORTUNITY"])

    assert {one["product"]["forecast"] for one in data["node"]["t"]["nodes"] if one["product"]} == {None}
    assert [(gap["coordinate"], gap["rows"]) for gap in gaps] == [
        ("TimelineKind.OPPORTUNITY", "SOME"),
        ("Product.forecast", "SOME"),
    ]


async def test_stock_that_is_lost_below_a_ticket_says_nothing_of_the_forecasts_below_a_parcel(
    company: Company, declared: strawberry.Schema
) -> None:
    """Lines of an order stood in the same place as stock, of which the ledger told nothing: so no more was listed there."""
    of = {one["customer"]["id"] for one in await tickets(company)}
    id = next(id for i in range(200) if (id := company.id_of(i)) in of and company.world.orders_of(i))
    await company.break_("sap", "status", value=500)

    data, gaps = await absent(company, declared, TIMELINE, id=id)

    places = [one["x"]["y"]["z"] for one in data["customer"]["timeline"]["nodes"] if one.get("x") and one["x"]["y"]]
    assert None in places
    assert any(places)
    assert [(gap["coordinate"], gap["reason"], gap["rows"]) for gap in gaps] == [
        ("Product.stock", "UNAVAILABLE", "SOME"),
        ("Product.forecast", "WITHHELD", "SOME"),
    ]
