"""Who supplies what the company sells: suppliers, what they have, what we foresee to need, and what they promise.

* **Suppliers** are those the catalogue names, under a partner id of the hub (`V-200` …); the first is Acme Parts. One
  product in four has a second one; one in twenty is not in the hub at all. A GTIN belongs to a product, a part number
  to a product and a supplier.
* **Stock** of a supplier is whole units; what is on order is what our open purchase orders with them say.
* **Forecast**: 26 weeks from the Monday of the world's week on. The mean of a week is what was sold of a product in the
  last year of orders, by 52, as the first 800 customers tell (scaled up to all; of Superstore that is everybody); at
  least a tenth of a unit. Two suppliers share it 70 to 30. What is discontinued has none.
* **Commitments**: each supplier has promised a quantity for each of the first 8 weeks, mostly what is foreseen, in one
  of eight cases far less, and for some products nothing at all.
* **Purchase orders**: one a week and supplier for the last 26 weeks, of one to four of their products. The newest two
  are New, those of the last eight weeks Acknowledged, older ones Closed.

`CANARY-commitment-<sku>-<supplier>-<week>` is in every remark on a promise, `CANARY-order_remark-<number>` in every
purchase order; part numbers and GTINs are nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from mocks.world.catalogue import SUPPLIERS
from mocks.world.dice import Dice, Scramble, base36, digest
from mocks.world.model import Product, World

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FORECAST_WEEKS, COMMITTED_WEEKS, ORDER_WEEKS = 26, 8, 26
NEW_WEEKS, OPEN_WEEKS = 2, 8
SOUNDED = 800
PRODUCTS_KEPT = 1_024
MOST_ORDERS = 1_000_000
NAMES = (
    "Acme Parts",
    "Brightwell Components",
    "Corvus Metallwerk",
    "Dalström Trä",
    "Eastgate Plastics",
    "Farina Illuminazione",
    "Gantry Supply",
    "Holz & Söhne",
    "Ibis Paper Mills",
    "Juniper Fasteners",
    "Kestrel Displays",
    "Lindqvist Kabel",
)
EACH = {"PC": "Each", "EA": "Each", "PAK": "Pack", "KG": "Kilogram", "M": "Meter", "L": "Liter"}


@dataclass(frozen=True, slots=True)
class Supplier:
    """`vendor`: what the ERP calls them. `ordinal`: their place in the list."""

    ordinal: int
    partner_id: str
    vendor: str
    name: str


@dataclass(frozen=True, slots=True)
class Supply:
    """What one supplier has of one product. Quantities in `unit`; `expected`: (day, quantity) of their next lots."""

    sku: str
    supplier: Supplier
    part_number: str
    gtin: str
    unit: str
    available: int
    next_available: int
    on_order: int
    available_on: date | None
    expected: tuple[tuple[date, int], ...]
    warehouse: str
    updated: datetime
    share: int


@dataclass(frozen=True, slots=True)
class Commitment:
    begins: date
    ends: date
    quantity: int
    committed_at: datetime
    remark: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A week of a forecast. `sure`: what nine in ten such weeks stay below. `committed`: None where nothing is."""

    sku: str
    supplier: Supplier
    begins: date
    ends: date
    mean: Decimal
    sure: Decimal
    committed: Commitment | None


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """`cost`: of one unit, to us."""

    number: int
    supply: Supply
    cost: Decimal
    quantity: int
    acknowledged: int
    code: str
    ships_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """`state`: New, Acknowledged or Closed."""

    number: str
    supplier: Supplier
    state: str
    ordered_at: datetime
    changed_at: datetime
    deliver_by: date
    lines: tuple[PurchaseLine, ...]
    remark: str


