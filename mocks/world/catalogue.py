"""What the seeded company sells: some 640 products, drawn from a few families, and the SKUs that find the bugs.

SKUs are kept as they are printed. Most look like `CHR-00017`; one in ten is purely numeric, one in ten has leading
zeros as well; no two are the same once their zeros are stripped, since SAP could not tell them apart. The first ones
(`HOSTILE`) hold what query languages trip over. Names have at most 40 characters, SAP's limit; some products have no
English name, some no German one, some no long text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mocks.world.dice import Dice
from mocks.world.model import Product
from mocks.world.stock import plants_of

PRODUCTS = 640
LONGEST_NAME = 40
SUPPLIERS = tuple(f"{10_300_000 + at * 7:010d}" for at in range(24))
SHADES = (("black", "schwarz"), ("white", "weiß"), ("oak", "Eiche"), ("steel", "Stahl"), ("grey", "grau"))
MAKES = (("basic", "Basis"), ("premium", "Premium"), ("compact", "kompakt"), ("XL", "XL"), ("office", "Büro"))
HOSTILE = (
    "O'HARA\" OR '1'='1",
    "O'RING-12",
    "50%-MIX",
    "WIPE*ALL?",
    "C#-7 & CO",
    'PIPE-1/2"',
    "A,B;C=D",
    "GRÖSSE-Ü",
    "PLUS+SIGN",
    "$filter",
    "0000000000000000000000000000000000000042",
    "lower-case-1",
)
# prefix, group, English, German, unit, cents at least, cents at most, grams, type
FAMILIES = (
    ("CHR", "FURN-CHR", "Chair", "Stuhl", "PC", 4_900, 49_000, 9_000, "HAWA"),
    ("TBL", "FURN-TBL", "Table", "Tisch", "PC", 9_900, 190_000, 24_000, "FERT"),
    ("LMP", "LIGHT", "Lamp", "Leuchte", "PC", 1_900, 29_000, 1_800, "HAWA"),
    ("PPR", "OFF-PAPER", "Paper", "Papier", "PAK", 350, 4_900, 2_500, "HAWA"),
    ("PEN", "OFF-PEN", "Pen", "Stift", "EA", 49, 1_900, 12, "HAWA"),
    ("CBL", "TECH-CBL", "Cable", "Kabel", "M", 29, 990, 60, "HAWA"),
    ("MON", "TECH-MON", "Monitor", "Bildschirm", "PC", 12_900, 240_000, 6_200, "HAWA"),
    ("SCR", "HARDW", "Screws", "Schrauben", "KG", 190, 2_900, 1_000, "FERT"),
    ("OIL", "CHEM", "Cleaning oil", "Reinigungsöl", "L", 290, 5_900, 920, "FERT"),
    ("CAB", "FURN-CAB", "Cabinet", "Schrank", "PC", 14_900, 120_000, 41_000, "FERT"),
)


def catalogue(seed: int, anchor: datetime) -> list[Product]:
    """All products; nothing about them is dated later than `anchor`."""
    return [_product(seed, index, anchor) for index in range(PRODUCTS)]


def _product(seed: int, index: int, anchor: datetime) -> Product:
    dice = Dice(seed, "product", index)
    prefix, group, english, german, unit, least, most, grams, kind = FAMILIES[index % len(FAMILIES)]
    cents = dice.between(least, most)
    age = timedelta(days=dice.between(60, 4_000))
    names = _names(dice, english, german, index)
    return Product(
        index=index,
        sku=_sku(index, prefix),
        names=names,
        text=_text(dice, names, index),
        unit=unit,
        group=group,
        type=kind,
        gross_weight=(Decimal(grams * dice.between(80, 130)) / 100_000).quantize(Decimal("0.001")),
        weight_unit="KG",
        list_price=Decimal(cents).scaleb(-2),
        supplier=dice.pick(SUPPLIERS),
        plants=plants_of(dice),
        created=(anchor - age).date(),
        changed=anchor - age * dice.below(100) / 100,
        discontinued=dice.chance(4),
    )


def _sku(index: int, prefix: str) -> str:
    if index < len(HOSTILE):
        return HOSTILE[index]
    match index % 10:
        case 3:
            return str(4_711_000 + index)
        case 7:
            return f"{80_000 + index:010d}"
        case _:
            return f"{prefix}-{index:05d}"


def _names(dice: Dice, english: str, german: str, index: int) -> dict[str, str]:
    shade, make = dice.pick(SHADES), dice.pick(MAKES)
    names = {"EN": f"{english} {make[0]} {shade[0]} {index}", "DE": f"{german} {make[1]} {shade[1]} {index}"}
    lot = dice.below(100)
    if lot < 12:
        del names["DE"]
    elif lot < 15:
        del names["EN"]
    elif lot < 17:
        names["EN"] = f"{english} 'O\"Hara' – {make[0]}; <b>{shade[0]}</b> & ½″ {index}"[:LONGEST_NAME]
    return names


def _text(dice: Dice, names: dict[str, str], index: int) -> str:
    if dice.chance(25):
        return ""
    name = names.get("EN", f"Product {index}")
    return f"{name}. Made to last.\nKeep dry; see sheet {1000 + index} for “safe use”."


def sku_index(products: Sequence[Product]) -> dict[str, int]:
    return {product.sku: product.index for product in products}
