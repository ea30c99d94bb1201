"""The SAP server, over HTTP: what its services answer, to the letter, and whom."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from mocks import sap
from tests.mocks.sap_world import O_HARA, ODD, ROOT, Shelf, client, lot, product

pytestmark = pytest.mark.anyio
PRODUCTS = f"{ROOT}/API_PRODUCT_SRV"
STOCK = f"{ROOT}/API_MATERIAL_STOCK_SRV"
ATP = f"{ROOT}/API_PRODUCT_AVAILY_INFO_BASIC"


async def get(target: str, world: Any = None, **headers: str) -> httpx.Response:
    async with client(world) as line:
        return await line.get(target, headers={"accept": "application/json", **headers})


async def results(target: str, world: Any = None) -> list[dict[str, Any]]:
    reply = await get(target, world)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["d"]["results"])


async def refused(target: str) -> tuple[int, str]:
    reply = await get(target)
    return reply.status_code, reply.json()["error"]["code"]


async def test_a_product_as_json() -> None:
    body = (await get(f"{PRODUCTS}/A_Product('FUR-BO-1')")).json()["d"]
    uri = "http://s4.example/sap/opu/odata/sap/API_PRODUCT_SRV/A_Product('FUR-BO-1')"
    assert body["__metadata"] == {"id": uri, "uri": uri, "type": "API_PRODUCT_SRV.A_ProductType"}
    assert body["CreationDate"] == "/Date(1582934400000)/"
    assert body["LastChangeDateTime"] == "/Date(1709547300000+0000)/"
    assert body["IsMarkedForDeletion"] is False
    assert isinstance(body["GrossWeight"], str)
    assert body["to_Plant"] == {"__deferred": {"uri": f"{uri}/to_Plant"}}


async def test_select_gives_just_what_it_names_and_the_metadata() -> None:
    (row,) = await results(f"{PRODUCTS}/A_Product?$select=BaseUnit&$filter=Product%20eq%20'FUR-BO-1'")
    assert set(row) == {"__metadata", "BaseUnit"}


async def test_expanded_parts_are_results_and_can_be_selected_from() -> None:
    (row,) = await results(
        f"{PRODUCTS}/A_Product?$expand=to_Description,to_Plant&$filter=Product%20eq%20'FUR-BO-1'"
        "&$select=Product,to_Description/ProductDescription,to_Plant"
    )
    assert [set(one) for one in row["to_Description"]["results"]] == [{"__metadata", "ProductDescription"}] * 2
    assert [one["Plant"] for one in row["to_Plant"]["results"]] == ["1010", "1020"]
    assert set(row) == {"__metadata", "Product", "to_Description", "to_Plant"}


async def test_stock_hangs_on_the_material_and_stands_alone() -> None:
    direct = await results(f"{STOCK}/A_MatlStkInAcctMod?$filter=Material%20eq%20'FUR-BO-1'")
    below = (await get(f"{STOCK}/A_MaterialStock('FUR-BO-1')?$expand=to_MatlStkInAcctMod")).json()["d"]
    followed = await results(f"{STOCK}/A_MaterialStock('FUR-BO-1')/to_MatlStkInAcctMod")
    assert direct == below["to_MatlStkInAcctMod"]["results"] == followed
    assert len(direct) == 6
    assert "MatlWrhsStkQtyInMatlBaseUnit" not in below


async def test_every_stock_row_is_found_again_by_its_eleven_keys() -> None:
    for row in await results(f"{STOCK}/A_MatlStkInAcctMod"):
        again = await get(row["__metadata"]["uri"])
        assert again.json()["d"] == row
        back = await get(f"{row['__metadata']['uri']}/to_MaterialStock")
        assert back.json()["d"]["Material"] == row["Material"]


async def test_unused_keys_and_special_stock_look_as_on_premise() -> None:
    rows = await results(f"{STOCK}/A_MatlStkInAcctMod?$filter=Material%20eq%20'FUR-BO-1'%20and%20Plant%20eq%20'1010'")
    plain, order, consigned = (next(r for r in rows if r["InventorySpecialStockType"] == one) for one in ("", "E", "K"))
    assert (plain["SDDocumentItem"], plain["WBSElementInternalID"], plain["Supplier"]) == ("0", "0" * 24, "")
    assert (order["SDDocument"], order["SDDocumentItem"], order["Customer"]) == ("0000000004", "10", "0000001017")
    assert consigned["Supplier"]


async def test_batches_of_one_material_add_up_to_what_lies_there() -> None:
    shelf = Shelf(tuple(product(n, f"M{n}", "1010") for n in range(20)), {n: (lot("1010", "7.5"),) for n in range(20)})
    lots: dict[str, list[Decimal]] = defaultdict(list)
    for row in await results(f"{STOCK}/A_MatlStkInAcctMod", shelf):
        lots[row["Material"]].append(Decimal(row["MatlWrhsStkQtyInMatlBaseUnit"]))
    assert {sum(quantities) for quantities in lots.values()} == {Decimal("7.5")}
    assert {len(quantities) for quantities in lots.values()} == {1, 2}


async def test_quantities_are_texts_whose_scale_varies() -> None:
    shelf = Shelf(tuple(product(n, f"S{n}", "1010") for n in range(9)), {n: (lot("1010", "1"),) for n in range(9)})
    texts = {row["MatlWrhsStkQtyInMatlBaseUnit"] for row in await results(f"{STOCK}/A_MatlStkInAcctMod", shelf)}
    assert texts == {"1", "1.000", "1.00000000000000"}


async def test_order_top_skip_and_count() -> None:
    page = (await get(f"{PRODUCTS}/A_Product?$orderby=Product%20desc&$top=2&$skip=1&$inlinecount=allpages")).json()["d"]
    skus = sorted((one.sku for one in (Shelf().product(n) for n in range(6))), reverse=True)
    assert [row["Product"] for row in page["results"]] == skus[1:3]
    assert page["__count"] == "6"
    assert (await get(f"{PRODUCTS}/A_Product/$count")).text == "6"
    assert (await get(f"{PRODUCTS}/A_Product/$count?$filter=BaseUnit%20eq%20'KG'")).text == "1"


async def test_a_long_set_is_cut_into_pages_that_lead_to_its_end() -> None:
    shelf = Shelf(tuple(product(number, f"S{number:04}") for number in range(1203)))
    target = f"{PRODUCTS}/A_Product?$select=Product&$orderby=Product&$top=1100&$format=json&$filter=Product%20gt%20'S'"
    found: list[str] = []
    sizes = []
    while target:
        page = (await get(target, shelf, accept="")).json()["d"]
        sizes.append(len(page["results"]))
        found += [row["Product"] for row in page["results"]]
        target = page.get("__next", "")
        assert not target or target.startswith("http://s4.example/sap/opu/odata/sap/API_PRODUCT_SRV/A_Product?")
        assert "+" not in target
    assert sizes == [500, 500, 100]
    assert found == [f"S{number:04}" for number in range(1100)]


async def test_a_key_may_hold_anything_once_it_is_encoded() -> None:
    for row in await results(f"{PRODUCTS}/A_Product"):
        assert (await get(row["__metadata"]["uri"])).json()["d"]["Product"] == row["Product"]
    assert {O_HARA, ODD} <= {row["Product"] for row in await results(f"{PRODUCTS}/A_Product")}


async def test_numeric_materials_are_found_with_any_zeros_and_printed_as_stored() -> None:
    rows = await results(f"{PRODUCTS}/A_Product?$select=Product&$filter=Product%20eq%20'777'")
    assert [row["Product"] for row in rows] == ["000777"]
    rows = await results(f"{PRODUCTS}/A_Product?$select=Product&$filter=Product%20eq%20'012'")
    assert [row["Product"] for row in rows] == ["0012", "12"]
    assert (await get(f"{PRODUCTS}/A_Product('12')")).json()["d"]["Product"] == "12"


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("API_NOTHING_SRV/A_Product", 404, "/IWFND/MED/170"),
        ("api_product_srv/A_Product", 404, "/IWFND/MED/170"),
        ("API_PRODUCT_SRV;v=0002/A_Product", 404, "/IWFND/MED/170"),
        ("API_PRODUCT_SRV/A_Nothing", 404, "/IWBEP/CM_MGW_RT/020"),
        ("API_PRODUCT_SRV/A_Product('NO-SUCH')", 404, "/IWBEP/CM_MGW_RT/020"),
        ("API_PRODUCT_SRV/A_Product('FUR-BO-1')/to_Nothing", 404, "/IWBEP/CM_MGW_RT/020"),
        ("API_PRODUCT_SRV/A_Product(5)", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_ProductPlant('FUR-BO-1')", 404, "/IWBEP/CM_MGW_RT/020"),
        ("API_PRODUCT_SRV/A_ProductPlant(Product='FUR-BO-1')", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$filter=Nothing%20eq%20'x'", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$filter=product%20eq%20'x'", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$filter=Product+eq+'x'", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$select=baseunit", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$select=to_Plant/Plant", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$expand=to_Nothing", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$orderby=Nothing", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$top=-1", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$top=1&$top=2", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$search=x", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product?$filter=%FF", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_SRV/A_Product('FUR-BO-1')?$top=1", 400, "/IWBEP/CM_MGW_RT/021"),
        ("API_PRODUCT_AVAILY_INFO_BASIC/DetermineAvailabilityAt", 400, "/IWBEP/CM_MGW_RT/021"),
    ],
)
async def test_what_is_wrong_has_its_status_and_code(target: str, status: int, code: str) -> None:
    assert await refused(f"{ROOT}/{target}") == (status, code)


async def test_an_error_tells_service_transaction_and_details() -> None:
    error = (await get(f"{PRODUCTS}/A_Nothing")).json()["error"]
    assert error["message"] == {"lang": "en", "value": "Resource not found for the segment 'A_Nothing'."}
    assert error["innererror"]["application"]["service_id"] == "API_PRODUCT_SRV"
    assert re.fullmatch(r"\d{14}\.\d{7}", error["innererror"]["timestamp"])
    assert error["innererror"]["errordetails"][0]["severity"] == "error"


async def test_who_does_not_ask_for_json_gets_atom() -> None:
    reply = await get(f"{PRODUCTS}/A_Product?$expand=to_Description&$top=2", accept="*/*")
    assert reply.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(reply.content)  # noqa: S314 - our own server's
    names = {"a": "http://www.w3.org/2005/Atom", "d": "http://schemas.microsoft.com/ado/2007/08/dataservices"}
    assert [node.text for node in feed.findall("a:entry/a:content//d:Product", names)] == ["FUR-BO-1", "0012"]
    assert len(feed.findall(".//d:ProductDescription", names)) == 4
    assert (await get(f"{PRODUCTS}/A_Product?$format=json", accept="*/*")).json()
    error = await get(f"{PRODUCTS}/A_Nothing", accept="text/html")
    assert ElementTree.fromstring(error.content)[0].text == "/IWBEP/CM_MGW_RT/020"  # noqa: S314 - our own server's


@pytest.mark.parametrize("service", [PRODUCTS, STOCK, ATP])
async def test_a_service_describes_itself(service: str) -> None:
    metadata = ElementTree.fromstring((await get(f"{service}/$metadata")).content)  # noqa: S314 - our own server's
    edm = "{http://schemas.microsoft.com/ado/2008/09/edm}"
    declared = [node.get("Name") for node in metadata.iter(f"{edm}EntitySet")]
    assert (await get(f"{service}/")).json()["d"]["EntitySets"] == declared
    named = {node.get("Name") for node in metadata.iter(f"{edm}Association")}
    navigations = metadata.iter(f"{edm}NavigationProperty")
    assert {node.get("Relationship", "").rpartition(".")[2] for node in navigations} == named
    ElementTree.fromstring((await get(f"{service}/", accept="")).content)  # noqa: S314 - our own server's


async def test_availability_is_asked_for_one_material_and_plant() -> None:
    asked = "ATPCheckingRule='A'&Material='FUR-BO-1'&SupplyingPlant='1010'"
    moment = "RequestedUTCDateTime=datetimeoffset'2026-03-03T23:59:59Z'"
    at = (await get(f"{ATP}/DetermineAvailabilityAt?{asked}&{moment}&$format=json")).json()["d"]
    assert at["DetermineAvailabilityAt"]["AvailableQuantityInBaseUnit"] == "25"
    assert at["DetermineAvailabilityAt"]["PeriodEndUTCDateTime"] == "/Date(1772582399000)/"
    of = (await get(f"{ATP}/DetermineAvailabilityOf?{asked}&RequestedQuantityInBaseUnit=30.5M")).json()["d"]
    assert of["DetermineAvailabilityOf"]["PeriodStartUTCDateTime"] == "/Date(1772582400000)/"
    series = (await get(f"{ATP}/CalculateAvailabilityTimeseries?{asked}")).json()["d"]["results"]
    assert [one["AvailableQuantityInBaseUnit"] for one in series[:3]] == ["5", "15", "25"]
    assert await refused(f"{ATP}/DetermineAvailabilityAt?{asked.replace('1010', '9999')}&{moment}") == (404, "SY/530")
    assert (await get(f"{ATP}/DetermineAvailabilityAt?{asked}&RequestedUTCDateTime='now'")).status_code == 400


async def test_availability_is_that_of_the_exact_number_when_there_is_one() -> None:
    shelf = Shelf((product(0, "0012", "1010"), product(1, "12", "1010")))
    moment = "RequestedUTCDateTime=datetimeoffset'2026-03-01T23:59:59Z'"
    for number, quantity in (("0012", "5"), ("12", "4"), ("012", "5")):
        asked = f"ATPCheckingRule='A'&Material='{number}'&SupplyingPlant='1010'&{moment}"
        found = (await get(f"{ATP}/DetermineAvailabilityAt?{asked}", shelf)).json()["d"]["DetermineAvailabilityAt"]
        assert found["AvailableQuantityInBaseUnit"] == quantity


async def test_a_stranger_gets_a_page_of_html() -> None:
    async with client() as line:
        for auth in (None, ("S4_COMM_USER", "wrong"), ("", "")):
            reply = await line.get(f"{PRODUCTS}/A_Product", auth=auth or httpx.Auth())
            assert reply.status_code == 401
            assert reply.headers["content-type"].startswith("text/html")
            assert reply.headers["www-authenticate"].startswith("Basic ")
        for target, headers in ((f"{PRODUCTS}/A_Product?sap-client=200", {}), (f"{PRODUCTS}/", {"sap-client": "1"})):
            assert (await line.get(target, headers=headers)).status_code == 401
        assert (await line.get(f"{PRODUCTS}/?sap-client=100")).status_code == 200


async def test_an_address_beyond_8192_characters_is_too_long() -> None:
    target = f"{PRODUCTS}/A_Product?x="
    assert (await get(target + "y" * (8192 - len(target)))).status_code == 200
    assert (await get(target + "y" * (8193 - len(target)))).status_code == 414


async def test_writing_is_not_for_this_service_even_with_a_token() -> None:
    async with client() as line:
        first = await line.post(f"{PRODUCTS}/A_Product", json={})
        assert (first.status_code, first.headers["x-csrf-token"]) == (403, "Required")
        assert first.text == "CSRF token validation failed"
        token = (await line.get(f"{PRODUCTS}/", headers={"x-csrf-token": "Fetch"})).headers["x-csrf-token"]
        second = await line.delete(f"{PRODUCTS}/A_Product('12')", headers={"x-csrf-token": token})
        assert (second.status_code, second.headers["allow"]) == (405, "GET, HEAD")


async def test_names_of_user_and_password_are_the_published_ones() -> None:
    assert (sap.USERNAME, sap.PASSWORD) == ("S4_COMM_USER", "sap-demo")
