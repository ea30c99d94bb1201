"""Value types that several domains share. Their leaves belong to the category of the field that leads to them."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from schema.classification import Inherited, Public

PUBLIC_ID = "Opaque and stable; give it to `node` or to the look-up of its type. Never parse it."


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)


@strawberry.type(description="An exact amount of money. Never a float: the digits are those of the owning system.")
class Money:
    amount: Inherited[Decimal] = strawberry.field(description="Exact decimal, as a string, for example `261.96`.")
    currency: Inherited[str] = strawberry.field(description="ISO 4217 code, for example `USD`.")


@strawberry.type(description="A postal address. A part that the owning system leaves empty is null.")
class Address:
    lines: Inherited[list[str]] = strawberry.field(description="Street lines, as they would be printed.")
    city: Inherited[str | None] = strawberry.field(description="Town or city; null when not recorded.")
    region: Inherited[str | None] = strawberry.field(description="State, province or county; null when not recorded.")
    postal_code: Inherited[str | None] = strawberry.field(
        description="Postal code as text: leading zeros are kept; null when not recorded."
    )
    country: Inherited[str | None] = strawberry.field(description="Country as recorded; null when not recorded.")


@strawberry.type(description="Relay page information, for the rows this caller may see.")
class PageInfo:
    has_next_page: Inherited[bool] = strawberry.field(description="Whether `after: endCursor` would give more rows.")
    has_previous_page: Inherited[bool] = strawberry.field(
        description="Whether this page was asked for with `after`; pages are only read forwards."
    )
    start_cursor: Inherited[str | None] = strawberry.field(
        description="Cursor of the first row; null on an empty page."
    )
    end_cursor: Inherited[str | None] = strawberry.field(description="Cursor of the last row; null on an empty page.")
