"""The records of the hub as it writes them. Quantities are whole numbers beside their unit; money is a text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mocks.world.supply import Bucket, Commitment, PurchaseLine, PurchaseOrder, Supply

Record = dict[str, Any]
BUYER = "B1"


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identified(supply: Supply) -> Record:
    return {
        "spsItemId": f"it_{supply.gtin}",
        "buyerPartNumber": supply.sku,
        "vendorPartNumber": supply.part_number,
        "gtin": supply.gtin,
    }


def item(supply: Supply) -> Record:
    record: Record = {
        "documentId": f"INV-{supply.supplier.partner_id}-{supply.gtin}",
        "version": 1,
        "spsBuyerOrgId": BUYER,
        "spsSellerOrgId": f"S{supply.supplier.ordinal + 1}",
        "partnerId": supply.supplier.partner_id,
        "partnerName": supply.supplier.name,
        "availableQuantity": supply.available,
        "nextAvailableQuantity": supply.next_available,
        "onOrderQuantity": supply.on_order,
        "unitOfMeasure": supply.unit,
        "warehouseLocation": supply.warehouse,
        "item": identified(supply),
        "quantityLastUpdated": moment(supply.updated),
        "lastUpdated": moment(supply.updated),
    }
    if supply.available_on:
        record["availableDate"] = f"{supply.available_on}T00:00:00Z"
    if supply.expected:
        record["projectedQuantities"] = [
            {"date": f"{day}T00:00:00Z", "quantity": quantity} for day, quantity in supply.expected
        ]
    return record


def forecast(bucket: Bucket, supply: Supply, forecast_id: str, generated: str) -> Record:
    return {
        "forecastId": forecast_id,
        "forecastGenerationDate": generated,
        "partnerId": bucket.supplier.partner_id,
        "item": identified(supply),
        "startDate": str(bucket.begins),
        "endDate": str(bucket.ends),
        "meanForecastUnits": float(bucket.mean),
        "p90ForecastUnits": float(bucket.sure),
        "unitOfMeasure": supply.unit,
    }


def commitment(one: Commitment, unit: str) -> Record:
    return {
        "startDate": str(one.begins),
        "endDate": str(one.ends),
        "quantity": one.quantity,
        "unitOfMeasure": unit,
        "committedAt": moment(one.committed_at),
        "remark": one.remark,
    }


def order(one: PurchaseOrder, details: bool) -> Record:
    record: Record = {"purchaseOrderNumber": one.number, "purchaseOrderState": one.state}
    if details:
        record["orderDetails"] = {
            "purchaseOrderDate": moment(one.ordered_at),
            "purchaseOrderStateChangedDate": moment(one.changed_at),
            "purchaseOrderType": "RegularOrder",
            "sellingParty": {"partyId": one.supplier.partner_id},
            "shipToParty": {"partyId": BUYER},
            "deliveryWindow": f"{moment(one.ordered_at)}--{one.deliver_by}T00:00:00Z",
            "remark": one.remark,
            "items": [_line(line) for line in one.lines],
        }
    return record


def _line(line: PurchaseLine) -> Record:
    record: Record = {
        "itemSequenceNumber": str(line.number),
        "buyerProductIdentifier": line.supply.sku,
        "vendorProductIdentifier": line.supply.part_number,
        "orderedQuantity": {"amount": line.quantity, "unitOfMeasure": line.supply.unit, "unitSize": 1},
        "isBackOrderAllowed": True,
        "netCost": {"amount": f"{line.cost}", "currencyCode": "USD"},
    }
    if line.code:
        record["itemAcknowledgements"] = [_acknowledged(line)]
    return record


def _acknowledged(line: PurchaseLine) -> Record:
    record: Record = {
        "acknowledgementCode": line.code,
        "acknowledgedQuantity": {"amount": line.acknowledged, "unitOfMeasure": line.supply.unit},
    }
    if line.ships_on:
        record["scheduledShipDate"] = f"{line.ships_on}T00:00:00Z"
    if line.reason:
        record["rejectionReason"] = line.reason
    return record
