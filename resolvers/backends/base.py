"""What every adapter shares: the question (`Call`), the answer (`Outcome`), the wire, and how a system can let us down.

    Gap                    why a value is missing, though the caller may see it
    ├─ Ambiguous           AMBIGUOUS            several rows fit, and we will not guess
    ├─ Unusable            BAD_VARIABLE         the caller's own value cannot be used; the text says why
    └─ BackendError        the text is for our log, never for a caller
       ├─ Unavailable      BACKEND_UNAVAILABLE  no connection, connection lost, 5xx; worth trying again
       │  ├─ TimedOut      BACKEND_TIMEOUT      no complete answer within the attempt's time
       │  └─ Overdue       DEADLINE             the operation's own time is used up
       ├─ Throttled        BACKEND_THROTTLED    it asked us to come back later
       ├─ Refused          BACKEND_REFUSED      it understood us and said no: our request or our credentials
       └─ Garbled          BACKEND_GARBLED      it answered, but not in its own format

An adapter is a class with `Operation`s. An operation takes many keys and gives an answer for each, or raises one of
the errors above for all of them; per-key errors are returned as values. It asks only for the columns it is given.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Generator, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast, overload

import msgspec

R = TypeVar("R")
Key = Hashable
Columns = frozenset[str]

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""W3C Trace Context of the operation a task works for. Transports send it along, so that a trace that began before us
goes on behind us; it follows tasks by itself, and is no part of a `Call`, whose answer may serve several operations."""


class Gap(Exception):
    """A value that is missing for a stated cause. `code` and `reason` are the published words for it."""

    code: ClassVar[str] = "INTERNAL"
    reason: ClassVar[str] = "NOT_LOADED"
    retryable: ClassVar[bool] = False
    system: str | None = None
    retry_after: float | None = None


class Ambiguous(Gap):
    code = "AMBIGUOUS"
    reason = "AMBIGUOUS"


class Unusable(Gap):
    code = "BAD_VARIABLE"


class BackendError(Gap):
    code = "BACKEND_UNAVAILABLE"
    reason = "UNAVAILABLE"

    def __init__(self, system: str, why: str, retry_after: float | None = None) -> None:
        super().__init__(f"{system}: {why}")
        self.system = system
        self.retry_after = retry_after


class Unavailable(BackendError):
    retryable = True


class TimedOut(Unavailable):
    code = "BACKEND_TIMEOUT"


class Overdue(Unavailable):
    code = "DEADLINE"


class Throttled(BackendError):
    code = "BACKEND_THROTTLED"
    retryable = True


class Refused(BackendError):
    code = "BACKEND_REFUSED"


class Garbled(BackendError):
    code = "BACKEND_GARBLED"


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


class Call(msgspec.Struct, frozen=True):
    """One question to one system. Whatever shares results keys on all of this but `keys`."""

    backend: str
    operation: str
    keys: tuple[Key, ...]
    columns: Columns
    args: tuple[tuple[str, Any], ...] = ()
    subject: str | None = None
    credential: str = "service"
    kind: Kind = Kind.READ


class Deadline:
    """The moment an operation has to be answered by, on the monotonic clock."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def remaining(self) -> float:
        return self.at - time.monotonic()


class Request(msgspec.Struct, frozen=True):
    """One HTTP request. `target` is the path with its query string, already percent-encoded."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def asked(self) -> str:
        """For logs: the query string holds personal values, so it is not in here."""
        return f"{self.method} {self.target.partition('?')[0]}"


class Reply(msgspec.Struct, frozen=True):
    """One HTTP reply, read to its end and decoded from its content encoding. Header names are lower case; repeated
    headers are listed in `cookies` (Set-Cookie) or joined by commas (all others)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class Unreadable(Exception):
    """The system answered, but not in a way that can be taken: wrongly packed, or cut off inside its packing."""


class TooLarge(Unreadable):
    """The answer, unpacked, is larger than we accept."""


class Send(Protocol):
    """The transport seam. Raises TimeoutError, ConnectionError or Unreadable; never follows a redirect."""

    async def __call__(self, request: Request, timeout: float) -> Reply: ...  # noqa: ASYNC109 - part of the seam


Flow = Generator[Request, Reply, R]
"""A conversation without I/O: yields requests, is sent replies, returns what came of it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one system: everything an adapter takes from the settings."""

    base_url: str
    username: str = ""
    password: str = ""
    concurrency: int = 8
    attempt_timeout: float = 2.0
    identity: str = "service"
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wire:
    """The line an operation talks through: the transport, the time left, and the system's name for errors."""

    system: str
    transport: Send
    deadline: Deadline
    attempt_timeout: float
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))

    async def send(self, request: Request) -> Reply:
        """One request, in its turn: waiting for a slot costs the caller's time, not the attempt's."""
        try:
            async with asyncio.timeout(max(self.deadline.remaining(), 0)):
                await self.slots.acquire()
        except TimeoutError as error:
            raise Overdue(self.system, f"no slot before the deadline for {request.asked}") from error
        try:
            return await self._attempt(request)
        finally:
            self.slots.release()

    async def _attempt(self, request: Request) -> Reply:
        left = self.deadline.remaining()
        if left <= 0:
            raise Overdue(self.system, "no time left to ask")
        patience = min(left, self.attempt_timeout)
        try:
            async with asyncio.timeout(patience):
                return await self.transport(request, patience)
        except TimeoutError as error:
            kind = Overdue if left <= self.attempt_timeout else TimedOut
            raise kind(self.system, f"no answer within {patience:.3f} s to {request.asked}") from error
        except ConnectionError as error:
            raise Unavailable(self.system, f"{type(error).__name__} for {request.asked}") from error
        except Unreadable as error:
            raise Garbled(self.system, f"{error} for {request.asked}") from error

    async def follow(self, flow: Flow[R]) -> R:
        """Carry a sans-I/O conversation to its end."""
        try:
            request = next(flow)
            while True:
                request = flow.send(await self.send(request))
        except StopIteration as done:
            return cast(R, done.value)

    def decode(self, body: bytes, shape: type[R]) -> R:
        """Bytes → typed records. Anything that does not fit, nesting without end included, is `Garbled`."""
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Garbled(self.system, f"{type(error).__name__}: {error}") from error


