"""Rows of this server: incidents and work logs of the world, and on top of them what callers wrote.

A row is found by a *reference*: the world's own number of it, or the key (incident number, work log id) of a written
one. A written row hides the world's row of the same key; a deleted one is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from mocks.world.helpdesk import About, Ticket, WorkLog
from mocks.world.model import World
from mocks.world.tickets import MOST_LOGS, Tickets

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Reference = int | str
CREATED = 900_000_000_000


class Case:
    """An incident: the ticket, what it is about (looked up when somebody asks), and what time it is."""

    __slots__ = ("_about", "_cases", "ticket")

    def __init__(self, ticket: Ticket, cases: Cases, about: About | None = None) -> None:
        self.ticket = ticket
        self._cases = cases
        self._about = about

    @property
    def about(self) -> About:
        return self._about if self._about is not None else self._cases.tickets.about(self.ticket.ordinal)

    @property
    def now(self) -> datetime:
        return self._cases.world.now


@dataclass(frozen=True, slots=True)
class Creation:
    """A row of the create form: what was sent, and which incident came of it."""

    number: str
    incident: str
    values: dict[str, Any]


class Source(Protocol[T_co]):
    """The world's own rows of one kind."""

    def originals(self) -> Iterable[int]: ...
    def original(self, reference: int) -> T_co: ...
    def key(self, reference: int) -> str:
        """What a written row would hide it by."""

    def indexed(self, key: str) -> int | None: ...


class Shelf(Generic[T]):
    """The rows of one kind. `version` changes with every write."""

    def __init__(self, source: Source[T]) -> None:
        self.source = source
        self.version = 0
        self._written: dict[str, T | None] = {}

    def row(self, reference: Reference) -> T:
        found = self.source.original(reference) if isinstance(reference, int) else self._written[reference]
        assert found is not None  # noqa: S101 - nobody keeps references to what was deleted
        return found

    def find(self, key: str) -> Reference | None:
        if key in self._written:
            return None if self._written[key] is None else key
        return self.source.indexed(key)

    def hidden(self, reference: int) -> bool:
        return bool(self._written) and self.source.key(reference) in self._written

    def written(self) -> Iterator[str]:
        return (key for key, row in self._written.items() if row is not None)

    def write(self, key: str, row: T | None) -> None:
        """None deletes."""
        self._written[key] = row
        self.version += 1


class Cases:
    """The world's tickets as incidents."""

    def __init__(self, world: World, tickets: Tickets) -> None:
        self.world = world
        self.tickets = tickets

    def originals(self) -> range:
        return range(len(self.tickets))

    def original(self, reference: int) -> Case:
        return Case(self.tickets.ticket(reference), self)

    def key(self, reference: int) -> str:
        return self.tickets.ticket(reference).number

    def indexed(self, key: str) -> int | None:
        return self.tickets.by_number(key)


class Logs:
    """The world's work logs."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    def originals(self) -> Iterator[int]:
        for ordinal in range(len(self._tickets)):
            yield from self.of(ordinal)

    def of(self, ordinal: int) -> range:
        first = ordinal * MOST_LOGS
        return range(first, first + len(self._tickets.worklogs(ordinal)))

    def original(self, reference: int) -> WorkLog:
        ordinal, at = divmod(reference, MOST_LOGS)
        return self._tickets.worklogs(ordinal)[at]

    def key(self, reference: int) -> str:
        return f"WLG{reference:012d}"

    def indexed(self, key: str) -> int | None:
        return None if self._tickets.worklog(key) is None else int(key.removeprefix("WLG"))


class Nothing:
    """The create form: the world has put nothing into it."""

    def originals(self) -> range:
        return range(0)

    def original(self, reference: int) -> Creation:
        raise KeyError(reference)

    def key(self, reference: int) -> str:
        raise KeyError(reference)

    def indexed(self, key: str) -> int | None:
        return None


class Store:
    """Everything this server holds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tickets = world.part(Tickets)
        self.source = Cases(world, self.tickets)
        self.logs = Logs(self.tickets)
        self.incidents: Shelf[Case] = Shelf(self.source)
        self.worklogs: Shelf[WorkLog] = Shelf(self.logs)
        self.creations: Shelf[Creation] = Shelf(Nothing())
        self._given = CREATED

    def case(self, ticket: Ticket, about: About) -> Case:
        return Case(ticket, self.source, about)

    def by_entry_id(self, entry_id: str) -> Reference | None:
        """An incident by the id of its row, which an interface form writes twice: `INC…|INC…`."""
        one, bar, other = entry_id.partition("|")
        if bar and one != other:
            return None
        ordinal = self.tickets.by_entry_id(one)
        if ordinal is not None:
            return self.incidents.find(self.tickets.ticket(ordinal).number)
        return next((key for key in self.incidents.written() if self.incidents.row(key).ticket.entry_id == one), None)

    def next_id(self, prefix: str) -> str:
        """An id nobody has: the world's end below nine hundred thousand million."""
        self._given += 1
        return f"{prefix}{self._given:0{15 - len(prefix)}d}"
