"""Products of an imported sales file: what was sold, and what the ERP would know of it.

The rules are in `mocks.world.imported`; here they are carried out for names, groups, prices and places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from mocks.world.catalogue import LONGEST_NAME, SUPPLIERS
from mocks.world.dice import Dice
from mocks.world.model import Product
from mocks.world.purchases import CENT, list_price
from mocks.world.salesfile import BadWorld, SalesMapping, Sold
from mocks.world.stock import plants_of

LONGEST_GROUP = 9


def goods(path: Path, sales: Sequence[Sold], mapping: SalesMapping, seed: int) -> list[Product]:
    """One product for each SKU, in the sequence of their first lines."""
    by_sku: dict[str, list[Sold]] = {}
    for sold in sales:
        by_sku.setdefault(sold.sku, []).append(sold)
    _check_skus(path, by_sku.values(), mapping)
    return [_product(index, sold, mapping, seed) for index, sold in enumerate(by_sku.values())]


def _check_skus(path: Path, products: Iterable[Sequence[Sold]], mapping: SalesMapping) -> None:
    """SAP strips the leading zeros of numeric SKUs, so two may be one to it."""
    stripped: dict[str, Sold] = {}
    for sold, *_ in products:
        bare = sold.sku.lstrip("0") if sold.sku.isascii() and sold.sku.isdecimal() else sold.sku
        known = stripped.setdefault(bare, sold)
        if known is not sold:
            place = f"{path}, line {sold.line}, column “{mapping.columns.sku}”"
            raise BadWorld(f"{place}: SAP cannot tell SKU {sold.sku} from {known.sku} on line {known.line}")


def _product(index: int, sold: Sequence[Sold], mapping: SalesMapping, seed: int) -> Product:
    dice = Dice(seed, "goods", sold[0].sku)
    names = [name for name, _ in Counter(one.text("product_name") or one.sku for one in sold).most_common()]
    latest = max(sold, key=lambda one: one.placed_at)
    return Product(
        index=index,
        sku=sold[0].sku,
        names={"EN": names[0][:LONGEST_NAME].rstrip()},
        text=names[0] + "".join(f"\nAlso sold as: {name}" for name in names[1:]),
        unit=sold[0].text("unit") or mapping.defaults.unit,
        group=_group(sold[0].text("group")),
        type="HAWA",
        gross_weight=Decimal(dice.between(50, 20_000)).scaleb(-3),
        weight_unit="KG",
        list_price=abs(list_price(latest)).quantize(CENT),
        supplier=dice.pick(SUPPLIERS),
        plants=plants_of(dice),
        created=min(one.placed_at for one in sold).date(),
        changed=latest.placed_at,
        discontinued=False,
    )


def _group(text: str) -> str:
    return "".join(mark for mark in text if mark.isalnum()).upper()[:LONGEST_GROUP]
