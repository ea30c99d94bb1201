"""The wire: one HTTP exchange after another, each in its turn, at the system's own pace, and for a limited time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

import msgspec

from resolvers.backends.base.gaps import Garbled, Overdue, Paced, Refused, TimedOut, Unavailable
from resolvers.backends.base.timing import Deadline, Pace, Slots, Until

R = TypeVar("R")
JSON = frozenset({"application/json"})

LONGEST = 16_000
"""Characters of an address. Adapters ask for keys in portions of fewer; a caller's own text can make more of it."""

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""W3C Trace Context of the operation a task works for. Transports send it along, so that a trace that began before us
goes on behind us; it follows tasks by itself, and is no part of a `Call`, whose answer may serve several operations."""

ON_BEHALF: ContextVar[Callable[[str], str] | None] = ContextVar("on_behalf", default=None)
"""What we say of the caller that a task works for, signed for one audience. Only transports of systems that act on
behalf of callers send it; what comes of it is shared by `Call.subject`."""


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


class Unheard(ConnectionError):
    """No connection, or one that ended before the first byte of an answer."""


class Send(Protocol):
    """The transport seam. Raises TimeoutError, ConnectionError or Unreadable; never follows a redirect.

    timeout:  seconds after which nobody waits for the answer any more; systems are told"""

    async def __call__(self, request: Request, timeout: float) -> Reply: ...  # noqa: ASYNC109 - part of the seam


Flow = Generator[Request, Reply, R]
"""A conversation without I/O: yields requests, is sent replies, returns what came of it."""


@dataclass(slots=True)
class Heard:
    """What one attempt at a call heard of the system: its slowest exchange, the bytes of all replies, and whether a
    server in between said that the system was not there (502, 503, 504)."""

    slowest: float = 0.0
    size: int = 0
    absent: bool = False

    def reply(self, reply: Reply) -> None:
        self.size += len(reply.body)
        if 502 <= reply.status <= 504:
            self.absent = True


class Wire(msgspec.Struct, frozen=True):
    """The line an operation talks through: the transport, the time left, and the system's name for errors."""

    system: str
    transport: Send
    deadline: Deadline
    attempt_timeout: float
    slots: Slots = msgspec.field(default_factory=lambda: Slots(8))
    floor: float = 0.0
    pace: Pace = msgspec.field(default_factory=lambda: Pace(0))
    takes: frozenset[str] = JSON
    heard: Heard = msgspec.field(default_factory=Heard)

    async def send(self, request: Request) -> Reply:
        """One request, in its turn: waiting for a slot costs the caller's time, not the attempt's."""
        if len(request.target) > LONGEST:  # servers hang up on it, and a breaker would take that for theirs
            told = f"{request.asked[:100]}… has an address of {len(request.target)} characters, so it is not sent"
            raise Refused(self.system, told)
        if not self.slots.taken():
            try:
                with Until(self.deadline):
                    await self.slots.turn()
            except TimeoutError as error:
                raise Overdue(self.system, f"no slot before the deadline for {request.asked}") from error
        try:
            if wait := self.pace.wait():
                await self._paced(wait, request)
            else:
                self.pace.took(0.0)
            return self._taken(await self._attempt(request))
        finally:
            self.slots.free()

    async def _paced(self, wait: float, request: Request) -> None:
        if wait + self.floor > self.deadline.remaining():
            raise Paced(self.system, f"as many as it takes in a second, so {request.asked} is not sent", wait)
        self.pace.took(wait)
        await asyncio.sleep(wait)

    async def _attempt(self, request: Request) -> Reply:
        left = self.deadline.remaining()
        if left <= self.floor:
            raise Overdue(self.system, "no time left to ask")
        begun = time.monotonic()
        try:
            with Until(self.deadline, self.attempt_timeout):
                return await self.transport(request, min(left, self.attempt_timeout))
        except TimeoutError as error:
            kind = Overdue if self.deadline.at <= begun + self.attempt_timeout else TimedOut
            raise kind(self.system, f"no answer within {time.monotonic() - begun:.3f} s to {request.asked}") from error
        except ConnectionError as error:
            lost = Unavailable(self.system, f"{type(error).__name__} for {request.asked}")
            lost.unheard = isinstance(error, Unheard)
            raise lost from error
        except Unreadable as error:
            raise Garbled(self.system, f"{error} for {request.asked}") from error
        finally:
            self.heard.slowest = max(self.heard.slowest, time.monotonic() - begun)

    def _taken(self, reply: Reply) -> Reply:
        """A success of another kind than the system's own is somebody else's page: a login form, a proxy's excuse."""
        self.heard.reply(reply)
        kind = reply.headers.get("content-type", "")
        if kind and reply.body and 200 <= reply.status < 300:
            media = kind.partition(";")[0].strip().lower()
            if media not in self.takes and not media.endswith("+json"):
                raise Garbled(self.system, f"{reply.status} of type {media[:60]!r}")
        return reply

    async def follow(self, flow: Flow[R]) -> R:
        """Carry a sans-I/O conversation to its end."""
        try:
            request = next(flow)
            while True:
                request = flow.send(await self.send(request))
        except StopIteration as done:
            return cast(R, done.value)

    def decode(self, body: bytes, shape: type[R] | msgspec.json.Decoder[R]) -> R:
        """Bytes → typed records. Anything that does not fit, nesting without end included, is `Garbled`. A decoder has
        its type looked up already."""
        try:
            return (
                shape.decode(body) if isinstance(shape, msgspec.json.Decoder) else msgspec.json.decode(body, type=shape)
            )
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
        if held := self.usable():
            return held
        try:
            with Until(wire.deadline):
                return await self._renewed(wire)
        except TimeoutError as error:
            raise Overdue(wire.system, "no time left to wait for the login") from error

    def refused(self, held: Pass) -> None:
        """The system no longer takes this pass. A newer one, obtained meanwhile, is kept."""
        if self._pass is held:
            self._pass = None

    async def _renewed(self, wire: Wire) -> Pass:
        async with self._lock:
            if held := self.usable():
                return held
            self._pass = await wire.follow(self._flow())
            return self._pass

    def usable(self) -> Pass | None:
        """What we hold, unless it has expired or is about to."""
        held = self._pass
        if held is None or (held.expires_at is not None and time.monotonic() > held.expires_at - self._margin):
            return None
        return held
