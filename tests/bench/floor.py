"""The floor: a program for the bench's questions alone, as somebody would write it who knows them beforehand. It makes
the calls that the gateway makes, and sends the bytes that the gateway sends; without GraphQL, policy, time-outs, limits.

    python -m tests.bench.floor UPSTREAM CUSTOMERS.json
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from pyreqwest.client import ClientBuilder

from tests.bench.processes import served

STATUS = {"CLOSED": "CLOSED", "DOO_PROCESSING": "PROCESSING", "AWAIT_SHIP": "AWAITING_SHIPPING"}
TICKET = {"Closed": "CLOSED", "In Progress": "IN_PROGRESS"}
CONTACTS = "/siebel/siebel/v1.0/data/Contact/Contact?searchspec=%s&fields=%s&PageSize=%d&StartRowNum=0&childlinks=None&uniformresponse=y&excludeEmptyFieldsInResponse=true&ViewMode=All"
ORDERS = (
    "/oracle/fscmRestApi/resources/11.13.18.05/salesOrdersForOrderHub?q=BuyingPartyNumber%%20IN%%20%%28%s%%29&fields=OrderNumber%%2CHeaderId%%2CBuyingPartyNumber%%2CTransactionOn%%2CStatusCode%%2CTransactionalCurrencyCode"
    "%%3Blines%%3AFulfillLineId%%2CDisplayLineNumber%%2CProductNumber%%2COrderedQuantity%%2CStatusCode%%3Btotals%%3ATotalAmount%%2CPrimaryFlag&limit=%d&onlyData=true"
)
STOCK = "/sap/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod?$filter=(%s)&$select=Material,Plant,StorageLocation,InventorySpecialStockType,InventoryStockType,MatlWrhsStkQtyInMatlBaseUnit,MaterialBaseUnit&$inlinecount=allpages&$format=json&sap-client=100"
TICKETS = "/remedy/api/arsys/v1/entry/HPD:Help%%20Desk?q=%s&fields=values%%28Incident%%20Number%%2CSubmit%%20Date%%2CPerson%%20ID%%2CDescription%%2CStatus%%29&limit=%d"
WORKLOG = "/remedy/api/arsys/v1/entry/HPD:WorkLog?q=%s&fields=values%%28Work%%20Log%%20ID%%2CIncident%%20Number%%2CWork%%20Log%%20Date%%2CView%%20Access%%2CDetailed%%20Description%%29&limit=500"
FOUND = (
    "/oracle/fscmRestApi/resources/11.13.18.05/salesOrdersForOrderHub?q=OrderNumber%%20IN%%20%%28%%27%s%%27%%29&fields=OrderNumber%%2CHeaderId%%2CTransactionOn%%2CStatusCode"
    "%%3Blines%%3AFulfillLineId%%2CDisplayLineNumber%%2CProductNumber%%2COrderedQuantity%%2CStatusCode&limit=500&onlyData=true"
)
PRODUCTS = "/sap/sap/opu/odata/sap/API_PRODUCT_SRV/A_Product?$filter=%s&$select=Product,to_Description/Language,to_Description/ProductDescription,BaseUnit&$expand=to_Description&$format=json&sap-client=100"
CHANNELS = {"EMAIL": "Emails", "PHONE": "Calls", "POST": "Mailings", "FAX": "Faxes"}
HEAD = {"authorization": "Basic U0FETUlOOnNpZWJlbC1kZW1v", "accept": "application/json", "user-agent": "floor"}


class Floor:
    """ASGI. `keys`: by customer id, their contact, party and person."""

    def __init__(self, upstream: str, keys: dict[str, tuple[str, str, str]]) -> None:
        self._upstream = upstream
        self._keys = keys
        self._client = ClientBuilder().default_headers(HEAD).build()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        given = orjson.loads(body)["variables"]
        told = orjson.dumps({"data": await self._answers(scope["path"], given)})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(told)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    async def _answers(self, path: str, given: Any) -> dict[str, Any]:
        match path:
            case "/order":
                return {"order": await self._order(given["number"])}
            case "/consent":
                return {"customersById": await self._consent(given["ids"])}
            case "/small":
                return {"customersById": await self._small(given["ids"])}
        return {"customersById": await self._whole(given["ids"])}

    async def _get(self, target: str) -> Any:
        reply = await self._client.get(self._upstream + target).build().send()
        return orjson.loads(memoryview(await reply.bytes()))

    async def _contacts(self, keys: Sequence[str], fields: str) -> dict[str, Any]:
        spec = quote(" OR ".join(f"([Id]='{key}')" for key in keys))
        page = await self._get(CONTACTS % (spec, fields, len(keys)))
        return {row["Id"]: row for row in page["items"]}

    async def _small(self, ids: Sequence[str]) -> list[Any]:
        keys = [self._keys[one][0] for one in ids]
        rows = await self._contacts(keys, "Id%2CFirst%20Name%2CMiddle%20Name%2CLast%20Name%2CEmail%20Address")
        return [{"name": _name(rows[key]), "email": rows[key]["Email Address"]} for key in keys]

    async def _consent(self, ids: Sequence[str]) -> list[Any]:
        keys = [self._keys[one][0] for one in ids]
        flags = {channel: f"Suppress All {name}" for channel, name in CHANNELS.items()}
        rows = await self._contacts(keys, quote(",".join(("Id,First Name,Middle Name,Last Name", *flags.values()))))
        return [
            {
                "name": _name(rows[key]),
                "consent": [
                    {"channel": channel, "purpose": purpose, "allowed": rows[key].get(flag) == "N"}
                    for channel, flag in flags.items()
                    for purpose in ("MARKETING", "NEWSLETTER", "SURVEY")
                ],
            }
            for key in keys
        ]

    async def _order(self, number: str) -> dict[str, Any]:
        (row,) = (await self._get(FOUND % number))["items"]
        lines = row["lines"]["items"]
        skus = dict.fromkeys(line["ProductNumber"] for line in lines)
        page = await self._get(PRODUCTS % "%20or%20".join(f"Product%20eq%20'{sku}'" for sku in skus))
        products = {one["Product"]: one for one in page["d"]["results"]}
        return {
            "number": row["OrderNumber"],
            "status": STATUS[row["StatusCode"]],
            "placedAt": row["TransactionOn"],
            "lines": [
                {
                    "number": line["DisplayLineNumber"],
                    "sku": line["ProductNumber"],
                    "quantity": str(line["OrderedQuantity"]),
                    "status": STATUS[line["StatusCode"]],
                    "product": {
                        "name": products[line["ProductNumber"]]["to_Description"]["results"][0]["ProductDescription"],
                        "unit": products[line["ProductNumber"]]["BaseUnit"],
                    },
                }
                for line in lines
            ],
        }

    async def _whole(self, ids: Sequence[str]) -> list[Any]:
        keys = [self._keys[one] for one in ids]
        fields = "Id%2CFirst%20Name%2CMiddle%20Name%2CLast%20Name%2CEmail%20Address%2CWork%20Phone%20%23%2CCellular%20Phone%20%23"
        contacts, orders, tickets = await asyncio.gather(
            self._contacts([one[0] for one in keys], fields),
            self._orders([one[1] for one in keys]),
            self._tickets([one[2] for one in keys]),
        )
        return [
            {
                "id": one,
                "name": _name(contacts[contact]),
                "email": contacts[contact]["Email Address"],
                "phone": contacts[contact]["Work Phone #"],
                "orders": {"nodes": orders[party]},
                "tickets": {"nodes": tickets[person]},
            }
            for one, (contact, party, person) in zip(ids, keys, strict=True)
        ]

    async def _orders(self, parties: Sequence[str]) -> dict[str, list[Any]]:
        listed = quote(", ".join(f"'{party}'" for party in parties))
        rows = (await self._get(ORDERS % (listed, 21 * len(parties))))["items"]
        stock = await self._stock(
            dict.fromkeys(line["ProductNumber"] for row in rows for line in row["lines"]["items"])
        )
        found = defaultdict[str, list[Any]](list)
        for row in rows:
            currency, total = row["TransactionalCurrencyCode"], row["totals"]["items"][0]["TotalAmount"]
            found[row["BuyingPartyNumber"]].append(
                {
                    "number": row["OrderNumber"],
                    "status": STATUS[row["StatusCode"]],
                    "placedAt": row["TransactionOn"],
                    "total": {"amount": str(total), "currency": currency},
                    "lines": [
                        {
                            "number": line["DisplayLineNumber"],
                            "sku": line["ProductNumber"],
                            "quantity": str(line["OrderedQuantity"]),
                            "status": STATUS[line["StatusCode"]],
                            "product": {"stock": stock[line["ProductNumber"]]},
                        }
                        for line in row["lines"]["items"]
                    ],
                }
            )
        return found

    async def _stock(self, skus: Iterable[str]) -> dict[str, list[Any]]:
        page = await self._get(STOCK % "%20or%20".join(f"Material%20eq%20'{sku}'" for sku in skus))
        found = defaultdict[str, list[Any]](list)
        for row in page["d"]["results"]:
            quantity = row["MatlWrhsStkQtyInMatlBaseUnit"].rstrip("0").rstrip(".")
            found[row["Material"]].append({"plant": row["Plant"], "quantity": quantity})
        return found

    async def _tickets(self, people: Sequence[str]) -> dict[str, list[Any]]:
        asked = quote(" OR ".join(f"'Person ID' = \"{person}\"" for person in people))
        rows = [entry["values"] for entry in (await self._get(TICKETS % (asked, 21 * len(people))))["entries"]]
        worklog = await self._worklog([row["Incident Number"] for row in rows])
        found = defaultdict[str, list[Any]](list)
        for row in rows:
            found[row["Person ID"]].append(
                {
                    "number": row["Incident Number"],
                    "subject": row["Description"],
                    "status": TICKET[row["Status"]],
                    "openedAt": _moment(row["Submit Date"]),
                    "worklog": worklog[row["Incident Number"]],
                }
            )
        return found

    async def _worklog(self, numbers: Sequence[str]) -> dict[str, list[Any]]:
        asked = quote(" OR ".join(f"'Incident Number' = \"{number}\"" for number in numbers))
        page = await self._get(WORKLOG % f"%28{asked}%29%20AND%20%27View%20Access%27%20%3D%20%22Public%22")
        found = defaultdict[str, list[Any]](list)
        for entry in page["entries"]:
            row = entry["values"]
            found[row["Incident Number"]].append(
                {"at": _moment(row["Work Log Date"]), "text": row["Detailed Description"]}
            )
        return found


def _name(row: Any) -> str:
    return " ".join(filter(None, (row["First Name"], row.get("Middle Name"), row["Last Name"])))


def _moment(text: str) -> str:
    return text[:19] + "+00:00"


if __name__ == "__main__":
    known = {one: tuple(some) for one, some in orjson.loads(Path(sys.argv[2]).read_bytes()).items()}
    served(Floor(sys.argv[1], known))
