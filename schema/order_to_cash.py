"""How far an order has come: from the campaign that led to it, to money, and to what is sold next.

Eight steps, each told by the system that owns it. What several steps come to is worked out by the gateway, of those
steps only that the caller may see; the rules are data, in `resolvers/order_to_cash.toml`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from schema.classification import (
    Category,
    Commercial,
    Financial,
    Inherited,
    Logistics,
    Operations,
    Tracking,
    choice,
    edge,
    optional,
)
from schema.orders import Order
from schema.scalars import Money, PageInfo


@strawberry.enum(description="The steps from a campaign to what is sold next, in the order they are told.")
class CashStep(Enum):
    INTEREST = strawberry.enum_value("INTEREST", description="A campaign reached who bought. Marketing says.")
    SALE = strawberry.enum_value("SALE", description="An opportunity led to the order. The CRM says.")
    ENTERED = strawberry.enum_value("ENTERED", description="The order is entered. The order system says.")
    ALLOCATED = strawberry.enum_value("ALLOCATED", description="Its goods are allocated and packed. Supply says.")
    BILLED = strawberry.enum_value("BILLED", description="It is invoiced and paid. The ledger says.")
    FULFILLED = strawberry.enum_value("FULFILLED", description="Its parcels are with who bought. Carriers say.")
    SERVICED = strawberry.enum_value("SERVICED", description="Trouble with it is settled. The help desk says.")
    FOLLOWED = strawberry.enum_value("FOLLOWED", description="Something more is sold, or may be. The CRM says.")


@strawberry.enum(description="How a step stands, in one set of words for all systems.")
class StepState(Enum):
    NONE = strawberry.enum_value("NONE", description="Nothing on record, and nothing that has to come.")
    WAITING = strawberry.enum_value("WAITING", description="Still to come, and not begun.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Begun, and not done.")
    PARTIAL = strawberry.enum_value("PARTIAL", description="Done for a part of it.")
    BLOCKED = strawberry.enum_value("BLOCKED", description="Something keeps it from going on.")
    DONE = strawberry.enum_value("DONE", description="Nothing of it is left to do.")
    CANCELED = strawberry.enum_value("CANCELED", description="Given up, or called off.")
    OTHER = strawberry.enum_value("OTHER", description="A state its system has that the graph has no word for.")


@strawberry.enum(description="Where an order is now: at the first of these that is not done.")
class OrderStage(Enum):
    ENTRY = strawberry.enum_value("ENTRY", description="Being entered; not submitted yet.")
    ALLOCATION = strawberry.enum_value("ALLOCATION", description="Goods are being found and packed.")
    FULFILMENT = strawberry.enum_value("FULFILMENT", description="Goods are on their way.")
    BILLING = strawberry.enum_value("BILLING", description="Goods are there; money is not, or not all of it.")
    SERVICE = strawberry.enum_value("SERVICE", description="Delivered and paid; somebody has trouble with it.")
    COMPLETE = strawberry.enum_value("COMPLETE", description="Nothing is left to do.")
    CANCELED = strawberry.enum_value("CANCELED", description="Cancelled as a whole.")


@strawberry.enum(description="What keeps an order from going on.")
class BlockReason(Enum):
    HOLD = strawberry.enum_value("HOLD", description="Somebody has put it on hold.")
    BACKORDER = strawberry.enum_value("BACKORDER", description="A line waits for stock.")
    DELIVERY = strawberry.enum_value("DELIVERY", description="Its carrier cannot deliver a parcel, or brings it back.")
    BILL_REJECTED = strawberry.enum_value("BILL_REJECTED", description="An invoice was not approved.")
    PAYMENT_OVERDUE = strawberry.enum_value("PAYMENT_OVERDUE", description="An invoice should have been paid.")
    TICKET = strawberry.enum_value("TICKET", description="A ticket about it is open.")


@strawberry.type(description="One document that a step is told by.")
class Evidence:
    number: Inherited[str | None] = strawberry.field(
        description="Its number: of an order line, an invoice, a parcel, a ticket; of an opportunity, its id of the "
        "graph; null for what has none."
    )
    state: Inherited[StepState] = strawberry.field(description="What its word means.")
    word: Inherited[str | None] = strawberry.field(description="How its own system says it stands, word for word.")
    at: Inherited[datetime | None] = strawberry.field(
        description="When that was; ISO 8601 with offset; midnight UTC where only the day is known."
    )


@strawberry.type(description="One step of an order, as the system says that owns it.")
class Step:
    step: Inherited[CashStep] = strawberry.field(description="Which of the eight it is.")
    state: Inherited[StepState] = strawberry.field(
        description="How it stands: what the words of its evidence come to, by stated rules."
    )
    word: Inherited[str | None] = strawberry.field(
        description="The word of its system that decided: of the evidence that keeps it from being done, or the last."
    )
    at: Inherited[datetime | None] = strawberry.field(description="The last moment among its evidence.")
    evidence: Inherited[list[Evidence]] = strawberry.field(
        description="What it is told by; empty when nothing is on record."
    )
    system: Operations[str] = strawberry.field(description="Name of the system that says so, as in `sources`.")


@strawberry.type(
    description="The steps of one order. Of steps that are not selected, no system is asked; a system that fails costs "
    "its own steps."
)
class CashSteps:
    @edge(Category.ENGAGEMENT)
    def interest(self) -> Step | None:
        """What campaigns did to who bought, in the 90 days before they ordered."""

    @edge(Category.SALES)
    def sale(self) -> Step | None:
        """The opportunity that led to it."""

    @edge(Category.LOGISTICS)
    def entered(self) -> Step | None:
        """Whether it is entered, as the order system says."""

    @edge(Category.LOGISTICS)
    def allocated(self) -> Step | None:
        """Whether its goods are allocated and packed, line by line. Who may not see parcels is told of what has left
        instead of what is packed."""

    @edge(Category.BILLING)
    def billed(self) -> Step | None:
        """Whether it is invoiced and paid, as the ledger says."""

    @edge(Category.TRACKING)
    def fulfilled(self) -> Step | None:
        """Whether its parcels have arrived, as their carriers say; of those that their carrier does not know (any
        more), the order system's word for their lines counts."""

    @edge(Category.SERVICE)
    def serviced(self) -> Step | None:
        """Tickets about it."""

    @edge(Category.SALES)
    def followed(self) -> Step | None:
        """What else was sold to who bought, or may be, since."""


