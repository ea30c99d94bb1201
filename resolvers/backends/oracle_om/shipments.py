"""What was packed, parcel by parcel: the order system's shipment lines, put together by tracking number.

One row of `shipmentLines` is so much of one order line as is in one parcel. `Order`, `OrderLine`, `Item` and the
quantities are in public code; `Carrier`, `TrackingNumber`, `SoldToCustomerNumber`, and that one can query by these, are
from memory of the real system. A row without a tracking number is packed, but in no parcel that a carrier knows: it is
passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET

from resolvers.backends.base import Ambiguous, BackendError, Garbled, Wire
from resolvers.backends.oracle_om.language import address, among, moment, text
from resolvers.backends.oracle_om.line import Hub
from resolvers.backends.oracle_om.records import Packed, Shipment
from resolvers.backends.oracle_om.wire import Amount, Collection, Id, Moment, Text

PAGE = 500
SHIPMENT: dict[str, tuple[str, ...]] = {
    "number": ("TrackingNumber",),
    "order_number": ("Order",),
    "party_number": ("SoldToCustomerNumber",),
    "carrier": ("Carrier",),
    "shipped_on": ("ActualShipDate",),
    "contents": ("ShipmentLine",),
    "contents.line": ("OrderLine",),
    "contents.sku": ("Item",),
    "contents.quantity": ("ShippedQuantity", "StagedQuantity"),
}
KEYS = ("ShipmentLine", "Order", "TrackingNumber")
SENT: dict[str, tuple[str, ...]] = {name: SHIPMENT[name] for name in ("number", "party_number", "shipped_on")}
SENT_ROW = (*KEYS, "SoldToCustomerNumber", "ActualShipDate")
HAS_LEFT = "ActualShipDate is not null and TrackingNumber is not null"
SENT_LAST = "ActualShipDate:desc,TrackingNumber:desc,ShipmentLine:desc"
LINES_EACH = 10
"""Lines of a parcel that are counted with when a page of parcels is asked for; one with more is read all the same."""

EPOCH = datetime.fromtimestamp(0, UTC)
Sent = tuple[datetime, str]


class ShipmentRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    shipment_line: Id
    order: Annotated[str, msgspec.Meta(min_length=1)]
    tracking_number: str | None
    order_line: Text = UNSET
    item: Text = UNSET
    shipped_quantity: Amount = UNSET
    staged_quantity: Amount = UNSET
    sold_to_customer_number: Text = UNSET
    carrier: Text = UNSET
    actual_ship_date: Moment = UNSET


class ShipmentLines:
    """Lists of shipment lines of one instance."""

    def __init__(self, system: str, hub: Hub) -> None:
        self._system = system
        self._hub = hub

    async def rows(
        self, wire: Wire, attribute: str, keys: Sequence[str], asked: Sequence[str], also: str = ""
    ) -> list[ShipmentRow]:
        """All rows of which an attribute is one of the keys and that meet what else is said; by ShipmentLine, one call
        for each 500."""
        rows: dict[int, ShipmentRow] = {}
        condition, behind = among(attribute, keys) + also, ""
        while True:
            parameters: dict[str, str | int] = {"q": condition + behind, "fields": ",".join(asked), "limit": PAGE}
            target = address(self._hub.shipment_lines, parameters | {"orderBy": "ShipmentLine:asc", "onlyData": "true"})
            page = wire.decode(await self._hub.read(wire, target), Collection[ShipmentRow])
            last = max(rows, default=0)
            rows |= {row.shipment_line: row for row in page.items}
            if not page.has_more:
                return list(rows.values())
            if max(rows, default=0) == last:
                raise Garbled(self._system, "a page of shipment lines that says there is more, and has nothing new")
            behind = f" and ShipmentLine > {max(rows)}"

    async def latest(self, wire: Wire, party: str, most: int, after: Sent | None) -> tuple[list[Shipment], bool]:
        """So many of a buyer's parcels, the one that left last first, and whether there are earlier ones. The lines of
        a parcel leave together; one call for each 500."""
        found: dict[str, Shipment] = {}
        listed: dict[str, str | int] = {"fields": ",".join(SENT_ROW), "orderBy": SENT_LAST, "onlyData": "true"}
        listed["limit"] = min(PAGE, LINES_EACH * (most + 1))
        while True:
            onward = f" and {_sent_before(*after)}" if after else ""
            condition = f"SoldToCustomerNumber = {text(party)} and {HAS_LEFT}{onward}"
            target = address(self._hub.shipment_lines, {"q": condition} | listed)
            page = wire.decode(await self._hub.read(wire, target), Collection[ShipmentRow])
            if any(row.sold_to_customer_number != party for row in page.items):
                raise Garbled(self._system, "shipment lines of a buyer nobody asked for")
            whole = _whole(self._system, page.items, page.has_more)
            found |= {one.number: one for one in whole if one.number not in found}
            if len(found) > most or not page.has_more:
                return list(found.values())[:most], len(found) > most or page.has_more
            if not whole or (after and _place(whole[-1]) >= after):
                raise Garbled(self._system, "a page of shipment lines that says there is more, and has nothing new")
            after = _place(whole[-1])


def by_order(
    system: str, rows: Iterable[ShipmentRow], asked: Sequence[str]
) -> dict[str, list[Shipment] | BackendError]:
    """The parcels of each order; in the order they were packed."""
    found: dict[str, dict[str, list[ShipmentRow]]] = {}
    for row in rows:
        if row.tracking_number:
            found.setdefault(row.order, {}).setdefault(row.tracking_number, []).append(row)
    return {order: _all(system, parcels, asked) for order, parcels in found.items()}


def by_number(
    system: str, rows: Iterable[ShipmentRow], asked: Sequence[str]
) -> dict[str, Shipment | BackendError | Ambiguous]:
    """Each parcel; which order it is of nobody can say when it has lines of several."""
    found: dict[str, list[ShipmentRow]] = {}
    for row in rows:
        found.setdefault(row.tracking_number or "", []).append(row)
    made: dict[str, Shipment | BackendError | Ambiguous] = {}
    for number, mine in found.items():
        several = len({row.order for row in mine}) > 1
        made[number] = Ambiguous("a parcel with lines of several orders") if several else _tried(system, mine, asked)
    return made


def _all(
    system: str, parcels: Mapping[str, Sequence[ShipmentRow]], asked: Sequence[str]
) -> list[Shipment] | BackendError:
    """A list with a gap in it would be taken for the whole."""
    made = [_tried(system, rows, asked) for rows in parcels.values()]
    failed = next((one for one in made if isinstance(one, BackendError)), None)
    return failed or [one for one in made if isinstance(one, Shipment)]


def _tried(system: str, rows: Sequence[ShipmentRow], asked: Sequence[str]) -> Shipment | BackendError:
    missing = [name for name in asked if any(getattr(row, ATTRIBUTES[name]) is UNSET for row in rows)]
    if missing:
        return Garbled(system, f"a shipment line lacks {missing}")
    first = rows[0]
    return Shipment(
        number=first.tracking_number or "",
        order_number=first.order,
        party_number=first.sold_to_customer_number or None,
        carrier=first.carrier or None,
        shipped_on=max(
            (row.actual_ship_date for row in rows if isinstance(row.actual_ship_date, datetime)), default=None
        ),
        contents=[Packed(row.order_line or None, row.item or None, _quantity(row)) for row in rows],
    )


def _whole(system: str, rows: Sequence[ShipmentRow], cut: bool) -> list[Shipment]:
    """The parcels of a page, as they come; without the last one, whose lines may go on behind it, when it is cut."""
    made = by_number(system, rows, ("TrackingNumber", "Order", "SoldToCustomerNumber", "ActualShipDate"))
    if failed := next((one for one in made.values() if isinstance(one, BackendError)), None):
        raise failed
    parcels = [one for one in made.values() if isinstance(one, Shipment) and one.shipped_on is not None]
    places = [_place(one) for one in parcels]
    if places != sorted(places, reverse=True):
        raise Garbled(system, "shipment lines out of order")
    return parcels[:-1] if cut else parcels


def _place(one: Shipment) -> Sent:
    return one.shipped_on or EPOCH, one.number


def _sent_before(at: datetime, number: str) -> str:
    same = f"ActualShipDate = {moment(at)} and TrackingNumber < {text(number)}"
    return f"(ActualShipDate < {moment(at)} or ({same}))"


def _quantity(row: ShipmentRow) -> Decimal | None:
    """What was shipped; before that, what lies packed."""
    both = (row.shipped_quantity, row.staged_quantity)
    return next((one for one in both if isinstance(one, Decimal) and one.is_finite()), None)


def sent_by(**values: Iterable[str]) -> str:
    """Conditions for an attribute to be one of some values; none for none. Raises Unusable."""
    return "".join(f" and {among(NAMES[name], values)}" for name, values in values.items() if values)


NAMES = {"parties": "SoldToCustomerNumber", "carriers": "Carrier"}
ATTRIBUTES: Mapping[str, str] = dict(
    zip(ShipmentRow.__struct_encode_fields__, ShipmentRow.__struct_fields__, strict=True)
)
