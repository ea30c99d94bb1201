"""Order lines on their way to cash: quantities of the order system here, of the ledger by question.

A ledger knows what it billed line by line, and what was paid invoice by invoice: so of a line that stands on an invoice
of which two thirds are paid, two thirds are.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import schema
from resolvers import order_to_cash_rules as rules
from resolvers.backends.base import Gap, Outcome
from resolvers.backends.netsuite import Invoice, NetSuite
from resolvers.backends.oracle_om import Line
from resolvers.binding import Ask, resolves
from resolvers.order_to_cash_evidence import MONEY, Cash, bills_of
from resolvers.order_to_cash_rules import NOUGHT
from schema import StepState

BILLED = frozenset({"order_line", "quantity"})
THOUSANDTH = Decimal("0.001")
GONE = (StepState.DONE,)
TAKEN = (StepState.DONE, StepState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class CashLine:
    """A line of an order on its way."""

    cash: Cash
    line: Line
    carried: None = None

    @property
    def number(self) -> str | None:
        return self.line.number

    @property
    def sku(self) -> str | None:
        return self.line.sku

    @property
    def ordered(self) -> Decimal:
        return rules.ordered(self.line)

    @property
    def allocated(self) -> Decimal:
        return rules.reached(self.line, "allocated", *TAKEN)

    @property
    def shipped(self) -> Decimal:
        return rules.reached(self.line, "allocated", *GONE)


@dataclass(frozen=True, slots=True)
class Billed:
    """What of a line stands on which invoice, by the ledger's own id of it."""

    cash: Cash
    parts: Mapping[str, Decimal]
    settled: None = None

    @property
    def invoiced(self) -> Decimal:
        return sum(self.parts.values(), NOUGHT)


@dataclass(frozen=True, slots=True)
class Settled:
    paid: Decimal
    credited: Decimal


@resolves(
    schema.CashLine,
    "billed",
    derived=True,
    inputs=("InvoiceLine.quantity", "InvoiceLine.orderLine", "Invoice.status"),
)
async def billed(rows: Sequence[CashLine], ask: Ask) -> Sequence[Outcome[Billed]]:
    bills = await bills_of([row.cash for row in rows], ask)
    parts = await _lines([bill for one in bills for bill in one.value or ()], ask)
    return [_billed(row, one, parts) for row, one in zip(rows, bills, strict=True)]


@resolves(
    schema.BilledQuantities,
    *("paid", "credited"),
    carried="settled",
    derived=True,
    inputs=("Invoice.total", "Invoice.open", "CreditMemo.amount"),
)
async def settled(rows: Sequence[Billed], ask: Ask) -> Sequence[Outcome[Settled]]:
    ids = list(dict.fromkeys(bill for row in rows for bill in row.parts))
    bills, memos = await asyncio.gather(
        bills_of([row.cash for row in rows], ask, MONEY),
        ask.load(NetSuite.credits_of_invoices, ids, frozenset({"amount"})),
    )
    credits: dict[str, Outcome[Any]] = dict(zip(ids, memos, strict=True))
    return [_settled(row, one, credits) for row, one in zip(rows, bills, strict=True)]


async def _lines(bills: Sequence[Invoice], ask: Ask) -> Mapping[str, Outcome[Any]]:
    counted = [one.id for one in bills if rules.meaning("billed", one.status) in rules.COUNTED]
    ids = list(dict.fromkeys(counted))
    return dict(zip(ids, await ask.load(NetSuite.lines_of_invoices, ids, BILLED), strict=True))


def _billed(row: CashLine, bills: Outcome[list[Invoice]], lines: Mapping[str, Outcome[Any]]) -> Outcome[Billed]:
    try:
        mine = [bill.id for bill in rules.sure(bills) if bill.id in lines]
        parts: dict[str, Decimal] = defaultdict(lambda: NOUGHT)
        for bill in mine:
            for line in rules.sure(lines[bill]):
                if line.order_line == row.number:
                    parts[bill] += line.quantity or NOUGHT
    except Gap as gap:
        return Outcome(error=gap)
    return Outcome(Billed(row.cash, dict(parts)))


def _settled(row: Billed, bills: Outcome[list[Invoice]], credits: Mapping[str, Outcome[Any]]) -> Outcome[Settled]:
    try:
        paid = credited = NOUGHT
        for bill in rules.sure(bills):
            if bill.id in row.parts and bill.total and bill.total.amount:
                quantity, total = row.parts[bill.id], bill.total.amount
                given = sum((memo.amount.amount for memo in rules.sure(credits[bill.id]) if memo.amount), NOUGHT)
                open_ = bill.open.amount if bill.open else NOUGHT
                paid += quantity * (total - open_ - given) / total
                credited += quantity * given / total
    except Gap as gap:
        return Outcome(error=gap)
    return Outcome(Settled(paid.quantize(THOUSANDTH), credited.quantize(THOUSANDTH)))
