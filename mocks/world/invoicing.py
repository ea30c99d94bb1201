"""What becomes of an order in accounts receivable: drawn from the order alone, so that no other is needed to know it.

* **Invoices**: what has shipped (lines SHIPPED or CLOSED) is billed on the day of the latest shipment; a line that is
  closed without a ship date, a fortnight after the order. One order in seven that shipped on several days has two
  invoices: for the first day, and for the rest. Discount and tax go by the value of the goods, freight with the first
  invoice; when all is billed, the invoices come to the order's total exactly.
* **Due** by the order's terms (Net 30, Net 60, 2/10 Net 30; Immediate: on the day).
* **Payments**: three quarters in full around the day they are due, some in two parts, some in part and then no more,
  some not at all; of old ones hardly any are left. What would be paid after the world's day has not been paid yet. Two
  invoices of one order are sometimes paid together.
* **Credit memos**: for six invoices in a hundred, and most of those whose order is under review for a return; a
  quarter of them for all of it. They are applied to their invoice at once.
* Every free text has a canary of its own: `CANARY-invoice_memo-<id>`, `CANARY-payment_memo-<id>`,
  `CANARY-credit_reason-<id>`; the last four digits of a card are those of the payment's id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from mocks.world.dice import Dice
from mocks.world.ledger import NOUGHT, Applied, Bill, Billed, Credit, Invoice, Payment
from mocks.world.lines import DONE
from mocks.world.model import Line, Order
from mocks.world.places import CENT, CURRENCIES

DAY = timedelta(days=1)
FORTNIGHT = 14 * DAY
OLD = 400  # days after which hardly anything is left open
NET = {"Net 60": 60, "Immediate": 0}
MEANS = ("Visa", "Mastercard", "Bank transfer", "Bank transfer", "Check", "Direct debit")
WITHOUT_DIGITS = frozenset({"Bank transfer", "Check"})
REASONS = ("Goods returned", "Damaged in transit", "Price corrected", "Quantity short", "Goodwill")
RETURNED = "XX_RETURN_REVIEW"
PAYMENTS, CREDITS = 2, 6  # where they begin among the places of one order; invoices have 0 and 1
PLACES = 8

Key = Callable[[int], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Due:
    """One invoice's own fate: what is paid when, in parts, and what is credited."""

    paid: tuple[tuple[date, Decimal], ...]
    credited: tuple[date, Decimal] | None


def bill_of(order: Order, debtor: int, key: Key, seed: int, today: date) -> Bill:
    """The bill of an order as it stands on a day. `key`: id and number of a place (0 … 7) among its documents."""
    dice = Dice(seed, "bill", order.number)
    invoices = _invoices(order, debtor, key, dice, today)
    dues = [_fate(invoice, order, dice, today) for invoice in invoices]
    payments = _payments(invoices, dues, key, dice)
    credits = [
        _credit(invoice, due.credited, key(CREDITS + at), dice)
        for at, (invoice, due) in enumerate(zip(invoices, dues, strict=True))
        if due.credited
    ]
    settled = [_settled(invoice, payments, credits) for invoice in invoices]
    return Bill(tuple(settled), tuple(payments), tuple(credits))


def step_of(currency: str) -> Decimal:
    return CURRENCIES[currency].step if currency in CURRENCIES else CENT


# -- invoices -----------------------------------------------------------------------------------------------------


def _invoices(order: Order, debtor: int, key: Key, dice: Dice, today: date) -> list[Invoice]:
    shipped = [line for line in order.lines if line.status in DONE]
    found: list[Invoice] = []
    for place, lines in enumerate(_parts(shipped, order, dice)):
        day = min(max(_day(line, order) for line in lines), today)
        discount, freight, tax = _extras(order, lines, found)
        identity, number = key(place)
        found.append(
            Invoice(
                id=identity,
                number=number,
                debtor=debtor,
                order=order.number,
                purchase_order=order.customer_po,
                day=day,
                due=day + NET.get(order.payment_terms, 30) * DAY,
                terms=order.payment_terms,
                currency=order.currency,
                lines=tuple(_billed(at, line) for at, line in enumerate(lines, start=1)),
                discount=discount,
                freight=freight,
                tax=tax,
                paid=NOUGHT,
                credited=NOUGHT,
                settled_on=None,
                modified=_moment(day),
                memo=f"CANARY-invoice_memo-{identity}",
            )
        )
    return found


def _parts(lines: Sequence[Line], order: Order, dice: Dice) -> list[list[Line]]:
    if not lines:
        return []
    days = sorted({_day(line, order) for line in lines})
    if len(days) == 1 or not dice.chance(15):
        return [list(lines)]
    first = [line for line in lines if _day(line, order) == days[0]]
    return [first, [line for line in lines if line not in first]]


def _day(line: Line, order: Order) -> date:
    return (line.shipped_on or order.placed_at + FORTNIGHT).date()


def _billed(at: int, line: Line) -> Billed:
    return Billed(at, line.sku, line.number, line.description, line.quantity, line.unit_price, line.amount)


