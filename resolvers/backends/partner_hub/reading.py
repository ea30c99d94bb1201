"""The hub's rows → our records. What cannot be so is a ValueError that names the field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TypeVar

from resolvers.backends.partner_hub.records import (
    Acknowledgement,
    Commitment,
    CommitRow,
    Cost,
    Expected,
    Forecast,
    ForecastRow,
    ItemRow,
    LineRow,
    Money,
    OrderRow,
    PurchaseLine,
    PurchaseOrder,
    Supply,
)
from schema.partners import Acknowledgement as Acknowledged
from schema.partners import PurchaseOrderState

W = TypeVar("W", bound=Enum)


def supply(row: ItemRow) -> Supply:
    return Supply(
        sku=row.item.buyer_part_number,
        supplier_number=row.partner_id,
        supplier=row.partner_name.strip() or None,
        part_number=row.item.vendor_part_number.strip() or None,
        gtin=row.item.gtin.strip() or None,
        available=_count("availableQuantity", row.available_quantity),
        on_order=_count("onOrderQuantity", row.on_order_quantity),
        available_on=_moment("availableDate", row.available_date).date() if row.available_date else None,
        expected=tuple(
            Expected(_moment("projectedQuantities", one.date).date(), _count("projectedQuantities", one.quantity))
            for one in sorted(row.projected_quantities, key=lambda one: _moment("projectedQuantities", one.date))
        ),
        unit=row.unit_of_measure,
        warehouse=row.warehouse_location.strip() or None,
        updated_at=_moment("lastUpdated", row.last_updated),
    )


def forecast(row: ForecastRow) -> Forecast:
    if row.end_date < row.start_date:
        raise ValueError("endDate is before startDate")
    for value in (row.mean_forecast_units, row.p90):
        if not value.is_finite() or value < 0:
            raise ValueError("a forecast is a number from 0")
    return Forecast(
        sku=row.item.buyer_part_number,
        supplier_number=row.partner_id,
        begins=row.start_date,
        ends=row.end_date,
        mean=row.mean_forecast_units,
        p90=row.p90,
        unit=row.unit_of_measure,
        made_on=row.forecast_generation_date,
        commitments=tuple(_commitment(row.partner_id, one) for one in row.commit_quantities),
    )


def _commitment(partner_id: str, row: CommitRow) -> Commitment:
    at = _moment("committedAt", row.committed_at) if row.committed_at else None
    quantity = _count("commitQuantities", row.quantity)
    return Commitment(
        partner_id, row.start_date, row.end_date, quantity, row.unit_of_measure, at, row.remark.strip() or None
    )


def order(row: OrderRow) -> PurchaseOrder:
    details = row.order_details
    changed = details.purchase_order_state_changed_date
    return PurchaseOrder(
        number=row.purchase_order_number,
        state=_word(PurchaseOrderState, row.purchase_order_state),
        supplier_number=details.selling_party.party_id,
        ordered_at=_moment("purchaseOrderDate", details.purchase_order_date),
        changed_at=_moment("purchaseOrderStateChangedDate", changed) if changed else None,
        lines=tuple(map(_line, details.items)),
        remark=details.remark.strip() or None,
    )


def _line(row: LineRow) -> PurchaseLine:
    """Of several acknowledgements of a line the last one counts."""
    said = row.item_acknowledgements[-1] if row.item_acknowledgements else None
    ships = said.scheduled_ship_date if said else None
    return PurchaseLine(
        number=row.item_sequence_number,
        sku=row.buyer_product_identifier,
        part_number=row.vendor_product_identifier,
        ordered=_count("orderedQuantity", row.ordered_quantity.amount),
        unit=row.ordered_quantity.unit_of_measure,
        cost=_money(row.net_cost) if row.net_cost else None,
        acknowledgement=_word(Acknowledged, said.acknowledgement_code) if said else None,
        acknowledged=_count("acknowledgedQuantity", said.acknowledged_quantity.amount) if said else None,
        ships_on=_moment("scheduledShipDate", ships).date() if ships else None,
        reason=(said.rejection_reason.strip() or None) if said else None,
    )


def written(one: Acknowledgement, now: datetime) -> dict[str, object]:
    """An acknowledgement as the hub takes it."""
    return {
        "purchaseOrderNumber": one.number,
        "sellingParty": {"partyId": one.partner_id},
        "acknowledgementDate": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "items": [
            {
                "vendorProductIdentifier": line.part_number,
                "orderedQuantity": {"amount": line.quantity, "unitOfMeasure": line.unit, "unitSize": 1},
                "itemAcknowledgements": [
                    {
                        "acknowledgementCode": line.code,
                        "acknowledgedQuantity": {"amount": line.quantity, "unitOfMeasure": line.unit},
                        **({"scheduledShipDate": f"{line.ships_on}T00:00:00Z"} if line.ships_on else {}),
                        **({"rejectionReason": line.reason} if line.reason else {}),
                    }
                ],
            }
            for line in one.lines
        ],
    }


def _word(words: type[W], said: str) -> W:
    """The graph's word for one of the hub's; OTHER for one that it has none for."""
    return words.__members__.get(said.upper(), words["OTHER"])


def _count(field: str, value: int) -> int:
    if value < 0:
        raise ValueError(f"{field} is less than nothing")
    return value


def _moment(field: str, at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{field} has no offset")
    return at.astimezone(UTC)


def _money(cost: Cost) -> Money:
    try:
        amount = Decimal(cost.amount)
    except InvalidOperation as error:
        raise ValueError("netCost is no number") from error
    if not amount.is_finite():
        raise ValueError("netCost is no number")
    return Money(amount, cost.currency_code)
