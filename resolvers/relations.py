"""How a row relates to a caller: the facts behind row rules, as the systems have them, never as a caller says.

own            the customer themself; what they bought, its parcels, what they owe (by the ledger's customer, not by who
               ordered) and what they reported
consenting     about a customer who has not told us to leave them alone: Siebel's suppress flags of every contact row
               they have, and their marketing subscription in HubSpot; the least permissive counts. Who is not in the
               CRM has agreed to nothing, and what one of the two cannot tell is not known
own-channel    an order taken through one of the caller's channels, as Oracle spells them
own-region     a customer whose account is in one of the caller's regions, as Siebel spells them
carried-by-me  an order of which a line goes by one of the caller's names as a carrier, and a parcel that does, as
               Oracle spells them
supplied-by-me  a product that one of the caller's names as a supplier supplies, as the partner hub spells them; what
               that supplier has, was told or has promised; what we ordered of it
assigned       a ticket whose assignee is one of the caller's names, as Remedy spells them

A system that can compare is asked for rows that have the caller's own key (`ask.predicates`). So it gives the same
empty answer, in the same time, for a row that is somebody else's and for one that it does not have; what others have
never travels. What a fact says is compared once more by whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import schema
from resolvers.backends.base import Outcome
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.partner_hub import PartnerHub
from resolvers.backends.siebel import Siebel
from resolvers.billing import debtors, owed_by
from resolvers.binding import Ask, Batch, relates
from resolvers.consent import agreed, on_record, unknown_rows
from resolvers.orders import buyers, placed_by
from resolvers.partners import bought_of, stocked_by
from resolvers.people import ACCOUNT, nobody
from resolvers.rows import Bill, Case, Deal, Item, Parcel, Person, Purchase, Sale, Stocked, Thing
from resolvers.sales import owned_by, owners
from resolvers.shipping import bought_by, carried_by
from resolvers.support import reported_by, requesters, worked_on_by


@relates(schema.Customer, "own")
async def own_customer(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[str]]:
    return [Outcome(person.id) for person in people]


@relates(schema.Order, "own", needs=("buyer",))
async def own_order(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[str]]:
    people = await placed_by(sales, ask, ask.predicates["own"])
    return [Outcome(one.value.id if one.value else None, one.error) for one in people]


@relates(schema.Invoice, "own", needs=("debtor",))
async def own_invoice(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[str]]:
    people = await owed_by(bills, ask, ask.predicates["own"])
    return [Outcome(one.value.id if one.value else None, one.error) for one in people]


@relates(schema.Ticket, "own", needs=("requester",))
async def own_ticket(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[str]]:
    people = await reported_by(cases, ask, ask.predicates["own"])
    return [Outcome(one.value.id if one.value else None, one.error) for one in people]


@relates(schema.Shipment, "own", needs=("party_number",))
async def own_parcel(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[str]]:
    people = await bought_by(parcels, ask, ask.predicates["own"])
    return [Outcome(one.value.id if one.value else None, one.error) for one in people]


@relates(schema.Asset, "own", needs=("owner",))
async def own_thing(things: Sequence[Thing], ask: Ask) -> Sequence[Outcome[str]]:
    people = await owned_by(things, ask, ask.predicates["own"])
    return [Outcome(one.value.id if one.value else None, one.error) for one in people]


@relates(schema.Customer, "consenting")
async def consenting(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[bool]]:
    """Every contact row of everybody in both systems, in as few questions as there are batches. People who do not exist
    are asked about like others."""
    return [agreed(crm, marketing) for crm, marketing in await on_record(people, ask, told=False)]


@relates(schema.Order, "consenting", needs=("buyer",))
async def consenting_buyer(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[bool]]:
    return await _of(sales, await buyers(sales, ask), ask, consenting)


@relates(schema.Shipment, "consenting", needs=("party_number",))
async def consenting_receiver(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[bool]]:
    return await _of(parcels, await bought_by(parcels, ask), ask, consenting)


@relates(schema.Invoice, "consenting", needs=("debtor",))
async def consenting_debtor(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[bool]]:
    return await _of(bills, await debtors(bills, ask), ask, consenting)


@relates(schema.Ticket, "consenting", needs=("requester",))
async def consenting_requester(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[bool]]:
    return await _of(cases, await requesters(cases, ask), ask, consenting)


@relates(schema.Opportunity, "consenting", needs=("owner",))
@relates(schema.Asset, "consenting", needs=("owner",))
async def consenting_owner(rows: Sequence[Deal | Thing], ask: Ask) -> Sequence[Outcome[bool]]:
    return await _of(rows, await owners(rows, ask), ask, consenting)


@relates(schema.Order, "own-channel")
async def channel(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[str]]:
    if not (mine := tuple(sorted(ask.predicates["own-channel"]))):
        return [Outcome()] * len(sales)
    found = await ask.load(OracleOM.orders, [sale.number for sale in sales], frozenset({"channel"}), channels=mine)
    return [Outcome(one.value.channel if one.value else None, one.error) for one in found]


@relates(schema.Order, "carried-by-me")
async def carriers(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[frozenset[str]]]:
    if not (mine := tuple(sorted(ask.predicates["carried-by-me"]))):
        return [Outcome()] * len(sales)
    columns = frozenset({"lines.carrier"})
    found = await ask.load(OracleOM.orders, [sale.number for sale in sales], columns, carriers=mine)
    return [Outcome(_carriers(one.value), one.error) for one in found]


@relates(schema.Shipment, "carried-by-me", needs=("carrier_name",))
async def carrier(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[str]]:
    return await carried_by(parcels, ask, ask.predicates["carried-by-me"])


@relates(schema.Customer, "own-region")
async def region(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[str]]:
    keys = [person.keys[ACCOUNT][0] if person.keys.get(ACCOUNT) else None for person in people]
    asked = list(dict.fromkeys(key for key in keys if key)) or unknown_rows(people)
    found = dict(zip(asked, await ask.load(Siebel.accounts, asked, frozenset({"region"})), strict=True))
    told = [found[key] if key else Outcome[Any]() for key in keys]
    return [Outcome(one.value.region if one.value else None, one.error) for one in told]


@relates(schema.Order, "own-region", needs=("buyer",))
async def region_of_buyer(sales: Sequence[Sale], ask: Ask) -> Sequence[Outcome[str]]:
    return await _of(sales, await buyers(sales, ask), ask, region)


@relates(schema.Shipment, "own-region", needs=("party_number",))
async def region_of_receiver(parcels: Sequence[Parcel], ask: Ask) -> Sequence[Outcome[str]]:
    return await _of(parcels, await bought_by(parcels, ask), ask, region)


@relates(schema.Invoice, "own-region", needs=("debtor",))
async def region_of_debtor(bills: Sequence[Bill], ask: Ask) -> Sequence[Outcome[str]]:
    return await _of(bills, await debtors(bills, ask), ask, region)


@relates(schema.Ticket, "own-region", needs=("requester",))
async def region_of_requester(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[str]]:
    return await _of(cases, await requesters(cases, ask), ask, region)


@relates(schema.Opportunity, "own-region", needs=("owner",))
@relates(schema.Asset, "own-region", needs=("owner",))
async def region_of_owner(rows: Sequence[Deal | Thing], ask: Ask) -> Sequence[Outcome[str]]:
    return await _of(rows, await owners(rows, ask), ask, region)


@relates(schema.Product, "supplied-by-me")
async def suppliers(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[frozenset[str]]]:
    if not (mine := tuple(sorted(ask.predicates["supplied-by-me"]))):
        return [Outcome()] * len(items)
    skus, columns = [item.sku for item in items], frozenset({"supplier_number"})
    found = await ask.load(PartnerHub.supplies, skus, columns, partners=mine)
    return [Outcome(frozenset(row.supplier_number for row in one.value or ()), one.error) for one in found]


@relates(schema.SupplierStock, "supplied-by-me")
async def supplier(rows: Sequence[Stocked], ask: Ask) -> Sequence[Outcome[str]]:
    mine = ask.predicates["supplied-by-me"]
    return await stocked_by(rows, ask, mine) if mine else [Outcome()] * len(rows)


@relates(schema.PurchaseOrder, "supplied-by-me")
async def bought_from(rows: Sequence[Purchase], ask: Ask) -> Sequence[Outcome[str]]:
    return await bought_of(rows, ask, ask.predicates["supplied-by-me"])


@relates(schema.Ticket, "assigned")
async def assignee(cases: Sequence[Case], ask: Ask) -> Sequence[Outcome[str]]:
    found = await worked_on_by(cases, ask, ask.predicates["assigned"])
    return [Outcome(one.value.assignee if one.value else None, one.error) for one in found]


async def _of(
    rows: Sequence[Sale | Bill | Case | Deal | Thing | Parcel], people: Sequence[Outcome[Person]], ask: Ask, fact: Batch
) -> list[Outcome[Any]]:
    """A fact of whoever was found; of nobody there is none. Where nobody was found at all, because a row does not
    exist, say, the fact is asked all the same: of nobody."""
    known = {one.value.key: one.value for one in people if one.value}
    asked = list(known.values()) or ([] if any(one.error for one in people) else [nobody(row.id) for row in rows[:1]])
    facts = {one.key: told for one, told in zip(asked, await fact(asked, ask), strict=True)}
    return [
        facts[one.value.key] if one.value else Outcome(False if one.error is None else None, one.error)
        for one in people
    ]


def _carriers(order: Any) -> frozenset[str]:
    return frozenset(line.carrier for line in order.lines or () if line.carrier) if order else frozenset()
