"""What the policy is meant to say, in words somebody wrote down without looking at the files: should both engines read a
line wrongly in the same way, these know better. Never generate them from the data they guard."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

import schema
from gateway.auth import Principal
from gateway.policy import NOTHING, SEEN, WITHHELD, Policy, Sight, Verdict
from gateway.policy.rules import Relations
from schema.coverage import categories
from tests.gateway.policy.second_opinion import PUBLISHED, Cedar, Cell

SENTENCES = """
An agent sees the name of anybody.
An agent sees the telephone number of anybody.
An agent sees the internal work log of a colleague's ticket.
An agent sees the holds of any order.
An agent asking for marketing does not see the name of somebody who has agreed.
An agent asking for analytics does not see the tier of anybody.
An agent sees the due date of any invoice.
An agent does not see the card of any payment.

A technician sees the subject of a ticket assigned to them.
A technician does not see the subject of a colleague's ticket.
A technician sees the internal work log of a ticket assigned to them.
A technician does not see the internal work log of a colleague's ticket.
A technician sees only the initial of the name of anybody.
A technician sees only the last four of the telephone number of anybody.
A technician does not see the tier of anybody.
A technician does not see the total of any order.
A technician does not see the number of any order.
A technician sees the stock of any product.
A technician does not see the outlook of any product.
A technician does not see the advice of anybody.

An agent sees the outlook of any product.
An agent sees the advice of anybody.
An account manager sees the advice of a customer of their region.
An account manager does not see the advice of a customer of another region.
A marketer asking for marketing sees the outlook of any product.
A marketer asking for marketing does not see the advice of somebody who has agreed.
A warehouse worker sees the outlook of any product.
An accountant does not see the outlook of any product.
A supplier does not see the outlook of a product they supply.
A customer does not see the advice of themself.

An account manager sees the e-mail address of a customer of their region.
An account manager does not see the e-mail address of a customer of another region.
An account manager sees the name of a customer of their region.
An account manager sees only the initial of the name of a customer of another region.
An account manager sees only the band of the total of any order.
An account manager sees only the band of the total of an order from their region.
An account manager sees the tier of a customer of their region.
An account manager does not see the tier of a customer of another region.
An account manager sees the number of any order.
An account manager does not see the delivery address of an order from their region.
An account manager does not see the internal work log of a ticket from their region.
An account manager sees the subject of a ticket from their region.
An account manager sees the due date of an invoice from their region.
An account manager does not see the due date of an invoice from another region.
An account manager sees only the band of the open amount of an invoice from their region.
An account manager does not see the card of a payment from their region.
An account manager asking for analytics does not see the due date of an invoice from their region.
An account manager asking for analytics does not see the name of a customer of their region.
An account manager asking for analytics does not see the e-mail address of a customer of their region.
An account manager asking for analytics sees only the band of the lifetime value of a customer of another region.
An account manager asking for marketing does not see the name of a customer of their region.

A marketer asking for marketing sees the name of somebody who has agreed.
A marketer asking for marketing does not see the name of somebody who has not agreed.
A marketer asking for marketing sees only the domain of the e-mail address of somebody who has agreed.
A marketer asking for marketing does not see the e-mail address of somebody who has not agreed.
A marketer asking for marketing sees the tier of somebody who has agreed.
A marketer asking for marketing does not see the tier of somebody who has not agreed.
A marketer asking for marketing sees the guides of any product.
A marketer asking for marketing sees the existence of somebody who has not agreed.
A marketer asking for marketing does not see the total of any order.
A marketer asking for marketing does not see the due date of an invoice of somebody who has agreed.
A marketer asking for analytics sees the tier of somebody who has not agreed.
A marketer asking for analytics does not see the name of somebody who has agreed.
A marketer asking for analytics does not see the e-mail address of somebody who has agreed.
A marketer asking for billing does not see the tier of somebody who has agreed.
A marketer does not see the telephone number of somebody who has not agreed.

An accountant sees the total of any order.
An accountant sees the billing address of any order.
An accountant sees the holds of any order.
An accountant sees the open amount of any invoice.
An accountant sees the card of any payment.
An accountant does not see the delivery address of any order.
An accountant does not see the e-mail address of anybody.
An accountant does not see the subject of a colleague's ticket.

