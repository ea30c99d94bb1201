"""An order's way to cash, recomputed from the world's own rows: nothing of the gateway is imported here.

Every rule is written a second time, in the words of the systems themselves, so that the two can only agree when both
are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from mocks.world import World
from mocks.world.audience import Audience
from mocks.world.billing import Billing
from mocks.world.campaigns import Campaigns
from mocks.world.deals import Deals, Opportunity
from mocks.world.ledger import Invoice
from mocks.world.model import Line, Order
from mocks.world.parcels import Parcel, Parcels
from mocks.world.tickets import Ticket, Tickets

MEMORY = {"FedEx": timedelta(days=90), "UPS": timedelta(days=120)}
OPEN_TICKETS = ("New", "Assigned", "In Progress", "Pending")
Json = dict[str, Any]


@dataclass
class Truth:
    """`tickets`: by order number, gathered once."""

    world: World

    def __post_init__(self) -> None:
        self.parcels, self.ledger, self.deals = Parcels(self.world), Billing(self.world), Deals(self.world)
        self.audience, self.campaigns = Audience(self.world), Campaigns(self.world)
        desk = Tickets(self.world)
        self.tickets: dict[str, list[Ticket]] = {}
        for ordinal in range(len(desk)):
            if number := desk.about(ordinal).order_number:
                self.tickets.setdefault(number, []).append(desk.ticket(ordinal))

    def orders(self) -> Iterator[tuple[int, Order]]:
        for index in self.world.customers():
            yield from zip(self.world.ordinals_of(index), self.world.orders_of(index), strict=True)

    def led_to(self, order: Order) -> list[Opportunity]:
        """Opportunities that led to an order, whosever account they are on."""
        return [one for one in self.deals.of_customer(order.customer) if one.order_number == order.number]

    def of(self, ordinal: int, order: Order) -> Json:
        return _Case(self, order, self.ledger.bill_at(ordinal).invoices).told()

    def heard(self, ordinal: int, order: Order, *, bills: bool, tickets: bool) -> tuple[str, datetime | None, bool]:
        """Stage, since when, and whether it is stuck, for who hears nothing of parcels, and perhaps not of these."""
        invoices = self.ledger.bill_at(ordinal).invoices
        case = _Case(self, order, invoices if bills else (), deaf=True)
        stage, since = case.stage(order.lines, with_bills=bills, with_tickets=tickets)
        stuck = any(
            bills or reason != "PAYMENT_OVERDUE" for reason, _ in case.blockers() if tickets or reason != "TICKET"
        )
        return stage, since, stuck


@dataclass
class _Case:
    """`deaf`: to what carriers say, and to what is packed."""

    truth: Truth
    order: Order
    invoices: tuple[Invoice, ...]
    deaf: bool = False

    @property
    def today(self) -> date:
        return self.truth.world.now.date()

    def told(self) -> Json:
        stage, since = self.stage(self.order.lines, with_tickets=True)
        now = self.truth.world.now
        return {
            "stage": stage,
            "daysInStage": None if since is None else max((now - since).days, 0),
            "blockedBy": sorted(self.blockers()),
            "steps": {
                "entered": self.entered(),
                "allocated": self.allocated(self.order.lines),
                "billed": self.billed(self.order.lines),
                "fulfilled": self.fulfilled(self.order.lines),
                "serviced": self.serviced(),
            },
            "lines": [self.line(line) for line in self.order.lines],
        }

    # parcels

    @property
    def packed(self) -> tuple[Parcel, ...]:
        return () if self.deaf else self.truth.parcels.of_order(self.order)

    def last_word(self, parcel: Parcel) -> str | None:
        """The newest scan that the carrier still remembers."""
        memory = MEMORY.get(parcel.carrier)
        if memory is None or not parcel.scans or self.truth.world.now - parcel.scans[-1].at > memory:
            return None
        return parcel.scans[-1].kind

    def parcel_state(self, parcel: Parcel, lines: Iterable[Line]) -> str:
        """Of one that no carrier knows, the words of the lines that we look at."""
        word = self.last_word(parcel)
        if word is None:
            codes = {line.status for line in lines if self.inside(parcel, line)}
            states = {{"CLOSED": "DONE", "SHIPPED": "IN_PROGRESS"}.get(code, "WAITING") for code in codes}
            return states.pop() if len(states) == 1 else worst(states)
        if word in ("attempt", "exception", "returning"):
            return "BLOCKED"
        special = {"label": "WAITING", "delivered": "DONE", "cancelled": "CANCELED"}
        return special.get(word, "IN_PROGRESS")

    def inside(self, parcel: Parcel, line: Line) -> Decimal:
        return sum((one.quantity for one in parcel.contents if one.line.number == line.number), Decimal(0))

    # steps

    def entered(self) -> str:
        if self.order.status == "DOO_DRAFT":
            return "IN_PROGRESS"
        if self.order.status.startswith("XX_"):
            return "OTHER"
        return "CANCELED" if self.order.status == "CANCELED" else "DONE"

    def allocated(self, lines: Iterable[Line]) -> str:
        states = []
        for line in living(lines):
            if line.status == "AWAIT_SHIP":
                lying = sum((self.inside(one, line) for one in self.packed), Decimal(0))
                states.append("DONE" if lying >= line.quantity else "IN_PROGRESS")
            else:
                known = {"ENTERED": "WAITING", "SCHEDULED": "WAITING", "BACKORDERED": "BLOCKED", "SHIPPED": "DONE"}
                known |= {"CLOSED": "DONE", "CANCELED": "CANCELED"}
                states.append(known.get(line.status, "OTHER"))
        return worst(states)

    def fulfilled(self, lines: Iterable[Line]) -> str:
        lines = list(living(lines))
        states = [self.parcel_state(one, lines) for one in self.packed if any(self.inside(one, line) for line in lines)]
        for line in lines:
            if sum((self.inside(one, line) for one in self.packed), Decimal(0)) < line.quantity:
                known = {"SHIPPED": "IN_PROGRESS", "CLOSED": "DONE", "CANCELED": "CANCELED"}
                states.append(known.get(line.status, "WAITING"))
        return worst(states)

    def billed(self, lines: Iterable[Line]) -> str:
        lines = list(living(lines))
        states = []
        for invoice in self.invoices:
            late = invoice.due < self.today
            states.append("DONE" if not invoice.open else "BLOCKED" if late else "IN_PROGRESS")
        for line in lines:
            if line.status not in ("SHIPPED", "CLOSED"):
                states.append("CANCELED" if line.status == "CANCELED" else "WAITING")
        if not self.invoices and any(line.status in ("SHIPPED", "CLOSED") for line in lines):
            states.append("WAITING")
        return worst(states)

    @property
    def tickets(self) -> list[Ticket]:
        return self.truth.tickets.get(self.order.number, [])

    def serviced(self) -> str:
        known = {"Resolved": "DONE", "Closed": "DONE", "Cancelled": "CANCELED"}
        return worst([known.get(one.status, "IN_PROGRESS") for one in self.tickets])

    # what they come to

    def stage(
        self, lines: tuple[Line, ...], *, with_tickets: bool, with_bills: bool = True
    ) -> tuple[str, datetime | None]:
        passed = ("DONE", "NONE", "CANCELED")
        shipped = [line.shipped_on for line in living(lines) if line.shipped_on]
        left = max(shipped, default=self.order.placed_at)
        if self.order.status == "CANCELED" or not any(line.quantity for line in lines):
            return "CANCELED", None
        if self.order.status == "DOO_DRAFT":
            return "ENTRY", self.order.placed_at
        if self.allocated(lines) not in passed:
            return "ALLOCATION", self.order.placed_at
        if self.fulfilled(lines) not in passed:
            return "FULFILMENT", left
        there = max([left, *self.arrivals(lines)])
        if with_bills and self.billed(lines) not in passed:
            return "BILLING", there
        ends = [there, *self.paid_on()]
        if with_tickets:
            waiting = [one.submitted_at for one in self.tickets if one.status in OPEN_TICKETS]
            if waiting:
                return "SERVICE", min(waiting)
            ends += [one.resolved_at or one.submitted_at for one in self.tickets]
        return "COMPLETE", max(ends)

    def arrivals(self, lines: Iterable[Line]) -> Iterator[datetime]:
        lines = list(living(lines))
        for parcel in self.packed:
            if any(self.inside(parcel, line) for line in lines):
                if self.last_word(parcel) is not None:
                    yield parcel.delivered_at or parcel.scans[-1].at
                elif parcel.shipped_on:
                    yield parcel.shipped_on
        yield from (line.shipped_on for line in lines if line.shipped_on)

    def paid_on(self) -> Iterator[datetime]:
        for invoice in self.invoices:
            yield datetime.combine(invoice.settled_on or invoice.day, time(), UTC)

    def blockers(self) -> Iterator[tuple[str, str | None]]:
        for hold in self.order.holds:
            yield "HOLD", moment(hold.applied_at)
        if any(line.status == "BACKORDERED" and line.quantity for line in self.order.lines):
            yield "BACKORDER", ""
        for parcel in self.packed:
            if self.last_word(parcel) in ("attempt", "exception", "returning"):
                yield "DELIVERY", moment(parcel.scans[-1].at)
        for invoice in self.invoices:
            if invoice.open and invoice.due < self.today:
                yield "PAYMENT_OVERDUE", moment(datetime.combine(invoice.due, time(), UTC))
        for ticket in self.tickets:
            if ticket.status in OPEN_TICKETS:
                yield "TICKET", moment(ticket.submitted_at)

    # quantities

    def line(self, line: Line) -> Json:
        ordered = Decimal(0) if line.status == "CANCELED" else line.quantity
        gone = ordered if line.status in ("SHIPPED", "CLOSED") else Decimal(0)
        ready = ordered if line.status in ("AWAIT_SHIP", "SHIPPED", "CLOSED") else Decimal(0)
        packed = delivered = returned = invoiced = paid = credited = Decimal(0)
        for parcel in self.packed:
            quantity, word = self.inside(parcel, line), self.last_word(parcel)
            packed += Decimal(0) if word == "cancelled" else quantity
            returned += quantity if word == "returning" else Decimal(0)
            there = word == "delivered" or (word is None and line.status == "CLOSED")
            delivered += quantity if there else Decimal(0)
        for invoice in self.invoices:
            quantity = sum((one.quantity for one in invoice.lines if one.order_line == line.number), Decimal(0))
            invoiced += quantity
            if invoice.total:
                paid += quantity * invoice.paid / invoice.total
                credited += quantity * invoice.credited / invoice.total
        stage, _ = self.stage((line,), with_tickets=False)
        return {
            "number": line.number,
            "sku": line.sku,
            "stage": stage,
            **{"ordered": ordered, "allocated": ready, "shipped": gone, "packed": packed, "delivered": delivered},
            "returned": returned,
            **{"invoiced": invoiced, "paid": round(paid, 3), "credited": round(credited, 3)},
        }


def living(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.quantity)


def worst(states: Iterable[str]) -> str:
    """Of states that all have to be done."""
    told = set(states)
    real = told - {"CANCELED", "NONE"}
    if not real:
        return "CANCELED" if told == {"CANCELED"} else "NONE"
    if len(real) == 1:
        return real.pop()
    if "BLOCKED" in real:
        return "BLOCKED"
    if real & {"DONE", "PARTIAL"}:
        return "PARTIAL"
    return next(one for one in ("IN_PROGRESS", "WAITING", "OTHER") if one in real)


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


# -- around the order -------------------------------------------------------------------------------------------------

WINDOW = timedelta(days=90)
MAILED = {"CLICK": "DONE", "VISIT": "DONE", "FORM": "DONE", "BOUNCE": "CANCELED"}
DEALT = {"09 - Closed/Won": "DONE", "10 - Closed/Lost": "CANCELED"}


@dataclass(frozen=True)
class Around:
    """What surrounds an order: who bought may be several rows of the world, one for each system that knows them.

    `mailed`, `listed`, `accounts`: rows that the marketing system's contact, the CRM's contact and its account are
    """

    truth: Truth
    mailed: frozenset[int]
    listed: frozenset[int]
    accounts: frozenset[int]

    def told(self, order: Order) -> Json:
        deals = [deal for index in sorted(self.accounts) for deal in self.truth.deals.of_customer(index)]
        later = [one for one in deals if one.order_number != order.number and one.closes_on > order.placed_at.date()]
        return {
            "interest": best(self.touches(order.placed_at)),
            "sale": best(DEALT.get(one.stage, "IN_PROGRESS") for one in self.truth.led_to(order)),
            "followed": best(DEALT.get(one.stage, "IN_PROGRESS") for one in later),
        }

    def touches(self, before: datetime) -> Iterator[str]:
        for index in self.mailed:
            for touch in self.truth.audience.touches(index):
                if before - WINDOW <= touch.at < before:
                    yield MAILED.get(touch.kind, "IN_PROGRESS")
        for index in self.listed:
            for member in self.truth.campaigns.members_of(index):
                for at, state in ((member.listed_at, "IN_PROGRESS"), (member.answered_at, "DONE")):
                    if at and before - WINDOW <= at < before:
                        yield state


def best(states: Iterable[str]) -> str:
    """Of states of which one is enough."""
    told = set(states)
    found = next((one for one in ("DONE", "IN_PROGRESS") if one in told), None)
    return found or ("CANCELED" if told else "NONE")
