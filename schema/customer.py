"""The customer: the one object everything else hangs from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import (
    Category,
    Commercial,
    Contact,
    Identity,
    Inherited,
    Public,
    edge,
    entity,
)
from schema.orders import OrderConnection
from schema.scalars import PUBLIC_ID, Address, Money, Node

if TYPE_CHECKING:
    from schema.support import TicketConnection


@strawberry.type(description="What one system calls this customer.")
class SystemKey:
    system: Inherited[str] = strawberry.field(description="System and kind of key, for example `siebel.contact`.")
    key: Inherited[str] = strawberry.field(description="The key, as that system writes it.")


@strawberry.type(
    description="A person or company that buys from us, assembled from every system that knows them.",
    directives=[entity(Category.PRESENCE)],
)
class Customer(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    name: Identity[str] = strawberry.field(description="Full name as the CRM has it; null for who is not in the CRM.")
    email: Contact[str] = strawberry.field(description="Primary e-mail address as the CRM has it; null when none is.")
    phone: Contact[str] = strawberry.field(description="Primary telephone number as the CRM has it; null when none is.")
    address: Contact[Address] = strawberry.field(description="Primary address of the CRM account; null when none is.")
    language: Identity[str] = strawberry.field(
        description="Preferred language, BCP 47, for example `de-DE`; often null."
    )
    tier: Commercial[str] = strawberry.field(description="Standing of the CRM account, for example `Gold`.")
    since: Commercial[datetime] = strawberry.field(
        description="When the CRM first recorded them; ISO 8601 with offset; null for who is not in the CRM."
    )

    @edge(Category.COMMERCIAL)
    def lifetime_value(self) -> Money | None:
        """Sum of the totals of all orders that were not cancelled and are not drafts. Derived by the gateway from the
        order system; null when there are none, or when they are in several currencies."""

    @edge(Category.LINKAGE)
    def identities(self) -> list[SystemKey] | None:
        """The customer's key in each system that knows them."""

    @edge(Category.LOGISTICS)
    def orders(
        self,
        first: Annotated[int, Category.PUBLIC, strawberry.argument(description="Page length, 1 to 100.")] = 20,
        after: Annotated[
            str | None, Category.PUBLIC, strawberry.argument(description="Continue behind this cursor.")
        ] = None,
    ) -> OrderConnection | None:
        """Orders this customer placed, newest first."""

    @edge(Category.SERVICE)
    def tickets(
        self,
        first: Annotated[int, Category.PUBLIC, strawberry.argument(description="Page length, 1 to 100.")] = 20,
        after: Annotated[
            str | None, Category.PUBLIC, strawberry.argument(description="Continue behind this cursor.")
        ] = None,
    ) -> Annotated[TicketConnection, strawberry.lazy("schema.support")] | None:
        """Tickets this customer reported, newest first."""


@strawberry.type(description="A customer that a look-up found, and by what.")
class CustomerMatch:
    customer: Inherited[Customer | None] = strawberry.field(description="The candidate.")
    matched: Inherited[list[str]] = strawberry.field(description="What matched, for example `phone`.")


@strawberry.input(description="A key of the customer in one system.")
class SystemKeyInput:
    system: Annotated[str, Category.LINKAGE] = strawberry.field(
        description="System and kind of key, as `identities` spells it, for example `oracle_om.party`."
    )
    key: Annotated[str, Category.LINKAGE] = strawberry.field(description="The key, as that system writes it.")


@strawberry.input(
    one_of=True, description="Exactly one way to find a customer. Each way needs the same grant as the value would."
)
class CustomerBy:
    id: Annotated[strawberry.ID | None, Category.PUBLIC] = strawberry.field(description="The id of the graph.")
    email: Contact[str] = strawberry.field(description="E-mail address; capitals and surrounding spaces do not matter.")
    phone: Contact[str] = strawberry.field(
        description="Telephone number; spaces, dashes, brackets and `00` for `+` do not matter."
    )
    order_number: Annotated[str | None, Category.LOGISTICS] = strawberry.field(
        description="Number of one of their orders."
    )
    ticket_number: Annotated[str | None, Category.SERVICE] = strawberry.field(description="Number of their ticket.")
    key: Annotated[SystemKeyInput | None, Category.LINKAGE] = strawberry.field(description="Their key in one system.")
