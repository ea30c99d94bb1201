"""Rows of the made-up company, and how each stands to a caller: what the world says, never what our resolvers make of it.

Whoever adds a type whose rows stand on their own, or a relation, adds a line here; a test says so, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.engine.graph import Graph
from mocks.world import Customer, Order, World
from mocks.world.assets import Asset, Assets
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.content import Content, Entry
from mocks.world.deals import Deals, Opportunity
from mocks.world.helpdesk import Ticket
from mocks.world.ledger import Invoice
from mocks.world.parcels import Parcel, Parcels
from mocks.world.suggestions import Suggestions
from mocks.world.supply import Partners, PurchaseOrder, Supply
from mocks.world.tickets import Tickets
from resolvers.ids import global_id
from tests.company import Company

Facts = Mapping[str, frozenset[str] | bool]
TWICE = frozenset({31, 42, 44, 57})
"""Of every hundred customers, those who are entered twice or share a telephone: who is who is told elsewhere."""


@dataclass(frozen=True, slots=True)
class Row:
    """`facts`: by relation, what a caller has to be called for it to hold, or whether it holds."""

    type: str
    id: str
    facts: Facts

    def held(self, keys: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Relations that hold between the row and who is called so."""
        return frozenset(
            name
            for name, fact in self.facts.items()
            if (fact if isinstance(fact, bool) else fact & keys.get(name, frozenset()))
        )


@dataclass(frozen=True)
class Standing:
    """Everything that can be asked for of one company."""

    company: Company

    @property
    def world(self) -> World:
        return self.company.world

    @cached_property
    def desk(self) -> Tickets:
        return Tickets(self.world)

    @cached_property
    def packed(self) -> Parcels:
        return Parcels(self.world)

    @cached_property
    def ledger(self) -> Billing:
        return Billing(self.world)

    @cached_property
    def people(self) -> list[Customer]:
        known = (self.world.customer(index) for index in self.world.customers() if index % 100 not in TWICE)
        return [
            one for one in known if one.siebel_contact_id and one.siebel_account_id and one.party_number and one.region
        ]

    @cached_property
    def partners(self) -> Partners:
        return Partners(self.world)

    def suppliers(self, sku: str) -> list[str]:
        return [one.supplier.partner_id for one in self.partners.supplies(self.partners.index_of(sku) or 0)]

    def rows(self, kind: str) -> Iterator[Row]:
        """Rows of a type, with all that relations say of them."""
        for key, row in ROWS[kind](self):
            facts = {relation: told(self, row) for (of, relation), told in FACTS.items() if of == kind}
            yield Row(kind, global_id(kind, key) if key else self.company.id_of(row.index), facts)

    def buyer(self, order: Order) -> Customer:
        return self.world.customer(order.customer)

    def owing(self, invoice: Invoice) -> Customer:
        debtor = self.ledger.debtor(invoice.debtor)
        assert debtor
        return self.world.customer(debtor.customer)

    def requester(self, ticket: Ticket) -> Customer:
        return self.world.customer(ticket.customer)


def _customers(standing: Standing) -> Iterator[tuple[str, Customer]]:
    yield from (("", one) for one in standing.people)


def _orders(standing: Standing) -> Iterator[tuple[str, Order]]:
    yield from ((order.number, order) for one in standing.people for order in standing.world.orders_of(one.index)[-4:])


def _parcels(standing: Standing) -> Iterator[tuple[str, Parcel]]:
    """Those that a carrier of ours remembers, and one in five of the others."""
    orders = (order for one in standing.people for order in standing.world.orders_of(one.index)[-4:])
    for place, parcel in enumerate(one for order in orders for one in standing.packed.of_order(order)):
        told = parcel.scans and (standing.world.now - parcel.scans[-1].at).days < 85
        if (told and parcel.carrier in ("FedEx", "UPS")) or place % 5 == 0:
            yield parcel.number, parcel


def _invoices(standing: Standing) -> Iterator[tuple[str, Invoice]]:
    """Those that were credited come first: they show most."""
    ledger = standing.ledger
    debtors = [one for who in standing.people for one in ledger.debtors_of(who.index)]
    found = [one for debtor in debtors for bill in ledger.bills_of(debtor) for one in bill.invoices]
    yield from ((one.number, one) for one in sorted(found, key=lambda one: not one.credited))


def _tickets(standing: Standing) -> Iterator[tuple[str, Ticket]]:
    found = (standing.desk.ticket(at) for one in standing.people for at in standing.desk.of_customer(one.index)[:6])
    yield from ((ticket.number, ticket) for ticket in found if ticket.customer_number and ticket.assignee)


def _products(standing: Standing) -> Iterator[tuple[str, Any]]:
    """Some that the first supplier, who is one of our partners, does not supply: of which there is none left, and
    others; and then some of theirs."""
    theirs = standing.partners.supplied_by(standing.partners.suppliers[0])
    others = [index for index in standing.world.products() if index not in theirs]
    bare = [index for index in others if not any(_free(standing.world, index))]
    found = (standing.world.product(index) for index in dict.fromkeys((*bare[:12], *others[:28], *theirs)))
    yield from ((one.sku, one) for one in found if not one.discontinued)


def _free(world: World, product: int) -> Iterator[bool]:
    """Whether there is any of it, place by place."""
    yield from (one.quantity > 0 for one in world.stock_of(product) if one.type == "01" and not one.special)


def _opportunities(standing: Standing) -> Iterator[tuple[str, Opportunity]]:
    deals = Deals(standing.world)
    yield from ((deal.row_id, deal) for one in standing.people for deal in deals.of_customer(one.index)[-2:])


