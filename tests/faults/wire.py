"""Good answers of SAP and Oracle to the two questions that bad answers are given to: the canned systems' own words."""

from __future__ import annotations

import re
from typing import Any

from tests.faults.canned import Asked, http

KEY = re.compile(r"'((?:GOOD|BAD)-[0-9]+)'")

STOCK = "query Stock($key: String!) { product(sku: $key) { name stock { plant quantity unit } } }"
ORDER = "query Order($key: String!) { order(number: $key) { number status } }"


def key_of(asked: Asked) -> str:
    found = KEY.search(asked.target)
    return found[1] if found else ""


def about_stock(asked: Asked) -> bool:
    return "A_MatlStkInAcctMod" in asked.target


def product(sku: str, **changed: Any) -> dict[str, Any]:
    names = {"results": [{"Language": "EN", "ProductDescription": f"Product {sku}"}]}
    return {"Product": sku, "to_Description": names, **changed}


def stock(sku: str, **changed: Any) -> dict[str, Any]:
    return {
        "Material": sku,
        "Plant": "1010",
        "StorageLocation": "101A",
        "InventoryStockType": "01",
        "InventorySpecialStockType": "",
        "MaterialBaseUnit": "PC",
        "MatlWrhsStkQtyInMatlBaseUnit": "7",
        **changed,
    }


def results(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"d": {"results": list(rows), **more}}


def of_sap(asked: Asked) -> bytes:
    """What SAP answers when nothing is wrong."""
    sku = key_of(asked)
    return http(results(stock(sku), __count="1") if about_stock(asked) else results(product(sku)))


def order(number: str, **changed: Any) -> dict[str, Any]:
    return {"HeaderId": 300000046987012, "OrderNumber": number, "StatusCode": "OPEN", **changed}


def page(*rows: Any, more: bool = False) -> dict[str, Any]:
    return {"items": list(rows), "count": len(rows), "hasMore": more, "limit": 500, "offset": 0}


def of_oracle(asked: Asked) -> bytes:
    """What Oracle answers when nothing is wrong."""
    return http(page(order(key_of(asked))))
