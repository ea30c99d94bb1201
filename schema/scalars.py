"""Value types that several domains share. Their leaves belong to the category of the field that leads to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from schema.classification import Category, Inherited, Public, optional

First = Annotated[int, Category.PUBLIC, strawberry.argument(description="Page length, 1 to 100.")]
After = Annotated[str | None, Category.PUBLIC, strawberry.argument(description="Continue behind this cursor.")]

COUNTED = "How many rows all pages hold, when the system that owns them counts; null when it does not."
PUBLIC_ID = "Opaque and stable; give it to `node` or to the look-up of its type. Never parse it."


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)


@strawberry.type(description="An exact amount of money. Never a float: the digits are those of the owning system.")
class Money:
    amount: Inherited[Decimal] = strawberry.field(description="Exact decimal, as a string, for example `261.96`.")
    currency: Inherited[str] = strawberry.field(description="ISO 4217 code, for example `USD`.")


@strawberry.input(description="A stretch of time. Both ends may be left open.")
class Period:
    from_: Annotated[datetime | None, Category.INHERITED] = optional(
        "From this moment on, the moment included; ISO 8601 with offset.",
        name="from",
    )
    before: Annotated[datetime | None, Category.INHERITED] = optional(
        "Up to this moment, the moment left out; ISO 8601 with offset."
    )


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
