"""Values that name something of the made-up company, by the coordinate of the argument or input field that takes them.

Add a row here for an argument that is new: a key has to be there, anything else may be (see `values.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, TypeVar

from mocks.world.assets import Assets
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.campaigns import Campaigns as CrmCampaigns
from mocks.world.content import Content
from mocks.world.deals import Deals
from mocks.world.ledger import Invoice
from mocks.world.model import Order
from mocks.world.parcels import Parcels
from mocks.world.suggestions import Suggestions
from mocks.world.supply import Partners, Supplier, gtin
from mocks.world.tickets import Tickets
from resolvers.ids import global_id, parsed
from tests.company import Company
from tests.gateway.questions.values import Rows

PEOPLE = (*range(0, 60, 3), 60, 70)
NOBODY = "nobody"
Keys = Mapping[str, Sequence[str]]
"""Relation → what the systems call whoever asks."""
NO_KEYS: Keys = MappingProxyType({})
R = TypeVar("R")


def rows_of(company: Company, own: Sequence[int] = (), keys: Keys = NO_KEYS) -> Rows:
    """The table for callers who see everybody, or for one who mostly asks about their `own` rows, or about those that
    the systems know to be theirs by their `keys`."""
    world = company.world
    people = [*own * 60, *(i for i in PEOPLE if world.customer(i).siebel_contact_id or world.customer(i).party_number)]
    known = [world.customer(i) for i in people]
    orders = sorted((order for i in set(people) for order in world.orders_of(i)), key=lambda one: not one.holds)
    numbers = [order.number for order in orders[:12] + varied(orders, lambda one: one.customer, 30)]
    own_numbers = [order.number for i in own for order in world.orders_of(i)][:20]
    theirs = [order for order in orders if _is_theirs(order, keys)] if keys else []
    own_numbers += [order.number for order in varied(theirs, lambda one: one.customer, 20)]
    desk, articles = world.part(Tickets), world.part(Content)
    cases = [desk.ticket(one) for i in (*own, *range(0, 60, 5)) for one in desk.of_customer(i)]
    tickets = [one.number for one in varied(cases, lambda one: (one.customer in own, one.assignee), 40)]
    parcels = _parcels(company, orders, [order for i in own for order in world.orders_of(i)], keys)
    skus = [world.product(i).sku for i in range(0, 40, 2)]
    skus += [line.sku for order in orders[:10] for line in order.lines]
    content = [global_id("ContentItem", one.id) for sku in skus for one in articles.of_sku(sku)][:12]
    campaigns = [global_id("Campaign", f"hubspot:{one.guid}") for one in Audience(world).campaigns.all[:12]]
    campaigns += [global_id("Campaign", f"siebel:{world.part(CrmCampaigns).campaign(at).row_id}") for at in (16, 17)]
    voiced = world.part(Suggestions)
    suggestions = [global_id("Suggestion", str(voiced.at(rank).id)) for rank in range(0, len(voiced), 4)][:12]
    ids = [company.id_of(i) for i in people]
    assets, deals, partners = world.part(Assets), world.part(Deals), world.part(Partners)
    owned = [one for i in (*own * 10, *people) for one in assets.of_customer(i)[:3]]
    serials = [one.serial for one in owned[:40]]
    opportunities = [global_id("Opportunity", one.row_id) for i in people for one in deals.of_customer(i)[:2]][:40]
    stocked = [(one.supplier.partner_id, one.sku) for i in range(0, 40, 2) for one in partners.supplies(i)]
    supplied = [one.sku for i in range(0, 40, 2) for one in partners.supplies(i) if _is_supplied(one.supplier, keys)]
    skus += supplied * 4
    bought = [one.number for supplier in partners.suppliers[:2] for one in partners.orders_of(supplier)[:6]]
    to_them = [one.number for who in partners.suppliers if _is_supplied(who, keys) for one in partners.orders_of(who)][
        :12
    ]
    ledger = world.part(Billing)
    billed = list(_billed(ledger, own)) + list(_billed(ledger, [i for i in range(60) if i not in own]))
    mine = [one.number for one in _billed(ledger, own)][:4] or [one.number for one in billed[:80:20]]
    credited = [one.number for one in billed if one.credited][:20]  # few are, and are to be found
    invoices = [*credited * 3, *(one.number for one in billed[:40])]
    orders_by_number = [*numbers, *own_numbers * 6]
    return {
        "DateTime": ["2026-11-01T00:00:00+00:00", "2025-01-01T12:00:00+02:00"],
        "Date": ["2026-12-01", "2027-03-31"],
        "Decimal": ["3", "100000.5", "0"],
        "CustomerBy.id": [*ids, NOBODY],
        "CustomerBy.email": [*(one.email for one in known if one.email), "nobody@example.test", "no address"],
        "CustomerBy.phone": [*(one.phone for one in known if one.phone), "?"],
        "CustomerBy.orderNumber": [*orders_by_number, NOBODY],
        "CustomerBy.invoiceNumber": [*invoices, NOBODY],
        "CustomerBy.ticketNumber": [*tickets, NOBODY],
        "CustomerBy.serialNumber": [*serials, NOBODY],
        "CustomerBy.key": [_key(one) for one in known if one.party_number],
        "SystemKeyInput.system": ["oracle_om.party", "siebel.contact", "netsuite.customer", "unheard of"],
        "SystemKeyInput.key": [one.party_number for one in known if one.party_number],
        "Query.customersById(ids:)": _some(ids),
        "Query.accessLog(customer:)": [*ids, NOBODY],
        "Query.order(number:)": [*orders_by_number, NOBODY],
        "Query.shipment(trackingNumber:)": [*parcels, "1Z9999999999999999", NOBODY],
        "Query.invoice(number:)": [*invoices, NOBODY],
        "Query.product(sku:)": [*skus, NOBODY],
        "Query.productsBySku(skus:)": _some(skus),
        "Query.productByGtin(gtin:)": [*(gtin(i) for i in range(0, 40, 2)), NOBODY],
        "Query.supplies(supplier:)": [*keys.get("supplied-by-me", ()) * 6, "V-200", "V-201", "V-219", NOBODY],
        "Query.purchaseOrder(number:)": [*bought, *to_them * 6, "4500000000", NOBODY],
        "Query.opportunity(id:)": [*opportunities, NOBODY],
        "Query.asset(serialNumber:)": [*serials, NOBODY],
        "Product.forecast(weeks:)": [1, 13, 26],
        "Product.commitments(weeks:)": [1, 8, 26],
        "CustomerFilter.name": [*(one.last_name.split()[0] for one in known if one.last_name.split()), "a", "e"],
        "CustomerFilter.email": [one.email for one in known if one.email],
        "CustomerFilter.phone": [one.phone for one in known if one.phone],
        "CustomerFilter.city": [one.address.city for one in known if one.address.city],
        "CustomerFilter.tier": ["Gold", "bronze", "Silver"],
        "CustomerFilter.channel": ["WEB", "PARTNER"],
        "OrderFilter.customer": [*ids, NOBODY],
        "OrderFilter.channel": [["WEB"], ["PARTNER", "STORE"], ["nowhere"]],
        "OrderFilter.sku": skus,
        "Query.orderToCash(customers:)": [ids[:3], ids[3:6], [*ids[:1], NOBODY], []],
        "OrderToCashFilter.channel": [["WEB"], ["PARTNER", "STORE"], ["nowhere"]],
        "OrderToCashFilter.tier": [["Gold"], ["Silver", "Bronze"], []],
        "OrderToCashFilter.olderThanDays": [0, 1, 30, 400],
        "TicketFilter.subject": ["a", "order", "e"],
        "TicketFilter.customer": [*ids, NOBODY],
        "TicketFilter.order": orders_by_number,
        "TicketFilter.sku": skus,
        "Period.from": ["2020-01-01T00:00:00+00:00", "2026-01-01T00:00:00+01:00"],
        "Period.before": ["2026-12-01T00:00:00+00:00", "2021-01-01T00:00:00+00:00"],
        "Query.products(search:)": ["lamp", "a", *skus[:3]],
        "Query.products(category:)": [world.product(i).group for i in (3, 4)],
        "Query.search(text:)": [
            *("lamp", "a", "okafor"),
            *(_word(one.name) for one in Audience(world).campaigns.all[:2]),
            *(_word(voiced.at(rank).title) for rank in (0, len(voiced) - 1)),
            *own_numbers[:3],
            *[order.number for order in theirs[:6]] * 3,
            *(parcels[:6] * 3 if theirs else ()),
            *[*supplied[:6], *to_them[:3]] * 4,
            *(one.number for one in varied(orders, lambda one: (one.lines[0].carrier, one.source_system), 6)),
            *mine,
            *tickets[:4],
            *dict.fromkeys(parcels[:60:6]),
            *(one.email for one in known[:3] if one.email),
        ],
        "Query.ticket(number:)": [*tickets, "INC000000000000"],
        "Query.content(id:)": [*content, NOBODY],
        "Query.campaign(id:)": [*campaigns, NOBODY],
        "Query.suggestion(id:)": [*suggestions, NOBODY],
        "Query.content(locale:)": ["de-DE", "en-US", None, "xx-XX"],
        "Product.content(locale:)": ["de-DE", None],
        "Query.node(id:)": [
            *ids[:8],
            *(global_id("Order", number) for number in orders_by_number[:24]),
            *(global_id("Shipment", number) for number in parcels[:24]),
            *(global_id("Product", sku) for sku in skus[:8]),
            *(global_id("Invoice", number) for number in invoices[-40::5]),
            *(global_id("Ticket", number) for number in tickets[:8]),
            *content[:8],
            *campaigns[:8],
            *suggestions[:8],
            *opportunities[:6],
            *(global_id("Asset", one.row_id) for one in owned[:6]),
            *(global_id("SupplierStock", f"{supplier} {sku}") for supplier, sku in stocked[:6]),
            *(global_id("PurchaseOrder", number) for number in (*bought[::2], *to_them)),
            *(global_id("Product", sku) for sku in supplied),
            *(
                global_id("SupplierStock", f"{who} {sku}")
                for who in keys.get("supplied-by-me", ())
                for sku in supplied[:6]
            ),
            NOBODY,
        ],
    }


def told_of(rows: Rows, kinds: Container[str]) -> Rows:
    """The same, with rows by their ids mostly of the `kinds` that somebody is told of."""
    ids = rows["Query.node(id:)"]
    told = [id for id in ids if (found := parsed(id)) and found[0] in kinds]
    return {**rows, "Query.node(id:)": [*ids, *told * 6]}


def _is_theirs(order: Order, keys: Keys) -> bool:
    carriers = {line.carrier for line in order.lines}
    return not carriers.isdisjoint(keys.get("carried-by-me", ())) or order.source_system in keys.get("own-channel", ())


def _is_supplied(supplier: Supplier, keys: Keys) -> bool:
    return supplier.partner_id in keys.get("supplied-by-me", ())


def _parcels(company: Company, orders: Sequence[Order], own: Sequence[Order], keys: Keys) -> list[str]:
    """Tracking numbers: of the callers' own parcels, of those that carriers of ours remember, and of a few others."""
    packed = company.world.part(Parcels)
    every = [one for order in orders for one in packed.of_order(order)]
    recent = [one for one in every if one.scans and (company.world.now - one.scans[-1].at).days < 85]
    tracked = [one for one in recent if one.carrier in ("FedEx", "UPS")]
    ours = [one.number for one in varied(tracked, lambda one: (one.carrier, one.scans[-1].kind), 16)]
    mine = [one.number for order in own[-10:] for one in packed.of_order(order)]
    carried = [one.number for one in recent if one.carrier in keys.get("carried-by-me", ())][-12:]
    return [*carried * 8, *mine * 6, *ours * 3, *(one.number for one in every[:4])]


def _billed(ledger: Billing, people: Sequence[int]) -> Iterator[Invoice]:
    debtors = [one for i in people for one in ledger.debtors_of(i)]
    return (one for debtor in debtors for bill in ledger.bills_of(debtor) for one in bill.invoices)


def varied(rows: Sequence[R], sort: Callable[[R], Hashable], most: int) -> list[R]:
    """At most so many: one of every sort first, then another of each, and so on."""
    sorts: dict[Hashable, list[R]] = defaultdict(list)
    for row in rows:
        sorts[sort(row)].append(row)
    rounds = zip_longest(*sorts.values())
    return [row for each in rounds for row in each if row is not None][:most]


def _word(text: str) -> str:
    """The longest, which is the least common."""
    return max(text.split(), key=len)


def _key(customer: Any) -> dict[str, Any]:
    return {"system": "oracle_om.party", "key": customer.party_number}


def _some(keys: Sequence[str]) -> list[list[str]]:
    """Lists of keys: short and long, with doubles and strangers, and none."""
    some = [list(keys[i : i + length]) for length in (1, 2, 3, 7) for i in range(0, len(keys) - length, 3)]
    return [*some, [*keys[:2], NOBODY], [NOBODY, keys[0], keys[0]], []]
