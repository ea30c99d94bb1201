"""What SAP holds, in business words; and the rows it comes in, in SAP's.

An attribute that was not asked for is None. Rows keep apart what SAP left out (UNSET) and what it has nothing for
(null, or "" as its initial value): leaving out what was asked for is an answer we cannot use.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from schema.inventory import StockType

R = TypeVar("R")

Quantity = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,31}(\.[0-9]{1,14})?\Z")]
"""Edm.Decimal as JSON: text of varying scale. A JSON number is not one: it may have been a float on its way."""

Text = str | None | UnsetType


class Product(msgspec.Struct, frozen=True, gc=False):
    """`sku` as the caller spelled it; `unit` is the base unit (`PC`), `category` SAP's product group."""

    sku: str
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    category: str | None = None


class FoundProducts(msgspec.Struct, frozen=True):
    """A page of a search, by SKU in SAP's own order; `total` on all pages together, None when SAP cannot count it."""

    products: list[Product]
    has_next: bool
    total: int | None = None


class StockLevel(msgspec.Struct, frozen=True, gc=False):
    """One place (plant, storage location, stock type). Quantity in `unit`, exact, may be zero or negative."""

    plant: str
    storage_location: str | None
    type: StockType
    quantity: Decimal | None = None
    unit: str | None = None


class PlantAvailability(msgspec.Struct, frozen=True, gc=False):
    plant: str
    quantity: Decimal | None = None


class Availability(msgspec.Struct, frozen=True):
    """What all plants can promise by a day; by plant in the order of plant codes."""

    sufficient: bool | None
    quantity: Decimal | None
    unit: str | None
    plants: list[PlantAvailability]


class Results(msgspec.Struct, Generic[R], frozen=True):
    """Entities, `count` of them in all when asked, and where they go on when SAP cut the answer into pages."""

    results: list[R]
    count: str | int | None = field(name="__count", default=None)
    next: str | None = field(name="__next", default=None)


class Wrapped(msgspec.Struct, Generic[R], frozen=True):
    d: R


class DescriptionRow(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    language: str
    product_description: str | None


class DescribedRow(DescriptionRow, frozen=True, rename="pascal"):
    """A description read by itself says whose it is."""

    number: str = field(name="Product")


class BasicTextRow(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    language: str
    long_text: str | None


class PlantRow(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    plant: str


class ProductRow(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    number: str = field(name="Product")
    base_unit: Text = UNSET
    product_group: Text = UNSET
    descriptions: Results[DescriptionRow] | UnsetType = field(name="to_Description", default=UNSET)
    texts: Results[BasicTextRow] | UnsetType = field(name="to_ProductBasicText", default=UNSET)
    plants: Results[PlantRow] | UnsetType = field(name="to_Plant", default=UNSET)


class Identity(msgspec.Struct, frozen=True, gc=False):
    uri: str = ""


class StockRow(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    number: str = field(name="Material")
    plant: str
    storage_location: str | None
    inventory_stock_type: str
    inventory_special_stock_type: str | None
    quantity: Quantity | UnsetType = field(name="MatlWrhsStkQtyInMatlBaseUnit", default=UNSET)
    material_base_unit: Text = UNSET
    identity: Identity = field(name="__metadata", default=Identity())


STOCK_ROWS = msgspec.json.Decoder(Wrapped[Results[StockRow]])
PRODUCT_ROWS = msgspec.json.Decoder(Wrapped[Results[ProductRow]])
DESCRIBED_ROWS = msgspec.json.Decoder(Wrapped[Results[DescribedRow]])


class PromiseRow(msgspec.Struct, frozen=True, rename="pascal"):
    quantity: Quantity = field(name="AvailableQuantityInBaseUnit")
    base_unit: str


class PromiseAnswer(msgspec.Struct, frozen=True):
    """With the function's name around the record or, since that is nowhere documented, without."""

    named: PromiseRow | None = field(name="DetermineAvailabilityAt", default=None)
    quantity: Quantity | None = field(name="AvailableQuantityInBaseUnit", default=None)
    unit: str | None = field(name="BaseUnit", default=None)

    @property
    def record(self) -> PromiseRow | None:
        if self.named is not None or self.quantity is None or self.unit is None:
            return self.named
        return PromiseRow(self.quantity, self.unit)


def in_language(language: str, rows: Sequence[tuple[str, str | None]]) -> str | None:
    """The first text of a language that is not blank."""
    return next((text for tongue, text in rows if tongue.upper() == language.upper() and text and text.strip()), None)
