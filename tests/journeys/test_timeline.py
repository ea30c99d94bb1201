"""What happened with a customer, on one line over all systems: read to its end, by everybody, on good days and bad."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest
import strawberry

import schema
from gateway.app import open_app
from gateway.auth import Principal
from gateway.policy import Policy
from gateway.question import Options, Question
from mocks.serve import mount
from mocks.world import World, open_world
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.campaigns import Campaigns
from mocks.world.deals import Deals
from mocks.world.parcels import Parcels
from mocks.world.suggestions import Suggestions
from mocks.world.tickets import Tickets
from tests.company import Company, Founding, configured
from tests.gateway.agree import Bench
from tests.gateway.questions.harvest import under
from tests.gateway.questions.subjects import EVERYTHING
from tests.journeys.test_finding import Growing

pytestmark = pytest.mark.anyio

ADA, MAGNUS = 0, 1  # he has 250 orders and 30 tickets, she six and a few
LINE = """query($id: ID!, $first: Int = 100, $a: String, $k: [TimelineKind!], $s: DateTime, $p: Boolean = false) {
  customer(by: {id: $id}) { timeline(first: $first, after: $a, kinds: $k, since: $s, partial: $p) {
    nodes { __typename at source
      ... on OpportunityDecided { opportunity { id } } ... on OrderPlaced { order { id } }
      ... on ParcelShipped { shipment { id } } ... on InvoiceIssued { invoice { id } } ... on PaymentReceived { number }
      ... on TicketOpened { ticket { id } } ... on NoteWritten { entry { text } ticket { id } }
      ... on InternalNoteWritten { entry { text } ticket { id } } ... on CampaignTouched { touch { kind } }
      ... on SuggestionMade { suggestion { id } } ... on ConsentStated { channel purpose state } }
    pageInfo { hasNextPage endCursor } incomplete { kinds code retryable system } } } }"""
SYSTEMS = {
    "OpportunityDecided": "siebel",
    "OrderPlaced": "oracle_om",
    "ParcelShipped": "oracle_om",
    "InvoiceIssued": "netsuite",
    "PaymentReceived": "netsuite",
    "TicketOpened": "remedy",
    "NoteWritten": "remedy",
    "InternalNoteWritten": "remedy",
    "SuggestionMade": "discourse",
    "ConsentStated": "hubspot",
}
"""Touches have two: the marketing system sends e-mails, the CRM letters and calls."""


def happened(world: World, index: int) -> Iterator[tuple[str, datetime]]:
    """What the world says, each with its moment."""
    orders = world.orders_of(index)
    yield from (("OrderPlaced", one.placed_at) for one in orders)
    parcels = (parcel for order in orders for parcel in Parcels(world).of_order(order))
    yield from (("ParcelShipped", one.shipped_on) for one in parcels if one.shipped_on)
    yield from owed(world, index)
    desk = Tickets(world)
    for at in desk.of_customer(index):
        yield "TicketOpened", desk.ticket(at).submitted_at
        for entry in desk.worklogs(at):
            yield ("InternalNoteWritten" if entry.internal else "NoteWritten"), entry.at
    yield from voiced(world, index)
    yield from (("OpportunityDecided", day(one.closes_on)) for one in Deals(world).of_customer(index))


def owed(world: World, index: int) -> Iterator[tuple[str, datetime]]:
    ledger = Billing(world)
    bills = [bill for debtor in ledger.debtors_of(index) for bill in ledger.bills_of(debtor)]
    yield from (("InvoiceIssued", day(one.day)) for bill in bills for one in bill.invoices)
    paid = {one.number: one.day for bill in bills for one in bill.payments}
    yield from (("PaymentReceived", day(one)) for one in paid.values())


def voiced(world: World, index: int) -> Iterator[tuple[str, datetime]]:
    audience, said = Audience(world), Suggestions(world)
    yield from (("CampaignTouched", one.at) for one in audience.touches(index))
    for member in Campaigns(world).members_of(index):
        yield from (("CampaignTouched", at) for at in (member.listed_at, member.answered_at) if at)
    if user := said.user(index):
        yield from (("SuggestionMade", said.at(rank).created) for rank in said.of_user(user))
    for one in audience.subscriptions(index) if audience.contact_id(index) else ():
        if one.at and one.status != "NOT_SPECIFIED":
            yield "ConsentStated", one.at


def day(at: date) -> datetime:
    return datetime.combine(at, time(), UTC)


def told(nodes: list[dict[str, Any]]) -> Counter[tuple[str, datetime]]:
    return Counter((one["__typename"], datetime.fromisoformat(one["at"]).replace(microsecond=0)) for one in nodes)


def expected(world: World, index: int, *types: str) -> Counter[tuple[str, datetime]]:
    every = ((name, at.replace(microsecond=0)) for name, at in happened(world, index))
    return Counter(one for one in every if not types or one[0] in types)


async def asks(company: Company, role: str = EVERYTHING.name, keys: Any = None, **variables: Any) -> dict[str, Any]:
    """As somebody who sees everything, unless a role of the policy is named."""
    pipeline = company.app.pipeline
    if role == EVERYTHING.name:
        pipeline = under(pipeline, Policy({EVERYTHING.name: EVERYTHING}))
    principal = Principal("tester", role, keys=keys or {})
    body = await pipeline(Question(LINE, None, variables), principal, Options(request_id="timeline"))
    answer: dict[str, Any] = json.loads(body)
    return answer


async def read(
    company: Company,
    index: int,
    most: int = 1_000,
    after_each: Callable[[dict[str, Any]], None] = lambda _: None,
    **variables: Any,
) -> tuple[list[dict[str, Any]], list[int]]:
    """The whole line, page by page, or so many pages at most; and how many requests each page took."""
    nodes, requests, after = list[dict[str, Any]](), list[int](), None
    while True:
        await company.forget()
        answer = await asks(company, id=company.id_of(index), a=after, **variables)
        page = answer["data"]["customer"]["timeline"]
        nodes += page["nodes"]
        after_each(nodes[-1])
        requests.append(sum(one["operation"] not in ("login", "token") for one in await company.asked()))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"] or len(requests) == most:
            return nodes, requests


# -- all of it, once, in order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "first", "most"), [(MAGNUS, 100, 30), (ADA, 7, 24)])
async def test_all_that_happened_is_read_once_and_in_order_whatever_the_page_length(
    company: Company, index: int, first: int, most: int
) -> None:
    meant = expected(company.world, index)
    assert len({name for name, _ in meant}) >= 8
    nodes, requests = await read(company, index, first=first)
    moments = [datetime.fromisoformat(one["at"]) for one in nodes]
    assert moments == sorted(moments, reverse=True)
    assert told(nodes) == meant
    assert len(requests) == -(-meant.total() // first)
    assert max(requests) <= most


async def test_each_item_says_which_system_says_so(company: Company) -> None:
    answer = await asks(company, id=company.id_of(MAGNUS))
    for one in answer["data"]["customer"]["timeline"]["nodes"]:
        assert one["source"] in (
            [SYSTEMS[one["__typename"]]] if one["__typename"] in SYSTEMS else ["hubspot", "siebel"]
        )


async def test_the_requests_for_a_page_do_not_grow_with_what_lies_behind_it(company: Company) -> None:
    """Those of a customer with 250 orders and of one with six are of the same number, on every page."""
    counts = []
    for index in (MAGNUS, ADA):
        _, requests = await read(company, index, most=3, first=5)
        counts.append(max(requests))
    assert counts[0] <= counts[1] + 4


async def test_since_a_moment_there_is_what_is_no_older_and_it_ends_there(company: Company) -> None:
    since = company.world.now.replace(microsecond=0) - timedelta(days=120)
    nodes, _ = await read(company, MAGNUS, first=100, s=since.isoformat())
    meant = Counter({one: count for one, count in expected(company.world, MAGNUS).items() if one[1] >= since})
    assert told(nodes) == meant


async def test_kinds_that_are_not_asked_for_cost_nothing(company: Company) -> None:
    await company.forget()
    nodes, _ = await read(company, MAGNUS, k=["ORDER", "TICKET"])
    assert told(nodes) == expected(company.world, MAGNUS, "OrderPlaced", "TicketOpened")
    assert {one["system"] for one in await company.asked()} == {"oracle_om", "remedy"}


async def test_many_customers_have_their_first_pages_in_few_questions(company: Company) -> None:
    text = """query($ids: [ID!]!) { customersById(ids: $ids) { timeline(first: 3, kinds: [ORDER, INVOICE, PAYMENT, TICKET]) {
        nodes { at } } } }"""
    people = [i for i in range(30, 60) if company.world.orders_of(i)][:20]
    await company.forget()
    answer = await company.ask(text, ids=[company.id_of(i) for i in people])
    assert "errors" not in answer
    requests = Counter(one["system"] for one in await company.asked() if one["operation"] not in ("login", "token"))
    assert requests["oracle_om"] <= 2
    assert requests["netsuite"] <= 4
    assert requests["remedy"] <= 4


async def test_what_comes_in_between_two_pages_shifts_nothing(founding: Founding, tmp_path: Path) -> None:
    world = Growing(founding.world)
    opened = founding.open(tmp_path)
    await opened.app.stop()
    company = Company(world, mount(world), opened.app)  # type: ignore[arg-type]  # delegates what it does not define
    company.app = open_app(configured(tmp_path), company.mocks)
    kinds = ["ORDER", "INVOICE", "PAYMENT", "TICKET", "NOTE"]
    types = ("OrderPlaced", "InvoiceIssued", "PaymentReceived", "TicketOpened", "NoteWritten")
    meant = expected(founding.world, MAGNUS, *types)
    nodes: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        answer = await asks(company, id=company.id_of(MAGNUS), a=after, k=kinds)
        page = answer["data"]["customer"]["timeline"]
        nodes += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        world.order(datetime.now(UTC))  # newer than all
        world.order(datetime.fromisoformat(nodes[-1]["at"]) + timedelta(seconds=1))  # just before where we stopped
    newest = (await asks(company, id=company.id_of(MAGNUS), k=kinds, first=1))["data"]["customer"]["timeline"]["nodes"]
    await company.app.stop()

    assert told(nodes) == meant
    assert newest[0]["at"] > nodes[0]["at"]


# -- who may know ------------------------------------------------------------------------------------------------------

SERVED = {"OrderPlaced", "ParcelShipped", "InvoiceIssued", "PaymentReceived", "TicketOpened", "NoteWritten"}
VOICES = {"CampaignTouched", "SuggestionMade", "ConsentStated"}


@pytest.mark.parametrize(
    ("role", "keys", "types"),
    [
        ("support_agent", {}, {*SERVED, *VOICES, "InternalNoteWritten"}),
        ("account_manager", {"own-region": "mine"}, {*SERVED, *VOICES, "OpportunityDecided"}),
        ("account_manager", {"own-region": "Mars"}, {"OrderPlaced", "SuggestionMade"}),
        ("technician", {"assigned": "somebody"}, {"SuggestionMade"}),
        ("finance", {}, {"OrderPlaced", "InvoiceIssued", "PaymentReceived"}),
        ("auditor", {}, {"OrderPlaced", "InvoiceIssued", "PaymentReceived"}),
        ("warehouse", {}, {"OrderPlaced", "ParcelShipped"}),
        ("integrator", {}, set()),
        ("customer", {"own": "mine"}, {*SERVED, *VOICES}),
    ],
)
async def test_everybody_is_told_of_their_kinds_and_nobody_is_asked_for_others(
    company: Company, role: str, keys: dict[str, str], types: set[str]
) -> None:
    mine = {"own": company.id_of(ADA), "own-region": company.world.customer(ADA).region}
    known = {name: (mine[name] if key == "mine" else key,) for name, key in keys.items()}
    await company.forget()
    nodes, after = list[dict[str, Any]](), None
    while True:
        answer = await asks(company, role, known, id=company.id_of(ADA), a=after)
        assert "errors" not in answer
        page = answer["data"]["customer"]["timeline"]
        nodes += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert told(nodes) == expected(company.world, ADA, *(types or {"none"}))
    facts = {"siebel"} if role == "account_manager" else set()  # whose region it is
    systems = {SYSTEMS[name] for name in types if name in SYSTEMS}
    systems |= {"hubspot", "siebel"} if "CampaignTouched" in types else set()
    assert {one["system"] for one in await company.asked()} <= systems | facts
    for gap in answer.get("extensions", {}).get("absent", ()):
        assert gap["coordinate"].partition(".")[0] in schema.__dict__  # of parts of items: `source`, `means`, …
        assert not gap["path"].endswith("timeline")


async def test_who_agreed_to_nothing_is_no_matter_for_marketing(company: Company) -> None:
    audience = Audience(company.world)
    flags = ("suppress_emails", "suppress_calls", "suppress_mailings", "suppress_faxes")
    people = [i for i in range(30, 100) if audience.contact_id(i) and i % 100 not in (31, 42, 44, 57)]
    refused = next(i for i in people if any(getattr(company.world.customer(i), one) for one in flags))
    said = {i: audience.subscriptions(i)[0].status for i in people}
    agreed = next(
        i
        for i in people
        if not any(getattr(company.world.customer(i), one) for one in flags) and said[i] == "SUBSCRIBED"
    )
    for index, types in ((agreed, VOICES), (refused, {"SuggestionMade", "ConsentStated"})):
        answer = await asks(company, "marketer", id=company.id_of(index))
        seen = {one["__typename"] for one in answer["data"]["customer"]["timeline"]["nodes"]}
        assert seen <= types
        assert "OrderPlaced" not in seen


async def test_a_kind_that_is_not_for_the_caller_cannot_be_named(company: Company) -> None:
    await company.forget()
    answer = await asks(company, "warehouse", id=company.id_of(MAGNUS), k=["INVOICE"])
    assert answer["data"]["customer"] == {"timeline": None}
    (gap,) = [gap for gap in answer["extensions"]["absent"] if gap["path"] == "customer.timeline"]
    assert (gap["reason"], gap["coordinate"]) == ("WITHHELD", "TimelineKind.INVOICE")
    assert await company.asked() == []


async def test_a_cursor_is_of_its_own_customer_kinds_and_class_of_callers(company: Company) -> None:
    page = (await asks(company, id=company.id_of(MAGNUS), first=5))["data"]["customer"]["timeline"]
    cursor = page["pageInfo"]["endCursor"]
    for more in ({"id": company.id_of(0)}, {"id": company.id_of(MAGNUS), "k": ["ORDER"]}):
        answer = await asks(company, a=cursor, first=5, **more)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_VARIABLE"
    answer = await asks(company, "support_agent", id=company.id_of(MAGNUS), a=cursor, first=5)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_VARIABLE"


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_has_a_length_that_is_served(company: Company, first: int) -> None:
    answer = await asks(company, id=company.id_of(MAGNUS), first=first)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_VARIABLE"


# -- bad days ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["siebel", "oracle_om", "netsuite", "remedy", "hubspot", "discourse"])
async def test_while_a_system_cannot_tell_there_is_no_line_but_by_leave(company: Company, system: str) -> None:
    id = company.id_of(MAGNUS)
    well = (await asks(company, id=id))["data"]["customer"]["timeline"]["nodes"]
    await company.forget()
    await company.break_(system, "refuse")
    none = await asks(company, id=id)
    assert none["data"]["customer"]["timeline"] is None
    (gap,) = [gap for gap in none["extensions"]["absent"] if gap["path"] == "customer.timeline"]
    assert (gap["reason"], gap["system"]) == ("UNAVAILABLE", system)

    some = (await asks(company, id=id, p=True))["data"]["customer"]["timeline"]
    (missing,) = some["incomplete"]
    assert (missing["system"], missing["retryable"]) == (system, True)
    lost = {"TOUCH", *(kind for kind in ("OPPORTUNITY",) if system == "siebel")} if system == "siebel" else None
    assert lost is None or set(missing["kinds"]) == lost
    kept = {one["__typename"] for one in some["nodes"]}
    assert kept.isdisjoint({name for name, of in SYSTEMS.items() if of == system})
    oldest = some["nodes"][-1]["at"]
    here = [one for one in well if one["__typename"] in kept and one["at"] >= oldest]
    assert [one for one in some["nodes"] if one["at"] >= well[-1]["at"]] == [
        one for one in here if one["at"] >= well[-1]["at"]
    ]


# -- both engines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "keys", "broken", "more"),
    [
        ("support_agent", {}, None, {"first": 6}),
        ("support_agent", {}, "remedy", {"p": True}),
        ("support_agent", {}, "hubspot", {}),
        ("account_manager", {"own-region": "AMER"}, None, {"s": "2026-01-01T00:00:00+00:00", "first": 9}),
        ("account_manager", {"own-region": "EMEA"}, None, {"k": ["ORDER", "TOUCH"]}),
        ("account_manager", {"own-region": "EMEA"}, "siebel", {}),
        ("marketer", {}, None, {"first": 4}),
        ("marketer", {}, "hubspot", {"p": True}),
        ("finance", {}, None, {"k": ["ORDER", "TICKET"]}),
        ("customer", {"own": ""}, None, {"first": 6}),
    ],
)
async def test_both_engines_tell_the_same(
    company: Company,
    declared: strawberry.Schema,
    role: str,
    keys: dict[str, str],
    broken: str | None,
    more: dict[str, Any],
) -> None:
    app = company.app
    facts = {"crossref": app.pipeline.facts["crossref"], "sources": app.pipeline.facts["sources"]}
    bench = Bench(app.graph, lambda: declared, lambda: app.pipeline.traffic, facts)
    known = {name: key or company.id_of(ADA) for name, key in keys.items()}
    if broken:
        await company.break_(broken, "status", value=503)
    for grants in app.policy.roles[role].by_purpose.values():
        raw = {"id": company.id_of(ADA), **more}
        answer = await bench.agreed(LINE, grants, raw, known)
        page = ((answer.data or {}).get("customer") or {}).get("timeline") or {}
        if cursor := (page.get("pageInfo") or {}).get("endCursor"):
            await bench.agreed(LINE, grants, {**raw, "a": cursor}, known)


# -- five thousand -----------------------------------------------------------------------------------------------------

MAPPING = """[columns]
order = "no"
placed_on = "day"
customer = "who"
customer_name = "name"
sku = "what"
quantity = "n"
amount = "sum"
shipped_on = "shipped"
ship_mode = "mode"
"""
BUSY = {
    "deadline__staff_ms": 60_000,
    **{
        f"backends__{name}__attempt_timeout_ms": 60_000
        for name in ("oracle_om", "netsuite", "remedy", "siebel", "hubspot")
    },
    **{
        f"backends__{name}__slow_ms": 60_000
        for name in ("oracle_om", "netsuite", "remedy", "siebel", "hubspot", "discourse")
    },
}
"""All systems share one process, and each answer is made of thousands of rows: nobody is slow but this machine."""


class Unpacked(Growing):
    """New orders have no lines yet: nothing of them is packed, and so nothing comes in behind a cursor."""

    def order(self, placed_at: datetime) -> None:
        super().order(placed_at)
        self._new[-1] = replace(self._new[-1], lines=())


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[Company]:
    """A customer who has ordered something every day for three years and a half."""
    last = date(2026, 11, 20)
    rows = ["no,day,who,name,what,n,sum,shipped,mode", f"S-1,{last},SMALL,Sam Small,P-1,1,5,{last},Same Day"]
    for at in range(1_250):
        on = last - timedelta(days=at)
        rows.append(f"B-{at:05},{on},BIG,Bea Big,P-{at % 40},1,{at % 90 + 5}.10,{on + timedelta(days=2)},Same Day")
    file, mapping = tmp_path / "sales.csv", tmp_path / "mapping.toml"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    world = open_world(file, mapping)
    founding = await asyncio.to_thread(Founding.of, world, tmp_path / "founded")
    growing: Any = Unpacked(world)  # delegates what it does not define
    opened = Founding(growing, founding.crossref).open(tmp_path / "open", world__now=world.now.isoformat(), **BUSY)
    yield opened
    await opened.app.stop()


@pytest.mark.long
async def test_five_thousand_things_are_read_once_and_in_order_at_the_same_price_a_page(busy: Company) -> None:
    """While with each page one more order comes in, just before the cursor."""
    meant = expected(busy.world, 1)
    assert meant.total() > 5_000
    assert len({name for name, _ in meant}) >= 8

    def grow(last: dict[str, Any]) -> None:
        busy.world.order(datetime.fromisoformat(last["at"]) + timedelta(seconds=1))  # type: ignore[attr-defined]

    begun, cpu = perf_counter(), process_time()
    nodes, requests = await read(busy, 1, after_each=grow)
    seconds, cpu = perf_counter() - begun, process_time() - cpu
    print(
        f"\n{len(nodes)} items on {len(requests)} pages, at most {max(requests)} requests each; {seconds:.0f} s, {cpu:.0f} of CPU"
    )
    moments = [datetime.fromisoformat(one["at"]) for one in nodes]
    assert moments == sorted(moments, reverse=True)
    assert told(nodes) == meant
    assert len(requests) == -(-meant.total() // 100)
    assert max(requests) <= 30
    assert max(requests[-5:]) <= max(requests[:5])
