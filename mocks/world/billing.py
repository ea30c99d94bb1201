"""The ledger of a world: who owes what. Derived on demand, so a hundred thousand customers cost nothing to open.

Ids of documents are permuted places: eight to an order (two invoices, four payments, two credit memos), so an id tells
its order and nothing has to be kept; numbers (`INV…`, `PYMT…`, `CM…`) are another permutation. Whoever has ordered
something is a debtor; about three in a hundred of those who ordered more than once are there twice, and what they
bought through one channel stands under the second record. The ledger knows them by customer number, but for some where
nobody entered it: those have an e-mail address that is theirs alone.

A balance is in the debtor's own currency; what is owed in another is converted at the rate of the day, as the system
does it. Overdue counts from the day after an invoice was due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from mocks.world.dice import Dice, Scramble
from mocks.world.invoicing import CREDITS, PAYMENTS, PLACES, bill_of, step_of
from mocks.world.ledger import NOUGHT, Bill, Credit, Debtor, Invoice, Payment
from mocks.world.model import Customer, Order, World
from mocks.world.places import CURRENCIES
from mocks.world.sales import TERMS

Document = Invoice | Payment | Credit

MOST_ORDERS = 100_000_000
MOST_CUSTOMERS = 10_000_000
FIRST_ID = 1_000
BILLS_KEPT = 8_192
WEB = "WEB"
PREFIXES = (*("INV",) * PAYMENTS, *("PYMT",) * (CREDITS - PAYMENTS), *("CM",) * (PLACES - CREDITS))


class Billing:
    """Accounts receivable of one world, as they stood at the beginning of its day."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._seed = world.seed
        self._today = world.now.date()
        self._documents = Scramble(PLACES * MOST_ORDERS, self._seed, "ledger document")
        self._numbers = Scramble(PLACES * MOST_ORDERS, self._seed, "ledger number")
        self._entities = Scramble(2 * MOST_CUSTOMERS, self._seed, "ledger entity")
        self._bill = lru_cache(BILLS_KEPT)(self._drawn)
        self._debtors = lru_cache(BILLS_KEPT)(self._records)

    # -- debtors --------------------------------------------------------------------------------------------------

    def debtors_of(self, index: int) -> tuple[Debtor, ...]:
        """What the ledger knows of a customer: nothing, one record, or two."""
        return self._debtors(index)

    def debtor(self, identity: int) -> Debtor | None:
        index, second = divmod(self._entities.number(identity - FIRST_ID), 2)
        known = self.debtors_of(index) if 0 <= index < len(self.world) and identity >= FIRST_ID else ()
        return known[second] if second < len(known) and known[second].id == identity else None

    def balance(self, debtor: Debtor) -> tuple[Decimal, Decimal]:
        """What is open, and what of it is overdue today."""
        open_, overdue, today = NOUGHT, NOUGHT, self.world.now.date()
        for invoice in (one for bill in self.bills_of(debtor) for one in bill.invoices):
            owed = converted(invoice.open, invoice.currency, debtor.currency)
            open_ += owed
            overdue += owed if invoice.due < today else NOUGHT
        return open_, overdue

    def _records(self, index: int) -> tuple[Debtor, ...]:
        ordered, customer = len(self.world.ordinals_of(index)), self.world.customer(index)
        if not ordered:
            return ()
        twice = ordered > 1 and Dice(self._seed, "debtor twice", index).below(100) < 3
        return tuple(self._record(customer, second) for second in range(2 if twice else 1))

    def _record(self, customer: Customer, second: int) -> Debtor:
        key = self._entities.key(2 * customer.index + second)
        dice = Dice(self._seed, "debtor", customer.index, second)
        name = f"{customer.first_name} {customer.last_name}".strip()
        return Debtor(
            id=FIRST_ID + key,
            number=f"CUS{FIRST_ID + key}",
            customer=customer.index,
            account="" if dice.chance(3) and self._found_by_email(customer) else customer.party_number or "",
            name=customer.account_name or name,
            first_name=customer.first_name,
            last_name=customer.last_name,
            company=customer.account_name if customer.account_name != name else "",
            email=customer.email,
            phone=customer.phone,
            currency=customer.currency,
            terms=dice.pick(TERMS),
            credit_limit=Decimal(dice.between(1, 40) * 500),
            created=customer.since,
            modified=customer.updated,
            notes=f"CANARY-debtor_notes-{FIRST_ID + key}",
        )

    def _found_by_email(self, customer: Customer) -> bool:
        known = customer.siebel_contact_id is not None and bool(customer.email)
        return known and self.world.by_email(customer.email) == [customer.index]

    # -- documents ------------------------------------------------------------------------------------------------

    def bill_at(self, ordinal: int) -> Bill:
        return self._bill(ordinal)

    def bills_of(self, debtor: Debtor) -> Iterator[Bill]:
        """The bills under one record of a customer, oldest order first."""
        for ordinal in self.world.ordinals_of(debtor.customer):
            bill = self.bill_at(ordinal)
            if any(one.debtor == debtor.id for one in bill.invoices):
                yield bill

    def ordinal_of(self, identity: int) -> int | None:
        """The order that a document belongs to, if there is such a document."""
        place = self._documents.number(identity - FIRST_ID)
        return place // PLACES if identity >= FIRST_ID and self._at(place, "id", identity) else None

    def ordinal_of_number(self, number: str) -> int | None:
        digits = number.lstrip("INVPYMTC")
        if len(digits) != 9 or not (digits.isascii() and digits.isdecimal()):
            return None
        place = self._numbers.number(int(digits))
        return place // PLACES if self._at(place, "number", number) else None

    def ordinal_of_order(self, number: str) -> int | None:
        order = self.world.order_by_number(number)
        if order is None:
            return None
        numbers = [one.number for one in self.world.orders_of(order.customer)]
        return self.world.ordinals_of(order.customer)[numbers.index(number)]

    def _at(self, place: int, name: str, value: object) -> Document | None:
        ordinal = place // PLACES
        if not 0 <= ordinal < self.world.order_count():
            return None
        return next((one for one in self.bill_at(ordinal).documents if getattr(one, name) == value), None)

    def _drawn(self, ordinal: int) -> Bill:
        order = self.world.order_at(ordinal)
        if order is None:
            return Bill()
        debtor = self._debtor_of(order)
        return bill_of(order, debtor.id, lambda place: self._key(ordinal, place), self._seed, self._today)

    def _key(self, ordinal: int, place: int) -> tuple[int, str]:
        at = PLACES * ordinal + place
        return FIRST_ID + self._documents.key(at), f"{PREFIXES[place]}{self._numbers.key(at):09d}"

    def _debtor_of(self, order: Order) -> Debtor:
        known: Sequence[Debtor] = self.debtors_of(order.customer)
        return known[-1] if order.source_system == WEB else known[0]


def converted(amount: Decimal, currency: str, into: str) -> Decimal:
    """At the rate of the day, which in this world never changes."""
    if currency == into or not {currency, into} <= CURRENCIES.keys():
        return amount
    return (amount / CURRENCIES[currency].rate * CURRENCIES[into].rate).quantize(step_of(into))


def is_overdue(invoice: Invoice, today: date) -> bool:
    return bool(invoice.open) and invoice.due < today