def _assets(standing: Standing) -> Iterator[tuple[str, Asset]]:
    assets = Assets(standing.world)
    yield from ((asset.row_id, asset) for one in standing.people for asset in assets.of_customer(one.index)[-2:])


def _supplies(standing: Standing) -> Iterator[tuple[str, Supply]]:
    """Of two suppliers, of whom the second is one of our partners: first what has something of everything."""
    partners = standing.partners
    for supplier in partners.suppliers[1::-1]:
        supplies = [one for at in partners.supplied_by(supplier) for one in partners.supplies(at)]
        mine = [one for one in supplies if one.supplier is supplier]
        for one in sorted(mine, key=lambda one: not one.expected)[:6]:
            yield f"{supplier.partner_id} {one.sku}", one


def _purchases(standing: Standing) -> Iterator[tuple[str, PurchaseOrder]]:
    """Of the same two: first what was answered in most ways."""
    for supplier in standing.partners.suppliers[1::-1]:
        orders = standing.partners.orders_of(supplier)
        for one in sorted(orders, key=lambda one: not any(line.reason for line in one.lines))[:8]:
            yield one.number, one


def _content(standing: Standing) -> Iterator[tuple[str, Entry]]:
    yield from ((one.id, one) for one in Content(standing.world).entries if one.skus and one.state == "published")


def _campaigns(standing: Standing) -> Iterator[tuple[str, Any]]:
    yield from ((f"hubspot:{one.guid}", one) for one in Audience(standing.world).campaigns.all)


def _suggestions(standing: Standing) -> Iterator[tuple[str, Any]]:
    said = Suggestions(standing.world)
    yield from ((str(one.id), one) for one in map(said.at, range(len(said))))


def _agreed(one: Customer) -> bool:
    return not (one.suppress_emails or one.suppress_calls or one.suppress_mailings or one.suppress_faxes)


def _words(*words: str) -> frozenset[str]:
    return frozenset(filter(None, words))


ROWS: Mapping[str, Callable[[Standing], Iterator[tuple[str, Any]]]] = {
    "Customer": _customers,
    "Order": _orders,
    "Shipment": _parcels,
    "Invoice": _invoices,
    "Ticket": _tickets,
    "Product": _products,
    "ContentItem": _content,
    "Opportunity": _opportunities,
    "Asset": _assets,
    "SupplierStock": _supplies,
    "PurchaseOrder": _purchases,
    "Campaign": _campaigns,
    "Suggestion": _suggestions,
}
"""By type: its rows, each with our own key of it ("": as the cross-reference knows them)."""

FACTS: Mapping[tuple[str, str], Callable[[Standing, Any], frozenset[str] | bool]] = {
    ("Customer", "own"): lambda at, one: _words(at.company.id_of(one.index)),
    ("Customer", "consenting"): lambda at, one: _agreed(one),
    ("Customer", "own-region"): lambda at, one: _words(one.region),
    ("Order", "own"): lambda at, one: _words(at.company.id_of(one.customer)),
    ("Order", "consenting"): lambda at, one: _agreed(at.buyer(one)),
    ("Order", "own-region"): lambda at, one: _words(at.buyer(one).region),
    ("Order", "own-channel"): lambda at, one: _words(one.source_system),
    ("Order", "carried-by-me"): lambda at, one: _words(*(line.carrier for line in one.lines)),
    ("Product", "supplied-by-me"): lambda at, one: _words(*at.suppliers(one.sku)),
    ("SupplierStock", "supplied-by-me"): lambda at, one: _words(one.supplier.partner_id),
    ("PurchaseOrder", "supplied-by-me"): lambda at, one: _words(one.supplier.partner_id),
    ("Opportunity", "consenting"): lambda at, one: _agreed(at.world.customer(one.customer)),
    ("Opportunity", "own-region"): lambda at, one: _words(at.world.customer(one.customer).region),
    ("Asset", "own"): lambda at, one: _words(at.company.id_of(one.customer)),
    ("Asset", "consenting"): lambda at, one: _agreed(at.world.customer(one.customer)),
    ("Asset", "own-region"): lambda at, one: _words(at.world.customer(one.customer).region),
    ("Shipment", "own"): lambda at, one: _words(at.company.id_of(one.order.customer)),
    ("Shipment", "consenting"): lambda at, one: _agreed(at.buyer(one.order)),
    ("Shipment", "own-region"): lambda at, one: _words(at.buyer(one.order).region),
    ("Shipment", "carried-by-me"): lambda at, one: _words(one.carrier),
    ("Invoice", "own"): lambda at, one: _words(at.company.id_of(at.owing(one).index)),
    ("Invoice", "consenting"): lambda at, one: _agreed(at.owing(one)),
    ("Invoice", "own-region"): lambda at, one: _words(at.owing(one).region),
    ("Ticket", "own"): lambda at, one: _words(at.company.id_of(one.customer)),
    ("Ticket", "consenting"): lambda at, one: _agreed(at.requester(one)),
    ("Ticket", "own-region"): lambda at, one: _words(at.requester(one).region),
    ("Ticket", "assigned"): lambda at, one: _words(one.assignee),
}
"""By type and relation: what the world says of a row."""


def unsaid(graph: Graph) -> list[str]:
    """What there is in a graph that nobody has said here."""
    rows = sorted(kind for kind in graph.categories if "." not in kind and graph.row_category(kind))
    told = [f"which rows of {kind} there are" for kind in rows if kind not in ROWS]
    told += [
        f"how a row of {kind} stands to a caller: {name}"
        for kind, name in sorted(graph.bindings.relations.keys() - FACTS.keys())
    ]
    return [f"say in tests/gateway/policy/standing.py {what}" for what in told]