@strawberry.type(description="Something that keeps an order from going on.")
class Blocker:
    reason: Inherited[BlockReason] = strawberry.field(description="What it is that does.")
    since: Inherited[datetime | None] = strawberry.field(
        description="Since when; ISO 8601 with offset; midnight UTC where only the day is known; null when nobody says."
    )
    system: Operations[str] = strawberry.field(description="Name of the system that says so, as in `sources`.")


@strawberry.type(description="How much of an order line is billed, in the product's sales unit.")
class BilledQuantities:
    invoiced: Inherited[Decimal | None] = strawberry.field(description="On invoices that were not rejected or voided.")
    paid: Financial[Decimal] = strawberry.field(
        description="Paid for: of each invoice's quantity, the share that its payments are of its total; to a "
        "thousandth. Derived by the gateway."
    )
    credited: Financial[Decimal] = strawberry.field(
        description="Credited, likewise: the share that its credit memos are. Derived by the gateway."
    )


@strawberry.type(
    description="How far one order line has come: quantities in the product's sales unit. Cancelled lines are at 0."
)
class CashLine:
    number: Logistics[str] = strawberry.field(description="Number of the line, as `OrderLine.number`.")
    sku: Logistics[str] = strawberry.field(description="Stock-keeping unit ordered; leading zeros are kept.")
    ordered: Logistics[Decimal] = strawberry.field(description="Ordered, and not cancelled.")
    allocated: Logistics[Decimal] = strawberry.field(
        description="Released to the warehouse, or further. A line moves as a whole: the order system splits it else."
    )
    shipped: Logistics[Decimal] = strawberry.field(description="Left the warehouse, by the order system's word.")
    packed: Tracking[Decimal] = strawberry.field(description="In parcels, labelled or on their way.")
    delivered: Tracking[Decimal] = strawberry.field(
        description="In parcels that arrived; of parcels that their carrier does not know (any more), if the line is "
        "closed."
    )
    returned: Tracking[Decimal] = strawberry.field(description="In parcels that go back, or are back.")

    @edge(Category.LOGISTICS)
    def stage(self) -> OrderStage | None:
        """Where this line is, of what you may see. As for the order; derived by the gateway. Payment is the order's."""

    @edge(Category.BILLING)
    def billed(self) -> BilledQuantities | None:
        """How much of it is billed, paid for and credited, as the ledger says."""


