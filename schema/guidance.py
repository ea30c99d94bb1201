"""What to do next for a customer, and what they have been to us. Derived by the gateway, by the rules of
`resolvers/rules.toml`; every place and every proposal says what it is made of."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Commercial, Financial, Inherited, edge
from schema.scalars import Money

if TYPE_CHECKING:
    from schema.inventory import Product
    from schema.support import Ticket


@strawberry.type(
    description="What a customer has been to us, as the ledger adds it up: invoices that were not rejected or voided, "
    "less credit memos. Null where the ledger has no record of them, and for money in more than one currency."
)
class CustomerInsights:
    as_of: Inherited[datetime.datetime] = strawberry.field(description="The moment it was worked out for.")
    definition: Inherited[str] = strawberry.field(description="What the figures mean, as the rules state it.")
    recent_days: Inherited[int] = strawberry.field(description="How many days `frequency` and `monetary` cover.")
    lifetime_value: Financial[Money] = strawberry.field(description="All that was ever billed, less what was credited.")
    recency_days: Commercial[int] = strawberry.field(description="Whole days since the last invoice; null without any.")
    frequency: Commercial[int] = strawberry.field(description="Invoices in the last `recentDays` days.")
    monetary: Financial[Money] = strawberry.field(description="What was billed in the last `recentDays` days.")
    exposure: Financial[Money] = strawberry.field(description="What they owe right now, due or not: open invoices.")
    recency_score: Commercial[int] = strawberry.field(
        description="1 to 5: how lately they bought, by the thresholds of the rules; null when nothing is known."
    )
    frequency_score: Commercial[int] = strawberry.field(description="1 to 5: how often they bought; likewise.")
    monetary_score: Commercial[int] = strawberry.field(
        description="1 to 5: for how much they bought; likewise. A band, never the amount."
    )


@strawberry.type(description="One fact that a judgement is made of.")
class Factor:
    name: Inherited[str] = strawberry.field(description="What it is, as the rules call it: `warranty_ends_in_days`.")
    value: Inherited[str | None] = strawberry.field(
        description="What it is for this customer or ticket, as text; null when its system does not answer."
    )
    weight: Inherited[float | None] = strawberry.field(
        description="By how much it counts: what the score was multiplied by; null for a mere condition."
    )
    system: Inherited[str] = strawberry.field(description="Whose word it is, or is derived from: `remedy`.")


@strawberry.enum(description="Why a proposal is not made though its conditions hold.")
class Suppression(Enum):
    OPEN_COMPLAINT = strawberry.enum_value(
        "OPEN_COMPLAINT", description="A complaint of theirs of a high priority is not resolved."
    )
    NO_CONSENT = strawberry.enum_value(
        "NO_CONSENT", description="They may be reached by no channel for marketing, least permissive of all on record."
    )
    NO_STOCK = strawberry.enum_value("NO_STOCK", description="There is none of the product that may be sold.")


@strawberry.type(description="Something to do for a customer, proposed by a rule.")
class NextBestAction:
    action: Inherited[str] = strawberry.field(description="The rule's name: `OFFER_REPLACEMENT`.")
    title: Inherited[str] = strawberry.field(description="What to do, in one sentence.")
    score: Inherited[int] = strawberry.field(description="The rule's rank; the highest is proposed first.")
    because: Inherited[list[Factor]] = strawberry.field(description="The facts by which its conditions hold.")
    suppressed_by: Inherited[list[Suppression]] = strawberry.field(
        description="What speaks against it; empty for what is proposed. Others are listed only when asked for."
    )

    @edge(Category.CATALOGUE)
    def product(self) -> Annotated[Product, strawberry.lazy("schema.inventory")] | None:
        """The product it is about; null when it is about none."""


@strawberry.type(description="One place in the support queue: which ticket, when, and why there.")
class QueuePlace:
    position: Inherited[int] = strawberry.field(description="1 for what to work on first.")
    agent: Inherited[int] = strawberry.field(description="Which of the agents takes it, from 1 on.")
    starts_at: Inherited[datetime.datetime] = strawberry.field(description="When work on it would start.")
    ends_at: Inherited[datetime.datetime] = strawberry.field(
        description="When it would be solved, at the minutes the rules give a ticket of its kind."
    )
    due_at: Inherited[datetime.datetime | None] = strawberry.field(
        description="Until when it was promised; by the rules' own patience when nothing was."
    )
    breaches: Inherited[bool] = strawberry.field(description="Whether it would be solved too late even so.")
    weight: Inherited[float] = strawberry.field(description="What a breach would cost: the product of its factors.")
    factors: Inherited[list[Factor]] = strawberry.field(description="What the weight is made of.")

    @edge(Category.SERVICE)
    def ticket(self) -> Annotated[Ticket, strawberry.lazy("schema.support")] | None:
        """The ticket that stands at this position."""


@strawberry.type(
    description="Open complaints in the order to work on them, scheduled so that what breaches its service level costs "
    "least. Derived by the gateway; the help desk's service levels, the ledger's values, the rules' weights."
)
class SupportQueue:
    as_of: Inherited[datetime.datetime] = strawberry.field(description="The moment it was scheduled for.")
    agents: Inherited[int] = strawberry.field(description="How many work on it side by side.")
    places: Inherited[list[QueuePlace]] = strawberry.field(
        description="The tickets in their order, the first to look at first."
    )
    breaches: Inherited[int] = strawberry.field(description="How many would be solved too late even so.")
    complete: Inherited[bool] = strawberry.field(
        description="Whether all open tickets are in it; false when there are more than `first`, the oldest left out."
    )
