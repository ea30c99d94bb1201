"""The mocks are started together, agree with each other, and stop when they are told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from mocks.serve import MOCKS, mount, serve
from mocks.world import World, open_world

pytestmark = pytest.mark.anyio
SIEBEL = "/siebel/v1.0/data/Account/Account"
ORACLE_OM = "/fscmRestApi/resources/11.13.18.05/salesOrdersForOrderHub"
SAP = "/sap/opu/odata/sap/API_PRODUCT_SRV/A_Product"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=60, seed=7)


@contextlib.asynccontextmanager
async def _served(world: World, **told: object) -> AsyncIterator[dict[str, str]]:
    urls: dict[str, str] = {}
    up = asyncio.Event()

    def ready(found: dict[str, str]) -> None:
        urls.update(found)
        up.set()

    task = asyncio.create_task(
        serve(world, ports=dict.fromkeys(MOCKS, 0), open_control=True, ready=ready, **told)  # type: ignore[arg-type]
    )
    try:
        await asyncio.wait_for(up.wait(), 10)
        yield urls
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_the_ports_are_those_of_the_contract() -> None:
    names = ("siebel", "oracle_om", "sap", "remedy", "contentful", "netsuite", "fedex", "ups", "hubspot", "discourse")
    ports = {name: 8361 + at for at, name in enumerate((*names, "partner_hub"))}
    assert {name: mock.port for name, mock in MOCKS.items()} == {name: ports[name] for name in MOCKS}
    assert all(mock.title for mock in MOCKS.values())


async def test_the_three_tell_the_same_story(world: World) -> None:
    apps = mount(world)
    customer = world.customer(0)
    [line, *_] = world.orders_of(0)[-1].lines

    async def ask(name: str, path: str, login: tuple[str, str], **params: str) -> str:
        headers = {"content-type": "application/json", "accept": "application/json", "rest-framework-version": "4"}
        target = httpx.URL("http://mock" + path, params=params)
        target = target.copy_with(raw_path=target.raw_path.replace(b"+", b"%20"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(apps[name]), auth=login) as client:
            answer = await client.get(target, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    account = f"[Id]='{customer.siebel_account_id}'"
    crm = await ask("siebel", SIEBEL, ("SADMIN", "siebel-demo"), searchspec=account, ViewMode="All")
    assert f'"CSN":"{customer.number}"' in crm
    party = f"BuyingPartyNumber = '{customer.number.lstrip('0')}'"
    sales = await ask("oracle_om", ORACLE_OM, ("OPS.INTEGRATION", "oracle-demo"), q=party, expand="lines")
    assert line.sku in sales
    stock = {"$filter": f"Product eq '{line.sku}'", "$format": "json"}
    assert line.sku in await ask("sap", SAP, ("S4_COMM_USER", "sap-demo"), **stock)


async def test_served_mocks_answer_until_they_are_told_to_stop(world: World) -> None:
    async with _served(world) as urls, httpx.AsyncClient() as client:
        assert list(urls) == list(MOCKS)
        for url in urls.values():
            assert (await client.get(f"{url}/_mock/requests")).json() == {"requests": [], "last": 0}
    async with httpx.AsyncClient() as client:
        for url in urls.values():
            with pytest.raises(httpx.ConnectError):
                await client.get(f"{url}/_mock/requests")


async def test_only_the_named_ones_are_started(world: World) -> None:
    async with _served(world, names=["sap"]) as urls:
        assert list(urls) == ["sap"]
    assert list(mount(world, names=["sap", "siebel"])) == ["siebel", "sap"]


async def test_a_name_that_is_no_mock_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no mock is called seibel; there are siebel, oracle_om, sap"):
        mount(world, names=["seibel"])


async def test_closed_control_needs_a_secret(world: World) -> None:
    with pytest.raises(ValueError, match="secret"):
        await serve(world)


async def test_a_taken_address_is_named_and_nothing_is_left_behind(world: World) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        ports = {"siebel": free.getsockname()[1], "oracle_om": taken.getsockname()[1], "sap": 0}
        free.close()
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{ports['oracle_om']}: "):
            await serve(world, ports=ports, open_control=True)
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", ports["siebel"]))


async def test_a_call_that_hangs_does_not_keep_the_mocks_from_stopping(world: World) -> None:
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient() as client:
        async with _served(world, names=["sap"]) as urls:
            await client.post(f"{urls['sap']}/_mock/faults", json={"kind": "latency", "value": 60_000})
            hanging = asyncio.create_task(client.get(urls["sap"] + SAP, timeout=30))
            await asyncio.sleep(0.1)
            begun = loop.time()
        assert loop.time() - begun < 3
        with pytest.raises(httpx.HTTPError):
            await asyncio.wait_for(hanging, 5)
