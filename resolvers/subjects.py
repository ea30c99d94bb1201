"""Whom rows are about, for the audit trail: what a row tells of itself, without asking anybody.

A customer is about themself; so are their orders, parcels, invoices, tickets, opportunities and assets where they are
reached from the customer. Reached in any other way, each of these stands for itself: that order was seen, whoever's it
is. Whose it is, is not looked up for that, or reading less would take more; `theirs` finds it out for whoever asks who
has seen somebody. Products, stock, campaigns, articles and suggestions are about nobody; of a suggestion, its author is
when they are asked for.
"""

from __future__ import annotations

import schema
from resolvers.binding import about
from resolvers.rows import Bill, Case, Deal, Parcel, Person, Sale, Thing


@about(schema.Customer, follows=False)
def customer(person: Person) -> str | None:
    return person.id


@about(schema.Order)
@about(schema.Shipment)
@about(schema.Invoice)
@about(schema.Ticket)
@about(schema.Opportunity)
@about(schema.Asset)
def themselves(row: Sale | Parcel | Bill | Case | Deal | Thing) -> str | None:
    return None
