"""What the words of eight systems come to for one order: pure, and by the rules in `order_to_cash.toml`.

Documents (a line, a parcel, an invoice …) have a state each; a step is what theirs add up to; a stage is the first step
that is not done. What cannot be known raises the `Gap` that says why, and only where it would decide something.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from resolvers.backends.base import Gap, Outcome
from resolvers.backends.netsuite import Invoice
from resolvers.backends.oracle_om import Line, SalesOrder, Shipment
from resolvers.backends.remedy import Incident
from resolvers.tracks import Track
from schema import BlockReason, CashStep, InvoiceStatus, OrderStage, ShipmentStatus, StepState

WRITTEN = Path(__file__).with_name("order_to_cash.toml").read_text("utf-8")
FINGERPRINT = zlib.crc32(WRITTEN.encode())
"""Of the rules as written: what was worked out by others is worked out anew."""

TABLES: Mapping[str, Any] = tomllib.loads(WRITTEN)
ADDS_UP: Mapping[str, str] = TABLES["adds_up"]
NOUGHT = Decimal(0)
LATEST = datetime.max.replace(tzinfo=UTC)
FIRST_BEST = tuple(StepState[one] for one in ("DONE", "PARTIAL", "IN_PROGRESS", "WAITING", "BLOCKED", "OTHER"))
PASSED = frozenset({StepState.DONE, StepState.NONE, StepState.CANCELED})
UNDECIDED = frozenset({StepState.NONE, StepState.CANCELED})
COUNTED = frozenset(StepState) - {StepState.CANCELED, StepState.BLOCKED}
"""Of invoices: those that bill something. An overdue one is no less a bill: that is told of its status alone."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One document, as `schema.Evidence` shows it."""

    number: str | None
    state: StepState
    word: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What its documents add up to, as `schema.Step` shows it."""

    step: CashStep
    system: str
    state: StepState
    evidence: Sequence[Evidence]

    @property
    def word(self) -> str | None:
        """Of the document that decided: one that is in the state of the step, else one that is not done."""
        open_ = [one for one in self.evidence if one.state not in PASSED]
        alike = [one for one in self.evidence if one.state is self.state]
        deciding = alike or open_
        return max(deciding, key=lambda one: _moment(one.at)).word if deciding else None

    @property
    def at(self) -> datetime | None:
        return max((one.at for one in self.evidence if one.at), default=None)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was packed, and what its carrier says of it: an error, or nothing when it does not know it (any more)."""

    shipped: Shipment
    track: Outcome[Track]


