"""What the hub knows, in our words, and the wire records it is read from.

Quantities are whole numbers beside their unit; forecasts are decimals, exactly as written. The hub has no selection of
fields: what was not asked for is there, and is left behind here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec

from schema.partners import Acknowledgement as Acknowledged
from schema.partners import PurchaseOrderState

Columns = dict[str, tuple[str, ...]]

SUPPLY: Columns = {
    "sku": ("item.buyerPartNumber",),
    "supplier_number": ("partnerId",),
    "supplier": ("partnerName",),
    "part_number": ("item.vendorPartNumber",),
    "gtin": ("item.gtin",),
    "available": ("availableQuantity",),
    "on_order": ("onOrderQuantity",),
    "available_on": ("availableDate",),
    "expected": ("projectedQuantities",),
    "expected.on": ("projectedQuantities",),
    "expected.quantity": ("projectedQuantities",),
    "unit": ("unitOfMeasure",),
    "warehouse": ("warehouseLocation",),
    "updated_at": ("lastUpdated",),
}
FORECAST: Columns = {
    "sku": ("item.buyerPartNumber",),
    "supplier_number": ("partnerId",),
    "begins": ("startDate",),
    "ends": ("endDate",),
    "mean": ("meanForecastUnits",),
    "p90": ("p90ForecastUnits",),
    "unit": ("unitOfMeasure",),
    "made_on": ("forecastGenerationDate",),
    "commitments": ("commitQuantities",),
}
ORDER: Columns = {
    "number": ("purchaseOrderNumber",),
    "state": ("purchaseOrderState",),
    "supplier_number": ("orderDetails.sellingParty",),
    "ordered_at": ("orderDetails.purchaseOrderDate",),
    "changed_at": ("orderDetails.purchaseOrderStateChangedDate",),
    "lines": ("orderDetails.items",),
    "lines.number": ("orderDetails.items.itemSequenceNumber",),
    "lines.sku": ("orderDetails.items.buyerProductIdentifier",),
    "lines.part_number": ("orderDetails.items.vendorProductIdentifier",),
    "lines.ordered": ("orderDetails.items.orderedQuantity",),
    "lines.unit": ("orderDetails.items.orderedQuantity",),
    "lines.acknowledgement": ("orderDetails.items.itemAcknowledgements",),
    "lines.acknowledged": ("orderDetails.items.itemAcknowledgements",),
    "lines.ships_on": ("orderDetails.items.itemAcknowledgements",),
    "lines.reason": ("orderDetails.items.itemAcknowledgements",),
    "remark": ("orderDetails.remark",),
}
TRANSACTION: Columns = {"id": ("transactionId",), "status": ("status",), "errors": ("errors",)}


class Money(msgspec.Struct, frozen=True):
    amount: Decimal
    currency: str


class Expected(msgspec.Struct, frozen=True):
    """A lot the supplier will have."""

    on: date
    quantity: int


class Supply(msgspec.Struct, frozen=True):
    """What one supplier has of one product. `available_on`: when more will be there."""

    sku: str
    supplier_number: str
    supplier: str | None
    part_number: str | None
    gtin: str | None
    available: int
    on_order: int
    available_on: date | None
    expected: tuple[Expected, ...]
    unit: str
    warehouse: str | None
    updated_at: datetime


class Supplies(msgspec.Struct, frozen=True):
    """A page of what one supplier has."""

    rows: list[Supply]
    has_next: bool


class Commitment(msgspec.Struct, frozen=True):
    """What a supplier has promised for a stretch of days."""

    supplier_number: str
    begins: date
    ends: date
    quantity: int
    unit: str
    committed_at: datetime | None
    remark: str | None


class Forecast(msgspec.Struct, frozen=True):
    """A week as we foresee it. `mean`, and `p90`: what nine in ten such weeks stay below."""

    sku: str
    supplier_number: str
    begins: date
    ends: date
    mean: Decimal
    p90: Decimal
    unit: str
    made_on: date
    commitments: tuple[Commitment, ...]


class PurchaseLine(msgspec.Struct, frozen=True):
    """`cost`: of one unit, to us. `acknowledgement`: None before the supplier has spoken."""

    number: str
    sku: str
    part_number: str
    ordered: int
    unit: str
    cost: Money | None
    acknowledgement: Acknowledged | None
    acknowledged: int | None
    ships_on: date | None
    reason: str | None


class PurchaseOrder(msgspec.Struct, frozen=True):
    number: str
    state: PurchaseOrderState
    supplier_number: str
    ordered_at: datetime
    changed_at: datetime | None
    lines: tuple[PurchaseLine, ...]
    remark: str | None


class LineAcknowledgement(msgspec.Struct, frozen=True):
    """What a supplier says to one line. `code`: Accepted, Backordered or Rejected."""

    part_number: str
    code: str
    quantity: int
    unit: str
    ships_on: date | None = None
    reason: str | None = None


class Acknowledgement(msgspec.Struct, frozen=True):
    """What a supplier says to one purchase order."""

    number: str
    partner_id: str
    lines: tuple[LineAcknowledgement, ...]


class Transaction(msgspec.Struct, frozen=True):
    """What became of something written. `status`: Processing, Success or Failure; `errors`: why it failed."""

    id: str
    status: str
    errors: tuple[str, ...] = ()


# -- on the wire ------------------------------------------------------------------------------------------------------


class ItemKeys(msgspec.Struct, rename="camel"):
    buyer_part_number: str
    vendor_part_number: str = ""
    gtin: str = ""


class Projected(msgspec.Struct):
    date: datetime
    quantity: int


class ItemRow(msgspec.Struct, rename="camel"):
    partner_id: str
    available_quantity: int
    on_order_quantity: int
    unit_of_measure: str
    last_updated: datetime
    item: ItemKeys
    partner_name: str = ""
    available_date: datetime | None = None
    projected_quantities: list[Projected] = []
    warehouse_location: str = ""


class Inventory(msgspec.Struct):
    results: list[ItemRow]


class CommitRow(msgspec.Struct, rename="camel"):
    start_date: date
    end_date: date
    quantity: int
    unit_of_measure: str
    committed_at: datetime | None = None
    remark: str = ""


class ForecastRow(msgspec.Struct, rename="camel"):
    partner_id: str
    item: ItemKeys
    start_date: date
    end_date: date
    mean_forecast_units: Decimal
    unit_of_measure: str
    forecast_generation_date: date
    p90: Decimal = msgspec.field(name="p90ForecastUnits")
    commit_quantities: list[CommitRow] = []


class Forecasts(msgspec.Struct):
    rows: list[ForecastRow] = msgspec.field(name="forecastByItem")


class Amount(msgspec.Struct, rename="camel"):
    amount: int
    unit_of_measure: str = ""


class Cost(msgspec.Struct, rename="camel"):
    """Money travels as a text."""

    amount: str
    currency_code: str


class SaidRow(msgspec.Struct, rename="camel"):
    acknowledgement_code: str
    acknowledged_quantity: Amount
    scheduled_ship_date: datetime | None = None
    rejection_reason: str = ""


class LineRow(msgspec.Struct, rename="camel"):
    item_sequence_number: str
    buyer_product_identifier: str
    vendor_product_identifier: str
    ordered_quantity: Amount
    net_cost: Cost | None = None
    item_acknowledgements: list[SaidRow] = []


class Party(msgspec.Struct, rename="camel"):
    party_id: str


class Details(msgspec.Struct, rename="camel"):
    purchase_order_date: datetime
    selling_party: Party
    items: list[LineRow]
    purchase_order_state_changed_date: datetime | None = None
    remark: str = ""


class OrderRow(msgspec.Struct, rename="camel"):
    purchase_order_number: str
    purchase_order_state: str
    order_details: Details


class Problem(msgspec.Struct):
    code: str = ""
    message: str = ""


class OrderReply(msgspec.Struct):
    payload: OrderRow | None = None
    errors: list[Problem] = []


class Receipt(msgspec.Struct, rename="camel"):
    transaction_id: str


class ReceiptReply(msgspec.Struct):
    payload: Receipt | None = None
    errors: list[Problem] = []


class StatusRow(msgspec.Struct, rename="camel"):
    transaction_id: str
    status: str
    errors: list[Problem] = []


class StatusPayload(msgspec.Struct, rename="camel"):
    transaction_status: StatusRow


class StatusReply(msgspec.Struct):
    payload: StatusPayload | None = None
    errors: list[Problem] = []
