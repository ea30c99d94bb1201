"""Rows of the index of orders: made of what the systems say, and folded by the rules that steps are told by.

Of an order's lines only what decides is kept: which states they are in, and when the last of each left. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from resolvers import order_to_cash_rules as rules
from resolvers.backends.base import Outcome
from resolvers.backends.netsuite import Invoice
from resolvers.backends.oracle_om import Line, SalesOrder
from resolvers.backends.remedy import Incident
from resolvers.order_to_cash_rules import Known
from schema import InvoiceStatus, LineStatus, OrderStage, OrderStatus, StepState, TicketStatus

SEEING = ((False, False), (True, False), (False, True), (True, True))
"""Whether bills are seen, and tickets: the sets that stages are kept for, in the order of their columns."""

STAGES = tuple(OrderStage)
"""A stage is kept as its place in here."""

LAYOUT = [stage.name for stage in STAGES]
NOBODY_S_DAY = date.min
"""No invoice is overdue on it: whether one is depends on the day that somebody asks."""

Folded = tuple[OrderStage, datetime | None]


def code(stage: OrderStage) -> int:
    return STAGES.index(stage)


def order_row(order: SalesOrder) -> tuple[Any, ...]:
    """Of lines, those by which something is ordered: their states, and when the last in each left."""
    left: dict[str | None, int | None] = {}
    for line in (one for one in order.lines or () if one.quantity):
        times = (left.get(_name(line.status)), _second(line.shipped_on))
        left[_name(line.status)] = max((at for at in times if at is not None), default=None)
    told = ";".join(f"{status}:{'' if at is None else at}" for status, at in left.items())
    carriers = sorted({one.carrier for one in order.lines or () if one.carrier})
    held = min((_second(one.applied_at) or 0 for one in order.holds or ()), default=None)
    status, placed = _name(order.status), _second(order.placed_at)
    by = f"|{'|'.join(carriers)}|"
    return order.number, order.header_id, order.party_number, order.channel, by, placed, status, told, held


def bill_row(bill: Invoice) -> tuple[Any, ...]:
    days = map(_day, (bill.issued_on, bill.due_on, bill.settled_on))
    return (int(bill.id), bill.order_number, _name(bill.status), *days)


def ticket_row(one: Incident) -> tuple[Any, ...]:
    return one.number, one.order_number, _name(one.status), _second(one.opened_at), _second(one.resolved_at)


def folded(row: Any, bills: Sequence[Any], tickets: Sequence[Any]) -> tuple[Any, ...]:
    """What the rules say of one order, from its rows: reasons to be stuck, stages and since when, its number."""
    order = _order(row)
    billed = [_bill(one) for one in bills]
    told = [_ticket(one) for one in tickets]
    stages = _stages(order, billed, told)
    short = any(rules.meaning("allocated", line.status) is StepState.BLOCKED for line in order.lines or ())
    due = min(
        (_day(one.due_on) or 0 for one in billed if one.status is InvoiceStatus.OPEN and one.due_on), default=None
    )
    rejected = any(rules.meaning("billed", one.status) is StepState.BLOCKED for one in billed)
    open_ = [one for one in told if rules.meaning("serviced", one.status) is StepState.IN_PROGRESS]
    trouble = min((_second(one.opened_at) or 0 for one in open_), default=None)
    since = (_second(at) for _, at in stages)
    return (short, due, rejected, trouble, *(code(stage) for stage, _ in stages), *since, order.number)


def _stages(order: SalesOrder, bills: list[Invoice], tickets: list[Incident]) -> list[Folded]:
    """In the order of SEEING. Until the goods are there, bills and tickets decide nothing."""
    goods = rules.stage(Known(order, NOBODY_S_DAY))
    if goods[0] is not OrderStage.COMPLETE:
        return [goods] * len(SEEING)
    billed = Known(order, NOBODY_S_DAY, bills=Outcome(bills))
    with_bills = rules.stage(billed)
    if not tickets:
        return [goods, with_bills, goods, with_bills]
    troubled = Known(order, NOBODY_S_DAY, tickets=Outcome(tickets))
    return [goods, with_bills, rules.stage(troubled), rules.stage(replace(billed, tickets=troubled.tickets))]


def _order(row: Any) -> SalesOrder:
    number, header, placed, status, told = row
    lines = [_line(part) for part in told.split(";") if part]
    known = OrderStatus[status] if status else None
    return SalesOrder(header_id=header, number=number, status=known, placed_at=_moment(placed), lines=lines)


def _line(part: str) -> Line:
    word, _, shipped = part.partition(":")
    status = LineStatus[word] if word in LineStatus.__members__ else None
    return Line(quantity=Decimal(1), status=status, shipped_on=_moment(int(shipped)) if shipped else None)


def _bill(row: Any) -> Invoice:
    identity, _, status, issued, due, settled = row
    known = InvoiceStatus[status] if status else None
    days = [date.fromordinal(one) if one else None for one in (issued, due, settled)]
    return Invoice(id=str(identity), status=known, issued_on=days[0], due_on=days[1], settled_on=days[2])


def _ticket(row: Any) -> Incident:
    number, _, status, opened, resolved = row
    known = TicketStatus[status] if status else None
    return Incident(number=number, status=known, opened_at=_moment(opened), resolved_at=_moment(resolved))


def _name(word: Any) -> str | None:
    return word.name if word is not None else None


def _second(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def _moment(second: int | None) -> datetime | None:
    return datetime.fromtimestamp(second, UTC) if second is not None else None


def _day(day: date | None) -> int | None:
    return day.toordinal() if day else None
