"""The seeded company's orders, each derived from its ordinal alone: nobody else's order is needed to know one.

A customer's orders have consecutive ordinals, oldest first, so one array of running counts tells whose an order is.
Header ids are permuted ordinals: half of them 15-digit integers, half 18-digit odd ones, whose last digits a float
would lose. Order numbers have two shapes, `412345678` and `SO-2026-12345678`.

Header status codes are those of the facts (DOO_DRAFT, DOO_SUBMITTED, DOO_PROCESSING, OPEN, PARTIALLY_CLOSE, CLOSED,
CANCELED) and one of the customer's own, XX_RETURN_REVIEW. What is young is being worked on, what is old is closed; a
few are not. An order cancelled as a whole still says what had been ordered.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from mocks.world.cast import MANY_LINES
from mocks.world.dice import Dice, Scramble
from mocks.world.lines import DAY, Sale, lines_of
from mocks.world.model import Address, Customer, Hold, Line, Order, Placed, Product
from mocks.world.people import CHANNELS, NOWHERE, People
from mocks.world.places import CURRENCIES, PLACES

HEADERS = (300_000_100_000_000, 300_000_100_000_000_001)
HEADER_STEP = 200
MOST_ORDERS = 100_000_000
NUMBER_BASE = 400_000_000
TERMS = ("Net 30", "Net 30", "Net 60", "Immediate", "2/10 Net 30")
HOLDS = ("Credit check", "Export control", "Price review", "Address check")
REASONS = ("Limit exceeded since last month.", "Please ask the branch first.", "Waiting for papers.")
REMARKS = ("Leave with the porter.", "Call before delivery.", "Gift, no invoice in the parcel.", "Site closes at 4.")
HELD = frozenset({"DOO_SUBMITTED", "DOO_PROCESSING", "OPEN"})
TAXES = {place.country: place.tax for place in PLACES}

# up to an age in days: the percentage of each status
AGES: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (1, (("DOO_DRAFT", 15), ("DOO_SUBMITTED", 25), ("CANCELED", 3), ("DOO_PROCESSING", 57))),
    (4, (("DOO_DRAFT", 4), ("CANCELED", 4), ("OPEN", 20), ("PARTIALLY_CLOSE", 12), ("DOO_PROCESSING", 60))),
    (30, (("CANCELED", 4), ("DOO_PROCESSING", 30), ("OPEN", 15), ("PARTIALLY_CLOSE", 25), ("CLOSED", 26))),
    (99_999, (("CANCELED", 5), ("DOO_DRAFT", 1), ("OPEN", 1), ("XX_RETURN_REVIEW", 1), ("CLOSED", 92))),
)


class Sales:
    """Orders by ordinal, 0 … len - 1, customer by customer. Nothing about them is dated after `anchor`."""

    def __init__(
        self, seed: int, anchor: datetime, people: People, customers: int, products: Sequence[Product]
    ) -> None:
        self._seed = seed
        self._anchor = anchor
        self._people = people
        self._ever = products
        self._today = [product for product in products if not product.discontinued]
        self._starts = array("Q", accumulate(map(people.order_count, range(customers)), initial=0))
        self._scramble = Scramble(MOST_ORDERS, seed, "order")

    def __len__(self) -> int:
        return self._starts[-1]

    def of_customer(self, index: int) -> range:
        return range(self._starts[index], self._starts[index + 1])

    def customer_of(self, ordinal: int) -> int:
        return bisect_right(self._starts, ordinal) - 1

    def ordinal_of_header(self, header_id: int) -> int | None:
        for base in HEADERS:
            key, rest = divmod(header_id - base, HEADER_STEP)
            if not rest and (ordinal := self._ordinal(key)) is not None and self.header_id(ordinal) == header_id:
                return ordinal
        return None

    def ordinal_of_number(self, number: str) -> int | None:
        """Where an order of this number would be; the order itself tells whether it is."""
        tail = number[-8:]
        return self._ordinal(int(tail)) if len(tail) == 8 and tail.isascii() and tail.isdecimal() else None

    def _ordinal(self, key: int) -> int | None:
        ordinal = self._scramble.number(key) if 0 <= key < MOST_ORDERS else len(self)
        return ordinal if ordinal < len(self) else None

    def header_id(self, ordinal: int) -> int:
        return HEADERS[ordinal % 2] + HEADER_STEP * self._scramble.key(ordinal)

    def placed(self, ordinal: int, person: Customer) -> Placed:
        placed_at = self._placed(Dice(self._seed, "order", ordinal), person, ordinal)
        return Placed(placed_at, self._number(ordinal, placed_at), self.header_id(ordinal))

    def order(self, ordinal: int, person: Customer) -> Order:
        dice = Dice(self._seed, "order", ordinal)
        at = self.of_customer(person.index)
        placed_at = self._placed(dice, person, ordinal)
        many = person.index == MANY_LINES and ordinal == at.stop - 1
        count = 60 if many else dice.between(1, 6)
        sale = self._sale(dice, ordinal, person, placed_at, count)
        products = self._today if sale.age < 60 * DAY else self._ever
        lines = lines_of(sale, dice, products, count)
        channel = person.channel if dice.chance(70) else dice.pick(CHANNELS)
        holds = self._holds(dice, sale, ordinal)
        ship_to = self._ship_to(dice, person)
        discount, freight, tax = _extras(dice, sale.currency, lines, TAXES.get(person.address.country, 0))
        return Order(
            header_id=sale.header_id,
            number=self._number(ordinal, placed_at),
            customer=person.index,
            source_system=channel,
            source_number=f"{channel}-{9_000 + ordinal}",
            customer_po=f"PO-{dice.between(10_000, 99_999)}-{ordinal}" if dice.chance(50) else "",
            status=sale.status,
            placed_at=placed_at,
            requested_on=sale.requested_on,
            updated_at=self._updated(dice, sale, lines, holds),
            currency=sale.currency,
            payment_terms=dice.pick(TERMS),
            salesperson=person.sales_owner,
            bill_to=None if person.address == NOWHERE else person.address,
            ship_to=ship_to,
            ship_to_name=_receiver(dice, person),
            holds=holds,
            lines=lines,
            discount=discount,
            freight=freight,
            tax=tax,
            notes=f"{dice.pick(REMARKS)} CANARY-order_notes-{ordinal}" if dice.chance(60) else "",
        )

    def _sale(self, dice: Dice, ordinal: int, person: Customer, placed_at: datetime, count: int) -> Sale:
        midnight = placed_at.replace(hour=0, minute=0, second=0)
        requested = midnight + dice.between(1, 14) * DAY if dice.chance(90) else None
        currency = "USD" if dice.chance(2) else person.currency
        carrier = person.carrier
        status = _status(dice, (self._anchor - placed_at) / DAY, count)
        return Sale(self.header_id(ordinal), status, currency, placed_at, requested, self._anchor, carrier)

    def _placed(self, dice: Dice, person: Customer, ordinal: int) -> datetime:
        """Between the customer's first day and now, in the order of ordinals, denser towards now. The first draw of an
        order's dice."""
        at = self.of_customer(person.index)
        before = (at.stop - ordinal - dice.share()) / len(at)
        seconds = (self._anchor - person.since).total_seconds() * before**2
        return self._anchor - timedelta(seconds=max(int(seconds), 60))

    def _number(self, ordinal: int, placed_at: datetime) -> str:
        key = self._scramble.key(ordinal)
        return str(NUMBER_BASE + key) if ordinal % 3 else f"SO-{placed_at.year}-{key:08d}"

    def _holds(self, dice: Dice, sale: Sale, ordinal: int) -> tuple[Hold, ...]:
        if sale.status not in HELD or not dice.chance(20):
            return ()
        names = {dice.pick(HOLDS) for _ in range(dice.between(1, 2))}
        reason = f"{dice.pick(REASONS)} CANARY-hold_reason-{ordinal}"
        return tuple(Hold(name, reason, sale.placed_at + _within(dice, sale.age)) for name in sorted(names))

    def _updated(self, dice: Dice, sale: Sale, lines: Sequence[Line], holds: Sequence[Hold]) -> datetime:
        events = [sale.placed_at, *(hold.applied_at for hold in holds)]
        events += [line.shipped_on for line in lines if line.shipped_on is not None]
        return min(max(events) + timedelta(seconds=dice.below(172_800)), self._anchor)

    def _ship_to(self, dice: Dice, person: Customer) -> Address | None:
        lot = dice.below(100)
        if lot < 18 and person.address != NOWHERE:
            return self._people.elsewhere(dice, person.address.country)
        return None if lot < 21 or person.address == NOWHERE else person.address


