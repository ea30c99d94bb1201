"""What customers propose. The community owns suggestions, votes and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Community, Inherited, Public, edge, entity
from schema.content import RichText
from schema.scalars import COUNTED, PUBLIC_ID, Node, PageInfo

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.inventory import Product


@strawberry.enum(description="What became of a suggestion, as our people tagged it in the community.")
class SuggestionStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Nobody of ours has said anything yet.")
    UNDER_REVIEW = strawberry.enum_value("UNDER_REVIEW", description="Somebody of ours is thinking about it.")
    PLANNED = strawberry.enum_value("PLANNED", description="We have said that we will do it.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="We are doing it right now.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="It is done and can be used.")
    DECLINED = strawberry.enum_value("DECLINED", description="We have said that we will not do it.")


@strawberry.type(
    description="Something a customer proposes that we should do. The community owns it.",
    directives=[entity(Category.COMMUNITY)],
)
class Suggestion(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    title: Community[str] = strawberry.field(description="What is proposed, in one line of plain text.")
    body: Community[RichText] = strawberry.field(description="What is proposed, in full; its `locale` is not recorded.")
    status: Community[SuggestionStatus] = strawberry.field(description="What became of it.")
    votes: Community[int] = strawberry.field(description="How many members want it too; null when not counted.")
    suggested_at: Community[datetime] = strawberry.field(description="When it was proposed; ISO 8601 with offset.")

    @edge(Category.COMMUNITY)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product it is about; null when it is about none."""

    @edge(Category.COMMUNITY)
    def author(self) -> Annotated[Customer, strawberry.lazy("schema.customer")] | None:
        """Who proposed it; null when that account is not known to be one of our customers."""


@strawberry.type(description="One row of a page of suggestions.")
class SuggestionEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Suggestion] = strawberry.field(description="The suggestion of this row.")


@strawberry.type(description="A page of suggestions, newest first.")
class SuggestionConnection:
    nodes: Inherited[list[Suggestion]] = strawberry.field(description="The suggestions of this page, in its order.")
    edges: Inherited[list[SuggestionEdge]] = strawberry.field(description="The same suggestions, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The community does not; the first page tells when it holds them all."
    )
