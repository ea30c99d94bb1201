"""Entries that belong to no single domain: who is asking, anything by id, and the systems behind it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import schema
from resolvers import content, support
from resolvers.backends.base import Outcome
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.inventory import by_skus
from resolvers.orders import by_numbers
from resolvers.people import by_ids


@dataclass(frozen=True, slots=True)
class SourceState:
    """A system behind the graph, as `schema.Source` shows it. Moments are epoch seconds, as the gateway saw them."""

    name: str
    title: str
    up: bool | None
    success: float | None
    failure: float | None
    in_flight: int

    @property
    def status(self) -> schema.SourceStatus:
        words = {None: schema.SourceStatus.UNKNOWN, True: schema.SourceStatus.UP, False: schema.SourceStatus.DOWN}
        return words[self.up]

    @property
    def last_success_at(self) -> datetime | None:
        return None if self.success is None else datetime.fromtimestamp(self.success, UTC)

    @property
    def last_failure_at(self) -> datetime | None:
        return None if self.failure is None else datetime.fromtimestamp(self.failure, UTC)


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
    match asked:
        case "Order", number:
            return await by_numbers([number], ask, ask.below("Order"))
        case "Product", sku:
            return await by_skus([sku], ask, ask.below("Product"))
        case "Ticket", number:
            return await support.by_numbers([number], ask, ask.below("Ticket"))
        case "ContentItem", key:
            return await content.by_keys([key], ask, ask.below("ContentItem"), None)
        case _:
            return [Outcome(by_ids(ask, [ask.arguments["id"]])[0])]
