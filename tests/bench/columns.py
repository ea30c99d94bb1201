"""What each column is fetched for: as a key, or for a field that is answered and rests on it. There is nothing else to fetch one for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import Any

Call = tuple[str, frozenset[str]]
"""Of what, and its columns: `BaseUnit`, or `lines.StatusCode` below it."""

KEY = ""
"""What tells a row from others, leads to those of another system, or is what a list is read behind."""


def _of_orders(name: str) -> dict[str, str]:
    return {
        "OrderNumber": KEY,
        "HeaderId": KEY,
        "BuyingPartyNumber": KEY,
        "TransactionOn": f"{name}.placedAt",
        "StatusCode": f"{name}.status",
        "TransactionalCurrencyCode": "total.currency",
        "totals.TotalAmount": "total.amount",
        "totals.PrimaryFlag": "total.amount",
        "lines.FulfillLineId": KEY,
        "lines.DisplayLineNumber": "lines.number",
        "lines.ProductNumber": KEY,
        "lines.OrderedQuantity": "lines.quantity",
        "lines.StatusCode": "lines.status",
    }


FETCHED_FOR = {
    "contact": {
        "Id": KEY,
        "First Name": "customersById.name",
        "Middle Name": "customersById.name",
        "Last Name": "customersById.name",
        "Email Address": "customersById.email",
        "Work Phone #": "customersById.phone",
        "Cellular Phone #": "customersById.phone",
        "Suppress All Emails": "consent.allowed",
        "Suppress All Calls": "consent.allowed",
        "Suppress All Mailings": "consent.allowed",
        "Suppress All Faxes": "consent.allowed",
    },
    "orders": _of_orders("orders") | {"TransactionOn": KEY},
    "order": _of_orders("order"),
    "product": {
        "Product": KEY,
        "BaseUnit": "product.unit",
        "to_Description.Language": "product.name",
        "to_Description.ProductDescription": "product.name",
    },
    "stock": {
        "Material": KEY,
        "Plant": KEY,
        "StorageLocation": KEY,
        "InventorySpecialStockType": KEY,
        "InventoryStockType": KEY,
        "MatlWrhsStkQtyInMatlBaseUnit": "stock.quantity",
        "MaterialBaseUnit": "stock.quantity",
    },
    "tickets": {
        "Incident Number": KEY,
        "Person ID": KEY,
        "Submit Date": "tickets.openedAt",
        "Description": "tickets.subject",
        "Status": "tickets.status",
    },
    "worklog": {
        "Work Log ID": KEY,
        "Incident Number": KEY,
        "View Access": "worklog.text",
        "Work Log Date": "worklog.at",
        "Detailed Description": "worklog.text",
    },
}
"""By what rows are of, and column. What is fetched along to be sure of a value (its unit, who may see it, whether it is the
one that counts) is fetched for that value."""


def calls(asked: Iterable[tuple[str, str, int]]) -> Counter[Call]:
    """Of the record that `upstream` keeps."""
    return Counter({(name, frozenset(_columns(columns))): times for name, columns, times in asked})


def needless(asked: Iterable[Call], data: Any, owner: Set[str] = frozenset()) -> list[str]:
    """Columns that were fetched, are no key, do not tell the `owner` of what is asked for, and no answered value rests on."""
    said = {KEY, *_said(data)}
    fetched = {(name, column) for name, columns in asked for column in columns}
    return sorted(
        f"{name}.{column}"
        for name, column in fetched
        if column not in owner and FETCHED_FOR[name].get(column, column) not in said
    )


def _columns(text: str) -> Iterator[str]:
    """`A,B;lines:C,D` is Oracle's way, `to_X/C` is SAP's, a list the others'."""
    own, *children = text.split(";")
    yield from (one.strip().replace("/", ".") for one in own.split(","))
    for child in children:
        name, _, below = child.partition(":")
        yield from (f"{name}.{one}" for one in below.split(","))


def _said(value: Any, name: str = "") -> Iterator[str]:
    """`lines.sku`: of each value, the field it is in, and the one that this is below. A page's `nodes` are its own."""
    match value:
        case dict():
            for field, below in value.items():
                if isinstance(below, dict | list):
                    yield from _said(below, name if field == "nodes" else field)
                else:
                    yield f"{name}.{field}"
        case list():
            for one in value:
                yield from _said(one, name)
