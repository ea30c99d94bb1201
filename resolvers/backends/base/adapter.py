"""The question (`Call`), the answer (`Outcome`), and the class that turns the one into the other."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, overload

import msgspec

from resolvers.backends.base.gaps import BackendError, Gap, Garbled
from resolvers.backends.base.timing import Deadline, Pace, Slots
from resolvers.backends.base.wire import JSON, Heard, Send, Wire

R = TypeVar("R")
Key = Hashable
Columns = frozenset[str]

KEPT = 64
"""Selections of columns for which an adapter remembers what it asks and how it reads that; of more, the latest."""


class Kind(Enum):
    READ = "read"
    KEYED_WRITE = "keyed_write"
    WRITE = "write"


class Source(msgspec.Struct, frozen=True):
    """Where and when an answer was obtained. `fetched_at` is our clock (epoch seconds), `as_of` the system's own."""

    system: str
    fetched_at: float
    mode: str = "LIVE"
    as_of: float | None = None


class Outcome(msgspec.Struct, Generic[R], frozen=True):
    """The answer for one key or one parent: a value (None: there is none), or the reason why we do not know."""

    value: R | None = None
    error: Gap | None = None
    source: Source | None = None


class Call(msgspec.Struct, frozen=True, cache_hash=True):
    """One question to one system. Whatever shares results keys on all of this but `keys`."""

    backend: str
    operation: str
    keys: tuple[Key, ...]
    columns: Columns
    args: tuple[tuple[str, Any], ...] = ()
    subject: str | None = None
    credential: str = "service"
    kind: Kind = Kind.READ


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM: whom we believe (empty: the usual authorities), and who we say we are (empty: nobody)."""

    ca: str = ""
    cert: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one system: everything an adapter takes from the settings. Times are seconds, sizes bytes.

    per_second:  requests in any second; 0: as its adapter states
    floor:       with less time left than this nothing is begun
    largest:     of a reply, unpacked
    """

    base_url: str
    username: str = ""
    password: str = ""
    concurrency: int = 8
    attempt_timeout: float = 2.0
    identity: str = "service"
    options: Mapping[str, str] = field(default_factory=dict)
    per_second: int = 0
    connect_timeout: float = 0.3
    floor: float = 0.0
    largest: int = 5_000_000
    tls: Tls = field(default_factory=Tls)


Run = Callable[..., Awaitable[Mapping[Any, Any]]]


class Operation(Generic[R]):
    """One plural question an adapter can put: what it reads, for how many keys at once, and which columns it knows.

    `columns` maps an attribute of the record (dotted for what hangs below it, `lines.sku`) to the wire columns it is
    made of: it decides what is asked for, and prints as `customer360 sources`. `calls` says what bounds the requests
    for one batch of keys, where one is not enough: it prints as `customer360 explain`. `alone`: keys of one batch save
    each other little or nothing, as where each is a request of its own, so that those of several callers are never put
    into one: all of them would wait for the slowest.
    """

    name: str
    backend: str

    def __init__(
        self,
        run: Run,
        *,
        limit: int,
        columns: Mapping[str, tuple[str, ...]],
        kind: Kind,
        calls: str = "",
        alone: bool = False,
    ) -> None:
        self.run = run
        self.limit = limit
        self.columns = columns
        self.known = frozenset(columns)
        self.kind = kind
        self.calls = calls
        self.alone = alone
        self.__doc__ = run.__doc__

    def __set_name__(self, owner: type[Adapter], name: str) -> None:
        self.name = name
        self.backend = owner.name

    @overload
    def __get__(self, adapter: None, owner: type[Adapter]) -> Operation[R]: ...
    @overload
    def __get__(self, adapter: Adapter, owner: type[Adapter]) -> Run: ...
    def __get__(self, adapter: Adapter | None, owner: type[Adapter]) -> Operation[R] | Run:
        return self if adapter is None else self.run.__get__(adapter, owner)

    def wire_columns(self, columns: Collection[str]) -> list[str]:
        """The wire columns behind some attributes, in the order this operation declares them, each once."""
        wanted = (wire for attribute, wires in self.columns.items() if attribute in columns for wire in wires)
        return list(dict.fromkeys(wanted))


def operation(
    answers: type[R],
    *,
    limit: int,
    columns: Mapping[str, tuple[str, ...]],
    kind: Kind = Kind.READ,
    calls: str = "",
    alone: bool = False,
) -> Callable[[Run], Operation[R]]:
    """Declare a method `async (self, wire, keys, columns, **args) -> {key: answer | BackendError}` an operation.

    `answers` is the type of one key's answer; a key that is missing from the mapping does not exist there.
    """
    del answers  # for the type checker alone
    return lambda run: Operation(run, limit=limit, columns=columns, kind=kind, calls=calls, alone=alone)


class Bears(NamedTuple):
    """What a system can be asked to bear, from everybody here together: requests at the same time, in any second (0: it
    names no number), and in any other stretch, (requests, seconds). The settings may say otherwise of one
    installation."""

    at_once: int = 8
    per_second: int = 0
    stretches: tuple[tuple[int, float], ...] = ()


class Adapter:
    """A system we do not own. Subclasses set `name` and `title` and declare operations; `takes` names the media types
    of its answers, other than JSON, that its language has."""

    name: ClassVar[str]
    title: ClassVar[str]
    bears: ClassVar[Bears] = Bears()
    takes: ClassVar[frozenset[str]] = JSON

    def __init__(self, connection: Connection, transport: Send) -> None:
        self.connection = connection
        self.slots = Slots(connection.concurrency)
        self.pace = Pace(connection.per_second or self.bears.per_second, self.bears.stretches)
        self._transport = transport

    @property
    def delegated(self) -> bool:
        """Whether this system acts on behalf of our caller, and not for us."""
        return self.connection.identity == "caller"

    def wire(self, deadline: Deadline, heard: Heard | None = None, patience: float | None = None) -> Wire:
        """The line to this system; `patience` for one exchange, when it may be longer than the usual."""
        usual, floor = self.connection.attempt_timeout, self.connection.floor
        patience, heard = patience or usual, heard or Heard()
        return Wire(self.name, self._transport, deadline, patience, self.slots, floor, self.pace, self.takes, heard)

    async def perform(self, call: Call, deadline: Deadline, heard: Heard | None = None) -> dict[Key, Outcome[Any]]:
        """Put one question. Every key asked gets an outcome; only `BackendError` is caught."""
        run: Run = getattr(self, call.operation)
        fetched_at = time.time()
        try:
            found = await run(self.wire(deadline, heard), call.keys, call.columns, **dict(call.args))
            if strange := found.keys() - set(call.keys):
                raise Garbled(
                    self.name, f"{call.operation} answered for keys nobody asked: {sorted(map(str, strange))[:3]}"
                )
        except BackendError as error:
            return dict.fromkeys(call.keys, Outcome(error=error))
        source = Source(self.name, fetched_at)
        told = [(key, found.get(key)) for key in call.keys]
        return {key: Outcome(None, one) if isinstance(one, Gap) else Outcome(one, None, source) for key, one in told}
