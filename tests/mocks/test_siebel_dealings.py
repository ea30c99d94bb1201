"""Opportunities, campaigns and assets in the CRM, over its real wire format."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocks.world.assets import Assets
from mocks.world.campaigns import Campaigns
from mocks.world.deals import Deals
from mocks.world.seeded import SeededWorld
from tests.mocks.siebel_world import Client

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPPORTUNITY, ASSET = "Opportunity/Opportunity", "Asset Management/Asset Mgmt - Asset"
MEMBERS = "Campaign/Campaign Members"


@pytest.fixture(scope="module")
def world() -> SeededWorld:
    return SeededWorld(30, now=NOW)


@pytest.fixture
def crm(world: SeededWorld) -> Client:
    return Client(world)


async def test_an_opportunity_field_by_field(crm: Client, world: SeededWorld) -> None:
    deal = Deals(world).of_customer(1)[0]
    customer = world.customer(1)
    (row,) = await crm.rows(OPPORTUNITY, searchspec=f"[Id] = '{deal.row_id}'")
    del row["Link"]
    assert row == {
        "Id": deal.row_id,
        "Name": deal.name,
        "Account": customer.account_name,
        "Account Id": customer.siebel_account_id,
        "Sales Stage": "09 - Closed/Won",
        "Sales Method": deal.method,
        "Primary Revenue Amount": str(deal.amount),
        "Primary Revenue Close Date": deal.closes_on.strftime("%m/%d/%Y"),
        "Primary Revenue Win Probability": "100",
        "Primary Sales Rep Login": row["Primary Sales Rep Login"],
        "Key Contact First Name": customer.first_name,
        "Key Contact Last Name": customer.last_name,
        "Key Contact Id": customer.siebel_contact_id,
        "Description": deal.description,
        "Currency Code": deal.currency,
        "Order Number": deal.order_number,
        "Created": deal.created.strftime("%m/%d/%Y %H:%M:%S"),
        "Updated": deal.updated.strftime("%m/%d/%Y %H:%M:%S"),
    }
    assert all(isinstance(value, str) for value in row.values())


async def test_opportunities_of_several_accounts_sorted_and_paged(crm: Client, world: SeededWorld) -> None:
    deals = Deals(world)
    spec = " OR ".join(f"[Account Id] = '{world.customer(at).siebel_account_id}'" for at in (0, 1))
    wanted = sorted((*deals.of_customer(0), *deals.of_customer(1)), key=lambda one: (one.closes_on, one.row_id))
    found: list[str] = []
    for start in range(0, len(wanted) + 1, 20):
        sort = "Primary Revenue Close Date:desc,Id:desc"
        page = await crm.rows(OPPORTUNITY, searchspec=spec, sortspec=sort, PageSize="20", StartRowNum=str(start))
        found += [row["Id"] for row in page]
    assert found == [one.row_id for one in reversed(wanted)]


async def test_any_field_can_be_searched_for(crm: Client, world: SeededWorld) -> None:
    wanted = {
        one.row_id for at in world.customers() for one in Deals(world).of_customer(at) if one.stage.endswith("Lost")
    }
    assert set(await crm.ids(OPPORTUNITY, searchspec="[Sales Stage] LIKE '*Lost'")) == wanted
    assert wanted


async def test_products_below_their_opportunity_and_beside_it(crm: Client, world: SeededWorld) -> None:
    deal = Deals(world).of_customer(1)[0]
    below = await crm.rows(f"{OPPORTUNITY}/{deal.row_id}/Opportunity Product", PageSize="100")
    beside = await crm.rows("Opportunity/Opportunity Product", searchspec=f"[Opportunity Id] = '{deal.row_id}'")
    assert [row["Product Part Number"] for row in below] == [line.sku for line in deal.lines]
    assert [row["Id"] for row in beside] == [row["Id"] for row in below]
    reply = await crm.get(f"{OPPORTUNITY}/{deal.row_id}/Opportunity Product/{below[0]['Id']}", uniformresponse="y")
    assert reply.json()["items"][0]["Quantity"] == str(deal.lines[0].quantity)


async def test_an_asset_by_serial_number(crm: Client, world: SeededWorld) -> None:
    asset = Assets(world).of_customer(1)[0]
    (row,) = await crm.rows(ASSET, searchspec=f"[Serial Number] = '{asset.serial}'")
    assert (row["Id"], row["Product Part Number"]) == (asset.row_id, asset.sku)
    assert row["Owner Account Id"] == world.customer(1).siebel_account_id
    assert row["Install Date"] == asset.installed.strftime("%m/%d/%Y %H:%M:%S")
    assert row["Comments"].endswith(f"CANARY-asset-{asset.row_id}")


async def test_a_campaign_and_who_was_on_its_list(crm: Client, world: SeededWorld) -> None:
    campaigns = Campaigns(world)
    campaign = campaigns.campaign(16)
    (row,) = await crm.rows("Campaign/Campaign", searchspec=f"[Id] = '{campaign.row_id}'")
    assert (row["Name"], row["Start Date"]) == (campaign.name, campaign.starts_on.strftime("%m/%d/%Y"))
    wanted = {one.row_id for at in world.customers() if (one := campaigns.member(at, 16))}
    assert set(await crm.ids(MEMBERS, searchspec=f"[Campaign Id] = '{campaign.row_id}'")) == wanted
    assert wanted


@pytest.mark.parametrize("path", [OPPORTUNITY, ASSET, "Campaign/Campaign", MEMBERS])
async def test_they_are_not_written_here(crm: Client, path: str) -> None:
    reply = await crm.send("POST", path, {"Name": "new"})
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET")


async def test_a_login_without_the_view_sees_none(crm: Client) -> None:
    assert (await crm.get(OPPORTUNITY, mode=None)).status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"searchspec": "[Colour] = 'red'"}, 500, "SBL-DAT-00416"),
        ({"fields": "Colour"}, 400, "SBL-EAI-50258"),
        ({"searchspec": "[Primary Revenue Close Date] > '2026-01-01'"}, 500, "SBL-DAT-00359"),
    ],
)
async def test_bad_questions_are_refused_as_everywhere(
    crm: Client, query: dict[str, str], status: int, code: str
) -> None:
    reply = await crm.get(OPPORTUNITY, **query)
    assert reply.status_code == status
    assert code in reply.text


async def test_what_is_not_there_is_not_found(crm: Client) -> None:
    assert (await crm.get(f"{OPPORTUNITY}/1O-0")).status_code == 404
    assert (await crm.get(f"{ASSET}/1A-0/Opportunity Product")).status_code == 404
