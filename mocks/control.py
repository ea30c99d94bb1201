"""What every mock has beside its wire format: a request log, faults to order, a ledger of writes (CONTRACTS §6).

`controlled(apps, …)` wraps the mocks of one company. Each then answers, beside its own paths:

    GET    /_mock/requests?since=N    {"requests": [{n, at, method, path, query, operation, columns, keys, status}],
                                       "last": the highest n given out so far}
    DELETE /_mock/requests            forgets them; `n` goes on counting
    GET    /_mock/faults              {"fault": what is in force, or null}
    POST   /_mock/faults              one order (see `mocks.faults`); replaces the one before, `{}` clears
    GET    /_mock/ledger              {"ledger": [{n, at, …what was written}]}
    POST   /_mock/consent             {key, agreed}: what a person says about being marketed to, as if to the staff of
                                      that system; only where the app has `state.consent`
    GET    /_mock/callers             {"callers": [{name, phone}]}: people to try first; where it has `state.callers`

A request is logged once for every `note` (each part of a `$batch` is a question of its own), when its answer starts;
`status` is null when none did. Bounds: the last 4,096 questions and 65,536 writes are kept, a query's first 16,384
characters.

`refuse` closes a listener, and a closed listener cannot be told to open again. So every mock also answers for the
others: `?mock=siebel` on any control path of any mock means siebel's. A mock that runs alone takes `refuse` only with
a value, the seconds until it opens by itself.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.faults import BadOrder, Fault, Order, connected, read, reset

PREFIX = "/_mock/"
REQUESTS_KEPT = 4_096
WRITES_KEPT = 65_536
QUERY_KEPT = 16_384
LARGEST_ORDER = 65_536
CALLERS = 3


def note(request: Request, operation: str, columns: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
    """Tell the request log what a request asked for, in the system's own words. Once for each question in it."""
    asked = {"operation": operation, "columns": sorted(columns), "keys": [str(key) for key in keys]}
    request.scope.setdefault("mock.asked", []).append(asked)


def wrote(request: Request, entry: dict[str, object]) -> None:
    """Put a write into the ledger (`GET /_mock/ledger`)."""
    request.scope.setdefault("mock.ledger", []).append(entry)


def login_epoch(request: Request) -> int:
    """Counts the `expire-login` faults so far. A token or cookie is void when the epoch it was issued in is over."""
    epoch: int = request.scope.get("mock.login", 0)
    return epoch


class Consent(Protocol):
    """Where a system that keeps what people agreed to writes it down (`app.state.consent`)."""

    def say(self, key: str, agreed: bool) -> bool:
        """Of the person with this key there. False when nobody has it."""
        ...


class Caller(Protocol):
    """Somebody whom a system knows by their telephone number."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Door(Protocol):
    """The listener of a served mock, as far as `refuse` is concerned."""

    def close(self) -> None: ...
    async def open(self) -> None: ...


class Desk:
    """What one mock remembers of what was asked and written, and the trouble ordered for it."""

    def __init__(self, app: ASGIApp, seed: int) -> None:
        self.app = app
        self.seed = seed
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        self.writes: deque[dict[str, Any]] = deque(maxlen=WRITES_KEPT)
        self.fault: Fault | None = None
        self.epoch = 0
        self.door: Door | None = None
        self._asked = 0
        self._written = 0
        self._reopening: asyncio.Task[None] | None = None

    @property
    def refusing(self) -> bool:
        return self.fault is not None and self.fault.order.kind == "refuse"

    @property
    def last(self) -> int:
        """Number of the question asked last."""
        return self._asked

    @property
    def callers(self) -> Callable[[int], Sequence[Caller]] | None:
        known: Callable[[int], Sequence[Caller]] | None = getattr(getattr(self.app, "state", None), "callers", None)
        return known

    @property
    def consent(self) -> Consent | None:
        kept: Consent | None = getattr(getattr(self.app, "state", None), "consent", None)
        return kept

    def log(self, scope: Scope, status: int | None) -> None:
        query = scope["query_string"].decode("latin-1")[:QUERY_KEPT]
        shown = {"method": scope["method"], "path": scope["path"], "query": query}
        for asked in scope["mock.asked"] or [{"operation": None, "columns": [], "keys": []}]:
            self._asked += 1
            self.requests.append({"n": self._asked, "at": _moment(), **shown, **asked, "status": status})

    def book(self, scope: Scope) -> None:
        for entry in scope["mock.ledger"]:
            self._written += 1
            self.writes.append({**entry, "n": self._written, "at": _moment()})
        scope["mock.ledger"].clear()

    async def put(self, order: Order | None) -> None:
        """Put an order in force, in place of the one before; when this returns the listener is as ordered."""
        was_refusing = self.refusing
        if self._reopening is not None and self._reopening is not asyncio.current_task():
            self._reopening.cancel()
        self._reopening = None
        self.fault = None if order is None else Fault(order, self.seed)
        if self.refusing and not was_refusing and self.door is not None:
            self.door.close()
        if was_refusing and not self.refusing and self.door is not None:
            await self.door.open()
        if self.refusing and order is not None and order.value is not None:
            self._reopening = asyncio.create_task(self._reopen(order.value))

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.put(None)

    def close(self) -> None:
        """The mock is going away: nothing will open it again."""
        if self._reopening is not None:
            self._reopening.cancel()


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_mock/consent`."""

    key: str
    agreed: bool