@dataclass(frozen=True, slots=True)
class Blocker:
    reason: BlockReason
    system: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one order. None: it is not for this caller; an error: its system cannot tell."""

    order: SalesOrder
    today: date
    packed: Outcome[list[Shipment]] | None = None
    parcels: Outcome[list[Parcel]] | None = None
    bills: Outcome[list[Invoice]] | None = None
    tickets: Outcome[list[Incident]] | None = None

    def of_line(self, line: Line) -> Known:
        """The same, as if this line were all there is. Who pays, pays for the order."""
        order = _with_lines(self.order, [line])
        parcels = self.parcels
        if parcels and parcels.value is not None:
            mine = [one for one in parcels.value if _of(one.shipped, line.number) > 0]
            parcels = Outcome(mine, parcels.error)
        return replace(self, order=order, parcels=parcels, tickets=None)


# -- steps ------------------------------------------------------------------------------------------------------------


def adds_up(states: Iterable[StepState], how: str) -> StepState:
    """See the table in `order_to_cash.toml`."""
    told = set(states)
    real = told - UNDECIDED
    if not real:
        return StepState.CANCELED if told == {StepState.CANCELED} else StepState.NONE
    if how == "any":
        return next(state for state in FIRST_BEST if state in real)
    if len(real) == 1:
        return next(iter(real))
    for state in (StepState.BLOCKED, StepState.PARTIAL):
        if state in real:
            return state
    if StepState.DONE in real:
        return StepState.PARTIAL
    return next(state for state in FIRST_BEST if state in real)


def step(kind: CashStep, system: str, documents: Iterable[Evidence], rule: str) -> Step:
    told = tuple(documents)
    return Step(kind, system, adds_up((one.state for one in told), ADDS_UP[rule]), told)


def entered(order: SalesOrder) -> Step:
    state = meaning("entered", order.status)
    told = Evidence(order.number, state, order.word, order.placed_at)
    return Step(CashStep.ENTERED, "oracle_om", state, (told,))


def allocated(known: Known) -> Step:
    """Packed counts as done, for who may see what is packed."""
    return step(CashStep.ALLOCATED, "oracle_om", map(lambda line: _allocated(line, known), lines(known)), "allocated")


def fulfilled(known: Known) -> Step:
    return step(CashStep.FULFILLED, "carriers", (*_carried(known), *_unpacked(known)), "fulfilled")


def billed(known: Known) -> Step:
    """What has left and stands on no invoice at all is still to be billed."""
    bills = [_billed(one, known.today) for one in sure(known.bills)]
    to_come = [_of_line("unbilled", line) for line in lines(known)]
    told = [*bills, *(one for one in to_come if one.state is not StepState.NONE)]
    if not bills and len(told) < len(to_come):
        told.append(Evidence(None, StepState.WAITING))
    return step(CashStep.BILLED, "netsuite", told, "billed")


def serviced(known: Known) -> Step:
    told = (
        Evidence(one.number, meaning("serviced", one.status), one.word, one.resolved_at or one.opened_at)
        for one in sure(known.tickets)
    )
    return step(CashStep.SERVICED, "remedy", told, "serviced")


# -- what several steps come to ---------------------------------------------------------------------------------------


def stage(known: Known) -> tuple[OrderStage, datetime | None]:
    """Where an order is, and since when. Raises the Gap of a system without which that cannot be said."""
    order, begun = known.order, entered(known.order).state
    left = max((line.shipped_on for line in lines(known) if line.shipped_on), default=order.placed_at)
    if begun is StepState.CANCELED or all(line.quantity == 0 for line in order.lines or ()):
        return OrderStage.CANCELED, None
    if begun is StepState.IN_PROGRESS:
        return OrderStage.ENTRY, order.placed_at
    if allocated(known).state not in PASSED:
        return OrderStage.ALLOCATION, order.placed_at
    brought = fulfilled(known)
    if brought.state not in PASSED:
        return OrderStage.FULFILMENT, left
    there = max(left or LATEST, brought.at) if brought.at else left
    return _after(known, there)


def _after(known: Known, there: datetime | None) -> tuple[OrderStage, datetime | None]:
    """Once the goods are there."""
    done = [there]
    if known.bills is not None:
        paid = billed(known)
        if paid.state not in PASSED:
            return OrderStage.BILLING, there
        done.append(paid.at)
    if known.tickets is not None:
        trouble = serviced(known)
        if trouble.state not in PASSED:
            return OrderStage.SERVICE, min((one.opened_at for one in _open(known) if one.opened_at), default=None)
        done.append(trouble.at)
    return OrderStage.COMPLETE, max((at for at in done if at), default=None)


def blockers(known: Known, holds: Outcome[SalesOrder] | None) -> Iterator[Blocker | Gap]:
    """What keeps it from going on; in the place of what cannot be told, why not."""
    told = (_held(holds), _short(known), _undelivered(known), _unpaid(known), _troubled(known))
    for one in told:
        try:
            yield from one
        except Gap as gap:
            yield gap


def _held(holds: Outcome[SalesOrder] | None) -> Iterator[Blocker]:
    for order in [found for found in [_value(holds)] if found]:
        yield from (Blocker(BlockReason.HOLD, "oracle_om", one.applied_at) for one in order.holds or ())


def _short(known: Known) -> Iterator[Blocker]:
    if any(_of_line("allocated", line).state is StepState.BLOCKED for line in lines(known)):
        yield Blocker(BlockReason.BACKORDER, "oracle_om", None)


def _undelivered(known: Known) -> Iterator[Blocker]:
    for parcel in sure(known.parcels):
        track = _value(parcel.track)
        if track and meaning("fulfilled", track.status) is StepState.BLOCKED:
            yield Blocker(BlockReason.DELIVERY, track.carrier.lower(), _last_heard(track))


def _unpaid(known: Known) -> Iterator[Blocker]:
    for bill in sure(known.bills):
        if _billed(bill, known.today).state is StepState.BLOCKED:
            late = bill.status is InvoiceStatus.OPEN
            reason = BlockReason.PAYMENT_OVERDUE if late else BlockReason.BILL_REJECTED
            yield Blocker(reason, "netsuite", midnight(bill.due_on if late else bill.issued_on))


def _troubled(known: Known) -> Iterator[Blocker]:
    yield from (Blocker(BlockReason.TICKET, "remedy", one.opened_at) for one in _open(known))


def _open(known: Known) -> list[Incident]:
    return [one for one in sure(known.tickets) if meaning("serviced", one.status) is StepState.IN_PROGRESS]


# -- quantities -------------------------------------------------------------------------------------------------------


def ordered(line: Line) -> Decimal:
    return NOUGHT if _of_line("allocated", line).state is StepState.CANCELED else line.quantity or NOUGHT


def reached(line: Line, table: str, *states: StepState) -> Decimal:
    """How much of a line is in one of these states: all of it or nothing."""
    return ordered(line) if _of_line(table, line).state in states else NOUGHT


def carried(line: Line, parcels: Sequence[Parcel]) -> tuple[Decimal, Decimal, Decimal]:
    """How much of a line is packed, has arrived, and goes back."""
    packed = arrived = back = NOUGHT
    for parcel in parcels:
        quantity, track = _of(parcel.shipped, line.number), _value(parcel.track)
        status = track.status if track else None
        packed += NOUGHT if status is ShipmentStatus.CANCELED else quantity
        back += quantity if status is ShipmentStatus.RETURNED else NOUGHT
        there = meaning("fulfilled", status) if status else _of_line("unpacked", line).state
        arrived += quantity if there is StepState.DONE else NOUGHT
    return packed, arrived, back


# -- documents --------------------------------------------------------------------------------------------------------


def meaning(table: str, word: Enum | None) -> StepState:
    """What a word means; nothing said is a word that nobody has."""
    return StepState[TABLES[table][word.name]] if word is not None else StepState.OTHER


def lines(known: Known) -> list[Line]:
    """Those that something is ordered by."""
    return [line for line in known.order.lines or () if line.quantity]


def sure(told: Outcome[list[Any]] | None) -> list[Any]:
    """What is known; nothing, for who may not see it. Raises the Gap."""
    return _value(told) or []


def midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def days(since: datetime | None, now: datetime) -> int | None:
    return max((now - since) // timedelta(days=1), 0) if since else None


def _value(told: Outcome[Any] | None) -> Any:
    if told is not None and told.error:
        raise told.error
    return told.value if told is not None else None


def _of_line(table: str, line: Line) -> Evidence:
    return Evidence(line.number, meaning(table, line.status), line.word, line.shipped_on)


def _allocated(line: Line, known: Known) -> Evidence:
    told = _of_line("allocated", line)
    if told.state is not StepState.IN_PROGRESS or known.packed is None:
        return told
    packed = sum((_of(one, line.number) for one in sure(known.packed)), NOUGHT)
    return replace(told, state=StepState.DONE) if packed >= (line.quantity or NOUGHT) else told


def _carried(known: Known) -> Iterator[Evidence]:
    by_number = {line.number: line for line in lines(known)}
    for parcel in sure(known.parcels):
        track = _value(parcel.track)
        if track:
            at = track.delivered_at or _last_heard(track)
            yield Evidence(parcel.shipped.number, meaning("fulfilled", track.status), track.word, at)
        else:  # nobody knows it but the order system
            inside = [by_number[one.line] for one in parcel.shipped.contents or () if one.line in by_number]
            states = [_of_line("unpacked", line).state for line in inside]
            word = inside[0].word if inside else None
            yield Evidence(parcel.shipped.number, adds_up(states, "all"), word, parcel.shipped.shipped_on)


def _unpacked(known: Known) -> Iterator[Evidence]:
    """What of a line is in no parcel."""
    for line in lines(known):
        packed = sum((_of(one.shipped, line.number) for one in sure(known.parcels)), NOUGHT)
        if packed < (line.quantity or NOUGHT):
            yield _of_line("unpacked", line)


def _billed(bill: Invoice, today: date) -> Evidence:
    state = meaning("billed", bill.status)
    if bill.status is InvoiceStatus.OPEN and bill.due_on and bill.due_on < today:
        state = StepState.BLOCKED
    return Evidence(bill.number, state, bill.word, midnight(bill.settled_on or bill.issued_on))


def _of(shipment: Shipment, line: str | None) -> Decimal:
    """How much of a line is in it."""
    return sum((one.quantity or NOUGHT for one in shipment.contents or () if one.line == line), NOUGHT)


def _last_heard(track: Track) -> datetime | None:
    return next((one.at for one in track.events or () if one.at), None)


def _moment(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _with_lines(order: SalesOrder, kept: list[Line]) -> SalesOrder:
    return SalesOrder(
        header_id=order.header_id,
        number=order.number,
        status=order.status,
        word=order.word,
        placed_at=order.placed_at,
        lines=kept,
    )
