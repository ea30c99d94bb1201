"""Finding: lists, filters, one search over everything, and pages that stay right while the company goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app import open_app
from mocks.serve import mount
from mocks.world import Order, World
from mocks.world.cast import CAST
from mocks.world.kept import Kept
from mocks.world.tickets import Tickets
from schema import SearchKind
from tests.company import Company, Founding, configured

pytestmark = pytest.mark.anyio

PAGE = """query($id: ID!, $a: String) { customersById(ids: [$id]) { orders(first: 40, after: $a) {
    totalCount nodes { number placedAt } pageInfo { hasNextPage endCursor } } } }"""


async def every(company: Company, field: str, more: str, role: str = "support_agent", **variables: Any) -> list[Any]:
    """All rows of a list, page by page."""
    declared = "".join(f", ${name}: {kind}" for name, kind in variables.pop("declare", {}).items())
    arguments = variables.pop("arguments", "first: 7")
    question = f"query($a: String{declared}) {{ {field}({arguments}, after: $a) {{ nodes {{ {more} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    rows: list[Any] = []
    after, going = None, True
    while going:
        answer = await company.ask(question, role, a=after, **variables)
        assert "errors" not in answer, answer
        page = answer["data"][field]
        rows += page["nodes"]
        after, going = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return rows


def people(world: World) -> Iterator[Any]:
    return (world.customer(i) for i in world.customers())


# -- customers --------------------------------------------------------------------------------------------------------


async def test_everybody_in_the_crm_is_listed_once_by_name(company: Company) -> None:
    rows = await every(company, "customers", "id name", arguments="first: 17")

    in_crm = {company.id_of(one.index) for one in people(company.world) if one.siebel_contact_id}
    assert len(rows) == len({one["id"] for one in rows})
    assert {one["id"] for one in rows} == in_crm


async def test_who_was_entered_twice_is_listed_once_even_at_the_edge_of_a_page(company: Company) -> None:
    """Row 57 of the first hundred is row 31 again: one person, two rows of one name in the CRM."""
    twice = company.world.customer(31)
    name = f"{twice.first_name} {twice.last_name}"

    for length in (1, 2, 3):
        rows = await every(company, "customers", "id", arguments=f'filter: {{name: "{name}"}}, first: {length}')
        assert [one["id"] for one in rows].count(company.id_of(31)) == 1
        assert len(rows) == len({one["id"] for one in rows})


@pytest.mark.parametrize("index", [i for i, figure in enumerate(CAST) if figure.only != "oracle_om"])
async def test_a_name_that_is_an_attack_finds_its_bearer(company: Company, index: int) -> None:
    person = company.world.customer(index)
    question = "query($f: CustomerFilter!) { customers(filter: $f, first: 100) { nodes { id } } }"
    ways = [{"name": f"{person.first_name} {person.last_name}"}, {"email": person.email}, {"phone": person.phone}]

    for way in ways:
        if not next(iter(way.values())).strip():
            continue
        answer = await company.ask(question, f=way)
        assert company.id_of(index) in [one["id"] for one in answer["data"]["customers"]["nodes"]], way


async def test_the_order_asked_for_is_the_order_given(company: Company) -> None:
    since = [
        one["since"] for one in await every(company, "customers", "since", arguments="orderBy: SINCE_DESC, first: 50")
    ]

    assert since == sorted(since, reverse=True)
    assert len(since) > 100


async def test_a_town_and_a_standing_are_asked_of_the_accounts(company: Company) -> None:
    person = company.world.customer(3)
    arguments = f'filter: {{city: "{person.address.city.upper()}"}}, first: 3'
    await company.forget()

    rows = await every(company, "customers", "address { city }", arguments=arguments)

    towns = [one for one in people(company.world) if one.siebel_account_id and one.address.city == person.address.city]
    assert rows
    assert all(one["address"]["city"] == person.address.city for one in rows)
    assert len(rows) <= len(towns)
    assert {entry["path"].rsplit("/", 1)[-1] for entry in await company.asked()} == {"Account"}


async def test_a_name_is_narrowed_by_town_standing_and_channel(company: Company) -> None:
    person = next(
        one
        for one in people(company.world)
        if one.index > 30
        and one.siebel_account_id
        and one.tier
        and one.party_number
        and company.world.orders_of(one.index)
    )
    channel = company.world.orders_of(person.index)[0].source_system
    question = "query($f: CustomerFilter!) { customers(filter: $f) { nodes { id } totalCount } }"
    by = {"name": person.last_name, "city": person.address.city, "tier": person.tier, "channel": channel}

    answer = await company.ask(question, f=by)
    elsewhere = await company.ask(question, f=by | {"city": "Nowhere"})
    unheard = await company.ask(question, f=by | {"channel": "NO SUCH CHANNEL"})

    assert company.id_of(person.index) in [one["id"] for one in answer["data"]["customers"]["nodes"]]
    assert elsewhere["data"]["customers"]["nodes"] == unheard["data"]["customers"]["nodes"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ('filter: {channel: "WEB"}', "`orders(filter: {channel: …})`"),
        ('filter: {city: "Köln", since: {from: "2000-01-01T00:00:00Z"}}', "`since`"),
        ('filter: {tier: "Gold"}, orderBy: NAME_ASC', "`orderBy`"),
        ("first: 0", "1 to 100"),
        ("first: 101", "1 to 100"),
        ('after: "no cursor"', "not a cursor of this list"),
    ],
)
async def test_what_no_system_can_evaluate_is_refused_with_a_reason(
    company: Company, arguments: str, says: str
) -> None:
    await company.forget()

    answer = await company.ask(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}")

    assert answer["data"] == {"customers": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_VARIABLE"
    assert says in answer["errors"][0]["message"]
    assert await company.asked() == []


@pytest.mark.parametrize(
    "field",
    [
        "orders(filter: {status: []})",
        "orders(filter: {channel: []})",
        "tickets(filter: {status: []})",
        "tickets(filter: {priority: []})",
        "orderToCash(filter: {stage: []})",
        "orderToCash(filter: {tier: []})",
        "orderToCash(filter: {channel: []})",
        "orderToCash(customers: [])",
    ],
)
async def test_of_no_values_at_all_no_row_has_one(company: Company, field: str) -> None:
    """Each said something else once: some found everything."""
    await company.forget()

    answer = await company.ask(f"{{ found: {field} {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} }}")

    assert answer == {"data": {"found": {"edges": [], "pageInfo": {"hasNextPage": False}}}}
    assert await company.asked() == []


@pytest.mark.parametrize("at", ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999999Z", "9999-12-30T12:00:00-11:00"])
@pytest.mark.parametrize("end", ["from", "before"])
async def test_any_moment_that_can_be_given_can_be_asked_for(company: Company, end: str, at: str) -> None:
    period = f'{{{end}: "{at}"}}'

    answer = await company.ask(
        f"""query($id: ID!) {{
            orders(filter: {{placed: {period}}}, first: 1) {{ nodes {{ id }} }}
            tickets(filter: {{opened: {period}}}, first: 1) {{ nodes {{ id }} }}
            customers(filter: {{since: {period}}}, first: 1) {{ nodes {{ id }} }}
            customer(by: {{id: $id}}) {{ timeline(since: "{at}", first: 1) {{ nodes {{ __typename }} }} }}
        }}""",
        id=company.id_of(0),
    )

    assert "errors" not in answer
    some = (end == "from") is at.startswith("0001")
    found = [answer["data"][name]["nodes"] for name in ("orders", "tickets", "customers")]
    assert [bool(nodes) for nodes in found] == [some] * 3


@pytest.mark.parametrize(
    ("arguments", "coordinate"),
    [
        ('filter: {email: "ada.okafor@example.com"}', "CustomerFilter.email"),
        ('filter: {name: "Ada", phone: "1"}', "CustomerFilter.phone"),
        ('filter: {channel: "WEB"}', "CustomerFilter.channel"),
    ],
)
async def test_a_list_is_not_filtered_by_what_its_reader_may_not_see(
    company: Company, arguments: str, coordinate: str
) -> None:
    await company.forget()

    answer = await company.ask(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}", "marketer")

    assert answer["data"] == {"customers": None}
    assert [gap["coordinate"] for gap in answer["extensions"]["absent"]] == [coordinate]
    assert await company.asked() == []


@pytest.mark.parametrize("sort", ["NAME_ASC", "SINCE_DESC"])
@pytest.mark.parametrize("by", ["literal", "variable", "default"])
async def test_a_list_is_not_sorted_by_what_its_reader_may_not_see(company: Company, sort: str, by: str) -> None:
    question = {
        "literal": f"{{ customers(orderBy: {sort}) {{ nodes {{ id }} }} }}",
        "variable": "query($s: CustomerSort) { customers(orderBy: $s) { nodes { id } } }",
        "default": f"query($s: CustomerSort = {sort}) {{ customers(orderBy: $s) {{ nodes {{ id }} }} }}",
    }[by]
    await company.forget()

    answer = await company.ask(question, "auditor", **({"s": sort} if by == "variable" else {}))

    assert answer["data"] == {"customers": None}
    (gap,) = answer["extensions"]["absent"]
    assert gap["coordinate"] == f"CustomerSort.{sort}"
    assert gap["why"]["needs"]["category"] == gap["category"]  # an auditor is told the whole reason
    assert gap["why"]["rule"]
    assert await company.asked() == []


async def test_who_may_not_see_names_gets_an_order_that_tells_none(company: Company) -> None:
    await company.forget()

    rows = await every(company, "customers", "id", "auditor", arguments="first: 50")

    assert len(rows) > 100
    columns = {column for entry in await company.asked("siebel") for column in entry["columns"]}
    assert columns == {"Id", "Account Id"}
    assert all("Name" not in str(entry["query"]) for entry in await company.asked("siebel"))


async def test_a_customer_s_lists_hold_what_is_theirs_and_count_nothing_else(company: Company) -> None:
    me, other = company.id_of(1), company.id_of(0)
    question = """query($f: OrderFilter, $t: TicketFilter) { customers { totalCount nodes { id } }
        orders(filter: $f, first: 3) { totalCount nodes { number customer { id } } }
        tickets(filter: $t) { nodes { number customer { id } } } }"""

    mine = (await company.ask(question, "customer", customer=me))["data"]
    theirs = (await company.ask(question, "customer", customer=me, f={"customer": other}, t={"customer": other}))[
        "data"
    ]

    assert mine["customers"] == {"totalCount": 1, "nodes": [{"id": me}]}
    assert mine["orders"]["totalCount"] == 250
    assert {one["customer"]["id"] for one in mine["orders"]["nodes"] + mine["tickets"]["nodes"]} == {me}
    assert theirs["orders"] == {"totalCount": 0, "nodes": []}
    assert theirs["tickets"] == {"nodes": []}


# -- orders, products, tickets ----------------------------------------------------------------------------------------


async def test_orders_are_found_by_state_time_channel_and_product(company: Company) -> None:
    world = company.world
    orders = [order for i in world.customers() for order in world.orders_of(i)]
    some = next(order for order in orders if order.status == "CLOSED" and len(order.lines) > 1)
    sku = some.lines[0].sku
    moment = some.placed_at - timedelta(days=200)
    by = {"status": ["CLOSED"], "channel": [some.source_system], "sku": sku, "placed": {"from": moment.isoformat()}}

    rows = await every(
        company, "orders", "number", declare={"f": "OrderFilter"}, arguments="filter: $f, first: 2", f=by
    )

    wanted = {
        order.number
        for order in orders
        if order.status == "CLOSED"
        and order.source_system == some.source_system
        and any(line.sku == sku for line in order.lines)
        and order.placed_at >= moment
    }
    assert {one["number"] for one in rows} == wanted
    assert len(rows) == len(wanted)


async def test_the_order_system_counts_what_it_finds(company: Company) -> None:
    answer = await company.ask("{ orders(first: 1) { totalCount } }")

    assert answer["data"]["orders"]["totalCount"] == company.world.order_count()


@pytest.mark.parametrize("index", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
async def test_a_product_is_found_by_its_sku_whatever_is_in_it(company: Company, index: int) -> None:
    sku = company.world.product(index).sku

    rows = await every(company, "products", "sku", declare={"s": "String"}, arguments="search: $s", s=sku)

    assert sku in [one["sku"] for one in rows]


async def test_products_of_a_group_are_counted_and_read_to_the_end(company: Company) -> None:
    group = company.world.product(3).group
    question = "query($g: String) { products(category: $g, first: 1) { totalCount } }"

    rows = await every(
        company, "products", "sku", declare={"g": "String"}, arguments="category: $g, first: 30", g=group
    )

    all_of_them = [company.world.product(i).sku for i in company.world.products()]
    wanted = {sku for i, sku in enumerate(all_of_them) if company.world.product(i).group == group}
    assert {one["sku"] for one in rows} == wanted
    assert (await company.ask(question, g=group))["data"]["products"]["totalCount"] == len(wanted)


async def test_tickets_are_found_by_state_subject_requester_order_and_product(company: Company) -> None:
    desk = Tickets(company.world)
    ordinal = next(one for one in desk.of_customer(1) if desk.about(one).order_number and desk.about(one).sku)
    ticket, about = desk.ticket(ordinal), desk.about(ordinal)
    then = ticket.submitted_at
    filters: list[dict[str, Any]] = [
        {"customer": company.id_of(1)},
        {"subject": ticket.summary},
        {"order": about.order_number},
        {"sku": about.sku},
        {"customer": company.id_of(1), "order": about.order_number, "sku": about.sku, "subject": ticket.summary},
        {"opened": {"from": then.isoformat(), "before": (then + timedelta(seconds=1)).isoformat()}},
    ]

    for by in filters:
        rows = await every(
            company, "tickets", "number", declare={"f": "TicketFilter"}, arguments="filter: $f, first: 20", f=by
        )
        numbers = [one["number"] for one in rows]
        assert ticket.number in numbers, by
        assert len(numbers) == len(set(numbers))
    assert len(await every(company, "tickets", "number", arguments=f'filter: {{customer: "{company.id_of(1)}"}}')) == 30


# -- one search -------------------------------------------------------------------------------------------------------

SEARCH = """query($t: String!, $k: [SearchKind!]) { search(text: $t, kinds: $k) {
    customers { matched customer { id } } orders { matched order { number } } products { matched product { sku } }
    tickets { matched ticket { number } } content { matched content { title } } } }"""


async def test_one_text_is_looked_for_everywhere_and_says_what_it_matched(company: Company) -> None:
    world, ticket = company.world, Tickets(company.world).ticket(0)
    order = world.orders_of(0)[0].number

    async def found(text: str) -> dict[str, Any]:
        answer = await company.ask(SEARCH, t=text)
        assert "errors" not in answer
        hits: dict[str, Any] = answer["data"]["search"]
        return hits

    ada = {"matched": ["email"], "customer": {"id": company.id_of(0)}}
    assert (await found("Ada.Okafor@example.com"))["customers"] == [ada]
    assert {"matched": ["phone"], "customer": {"id": company.id_of(0)}} in (await found("+1 617 555 0117"))["customers"]
    assert (await found(order))["orders"] == [{"matched": ["number"], "order": {"number": order}}]
    assert (await found(ticket.number))["tickets"][0] == {"matched": ["number"], "ticket": {"number": ticket.number}}
    lamps = await found("lamp")
    assert lamps["products"]
    assert lamps["content"]
    assert {hit["matched"][0] for hit in lamps["products"]} == {"name"}


async def test_only_the_kinds_wanted_are_asked_for(company: Company) -> None:
    await company.forget()

    answer = await company.ask(SEARCH, t="lamp", k=[SearchKind.PRODUCT.value])

    assert {entry["system"] for entry in await company.asked()} == {"sap"}
    assert answer["data"]["search"]["products"]
    assert answer["data"]["search"]["customers"] == answer["data"]["search"]["tickets"] == []


async def test_a_system_that_is_down_costs_a_search_its_own_part(company: Company) -> None:
    await company.break_("siebel", "refuse")

    answer = await company.ask(SEARCH, t="lamp")

    assert answer["data"]["search"]["customers"] is None
    assert answer["data"]["search"]["products"]
    assert [error["path"] for error in answer["errors"]] == [["search", "customers"]]
    assert [gap["path"] for gap in answer["extensions"]["absent"]] == ["search.customers"]


async def test_a_search_finds_nobody_by_what_its_reader_may_not_see(company: Company) -> None:
    person = company.world.customer(0)
    await company.forget()

    for text in (person.email, person.phone):
        answer = await company.ask(
            "query($t: String!) { search(text: $t) { customers { matched } } }", "marketer", t=text
        )
        assert answer["data"] == {"search": {"customers": []}}

    assert await company.asked() == []


async def test_a_search_by_a_customer_finds_their_own_and_products(company: Company) -> None:
    me = company.id_of(1)
    theirs = company.world.orders_of(0)[0].number
    own = company.world.orders_of(1)[0].number

    async def orders(number: str) -> Any:
        answer = await company.ask(
            "query($t: String!) { search(text: $t) { orders { order { number } } } }", "customer", customer=me, t=number
        )
        return answer["data"]["search"]["orders"]

    assert await orders(own) == [{"order": {"number": own}}]
    assert await orders(theirs) == await orders("no such order") == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
async def test_a_search_for_nothing_or_too_much_is_refused(company: Company, text: str) -> None:
    answer = await company.ask(SEARCH, t=text)

    assert answer["data"] == {"search": None}
    assert "1 to 200" in answer["errors"][0]["message"]


# -- pages, while the company goes on working -------------------------------------------------------------------------


class Growing(Kept):
    """A world in which a customer keeps ordering."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._new: list[Order] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def __len__(self) -> int:
        return len(self._world)

    def orders_of(self, index: int) -> tuple[Order, ...]:
        return self._world.orders_of(index) + (tuple(self._new) if index == 1 else ())

    def order(self, placed_at: datetime) -> None:
        first = self._world.orders_of(1)[0]
        number = len(self._new) + 1
        self._new.append(
            replace(first, number=f"NEW-{number}", header_id=first.header_id + 10**9 + number, placed_at=placed_at)
        )