class Controlled:
    """A mock with its desk: control paths are answered here, all others by the mock, as the fault in force allows."""

    def __init__(self, desk: Desk, control: ASGIApp) -> None:
        self.desk = desk
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.desk.app(scope, receive, send)
        elif scope["path"].startswith(PREFIX):
            await self._control(scope, receive, send)
        elif self.desk.refusing:
            await self._refuse(send)
        else:
            await self._serve(scope, receive, send)

    async def _refuse(self, send: Send) -> None:
        if self.desk.door is None:  # in-process: this is the connection attempt
            raise ConnectionRefusedError("connection refused by an ordered fault")
        await reset(send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk = self.desk
        fault = desk.fault if desk.fault is not None and desk.fault.hits(_target(scope)) else None
        if fault is not None and fault.order.kind == "expire-login":
            desk.epoch += 1
        scope = {**scope, "mock.asked": [], "mock.ledger": [], "mock.login": desk.epoch, "mock.wire": send}
        started = False

        async def logged(message: Message) -> None:
            nonlocal started
            desk.book(scope)
            if not started:  # before it is sent: who has the answer in hand finds it in the log
                started = True
                desk.log(scope, message.get("status"))
            await send(message)

        try:
            if fault is None:
                await desk.app(scope, receive, logged)
            else:
                await fault.strike(desk.app, scope, receive, logged)
        except asyncio.CancelledError:  # the server stops: to the caller that is a lost connection, not a 500
            if not connected(send):
                raise
            await reset(send)
        finally:
            desk.book(scope)
            if not started:
                desk.log(scope, None)


def controlled(
    apps: Mapping[str, ASGIApp], *, secret: str | None = None, open_control: bool = False, seed: int = 0
) -> dict[str, Controlled]:
    """Give every mock a desk. Control calls need `secret` in `X-Mock-Secret` unless `open_control`."""
    if not secret and not open_control:
        raise ValueError("control of the mocks needs a secret, or has to be opened on purpose")
    desks = {name: Desk(app, seed) for name, app in apps.items()}
    key = None if open_control else secret
    return {name: Controlled(desk, _Control(name, desks, key).app) for name, desk in desks.items()}


class _Control:
    """The control paths of one mock: for its own desk, or with `?mock=NAME` for another's."""

    def __init__(self, name: str, desks: Mapping[str, Desk], secret: str | None) -> None:
        self._name = name
        self._desks = desks
        self._secret = secret
        routes = [
            Route("/_mock/requests", self.requests, methods=["GET", "DELETE"]),
            Route("/_mock/faults", self.faults, methods=["GET", "POST"]),
            Route("/_mock/ledger", self.ledger, methods=["GET"]),
            Route("/_mock/consent", self.consent, methods=["POST"]),
            Route("/_mock/callers", self.callers, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: _refusal})

    async def requests(self, request: Request) -> Response:
        desk = self._desk(request)
        if request.method == "DELETE":
            desk.requests.clear()
            return Response(status_code=204)
        since = _whole(request.query_params, "since")
        asked = [entry for entry in list(desk.requests) if entry["n"] > since]
        return JSONResponse({"requests": asked, "last": desk.last})

    async def faults(self, request: Request) -> Response:
        desk = self._desk(request)
        if request.method == "POST":
            await desk.put(self._order(await _body(request)))
        return JSONResponse({"fault": None if desk.fault is None else _shown(desk.fault.order)})

    async def ledger(self, request: Request) -> Response:
        return JSONResponse({"ledger": list(self._desk(request).writes)})

    async def consent(self, request: Request) -> Response:
        kept = self._desk(request).consent
        if kept is None:
            raise HTTPException(404, "this system does not keep what people agreed to")
        said = _said(await _body(request))
        if not kept.say(said.key, said.agreed):
            raise HTTPException(404, "nobody has this key here")
        return JSONResponse({"key": said.key, "agreed": said.agreed})

    async def callers(self, request: Request) -> Response:
        known = self._desk(request).callers
        if known is None:
            raise HTTPException(404, "this system knows nobody by telephone")
        shown = [{"name": f"{one.first_name} {one.last_name}", "phone": one.phone} for one in known(CALLERS)]
        return JSONResponse({"callers": shown})

    def _order(self, body: bytes) -> Order | None:
        try:
            order = read(body)
        except BadOrder as error:
            raise HTTPException(400, f"no such fault: {error}") from error
        if order is not None and order.kind == "refuse" and order.value is None and len(self._desks) == 1:
            raise HTTPException(400, "no other mock is there to clear this: give refuse a value, the seconds it lasts")
        return order

    def _desk(self, request: Request) -> Desk:
        given = Headers(scope=request.scope).get("x-mock-secret", "")
        if self._secret is not None and not hmac.compare_digest(given.encode("latin-1"), self._secret.encode()):
            raise HTTPException(401, "control needs the secret printed at the start, in the header X-Mock-Secret")
        name = request.query_params.get("mock", self._name)
        if name not in self._desks:
            raise HTTPException(404, f"no mock of that name; there are {', '.join(sorted(self._desks))}")
        return self._desks[name]


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_ORDER:
            raise HTTPException(413, f"an order has at most {LARGEST_ORDER} bytes")
    return body


def _said(body: bytes) -> Said:
    try:
        return msgspec.json.decode(body, type=Said)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"send a key, and whether that person agreed: {error}") from error


async def _refusal(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": detail}, status, headers)


def _shown(order: Order) -> dict[str, object]:
    return {name: value for name in order.__struct_fields__ if (value := getattr(order, name)) is not None}


def _whole(params: QueryParams, name: str) -> int:
    text = params.get(name, "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise HTTPException(400, f"{name} is a whole number")
    return int(text)


def _target(scope: Scope) -> str:
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
