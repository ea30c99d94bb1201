"""The replies of the sales orders hub, as they are on the wire.

What is left out of a reply is UNSET, which is not null: see `translate.complete`. Ids are integers of up to 18 digits
and refused as floats; amounts are decimals, read digit by digit; timestamps need their offset.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

R = TypeVar("R")

CHILD_PAGE = 25
"""How many rows of a child come with its parent (the default page). A bare array of that many may have been cut."""

SPELLED = {
    "lines": "lines",
    "totals": "totals",
    "holds": "holds",
    "ship_to": "shipToCustomer",
    "bill_to": "billToCustomer",
}


def spelled(name: str) -> str:
    """`order_number` is OrderNumber; accessors of children start with a small letter."""
    return SPELLED.get(name) or "".join(part.capitalize() for part in name.split("_"))


Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Text = str | None | UnsetType
Amount = Decimal | None | UnsetType
Moment = Annotated[datetime, msgspec.Meta(tz=True)] | None | UnsetType
Flag = bool | Literal["Y", "N"] | None | UnsetType


class Collection(msgspec.Struct, Generic[R], frozen=True, rename="camel"):
    """A page of rows: what a list is, and what a child is from framework version 3 on (before, a bare array).

    `total_results`: rows in all, if it was asked for and the server knows; -1 when it does not.
    """

    items: list[R]
    has_more: bool
    total_results: int | None = None


class LineRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=spelled):
    fulfill_line_id: Id
    display_line_number: Text = UNSET
    product_number: Text = UNSET
    ordered_quantity: Amount = UNSET
    unit_selling_price: Amount = UNSET
    extended_amount: Amount = UNSET
    status_code: Text = UNSET
    schedule_ship_date: Moment = UNSET
    actual_ship_date: Moment = UNSET
    shipping_carrier: Text = UNSET


class TotalRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=spelled):
    total_amount: Amount = UNSET
    primary_flag: Flag = UNSET


class HoldRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=spelled):
    hold_name: Text = UNSET
    hold_comments: Text = UNSET
    apply_date: Moment = UNSET
    release_flag: Flag = UNSET


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=spelled):
    party_name: Text = UNSET
    address1: Text = UNSET
    address2: Text = UNSET
    address3: Text = UNSET
    address4: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    postal_code: Text = UNSET
    country: Text = UNSET


class OrderRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=spelled):
    header_id: Id
    order_number: Text = UNSET
    buying_party_number: Text = UNSET
    buying_party_name: Text = UNSET
    status_code: Text = UNSET
    transaction_on: Moment = UNSET
    requested_ship_date: Moment = UNSET
    source_transaction_system: Text = UNSET
    transactional_currency_code: Text = UNSET
    last_update_date: Moment = UNSET
    lines: list[LineRow] | Collection[LineRow] | UnsetType = UNSET
    totals: list[TotalRow] | Collection[TotalRow] | UnsetType = UNSET
    holds: list[HoldRow] | Collection[HoldRow] | UnsetType = UNSET
    ship_to: list[PlaceRow] | Collection[PlaceRow] | UnsetType = UNSET
    bill_to: list[PlaceRow] | Collection[PlaceRow] | UnsetType = UNSET


class PartyRow(msgspec.Struct, frozen=True, kw_only=True, rename=spelled):
    header_id: Id
    buying_party_number: str | None
    buying_party_id: Id | None
    buying_party_name: str | None
    last_update_date: Annotated[datetime, msgspec.Meta(tz=True)]


class Token(msgspec.Struct, frozen=True):
    """The identity domain's reply. `expires_in` is in seconds."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]+$")]
    expires_in: Annotated[float, msgspec.Meta(ge=0, le=10**9)] = 3600.0


def rows_of(children: list[R] | Collection[R] | UnsetType) -> list[R]:
    if isinstance(children, Collection):
        return children.items
    return [] if children is UNSET else children


def cut_off(children: list[R] | Collection[R] | UnsetType) -> bool:
    """Whether there are, or may be, more rows than came along."""
    if isinstance(children, Collection):
        return children.has_more
    return children is not UNSET and len(children) >= CHILD_PAGE


def incomplete(row: OrderRow) -> bool:
    """Whether one of its children that can have many rows may lack some."""
    return cut_off(row.lines) or cut_off(row.totals) or cut_off(row.holds)