async def test_250_orders_are_read_page_by_page_while_new_ones_come_in(founding: Founding, tmp_path: Path) -> None:
    world = Growing(founding.world)
    opened = founding.open(tmp_path)
    await opened.app.stop()
    company = Company(world, mount(world), opened.app)  # type: ignore[arg-type]  # delegates what it does not define
    company.app = open_app(configured(tmp_path), company.mocks)
    read: list[str] = []
    after, more = None, True
    old = sorted(founding.world.orders_of(1), key=lambda order: (order.placed_at, order.number), reverse=True)
    while more:
        answer = await company.ask(PAGE, id=company.id_of(1), a=after)
        page = answer["data"]["customersById"][0]["orders"]
        read += [order["number"] for order in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        world.order(datetime.now(UTC))  # newer than all: before every cursor
        if read:
            last = next(order for order in old if order.number == read[-1])
            world.order(last.placed_at + timedelta(seconds=1))  # just before the row we stopped at
    await company.app.stop()

    assert read == [order.number for order in old]


async def test_a_cursor_survives_a_restart(founding: Founding, tmp_path: Path) -> None:
    company = founding.open(tmp_path)
    first = await company.ask(PAGE, id=company.id_of(1))
    cursor = first["data"]["customersById"][0]["orders"]["pageInfo"]["endCursor"]
    await company.app.stop()
    again = founding.open(tmp_path)

    answer = await again.ask(PAGE, id=again.id_of(1), a=cursor)
    await again.app.stop()

    page = answer["data"]["customersById"][0]["orders"]
    assert len(page["nodes"]) == 40
    assert not {one["number"] for one in page["nodes"]} & {
        one["number"] for one in first["data"]["customersById"][0]["orders"]["nodes"]
    }


@pytest.mark.parametrize(
    "other",
    [
        '{ orders(filter: {channel: ["WEB"]}, first: 1, after: "%s") { nodes { number } } }',
        '{ tickets(first: 1, after: "%s") { nodes { number } } }',
        '{ products(first: 1, after: "%s") { nodes { sku } } }',
        '{ customers(first: 1, after: "%s") { nodes { id } } }',
    ],
)
async def test_a_cursor_of_one_list_does_not_open_another(company: Company, other: str) -> None:
    answer = await company.ask("{ orders(first: 1) { pageInfo { endCursor } } }")
    cursor = answer["data"]["orders"]["pageInfo"]["endCursor"]

    refused = await company.ask(other % cursor)

    assert "not a cursor of this list" in refused["errors"][0]["message"]


async def test_a_cursor_of_one_class_of_callers_does_not_serve_another(company: Company) -> None:
    question = "query($a: String) { orders(first: 1, after: $a) { nodes { number } pageInfo { endCursor } } }"
    cursor = (await company.ask(question))["data"]["orders"]["pageInfo"]["endCursor"]

    assert "errors" in await company.ask(question, "warehouse", a=cursor)
    assert "errors" not in await company.ask(question, a=cursor)
