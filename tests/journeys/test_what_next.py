"""Which complaint first, and what to do for whom: what the gateway works out, reckoned once more from the world."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.netsuite.tables import status_of
from mocks.world import open_world
from mocks.world.assets import Assets
from mocks.world.billing import Billing
from mocks.world.ledger import Credit, Invoice
from mocks.world.tickets import Tickets
from resolvers.ids import global_id
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
YEAR_AGO = (NOW - timedelta(days=365)).date()
OPEN = ("New", "Assigned", "In Progress")
QUEUE = """query($agents: Int) { supportQueue(agents: $agents, first: 100) { agents breaches complete places {
    position agent startsAt endsAt dueAt breaches weight factors { name value weight system }
    ticket { number priority customer { id } } } } }"""
INSIGHTS = """query($id: ID!) { customer(by: {id: $id}) { insights { lifetimeValue { amount currency } recencyDays
    frequency monetary { amount } exposure { amount currency } recencyScore frequencyScore monetaryScore } } }"""
ACTIONS = """query($id: ID!, $all: Boolean!) { customer(by: {id: $id}) { nextBestActions(first: 20, includeSuppressed: $all) {
    action score suppressedBy because { name value system } product { sku } } } }"""


@pytest.fixture(scope="module")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=120, now=NOW), tmp_path_factory.mktemp("guidance"))


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    patient = {f"backends__{one}__attempt_timeout_ms": 60_000 for one in ("siebel", "remedy", "netsuite", "hubspot")}
    opened = founding.open(tmp_path, world__now=NOW.isoformat(), deadline__staff_ms=60_000, **patient)
    yield opened
    await opened.app.stop()


class Books:
    """The ledger's documents by customer of the world, and the assets they have."""

    def __init__(self, company: Company) -> None:
        world, self.billing = company.world, Billing(company.world)
        self.documents: dict[int, list[Invoice | Credit]] = defaultdict(list)
        for at in range(world.order_count()):
            bill = self.billing.bill_at(at)
            for one in (*bill.invoices, *bill.credits):
                debtor = self.billing.debtor(one.debtor)
                if debtor and status_of(one) not in ("E", "V"):
                    self.documents[debtor.customer].append(one)

    def billed(self, customer: int, since: Any = None) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.documents[customer]:
            sums[one.currency] += (
                (-1 if isinstance(one, Credit) else 1) * one.total * (since is None or one.day >= since)
            )
        return sums

    def invoices(self, customer: int) -> list[Invoice]:
        return [one for one in self.documents[customer] if isinstance(one, Invoice)]

    def owes(self, customer: int, which: int = 0) -> Decimal:
        return sum((self.billing.balance(one)[which] for one in self.billing.debtors_of(customer)), Decimal(0))


@pytest.fixture
def books(company: Company) -> Books:
    return Books(company)


def people(company: Company) -> Iterator[tuple[int, str]]:
    """Every customer once: who is in the world twice is one in the graph."""
    doubles = {one.duplicate_of for one in map(company.world.customer, company.world.customers())}
    for index in company.world.customers():
        person = company.world.customer(index)
        if person.duplicate_of is None and index not in doubles and (person.siebel_contact_id or person.party_number):
            yield index, company.id_of(index)


def score(value: Decimal | int, *thresholds: int) -> int:
    return 1 + sum(value >= least for least in thresholds)


async def test_what_a_customer_has_been_to_us_is_what_the_documents_come_to(company: Company, books: Books) -> None:
    seen = 0
    for index, id_ in people(company):
        answer = await company.ask(INSIGHTS, id=id_)
        assert "errors" not in answer, answer
        told, invoices = answer["data"]["customer"]["insights"], books.invoices(index)
        if not books.documents[index]:
            assert told["lifetimeValue"] is told["recencyDays"] is told["monetaryScore"] is None
            continue
        days = (NOW.date() - max(one.day for one in invoices)).days
        lately = sum(one.day >= YEAR_AGO for one in invoices)
        assert (told["recencyDays"], told["frequency"]) == (days, lately)
        assert told["recencyScore"] == 5 - sum(days > most for most in (30, 90, 180, 365))
        assert told["frequencyScore"] == score(lately, 1, 3, 6, 12)
        sums = books.billed(index)
        if len(sums) > 1:
            assert told["lifetimeValue"] is told["monetary"] is None
            continue
        ((currency, total),) = sums.items()
        recent = books.billed(index, YEAR_AGO)[currency]
        assert told["lifetimeValue"]["currency"] == currency
        assert Decimal(told["lifetimeValue"]["amount"]) == total
        assert Decimal(told["monetary"]["amount"]) == recent
        assert told["monetaryScore"] == score(recent, 100, 1_000, 10_000, 100_000)
        assert Decimal(told["exposure"]["amount"]) == books.owes(index)
        seen += 1
    assert seen > 60


