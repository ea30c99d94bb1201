"""The sales orders hub, attribute by attribute, named as documented; `__init__` says which are from memory."""

from __future__ import annotations

from mocks.oracle_om import rows
from mocks.oracle_om.catalogue import Attribute, Child, Resource, constant, flag, moment, number, text

STATUS = {
    "DOO_DRAFT": "Draft",
    "DOO_SUBMITTED": "Submitted",
    "DOO_PROCESSING": "Processing",
    "DOO_REFERENCE": "Reference",
    "OPEN": "Open",
    "PARTIALLY_CLOSE": "Partially Closed",
    "CLOSED": "Closed",
    "CANCELED": "Canceled",
    "AWAIT_SHIP": "Awaiting Shipping",
    "SHIPPED": "Shipped",
}
UNITS = {"EA": "Each", "PC": "Piece", "KG": "Kilogram", "BX": "Box"}


def _status(code: str) -> str:
    return STATUS.get(code) or code.replace("_", " ").title()


def _street(position: int) -> Attribute:
    def read(place: rows.Place) -> str | None:
        street = place.address.street.splitlines()
        return street[position] if position < len(street) else None

    return text(read)


PLACE = {
    "PartyId": number(lambda p: p.party_id),
    "PartyName": text(lambda p: p.name),
    "PartyNumber": text(lambda p: p.party_number),
    **{f"Address{n + 1}": _street(n) for n in range(4)},
    "City": text(lambda p: p.address.city),
    "State": text(lambda p: p.address.state),
    "PostalCode": text(lambda p: p.address.postal_code),
    "Country": text(lambda p: p.address.country),
}

COMPONENTS = Resource(
    "chargeComponents",
    {
        "PriceElementCode": text(lambda c: c.code),
        "HeaderCurrencyCode": text(lambda c: c.currency),
        "HeaderCurrencyUnitPrice": number(lambda c: c.unit_price),
        "HeaderCurrencyExtendedAmount": number(lambda c: c.amount),
    },
)

CHARGES = Resource(
    "charges",
    {
        "OrderChargeId": number(lambda c: c.line.line.fulfill_line_id),
        "ChargeDefinitionCode": constant("QP_SALE_PRICE"),
        "ChargeTypeCode": constant("ORA_SALE"),
        "PricedQuantity": number(lambda c: c.line.line.quantity),
        "PrimaryFlag": flag(lambda c: True),
    },
    key=lambda c: str(c.line.line.fulfill_line_id),
    children={"chargeComponents": Child(COMPONENTS, rows.components)},
)

LINES = Resource(
    "lines",
    {
        "HeaderId": number(lambda r: r.header.order.header_id),
        "LineId": number(lambda r: r.line.line_id),
        "FulfillLineId": number(lambda r: r.line.fulfill_line_id),
        "LineNumber": text(lambda r: r.line.number),
        "DisplayLineNumber": text(lambda r: r.line.number),
        "SourceTransactionLineId": text(lambda r: str(r.line.line_id)),
        "SourceTransactionLineNumber": text(lambda r: r.line.number),
        "SourceScheduleNumber": constant("1"),
        "SourceTransactionScheduleId": text(lambda r: str(r.line.line_id)),
        "ProductNumber": text(lambda r: r.line.sku),
        "ProductDescription": text(lambda r: r.line.description),
        "OrderedQuantity": number(lambda r: r.line.quantity),
        "OrderedUOMCode": text(lambda r: r.line.unit),
        "OrderedUOM": text(lambda r: UNITS.get(r.line.unit, r.line.unit)),
        "UnitListPrice": number(lambda r: r.line.list_price),
        "UnitSellingPrice": number(lambda r: r.line.unit_price),
        "ExtendedAmount": number(lambda r: r.line.amount),
        "StatusCode": text(lambda r: r.line.status),
        "Status": text(lambda r: _status(r.line.status)),
        "ScheduleShipDate": moment(lambda r: r.line.scheduled_on),
        "ActualShipDate": moment(lambda r: r.line.shipped_on),
        "RequestedShipDate": moment(lambda r: r.line.requested_on),
        "RequestedArrivalDate": moment(lambda r: None),
        "RequestedFulfillmentOrganizationCode": text(lambda r: None),
        "ShippingCarrier": text(lambda r: r.line.carrier),
        "TransactionCategoryCode": constant("ORDER"),
    },
    key=lambda r: r.key,
    children={"charges": Child(CHARGES, rows.charges)},
)