def _status(dice: Dice, days: float, count: int) -> str:
    shares = next(shares for most, shares in AGES if days <= most)
    lot = dice.below(100)
    for status, percent in shares:
        lot -= percent
        if lot < 0:
            return "DOO_PROCESSING" if status == "PARTIALLY_CLOSE" and count == 1 else status
    return shares[-1][0]


def _extras(dice: Dice, currency: str, lines: Sequence[Line], percent: int) -> tuple[Decimal, Decimal, Decimal]:
    """Discount, freight and tax. Freight is drawn to the smallest coin, so hardly two totals are the same."""
    money = CURRENCIES[currency]
    goods = sum((line.amount for line in lines), Decimal(0))
    discount = (goods * dice.pick((3, 5, 10)) / 100).quantize(money.step) if dice.chance(20) else Decimal(0)
    freight = (Decimal(dice.between(390, 2_990)).scaleb(-2) * money.rate).quantize(money.step)
    freight = freight if dice.chance(70) else Decimal(0)
    tax = ((goods - discount + freight) * percent / 100).quantize(money.step)
    return discount, freight, tax


def _receiver(dice: Dice, person: Customer) -> str:
    name = f"{person.first_name} {person.last_name}".strip()
    return person.account_name if person.account_name and dice.chance(20) else name


def _within(dice: Dice, span: timedelta) -> timedelta:
    return timedelta(seconds=int(span.total_seconds() * dice.share()))
