"""People change their minds: the staff of the CRM and of the marketing system write it down, and it is so at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from mocks import hubspot, siebel
from mocks.serve import mount
from mocks.world import World, open_world
from mocks.world.audience import Audience

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
FLAGS = "Suppress All Emails,Suppress All Calls,Suppress All Mailings,Suppress All Faxes"
STATUSES = "/communication-preferences/v4/statuses"
Mounted = Mapping[str, ASGIApp]


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=60, now=NOW)


@pytest.fixture
def systems(world: World) -> Mounted:
    return mount(world)


def client(systems: Mounted, name: str, **more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(systems[name]), base_url=f"http://{name}", **more)


async def said(systems: Mounted, name: str, key: Any, agreed: Any) -> httpx.Response:
    async with client(systems, name) as control:
        return await control.post("/_mock/consent", json={"key": key, "agreed": agreed})


async def flags(systems: Mounted, row_id: str) -> set[str]:
    login = (siebel.USERNAME, siebel.PASSWORD)
    async with client(systems, "siebel", auth=login, headers={"Content-Type": "application/json"}) as crm:
        params = {"ViewMode": "All", "fields": FLAGS, "uniformresponse": "y", "searchspec": f"[Id]='{row_id}'"}
        reply = await crm.get("/siebel/v1.0/data/Contact/Contact", params=params)
        return {reply.json()["items"][0][flag] for flag in FLAGS.split(",")}


async def statuses(systems: Mounted, email: str) -> list[dict[str, Any]]:
    async with client(systems, "hubspot", headers={"authorization": f"Bearer {hubspot.TOKEN}"}) as hub:
        reply = await hub.get(f"{STATUSES}/{email}", params={"channel": "EMAIL"})
        return list(reply.json()["results"])


@pytest.mark.parametrize(("agreed", "flag"), [(False, "Y"), (True, "N")])
async def test_the_crm_keeps_a_flag_for_every_way_to_reach_somebody(
    world: World, systems: Mounted, agreed: bool, flag: str
) -> None:
    row_id = str(world.customer(0).siebel_contact_id)
    before = await flags(systems, str(world.customer(1).siebel_contact_id))

    reply = await said(systems, "siebel", row_id, agreed)

    assert (reply.status_code, reply.json()) == (200, {"key": row_id, "agreed": agreed})
    assert await flags(systems, row_id) == {flag}
    assert await flags(systems, str(world.customer(1).siebel_contact_id)) == before


@pytest.mark.parametrize(("agreed", "status"), [(False, "UNSUBSCRIBED"), (True, "SUBSCRIBED")])
async def test_the_marketing_system_keeps_a_status_for_every_kind_of_message(
    world: World, systems: Mounted, agreed: bool, status: str
) -> None:
    contact = Audience(world).contact_id(1)

    assert (await said(systems, "hubspot", contact, agreed)).status_code == 200

    told = await statuses(systems, world.customer(1).email)
    assert {(one["status"], one["source"]) for one in told} == {(status, "Preference page")}
    assert {one["source"] for one in await statuses(systems, world.customer(0).email)} != {"Preference page"}


@pytest.mark.parametrize(
    ("name", "key", "agreed", "status"),
    [
        ("siebel", "1-NOBODY", False, 404),
        ("hubspot", "1", False, 404),
        ("hubspot", "x", False, 404),
        ("sap", "1", False, 404),
        ("siebel", 7, False, 400),
        ("siebel", "1-NOBODY", "no", 400),
        ("siebel", "1-NOBODY", None, 400),
    ],
)
async def test_what_nobody_said_changes_nothing(
    systems: Mounted, name: str, key: Any, agreed: Any, status: int
) -> None:
    assert (await said(systems, name, key, agreed)).status_code == status


async def test_it_takes_the_secret_like_every_control_call(world: World) -> None:
    guarded = mount(world, secret="hush", open_control=False)
    assert (await said(guarded, "siebel", str(world.customer(0).siebel_contact_id), False)).status_code == 401