async def test_what_fails_of_the_ledger_costs_its_own_part(company: Company) -> None:
    (_, id_), *_ = people(company)
    text = "query($id: ID!) { customer(by: {id: $id}) { insights { definition recencyDays exposure { amount } } } }"
    whole = (await company.ask(text, id=id_))["data"]["customer"]["insights"]
    await company.break_("netsuite", "status", value=500)
    await company.forget()

    answer = await company.ask(text, id=id_)

    assert None not in whole.values()
    assert answer["data"]["customer"]["insights"] == whole | {"recencyDays": None, "exposure": None}
    assert {one["coordinate"] for one in answer["extensions"]["absent"]} == {
        "CustomerInsights.recencyDays",
        "CustomerInsights.exposure",
    }


async def test_a_marketer_sees_scores_and_no_amount(company: Company) -> None:
    await company.forget()
    answers = [await company.ask(INSIGHTS, "marketer", id=id_) for _, id_ in list(people(company))[:12]]

    told = [one["data"]["customer"]["insights"] for one in answers if one["data"]["customer"]["insights"]]
    assert any(one["monetaryScore"] for one in told)
    assert all(one["lifetimeValue"] is one["monetary"] is one["exposure"] is None for one in told)


async def test_the_queue_holds_every_open_ticket_at_what_its_breach_would_cost(company: Company, books: Books) -> None:
    assert await reckoned(company, books) >= 3


async def reckoned(company: Company, books: Books) -> int:
    """Every place of the queue is what the world's rows come to; of how many the customer is known."""
    tickets, now = Tickets(company.world), company.world.now
    open_ = {one.number: one for one in map(tickets.ticket, range(len(tickets))) if one.status in OPEN}
    by_id = {id_: index for index, id_ in people(company)}

    answer = await company.ask(QUEUE, agents=3)

    assert "errors" not in answer, answer
    queue = answer["data"]["supportQueue"]
    numbers = [place["ticket"]["number"] for place in queue["places"]]
    assert queue["complete"] == (len(open_) < 500)
    assert len(set(numbers)) == len(numbers) == min(len(open_), 100)
    assert set(numbers) <= set(open_)
    assert queue["breaches"] >= sum(place["breaches"] for place in queue["places"])
    severity = {"CRITICAL": 8, "HIGH": 4, "MEDIUM": 2, "LOW": 1}
    patience = {"CRITICAL": 240, "HIGH": 480, "MEDIUM": 1440, "LOW": 4320}
    judged = 0
    for place in queue["places"]:
        factors = {one["name"]: one for one in place["factors"]}
        product = 1.0
        for one in place["factors"]:
            product *= one["weight"]
        assert abs(place["weight"] - product) < 1e-9
        priority, ticket = place["ticket"]["priority"], open_[place["ticket"]["number"]]
        assert factors["severity"]["weight"] == severity[priority]
        due = ticket.due_at or ticket.submitted_at + timedelta(minutes=patience[priority])
        assert abs(datetime.fromisoformat(place["dueAt"]) - due) < timedelta(seconds=1)
        assert place["breaches"] == (datetime.fromisoformat(place["dueAt"]) < datetime.fromisoformat(place["endsAt"]))
        customer = place["ticket"]["customer"]
        index = by_id.get(customer["id"]) if customer else None
        if index is not None and len(books.billed(index)) == 1:
            year_ago = (now - timedelta(days=365)).date()
            (recent,) = books.billed(index, year_ago).values()
            assert factors["value"]["value"] == str(score(recent, 100, 1_000, 10_000, 100_000))
            assert (
                factors["exposure"]["value"]
                == f"{(0, 100, 1000, 10000)[score(books.owes(index), 100, 1_000, 10_000) - 1]}+"
            )
            judged += 1
    for agent in (1, 2, 3):
        mine = sorted((one for one in queue["places"] if one["agent"] == agent), key=lambda one: one["startsAt"])
        assert all(one["endsAt"] == other["startsAt"] for one, other in itertools.pairwise(mine))
    return judged


async def test_a_ticket_in_the_queue_says_the_same_as_by_its_number(company: Company) -> None:
    told = "number subject status openedAt sla { dueAt status } order { number } customer { name }"
    queue = await company.ask(f"{{ supportQueue(first: 5) {{ places {{ ticket {{ {told} }} }} }} }}")
    tickets = [place["ticket"] for place in queue["data"]["supportQueue"]["places"]]

    for one in tickets:
        answer = await company.ask(f"query($n: String!) {{ ticket(number: $n) {{ {told} }} }}", n=one["number"])
        assert one == answer["data"]["ticket"]
    assert all(one["subject"] for one in tickets)


async def test_a_queue_is_judged_by_one_call_and_its_first_places_are_shown_by_another(company: Company) -> None:
    answer = await company.ask(
        "{ supportQueue(first: 5) { places { ticket { number priority customer { id } } } } }", include="plan"
    )
    calls = answer["extensions"]["plan"]
    asked = [(call["operation"], call["keys"]) for call in calls if call["system"] == "remedy"]
    assert asked == [("search", 1), ("incidents", 5)]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("agents: 0", "`agents` is 1 to 100, not 0"),
        ("agents: -1", "`agents` is 1 to 100, not -1"),
        ("agents: 1000000", "`agents` is 1 to 100, not 1000000"),
        ("first: 0", "`first` is 1 to 100, not 0"),
        ("first: 101", "`first` is 1 to 100, not 101"),
    ],
)
async def test_a_queue_has_agents_and_places(company: Company, asked: str, why: str) -> None:
    await company.forget()
    answer = await company.ask(f"{{ supportQueue({asked}) {{ breaches }} }}")
    assert [(one["message"], one["extensions"]["code"]) for one in answer["errors"]] == [(why, "BAD_VARIABLE")]
    assert await company.asked() == []


