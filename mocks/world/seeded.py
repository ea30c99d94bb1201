"""A made-up company of any size, derived from a seed: opened in a moment, and the same every time.

Row `i` is the same in a world of a thousand and in one of a hundred thousand. What is kept is little: the catalogue,
running order counts, two indexes (e-mail, telephone) of eight bytes an entry, and the rows asked for last.

Everything is dated before the world's day: midnight UTC of `now`, or of the day it was opened when the clock is live.
So a second start on the same day shows the same company.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from mocks.world.catalogue import catalogue, sku_index
from mocks.world.index import TextIndex, spellings
from mocks.world.kept import Kept
from mocks.world.model import Customer, Order, Placed, Product, Stock
from mocks.world.people import MOST_CUSTOMERS, People
from mocks.world.sales import Sales
from mocks.world.stock import promised, stock_rows

ROWS_KEPT = 8_192
SEED = 360


class SeededWorld(Kept):
    """The `World` protocol over derived rows. `now`: a fixed moment with offset, or None for the live clock."""

    def __init__(self, customers: int = 1_000, seed: int = SEED, now: datetime | None = None) -> None:
        if not 1 <= customers <= MOST_CUSTOMERS:
            raise ValueError(f"a world has 1 to {MOST_CUSTOMERS:,} customers, not {customers:,}")
        if now is not None and now.tzinfo is None:
            raise ValueError(f"the world's now needs an offset from UTC: {now.isoformat()}")
        super().__init__()
        self._now = None if now is None else now.astimezone(UTC)
        self._seed = seed
        self._anchor = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._size = customers
        self._people = People(seed, self._anchor)
        self._products = catalogue(seed, self._anchor)
        self._skus = sku_index(self._products)
        self._sales = Sales(seed, self._anchor, self._people, customers, self._products)
        self._customer = lru_cache(ROWS_KEPT)(self._people.customer)
        self._order = lru_cache(ROWS_KEPT // 2)(self._derived_order)
        self._orders = lru_cache(ROWS_KEPT // 8)(self._derived_orders)
        self._emails, self._phones = self._indexes()

    def _indexes(self) -> tuple[TextIndex, TextIndex]:
        emails: list[tuple[str, int]] = []
        phones: list[tuple[str, int]] = []
        for index in range(self._size):
            row = self._people.customer(index)
            if row.email:
                emails.append((row.email.lower(), index))
            phones += [(text, index) for text in _numbers(row)]
        return TextIndex(emails), TextIndex(phones)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) if self._now is None else self._now

    @property
    def seed(self) -> int:
        return self._seed

    def __len__(self) -> int:
        return self._size

    def customers(self) -> range:
        return range(self._size)

    def customer(self, index: int) -> Customer:
        if not 0 <= index < self._size:
            raise IndexError(f"no customer {index} in a world of {self._size}")
        return self._customer(index)

    def by_email(self, email: str) -> list[int]:
        wanted = email.lower()
        return [index for index in self._emails.candidates(wanted) if self.customer(index).email.lower() == wanted]

    def by_phone(self, digits: str) -> list[int]:
        return [index for index in self._phones.candidates(digits) if digits in _numbers(self.customer(index))]

    def by_contact_id(self, row_id: str) -> int | None:
        found = self._known(self._people.index_of_contact(row_id))
        return found.index if found is not None and found.siebel_contact_id == row_id else None

    def by_account_id(self, row_id: str) -> int | None:
        found = self._known(self._people.index_of_account(row_id))
        return found.index if found is not None and found.siebel_account_id == row_id else None

    def by_party_number(self, number: str) -> int | None:
        found = self._known(self._people.index_of_party(number))
        return found.index if found is not None and found.party_number == number else None

    def _known(self, index: int | None) -> Customer | None:
        return None if index is None or not 0 <= index < self._size else self.customer(index)

    def orders_of(self, index: int) -> tuple[Order, ...]:
        self.customer(index)  # an index that is none is an error, not an empty answer
        return self._orders(index)

    def _derived_orders(self, index: int) -> tuple[Order, ...]:
        return tuple(self._order(ordinal) for ordinal in self._sales.of_customer(index))

    def placed_by(self, index: int) -> Iterator[Placed]:
        person = self.customer(index)
        return (self._sales.placed(ordinal, person) for ordinal in self._sales.of_customer(index))

    def ordinals_of(self, index: int) -> range:
        self.customer(index)
        return self._sales.of_customer(index)

    def order_at(self, ordinal: int) -> Order | None:
        return self._order(ordinal) if 0 <= ordinal < len(self._sales) else None

    def order_by_header(self, header_id: int) -> Order | None:
        ordinal = self._sales.ordinal_of_header(header_id)
        return None if ordinal is None else self._order(ordinal)

    def order_by_number(self, number: str) -> Order | None:
        ordinal = self._sales.ordinal_of_number(number)
        found = None if ordinal is None else self._order(ordinal)
        return found if found is not None and found.number == number else None

    def _derived_order(self, ordinal: int) -> Order:
        return self._sales.order(ordinal, self.customer(self._sales.customer_of(ordinal)))

    def order_count(self) -> int:
        return len(self._sales)

    def products(self) -> range:
        return range(len(self._products))

    def product(self, index: int) -> Product:
        return self._products[_within(index, len(self._products))]

    def by_sku(self, sku: str) -> int | None:
        return self._skus.get(sku)

    def stock_of(self, index: int) -> tuple[Stock, ...]:
        customers = [self.customer(at).number for at in range(min(self._size, 12))]
        return stock_rows(self._seed, self.product(index), [number for number in customers if number])

    def promised(self, index: int, plant: str, until: datetime) -> Decimal:
        return promised(self._seed, self.product(index), self.stock_of(index), plant, self._anchor, until)


def _numbers(row: Customer) -> set[str]:
    return spellings(row.phone) | spellings(row.mobile)


def _within(index: int, size: int) -> int:
    if not 0 <= index < size:
        raise IndexError(f"no product {index} among {size}")
    return index
