"""A company made of a real sales file (`WORLD=FILE.csv`), as a small mapping reads it (see `mocks.world.salesfile`).

What the file says is kept. What it lacks or contradicts follows these rules; "by hash" means derived from the id alone,
so the same file always gives the same company, and a longer file the same rows and more.

* **Clock**: `now` unless given is the newest event (order or shipment) and one day. What was ordered after a given
  `now` has not happened yet and is left out. A date without a time is midnight UTC.
* **Money**: a line's amount is the file's, rounded half-even to cents; its unit price is that amount divided by the
  quantity, to six places; its list price undoes the discount. Amounts are after discount: orders have no discount,
  freight or tax of their own, and the total is the sum of the lines. The currency is the mapping's without a column.
* **Customers** are known to both Siebel and the order system. The customer number is the id's digits with leading
  zeros to ten (`CG-12520` → `0000012520`) when these differ for all customers of the file, else ten digits by hash;
  row ids and party ids by hash. The first word of a name is the first name. Of several names or segments the most
  frequent wins (of equally frequent ones the first). The account's address is the one most orders went to (the most
  recent of equals); each order ships to its own. No street is made up.
* **E-mail and telephone** are made up without a column, unique, and nobody's: `first.last.ID@example.com`, and
  `+1 AREA 555-01xx` by hash, of the numbers reserved for fiction; past 60,000 customers some have none.
* **Lines**: the file's sequence within an order; a product twice in an order stays two lines. Carrier by ship mode.
  Shipped before it was ordered means shipped on that day. A line is CLOSED a fortnight after it shipped, SHIPPED until
  then, AWAIT_SHIP before; without a ship date CLOSED a fortnight after the order. The order is CLOSED when all lines
  are, PARTIALLY_CLOSE when some are, else DOO_PROCESSING.
* **Products**: of several names the most frequent wins (of equals the first); the short English name is cut to SAP's
  40 characters, and the long text has every name in full. Group: the column's letters and digits, upper case, nine at
  most. Two SKUs that SAP could not tell apart (`12`, `0012`) are refused. The list price is the latest one, in cents.
* **Postal codes** that are digits only get back the leading zeros a spreadsheet took, to the mapping's width.
* By hash: channel (without a column), plants, stock, supplier, consent, tier, sales owner, payment terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from mocks.world.accounts import accounts
from mocks.world.goods import goods
from mocks.world.index import spellings
from mocks.world.kept import Kept
from mocks.world.model import Customer, Order, Placed, Product, Stock
from mocks.world.purchases import order_of, purchases
from mocks.world.salesfile import BadWorld, Sold, read_mapping, read_sales
from mocks.world.stock import promised, stock_rows

K = TypeVar("K")

DAY = timedelta(days=1)
ORDERS_KEPT = 4_096


class ImportedWorld(Kept):
    """The `World` protocol over a sales file. Raises `BadWorld` for a file or mapping that cannot be used.

    seed: for what is derived by hash and not a key. now: a moment with offset; None: a day after the newest event.
    """

    def __init__(self, file: Path, mapping: Path, seed: int, now: datetime | None = None) -> None:
        super().__init__()
        self._mapping = read_mapping(mapping)
        self._seed = seed
        sales = read_sales(file, self._mapping)
        self._now = _newest(sales) + DAY if now is None else now.astimezone(UTC)
        sales = _happened(file, sales, self._now)
        self._ids = _numbered(sold.customer for sold in sales)
        self._purchases = purchases(sales, self._ids, self._mapping, seed)
        self._customers = accounts(self._purchases, self._ids, self._mapping, seed)
        self._products = goods(file, sales, self._mapping, seed)
        self._skus = {product.sku: product.index for product in self._products}
        self._order = lru_cache(ORDERS_KEPT)(self._told)
        self._index()

    def _index(self) -> None:
        rows = self._customers
        self._emails = _gathered((row.email.lower(), row.index) for row in rows if row.email)
        self._phones = _gathered((text, row.index) for row in rows for text in spellings(row.phone))
        self._contacts = {row.siebel_contact_id: row.index for row in rows}
        self._accounts = {row.siebel_account_id: row.index for row in rows}
        self._parties = {row.party_number: row.index for row in rows}
        self._headers = {bought.header_id: bought.ordinal for bought in self._purchases}
        self._numbers = {bought.number: bought.ordinal for bought in self._purchases}
        ordered = sorted(self._purchases, key=lambda bought: (bought.day, bought.ordinal))
        self._bought = _gathered((bought.customer, bought.ordinal) for bought in ordered)

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def seed(self) -> int:
        return self._seed

    def __len__(self) -> int:
        return len(self._customers)

    def customers(self) -> range:
        return range(len(self._customers))

    def customer(self, index: int) -> Customer:
        return self._customers[_within(index, len(self._customers))]

    def by_email(self, email: str) -> list[int]:
        return list(self._emails.get(email.lower(), ()))

    def by_phone(self, digits: str) -> list[int]:
        return list(self._phones.get(digits, ()))

    def by_contact_id(self, row_id: str) -> int | None:
        return self._contacts.get(row_id)

    def by_account_id(self, row_id: str) -> int | None:
        return self._accounts.get(row_id)

    def by_party_number(self, number: str) -> int | None:
        return self._parties.get(number)

    def orders_of(self, index: int) -> tuple[Order, ...]:
        return tuple(map(self._order, self._bought[_within(index, len(self._customers))]))

    def placed_by(self, index: int) -> list[Placed]:
        return [Placed(order.placed_at, order.number, order.header_id) for order in self.orders_of(index)]

    def ordinals_of(self, index: int) -> Sequence[int]:
        return self._bought[_within(index, len(self._customers))]

    def order_at(self, ordinal: int) -> Order | None:
        return self._order(ordinal) if 0 <= ordinal < len(self._purchases) else None

    def order_by_header(self, header_id: int) -> Order | None:
        ordinal = self._headers.get(header_id)
        return None if ordinal is None else self._order(ordinal)

    def order_by_number(self, number: str) -> Order | None:
        ordinal = self._numbers.get(number)
        return None if ordinal is None else self._order(ordinal)

    def _told(self, ordinal: int) -> Order:
        bought = self._purchases[ordinal]
        return order_of(bought, self._customers[bought.customer], self._mapping, self._now, self._seed)

    def order_count(self) -> int:
        return len(self._purchases)

    def products(self) -> range:
        return range(len(self._products))

    def product(self, index: int) -> Product:
        return self._products[_within(index, len(self._products))]

    def by_sku(self, sku: str) -> int | None:
        return self._skus.get(sku)

    def stock_of(self, index: int) -> tuple[Stock, ...]:
        return stock_rows(self._seed, self.product(index), [row.number for row in self._customers[:12]])

    def promised(self, index: int, plant: str, until: datetime) -> Decimal:
        today = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        return promised(self._seed, self.product(index), self.stock_of(index), plant, today, until)


def _newest(sales: Sequence[Sold]) -> datetime:
    return max(max(sold.placed_at, sold.shipped_at or sold.placed_at) for sold in sales)


def _happened(file: Path, sales: list[Sold], now: datetime) -> list[Sold]:
    happened = [sold for sold in sales if sold.placed_at <= now]
    if not happened:
        raise BadWorld(f"{file}: nothing in it had happened by {now.isoformat()}")
    return happened


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(names))}


def _gathered(rows: Iterable[tuple[K, int]]) -> dict[K, list[int]]:
    found: dict[K, list[int]] = {}
    for key, row in rows:
        found.setdefault(key, []).append(row)
    return found


def _within(index: int, size: int) -> int:
    if not 0 <= index < size:
        raise IndexError(f"no row {index} among {size}")
    return index