class Pass(msgspec.Struct, frozen=True):
    """What a login gave us: headers to send along, and until when (monotonic seconds; None: until it is refused)."""

    headers: tuple[tuple[str, str], ...]
    expires_at: float | None = None


class Login:
    """A pass shared by all callers: obtained once for everybody who waits, and renewed before it expires."""

    def __init__(self, flow: Callable[[], Flow[Pass]], margin: float = 30.0) -> None:
        self._flow = flow
        self._margin = margin
        self._pass: Pass | None = None
        self._lock = asyncio.Lock()

    async def current(self, wire: Wire) -> Pass:
        if held := self._usable():
            return held
        try:
            async with asyncio.timeout(max(wire.deadline.remaining(), 0)), self._lock:
                if held := self._usable():
                    return held
                self._pass = await wire.follow(self._flow())
                return self._pass
        except TimeoutError as error:
            raise Overdue(wire.system, "no time left to wait for the login") from error

    def refused(self, held: Pass) -> None:
        """The system no longer takes this pass. A newer one, obtained meanwhile, is kept."""
        if self._pass is held:
            self._pass = None

    def _usable(self) -> Pass | None:
        held = self._pass
        if held is None or (held.expires_at is not None and time.monotonic() > held.expires_at - self._margin):
            return None
        return held


Run = Callable[..., Awaitable[Mapping[Any, Any]]]


class Operation(Generic[R]):
    """One plural question an adapter can put: what it reads, for how many keys at once, and which columns it knows.

    `columns` maps an attribute of the record (dotted for what hangs below it, `lines.sku`) to the wire columns it is
    made of: it decides what is asked for, and prints as `customer360 sources`. `calls` says what bounds the requests
    for one batch of keys, where one is not enough: it prints as `customer360 explain`.
    """

    name: str
    backend: str

    def __init__(
        self, run: Run, *, limit: int, columns: Mapping[str, tuple[str, ...]], kind: Kind, calls: str = ""
    ) -> None:
        self.run = run
        self.limit = limit
        self.columns = columns
        self.kind = kind
        self.calls = calls
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
    answers: type[R], *, limit: int, columns: Mapping[str, tuple[str, ...]], kind: Kind = Kind.READ, calls: str = ""
) -> Callable[[Run], Operation[R]]:
    """Declare a method `async (self, wire, keys, columns, **args) -> {key: answer | BackendError}` an operation.

    `answers` is the type of one key's answer; a key that is missing from the mapping does not exist there.
    """
    del answers  # for the type checker alone
    return lambda run: Operation(run, limit=limit, columns=columns, kind=kind, calls=calls)


class Adapter:
    """A system we do not own. Subclasses set `name` and `title` and declare operations."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, connection: Connection, transport: Send) -> None:
        self.connection = connection
        self.slots = asyncio.Semaphore(connection.concurrency)
        self._transport = transport

    def wire(self, deadline: Deadline) -> Wire:
        return Wire(self.name, self._transport, deadline, self.connection.attempt_timeout, self.slots)

    async def perform(self, call: Call, deadline: Deadline) -> dict[Key, Outcome[Any]]:
        """Put one question. Every key asked gets an outcome; only `BackendError` is caught."""
        run: Run = getattr(self, call.operation)
        fetched_at = time.time()
        try:
            found = await run(self.wire(deadline), call.keys, call.columns, **dict(call.args))
            if strange := found.keys() - set(call.keys):
                raise Garbled(
                    self.name, f"{call.operation} answered for keys nobody asked: {sorted(map(str, strange))[:3]}"
                )
        except BackendError as error:
            return dict.fromkeys(call.keys, Outcome(error=error))
        source = Source(self.name, fetched_at)
        return {key: _outcome(found.get(key), source) for key in call.keys}


def _outcome(answer: Any, source: Source) -> Outcome[Any]:
    return Outcome(error=answer) if isinstance(answer, Gap) else Outcome(answer, None, source)
