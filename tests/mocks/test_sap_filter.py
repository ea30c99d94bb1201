"""`$filter`: what it means, and what it refuses to mean."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.sap import filters
from mocks.sap.errors import ODataError
from mocks.sap.model import PRODUCT, STOCK

ON = PRODUCT.sets["A_Product"]
ROW = {
    "Product": "FUR-BO-1",
    "ProductType": "FERT",
    "CrossPlantStatus": "",
    "CreationDate": datetime(2020, 2, 29, tzinfo=UTC),
    "LastChangeDateTime": datetime(2024, 3, 4, 10, 15, tzinfo=UTC),
    "IsMarkedForDeletion": False,
    "GrossWeight": Decimal("12.500"),
    "WeightUnit": "KG",
    "ProductGroup": "L001",
    "BaseUnit": "PC",
}


def holds(text: str, **changed: object) -> bool:
    return bool(filters.parse(text, ON).value(ROW | changed))


@pytest.mark.parametrize(
    "text",
    [
        "Product eq 'FUR-BO-1'",
        "'FUR-BO-1' eq Product",
        "Product ne 'x' and BaseUnit eq 'PC'",
        "Product eq 'x' or BaseUnit eq 'PC'",
        "Product eq 'x' and BaseUnit eq 'PC' or ProductGroup eq 'L001'",
        "(Product eq 'x' or BaseUnit eq 'PC') and ProductGroup eq 'L001'",
        "not (Product eq 'x')",
        "not(Product eq 'x')",
        "not startswith(Product,'X')",
        "substringof('BO',Product)",
        "substringof('BO', Product) eq true",
        "startswith(Product,'FUR') and endswith(Product,'1')",
        "GrossWeight eq 12.5M",
        "GrossWeight gt 12 and GrossWeight le 12.50m and GrossWeight lt 1.3e1d",
        "CreationDate eq datetime'2020-02-29T00:00:00'",
        "CreationDate lt datetime'2020-02-29T00:00:00.0000001' or CreationDate ge datetime'2020-02-29T00:00'",
        "LastChangeDateTime eq datetimeoffset'2024-03-04T11:15:00+01:00'",
        "LastChangeDateTime ge datetimeoffset'2024-03-04T10:15:00Z'",
        "IsMarkedForDeletion eq false",
        "IsMarkedForDeletion ne true",
        "CrossPlantStatus eq ''",
        "Product ne null",
        "Product eq 'x' or Product eq 'FUR-BO-1' or Product eq null",
        "GrossWeight eq 1 or GrossWeight eq 12.5M",
    ],
)
def test_what_holds_of_a_row(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text})")


def test_one_of_several_materials_is_found_with_or_without_zeros_before_it() -> None:
    either = "Product eq '0012' or Product eq '7' or Product eq null"
    assert holds(either, Product="12")
    assert holds(either, Product="007")
    assert holds(either, Product=None)
    assert not holds(either, Product="120")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Product",
        "Product eq",
        "Product eq 'x",
        "Product eq 'x''",
        "Product eq 'x' and",
        "Product eq 'x' Product",
        "Product eq 'x')",
        "(Product eq 'x'",
        "Product EQ 'x'",
        "product eq 'x'",
        "Nothing eq 'x'",
        "to_Description/Language eq 'EN'",
        "Product eq 5",
        "GrossWeight eq '5'",
        "CreationDate eq '2020-02-29'",
        "CreationDate eq datetime'2020-02-30T00:00:00'",
        "LastChangeDateTime eq datetimeoffset'2024-03-04T10:15:00'",
        "CreationDate eq datetime'2020-02-29T00:00:00Z'",
        "tolower(Product) eq 'x'",
        "substringof('x')",
        "startswith(Product,5)",
        "Product in ('x')",
        "GrossWeight add 1 eq 2",
        "Product eq 'x' and 'y'",
        "not Product eq 'x'",
        "'a'eq 'a'",
        "Product+eq+'x'",
        "guid'123' eq guid'123'",
        "(" * 200 + "Product eq 'x'" + ")" * 200,
        "not " * 200 + "(Product eq 'x')",
    ],
)
def test_what_is_refused_with_400(text: str) -> None:
    with pytest.raises(ODataError) as refused:
        filters.parse(text, ON)
    assert refused.value.status == 400


@given(st.text())
def test_any_text_is_a_literal_once_its_quotes_are_doubled(text: str) -> None:
    doubled = text.replace("'", "''")
    assert holds(f"ProductGroup eq '{doubled}'", ProductGroup=text)
    assert holds(f"ProductGroup eq '{doubled}' or Product eq '{doubled}'", ProductGroup=text)


@given(st.text(alphabet="'\" ()=eqornt1Product,", max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(ODataError):
        assert filters.parse(text, ON).family == "boolean"


def test_numeric_material_numbers_are_compared_without_their_zeros() -> None:
    assert holds("Product eq '12'", Product="0012")
    assert holds("Product eq '000000000000000012'", Product="12")
    assert not holds("Product ne '12'", Product="0012")
    assert not holds("Product eq 'A12'", Product="0A12")
    assert not holds("BaseUnit eq '12'", BaseUnit="0012")


def test_the_material_numbers_that_a_filter_confines_its_rows_to() -> None:
    stock = STOCK.sets["A_MatlStkInAcctMod"]

    def confined(text: str) -> list[str] | None:
        return filters.materials(filters.parse(text, stock))

    assert confined("(Material eq 'A' or 'B' eq Material) and InventoryStockType eq '01'") == ["A", "B"]
    assert confined("Plant eq '1010' and Material eq 'A'") == ["A"]
    assert confined("Material eq 'A' or Plant eq '1010'") is None
    assert confined("not (Material eq 'A')") is None
    assert confined("Material ne 'A'") is None
