"""Which orders have a line of which product: an index made once, when somebody first asks by product."""

from __future__ import annotations

import asyncio
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mocks.oracle_om import rows
from mocks.oracle_om.rows import Header
from mocks.oracle_om.timeline import gently
from mocks.world import World


class Bought:
    """Orders of one world by the SKU of their lines."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: asyncio.Task[Mapping[str, array[int]]] | None = None
        self._index: Mapping[str, array[int]] = {}

    async def ready(self) -> None:
        if self._made is None or self._made.cancelled():
            self._made = asyncio.create_task(self._make())
        self._index = await asyncio.shield(self._made)  # who gives up waiting does not make it start anew

    def of(self, skus: Iterable[str]) -> Iterator[Header]:
        """Every revision of the orders with a line of any of these, once `ready`."""
        keys = dict.fromkeys(key for sku in skus for key in self._index.get(sku, ()))
        return (row for key in keys if (row := rows.by_header_id(self._world, key)))

    async def _make(self) -> Mapping[str, array[int]]:
        found: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        async for order in gently(order for i in self._world.customers() for order in self._world.orders_of(i)):
            for sku in dict.fromkeys(line.sku for line in order.lines):
                found[sku].append(order.header_id)
        return dict(found)
