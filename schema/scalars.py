"""Value types that several domains share. Their leaves belong to the category of the field that leads to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from schema.classification import Category, Inherited, Public, optional

First = Annotated[int, Category.PUBLIC, strawberry.argument(description="Page length, 1 to 100; 20 if left out.")]
After = Annotated[
    str | None,
    Category.PUBLIC,
    strawberry.argument(
        description="Continue behind this cursor, a `pageInfo.endCursor` of the same list with the "
        "same arguments; from the start if left out."
    ),
]

COUNTED = "How many rows all pages hold, when the system that owns them counts; null when it does not."
PUBLIC_ID = (
    "Opaque and stable: give it to `node` or to the look-up of its type. Never parse it, and never show it to people."
)

SCALARS = {
    "Date": "A calendar day, ISO 8601, as a string: `2026-11-26`; in the time zone of the system that owns it, unless "
    "the field says another.",
    "DateTime": "A moment, ISO 8601 with its offset from UTC, as a string: `2026-11-26T14:40:00+01:00`.",
    "Decimal": "An exact decimal number, as a string, so that no reader rounds it: `261.96`. As an input a number will "
    "do.",
}
"""What the types of single values mean that come with the library."""


@strawberry.interface(description="Anything that stands on its own and can be fetched again by its id.")
class Node:
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)


@strawberry.type(
    description="An exact amount of money, never a float: the digits are those of the owning "
    "system. Under a mask the amount is only the lower end of its band."
)
class Money:
    amount: Inherited[Decimal] = strawberry.field(
        description="Exact decimal, as a string, in units of `currency` (not cents), for example `261.96`."
    )
    currency: Inherited[str] = strawberry.field(
        description="ISO 4217 code, for example `USD`. The gateway never converts between currencies."
    )


@strawberry.input(description="A stretch of time, from one moment up to another. Either end may be left open.")
class Period:
    from_: Annotated[datetime | None, Category.INHERITED] = optional(
        "From this moment on, the moment included; ISO 8601 with offset.",
        name="from",
    )
    before: Annotated[datetime | None, Category.INHERITED] = optional(
        "Up to this moment, the moment left out; ISO 8601 with offset."
    )


@strawberry.type(description="A postal address, as the owning system records it. A part that it leaves empty is null.")
class Address:
    lines: Inherited[list[str]] = strawberry.field(
        description="Street lines, as they would be printed; empty when none is recorded."
    )
    city: Inherited[str | None] = strawberry.field(description="Town or city; null when not recorded.")
    region: Inherited[str | None] = strawberry.field(
        description="State, province or county, as recorded: a code or a name; null when not recorded."
    )
    postal_code: Inherited[str | None] = strawberry.field(
        description="Postal code as text: leading zeros are kept; null when not recorded."
    )
    country: Inherited[str | None] = strawberry.field(
        description="Country as recorded: a name, not always a code; null when not recorded."
    )


@strawberry.type(
    description="Relay page information, for the rows this caller may see: rows that are withheld leave no trace in it."
)
class PageInfo:
    has_next_page: Inherited[bool] = strawberry.field(description="Whether `after: endCursor` would give more rows.")
    has_previous_page: Inherited[bool] = strawberry.field(
        description="Whether this page was asked for with `after`; pages are only read forwards."
    )
    start_cursor: Inherited[str | None] = strawberry.field(
        description="Cursor of the first row; null on an empty page."
    )
    end_cursor: Inherited[str | None] = strawberry.field(
        description="Cursor of the last row, for `after` of the next page; null on an empty page."
    )
