"""From Oracle's words to ours. What does not add up is `Garbled`, by name, and never a value further in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from msgspec import UNSET, UnsetType

from resolvers.backends.base import Garbled
from resolvers.backends.oracle_om.records import (
    Address,
    BuyingParty,
    Hold,
    Line,
    Money,
    OrderTotal,
    Parties,
    Party,
    SalesOrder,
)
from resolvers.backends.oracle_om.wire import (
    Amount,
    Flag,
    HoldRow,
    LineRow,
    Moment,
    OrderRow,
    PartyRow,
    PlaceRow,
    Text,
    TotalRow,
    rows_of,
    spelled,
)
from schema import LineStatus, OrderStatus

HIGHEST_DIGIT = 21
DEEPEST_DIGIT = -30
LATEST = datetime.max.replace(tzinfo=UTC)
NOBODY = Parties()

ATTRIBUTES: Mapping[str, str] = {
    wire: name
    for struct in (OrderRow, LineRow, TotalRow, HoldRow, PlaceRow)
    for name, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
}
"""Oracle's spelling → our rows' attribute; the same in whichever row."""

ORDER_STATUS: Mapping[str, OrderStatus] = {
    "DOO_DRAFT": OrderStatus.DRAFT,
    "DOO_SUBMITTED": OrderStatus.SUBMITTED,
    "DOO_PROCESSING": OrderStatus.PROCESSING,
    "OPEN": OrderStatus.OPEN,
    "PARTIALLY_CLOSE": OrderStatus.PARTIALLY_CLOSED,
    "CLOSED": OrderStatus.CLOSED,
    "CANCELED": OrderStatus.CANCELED,
}
LINE_STATUS: Mapping[str, LineStatus] = {
    "NOT_STARTED": LineStatus.ENTERED,
    "ENTERED": LineStatus.ENTERED,
    "CREATED": LineStatus.ENTERED,
    "SCHED": LineStatus.SCHEDULED,
    "SCHEDULED": LineStatus.SCHEDULED,
    "BACKORDERED": LineStatus.BACKORDERED,
    "AWAIT_SHIP": LineStatus.AWAITING_SHIPPING,
    "SHIPPED": LineStatus.SHIPPED,
    "AWAIT_BILLING": LineStatus.SHIPPED,
    "BILLED": LineStatus.CLOSED,
    "CLOSED": LineStatus.CLOSED,
    "CANCELED": LineStatus.CANCELED,
}
"""AWAIT_SHIP and SHIPPED are documented, the other line codes from memory; companies add their own: those are OTHER."""


class Translation:
    """Translates rows. `wire` are the columns that were asked for: each has to be there, if only as null."""

    def __init__(self, system: str, wire: Iterable[str]) -> None:
        self._system = system
        self._asked: dict[str, list[str]] = {}
        for column in wire:
            accessor, _, name = column.rpartition(".")
            self._asked.setdefault(accessor, []).append(ATTRIBUTES[name])
        self._told = {accessor: attrgetter(*names, names[0]) for accessor, names in self._asked.items()}

    def order(self, row: OrderRow) -> SalesOrder:
        self._complete(row)
        told: Any = row  # what is UNSET or empty is false, as no date is: `or None` is `_text` and `_moment`, uncalled
        word = told.status_code or None
        return SalesOrder(
            header_id=row.header_id,
            number=told.order_number or None,
            party_number=told.buying_party_number or None,
            status=word and ORDER_STATUS.get(word, OrderStatus.OTHER),
            word=word,
            placed_at=told.transaction_on or None,
            requested_on=told.requested_ship_date or None,
            channel=told.source_transaction_system or None,
            currency=told.transactional_currency_code or None,
            total=None if row.totals is UNSET else self._total(row),
            holds=None if row.holds is UNSET else _holds(rows_of(row.holds)),
            parties=_parties(row),
            lines=None if row.lines is UNSET else [self._line(line, row) for line in rows_of(row.lines)],
        )

    def total(self, row: OrderRow) -> OrderTotal:
        self._complete(row)
        word = _text(row.status_code)
        return OrderTotal(self._total(row), None if word is None else ORDER_STATUS.get(word, OrderStatus.OTHER))

    def _line(self, line: LineRow, row: OrderRow) -> Line:
        told: Any = line  # as above: there are thousands of them
        word = told.status_code or None
        price, amount = line.unit_selling_price, line.extended_amount
        return Line(
            number=told.display_line_number or None,
            sku=told.product_number or None,
            quantity=self._number(line.ordered_quantity, "OrderedQuantity"),
            unit_price=None if price is UNSET else self._money(price, row, "UnitSellingPrice"),
            amount=None if amount is UNSET else self._money(amount, row, "ExtendedAmount"),
            status=word and LINE_STATUS.get(word, LineStatus.OTHER),
            word=word,
            promised_on=told.schedule_ship_date or None,
            shipped_on=told.actual_ship_date or None,
            carrier=told.shipping_carrier or None,
        )

    def _total(self, row: OrderRow) -> Money | None:
        """The primary total. An order without a price has no totals at all; totals without one primary say nothing."""
        rows = rows_of(row.totals)
        amounts = {total.total_amount for total in rows if _true(total.primary_flag)}
        if not rows:
            return None
        if len(amounts) != 1:
            raise Garbled(self._system, f"order {row.header_id} has {len(amounts)} primary totals")
        return self._money(amounts.pop(), row, "TotalAmount")

    def _money(self, amount: Amount, row: OrderRow, column: str) -> Money | None:
        if (exact := self._number(amount, column)) is None:
            return None
        currency = _text(row.transactional_currency_code)
        if currency is None:
            raise Garbled(self._system, f"order {row.header_id} has a {column} in no currency")
        return Money(exact, currency)

    def _number(self, amount: Amount, column: str) -> Decimal | None:
        """Decimals as they came; but neither NaN, which JSON has no number for, nor ones with endless zeros."""
        if amount is UNSET or amount is None or isinstance(amount, UnsetType):  # the last is for the type checker
            return None
        plain = str(amount)
        if len(plain) <= HIGHEST_DIGIT and plain.replace(".", "", 1).isdigit():
            return amount  # nearly all: not worth taking to pieces
        _, digits, exponent = amount.as_tuple()
        if not isinstance(exponent, int) or exponent < DEEPEST_DIGIT or len(digits) + exponent > HIGHEST_DIGIT:
            raise Garbled(self._system, f"{column} is {str(amount)[:40]}")
        return amount

    def _complete(self, row: OrderRow) -> None:
        """A column we asked for and did not get would look like one that holds nothing."""
        for accessor, told in self._told.items():
            rows = self._children(row, accessor) if accessor else [row]
            if [value for one in map(told, rows) for value in one if value is UNSET]:
                lacks = list(map(spelled, self._asked[accessor]))
                raise Garbled(self._system, f"order {row.header_id}: {accessor} lacks one of {lacks}")

    def _children(self, row: OrderRow, accessor: str) -> list[Any]:
        children = getattr(row, ATTRIBUTES[accessor])
        if children is UNSET:
            raise Garbled(self._system, f"order {row.header_id} lacks {accessor}")
        return rows_of(children)


def _parties(row: OrderRow) -> Parties:
    if row.buying_party_name is UNSET and row.bill_to is UNSET and row.ship_to is UNSET:
        return NOBODY
    sold_to = None if row.buying_party_name is UNSET else Party(_text(row.buying_party_name))
    return Parties(sold_to, _party(rows_of(row.bill_to)), _party(rows_of(row.ship_to)))


def _party(places: list[PlaceRow]) -> Party | None:
    """An order goes to one place and is billed to one: further rows are history."""
    return Party(_text(places[0].party_name), _address(places[0])) if places else None


def _address(place: PlaceRow) -> Address | None:
    street = map(_text, (place.address1, place.address2, place.address3, place.address4))
    lines = [line for line in street if line]
    rest = [_text(part) for part in (place.city, place.state, place.postal_code, place.country)]
    return Address(lines, *rest) if lines or any(rest) else None


def _holds(rows: list[HoldRow]) -> list[Hold]:
    """Those in force, oldest first; a hold that does not say whether it was released still holds."""
    held = [
        Hold(_text(row.hold_name), _text(row.hold_comments), _moment(row.apply_date))
        for row in rows
        if not _true(row.release_flag)
    ]
    return sorted(held, key=lambda hold: hold.applied_at or LATEST)


def _text(value: Text) -> str | None:
    return None if value is UNSET or isinstance(value, UnsetType) else value or None


def _moment(value: Moment) -> datetime | None:
    return None if isinstance(value, UnsetType) else value


def _true(flag: Flag) -> bool:
    return flag is True or flag == "Y"


def buying_parties(rows: Sequence[PartyRow]) -> list[BuyingParty]:
    """Each party once, by its newest row; the oldest of these first."""
    newest = {row.buying_party_number: row for row in sorted(rows, key=_updated)}
    return [
        BuyingParty(row.buying_party_number, row.buying_party_id, row.buying_party_name or None, row.last_update_date)
        for row in sorted(newest.values(), key=_updated)
        if row.buying_party_number
    ]


def _updated(row: PartyRow) -> datetime:
    return row.last_update_date
