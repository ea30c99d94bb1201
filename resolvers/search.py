"""One text, looked for in every system that can search: each kind asks its own, and only when it was selected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import schema
from resolvers import billing, community, finding, normalise, orders, relations, shipping, support
from resolvers.backends.base import Gap, Outcome, Unusable
from resolvers.backends.contentful import Contentful
from resolvers.backends.discourse import Discourse
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.sap import Sap
from resolvers.backends.siebel import Siebel
from resolvers.binding import Ask, resolves
from resolvers.people import REQUESTER, keys_of
from resolvers.rows import Article, Bill, Case, Drive, Item, Parcel, Person, Sale, Wish
from schema import Category, SearchKind

LONGEST_TEXT = 200
MOST_HITS = 20
RULED = frozenset({"person_id", "assignee"})


class CustomerMatch(NamedTuple):
    customer: Person
    matched: list[str]


class OrderMatch(NamedTuple):
    order: Sale
    matched: list[str]


class ShipmentMatch(NamedTuple):
    shipment: Parcel
    matched: list[str]


class InvoiceMatch(NamedTuple):
    invoice: Bill
    matched: list[str]


class ProductMatch(NamedTuple):
    product: Item
    matched: list[str]


class TicketMatch(NamedTuple):
    ticket: Case
    matched: list[str]


class ContentMatch(NamedTuple):
    content: Article
    matched: list[str]


class CampaignMatch(NamedTuple):
    campaign: Drive
    matched: list[str]


class SuggestionMatch(NamedTuple):
    suggestion: Wish
    matched: list[str]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `kinds` None: whatever is selected."""

    text: str
    kinds: frozenset[SearchKind] | None


Hits = Callable[[str, Ask], Awaitable[Sequence[Any]]]


@resolves(schema.Query, "search")
async def search(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Search]]:
    text, kinds = ask.arguments["text"].strip(), ask.arguments.get("kinds")
    if not 0 < len(text) <= LONGEST_TEXT:
        return [Outcome(error=Unusable(f"`text` has 1 to {LONGEST_TEXT} characters that are not space"))]
    return [Outcome(Search(text, None if kinds is None else frozenset(kinds)))]


@resolves(
    schema.SearchResults,
    "customers",
    source=(Siebel.find_contacts,),
    pushes=("own", "consenting"),
    asks=(Category.IDENTITY, Category.CONTACT),
)
async def customers(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.CUSTOMER, _customers)


@resolves(schema.SearchResults, "orders", source=(OracleOM.orders,), pushes=("own", "own-channel", "carried-by-me"))
async def orders_found(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.ORDER, _orders)


@resolves(
    schema.SearchResults, "shipments", source=(OracleOM.shipments,), pushes=("own", "own-region", "carried-by-me")
)
async def shipments_found(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.SHIPMENT, _shipments)


@resolves(schema.SearchResults, "invoices", source=(NetSuite.invoices,), pushes=("own",))
async def invoices(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.INVOICE, _invoices)


@resolves(schema.SearchResults, "products", source=(Sap.find,))
async def products(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.PRODUCT, _products)


@resolves(schema.SearchResults, "tickets", source=(Remedy.search,), pushes=("own", "assigned"))
async def tickets(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.TICKET, _tickets)


@resolves(schema.SearchResults, "content", source=(Contentful.search,))
async def content(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.CONTENT, _content)


@resolves(schema.SearchResults, "campaigns", source=(HubSpot.find_campaigns,))
async def campaigns(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.CAMPAIGN, _campaigns)


@resolves(schema.SearchResults, "suggestions", source=(Discourse.search,))
async def suggestions(searches: Sequence[Search], ask: Ask) -> Sequence[Outcome[Any]]:
    return await _each(searches, ask, SearchKind.SUGGESTION, _suggestions)


async def _each(searches: Sequence[Search], ask: Ask, kind: SearchKind, hits: Hits) -> list[Outcome[Any]]:
    """What each search finds of a kind; nobody is asked for a kind that was not wanted."""
    first = ask.arguments["first"]
    if not 1 <= first <= MOST_HITS:
        return [Outcome(error=Unusable(f"`first` is 1 to {MOST_HITS} in a search, not {first}"))] * len(searches)

    async def one(search: Search) -> Outcome[Any]:
        if search.kinds is not None and kind not in search.kinds:
            return Outcome([])
        try:
            return Outcome(list(await hits(search.text, ask))[:first])
        except Gap as gap:
            return Outcome(error=gap)

    return await asyncio.gather(*map(one, searches))


async def _customers(text: str, ask: Ask) -> Sequence[CustomerMatch]:
    way, needs = _way(text)
    if needs not in ask.askable:
        return []
    page = await finding.found(ask, {way: text}, ask.below("customer"))
    return [CustomerMatch(person, [way]) for person in page.nodes]


def _way(text: str) -> tuple[str, Category]:
    """What the text is taken for, and what one would need to know to look somebody up by it."""
    if normalise.email(text):
        return "email", Category.CONTACT
    return ("phone", Category.CONTACT) if normalise.phone(text) else ("name", Category.IDENTITY)


async def _orders(text: str, ask: Ask) -> Sequence[OrderMatch]:
    """The order of this number, once every row rule that is this resolver's to apply has said yes to it."""
    rules = [RULES[relation] for relation in sorted(ask.predicates)]
    if not rules:
        sale = _value((await orders.by_numbers([text], ask, ask.below("order")))[0])
        return [OrderMatch(sale, ["number"])] if sale else []
    facts = await asyncio.gather(*(rule([Sale(text)], ask) for rule in rules))
    mine = all(_meets(fact, ask.predicates[one]) for (fact,), one in zip(facts, sorted(ask.predicates), strict=True))
    return [OrderMatch(Sale(text), ["number"])] if mine else []


