"""What a caller says of themself widens nothing; masks hide what they are for; rules hold before anything is fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import schema
from gateway.app import ages_of, create_app
from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.engine.limits import Limits
from gateway.engine.operation import admit
from gateway.engine.planner import plan
from gateway.errors import Refusal
from gateway.policy import NOTHING, BadPolicy, Grants, Policy, masks
from gateway.policy.grants import bits
from gateway.policy.rules import Rule
from resolvers.backends.base import Outcome
from resolvers.consent import Statement, agreed
from resolvers.freshness import Freshness
from resolvers.ids import global_id
from resolvers.whole import bindings
from schema import Category
from schema.marketing import ConsentChannel, ConsentState
from tests.company import Company, configured
from tests.gateway import library
from tests.principals.callers import EVERYBODY, Rows, caller

POLICY = Policy.read()
CARRIER = EVERYBODY[2]


def somebody(role: str, **who: Any) -> Principal:
    return Principal("somebody", role, **who)


# -- what callers say of themselves -----------------------------------------------------------------------------------


def test_a_purpose_is_chosen_among_those_of_the_token() -> None:
    bound = somebody("marketer", purpose="analytics")
    assert POLICY.purpose(bound) == "analytics"
    assert POLICY.purpose(bound, "analytics") == "analytics"
    assert POLICY.purpose(somebody("marketer"), "analytics") == "analytics"
    for principal, wanted in ((bound, "marketing"), (somebody("marketer"), "billing"), (somebody("nobody"), "audit")):
        with pytest.raises(Refusal):
            POLICY.purpose(principal, wanted)


def test_a_token_for_a_purpose_that_its_role_has_not_sees_nothing() -> None:
    assert POLICY.purposes(somebody("warehouse", purpose="marketing")) == ()
    assert POLICY.grants(somebody("warehouse", purpose="marketing")) == NOTHING


def test_a_partner_has_no_purpose_that_its_contract_leaves_out(tmp_path: Path) -> None:
    roles, partners = tmp_path / "roles.toml", tmp_path / "partners.toml"
    roles.write_text(
        '[p]\ntitle = "x"\ngroup = "partner"\npurposes = ["service", "analytics"]\nany = ["public", "catalogue"]\n'
    )
    partners.write_text('[acme]\ntitle = "x"\nrole = "p"\nkeys = {}\npurposes = ["analytics"]\n')
    policy = Policy.read(roles, partners)

    assert policy.purposes(somebody("p", client="acme")) == ("analytics",)
    assert policy.purposes(somebody("p", client="another")) == ("service", "analytics")
    with pytest.raises(Refusal):
        policy.purpose(somebody("p", client="acme"), "service")


def test_a_partner_comes_in_its_own_role_or_not_at_all() -> None:
    assert POLICY.grants(somebody("partner_carrier", client="parcelline")) != NOTHING
    assert POLICY.grants(somebody("support_agent", client="parcelline")) == NOTHING


def test_what_we_call_a_partner_stands_in_the_register_and_not_in_its_token() -> None:
    given = {"carried-by-me": ("DHL",), "own": ("anybody",)}
    assert POLICY.keys(somebody("partner_carrier", client="parcelline", keys=given)) == {
        "carried-by-me": frozenset({"UPS"})
    }
    assert POLICY.keys(somebody("technician", keys={"assigned": ("Mary",)})) == {"assigned": frozenset({"Mary"})}


def test_whose_own_rows_are_is_whom_the_token_was_issued_to() -> None:
    mine = somebody("customer", customer="me", keys={"own": ("somebody else",)})
    assert POLICY.keys(mine) == {"own": frozenset({"me"})}


# -- masks ------------------------------------------------------------------------------------------------------------


def test_masks_show_a_part_and_nothing_of_the_rest() -> None:
    assert [masks.last_four(text) for text in ("", "12345", "1234567", "12345678")] == ["•••", "•••", "•••", "••• 5678"]
    assert [masks.initial(text) for text in ("", "Ada", "Øre")] == ["", "A.", "Ø."]
    assert [masks.domain(text) for text in ("ada@example.com", "a@b@c", "nobody")] == [
        "•••@example.com",
        "•••@c",
        "•••",
    ]
    assert {masks.amount_band(Decimal(amount)) for amount in ("100", "101", "999.99")} == {Decimal(100)}
    assert [masks.amount_band(Decimal(amount)) for amount in ("-15", "0", "9.99", "5000000")] == [-10, 0, 0, 1_000_000]
    assert masks.year(date(2026, 5, 4)) == date(2026, 1, 1)
    assert masks.year(datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)


PERSON = """query($id: ID!) { customer(by: {id: $id}) { name email phone address { city } tier
    lifetimeValue { amount currency } } }"""


@pytest.mark.anyio
async def test_what_a_mask_does_not_fit_is_withheld(company: Company) -> None:
    """An address is no e-mail address, a tier no amount: a marketer and an analyst see nothing of them."""
    agent, marketer = caller(company, "support_agent"), caller(company, "marketer")
    analyst = caller(company, "account_manager", purpose="analytics", keys={"own-region": ("EMEA",)})
    for person in (i for i in company.world.customers() if agrees(company, i)):
        there = (await agent.ask(PERSON, id=company.id_of(person))).data["customer"]
        marketed = (await marketer.ask(PERSON, id=company.id_of(person))).data["customer"]
        if marketed["email"] and there["address"] and there["tier"] and there["lifetimeValue"]:
            break
    analysed = (await analyst.ask(PERSON, id=company.id_of(person))).data["customer"]

    assert marketed["email"] == f"•••@{company.world.customer(person).email.partition('@')[2]}"
    assert (marketed["phone"], marketed["address"]) == ("•••", None)
    assert (analysed["tier"], analysed["name"], analysed["address"]) == (None, None, None)
    assert Decimal(analysed["lifetimeValue"]["amount"]) in [Decimal(band) for band in masks.BANDS]
    assert analysed["lifetimeValue"]["currency"] == there["lifetimeValue"]["currency"]


# -- consent ----------------------------------------------------------------------------------------------------------


def agrees(company: Company, index: int) -> bool:
    one = company.world.customer(index)
    flags = (one.suppress_emails, one.suppress_calls, one.suppress_mailings, one.suppress_faxes)
    return not any(flags) and one.siebel_contact_id is not None and not rows_of(company, index)


def rows_of(company: Company, index: int) -> list[int]:
    """Others who are the same person, entered twice."""
    first = company.world.customer(index).duplicate_of
    same = index if first is None else first
    others = [i for i in company.world.customers() if company.world.customer(i).duplicate_of == same or i == same]
    return [i for i in others if i != index]


NAME = "query($id: ID!) { customer(by: {id: $id}) { id name email } }"


@pytest.mark.anyio
async def test_of_several_rows_of_one_customer_the_least_permissive_counts(company: Company) -> None:
    """Whoever said no once, in any of the four ways and in any of the rows they have, is not marketed to."""
    marketer, asked = caller(company, "marketer"), {True: 0, False: 0}
    twice = {i for i in company.world.customers() if rows_of(company, i)}
    for index in [*sorted(twice), *range(30)]:
        rows = [company.world.customer(i) for i in (index, *rows_of(company, index))]
        known = [one for one in rows if one.siebel_contact_id]
        if not known:
            continue
        said_no = any(
            flag
            for one in known
            for flag in (one.suppress_emails, one.suppress_calls, one.suppress_mailings, one.suppress_faxes)
        )
        shown = (await marketer.ask(NAME, id=company.id_of(index))).data["customer"]["name"] is not None
        assert not (said_no and shown), index  # others have told the marketing system so
        asked[shown] += 1
    assert twice
    assert all(asked.values())


@pytest.mark.anyio
async def test_who_is_not_in_the_crm_has_agreed_to_nothing(company: Company) -> None:
    unknown = next(
        i
        for i in company.world.customers()
        if company.world.customer(i).siebel_contact_id is None and company.world.orders_of(i)
    )
    answer = await caller(company, "marketer").ask(
        "query($n: String!) { customer(by: {orderNumber: $n}) { id name } }",
        n=company.world.orders_of(unknown)[0].number,
    )
    by_id = await caller(company, "marketer").ask(
        "query($id: ID!) { customer(by: {id: $id}) { id name tier } }", id=company.id_of(unknown)
    )

    assert answer.data["customer"] is None  # numbers of orders are nothing that a marketer needs to know
    assert (by_id.data["customer"]["name"], by_id.data["customer"]["tier"]) == (None, None)
    assert '"coordinate":"Customer.tier","reason":"WITHHELD"' in by_id.body  # not: really absent


@pytest.mark.parametrize("no", range(8))
def test_one_no_in_one_row_is_a_no(no: int) -> None:
    """Two rows of the CRM, four flags each."""
    said = [ConsentState.REFUSED if number == no else ConsentState.GRANTED for number in range(8)]
    crm = [
        Statement("siebel", channel, None, state) for channel, state in zip([*ConsentChannel] * 2, said, strict=True)
    ]
    nothing = Outcome[list[Statement]]([])

    assert agreed(Outcome(crm), nothing) == Outcome(False)
    assert agreed(Outcome([one for one in crm if one.state is ConsentState.GRANTED]), nothing) == Outcome(True)
    assert agreed(nothing, nothing) == Outcome(False)


# -- before anything is fetched ---------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_nothing_of_a_row_is_fetched_before_it_is_known_what_it_shows(company: Company) -> None:
    """A list of customers for a marketer: the CRM is asked for rows and for consent, then for the names of some."""
    _, calls = await caller(company, "marketer").asked("{ customers(first: 8) { nodes { id name email } } }")
    columns = [set(columns) for system, _, columns, _ in calls if system == "siebel"]
    asked_for_values = [one for one in columns if "Email Address" in one]

    assert any("Suppress All Emails" in one for one in columns)
    assert len(columns) >= 3
    assert len(asked_for_values) == 1
    assert not any("Suppress All Emails" in one for one in asked_for_values)


@pytest.mark.anyio
async def test_nor_of_a_list_of_which_rows_show_different_things(company: Company) -> None:
    """Whose region it is, is asked of the accounts, before the e-mail address of anybody."""
    manager = EVERYBODY[5].enters(company)
    answer, calls = await manager.asked("{ customers(first: 30) { nodes { id name email } } }")
    (listed,) = [
        columns for _, operation, columns, _ in calls if operation == "Contact.query" and "Account Id" in columns
    ]
    emails = [one["email"] for one in answer.data["customers"]["nodes"]]

    assert "Email Address" not in listed
    assert any("Region" in columns for _, _, columns, _ in calls)
    assert None in emails
    assert set(emails) - {None}


def test_a_page_below_a_row_is_not_shown_when_its_rows_could_be_others() -> None:
    """An order of a region shows that it has tickets; whether these are of that region, nobody has said yet."""
    graph = Graph.build(schema.build(), bindings())
    seen = frozenset({Category.PUBLIC, Category.LOGISTICS, Category.PRESENCE})
    regional = Rule("region", when=frozenset({"own-region"}), allow=frozenset({Category.SERVICE}))
    grants = Grants.compiled([Rule("any", allow=seen), regional])
    question = '{ order(number: "1") { number tickets { totalCount } customer { tickets { totalCount } } } }'
    chosen = plan(graph, admit(graph.schema, question, Limits()).operation(None), grants, {})
    planned = {branch.path for branch in chosen.edges}

    assert "order.customer.tickets" in planned  # whose customer it is, passes on to their tickets
    assert "order.tickets" not in planned


@pytest.mark.anyio
async def test_a_list_whose_rows_nobody_can_leave_out_is_not_shown(company: Company) -> None:
    """Which tickets are of a region the help desk does not know: counts and pages of them would tell of others'."""
    manager = EVERYBODY[5].enters(company)
    answer, calls = await manager.asked("{ tickets(first: 3) { totalCount nodes { number } } }")

    assert answer.data == {"tickets": None}
    assert calls == []