async def test_while_the_ledger_is_down_the_queue_stands_and_says_what_it_lacks(company: Company) -> None:
    await company.break_("netsuite", "status", value=503)

    places = (await company.ask(QUEUE))["data"]["supportQueue"]["places"]

    known = [one for place in places for one in place["factors"] if place["ticket"]["customer"]]
    assert {one["value"] for one in known if one["system"] == "netsuite"} == {None}
    assert all(one["weight"] == 1 for one in known if one["system"] == "netsuite")


async def test_every_proposal_is_one_that_its_rule_makes_and_nothing_speaks_against(
    company: Company, books: Books
) -> None:
    assets, tickets, world = Assets(company.world), Tickets(company.world), company.world
    seen: set[str] = set()
    for index, id_ in list(people(company))[:60]:
        answer = await company.ask(ACTIONS, id=id_, all=True)
        assert "errors" not in answer, answer
        proposals = answer["data"]["customer"]["nextBestActions"]
        made = await company.ask(ACTIONS, id=id_, all=False)
        assert made["data"]["customer"]["nextBestActions"] == [one for one in proposals if not one["suppressedBy"]]
        mine = [tickets.ticket(at) for at in tickets.of_customer(index)]
        grave = [one for one in mine if one.status in (*OPEN, "Pending") and one.priority in ("Critical", "High")]
        names = [one["action"] for one in proposals]
        seen |= set(names)
        assert ("CALL_BACK" in names) == bool(grave)
        assert ("ARRANGE_PAYMENT" in names) == (books.owes(index, 1) >= 50)
        owned = assets.of_account(world.customer(index).siebel_account_id or "")
        if len(owned) > 50 or len(proposals) == 20:  # it looks at their newest fifty things, and was asked for twenty
            continue
        left = {(asset.sku, (asset.warranty_until - NOW.date()).days) for asset in owned if asset.warranty_until}
        assert {one["product"]["sku"] for one in proposals if one["action"] == "OFFER_WARRANTY"} == {
            sku for sku, days in left if 0 <= days <= 90
        }
        assert {one["product"]["sku"] for one in proposals if one["action"] == "OFFER_REPLACEMENT"} == {
            sku for sku, days in left if -365 <= days <= -1
        }
        for one in proposals:
            against = set(one["suppressedBy"])
            assert ("OPEN_COMPLAINT" in against) == (bool(grave) and one["action"] != "CALL_BACK")
            if one["action"] == "OFFER_REPLACEMENT":
                rows = world.stock_of(world.by_sku(one["product"]["sku"]) or 0)
                free = sum(row.quantity for row in rows if row.type == "01" and not row.special)
                assert ("NO_STOCK" in against) == (free <= 0)
    assert {"CALL_BACK", "ARRANGE_PAYMENT", "OFFER_REPLACEMENT", "WIN_BACK"} <= seen, seen


async def test_while_a_system_that_may_speak_against_it_is_down_nothing_is_proposed(company: Company) -> None:
    await company.break_("remedy", "status", value=503)
    index, id_ = next(iter(people(company)))

    answer = await company.ask(ACTIONS, id=id_, all=False)

    assert answer["data"]["customer"]["nextBestActions"] is None
    assert {one["system"] for one in answer["extensions"]["absent"]} == {"remedy"}
    assert index >= 0


@pytest.mark.parametrize("role", ["marketer", "finance", "warehouse", "technician", "auditor"])
async def test_others_are_told_neither_what_to_do_nor_whom_to_help_first(company: Company, role: str) -> None:
    _, id_ = next(iter(people(company)))
    await company.forget()

    actions = await company.ask(ACTIONS, role, id=id_, all=True)
    queue = await company.ask(QUEUE, role)

    assert not (actions["data"]["customer"] or {}).get("nextBestActions")
    assert queue["data"]["supportQueue"] is None
    assert not await company.asked("remedy")


async def test_an_account_manager_is_advised_in_their_region_alone(company: Company) -> None:
    regions: dict[str, str] = {}
    for index, id_ in people(company):
        if company.world.customer(index).siebel_account_id:
            regions[id_] = str(index)
    ids = list(regions)[:6]
    text = "query($id: ID!) { customer(by: {id: $id}) { nextBestActions { action } } }"
    principal = Principal("kim", "account_manager", keys={"own-region": ("NOWHERE",)})
    for id_ in ids:
        body = await company.app.pipeline(Question(text, None, {"id": id_}), principal, Options(request_id="kim"))
        assert b'"nextBestActions":null' in body.replace(b" ", b"")
    assert global_id("Customer", "x") not in ids