A warehouse worker sees the lines of any order.
A warehouse worker sees the stock of any product.
A warehouse worker does not see the due date of any invoice.
A warehouse worker does not see the name of anybody.
A warehouse worker does not see the delivery address of any order.
A warehouse worker does not see the price of a line of any order.
A warehouse worker sees the whereabouts of any parcel.
A warehouse worker does not see the receiver of any parcel.

An auditor sees the total of any order.
An auditor sees the card of any payment.
An auditor sees the due date of any invoice.
An auditor sees the keys of anybody.
An auditor sees the accesses of anybody.
An auditor sees the readers of anybody.
An agent does not see the accesses of anybody.
A customer sees the accesses of themself.
A customer does not see the accesses of somebody else.
A customer does not see the readers of themself.
An auditor does not see the name of anybody.
An auditor does not see the lifetime value of anybody.
An integrator sees the health of the systems.
An integrator sees the keys of anybody.
An integrator does not see the number of any order.
A warehouse worker does not see the health of the systems.

A customer sees the name of themself.
A customer does not see the name of somebody else.
A customer does not see the existence of somebody else.
A customer sees the delivery address of their own order.
A customer does not see the delivery address of somebody else's order.
A customer sees the whereabouts of their own parcel.
A customer sees the receiver of their own parcel.
A customer does not see the whereabouts of somebody else's parcel.
A customer sees the open amount of their own invoice.
A customer sees the card of their own payment.
A customer does not see the due date of somebody else's invoice.
A customer sees the subject of their own ticket.
A customer does not see the internal work log of their own ticket.
A customer does not see the holds of their own order.
A customer does not see the tier of themself.
A customer does not see the stock of any product.
A customer sees the product name of any product.

A carrier sees the delivery address of an order they carry.
A carrier sees the lines of an order they carry.
A carrier does not see the delivery address of an order another carries.
A carrier does not see the number of an order another carries.
A carrier sees the whereabouts of a parcel they carry.
A carrier sees the receiver of a parcel they carry.
A carrier does not see the whereabouts of a parcel another carries.
A reseller does not see the whereabouts of any parcel.
An auditor does not see the whereabouts of any parcel.
An account manager sees the whereabouts of a parcel from their region.
An account manager does not see the whereabouts of a parcel from elsewhere.
A carrier does not see the total of an order they carry.
A carrier does not see the due date of any invoice.
A carrier does not see the buyer of an order they carry.
A carrier does not see the product name of any product.
A carrier asking for service does not see the delivery address of an order they carry.
Parcelline sees the delivery address of an order they carry.
Parcelline does not see the delivery address of an order another carries.
Parcelline does not see the telephone number of anybody.

A reseller sees the number of an order of their channel.
A reseller does not see the number of an order of another channel.
A reseller does not see the delivery address of an order of their channel.
A reseller does not see the due date of any invoice.
A reseller does not see the total of an order of their channel.
Northwind sees the lines of an order of their channel.
Northwind does not see the number of an order they carry.
A supplier sees the stock of a product they supply.
A supplier does not see the stock of any product.
A supplier sees the product name of any product.
A supplier sees the forecast of a product they supply.
A supplier does not see the forecast of any product.
A supplier sees the demand of a product they supply.
A supplier does not see the things of anybody.
A supplier does not see the opportunities of anybody.
Acme Parts sees the promises of a product they supply.
Acme Parts does not see the promises of any product.
A warehouse worker sees the forecast of any product.
A reseller does not see the forecast of any product.
An agent does not see the forecast of any product.
An agent sees the things of anybody.
An agent does not see the opportunities of anybody.
A technician sees the things of anybody.
An account manager sees the opportunities of a customer of their region.
An account manager does not see the opportunities of a customer of another region.
An account manager sees the things of a customer of their region.
An account manager does not see the things of a customer of another region.
A customer sees the things of themself.
A customer does not see the things of somebody else.
A customer does not see the opportunities of themself.
A marketer does not see the things of somebody who has agreed.
A supplier does not see the guides of any product.
A supplier does not see the number of any order.
Acme Parts does not see the name of anybody.
A visitor does not see the product name of any product.

