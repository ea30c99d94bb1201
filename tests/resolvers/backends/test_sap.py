"""The SAP adapter: what it asks, whose answer it is, and what the answer means."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.sap import filters
from mocks.sap.model import PRODUCT, STOCK
from resolvers.backends.base import Ambiguous, Call, Deadline, Garbled, Outcome, Unusable
from resolvers.backends.sap import Product, StockLevel
from schema.inventory import StockType
from tests.resolvers.backends.sap_wire import (
    EVERYTHING,
    LEVELS,
    Scripted,
    adapter,
    ask,
    results,
    stock,
)

pytestmark = pytest.mark.anyio


# ---- what is asked


async def test_only_what_is_wanted_is_selected_and_expanded() -> None:
    for columns, select, expand in (
        (frozenset(), "Product", None),
        (frozenset({"unit", "category"}), "Product,BaseUnit,ProductGroup", None),
        (
            frozenset({"name", "sku"}),
            "Product,to_Description/Language,to_Description/ProductDescription",
            "to_Description",
        ),
        (
            frozenset({"description"}),
            "Product,to_ProductBasicText/Language,to_ProductBasicText/LongText",
            "to_ProductBasicText",
        ),
    ):
        _, (request,) = await ask("products", ["X"], results(), columns=columns)
        options = dict(pair.split("=", 1) for pair in request.target.partition("?")[2].split("&"))
        assert (options["$select"], options.get("$expand")) == (select, expand)


async def test_the_address_is_that_of_a_live_system() -> None:
    _, (request,) = await ask("stock", ["TG11", "TG12"], results(), columns=frozenset({"plant"}))
    assert request.target == (
        "/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$filter=(Material%20eq%20'TG11'%20or%20"
        "Material%20eq%20'TG12')%20and%20InventorySpecialStockType%20eq%20''"
        "&$select=Material,Plant,StorageLocation,InventorySpecialStockType,InventoryStockType"
        "&$inlinecount=allpages&$format=json&sap-client=100"
    )
    assert dict(request.headers)["Authorization"] == "Basic dXNlcjp3b3Jk"
    assert dict(request.headers)["Accept"] == "application/json"


async def test_a_tenant_without_clients_is_not_told_one() -> None:
    line = Scripted(results())
    await adapter(line, **{"sap-client": ""}).perform(Call("sap", "stock", ("X",), LEVELS), Deadline(5))
    assert "sap-client" not in line.asked[0].target
    assert "sap-client" not in dict(line.asked[0].headers)


async def test_fifty_keys_are_one_question_and_long_ones_several_short_ones() -> None:
    _, asked = await ask("products", [f"FUR-BO-{number:08}" for number in range(50)], results())
    assert len(asked) == 1
    _, asked = await ask("products", ["é" * 39 + chr(300 + number) for number in range(50)], results())
    assert 1 < len(asked) < 8
    assert all(len(request.target) <= 6000 for request in asked)


async def test_what_cannot_be_a_material_number_is_never_sent() -> None:
    keys = ["", " X", "X ", "x" * 41, "a\nb", "\x00", "\ud800", 5, None]
    found, asked = await ask("products", keys, results())
    assert asked == []
    assert set(found.values()) == {Outcome(source=found[""].source)}
    found, asked = await ask("stock", keys, results())
    assert asked == []
    assert [one.value for one in found.values()] == [[]] * len(keys)


NUMBERS = st.text(min_size=1, max_size=40).filter(lambda text: text == text.strip() and text.isprintable())


@given(st.lists(NUMBERS | st.just("O'Hara\" OR '1'='1"), min_size=1, max_size=8, unique=True))
def test_any_sku_is_just_a_value_in_the_filter(skus: list[str]) -> None:
    for operation, on in (("products", PRODUCT.sets["A_Product"]), ("stock", STOCK.sets["A_MatlStkInAcctMod"])):
        _, asked = asyncio.run(ask(operation, list(skus), results()))
        texts = [unquote(request.target.partition("$filter=")[2].partition("&")[0]) for request in asked]
        assert [sku for text in texts for sku in filters.materials(filters.parse(text, on)) or ()] == skus
        assert all(request.target.isascii() and " " not in request.target for request in asked)


# ---- whose answer it is


async def test_the_callers_spelling_is_kept_when_zeros_were_stripped() -> None:
    found, _ = await ask("products", ["0012", "A0012"], results({"Product": "12"}, {"Product": "A12"}))
    assert found["0012"].value == Product("0012")
    assert found["A0012"].value is None
    assert found["A0012"].error is None


async def test_two_keys_that_differ_by_zeros_get_each_their_own() -> None:
    rows = results({"Product": "12", "BaseUnit": "KG"}, {"Product": "0012", "BaseUnit": "PC"})
    found, _ = await ask("products", ["0012", "12"], rows, columns=frozenset({"unit"}))
    assert {key: one.value.unit for key, one in found.items()} == {"0012": "PC", "12": "KG"}


async def test_one_material_serves_every_spelling_when_it_is_the_only_one() -> None:
    found, _ = await ask("stock", ["0012", "12"], results(stock("12", "5")), columns=LEVELS)
    assert [one.value[0].quantity for one in found.values()] == [Decimal(5)] * 2


async def test_no_guess_is_made_between_two_other_spellings() -> None:
    found, _ = await ask("products", ["0012"], results({"Product": "12"}, {"Product": "012"}))
    assert isinstance(found["0012"].error, Ambiguous)


async def test_rows_that_nobody_asked_for_are_nobodys() -> None:
    found, _ = await ask("stock", ["X"], results(stock("x"), stock("Y"), stock("X", "2")), columns=LEVELS)
    assert [level.quantity for level in found["X"].value] == [Decimal(2)]


async def test_two_rows_for_one_product_are_an_error_of_that_product_alone() -> None:
    found, _ = await ask("products", ["X", "Y"], results({"Product": "X"}, {"Product": "X"}, {"Product": "Y"}))
    assert isinstance(found["X"].error, Garbled)
    assert found["Y"].value == Product("Y")


# ---- what it says


async def test_names_and_texts_in_our_language_or_none() -> None:
    def row(sku: str, *names: tuple[str, Any]) -> dict[str, Any]:
        described = [{"Language": language, "ProductDescription": name} for language, name in names]
        texts = [{"Language": language, "LongText": name} for language, name in names]
        return {
            "Product": sku,
            "BaseUnit": "",
            "ProductGroup": None,
            "to_Description": {"results": described},
            "to_ProductBasicText": {"results": texts},
        }

    rows = (
        row("A", ("DE", "Stuhl"), ("EN", "Chair")),
        row("B", ("DE", "Stuhl")),
        row("C", ("EN", " ")),
        row("D", ("en", "x")),
    )
    found, _ = await ask("products", list("ABCD"), results(*rows), columns=EVERYTHING)
    assert found["A"].value == Product("A", "Chair", "Chair", None, None)
    assert [found[key].value.name for key in "BCD"] == [None, None, "x"]
    german = adapter(Scripted(results(rows[0])), language="DE")
    assert (await german.perform(Call("sap", "products", ("A",), EVERYTHING), Deadline(5)))["A"].value.name == "Stuhl"


async def test_one_place_is_one_level_however_many_rows_it_has() -> None:
    rows = (
        stock("X", "1520.000"),
        stock("X", "0.1"),
        stock("X", "-20"),
        stock("X", "9999", InventorySpecialStockType="E"),
        stock("X", "1", InventoryStockType="99"),
        stock("X", "2", InventoryStockType=""),
        stock("X", "3", StorageLocation=""),
        stock("X", "4", StorageLocation=None, Plant="0001"),
        stock("X", "5", InventorySpecialStockType=None, InventoryStockType="07"),
    )
    found, _ = await ask("stock", ["X"], results(*rows, __count="9"), columns=LEVELS)
    assert found["X"].value == [
        StockLevel("0001", None, StockType.UNRESTRICTED, Decimal(4), "PC"),
        StockLevel("1010", None, StockType.UNRESTRICTED, Decimal(3), "PC"),
        StockLevel("1010", "101A", StockType.UNRESTRICTED, Decimal("1500.1"), "PC"),
        StockLevel("1010", "101A", StockType.BLOCKED, Decimal(5), "PC"),
        StockLevel("1010", "101A", StockType.OTHER, Decimal(3), "PC"),
    ]
    plants, _ = await ask("stock", ["X"], results(*rows), columns=frozenset({"plant"}))
    assert len(plants["X"].value) == 5


async def test_sums_are_exact_to_the_last_of_thirty_one_digits() -> None:
    large, small = "99999999999999999.99999999999999", "0.00000000000001"
    found, _ = await ask("stock", ["X"], results(stock("X", large), stock("X", small)), columns=LEVELS)
    assert found["X"].value[0].quantity == Decimal("100000000000000000")


@pytest.mark.parametrize(
    ("text", "shown"), [("516.00000000000000", "516"), ("100", "100"), ("7.50", "7.5"), ("0.000", "0"), ("-0.0", "0")]
)
async def test_a_quantity_is_shown_without_zeros_at_its_end(text: str, shown: str) -> None:
    found, _ = await ask("stock", ["X"], results(stock("X", text)), columns=LEVELS)
    assert str(found["X"].value[0].quantity) == shown


async def test_two_base_units_of_one_material_cannot_be_added() -> None:
    rows = results(stock("X"), stock("X", MaterialBaseUnit="KG"), stock("Y"))
    found, _ = await ask("stock", ["X", "Y"], rows, columns=LEVELS)
    assert isinstance(found["X"].error, Garbled)
    assert len(found["Y"].value) == 1


async def test_a_quantity_that_is_none_is_the_callers_mistake() -> None:
    for quantity in ("NaN", "Infinity", "-1"):
        found, asked = await ask("availability", ["X"], results(), quantity=Decimal(quantity), on=date(2026, 3, 3))
        assert isinstance(found["X"].error, Unusable)
        assert asked == []
