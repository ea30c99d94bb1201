"""Who called the help desk, about what, and what became of it: tickets derived from a world, each from its ordinal.

A customer's tickets have consecutive ordinals, so one array of running counts tells whose a ticket is; incident numbers
and entry ids are permuted ordinals. What a ticket is about (`Tickets.about`: an order, a product, one line of an order,
or neither) is worked out only when somebody wants to know, because that needs the customer's orders; the index by SKU
is made when first asked for.

Rules: 0.8 tickets a customer, half of them none; the second customer has 30, the last of those 40 work logs, and the
first of them the subjects that query languages trip over. Nothing is dated after midnight UTC of the world's day; a
ticket about an order is never older than the order. Three in four requesters are known by customer number, without
leading zeros; the others by e-mail alone, often spelled differently, a few by telephone alone. Who calls need not be in
every system. Priority is impact and urgency added up by ITSM's default weights (9/5/3/0, 20/15/10/0; Critical from 24,
High from 18, Medium from 10). Calendar hours to resolve: 4, 8, 24, 72; one in twenty has no service target, and neither
has what was cancelled. `CANARY-ticket-<n>` is in every ticket's notes, `CANARY-worklog-<n>` in every internal work log,
`CANARY-reply-<n>` in every public one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from mocks.world.dice import Dice, Scramble
from mocks.world.helpdesk import (
    AGENTS,
    AGES,
    DAY,
    GROUPS,
    HOSTILE,
    HOURS,
    IMPACTS,
    INTERNAL,
    NOTES,
    PUBLIC,
    REASONS,
    SOURCES,
    SUBJECTS,
    URGENCIES,
    About,
    Requester,
    Ticket,
    WorkLog,
    priority,
)
from mocks.world.index import TextIndex
from mocks.world.model import Customer, Order, World

__all__ = ["About", "Requester", "Ticket", "Tickets", "WorkLog", "count"]

MOST_TICKETS = 100_000_000
MOST_PEOPLE = 100_000_000
MOST_LOGS = 64
ROWS_KEPT = 4_096
MANY_TICKETS = 1  # whose index this is calls all the time
MANY, MANY_LOGS = 30, 40
FIRST_CUSTOMERS = (3, MANY)


def count(seed: int, index: int) -> int:
    """How many tickets a customer has."""
    if index < len(FIRST_CUSTOMERS):
        return FIRST_CUSTOMERS[index]
    lot = Dice(seed, "tickets", index).below(100)
    return sum(lot >= percent for percent in (52, 78, 91, 97))


class Tickets:
    """The tickets of one world, 0 … len - 1, customer by customer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        self._anchor = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._starts = array("Q", accumulate((count(self._seed, index) for index in world.customers()), initial=0))
        self._numbers = Scramble(MOST_TICKETS, self._seed, "incident")
        self._entries = Scramble(MOST_TICKETS, self._seed, "incident entry")
        self._people = Scramble(MOST_PEOPLE, self._seed, "remedy person")
        self._skus: TextIndex | None = None
        self._customers = TextIndex(self._customer_numbers())
        self.ticket = lru_cache(ROWS_KEPT)(self._ticket)
        self.about = lru_cache(ROWS_KEPT)(self._about)
        self.worklogs = lru_cache(ROWS_KEPT)(self._worklogs)

    def __len__(self) -> int:
        return self._starts[-1]

    def _customer_numbers(self) -> Iterator[tuple[str, int]]:
        for index in self._world.customers():
            if self._starts[index] < self._starts[index + 1] and (number := self._world.customer(index).number):
                yield number.lstrip("0").lower(), index

    def of_customer(self, index: int) -> range:
        """Ordinals of a customer's tickets."""
        return range(self._starts[index], self._starts[index + 1])

    def by_number(self, number: str) -> int | None:
        return self._found(self._numbers, "INC", number)

    def by_entry_id(self, entry_id: str) -> int | None:
        return self._found(self._entries, "INC", entry_id)

    def of_customer_number(self, number: str) -> list[int]:
        """Ordinals of the tickets that have this customer number, whatever its case."""
        found = self._customers.candidates(number.lower())
        return [one for at in found for one in self.of_customer(at) if _same(self.ticket(one).customer_number, number)]

    def by_person(self, person_id: str) -> int | None:
        """Index of the customer with this Person ID."""
        index = _keyed(self._people, "PPL", person_id)
        return index if index is not None and index < len(self._world) else None

    def of_order(self, number: str) -> list[int]:
        """Ordinals of the tickets about this order, whose number is exactly that."""
        order = self._world.order_by_number(number)
        if order is None:
            return []
        return [one for one in self.of_customer(order.customer) if self.about(one).order_number == number]

    def of_sku(self, sku: str) -> list[int]:
        """Ordinals of the tickets about this product, whatever the case of its SKU."""
        deque(self.gather_skus(), maxlen=0)
        found = (self._skus or TextIndex(())).candidates(sku.lower())
        return [one for one in found if _same(self.about(one).sku, sku)]

    def gather_skus(self) -> Iterator[None]:
        """Makes the index behind `of_sku`, a ticket at each step; there are no steps left once it is made. About 50 µs
        a ticket: whoever serves others meanwhile takes a pause now and then."""
        if self._skus is not None:
            return
        found: list[tuple[str, int]] = []
        for ordinal in range(len(self)):
            if self._topic(ordinal) in ("line", "product") and (sku := self._about(ordinal).sku):
                found.append((sku.lower(), ordinal))
            yield
        self._skus = TextIndex(found)

    def _found(self, keys: Scramble, prefix: str, text: str) -> int | None:
        ordinal = _keyed(keys, prefix, text)
        return ordinal if ordinal is not None and ordinal < len(self) else None

    def _topic(self, ordinal: int) -> str:
        lot = Dice(self._seed, "topic", ordinal).below(100)
        return "order" if lot < 40 else "line" if lot < 52 else "product" if lot < 80 else ""

    def _about(self, ordinal: int) -> About:
        topic = self._topic(ordinal)
        dice = Dice(self._seed, "about", ordinal)
        order = self._order(dice, ordinal) if topic in ("order", "line") else None
        if order is not None:
            return About(order.number, dice.pick(order.lines).sku if topic == "line" else "")
        products = self._world.products() if topic in ("line", "product") else range(0)
        return About("", self._world.product(dice.pick(products)).sku) if products else About()

    def _order(self, dice: Dice, ordinal: int) -> Order | None:
        """One of the customer's orders that had been placed by then; mostly the last."""
        at, index = self.ticket(ordinal).submitted_at, self._customer_of(ordinal)
        placed = [
            order
            for order in self._world.orders_of(index)
            if order.placed_at <= at and order.lines and order.status != "DOO_DRAFT"
        ]
        return None if not placed else placed[-1] if dice.chance(70) else dice.pick(placed)

    def _customer_of(self, ordinal: int) -> int:
        return bisect_right(self._starts, ordinal) - 1

    def requester(self, index: int) -> Requester:
        customer = self._world.customer(index)
        dice = Dice(self._seed, "requester", index)
        lot = 0 if index < len(FIRST_CUSTOMERS) else dice.below(100)
        email = _respelled(dice, customer.email)
        phone = (customer.phone or customer.mobile) if dice.chance(85) or lot >= 95 else ""
        number = customer.number.lstrip("0")
        if lot >= 95 and phone:
            number, email = "", ""
        elif lot >= 76 and email:
            number = ""
        return Requester(f"PPL{self._people.key(index):012d}", number, email, phone)

    def _ticket(self, ordinal: int) -> Ticket:
        index = self._customer_of(ordinal)
        who, customer = self.requester(index), self._world.customer(index)
        dice = Dice(self._seed, "ticket", ordinal)
        submitted = self._submitted(dice, customer)
        status = self._status(dice, submitted)
        urgency, impact = dice.pick(URGENCIES[:1] + URGENCIES[1:] * 3), dice.pick(IMPACTS[:1] + IMPACTS[1:] * 4)
        hours = HOURS[priority(urgency, impact)]
        due = None if status == "Cancelled" or dice.chance(5) else submitted + timedelta(hours=hours)
        resolved = self._resolved(dice, submitted, hours) if status in ("Resolved", "Closed") else None
        closed = self._within(dice, resolved, 15 * DAY) if resolved and status == "Closed" else None
        touched = closed or resolved or self._within(dice, submitted, 9 * DAY)
        return Ticket(
            ordinal=ordinal,
            number=f"INC{self._numbers.key(ordinal):012d}",
            entry_id=f"INC{self._entries.key(ordinal):012d}",
            customer=index,
            person_id=who.person_id,
            customer_number=who.customer_number,
            first_name=customer.first_name,
            last_name=customer.last_name,
            company=customer.account_name,
            email=who.email,
            phone=who.phone,
            summary=self._summary(dice, ordinal, index),
            notes=f"{dice.pick(NOTES)} CANARY-ticket-{ordinal}",
            status=status,
            status_reason=REASONS.get(status, ""),
            urgency=urgency,
            impact=impact,
            source=dice.pick(SOURCES),
            group=dice.pick(GROUPS),
            assignee="" if status == "New" else dice.pick(AGENTS),
            resolution="Settled with the customer." if resolved else "",
            submitted_at=submitted,
            modified_at=touched,
            resolved_at=resolved,
            closed_at=closed,
            target=f"Resolve within {hours} hours" if due else "",
            due_at=due,
        )

    def _submitted(self, dice: Dice, customer: Customer) -> datetime:
        """Between the customer's first day and the world's, denser towards the latter."""
        ago = max((self._anchor - customer.since).total_seconds(), 60.0) * dice.share() ** 2
        return self._anchor - timedelta(seconds=max(int(ago), 60))

    def _status(self, dice: Dice, submitted: datetime) -> str:
        days = (self._anchor - submitted) / DAY
        shares = next(shares for most, shares in AGES if days <= most)
        lot = dice.below(100)
        for status, percent in shares:
            lot -= percent
            if lot < 0:
                return status
        return shares[-1][0]

    def _resolved(self, dice: Dice, submitted: datetime, hours: int) -> datetime:
        """Three in four in time."""
        span = hours if dice.chance(75) else 4 * hours
        return self._within(dice, submitted, timedelta(hours=span))

    def _within(self, dice: Dice, begin: datetime, span: timedelta) -> datetime:
        seconds = min(span, self._anchor - begin).total_seconds() * (1 - dice.share() ** 2)
        return begin + timedelta(seconds=int(seconds))

    def _summary(self, dice: Dice, ordinal: int, index: int) -> str:
        at = ordinal - self._starts[index]
        if index == MANY_TICKETS and at < len(HOSTILE):
            return HOSTILE[at]
        if index == 0:
            return SUBJECTS[self._topic(ordinal)][at]
        return dice.pick(HOSTILE if dice.chance(2) else SUBJECTS[self._topic(ordinal)])

    def _worklogs(self, ordinal: int) -> tuple[WorkLog, ...]:
        """The history of a ticket, oldest first."""
        ticket = self.ticket(ordinal)
        dice = Dice(self._seed, "worklogs", ordinal)
        many = self._customer_of(ordinal) == MANY_TICKETS and ordinal + 1 == self._starts[MANY_TICKETS + 1]
        count = MANY_LOGS if many else dice.below(2 if ticket.status == "New" else 6)
        span = ticket.modified_at - ticket.submitted_at
        return tuple(self._worklog(dice, ticket, at, span * at / count) for at in range(count))

    def worklog(self, number: str) -> WorkLog | None:
        """A work log by its own id."""
        key = _digits("WLG", number)
        if key is None:
            return None
        ordinal, at = divmod(key, MOST_LOGS)
        return next(iter(self.worklogs(ordinal)[at : at + 1]), None) if ordinal < len(self) else None

    def _worklog(self, dice: Dice, ticket: Ticket, at: int, after: timedelta) -> WorkLog:
        key = ticket.ordinal * MOST_LOGS + at
        internal = dice.chance(40)
        name = f"{ticket.first_name} {ticket.last_name}".strip()
        agent = ticket.assignee or AGENTS[0]
        text = f"{dice.pick(INTERNAL)} CANARY-worklog-{key}" if internal else f"{dice.pick(PUBLIC)} CANARY-reply-{key}"
        return WorkLog(
            number=f"WLG{key:012d}",
            incident=ticket.number,
            at=ticket.submitted_at + timedelta(seconds=after // timedelta(seconds=1)),
            author=agent if internal or dice.chance(70) else name or agent,
            text=text,
            internal=internal,
        )


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _keyed(keys: Scramble, prefix: str, text: str) -> int | None:
    key = _digits(prefix, text)
    return keys.number(key) if key is not None and key < MOST_TICKETS else None


def _digits(prefix: str, text: str) -> int | None:
    digits = text.removeprefix(prefix)
    known = digits != text and len(digits) == 12 and digits.isascii() and digits.isdecimal()
    return int(digits) if known else None


def _respelled(dice: Dice, email: str) -> str:
    """One address in four as somebody typed it: capitals mean nothing there."""
    name, at, domain = email.partition("@")
    return f"{name.title()}{at}{domain.upper()}" if dice.chance(25) else email