@pytest.mark.anyio
@pytest.mark.parametrize("by", ['email: "ada.okafor@example.com"', 'phone: "+49 30 123456"'])
@pytest.mark.parametrize("role", ["technician", "marketer", "warehouse", "account_manager"])
async def test_nobody_looks_up_by_what_they_see_in_part_or_of_some_or_not_at_all(
    company: Company, role: str, by: str
) -> None:
    asking = caller(company, role, keys={"own-region": ("EMEA",), "assigned": ("Mary Mann",)})
    answer, calls = await asking.asked(f"{{ customer(by: {{{by}}}) {{ id }} }}")

    assert answer.data == {"customer": None}
    assert calls == []


@pytest.mark.anyio
async def test_a_carrier_s_list_is_of_what_it_carries(company: Company) -> None:
    page = await CARRIER.enters(company).ask("{ orders(first: 100) { nodes { number } } }")
    theirs = set(Rows(company).orders_of(CARRIER, theirs=True))
    numbers = {one["number"] for one in page.data["orders"]["nodes"]}

    assert len(numbers) > 20
    assert numbers <= theirs


@pytest.mark.anyio
@pytest.mark.parametrize(("role", "kind"), [("warehouse", "Ticket"), ("technician", "Order"), ("marketer", "Ticket")])
async def test_a_kind_that_is_not_for_them_is_not_looked_for(company: Company, role: str, kind: str) -> None:
    rows = Rows(company)
    number = rows.orders[0].number if kind == "Order" else rows.tickets[0].number
    field = "status" if kind == "Order" else "subject"
    answer, calls = await caller(company, role).asked(
        f"query($id: ID!) {{ node(id: $id) {{ id ... on {kind} {{ {field} }} }} }}", id=global_id(kind, number)
    )

    assert answer.data == {"node": None}
    assert calls == []


