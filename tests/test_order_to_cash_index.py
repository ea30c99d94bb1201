"""Sets of orders: what the index says agrees with the world, holds nothing personal, and is told only to who may see it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth import Principal
from gateway.question import Options, Question
from mocks.remedy import PASSWORD, USERNAME
from mocks.world import Order, open_world
from resolvers.backends.oracle_om import Line, SalesOrder
from resolvers.order_to_cash_asking import Wanted, find
from resolvers.order_to_cash_feed import sync
from resolvers.order_to_cash_folding import SEEING, STAGES
from resolvers.order_to_cash_index import Busy, Index
from schema import LineStatus
from tests.company import Company, Founding
from tests.order_to_cash_truth import Truth

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = SalesOrder(
    header_id=1,
    number="SO-1",
    party_number="7",
    channel="WEB",
    placed_at=NOW,
    lines=[Line(number="1", quantity=Decimal(1), status=LineStatus.BACKORDERED)],
)
SETS = """query($f: OrderToCashFilter, $c: [ID!], $a: String, $n: Int! = 20, $o: OrderToCashSort! = WAITING_LONGEST) {
  orderToCash(filter: $f, customers: $c, first: $n, after: $a, orderBy: $o) { examined complete asOf
    pageInfo { hasNextPage endCursor } stages { stage orders } nodes { number channel } } }"""


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=130, now=NOW), tmp_path_factory.mktemp("index"))


@pytest.fixture
async def company(invented: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = invented.open(tmp_path, world__now=NOW.isoformat())
    yield opened
    await opened.app.stop()


def index_of(company: Company) -> Index:
    index: Index = company.app.pipeline.facts["orders"]
    return index


async def fed(company: Company) -> dict[str, str]:
    """System → why it could not be read."""
    facts = company.app.pipeline.facts
    return {one.system: one.failed for one in await sync(facts["orders"], facts["crossref"], company.app.backends)}


async def sets(company: Company, role: str = "support_agent", **asked: Any) -> Any:
    answer = await company.ask(SETS, role, **asked)
    assert "errors" not in answer
    return answer["data"]["orderToCash"]


async def numbers(company: Company, role: str = "support_agent", **asked: Any) -> list[str]:
    """All pages, to the end."""
    found: list[str] = []
    after = None
    while True:
        page = await sets(company, role, a=after, n=100, **asked)
        found += [one["number"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


# -- what it says -------------------------------------------------------------------------------------------------


async def test_every_order_is_where_the_world_says_for_each_who_may_see_more_or_less(company: Company) -> None:
    assert says_what_the_world_does(index_of(company), Truth(company.world)) == company.world.order_count()


def says_what_the_world_does(index: Index, truth: Truth) -> int:
    """Every order, four times: its stage, since when, and whether it is stuck. How many there are."""
    now = truth.world.now
    orders = list(truth.orders())
    for place, (bills, tickets) in enumerate(SEEING):
        rows = index.db.execute(f"SELECT number, s{place}, t{place} FROM way").fetchall()
        told = {number: (STAGES[stage].name, since) for number, stage, since in rows}
        stuck = Wanted(now, bills=bills, tickets=tickets, holds=True, stuck=True, first=100_000)
        found = {number for number, _ in find(index, stuck).page}
        for ordinal, order in orders:
            stage, since, held_up = truth.heard(ordinal, order, bills=bills, tickets=tickets)
            assert told[order.number] == (stage, since and int(since.timestamp())), order
            assert (order.number in found) == held_up, order
        assert all(since is None or since <= now.timestamp() for _, since in told.values())
    assert len(told) == len(orders)
    return len(orders)


async def test_pages_and_counts_agree_and_nothing_is_seen_twice(company: Company) -> None:
    counted = Counter({one["stage"]: one["orders"] for one in (await sets(company))["stages"]})
    every = await numbers(company)
    newest = await numbers(company, o="WAITING_SHORTEST")

    assert sum(counted.values()) == len(every) == len(set(every)) == company.world.order_count()
    assert newest == every[::-1]
    for stage, count in counted.items():
        assert len(await numbers(company, f={"stage": [stage]})) == count


async def test_conditions_narrow_it_down(company: Company) -> None:
    world = company.world
    sold = {order.number: order for index in world.customers() for order in world.orders_of(index)}

    by_web = await numbers(company, f={"channel": ["WEB"]})
    gold = await numbers(company, f={"tier": ["Gold"]})
    old = await numbers(company, f={"olderThanDays": 30})
    mine = await numbers(company, c=[company.id_of(1)])

    assert set(by_web) == {number for number, order in sold.items() if order.source_system == "WEB"}
    assert set(mine) == {order.number for order in world.orders_of(1)}
    assert {world.customer(sold[number].customer).tier for number in gold} == {"Gold"}
    assert old
    assert all(NOW - sold[number].placed_at > timedelta(days=30) for number in old)


async def test_what_changes_is_heard_of(company: Company) -> None:
    """Somebody reports trouble with an order that was done with."""
    before = await sets(company, f={"stage": ["COMPLETE"]}, o="WAITING_SHORTEST")
    number = before["nodes"][0]["number"]
    await reported(company, number)

    assert set((await fed(company)).values()) == {""}

    after = await sets(company, f={"stage": ["SERVICE"]}, n=100)
    assert number in {one["number"] for one in after["nodes"]}
    assert after["asOf"] > before["asOf"]


async def reported(company: Company, number: str) -> None:
    transport = httpx.ASGITransport(app=company.mocks["remedy"])
    async with httpx.AsyncClient(transport=transport, base_url="http://remedy") as client:
        token = (await client.post("/api/jwt/login", data={"username": USERNAME, "password": PASSWORD})).text
        told = {"Order Number__c": number, "Description": "It does not work.", "Status": "New"}
        told |= {"First_Name": "Ada", "Last_Name": "Okafor", "Impact": "4-Minor/Localized", "Urgency": "4-Low"}
        told |= {"Service_Type": "User Service Restoration", "Reported Source": "Phone"}
        reply = await client.post(
            "/api/arsys/v1/entry/HPD:IncidentInterface_Create",
            json={"values": told},
            headers={"Authorization": f"AR-JWT {token}"},
        )
        assert reply.status_code == 201, reply.text


# -- what it does not say -----------------------------------------------------------------------------------------


async def test_nothing_personal_is_in_the_file(company: Company, tmp_path: Path) -> None:
    index_of(company).db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = written(tmp_path)
    people = [company.world.customer(index) for index in company.world.customers()]
    orders = [order for index in company.world.customers() for order in company.world.orders_of(index)]
    texts = {
        text for one in people for text in (one.email, one.phone, one.last_name, one.account_name, one.address.street)
    }
    texts |= {text for order in orders for text in (str(order.total), order.ship_to_name, order.customer_po)}

    assert b"CANARY" not in held
    assert len(held) > 10_000
    assert [text for text in texts if len(text) > 5 and text.encode() in held] == []


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("orders.sqlite*"))


async def test_no_personal_column_travels_to_build_it(company: Company) -> None:
    index_of(company).forget()
    await company.forget()

    await fed(company)

    asked = {(one["system"], column) for one in await company.asked() for column in one["columns"]}
    personal = re.compile(r"name|mail|phone|address|comment|description|amount|total|price", re.IGNORECASE)
    assert [one for one in sorted(asked) if personal.search(one[1])] == []
    assert {system for system, _ in asked} == {"oracle_om", "netsuite", "remedy", "siebel"}


async def test_a_reseller_is_told_of_its_own_channel_alone(company: Company) -> None:
    client = company.app.policy.partners["northwind"]
    principal = Principal("tester", client.role, client=client.client)
    text = "{ orderToCash(first: 100) { examined stages { orders } nodes { number channel } } }"
    body = json.loads(await company.app.pipeline(Question(text, None, {}), principal, Options(request_id="r")))
    found = body["data"]["orderToCash"]
    theirs = {one.number for i in company.world.customers() for one in company.world.orders_of(i) if _partner(one)}

    assert {one["number"] for one in found["nodes"]} == theirs
    assert found["examined"] == sum(one["orders"] for one in found["stages"]) == len(theirs)


def _partner(order: Order) -> bool:
    return order.source_system == "PARTNER"


async def test_a_customer_is_told_of_their_own_orders_whoever_they_ask_for(company: Company) -> None:
    me, other = company.id_of(1), company.id_of(0)

    mine = await sets(company, "customer", customer=me)
    theirs = await sets(company, "customer", customer=me, c=[other])

    assert mine["examined"] == len(company.world.orders_of(1))
    assert (theirs["examined"], theirs["nodes"], theirs["stages"]) == (0, [], [])


async def test_who_may_not_see_bills_is_not_told_by_what_is_stuck(company: Company) -> None:
    agent, warehouse = (
        await numbers(company, f={"stuckOnly": True}),
        await numbers(company, "warehouse", f={"stuckOnly": True}),
    )
    world = company.world
    short = {
        order.number
        for index in world.customers()
        for order in world.orders_of(index)
        if any(line.status == "BACKORDERED" and line.quantity for line in order.lines)
    }

    assert set(warehouse) == short < set(agent)
    assert {one["stage"] for one in (await sets(company, "warehouse"))["stages"]}.isdisjoint({"BILLING", "SERVICE"})


# -- bad days -----------------------------------------------------------------------------------------------------


async def test_an_answer_says_when_something_is_missing(company: Company) -> None:
    index_of(company).forget()
    empty = await sets(company)
    await company.break_("netsuite", "status", value=503)
    failed = await fed(company)
    agent, warehouse = await sets(company), await sets(company, "warehouse")
    await company.break_("netsuite", "latency", value=0)
    await fed(company)

    assert (empty["complete"], empty["asOf"], empty["nodes"]) == (False, None, [])
    assert failed["netsuite"]
    assert not failed["oracle_om"]
    assert (agent["complete"], warehouse["complete"]) == (False, True)
    assert (await sets(company))["complete"]


async def test_who_is_interrupted_goes_on_from_there(company: Company) -> None:
    """A system that fails after a page is asked, the next time, for what comes behind it."""
    index = index_of(company)
    index.forget()
    await company.break_("oracle_om", "status", value=503, match="LastUpdateDate >=")
    failed = await fed(company)
    assert [system for system, why in failed.items() if why] == ["oracle_om"]
    reached, there = index.progress()["oracle_om"], index.count()["way"]
    assert 0 < there < company.world.order_count()
    assert (reached.until is not None, reached.asked) == (True, 0)
    assert not (await sets(company))["complete"]

    await company.control("oracle_om", "POST", "faults")
    await company.forget()
    assert set((await fed(company)).values()) == {""}
    first = next(one for one in await company.asked("oracle_om") if "LastUpdateDate" in one["columns"])
    assert str(reached.until)[:10] in str(first)
    assert index.count()["way"] == company.world.order_count()
    assert (await sets(company))["complete"]


async def test_two_do_not_take_in_at_once(company: Company) -> None:
    index, facts = index_of(company), company.app.pipeline.facts
    with index.alone():
        before = index.count()
        with pytest.raises(Busy, match="another process is taking in changes of orders"):
            await sync(index, facts["crossref"], company.app.backends, anew=True)
    assert index.count() == before
    assert set((await fed(company)).values()) == {""}


async def test_a_file_of_another_release_begins_anew_and_other_rules_fold_anew(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    index = Index(path)
    index.orders([ORDER])
    assert [len(rows) for rows in (list(index.fold()), list(index.fold()))] == [1, 0]
    index.db.execute("UPDATE folded_by SET rules = rules + 1")
    index.close()

    otherwise = Index(path)
    assert (otherwise.count()["way"], otherwise.count()["touched"]) == (1, 1)
    otherwise.db.execute("PRAGMA user_version = 1")
    otherwise.db.execute("ALTER TABLE way DROP COLUMN held")
    otherwise.close()

    anew = Index(path)
    assert anew.count()["way"] == 0
    anew.orders([ORDER])
    anew.close()
    assert Index(path).count()["way"] == 1


NO_CURSOR = "`after` is not a cursor of this list: take it from `endCursor` of the same field, arguments and caller"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"n": 0}, "`first` is 1 to 100, not 0"),
        ({"n": -1}, "`first` is 1 to 100, not -1"),
        ({"n": 10_000}, "`first` is 1 to 100, not 10000"),
        ({"f": {"olderThanDays": -1}}, "`olderThanDays` is at least 0, not -1"),
        ({"c": ["x"] * 101}, "At most 100 customers at a time, not 101"),
        ({"f": {"channel": ["X"] * 3_000}}, "At most 100 values of `channel` at a time, not 3000"),
        ({"f": {"tier": ["X"] * 101}}, "At most 100 values of `tier` at a time, not 101"),
        ({"f": {"stage": ["BILLING"] * 101}}, "At most 100 values of `stage` at a time, not 101"),
        ({"a": ""}, NO_CURSOR),
        ({"a": "x" * 10_000}, NO_CURSOR),
    ],
    ids=lambda one: str(one)[:30],
)
async def test_what_cannot_be_asked_is_refused_with_a_reason(company: Company, asked: dict[str, Any], why: str) -> None:
    answer = await company.ask(SETS, **asked)
    assert [(one["message"], one["extensions"]["code"]) for one in answer["errors"]] == [(why, "BAD_VARIABLE")]


async def test_a_cursor_is_of_its_own_list_conditions_and_class_of_callers(company: Company) -> None:
    elsewhere = await company.ask("{ orders(first: 3) { pageInfo { endCursor } } }")
    other = elsewhere["data"]["orders"]["pageInfo"]["endCursor"]
    mine = (await sets(company, n=3))["pageInfo"]["endCursor"]
    assert (await sets(company, n=3, a=mine))["nodes"]
    for role, more in (
        ("support_agent", {"a": other}),
        ("support_agent", {"a": mine, "f": {"stuckOnly": True}}),
        ("support_agent", {"a": mine[:-4] + "AAAA"}),
        ("warehouse", {"a": mine}),
    ):
        answer = await company.ask(SETS, role, n=3, **more)
        assert [one["message"] for one in answer["errors"]] == [NO_CURSOR]


@pytest.mark.parametrize(
    "asked",
    [
        {"c": []},
        {"c": ["x", "", "UHJvZHVjdDpQLTE", "Q3VzdG9tZXI6Li4vLi4"]},
        {"f": {"channel": []}},
        {"f": {"channel": ["'; DROP TABLE way; --", "\x00", "%"]}},
        {"f": {"tier": ["' OR 1=1 --"]}},
        {"f": {"stage": []}},
        {"f": {"olderThanDays": 2**31 - 1}},
    ],
    ids=str,
)
async def test_what_nothing_can_meet_is_an_empty_page(company: Company, asked: dict[str, Any]) -> None:
    page = await sets(company, **asked)
    assert (page["nodes"], page["stages"], page["complete"]) == ([], [], True)
    assert (await sets(company))["nodes"]


async def test_nobody_narrows_down_by_what_they_may_not_see(company: Company) -> None:
    await company.forget()
    answer = await company.ask(SETS, "warehouse", f={"tier": ["Gold"]})
    (gap,) = answer["extensions"]["absent"]
    assert answer["data"]["orderToCash"] is None
    assert (gap["coordinate"], gap["reason"]) == ("OrderToCashFilter.tier", "WITHHELD")
    assert await company.asked() == []


async def test_amounts_are_asked_for_now_and_add_up(company: Company) -> None:
    answer = await company.ask(
        "{ orderToCash(filter: {stage: [FULFILMENT]}) { stages { orders added amounts { amount currency } } } }"
    )
    (total,) = answer["data"]["orderToCash"]["stages"]
    found = await numbers(company, f={"stage": ["FULFILMENT"]})
    orders = [company.world.order_by_number(number) for number in found]
    expected: Counter[str] = Counter()
    for order in filter(None, orders):
        expected[order.currency] += order.total  # type: ignore[assignment]

    assert total["orders"] == total["added"] == len(found)
    assert {one["currency"]: float(one["amount"]) for one in total["amounts"]} == pytest.approx(
        {currency: float(amount) for currency, amount in expected.items()}
    )
