"""The company as SAP holds it: the world's products and stock as rows of each set.

How the world's facts became rows, where the facts about SAP leave a choice:

* SKUs are printed as the world spells them. Purely numeric ones are found by any number of leading zeros (ALPHA).
* Quantities vary in scale, as live systems' do: `"10"`, `"10.000"`, `"10.00000000000000"`, by material and plant.
* One material in five is managed in batches: its plain stock lies in two rows that differ by `Batch`.
* Unused key parts look as on premise: `""`, but `"0"` for the item and 24 zeros for the project element.
* Special stock: `E` orders and `Q` projects carry a document, `K` a supplier; the world's customer goes to `Customer`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache, partial

from mocks.sap.filters import Row, alpha
from mocks.sap.literals import Value
from mocks.sap.model import EntitySet, Navigation, Service
from mocks.world.model import Product, Stock, World

LONGEST = 40
NO_PROJECT = "0" * 24
SCALES = (0, 3, 14)
PRODUCTS_KEPT = 2_048


class Company:
    """Reads rows out of the world, and keeps those it read last."""

    def __init__(self, world: World) -> None:
        self.world = world
        makers: Mapping[str, Callable[[int], Iterable[Row]]] = {
            "A_Product": self._product,
            "A_ProductDescription": self._descriptions,
            "A_ProductPlant": self._plants,
            "A_ProductBasicText": self._texts,
            "A_MaterialStock": self._material,
            "A_MatlStkInAcctMod": self._stock,
        }
        self._made = {name: lru_cache(PRODUCTS_KEPT)(partial(_told, make)) for name, make in makers.items()}

    def rows(self, of: EntitySet, materials: Iterable[str] | None = None) -> Iterator[Row]:
        """All rows of a set, or those of some materials (in any spelling), each product once."""
        products = self.world.products() if materials is None else sorted(self.find(materials))
        return (row for index in products for row in self._made[of.name](index))

    def related(self, service: Service, row: Row, on: EntitySet, by: Navigation) -> list[Row]:
        target = service.sets[by.target]
        candidates = self.rows(target, [str(row[on.material])])
        return [other for other in candidates if all(row[here] == other[there] for here, there in by.links)]

    def find(self, materials: Iterable[str]) -> set[int]:
        """Products that some material numbers mean."""
        found = (self.world.by_sku(spelling) for number in materials for spelling in _spellings(number))
        return {index for index in found if index is not None}

    def _product(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        yield {
            "Product": product.sku,
            "ProductType": product.type,
            "CrossPlantStatus": "01" if product.discontinued else "",
            "CreationDate": datetime.combine(product.created, time(), self.world.now.tzinfo),
            "LastChangeDateTime": product.changed,
            "IsMarkedForDeletion": product.discontinued,
            "GrossWeight": _scaled(product.gross_weight, product.sku),
            "WeightUnit": product.weight_unit,
            "ProductGroup": product.group,
            "BaseUnit": product.unit,
        }

    def _descriptions(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        for language, name in product.names.items():
            yield {"Product": product.sku, "Language": language.upper(), "ProductDescription": name[:LONGEST]}

    def _plants(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        for plant in product.plants:
            yield {
                "Product": product.sku,
                "Plant": plant,
                "BaseUnit": product.unit,
                "AvailabilityCheckType": "02",
                "IsMarkedForDeletion": product.discontinued,
            }

    def _texts(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        if product.text:
            yield {"Product": product.sku, "Language": "EN", "LongText": product.text}

    def _material(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        yield {"Material": product.sku, "MaterialBaseUnit": product.unit}

    def _stock(self, index: int) -> Iterator[Row]:
        product = self.world.product(index)
        for number, lot in enumerate(self.world.stock_of(index)):
            for batch, quantity in _batches(product.sku, lot):
                yield _stock_row(product, lot, batch, quantity, number)


def _told(make: Callable[[int], Iterable[Row]], index: int) -> tuple[Row, ...]:
    return tuple(make(index))


def _stock_row(product: Product, lot: Stock, batch: str, quantity: Decimal, number: int) -> dict[str, Value]:
    document, project = lot.special == "E", lot.special == "Q"
    return {
        "Material": product.sku,
        "Plant": lot.plant,
        "StorageLocation": lot.storage_location,
        "Batch": batch,
        "Supplier": "0017300001" if lot.special == "K" else "",
        "Customer": lot.special_customer,
        "WBSElementInternalID": f"{number + 1:024}" if project else NO_PROJECT,
        "SDDocument": f"{number + 1:010}" if document else "",
        "SDDocumentItem": "10" if document else "0",
        "InventorySpecialStockType": lot.special,
        "InventoryStockType": lot.type,
        "WBSElementExternalID": f"P-{number + 1:06}" if project else "",
        "MaterialBaseUnit": product.unit,
        "MatlWrhsStkQtyInMatlBaseUnit": _scaled(quantity, product.sku + lot.plant),
    }


def _batches(sku: str, lot: Stock) -> list[tuple[str, Decimal]]:
    if lot.special or zlib.crc32(sku.encode()) % 5 or lot.quantity < 2:
        return [("", lot.quantity)]
    older = lot.quantity // 2
    return [("0000000001", older), ("0000000002", lot.quantity - older)]


def _scaled(quantity: Decimal, of: str) -> Decimal:
    """The same number with a scale that varies from row to row; never fewer digits than it has."""
    exponent = quantity.normalize().as_tuple().exponent
    own = max(0, -exponent) if isinstance(exponent, int) else 0
    scale = max(own, SCALES[zlib.crc32(of.encode()) % len(SCALES)])
    return Decimal(f"{quantity:.{scale}f}")


def _spellings(number: str) -> Iterator[str]:
    yield number
    if number.isascii() and number.isdigit():
        bare = alpha(number)
        yield from (bare.zfill(width) for width in range(len(bare), LONGEST + 1))