def test_a_row_is_there_only_if_it_is_so_under_all_that_it_needs() -> None:
    graph = Graph.build(library.build(), library.bindings())
    books = Judge(graph, Grants(bits({Category.CATALOGUE})))
    both = Judge(graph, Grants(bits({Category.CATALOGUE, Category.PRESENCE})))

    assert books.exists("Book", frozenset())
    assert not books.exists("Book", frozenset(), (Category.PRESENCE,))
    assert both.exists("Book", frozenset(), (Category.PRESENCE,))


def test_rows_that_a_system_leaves_out_for_us_are_as_new_as_a_row_rule_wants(tmp_path: Path) -> None:
    settings = configured(tmp_path, cache__logistics="60/60/60")
    graph = Graph.build(schema.build(), bindings(), ages_of(settings))
    operation = admit(graph.schema, "{ orders { nodes { number status } } }", Limits()).operation(None)

    (mine,) = plan(graph, operation, POLICY.roles["customer"].grants, {}).steps[0].branches
    (anybodys,) = plan(graph, operation, POLICY.roles["warehouse"].grants, {}).steps[0].branches

    assert mine.edge
    assert anybodys.edge
    assert mine.edge.freshness == Freshness(5, 0, 0)
    assert anybodys.edge.freshness == Freshness(60, 60, 60)


