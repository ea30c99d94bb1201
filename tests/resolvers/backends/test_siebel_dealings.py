"""What the adapter makes of Siebel's opportunities, assets and campaign lists: the mock's, and what no Siebel sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mocks.world.assets import Assets
from mocks.world.campaigns import Campaigns
from mocks.world.deals import Deals
from mocks.world.seeded import SeededWorld
from resolvers.backends.base import BackendError, Connection, Deadline, Garbled, Reply, Request, Unusable
from resolvers.backends.siebel import CampaignMember, Siebel
from resolvers.backends.siebel.deals import Money
from schema import OpportunityStatus
from tests.resolvers.backends.siebel_wire import Crm

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEAL = frozenset(Siebel.opportunities.columns)
OWNED = frozenset(Siebel.assets.columns)


@pytest.fixture(scope="module")
def world() -> SeededWorld:
    return SeededWorld(60, now=NOW)


@pytest.fixture
def crm(world: SeededWorld) -> Crm:
    return Crm(world)


def account(world: SeededWorld, index: int) -> str:
    return str(world.customer(index).siebel_account_id)


async def test_an_opportunity_in_our_words(crm: Crm, world: SeededWorld) -> None:
    deal = Deals(world).of_customer(1)[0]
    found = (await crm.ask("opportunities", deal.row_id, "1O-0", columns=DEAL))[deal.row_id]
    assert (found.account_id, found.name, found.stage) == (account(world, 1), deal.name, deal.stage)
    assert (found.status, found.probability) == (OpportunityStatus.WON, 100)
    assert (found.amount, found.closes_on) == (Money(deal.amount, deal.currency), deal.closes_on)
    assert (found.order_number, found.description) == (deal.order_number, deal.description)


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("09 - Closed/Won", OpportunityStatus.WON),
        ("Closed-Lost", OpportunityStatus.LOST),
        ("08 - Negotiation", OpportunityStatus.OPEN),
        ("Wonderful prospect", OpportunityStatus.OPEN),
    ],
)
async def test_the_words_of_a_stage_tell_what_became_of_it(stage: str, status: OpportunityStatus) -> None:
    found = await asked("opportunities", {"Id": "1O-1", "Sales Stage": stage}, "1O-1")
    assert found["1O-1"].status is status


async def test_first_pages_of_many_accounts_are_one_question(crm: Crm, world: SeededWorld) -> None:
    accounts = [account(world, at) for at in world.customers() if world.customer(at).siebel_account_id][:40]
    found = await crm.ask("opportunities_of", *accounts, columns={"closes_on"}, first=3)
    assert len(crm.bridge.requests) <= 4
    deals = Deals(world)
    for key, page in found.items():
        mine = sorted(deals.of_account(key), key=lambda one: (one.closes_on, one.row_id), reverse=True)
        assert [one.row_id for one in page.rows] == [one.row_id for one in mine[:3]]
        assert page.has_next == (len(mine) > 3)


@pytest.mark.parametrize(("operation", "of"), [("opportunities_of", Deals), ("assets_of", Assets)])
@pytest.mark.parametrize("size", [7, 100])
async def test_pages_behind_each_other_are_all_there_is(
    crm: Crm, world: SeededWorld, operation: str, of: Any, size: int
) -> None:
    key, seen, after = account(world, 1), list[str](), None
    while True:
        page = (await crm.ask(operation, key, columns={"row_id"}, first=size, after=after))[key]
        seen += [one.row_id for one in page.rows]
        if not page.has_next:
            break
        last = page.rows[-1]
        at = last.closes_on if operation == "opportunities_of" else last.since.replace(tzinfo=None)
        after = (at.isoformat(), last.row_id)
    wanted = of(world).of_account(key)
    assert len(wanted) > 50
    assert sorted(seen) == sorted(one.row_id for one in wanted)


async def test_a_hundred_rows_of_one_page_and_the_one_behind(crm: Crm, world: SeededWorld) -> None:
    key = account(world, 1)
    page = (await crm.ask("assets_of", key, columns={"row_id"}, first=100))[key]
    assert (len(page.rows), page.has_next) == (100, len(Assets(world).of_account(key)) > 100)


async def test_an_asset_in_our_words_by_its_serial_number(crm: Crm, world: SeededWorld) -> None:
    asset = Assets(world).of_customer(1)[0]
    found = (await crm.ask("assets_by_serial", asset.serial, "SN'; --", columns=OWNED))[asset.serial]
    assert [(one.row_id, one.sku, one.quantity, one.since) for one in found] == [
        (asset.row_id, asset.sku, asset.quantity, asset.installed.replace(microsecond=0))
    ]
    assert (found[0].warranty_until, found[0].order_number) == (asset.warranty_until, asset.order_number)
    assert (await crm.ask("assets", asset.row_id, columns=OWNED))[asset.row_id] == found[0]


async def test_things_of_these_accounts_only(crm: Crm, world: SeededWorld) -> None:
    asset = Assets(world).of_customer(1)[0]
    mine, other = account(world, 1), account(world, 0)
    for operation, key in (("assets", asset.row_id), ("assets_by_serial", asset.serial)):
        assert (await crm.ask(operation, key, columns={"sku"}, accounts=(mine, other)))[key]
        assert not (await crm.ask(operation, key, columns={"sku"}, accounts=(other,)))[key]
        assert f"[Owner Account Id]='{other}'" in crm.queries()[-1]["searchspec"]
        asked = len(crm.bridge.requests)
        assert not (await crm.ask(operation, key, columns={"sku"}, accounts=()))[key]
        assert len(crm.bridge.requests) == asked


async def test_things_of_others_are_not_passed_on_though_siebel_sends_them() -> None:
    row = {"Id": "1A-1", "Owner Account Id": "1-OTHER", "Serial Number": "SN1"}
    assert await asked("assets", row, "1A-1", accounts=("1-MINE",)) == {}
    assert await asked("assets_by_serial", row, "SN1", accounts=("1-MINE",)) == {"SN1": []}


async def test_only_the_columns_asked_for_travel(crm: Crm, world: SeededWorld) -> None:
    asset = Assets(world).of_customer(1)[0]
    await crm.ask("assets_by_serial", asset.serial, columns={"sku"})
    assert crm.queries()[-1]["fields"] == "Id,Serial Number,Product Part Number"


async def test_what_an_opportunity_is_for(crm: Crm, world: SeededWorld) -> None:
    deal, other = Deals(world).of_customer(1)[:2]
    found = await crm.ask(
        "opportunity_products", deal.row_id, other.row_id, columns=Siebel.opportunity_products.columns
    )
    for one in (deal, other):
        assert [(line.sku, line.quantity, line.amount) for line in found[one.row_id]] == [
            (line.sku, line.quantity, Money(line.amount, one.currency)) for line in one.lines
        ]
    assert len(crm.bridge.requests) == 1


async def test_the_lists_somebody_is_on_and_the_campaigns_behind_them(crm: Crm, world: SeededWorld) -> None:
    index = next(at for at in world.customers() if any(one.answer for one in Campaigns(world).members_of(at)))
    key = str(world.customer(index).siebel_contact_id)
    found = (await crm.ask("campaign_members_of", key, columns=Siebel.campaign_members_of.columns))[key]
    wanted = {one.row_id: one for one in Campaigns(world).members_of(index)}
    assert {one.row_id for one in found} == set(wanted)
    for one in found:
        row = wanted[one.row_id]
        assert one == CampaignMember(
            one.row_id, row.campaign.row_id, key, row.listed_at, row.attempts, row.answer, row.answered_at, row.remark
        )
    campaigns = await crm.ask("campaigns", *{str(one.campaign_id) for one in found}, columns={"name", "starts_on"})
    for one in found:
        campaign = wanted[one.row_id].campaign
        assert campaigns[campaign.row_id].name == campaign.name
        assert campaigns[campaign.row_id].starts_on == campaign.starts_on


async def test_what_is_no_row_id_is_not_sent(crm: Crm) -> None:
    assert await crm.ask("opportunities", "1-A' OR '1'='1", 7, columns=DEAL) == {"1-A' OR '1'='1": None, 7: None}
    found = await crm.ask("opportunities_of", "'; --", columns=DEAL)
    assert found["'; --"].rows == []
    assert crm.bridge.requests == []


async def test_where_these_things_are_is_a_setting(world: SeededWorld) -> None:
    crm = Crm(world, asset_path="Our Assets/Things")
    with pytest.raises(BackendError):
        await crm.ask("assets", "1A-1", columns=OWNED)
    assert crm.bridge.requests[0].target.startswith("/siebel/v1.0/data/Our%20Assets/Things?")


@pytest.mark.parametrize("after", [("x", "1O-1"), ("2026-01-01", "'; --"), ("2026-01-01",), ("", "", "")])
async def test_what_is_no_place_in_a_list_is_unusable(crm: Crm, world: SeededWorld, after: Any) -> None:
    with pytest.raises(Unusable):
        await crm.ask("opportunities_of", account(world, 1), columns=DEAL, after=after)


# -- answers no Siebel should give ------------------------------------------------------------------------------------


async def asked(operation: str, rows: dict[str, Any] | list[dict[str, Any]], *keys: str, **args: Any) -> dict[str, Any]:
    found = rows if isinstance(rows, list) else [rows]
    body = json.dumps({"items": found, "Link": []}).encode()

    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        return Reply(200, {"content-type": "application/json"}, body)

    siebel = Siebel(Connection("http://crm.example", "u", "p"), send)
    run = getattr(siebel, operation)
    answer: dict[str, Any] = dict(await run(siebel.wire(Deadline(5)), keys, DEAL | OWNED, **args))
    for one in answer.values():
        if isinstance(one, Exception):
            raise one
    return answer


@pytest.mark.parametrize(
    "row",
    [
        {"Primary Revenue Amount": "12.5"},
        {"Primary Revenue Amount": "12,5", "Currency Code": "USD"},
        {"Primary Revenue Amount": "1e9", "Currency Code": "USD"},
        {"Primary Revenue Win Probability": "101"},
        {"Primary Revenue Win Probability": "-1"},
        {"Primary Revenue Close Date": "2026-03-01"},
        {"Primary Revenue Close Date": "02/30/2026"},
        {"Sales Stage": 9},
        {"Name": None},
    ],
)
async def test_an_opportunity_that_cannot_be_is_garbled(row: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        await asked("opportunities", {"Id": "1O-1", **row}, "1O-1")


@pytest.mark.parametrize("row", [{"Quantity": "two"}, {"Warranty End Date": "never"}, {"Install Date": "03/01/26"}])
async def test_an_asset_that_cannot_be_is_garbled(row: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        await asked("assets", {"Id": "1A-1", **row}, "1A-1")


async def test_rows_of_an_account_nobody_asked_for_are_never_passed_on() -> None:
    row = {"Id": "1O-1", "Account Id": "1-OTHER", "Primary Revenue Close Date": "03/01/2026"}
    with pytest.raises(Garbled):
        await asked("opportunities_of", row, "1-MINE")


async def test_amounts_keep_their_digits() -> None:
    row = {"Id": "1O-1", "Primary Revenue Amount": "12.50", "Currency Code": "USD"}
    found = (await asked("opportunities", row, "1O-1"))["1O-1"]
    assert str(found.amount.amount) == "12.50"
    assert found.amount == Money(Decimal("12.5"), "USD")
    assert found.closes_on is None