A marketer asking for marketing sees the responses of somebody who has agreed.
A marketer asking for marketing does not see the responses of somebody who has not agreed.
A marketer asking for marketing sees the consent of somebody who has not agreed.
A marketer asking for analytics does not see the responses of somebody who has agreed.
A marketer asking for analytics sees the results of any campaign.
An account manager sees the responses of a customer of their region.
An account manager does not see the responses of a customer of another region.
An account manager sees the consent of a customer of their region.
An account manager does not see the consent of a customer of another region.
An accountant does not see the consent of anybody.
A warehouse worker does not see the results of any campaign.
A technician sees the votes of any suggestion.
A carrier does not see the votes of any suggestion.
A customer sees the votes of any suggestion.
A customer sees the consent of themself.
A customer does not see the responses of somebody else.
A customer does not see the results of any campaign.
An integrator sees the id of any product.
A visitor does not see the id of any product.
"""

WHO = {
    "An agent": "support_agent",
    "A technician": "technician",
    "An account manager": "account_manager",
    "A marketer": "marketer",
    "An accountant": "finance",
    "A warehouse worker": "warehouse",
    "An auditor": "auditor",
    "An integrator": "integrator",
    "A customer": "customer",
    "A carrier": "partner_carrier",
    "A supplier": "partner_supplier",
    "A reseller": "partner_reseller",
    "Parcelline": "client:parcelline",
    "Northwind": "client:northwind",
    "Acme Parts": "client:acme-parts",
    "A visitor": "visitor",
}
USUALLY = {
    "support_agent": "service",
    "technician": "service",
    "account_manager": "service",
    "marketer": "marketing",
    "finance": "billing",
    "warehouse": "fulfilment",
    "auditor": "audit",
    "integrator": "integration",
    "customer": "service",
}
"""What for, when a sentence does not say; else fulfilment."""
WHAT = {
    "the existence": "Customer",
    "the name": "Customer.name",
    "the e-mail address": "Customer.email",
    "the telephone number": "Customer.phone",
    "the tier": "Customer.tier",
    "the lifetime value": "Customer.lifetimeValue",
    "the keys": "Customer.identities",
    "the number": "Order.number",
    "the lines": "Order.lines",
    "the total": "Order.total",
    "the price of a line": "OrderLine.unitPrice",
    "the holds": "Order.holds",
    "the due date": "Invoice.dueOn",
    "the open amount": "Invoice.open",
    "the card": "Payment.lastFour",
    "the buyer": "OrderParties.soldTo",
    "the billing address": "OrderParties.billTo",
    "the delivery address": "OrderParties.shipTo",
    "the whereabouts": "Shipment.events",
    "the receiver": "Shipment.signedForBy",
    "the subject": "Ticket.subject",
    "the internal work log": "Ticket.internalWorklog",
    "the product name": "Product.name",
    "the stock": "Product.stock",
    "the guides": "ContentItem.title",
    "the results": "Campaign.metrics",
    "the responses": "Customer.touches",
    "the consent": "Customer.consent",
    "the votes": "Suggestion.votes",
    "the id": "Product.id",
    "the forecast": "Product.forecast",
    "the promises": "Product.commitments",
    "the demand": "Product.demand",
    "the outlook": "Product.demandOutlook",
    "the advice": "Customer.nextBestActions",
    "the things": "Asset.serialNumber",
    "the opportunities": "Opportunity.amount",
    "the health": "Query.sources",
    "the accesses": "Query.accessLog",
    "the readers": "Access.who",
}
WHOSE: Mapping[str, str] = {
    "anybody": "",
    "any order": "",
    "any product": "",
    "any campaign": "",
    "any suggestion": "",
    "a product they supply": "supplied-by-me",
    "any parcel": "",
    "any invoice": "",
    "any payment": "",
    "the systems": "",
    "a ticket assigned to them": "assigned",
    "a colleague's ticket": "",
    "a customer of their region": "own-region",
    "a customer of another region": "",
    "an order from their region": "own-region",
    "a ticket from their region": "own-region",
    "an invoice from their region": "own-region",
    "an invoice from another region": "",
    "a payment from their region": "own-region",
    "an invoice of somebody who has agreed": "consenting",
    "somebody who has agreed": "consenting",
    "somebody who has not agreed": "",
    "themself": "own",
    "their own order": "own",
    "their own ticket": "own",
    "their own parcel": "own",
    "somebody else's parcel": "",
    "a parcel they carry": "carried-by-me",
    "a parcel another carries": "",
    "a parcel from their region": "own-region",
    "a parcel from elsewhere": "",
    "their own invoice": "own",
    "their own payment": "own",
    "somebody else's invoice": "",
    "somebody else": "",
    "somebody else's order": "",
    "an order they carry": "carried-by-me",
    "an order another carries": "",
    "an order of their channel": "own-channel",
    "an order of another channel": "",
}
HOW = {
    "sees": SEEN,
    "does not see": WITHHELD,
    "sees only the initial of": Sight(Verdict.MASKED, "initial"),
    "sees only the last four of": Sight(Verdict.MASKED, "last_four"),
    "sees only the domain of": Sight(Verdict.MASKED, "domain"),
    "sees only the band of": Sight(Verdict.MASKED, "amount_band"),
}


def one_of(name: str, words: Mapping[str, object]) -> str:
    longest = sorted(words, key=len, reverse=True)
    return f"(?P<{name}>{'|'.join(map(re.escape, longest))})"


GRAMMAR = re.compile(
    rf"{one_of('who', WHO)}(?: asking for (?P<purpose>\w+))? {one_of('how', HOW)} {one_of('what', WHAT)}"
    rf" of {one_of('whose', WHOSE)}\."
)
LISTED = [line for line in SENTENCES.splitlines() if line]
CATEGORIES = categories(schema.build())
POLICY = Policy.read()
CEDAR = Cedar.of(POLICY)


def understood(sentence: str) -> tuple[Cell, Sight]:
    said = GRAMMAR.fullmatch(sentence)
    assert said, f"not understood: {sentence}"
    who = WHO[said["who"]]
    held: Relations = frozenset(filter(None, [WHOSE[said["whose"]]]))
    purpose = said["purpose"] or USUALLY.get(who, "fulfilment")
    return Cell(who, purpose, CATEGORIES[WHAT[said["what"]]], held), HOW[said["how"]]


def compiled(cell: Cell) -> Sight:
    partner = POLICY.partners.get(cell.who.removeprefix("client:"))
    role = partner.role if partner else cell.who
    principal = Principal("x", role, client=partner.client if partner else None)
    grants = POLICY.grants(principal, cell.purpose) if cell.purpose in POLICY.purposes(principal) else NOTHING
    return grants.decide(cell.category).on(cell.held)


@pytest.mark.parametrize("sentence", LISTED)
def test_it_is_so(sentence: str) -> None:
    cell, meant = understood(sentence)

    assert (compiled(cell), CEDAR.sight(cell)) == (meant, meant)


def test_there_are_enough_and_every_word_is_used() -> None:
    said = [GRAMMAR.fullmatch(sentence) for sentence in LISTED]

    assert len(set(LISTED)) == len(LISTED) >= 60
    for name, words in (("who", WHO), ("how", HOW), ("what", WHAT), ("whose", WHOSE)):
        assert {one[name] for one in said if one} == words.keys()


def test_they_speak_of_every_role_client_relation_purpose_and_category() -> None:
    """Whoever adds one says here in words what it is meant to see, and what not."""
    about = {cell.category for cell, _ in map(understood, LISTED)}
    assert not set(PUBLISHED) - about, "write sentences: who sees it, and who does not"
    asked = {cell.purpose for cell, _ in map(understood, LISTED)}

    assert not {*POLICY.roles, *(f"client:{one}" for one in POLICY.partners)} - set(WHO.values()), "write sentences"
    assert not {name for name, _ in POLICY.relations} - set(WHOSE.values()), "write sentences with it"
    assert not {purpose for role in POLICY.roles.values() for purpose in role.purposes} - asked, "write sentences"


def test_a_sentence_that_is_not_so_is_noticed() -> None:
    cell, meant = understood("A carrier sees the total of an order they carry.")

    assert meant == SEEN
    assert compiled(cell) == CEDAR.sight(cell) == WITHHELD
