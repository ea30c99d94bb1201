"""Who has seen somebody: the audit trail, for those who have to account for it, and for the person themself."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.classification import Accessor, Inherited
from schema.scalars import COUNTED, PageInfo


@strawberry.type(description="That an answer which held something of the customer was given.")
class Access:
    at: Inherited[datetime] = strawberry.field(description="When it was given; ISO 8601 with offset.")
    role: Inherited[str] = strawberry.field(description="The role of whoever was given it.")
    purpose: Inherited[str | None] = strawberry.field(
        description="What they said it was for; null when their role has none."
    )
    themself: Inherited[bool] = strawberry.field(description="Whether it was the customer who asked.")
    categories: Inherited[list[str]] = strawberry.field(
        description="Categories of the graph that the answer showed something of, of whomever it was about."
    )
    masked: Inherited[list[str]] = strawberry.field(description="Categories of which it showed only a part.")
    who: Accessor[str] = strawberry.field(
        description="Subject of the token that asked; null when it was a customer, whose name is not kept."
    )
    client: Accessor[str] = strawberry.field(
        description="Client application the token was issued to; null when it named none."
    )
    event: Accessor[str] = strawberry.field(description="Its name in the audit trail, for `customer360 audit replay`.")


@strawberry.type(description="One row of a page of accesses.")
class AccessEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[Access] = strawberry.field(description="What somebody was shown, and why.")


@strawberry.type(description="A page of accesses, newest first.")
class AccessConnection:
    nodes: Inherited[list[Access]] = strawberry.field(description="The accesses of this page.")
    edges: Inherited[list[AccessEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The trail does not; the first page tells when it holds them all."
    )
