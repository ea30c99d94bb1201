"""The entry that belongs to no single domain: anything by its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import schema
from resolvers import billing, community, content, marketing, orders, partners, sales, shipping, support
from resolvers.backends.base import Columns, Outcome
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.inventory import by_skus
from resolvers.people import by_ids


@resolves(schema.Query, "node")
async def node(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Any]]:
    """Only types this caller may see at all are looked for."""
    asked = parsed(ask.arguments["id"])
    if asked is None or asked[0] not in ask.types:
        return [Outcome()]
    kind, key = asked
    if kind in NAMED:
        return await NAMED[kind](key, ask, ask.below(kind))
    return [Outcome(by_ids(ask, [ask.arguments["id"]])[0])]


NAMED: Mapping[str, Callable[[str, Ask, Columns], Awaitable[Sequence[Outcome[Any]]]]] = {
    "Order": orders.named,
    "Invoice": billing.named,
    "Product": lambda sku, ask, columns: by_skus([sku], ask, columns),
    "Shipment": shipping.named,
    "Ticket": support.named,
    "ContentItem": lambda key, ask, columns: content.by_keys([key], ask, columns, None),
    "Campaign": lambda key, ask, columns: marketing.by_keys([key], ask, columns),
    "Suggestion": lambda key, ask, columns: community.by_keys([key], ask, columns),
    "Opportunity": sales.deal_named,
    "Asset": sales.thing_named,
    "SupplierStock": partners.named,
    "PurchaseOrder": partners.purchase_named,
}
"""By type: its row of our own key. Customers have ids of the cross-reference."""
