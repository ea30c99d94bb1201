"""Entries that belong to no single domain: who is asking, anything by id, and the systems behind it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import schema
from resolvers import billing, community, content, marketing, orders, partners, sales, shipping, support
from resolvers.backends.base import Columns, Outcome
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.inventory import by_skus
from resolvers.people import by_ids


@dataclass(frozen=True, slots=True)
class SourceState:
    """A system behind the graph, as `schema.Source` shows it, seen from the gateway. Moments are epoch seconds,
    durations seconds; `asking` is the state of its breaker."""

    name: str
    title: str
    enabled: bool
    up: bool | None
    success: float | None
    failure: float | None
    in_flight: int
    waiting: int
    asking: str
    p50: float | None
    p95: float | None

    @property
    def status(self) -> schema.SourceStatus:
        if not self.enabled:
            return schema.SourceStatus.OFF
        words = {None: schema.SourceStatus.UNKNOWN, True: schema.SourceStatus.UP, False: schema.SourceStatus.DOWN}
        return words[self.up]

    @property
    def last_success_at(self) -> datetime | None:
        return None if self.success is None else datetime.fromtimestamp(self.success, UTC)

    @property
    def last_failure_at(self) -> datetime | None:
        return None if self.failure is None else datetime.fromtimestamp(self.failure, UTC)

    @property
    def breaker(self) -> schema.BreakerState:
        return schema.BreakerState(self.asking.upper())

    @property
    def p50_ms(self) -> float | None:
        return _milliseconds(self.p50)

    @property
    def p95_ms(self) -> float | None:
        return _milliseconds(self.p95)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


@resolves(schema.Query, "viewer")
async def viewer(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome(ask.context.facts["caller"])]


@resolves(schema.Query, "sources")
async def sources(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[list[SourceState]]]:
    return [Outcome(ask.context.facts["sources"]())]


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