class Partners:
    """The suppliers of one world. Sold quantities are gathered once, when the first forecast is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        today = world.now.astimezone(UTC).date()
        self.today = today
        self.monday = today - today.weekday() * DAY
        self.suppliers = tuple(
            Supplier(at, f"V-{200 + at}", vendor, NAMES[at] if at < len(NAMES) else f"{NAMES[at - 12]} II")
            for at, vendor in enumerate(SUPPLIERS)
        )
        self._vendors = {one.vendor: one for one in self.suppliers}
        self._by_id = {one.partner_id: one for one in self.suppliers}
        self._numbers = Scramble(MOST_ORDERS, self._seed, "purchase order")
        self._sold: dict[str, Decimal] | None = None
        self.orders_of = lru_cache(len(self.suppliers))(self._orders_of)
        self.supplies = lru_cache(PRODUCTS_KEPT)(self._supplies)
        self.forecast = lru_cache(PRODUCTS_KEPT)(self._forecast)

    def supplier(self, partner_id: str) -> Supplier | None:
        return self._by_id.get(partner_id)

    # who supplies what

    def sources(self, product: Product) -> tuple[tuple[Supplier, int], ...]:
        """A product's suppliers, each with its share in percent; the main one first."""
        dice = Dice(self._seed, "sources", product.sku)
        if dice.below(20) == 0:
            return ()
        main = self._vendors[product.supplier]
        other = dice.pick(self.suppliers)
        return ((main, 70), (other, 30)) if dice.chance(25) and other is not main else ((main, 100),)

    def _supplies(self, index: int) -> tuple[Supply, ...]:
        product = self._world.product(index)
        return tuple(self._supply(product, supplier, share) for supplier, share in self.sources(product))

    def supplied_by(self, supplier: Supplier) -> tuple[int, ...]:
        """Products of a supplier, by index."""
        return self._catalogue[supplier.ordinal]

    @cached_property
    def _catalogue(self) -> list[tuple[int, ...]]:
        found: list[list[int]] = [[] for _ in self.suppliers]
        for index in self._world.products():
            for supplier, _ in self.sources(self._world.product(index)):
                found[supplier.ordinal].append(index)
        return [tuple(indexes) for indexes in found]

    @property
    def everything(self) -> range:
        """All products, by index."""
        return self._world.products()

    def index_of(self, sku: str) -> int | None:
        return self._world.by_sku(sku)

    def by_gtin(self, text: str) -> int | None:
        """The product of this GTIN."""
        digits = text[3:13] if len(text) == 14 and text.isascii() and text.isdecimal() else ""
        index = int(digits) if digits else len(self._world.products())
        return index if index < len(self._world.products()) and gtin(index) == text else None

    def part_number(self, sku: str, supplier: Supplier) -> str:
        initials = "".join(word[0] for word in supplier.name.split() if word[0].isalpha())
        return f"{initials}-{base36(digest(self._seed, 'part', sku, supplier.partner_id, size=5))}"

    def _supply(self, product: Product, supplier: Supplier, share: int) -> Supply:
        dice = Dice(self._seed, "supply", product.sku, supplier.partner_id)
        available = 0 if dice.below(9) == 0 else dice.between(1, 5_000)
        first = self.today + dice.between(1, 40) * DAY
        lots = (
            ()
            if product.discontinued
            else tuple((first + at * dice.between(7, 28) * DAY, dice.between(10, 900)) for at in range(dice.below(4)))
        )
        minutes = dice.between(5, 720)
        return Supply(
            sku=product.sku,
            supplier=supplier,
            part_number=self.part_number(product.sku, supplier),
            gtin=gtin(product.index),
            unit=EACH.get(product.unit, "Each"),
            available=available,
            next_available=lots[0][1] if lots else 0,
            on_order=self._on_order(product.sku, supplier),
            available_on=lots[0][0] if lots else None,
            expected=tuple(sorted(lots)),
            warehouse=f"WH-{supplier.ordinal:02d}-{dice.below(40):02d}",
            updated=datetime.combine(self.today, datetime.min.time(), UTC) - timedelta(minutes=minutes),
            share=share,
        )

    # what we foresee, and what is promised

    def gather(self) -> Iterator[None]:
        """Makes the sums behind forecasts, a customer at a step; there are no steps left once they are made."""
        if self._sold is not None:
            return
        since = datetime.combine(self.today - 364 * DAY, datetime.min.time(), UTC)
        sold: dict[str, Decimal] = {}
        sounded = range(min(SOUNDED, len(self._world)))
        for index in sounded:
            for order in self._world.orders_of(index):
                if order.placed_at >= since and order.status not in ("CANCELED", "DOO_DRAFT"):
                    for line in order.lines:
                        sold[line.sku] = sold.get(line.sku, Decimal(0)) + line.quantity
            yield
        scale = Decimal(len(self._world)) / max(len(sounded), 1)
        self._sold = {sku: quantity * scale for sku, quantity in sold.items()}
        self.forecast.cache_clear()

    def _forecast(self, supply: Supply) -> tuple[Bucket, ...]:
        """The weeks of one supplier's share of one product. `gather` comes first."""
        index = self._world.by_sku(supply.sku)
        if index is None or self._world.product(index).discontinued:
            return ()
        return tuple(self._bucket(supply, week) for week in range(FORECAST_WEEKS))

    def _bucket(self, supply: Supply, week: int) -> Bucket:
        dice = Dice(self._seed, "forecast", supply.sku, supply.supplier.partner_id, week)
        usual = max((self._sold or {}).get(supply.sku, Decimal(0)) / 52, Decimal("0.1"))
        mean = (usual * supply.share / 100 * dice.between(70, 140) / 100).quantize(Decimal("0.1"))
        begins = self.monday + week * WEEK
        sure = (mean * dice.between(120, 260) / 100).quantize(Decimal("0.1"))
        return Bucket(
            supply.sku, supply.supplier, begins, begins + 6 * DAY, mean, sure, self._promise(dice, supply, mean, week)
        )

    def _promise(self, dice: Dice, supply: Supply, mean: Decimal, week: int) -> Commitment | None:
        silent = Dice(self._seed, "silent", supply.sku, supply.supplier.partner_id).chance(15)
        if silent or week >= COMMITTED_WEEKS:
            return None
        percent = dice.between(0, 40) if dice.chance(12) else dice.between(90, 115)
        begins = self.monday + week * WEEK
        at = datetime.combine(self.today, datetime.min.time(), UTC) - timedelta(minutes=dice.between(60, 20_000))
        remark = f"CANARY-commitment-{supply.sku}-{supply.supplier.partner_id}-{week}"
        return Commitment(begins, begins + 6 * DAY, int(mean * percent / 100 + Decimal("0.5")), at, remark)

    # what we have ordered

    def order(self, number: str) -> PurchaseOrder | None:
        key = number.removeprefix("45")
        if key == number or len(key) != 8 or not (key.isascii() and key.isdecimal()) or int(key) >= MOST_ORDERS:
            return None
        at, week = divmod(self._numbers.number(int(key)), ORDER_WEEKS)
        return self.orders_of(self.suppliers[at])[week] if at < len(self.suppliers) else None

    def _orders_of(self, supplier: Supplier) -> tuple[PurchaseOrder, ...]:
        """A supplier's purchase orders, newest first; none for who supplies nothing."""
        if not self.supplied_by(supplier):
            return ()
        return tuple(self._purchase(supplier, week) for week in range(ORDER_WEEKS))

    def _purchase(self, supplier: Supplier, week: int) -> PurchaseOrder:
        dice = Dice(self._seed, "purchase", supplier.partner_id, week)
        midnight = datetime.combine(self.monday - week * WEEK, datetime.min.time(), UTC)
        at = min(midnight + timedelta(minutes=dice.between(0, 6_000)), self._world.now - timedelta(minutes=1))
        state = "New" if week < NEW_WEEKS else "Acknowledged" if week < OPEN_WEEKS else "Closed"
        number = f"45{self._numbers.key(supplier.ordinal * ORDER_WEEKS + week):08d}"
        chosen = dict.fromkeys(dice.pick(self.supplied_by(supplier)) for _ in range(dice.between(1, 4)))
        products = [self._world.product(index) for index in chosen]
        lines = tuple(self._line(dice, supplier, one, place, state, at) for place, one in enumerate(products, 1))
        changed = at if state == "New" else min(at + dice.between(1, 5) * DAY, self._world.now)
        due = (at + dice.between(14, 42) * DAY).date()
        return PurchaseOrder(number, supplier, state, at, changed, due, lines, f"CANARY-order_remark-{number}")

    def _line(
        self, dice: Dice, supplier: Supplier, product: Product, place: int, state: str, at: datetime
    ) -> PurchaseLine:
        quantity = dice.between(5, 800)
        bare = self._bare(product, supplier)
        cost = (product.list_price * dice.between(40, 70) / 100).quantize(Decimal("0.01"))
        lot = dice.below(100)
        if state == "New":
            return PurchaseLine(place, bare, cost, quantity, 0, "", None, "")
        if lot < 6:
            return PurchaseLine(place, bare, cost, quantity, 0, "Rejected", None, "TemporarilyUnavailable")
        code, ships = ("Backordered", 40) if lot < 20 else ("Accepted", 14)
        given = quantity if code == "Accepted" else quantity * dice.between(20, 90) // 100
        return PurchaseLine(place, bare, cost, quantity, given, code, (at + ships * DAY).date(), "")

    def _bare(self, product: Product, supplier: Supplier) -> Supply:
        """A product at a supplier, without what depends on orders."""
        unit = EACH.get(product.unit, "Each")
        part = self.part_number(product.sku, supplier)
        stamp = datetime.combine(self.today, datetime.min.time(), UTC)
        return Supply(product.sku, supplier, part, gtin(product.index), unit, 0, 0, 0, None, (), "", stamp, 0)

    def _on_order(self, sku: str, supplier: Supplier) -> int:
        still = (one for one in self.orders_of(supplier) if one.state != "Closed")
        lines = (line for one in still for line in one.lines if line.supply.sku == sku)
        return sum(line.quantity for line in lines if line.code != "Rejected")


def gtin(index: int) -> str:
    """A GTIN-14 of its own for each product: indicator, prefix, ten digits and the check digit of GS1."""
    body = f"040{index:010d}"
    weighed = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(body))
    return f"{body}{-weighed % 10}"
