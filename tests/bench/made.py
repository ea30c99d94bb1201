"""A company by formula: what every system knows of customer number so and so, in the columns of its own wire format.

Nothing is kept, so it can have any number of customers. Two sorts of them, as the two questions want: one with 340
leaves below it, one with 500. Twenty customers in a row buy from one shelf of forty products.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

FULL = 1_000_000
"""From this number on customers have the more orders, and fewer tickets with more to read in them."""

SHELF, SHARED = 40, 20
MOMENT = "2026-{month:02}-{day:02}T10:{minute:02}:00"


@dataclass(frozen=True, slots=True)
class Sort:
    """How much one customer has."""

    orders: int
    lines: int
    tickets: int
    entries: tuple[int, int]


SORTS = (Sort(8, 3, 8, (4, 5)), Sort(12, 4, 1, (22, 22)))


def sort_of(customer: int) -> Sort:
    return SORTS[customer >= FULL]


def contact_id(customer: int) -> str:
    return f"1-C{customer:07}"


def party(customer: int) -> str:
    return str(10_000_000 + customer)


def person(customer: int) -> str:
    return f"PPL{customer:012}"


def order_number(customer: int, n: int) -> str:
    return str(4_000_000_000 + customer * 100 + n)


def ticket_number(customer: int, n: int) -> str:
    return f"INC{customer * 100 + n:012}"


def sku(customer: int, n: int) -> str:
    return f"SKU-{customer // SHARED:06}-{n % SHELF:02}"


def numbers(text: str) -> tuple[int, int]:
    """Of an order's or ticket's number: the customer's, and its own."""
    digits = int(re.sub(r"\D", "", text))
    return divmod(digits - 4_000_000_000 if digits >= 4_000_000_000 else digits, 100)


def moment(n: int, m: int = 0) -> str:
    """The later the smaller `n`: lists are newest first, but for the parts `m` of one thing."""
    return MOMENT.format(month=12 - n % 12, day=1 + m, minute=n % 60)


# -- rows, with all the columns that the bench's questions lead to -----------------------------------------------------


def contact(key: str) -> list[dict[str, Any]]:
    at = int(key[3:])
    told = {"Id": key, "First Name": "Ada", "Last Name": f"Okafor {at}", "Email Address": f"ada.{at}@example.com"}
    phones = {"Work Phone #": f"+1206555{at % 10000:04}", "Cellular Phone #": f"+1206556{at % 10000:04}"}
    return [told | phones | {"Suppress All Emails": "N", "Suppress All Calls": "Y", "Suppress All Mailings": "N"}]


def orders(key: str) -> list[dict[str, Any]]:
    at = int(key) - 10_000_000
    return [order(order_number(at, n)) for n in range(sort_of(at).orders)]


def order(number: str) -> dict[str, Any]:
    at, n = numbers(number)
    lines = [_line(at, n, m) for m in range(sort_of(at).lines)]
    return {
        "OrderNumber": number,
        "HeaderId": int(number),
        "BuyingPartyNumber": party(at),
        "TransactionOn": moment(n) + "+00:00",
        "StatusCode": ("CLOSED", "DOO_PROCESSING")[n % 2],
        "SourceTransactionSystem": "PARTNER",
        "TransactionalCurrencyCode": "USD",
        "lines": lines,
        "totals": [{"TotalAmount": 1000 + n, "PrimaryFlag": True}],
    }


def _line(at: int, n: int, m: int) -> dict[str, Any]:
    return {
        "FulfillLineId": (4_000_000_000 + at * 100 + n) * 10 + m,
        "DisplayLineNumber": str(m + 1),
        "ProductNumber": sku(at, n * sort_of(at).lines + m),
        "OrderedQuantity": 1 + m,
        "StatusCode": ("CLOSED", "AWAIT_SHIP")[m % 2],
    }


def stock(key: str) -> list[dict[str, Any]]:
    n = int(key[-2:])
    return [
        {
            "Material": key,
            "Plant": plant,
            "StorageLocation": "101A",
            "InventorySpecialStockType": "",
            "InventoryStockType": "01",
            "MaterialBaseUnit": "PC",
            "MatlWrhsStkQtyInMatlBaseUnit": f"{n + 10}.000",
        }
        for plant in ("1010", "1710")
    ]


def product(key: str) -> list[dict[str, Any]]:
    described = {"Language": "EN", "ProductDescription": f"Lamp {key}"}
    return [{"Product": key, "BaseUnit": "PC", "ProductGroup": "L001", "to_Description": {"results": [described]}}]


def tickets(key: str) -> list[dict[str, Any]]:
    at = int(key[3:])
    return [
        {
            "Incident Number": ticket_number(at, n),
            "Submit Date": moment(n) + ".000+0000",
            "Person ID": key,
            "Description": "Arrived damaged, please replace",
            "Status": ("Closed", "In Progress")[n % 2],
        }
        for n in range(sort_of(at).tickets)
    ]


def entries(key: str) -> list[dict[str, Any]]:
    at, n = numbers(key)
    return [
        {
            "Work Log ID": f"WLG{(at * 100 + n) * 100 + m:015}",
            "Incident Number": key,
            "Work Log Date": moment(n, m) + ".000+0000",
            "View Access": "Public",
            "Detailed Description": f"We are looking into it, part {m}.",
        }
        for m in range(sort_of(at).entries[n % 2])
    ]