def _extras(order: Order, lines: Sequence[Line], before: Sequence[Invoice]) -> tuple[Decimal, Decimal, Decimal]:
    """Discount, freight and tax: by the goods' share, or all that is left of them when this bills the rest."""
    goods = sum((line.amount for line in lines), NOUGHT)
    left = [order.discount - _sum(before, "discount"), order.tax - _sum(before, "tax")]
    if goods + _sum(before, "subtotal") != order.goods:
        share = goods / order.goods
        left = [(all_of * share).quantize(step_of(order.currency)) for all_of in (order.discount, order.tax)]
    return left[0], NOUGHT if before else order.freight, left[1]


def _sum(invoices: Sequence[Invoice], what: str) -> Decimal:
    return sum((getattr(one, what) for one in invoices), NOUGHT)


# -- what becomes of them -----------------------------------------------------------------------------------------


def _fate(invoice: Invoice, order: Order, dice: Dice, today: date) -> _Due:
    credited = _credited(invoice, order, dice, today)
    due = invoice.total - (credited[1] if credited else NOUGHT)
    parts = _installments(invoice, due, dice, (today - invoice.day).days) if due > 0 else []
    return _Due(tuple((day, amount) for day, amount in parts if day <= today and amount > 0), credited)


def _credited(invoice: Invoice, order: Order, dice: Dice, today: date) -> tuple[date, Decimal] | None:
    if not dice.chance(70 if order.status == RETURNED else 6):
        return None
    day, percent = invoice.day + dice.between(3, 20) * DAY, dice.pick((100, 10, 25, 50))
    amount = _share(invoice.total, percent, invoice.currency)
    return (day, amount) if day <= today and amount > 0 else None


def _installments(invoice: Invoice, due: Decimal, dice: Dice, age: int) -> list[tuple[date, Decimal]]:
    lot, kept = dice.below(100), dice.chance(15)
    around = max(invoice.due + dice.between(-12, 9) * DAY, invoice.day)
    early = invoice.day + dice.between(1, 20) * DAY
    part = _share(due, dice.between(20, 70), invoice.currency)
    if lot < 74 or (lot >= 84 and age > OLD and not kept):
        return [(around, due)]
    if lot < 84:
        return [(early, part), (max(around, early), due - part)]
    return [(early, part)] if lot < 92 else []


def _share(amount: Decimal, percent: int, currency: str) -> Decimal:
    return (amount * percent / 100).quantize(step_of(currency), ROUND_HALF_EVEN)


def _payments(invoices: Sequence[Invoice], dues: Sequence[_Due], key: Key, dice: Dice) -> list[Payment]:
    together = len(invoices) == 2 and all(len(due.paid) == 1 for due in dues) and dice.chance(50)
    if together:
        day = max(due.paid[0][0] for due in dues)
        parts = tuple(Applied(one.id, due.paid[0][1]) for one, due in zip(invoices, dues, strict=True))
        return [_payment(invoices[0], day, parts, key(PAYMENTS), dice)]
    return [
        _payment(invoice, day, (Applied(invoice.id, amount),), key(PAYMENTS + 2 * at + part), dice)
        for at, (invoice, due) in enumerate(zip(invoices, dues, strict=True))
        for part, (day, amount) in enumerate(due.paid)
    ]


def _payment(invoice: Invoice, day: date, parts: tuple[Applied, ...], key: tuple[int, str], dice: Dice) -> Payment:
    identity, number = key
    means = dice.pick(MEANS)
    return Payment(
        id=identity,
        number=number,
        debtor=invoice.debtor,
        order=invoice.order,
        day=day,
        currency=invoice.currency,
        total=sum((part.amount for part in parts), NOUGHT),
        means=means,
        last_four="" if means in WITHOUT_DIGITS else f"{identity % 10_000:04d}",
        applied=parts,
        modified=_moment(day),
        memo=f"CANARY-payment_memo-{identity}",
    )


def _credit(invoice: Invoice, given: tuple[date, Decimal], key: tuple[int, str], dice: Dice) -> Credit:
    (day, amount), (identity, number) = given, key
    return Credit(
        id=identity,
        number=number,
        debtor=invoice.debtor,
        order=invoice.order,
        day=day,
        currency=invoice.currency,
        total=amount,
        reason=f"{dice.pick(REASONS)} CANARY-credit_reason-{identity}",
        applied=(Applied(invoice.id, amount),),
        modified=_moment(day),
    )


def _settled(invoice: Invoice, payments: Sequence[Payment], credits: Sequence[Credit]) -> Invoice:
    """The invoice with what was applied to it."""
    paid = [(one.day, part.amount) for one in payments for part in one.applied if part.invoice == invoice.id]
    credited = [(one.day, part.amount) for one in credits for part in one.applied if part.invoice == invoice.id]
    last = max((day for day, _ in (*paid, *credited)), default=invoice.day)
    found = replace(
        invoice,
        paid=sum((amount for _, amount in paid), NOUGHT),
        credited=sum((amount for _, amount in credited), NOUGHT),
        modified=_moment(last),
    )
    return found if found.open else replace(found, settled_on=last)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
