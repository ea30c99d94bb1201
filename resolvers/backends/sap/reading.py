"""From SAP's rows to our records: what counts, what is summed, and what makes an answer unusable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce
from operator import itemgetter
from types import MappingProxyType
from typing import TypeVar

from msgspec import UNSET, UnsetType

from resolvers.backends.base import BackendError, Columns, Garbled, Wire
from resolvers.backends.sap.records import (
    Availability,
    PlantAvailability,
    Product,
    ProductRow,
    PromiseRow,
    Results,
    StockLevel,
    StockRow,
    in_language,
)
from schema.inventory import StockType

T = TypeVar("T")
Place = tuple[str, str, int]
"""Plant, storage location, and the rank of the stock type."""

Placed = tuple[Place, StockRow]

Pair = tuple[str, str]
Promises = Mapping[Pair, PromiseRow | BackendError]

EXACT = Context(prec=100)
"""Edm.Decimal has up to 31 digits, Python's usual arithmetic 28."""

ONE, NOUGHT = Decimal(1), Decimal(0)
STOCK_TYPES = MappingProxyType(
    {
        "01": StockType.UNRESTRICTED,
        "02": StockType.QUALITY_INSPECTION,
        "03": StockType.RETURNS,
        "04": StockType.IN_TRANSFER,
        "07": StockType.BLOCKED,
    }
)

TYPES = tuple(StockType)
LAST = TYPES.index(StockType.OTHER)
RANKS = MappingProxyType({code: TYPES.index(one) for code, one in STOCK_TYPES.items()})
_place = itemgetter(0)


def product(wire: Wire, sku: str, rows: Sequence[ProductRow], columns: Columns, language: str) -> Product:
    """One product from its one row; only what was asked for."""
    row = one(wire, rows)
    name = text = unit = category = None
    if "name" in columns:
        names = whole(wire, row.descriptions, "to_Description")
        name = in_language(language, [(each.language, each.product_description) for each in names])
    if "description" in columns:
        texts = whole(wire, row.texts, "to_ProductBasicText")
        text = in_language(language, [(each.language, each.long_text) for each in texts])
    if "unit" in columns:
        unit = _filled(given(wire, row.base_unit, "BaseUnit"))
    if "category" in columns:
        category = _filled(given(wire, row.product_group, "ProductGroup"))
    return Product(sku, name, text, unit, category)


def stock(wire: Wire, rows: Iterable[StockRow], *, counted: bool, in_unit: bool) -> list[StockLevel]:
    """One level for each place; what is not ours to promise is left out, whatever the filter let through."""
    ours = [
        ((row.plant, (row.storage_location or "").strip(), RANKS.get(row.inventory_stock_type, LAST)), row)
        for row in rows
        if not (row.inventory_special_stock_type and row.inventory_special_stock_type.strip())
    ]
    ours.sort(key=_place)
    unit = _common_unit(wire, ours) if in_unit else None
    quantities = _counted(wire, ours) if counted else dict.fromkeys(map(_place, ours))
    return [
        StockLevel(plant, location or None, TYPES[rank], quantity, unit)
        for (plant, location, rank), quantity in quantities.items()
    ]


def plants(wire: Wire, rows: Sequence[ProductRow]) -> list[Pair]:
    """The plants that carry one product, in the order of their codes, each with the material's number in SAP."""
    row = one(wire, rows)
    return [(row.number, code) for code in sorted({plant.plant for plant in whole(wire, row.plants, "to_Plant")})]


def availability(wire: Wire, pairs: Sequence[Pair], promises: Promises | None, wanted: Decimal) -> Availability:
    """All plants of a product together; without `promises` (nobody asked for quantities) just which they are."""
    if promises is None:
        return Availability(None, None, None, [PlantAvailability(plant) for _, plant in pairs])
    promised = {plant: _kept(promises[material, plant]) for material, plant in pairs}
    by_plant = [PlantAvailability(plant, _sum([Decimal(one.quantity)])) for plant, one in promised.items()]
    if len(units := {one.base_unit for one in promised.values()}) > 1:
        raise Garbled(wire.system, "one material is promised in several base units")
    total = _sum(one.quantity for one in by_plant if one.quantity is not None)
    return Availability(total >= wanted, total, next(iter(units), "") or None, by_plant)


def _kept(promise: PromiseRow | BackendError) -> PromiseRow:
    if isinstance(promise, BackendError):
        raise promise
    return promise


def one(wire: Wire, rows: Sequence[T]) -> T:
    if len(rows) != 1:
        raise Garbled(wire.system, f"{len(rows)} rows for one key")
    return rows[0]


def given(wire: Wire, value: T | UnsetType, column: str) -> T:
    if isinstance(value, UnsetType):
        raise Garbled(wire.system, f"asked for {column} and was not given it")
    return value


def whole(wire: Wire, expanded: Results[T] | UnsetType, column: str) -> list[T]:
    """All that hangs on a row. SAP does not cut expanded parts into pages; if one does, we have not got it all."""
    results = given(wire, expanded, column)
    if results.next:
        raise Garbled(wire.system, f"{column} comes in pages")
    return results.results


def _counted(wire: Wire, ours: Sequence[Placed]) -> Mapping[Place, Decimal | None]:
    """How much lies at each place. Nearly always one row tells that, and it is read without a sum."""
    plain = {
        place: Decimal(text.rstrip("0").rstrip(".") if "." in text else text) or NOUGHT
        for place, row in ours
        if not isinstance(text := row.quantity, UnsetType)
    }
    if len(plain) == len(ours):
        return plain
    told: dict[Place, list[Decimal]] = {}
    for place, row in ours:
        told.setdefault(place, []).append(Decimal(given(wire, row.quantity, "MatlWrhsStkQtyInMatlBaseUnit")))
    return {place: _sum(quantities) for place, quantities in told.items()}


def _common_unit(wire: Wire, ours: Sequence[Placed]) -> str | None:
    told = {row.material_base_unit for _, row in ours}
    if len(told) == 1 and UNSET not in told:
        return told.pop() or None
    units = {given(wire, unit, "MaterialBaseUnit") or "" for unit in told}
    if len(units) > 1:
        raise Garbled(wire.system, "one material is kept in several base units")
    return next(iter(units), "") or None


def _sum(quantities: Iterable[Decimal]) -> Decimal:
    """Exact, and without the zeros at the end whose number differs from system to system."""
    total = reduce(EXACT.add, quantities, Decimal(0)).normalize(EXACT)
    _, _, exponent = total.as_tuple()
    return total.quantize(ONE, context=EXACT) if isinstance(exponent, int) and exponent > 0 else total


def _filled(text: str | None) -> str | None:
    return text if text and text.strip() else None
