"""The customer: the one object everything else hangs from."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.billing import Balance, InvoiceConnection
from schema.classification import (
    Category,
    Commercial,
    Contact,
    Identity,
    Inherited,
    Logistics,
    Public,
    choice,
    edge,
    entity,
    optional,
)
from schema.guidance import CustomerInsights, NextBestAction
from schema.marketing import Consent, ConsentChannel, ConsentPurpose, TouchConnection
from schema.orders import OrderConnection
from schema.scalars import COUNTED, PUBLIC_ID, Address, After, First, Money, Node, PageInfo, Period

if TYPE_CHECKING:
    from schema.community import SuggestionConnection
    from schema.sales import AssetConnection, OpportunityConnection
    from schema.support import TicketConnection
    from schema.timeline import TimelineConnection, TimelineKind


@strawberry.type(description="What one system calls this customer.")
class SystemKey:
    system: Inherited[str] = strawberry.field(description="System and kind of key, for example `siebel.contact`.")
    key: Inherited[str] = strawberry.field(
        description="The key, exactly as that system writes it; leading zeros are kept."
    )


@strawberry.type(
    description="A person or company that buys from us, assembled from every system that knows "
    "them. Who they are is the CRM's word, what they bought the order system's, what "
    "they owe the ledger's.",
    directives=[entity(Category.PRESENCE)],
)
class Customer(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    name: Identity[str] = strawberry.field(
        description="Full name as the CRM has it; null for somebody who is not in the CRM. Masked: its initial alone."
    )
    email: Contact[str] = strawberry.field(
        description="Primary e-mail address as the CRM has it; null when there is none. Masked: only its domain."
    )
    phone: Contact[str] = strawberry.field(
        description="Primary telephone number as the CRM writes it, not normalised; null when there "
        "is none. Masked, only its last four digits are shown."
    )
    address: Contact[Address] = strawberry.field(
        description="Primary address of the CRM account; null when there is none."
    )
    language: Identity[str] = strawberry.field(
        description="Preferred language as the CRM has it, BCP 47, for example `de-DE`; often null."
    )
    tier: Commercial[str] = strawberry.field(
        description="Standing of the CRM account in the CRM's own words, for example `Gold`; null for "
        "somebody without an account."
    )
    since: Commercial[datetime] = strawberry.field(
        description="When the CRM first recorded them; ISO 8601 with offset; null for somebody who is not in the CRM."
    )

    @edge(Category.COMMERCIAL)
    def lifetime_value(self) -> Money | None:
        """Sum of the totals of all orders that were not cancelled and are not drafts. Worked out by the gateway
        from the order system; null when there are none, or when they are in several currencies."""

    @edge(Category.FINANCIAL)
    def balance(self) -> Balance | None:
        """What they owe today, and what of it is overdue. The ledger's own figures; their sum where it has several
        records of the customer, and null when those are in different currencies, or when it has none."""

    @edge(Category.BILLING)
    def invoices(self, first: First = 20, after: After = None) -> InvoiceConnection | None:
        """Invoices made out to this customer, newest first, as the ledger has them."""

    @edge(Category.COMMERCIAL)
    def insights(self) -> CustomerInsights | None:
        """What they have been to us, as the ledger adds it up. Derived by the gateway, by stated rules."""

    @edge(Category.GUIDANCE)
    def next_best_actions(
        self,
        first: Annotated[int, Category.PUBLIC, strawberry.argument(description="How many at most, 1 to 20.")] = 3,
        include_suppressed: Annotated[
            bool,
            Category.GUIDANCE,
            strawberry.argument(description="Also what is not proposed, with what speaks against it."),
        ] = False,
    ) -> list[NextBestAction] | None:
        """What to do for them next, the most urgent first; empty when no rule proposes anything. Of what they own,
        their 50 newest things are looked at. Derived by the gateway; null while a system that the rules look at does
        not answer."""

    @edge(Category.LINKAGE)
    def identities(self) -> list[SystemKey] | None:
        """The customer's key in each system that knows them: one row for each key, since a system may know them by
        several."""

    @edge(Category.LOGISTICS)
    def orders(self, first: First = 20, after: After = None) -> OrderConnection | None:
        """Orders this customer placed through whatever channel, newest first, as the order system has them."""

    @edge(Category.SERVICE)
    def tickets(
        self, first: First = 20, after: After = None
    ) -> Annotated[TicketConnection, strawberry.lazy("schema.support")] | None:
        """Tickets this customer reported, newest first, as the help desk has them."""

    @edge(Category.ENGAGEMENT)
    def touches(self, first: First = 20, after: After = None) -> TouchConnection | None:
        """What campaigns sent them and how they responded, newest first; e-mail from the marketing system, letters
        and calls from the CRM."""

    @edge(Category.CONSENT)
    def consent(
        self,
        channel: Annotated[
            ConsentChannel | None,
            Category.CONSENT,
            strawberry.argument(description="Of this channel only; of all channels if left out."),
        ] = None,
        purpose: Annotated[
            ConsentPurpose | None,
            Category.CONSENT,
            strawberry.argument(description="Of this purpose only; of all purposes if left out."),
        ] = None,
    ) -> list[Consent] | None:
        """Whether they may be reached, for each channel and purpose. Asked of the CRM and the marketing system
        anew each time; null while one of them cannot tell: then do not reach out."""

    @edge(Category.COMMUNITY)
    def suggestions(
        self, first: First = 20, after: After = None
    ) -> Annotated[SuggestionConnection, strawberry.lazy("schema.community")] | None:
        """What this customer suggested in the community, newest first."""

    @edge(Category.SALES)
    def opportunities(
        self, first: First = 20, after: After = None
    ) -> Annotated[OpportunityConnection, strawberry.lazy("schema.sales")] | None:
        """What we hope to sell them, have sold or have lost, as the CRM has it: what is decided last comes first."""

    @edge(Category.ASSETS)
    def owns(
        self, first: First = 20, after: After = None
    ) -> Annotated[AssetConnection, strawberry.lazy("schema.sales")] | None:
        """Things of ours that they have, as the CRM has them, the newest first."""

    @edge(Category.PRESENCE)
    def timeline(
        self,
        kinds: Annotated[
            list[Annotated[TimelineKind, strawberry.lazy("schema.timeline")]] | None,
            Category.PUBLIC,
            strawberry.argument(description="Of these kinds only; of all that you need to know of if left out."),
        ] = None,
        since: Annotated[
            datetime | None,
            Category.PUBLIC,
            strawberry.argument(description="From this moment on, the moment included; ISO 8601 with offset."),
        ] = None,
        partial: Annotated[
            bool,
            Category.PUBLIC,
            strawberry.argument(
                description="Whether to leave out what a system cannot tell right now: then `incomplete` says what is "
                "missing, of this page and of all behind it. Else there is no page without it."
            ),
        ] = False,
        first: First = 20,
        after: After = None,
    ) -> Annotated[TimelineConnection, strawberry.lazy("schema.timeline")] | None:
        """What happened with them, in all systems, newest first; of the kinds that you need to know of, and as if
        there were no others."""


@strawberry.type(description="One row of a page of customers.")
class CustomerEdge:
    cursor: Inherited[str] = strawberry.field(description="Give it to `after` to continue behind this row; opaque.")
    node: Inherited[Customer] = strawberry.field(description="The customer of this row.")


@strawberry.type(description="A page of customers, in the order asked for.")
class CustomerConnection:
    nodes: Inherited[list[Customer]] = strawberry.field(description="The customers of this page, in its order.")
    edges: Inherited[list[CustomerEdge]] = strawberry.field(description="The same customers, each with its cursor.")
    page_info: Inherited[PageInfo] = strawberry.field(
        description="Whether there is more, and the cursor to go on from."
    )
    total_count: Inherited[int | None] = strawberry.field(
        description=f"{COUNTED} The CRM counts its rows: a customer it holds twice is counted twice."
    )


@strawberry.enum(description="How a list of customers is sorted. The CRM sorts, by its own rules of spelling.")
class CustomerSort(Enum):
    NAME_ASC = choice("NAME_ASC", Category.IDENTITY, "By last name, then first name.")
    NAME_DESC = choice("NAME_DESC", Category.IDENTITY, "By last name, then first name, backwards.")
    SINCE_ASC = choice("SINCE_ASC", Category.COMMERCIAL, "Who has been a customer longest comes first.")
    SINCE_DESC = choice("SINCE_DESC", Category.COMMERCIAL, "The newest customer comes first.")


@strawberry.input(
    description="Which customers: those who meet every condition given. The CRM evaluates all of them but `channel`."
)
class CustomerFilter:
    name: Identity[str] = optional("Every word of it is in the customer's name, whatever its case.")
    email: Contact[str] = optional("Their e-mail address is this one, whatever its case.")
    phone: Contact[str] = optional("Telephone number, however it is written: with or without country code.")
    city: Contact[str] = optional("Town of the account's address, in full, whatever its case.")
    tier: Commercial[str] = optional("Standing of the account, exactly as `Customer.tier` spells it, like `Gold`.")
    channel: Logistics[str] = optional(
        "Placed an order through this channel, like `WEB`. The order system cannot list customers by it "
        "alone: give `name`, `email` or `phone` as well, or ask `orders(filter: {channel: …})`.",
    )
    since: Commercial[Period] = optional("When the CRM first recorded them lies in this stretch of time.")


@strawberry.type(description="A customer that a look-up or a search found, and by what.")
class CustomerMatch:
    customer: Inherited[Customer | None] = strawberry.field(
        description="The customer who could be meant; null when it may not be shown to you."
    )
    matched: Inherited[list[str]] = strawberry.field(
        description="What matched, by the names of the ways to look up, for example `phone`."
    )


@strawberry.input(description="A key of the customer in one system, to find them by.")
class SystemKeyInput:
    system: Annotated[str, Category.LINKAGE] = strawberry.field(
        description="System and kind of key, as `identities` spells it, for example `oracle_om.party`."
    )
    key: Annotated[str, Category.LINKAGE] = strawberry.field(
        description="The key, exactly as that system writes it; leading zeros count."
    )


@strawberry.input(
    one_of=True,
    description="Exactly one way to find a customer. Each way needs the same grant as the value "
    "would: who may not see telephone numbers may not look up by one.",
)
class CustomerBy:
    id: Annotated[strawberry.ID | None, Category.PUBLIC] = strawberry.field(
        description="Their id of the graph, as `Customer.id` gives it."
    )
    email: Contact[str] = strawberry.field(description="E-mail address; capitals and surrounding spaces do not matter.")
    phone: Contact[str] = strawberry.field(
        description="Telephone number; spaces, dashes, brackets and `00` for `+` do not matter."
    )
    order_number: Annotated[str | None, Category.LOGISTICS] = strawberry.field(
        description="Number of one of their orders, exactly: finds who placed it."
    )
    invoice_number: Annotated[str | None, Category.BILLING] = strawberry.field(
        description="Number of one of their invoices, exactly: finds who owes it."
    )
    ticket_number: Annotated[str | None, Category.SERVICE] = strawberry.field(
        description="Number of one of their tickets, exactly: finds who reported it."
    )
    serial_number: Annotated[str | None, Category.ASSETS] = strawberry.field(
        description="Serial number of something they have of us, exactly."
    )
    key: Annotated[SystemKeyInput | None, Category.LINKAGE] = strawberry.field(
        description="What one system calls them, as `identities` tells it."
    )
