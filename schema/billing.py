"""What is owed and what was paid: invoices, payments, credit memos, balances. NetSuite owns them."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

import strawberry

from schema.classification import Inherited


@strawberry.enum(description="Where an invoice stands, in the ledger's own words.")
class InvoiceStatus(Enum):
    PENDING_APPROVAL = strawberry.enum_value("PENDING_APPROVAL", description="Entered; not approved yet.")
    REJECTED = strawberry.enum_value("REJECTED", description="Not approved; nothing is owed for it.")
    OPEN = strawberry.enum_value("OPEN", description="All of it or a part is still to be paid.")
    PAID = strawberry.enum_value("PAID", description="Nothing is left to pay: paid, credited, or both.")
    VOIDED = strawberry.enum_value("VOIDED", description="Declared void; nothing is owed for it.")
    OTHER = strawberry.enum_value("OTHER", description="A state that the graph has no word for.")


@strawberry.type(description="What a customer owes us, as the ledger adds it up.")
class Balance:
    open: Inherited[Decimal | None] = strawberry.field(
        description="Exact decimal, as a string: what is left to pay of all invoices. What is owed in another currency "
        "is converted by the ledger, at its rate of the day."
    )
    overdue: Inherited[Decimal | None] = strawberry.field(
        description="Exact decimal, as a string: what of it should have been paid before today."
    )
    currency: Inherited[str | None] = strawberry.field(
        description="ISO 4217 code of both: the customer's own currency in the ledger."
    )