@strawberry.type(
    description="How far an order has come. `stage`, `daysInStage` and `blockedBy` are worked out by the gateway of "
    "those steps that you may see, `workedOutOf`: two callers may be told different things, and both are true."
)
class OrderToCash:
    steps: Inherited[CashSteps] = strawberry.field(description="The eight steps, each by its owner's word.")

    @edge(Category.LOGISTICS)
    def stage(self) -> OrderStage | None:
        """Where it is: at the first of entry, allocation, fulfilment, billing and service that is not done. Goods come
        before money, for bills are written when goods leave. Null while a system cannot tell that would decide."""

    @edge(Category.LOGISTICS)
    def days_in_stage(self) -> int | None:
        """Whole days since the stage before was done; since it was placed, for the first two. Null for a cancelled
        order."""

    @edge(Category.LOGISTICS)
    def blocked_by(self) -> list[Blocker | None] | None:
        """What keeps it from going on, of what you may see; empty when nothing does. Null stands in the place of what
        a system cannot tell right now."""

    @edge(Category.LOGISTICS)
    def worked_out_of(self) -> list[CashStep] | None:
        """The steps that you may see and that `stage`, `daysInStage` and `blockedBy` are worked out of."""

    @edge(Category.LOGISTICS)
    def lines(self) -> list[CashLine] | None:
        """The same line by line, in the order's own sequence."""


@strawberry.type(description="How many orders are at one stage.")
class StageTotal:
    stage: Inherited[OrderStage] = strawberry.field(description="Where these orders are.")
    orders: Inherited[int] = strawberry.field(description="How many orders are at it.")
    added: Inherited[int] = strawberry.field(
        description="How many of them `amounts` adds up: all; or, of more than 500 in all stages together, those that "
        "have waited longest."
    )

    @edge(Category.FINANCIAL)
    def amounts(self) -> list[Money] | None:
        """What those come to, one sum for each currency; asked of the order system now. Derived by the gateway."""


@strawberry.type(description="One row of a page of orders on their way.")
class OrderToCashEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row.")
    node: Inherited[Order] = strawberry.field(description="The order of this row.")


@strawberry.type(
    description="Orders by how far they have come. Which ones, and how many, the gateway's index of keys, states and "
    "times says, as of `asOf`; what is shown of each is asked of its system now. The index hears nothing of carriers: "
    "to it, an order is under way until its lines are closed."
)
class OrdersToCash:
    nodes: Inherited[list[Order]] = strawberry.field(description="The orders of this page.")
    edges: Inherited[list[OrderToCashEdge]] = strawberry.field(description="The same rows, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(description="Whether there is more.")
    stages: Inherited[list[StageTotal]] = strawberry.field(
        description="All orders that meet the conditions, by stage; on all pages together."
    )
    examined: Inherited[int] = strawberry.field(description="Orders in the index that you may see, of those customers.")
    complete: Inherited[bool] = strawberry.field(
        description="Whether nothing is missing: each system that this depends on has been read to its end."
    )
    as_of: Inherited[datetime | None] = strawberry.field(
        description="When those systems were last asked what had changed, the earliest of them; null before all were."
    )


@strawberry.enum(description="How orders on their way are sorted.")
class OrderToCashSort(Enum):
    WAITING_LONGEST = choice("WAITING_LONGEST", Category.LOGISTICS, "Who has been at their stage longest comes first.")
    WAITING_SHORTEST = choice("WAITING_SHORTEST", Category.LOGISTICS, "Who came to their stage last comes first.")


@strawberry.input(description="Which orders: those that meet every condition given.")
class OrderToCashFilter:
    stage: Logistics[list[OrderStage]] = optional("At any of these stages, of those that you may see.")
    stuck_only: Logistics[bool] = optional("Only those that something keeps from going on, as far as you may see.")
    older_than_days: Logistics[int] = optional("At their stage for more than so many days.")
    channel: Logistics[list[str]] = optional("Sold through any of these channels, exactly as `Order.channel` says.")
    tier: Commercial[list[str]] = optional("Of customers with any of these standings, as `Customer.tier` spells them.")


Customers = Annotated[
    list[strawberry.ID] | None,
    Category.PRESENCE,
    strawberry.argument(description="Of these customers, at most 100; of all if left out."),
]
Which = Annotated[
    OrderToCashFilter | None, Category.LOGISTICS, strawberry.argument(description="Which orders; all if left out.")
]
Sorted = Annotated[
    OrderToCashSort,
    Category.LOGISTICS,
    strawberry.argument(description="Sorted by; who waits longest first, if left out."),
]