def _meets(fact: Outcome[Any], keys: frozenset[str]) -> bool:
    known = _value(fact)
    return not keys.isdisjoint({known} if isinstance(known, str) else known or ())


RULES: Mapping[str, Callable[[Sequence[Sale], Ask], Awaitable[Sequence[Outcome[Any]]]]] = {
    "own": relations.own_order,
    "own-channel": relations.channel,
    "carried-by-me": relations.carriers,
}


async def _shipments(text: str, ask: Ask) -> Sequence[ShipmentMatch]:
    """The parcel of this number, likewise."""
    number = shipping.tracking_number(text)
    if number is None or not any(mark.isdigit() for mark in number):
        return []
    rules = [PARCEL_RULES[relation] for relation in sorted(ask.predicates)]
    if not rules:
        parcel = _value(await shipping.found(number, ask, ask.below("shipment")))
        return [ShipmentMatch(parcel, ["trackingNumber"])] if parcel else []
    facts = await asyncio.gather(*(rule([Parcel(number)], ask) for rule in rules))
    mine = all(_meets(fact, ask.predicates[one]) for (fact,), one in zip(facts, sorted(ask.predicates), strict=True))
    return [ShipmentMatch(Parcel(number), ["trackingNumber"])] if mine else []


PARCEL_RULES: Mapping[str, Callable[[Sequence[Parcel], Ask], Awaitable[Sequence[Outcome[Any]]]]] = {
    "own": relations.own_parcel,
    "own-region": relations.region_of_receiver,
    "carried-by-me": relations.carrier,
}


async def _invoices(text: str, ask: Ask) -> Sequence[InvoiceMatch]:
    """The invoice of this number; for who may see their own, that is asked about the number itself."""
    own = ask.predicates.get("own")
    if own is None:
        bill = _value((await billing.by_numbers([text], ask, ask.below("invoice")))[0])
        return [InvoiceMatch(bill, ["number"])] if bill else []
    (owner,) = await billing.owed_by([Bill(text)], ask, own)
    return [InvoiceMatch(Bill(text), ["number"])] if _value(owner) else []


async def _products(text: str, ask: Ask) -> Sequence[ProductMatch]:
    columns = ask.below("product") | {"sku"}
    (outcome,) = await ask.load(Sap.find, [""], columns, text=text, first=ask.arguments["first"])
    page = _value(outcome)
    return [ProductMatch(Item(one.sku, one), [_by_sku(one.sku, text)]) for one in page.products] if page else []


def _by_sku(sku: str, text: str) -> str:
    return "sku" if sku.lstrip("0") == text.lstrip("0") else "name"


async def _tickets(text: str, ask: Ask) -> Sequence[TicketMatch]:
    """By number and by subject, at the same time; the one with that number comes first."""
    people, assigned = keys_of(ask, REQUESTER, None), ask.predicates.get("assigned")
    if people == () or (assigned is not None and not assigned):
        return []
    columns, rules = support.with_links(ask.below("ticket")), _ticket_rules(people, assigned)
    first, linked = ask.arguments["first"], support.linked_in(ask.below("ticket"))
    exactly, named = await asyncio.gather(
        ask.load(Remedy.incidents, [text], columns | RULED if rules else columns, **rules),
        ask.load(Remedy.search, [text], columns | {"number"}, **rules, first=first),
    )
    one, page = _value(exactly[0]), _value(named[0])
    allowed = one and (not people or one.person_id in people) and (assigned is None or one.assignee in assigned)
    mine = one if allowed else None
    found = [TicketMatch(Case(text, mine, linked), ["number"])] if mine else []
    others = page.incidents if page else []
    return found + [TicketMatch(Case(i.number, i, linked), ["subject"]) for i in others if i.number != text]


def _ticket_rules(people: tuple[str, ...] | None, assigned: frozenset[str] | None) -> dict[str, tuple[str, ...]]:
    """Row rules as Remedy's conditions."""
    mine = {"people": people or (), "assignees": tuple(sorted(assigned or ()))}
    return {name: keys for name, keys in mine.items() if keys}


async def _content(text: str, ask: Ask) -> Sequence[ContentMatch]:
    columns = ask.below("content")
    (outcome,) = await ask.load(Contentful.search, [text], columns, first=ask.arguments["first"])
    page = _value(outcome)
    linked = "skus" in columns
    return [ContentMatch(Article(one.id, one, None, linked), ["text"]) for one in page.items] if page else []


async def _campaigns(text: str, ask: Ask) -> Sequence[CampaignMatch]:
    columns = ask.below("campaign")
    (outcome,) = await ask.load(HubSpot.find_campaigns, [text], columns, first=ask.arguments["first"])
    page, linked = _value(outcome), "skus" in columns
    found = page.campaigns if page else ()
    return [CampaignMatch(Drive(HubSpot.name, one.id, one, linked), ["name"]) for one in found]


async def _suggestions(text: str, ask: Ask) -> Sequence[SuggestionMatch]:
    columns = ask.below("suggestion")
    (outcome,) = await ask.load(Discourse.search, [text], columns, first=ask.arguments["first"])
    page = _value(outcome)
    return [SuggestionMatch(wish, ["text"]) for wish in community.listed(page, columns)] if page else []


def _value(outcome: Outcome[Any]) -> Any:
    if outcome.error:
        raise outcome.error
    return outcome.value