# -- what is told -----------------------------------------------------------------------------------------------------

ORDER = "query($n: String!) { order(number: $n) { status total { amount } } }"


@pytest.mark.anyio
async def test_why_is_told_as_far_as_the_client_may_know(company: Company) -> None:
    number = next(Rows(company).orders_of(CARRIER, theirs=True))
    warehouse = await company.ask(ORDER, "warehouse", n=number)
    auditor = await company.ask("query($n: String!) { order(number: $n) { customer { name } } }", "auditor", n=number)
    partner = await caller(company, "partner_carrier", client="nobody-we-know").ask(ORDER, n=number)

    (one,) = warehouse["extensions"]["absent"]
    assert "why" not in one
    assert one["category"] == "financial"
    assert auditor["extensions"]["absent"][0]["why"]["rule"] == "no line allows it"
    assert "rule" not in partner.body


@pytest.mark.anyio
@pytest.mark.parametrize("include", ["plan", "policy", "cost"])
async def test_how_the_gateway_works_is_told_to_those_who_run_it(company: Company, include: str) -> None:
    number = company.world.orders_of(0)[0].number
    assert include in (await company.ask(ORDER, "support_agent", include=include, n=number))["extensions"]
    assert include not in (await company.ask(ORDER, "warehouse", include=include, n=number)).get("extensions", {})


def test_a_policy_that_does_not_fit_the_graph_stops_the_start(tmp_path: Path) -> None:
    roles = tmp_path / "roles.toml"
    roles.write_text(
        '[clerk]\ntitle = "x"\ngroup = "staff"\npurposes = ["service"]\n[[clerk.rule]]\nwhen = ["ownn"]\nallow = ["identity"]\n'
    )
    with pytest.raises(BadPolicy, match="names the relation 'ownn', which no rows have"):
        create_app(library.build(), library.bindings(), {}, Policy.read(roles, None), configured(tmp_path))