TOTALS = Resource(
    "totals",
    {
        "TotalName": text(lambda t: t.name),
        "TotalCode": text(lambda t: t.code),
        "TotalAmount": number(lambda t: t.amount),
        "PrimaryFlag": flag(lambda t: t.primary),
    },
    key=lambda t: t.code,
)

HOLDS = Resource(
    "holds",
    {
        "HoldName": text(lambda h: h.name),
        "HoldCodeId": number(lambda h: h.id),
        "HoldComments": text(lambda h: h.comments),
        "ApplyDate": moment(lambda h: h.applied_at),
        "ReleaseFlag": flag(lambda h: h.released),
    },
    key=lambda h: str(h.id),
)

SHIP_TO = Resource("shipToCustomer", PLACE, key=lambda p: str(p.party_id))
BILL_TO = Resource("billToCustomer", PLACE, key=lambda p: str(p.party_id))
PAYMENTS = Resource("payments", {})

ORDERS = Resource(
    "salesOrdersForOrderHub",
    {
        "HeaderId": number(lambda h: h.order.header_id),
        "OrderNumber": text(lambda h: h.order.number),
        "OrderKey": text(lambda h: h.key),
        "SourceTransactionNumber": text(lambda h: h.order.source_number),
        "SourceTransactionSystem": text(lambda h: h.order.source_system),
        "SourceTransactionId": text(lambda h: str(h.order.header_id)),
        "SourceTransactionRevisionNumber": number(lambda h: h.revision),
        "BusinessUnitId": number(lambda h: 204),
        "BusinessUnitName": constant("Vision Operations"),
        "RequestingBusinessUnitName": constant("Vision Operations"),
        "RequestingLegalEntity": constant("Vision Operations"),
        "BuyingPartyId": number(lambda h: h.customer.party_id),
        "BuyingPartyName": text(lambda h: rows.buyer(h.customer)),
        "BuyingPartyNumber": text(lambda h: h.customer.party_number),
        "BuyingPartyContactName": text(lambda h: rows.buyer(h.customer)),
        "CustomerPONumber": text(lambda h: h.order.customer_po),
        "TransactionTypeCode": constant("STANDARD"),
        "TransactionType": constant("Standard Order"),
        "TransactionalCurrencyCode": text(lambda h: h.order.currency),
        "TransactionalCurrencyName": text(lambda h: h.order.currency),
        "AppliedCurrencyCode": text(lambda h: h.order.currency),
        "TransactionOn": moment(lambda h: h.order.placed_at),
        "RequestedShipDate": moment(lambda h: h.order.requested_on),
        "RequestedArrivalDate": moment(lambda h: None),
        "StatusCode": text(lambda h: h.order.status),
        "Status": text(lambda h: _status(h.order.status)),
        "SubmittedFlag": flag(lambda h: h.order.status != rows.DRAFT),
        "OpenFlag": flag(lambda h: h.order.status not in ("CLOSED", "CANCELED", rows.SUPERSEDED)),
        "PaymentTermsCode": text(lambda h: h.order.payment_terms.upper().replace(" ", "_")),
        "PaymentTerms": text(lambda h: h.order.payment_terms),
        "Salesperson": text(lambda h: h.order.salesperson),
        "Comments": text(lambda h: h.order.notes),
        "FreezePriceFlag": flag(lambda h: False),
        "FreezeTaxFlag": flag(lambda h: False),
        "FreezeShippingChargeFlag": flag(lambda h: False),
        "PartialShipAllowedFlag": flag(lambda h: True),
        "ShipsetFlag": flag(lambda h: False),
        "CreationDate": moment(lambda h: h.order.placed_at),
        "LastUpdateDate": moment(lambda h: h.order.updated_at),
    },
    key=lambda h: h.key,
    version=lambda h: h.version,
    children={
        "lines": Child(LINES, rows.lines),
        "totals": Child(TOTALS, rows.totals),
        "shipToCustomer": Child(SHIP_TO, rows.ship_to),
        "billToCustomer": Child(BILL_TO, rows.bill_to),
        "holds": Child(HOLDS, rows.holds),
        "payments": Child(PAYMENTS, rows.none),
    },
)
