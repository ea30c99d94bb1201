"""What lies where, and what a plant can promise of it: the same rules for seeded and imported products.

Plants are SAP's (`1010`), storage locations begin with three digits of their plant (`101A`). Stock types: 01
unrestricted, 02 quality inspection, 03 returns, 04 in transfer, 07 blocked (03, 04 and 07 from memory, unverified).
Special stock comes as extra rows, as in the real thing: E for a sales order, K consignment of a supplier, Q a project;
E names the customer it is kept for, and none of it is ours to promise.

A plant promises its plain unrestricted stock less open demand, plus the deliveries from its supplier that arrive by
the moment asked about; there are none for what is discontinued. So a promise is never negative, never more than stock
and deliveries, and never less for a later moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mocks.world.dice import Dice
from mocks.world.model import Product, Stock

PLANTS = ("1010", "1020", "1110", "1710", "2010", "3010")
ROOMS = "ABC"
OTHER_TYPES = (("02", 18), ("03", 10), ("04", 10), ("07", 8))
SPECIALS = ("E", "K", "Q")
DIVISIBLE = frozenset({"KG", "M", "L"})
DEMAND_PERCENT = 45


def plants_of(dice: Dice) -> tuple[str, ...]:
    """One to four plants, in the order of their codes; one product in forty is kept nowhere."""
    if dice.below(40) == 0:
        return ()
    wanted = dice.between(1, 4)
    return tuple(sorted({dice.pick(PLANTS) for _ in range(wanted)}))


def stock_rows(seed: int, product: Product, customers: Sequence[str] = ()) -> tuple[Stock, ...]:
    """The rows of one product. One product in thirty has none anywhere; `customers`: numbers that E stock may name."""
    dice = Dice(seed, "stock", product.sku)
    if dice.below(30) == 0:
        return ()
    return tuple(row for plant in product.plants for row in _plant_rows(dice, product, plant, customers))


def _plant_rows(dice: Dice, product: Product, plant: str, customers: Sequence[str]) -> list[Stock]:
    rows = []
    for room in ROOMS[: dice.between(1, len(ROOMS))]:
        place = plant[:3] + room
        most = 0 if dice.below(10) == 0 else 2_000
        rows.append(Stock(plant, place, "01", "", "", _quantity(dice, product.unit, most)))
        for kind, percent in OTHER_TYPES:
            if dice.chance(percent):
                rows.append(Stock(plant, place, kind, "", "", _quantity(dice, product.unit, 90)))
    if dice.chance(15):
        special = dice.pick(SPECIALS)
        customer = dice.pick(customers) if special == "E" and customers else ""
        rows.append(Stock(plant, plant[:3] + ROOMS[0], "01", special, customer, _quantity(dice, product.unit, 400)))
    return rows


def _quantity(dice: Dice, unit: str, most: int) -> Decimal:
    """0 … most; with mils where the unit can be divided."""
    return Decimal(dice.below(most * 1000 + 1)).scaleb(-3) if unit in DIVISIBLE else Decimal(dice.below(most + 1))


def promised(
    seed: int, product: Product, rows: Sequence[Stock], plant: str, anchor: datetime, until: datetime
) -> Decimal:
    """What `plant` can promise of `product` by `until`. `anchor`: deliveries are counted from here on."""
    if plant not in product.plants:
        return Decimal(0)
    dice = Dice(seed, "promise", product.sku, plant)
    free = sum((row.quantity for row in rows if (row.plant, row.type, row.special) == (plant, "01", "")), Decimal(0))
    step = Decimal("0.001") if product.unit in DIVISIBLE else Decimal(1)
    demand = (free * dice.below(DEMAND_PERCENT) / 100).quantize(step)
    return max(free - demand + _delivered(dice, product, anchor, until), Decimal(0))


def _delivered(dice: Dice, product: Product, anchor: datetime, until: datetime) -> Decimal:
    first, every, lot = dice.between(2, 20), dice.between(7, 30), Decimal(dice.between(5, 200))
    waited = until - anchor - timedelta(days=first)
    if product.discontinued or waited < timedelta(0):
        return Decimal(0)
    return lot * (1 + min(waited // timedelta(days=every), 52))
