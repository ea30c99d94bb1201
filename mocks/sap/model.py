"""What the three released OData services declare: sets, keys, properties, navigations, function imports.

Names, keys and types follow the services' own metadata as far as the facts give them. From memory, and so a choice of
this mock: `A_ProductBasicText` with `to_ProductBasicText`, and every property of `A_Product` and `A_ProductPlant` that
is not a key. `A_MaterialSerialNumber` and its navigation are left out: the world has no serial numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: str = "Edm.String"
    facets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Navigation:
    """A way from one entity to others; `links` are the properties that must be equal on both sides."""

    name: str
    target: str
    many: bool
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EntitySet:
    """`material` names the property that holds the material number (ALPHA conversion); `page` rows go in one answer."""

    name: str
    keys: tuple[str, ...]
    properties: tuple[Property, ...]
    material: str
    navigations: tuple[Navigation, ...] = ()
    page: int = 500

    @property
    def type(self) -> str:
        return f"{self.name}Type"

    def property(self, name: str) -> Property | None:
        return next((one for one in self.properties if one.name == name), None)

    def navigation(self, name: str) -> Navigation | None:
        return next((one for one in self.navigations if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Function:
    """A GET function import that gives one AvailabilityRecord or, when `many`, several."""

    name: str
    parameters: tuple[Property, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    sets: Mapping[str, EntitySet] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)


def _text(name: str, length: int) -> Property:
    return Property(name, "Edm.String", (("MaxLength", str(length)),))


def _decimal(name: str, precision: int, scale: int) -> Property:
    return Property(name, "Edm.Decimal", (("Precision", str(precision)), ("Scale", str(scale))))


def _sets(*sets: EntitySet) -> Mapping[str, EntitySet]:
    return MappingProxyType({one.name: one for one in sets})


PRODUCT = Service(
    "API_PRODUCT_SRV",
    _sets(
        EntitySet(
            "A_Product",
            ("Product",),
            (
                _text("Product", 40),
                _text("ProductType", 4),
                _text("CrossPlantStatus", 2),
                Property("CreationDate", "Edm.DateTime"),
                Property("LastChangeDateTime", "Edm.DateTimeOffset"),
                Property("IsMarkedForDeletion", "Edm.Boolean"),
                _decimal("GrossWeight", 13, 3),
                _text("WeightUnit", 3),
                _text("ProductGroup", 9),
                _text("BaseUnit", 3),
            ),
            "Product",
            (
                Navigation("to_Description", "A_ProductDescription", True, (("Product", "Product"),)),
                Navigation("to_Plant", "A_ProductPlant", True, (("Product", "Product"),)),
                Navigation("to_ProductBasicText", "A_ProductBasicText", True, (("Product", "Product"),)),
            ),
        ),
        EntitySet(
            "A_ProductDescription",
            ("Product", "Language"),
            (_text("Product", 40), _text("Language", 2), _text("ProductDescription", 40)),
            "Product",
        ),
        EntitySet(
            "A_ProductPlant",
            ("Product", "Plant"),
            (
                _text("Product", 40),
                _text("Plant", 4),
                _text("BaseUnit", 3),
                _text("AvailabilityCheckType", 2),
                Property("IsMarkedForDeletion", "Edm.Boolean"),
            ),
            "Product",
        ),
        EntitySet(
            "A_ProductBasicText",
            ("Product", "Language"),
            (_text("Product", 40), _text("Language", 2), Property("LongText")),
            "Product",
        ),
    ),
)

STOCK_KEY = (
    ("Material", 40),
    ("Plant", 4),
    ("StorageLocation", 4),
    ("Batch", 10),
    ("Supplier", 10),
    ("Customer", 10),
    ("WBSElementInternalID", 24),
    ("SDDocument", 10),
    ("SDDocumentItem", 6),
    ("InventorySpecialStockType", 1),
    ("InventoryStockType", 2),
)

STOCK = Service(
    "API_MATERIAL_STOCK_SRV",
    _sets(
        EntitySet(
            "A_MaterialStock",
            ("Material",),
            (_text("Material", 40), _text("MaterialBaseUnit", 3)),
            "Material",
            (Navigation("to_MatlStkInAcctMod", "A_MatlStkInAcctMod", True, (("Material", "Material"),)),),
        ),
        EntitySet(
            "A_MatlStkInAcctMod",
            tuple(name for name, _ in STOCK_KEY),
            (
                *(_text(name, length) for name, length in STOCK_KEY),
                _text("WBSElementExternalID", 24),
                _text("MaterialBaseUnit", 3),
                _decimal("MatlWrhsStkQtyInMatlBaseUnit", 31, 14),
            ),
            "Material",
            (Navigation("to_MaterialStock", "A_MaterialStock", False, (("Material", "Material"),)),),
            page=1000,
        ),
    ),
)

_RULE, _MATERIAL, _PLANT = _text("ATPCheckingRule", 2), _text("Material", 40), _text("SupplyingPlant", 4)

AVAILABILITY = Service(
    "API_PRODUCT_AVAILY_INFO_BASIC",
    functions=MappingProxyType(
        {
            one.name: one
            for one in (
                Function(
                    "DetermineAvailabilityAt",
                    (_RULE, _MATERIAL, _PLANT, Property("RequestedUTCDateTime", "Edm.DateTimeOffset")),
                ),
                Function(
                    "DetermineAvailabilityOf",
                    (_RULE, _MATERIAL, _PLANT, _decimal("RequestedQuantityInBaseUnit", 16, 3)),
                ),
                Function("CalculateAvailabilityTimeseries", (_RULE, _MATERIAL, _PLANT), many=True),
            )
        }
    ),
)

AVAILABILITY_RECORD = (
    Property("PeriodStartUTCDateTime", "Edm.DateTime"),
    _text("PeriodStartTimeZone", 6),
    Property("PeriodEndUTCDateTime", "Edm.DateTime"),
    _text("PeriodEndTimeZone", 6),
    _decimal("AvailableQuantityInBaseUnit", 16, 3),
    _text("BaseUnit", 3),
)

SERVICES: Mapping[str, Service] = MappingProxyType({one.name: one for one in (PRODUCT, STOCK, AVAILABILITY)})
