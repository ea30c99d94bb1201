"""Which of Oracle's attributes each attribute of ours is made of. Nothing else is asked for, but keys.

Children's attributes have the accessor before them. A line is recognised by its FulfillLineId, a hold has to say
whether it was released, and an amount needs the currency, which only the header has. `held` is holds without
what anybody wrote about them. `ActualShipDate` and
`ShippingCarrier`, the `holds` child and the attributes of ship-to and bill-to are from memory of the real system, not
from its documentation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

LINE = "lines.FulfillLineId"
CURRENCY = "TransactionalCurrencyCode"
PLACE = ("PartyName", "Address1", "Address2", "Address3", "Address4", "City", "State", "PostalCode", "Country")

ORDER: dict[str, tuple[str, ...]] = {
    "header_id": ("HeaderId",),
    "number": ("OrderNumber",),
    "party_number": ("BuyingPartyNumber",),
    "status": ("StatusCode",),
    "word": ("StatusCode",),
    "placed_at": ("TransactionOn",),
    "requested_on": ("RequestedShipDate",),
    "channel": ("SourceTransactionSystem",),
    "currency": (CURRENCY,),
    "total": (CURRENCY, "totals.TotalAmount", "totals.PrimaryFlag"),
    "holds": ("holds.HoldName", "holds.HoldComments", "holds.ApplyDate", "holds.ReleaseFlag"),
    "held": ("holds.ApplyDate", "holds.ReleaseFlag"),
    "parties": (),
    "parties.sold_to": ("BuyingPartyName",),
    "parties.bill_to": tuple(f"billToCustomer.{name}" for name in PLACE),
    "parties.ship_to": tuple(f"shipToCustomer.{name}" for name in PLACE),
    "lines": (LINE,),
    "lines.number": (LINE, "lines.DisplayLineNumber"),
    "lines.sku": (LINE, "lines.ProductNumber"),
    "lines.quantity": (LINE, "lines.OrderedQuantity"),
    "lines.unit_price": (LINE, "lines.UnitSellingPrice", CURRENCY),
    "lines.amount": (LINE, "lines.ExtendedAmount", CURRENCY),
    "lines.status": (LINE, "lines.StatusCode"),
    "lines.word": (LINE, "lines.StatusCode"),
    "lines.promised_on": (LINE, "lines.ScheduleShipDate"),
    "lines.shipped_on": (LINE, "lines.ActualShipDate"),
    "lines.carrier": (LINE, "lines.ShippingCarrier"),
}
COMPOSITES = (
    "total",
    "holds",
    "parties.sold_to",
    "parties.bill_to",
    "parties.ship_to",
    "lines.unit_price",
    "lines.amount",
)

TOTAL: dict[str, tuple[str, ...]] = {name: ORDER[name] for name in ("total", "status")}

OPEN_LINES = ("lines.sku", "lines.quantity", "lines.status")
DEMAND: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(wire for line in OPEN_LINES for wire in ORDER[line]))
    for name in ("quantity", "backordered")
}
"""What is needed of open orders to say how many of a product are wanted: neither whose they are, nor which."""

WAITING: dict[str, tuple[str, ...]] = {
    "order_number": ("OrderNumber",),
    "quantity": tuple(dict.fromkeys(wire for line in OPEN_LINES for wire in ORDER[line])),
    "backordered": ORDER["lines.status"],
    "promised_on": ORDER["lines.promised_on"],
}

FOUND: dict[str, tuple[str, ...]] = ORDER | {"total_count": ("totalResults",)}
"""`total_count` is how many orders there are, no attribute of theirs: `total` is what one comes to. See `find`."""

PARTY_NUMBER: dict[str, tuple[str, ...]] = {"party_number": ORDER["party_number"]}


def asked(columns: Collection[str]) -> frozenset[str]:
    """Attributes as `ORDER` names them: a leaf of a value type means the whole value (`total.amount`: `total`)."""
    whole = {one for one in COMPOSITES if any(column.startswith(f"{one}.") for column in columns)}
    return frozenset(columns) | whole


def fields(wire: Iterable[str]) -> str:
    """The `fields` parameter: `OrderNumber,StatusCode;lines:ProductNumber,OrderedQuantity`."""
    sections: dict[str, list[str]] = {"": []}
    for column in dict.fromkeys(wire):
        accessor, _, name = column.rpartition(".")
        sections.setdefault(accessor, []).append(name)
    return ";".join(
        f"{accessor}:{','.join(names)}" if accessor else ",".join(names) for accessor, names in sections.items()
    )


def below(wire: Iterable[str], accessor: str) -> str:
    """The `fields` parameter of one child's own collection."""
    prefix = f"{accessor}."
    return ",".join(column.removeprefix(prefix) for column in wire if column.startswith(prefix))


def wire(known: Mapping[str, tuple[str, ...]], columns: Collection[str], *keys: str) -> tuple[str, ...]:
    """Oracle's columns behind some of ours, after the keys that a question cannot do without; each once."""
    named = asked(columns)
    return tuple(dict.fromkeys([*keys, *(one for name, made_of in known.items() if name in named for one in made_of)]))
