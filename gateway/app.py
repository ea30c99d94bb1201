"""The composition root: the one module that knows every part by name.

`create_app` puts any graph behind the gateway: a Strawberry schema in this vocabulary, its bindings, its backends.
`open_app` is the customer graph, with every connection taken from the settings.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import strawberry
from graphql import is_input_object_type
from starlette.applications import Starlette
from starlette.types import ASGIApp

import schema
from gateway.about import about
from gateway.auth import SCOPE, Principal
from gateway.auth.delegation import Delegation
from gateway.auth.door import Believer
from gateway.auth.issuers import issuers
from gateway.auth.keys import given_key
from gateway.auth.tokens import dev_tokens
from gateway.callers import Callers
from gateway.docs import Book
from gateway.engine.consistent import problems
from gateway.engine.cursors import Sealer
from gateway.engine.fresh import Ages
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.once import Once
from gateway.engine.views import Views, printed
from gateway.errors import Refusal
from gateway.examples import Example, examples
from gateway.pipeline import Pipeline
from gateway.policy import PARTNERS, BadPolicy, Policy
from gateway.policy.reading import tables
from gateway.prepare import Preparation
from gateway.server import bearer, create_routes
from gateway.server.metrics import Metrics
from gateway.server.personas import Personas
from gateway.server.resource import Resource, published
from gateway.server.stage import Stage
from gateway.server.threshold import Threshold
from gateway.settings import Settings, SettingsError
from gateway.store import Store
from gateway.store.register import Register
from gateway.stored import SETTING, stored, unusable
from gateway.traffic import Line, Traffic
from gateway.traffic.cache import Cache
from gateway.traffic.controls import Controls
from gateway.traffic.door import Entered, Places
from gateway.traffic.flush import Flushes
from gateway.traffic.proof import Proof
from gateway.traffic.quota import Quotas
from gateway.traffic.switch import Switch
from gateway.traffic.transport import close_transports, open_transports
from gateway.traffic.tuning import Tuning
from gateway.trail.opening import open_reader, open_trail
from gateway.trail.trail import Trail
from gateway.watch.metrics import registry
from gateway.watch.sparing import Sparing
from resolvers import rules
from resolvers.backends.base import Adapter, Connection, Reply, Request
from resolvers.backends.contentful import Contentful
from resolvers.backends.discourse import Discourse
from resolvers.backends.fedex import Fedex
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.partner_hub import PartnerHub
from resolvers.backends.remedy import Remedy
from resolvers.backends.sap import Sap
from resolvers.backends.siebel import Siebel
from resolvers.backends.ups import Ups
from resolvers.binding import Bindings
from resolvers.crossref import Crossref
from resolvers.freshness import Freshness
from resolvers.order_to_cash_index import Index
from resolvers.people import current_id
from resolvers.viewer import SourceState
from resolvers.whole import bindings as customer_bindings
from schema import Category

FACTS = 5.0
"""Seconds that what row rules compare, and what somebody agreed to, may be old at most, whatever a setting says."""

ADAPTERS: tuple[type[Adapter], ...] = (
    Siebel,
    OracleOM,
    Sap,
    Remedy,
    Contentful,
    NetSuite,
    HubSpot,
    Discourse,
    PartnerHub,
    Fedex,
    Ups,
)


@dataclass(slots=True)
class App:
    """A gateway ready to serve. `asgi` serves it, and closes what it opened when the server stops. `secret`: of this
    start, for whoever started it in dev mode (`gateway.server.personas`)."""

    asgi: Starlette
    pipeline: Pipeline
    graph: Graph
    policy: Policy
    settings: Settings
    declared: strawberry.Schema
    backends: Mapping[str, Adapter]
    ready: bool = True
    secret: str = field(default="", repr=False)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def stop(self) -> None:
        """Not ready from this moment on; what this app opened is closed."""
        self.ready = False
        while self.closers:
            await self.closers.pop()()


def create_app(
    declared: strawberry.Schema,
    bindings: Bindings,
    backends: Mapping[str, Adapter],
    policy: Policy,
    settings: Settings,
    *,
    facts: Mapping[str, Any] | None = None,
    current: Callable[[str], str] = str,
    disabled: frozenset[str] = frozenset(),
    register: Register | None = None,
    begin: Sequence[Example] = (),
    trail: Trail | None = None,
) -> App:
    """Any graph behind the gateway.

    facts:    what its resolvers find in `ask.context.facts`, by name
    current:  turns the key a token names into the one that row rules compare with today, where keys of rows can change
    register: what is kept of partners; the policy's partners are in it then
    begin:    questions to begin with
    trail:    records who has seen whom

    Raises `Unbound`, `Unclassified` or `Overpromised` for a graph with a hole in it, and `BadPolicy` for a policy that
    does not fit it, before anything is served.
    """
    graph = Graph.build(declared, bindings, ages_of(settings))
    for problem in problems(graph, policy):
        raise BadPolicy(problem)
    places = Places.of(settings)
    verify = believer(settings, policy, register)
    quotas = Quotas.of(settings, policy.partners)
    traffic = Traffic.over(
        backends,
        Switch(disabled, settings.state_dir),
        Cache(settings.number("cache.bytes"), settings.seconds("cache.negative_ms")),
        partial(Tuning.of, settings),
        Flushes(settings.state_dir),
    )
    once = Once(settings.number("plans.cache"), settings.number("plans.memory_mb") * 2**20)
    resource = Resource.of(settings, (SCOPE, *policy.scopes))
    delegation = Delegation.of(settings, resource.url)
    callers = Callers(
        policy,
        Views.over(graph),
        deadlines={group: settings.seconds(f"deadline.{group}_ms") for group in ("staff", "partner")},
        label_key=settings.key("cursors.key"),
        current=current,
        delegation=delegation,
    )
    pipeline = Pipeline(
        callers,
        prepared=Preparation(graph, limits_of(settings), once, recorded=trail is not None),
        traffic=traffic,
        sealer=Sealer(settings.key("cursors.key")),
        now=settings.clock(),
        facts={"sources": lambda: _sources(traffic), **(facts or {})},
        places=places,
        warn=Sparing(logging.getLogger("gateway.engine"), settings.number("log.repeat_s")),
        trail=trail,
    )
    warm(pipeline, settings)
    asgi = create_routes(
        pipeline,
        verify,
        settings,
        lambda principal: printed(declared, callers.view(principal)),
        lambda: app.ready,
        partial(_door, quotas, places, callers),
        frozenset({SCOPE, *policy.scopes}),
        full=places.shut,
        about=partial(about, callers, graph, begin),
        books=partial(Book.read_by, graph, policy),
        objects={name for name, kind in graph.schema.type_map.items() if is_input_object_type(kind)},
    )
    asgi.router.routes.append(
        Metrics(
            registry(traffic, places, verify, quotas, trail),
            verify,
            callers.informed,
            bearer,
            _scraper(settings.text("metrics.key")),
        ).route()
    )
    if delegation is not None:
        asgi.router.routes.append(published(delegation.document()))
    app = App(
        asgi,
        pipeline,
        graph,
        policy,
        settings,
        declared,
        backends,
        closers=[partial(_close, once), traffic.aclose, verify.aclose],
    )
    asgi.router.lifespan_context = _lifespan(app)
    return app


def open_app(
    settings: Settings,
    mount: Mapping[str, ASGIApp] | None = None,
    declared: strawberry.Schema | None = None,
    written: Policy | None = None,
) -> App:
    """The customer graph. Backends named in `mount` are ASGI apps in this process instead of addresses. `declared` is
    its schema, and `written` its policy without partners, where a process that opens several apps has them already."""
    connections = settings.connections()
    transports = open_transports(connections, mount, settings.text("traffic.transport"))
    backends = {
        kind.name: kind(connections[kind.name], transports[kind.name])
        if kind.name in connections
        else kind(Connection(""), _nowhere)
        for kind in ADAPTERS
    }
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    crossref = Crossref(settings.state_dir / "crossref.sqlite", settings.key("cursors.key"))
    orders = Index(settings.state_dir / "orders.sqlite")
    (policy, register), begin = registered(settings, written), examples()
    trail = open_trail(settings)
    app = create_app(
        declared or schema.build(),
        customer_bindings(),
        backends,
        policy,
        settings,
        facts={"crossref": crossref, "orders": orders, "rules": rules.read(), "trail": open_reader(settings)},
        current=partial(current_id, crossref),
        disabled=frozenset(backends.keys() - connections.keys()),
        register=register,
        begin=begin,
        trail=trail,
    )
    if settings.dev:
        app.secret = secrets.token_urlsafe(24)
        proof = Proof.of(settings, transports)
        threshold = Threshold(app.secret, proof.stranger)
        controls = Controls(transports, settings.text("mocks.secret"))
        personas = Personas(dev_tokens(settings, policy.roles), policy, threshold, begin)
        stage = Stage(threshold, controls, app.pipeline.traffic.lines)
        app.asgi.router.routes.extend([*personas.routes(), *stage.routes()])
    app.closers[:0] = [
        trail.close,
        partial(_close, crossref),
        partial(_close, orders),
        partial(_close, register.store),
        partial(close_transports, transports),
    ]
    return app


def believer(settings: Settings, policy: Policy, register: Register | None = None) -> Believer:
    """What checks the tokens of requests. Raises `SettingsError` for an issuer that cannot be used."""
    dev = dev_tokens(settings, policy.roles) if settings.dev else None
    return Believer(dev, {one.url: one for one in issuers(settings, policy.roles)}, policy.partners, register)


def registered(settings: Settings, written: Policy | None = None) -> tuple[Policy, Register]:
    """The policy, with the partners that are in the store; in dev mode it begins with those of `partners.toml`."""
    policy = written or Policy.read(partners=None)
    register = Register(Store(settings.state_dir), policy)
    if settings.dev:
        register.begin(tables(PARTNERS))
    return replace(policy, partners=register), register


def _door(quotas: Quotas, places: Places, callers: Callers, principal: Principal) -> Entered:
    return Entered(quotas.request(principal), places.question(callers.group(principal)))


def limits_of(settings: Settings) -> Limits:
    """What a document may cost here."""
    return Limits(
        tokens=settings.number("limits.max_tokens"),
        operations=settings.number("limits.max_operations"),
        fragments=settings.number("limits.max_fragments"),
        directives=settings.number("limits.max_directives"),
        depth=settings.number("limits.max_depth"),
        aliases=settings.number("limits.max_aliases"),
        root_fields=settings.number("limits.max_root_fields"),
        fields=settings.number("limits.max_fields"),
        given=settings.number("limits.max_given"),
        rows=settings.number("limits.list_product"),
        values=settings.number("limits.values"),
    )


def warm(pipeline: Pipeline, settings: Settings) -> None:
    """Prepare the stored operations for every class of callers. Raises `SettingsError` when one would be refused."""
    folder = settings.path(SETTING)
    classes = tuple(pipeline.callers.classes()) if folder else ()
    for file, text in stored(folder) if folder else ():
        try:
            for spelled in {text, text.strip()}:  # clients send a file whole, or without the end of its last line
                pipeline.prepared.warm(classes, spelled)
        except Refusal as refusal:
            raise unusable(file, refusal) from refusal


def _scraper(key: str) -> bytes:
    return given_key("metrics.key", key) if key else b""


def ages_of(settings: Settings) -> Ages:
    """How old answers may be here, by category."""
    by_category = {
        one: _age(settings, f"cache.{one.value}") for one in Category if f"cache.{one.value}" in settings.rows
    }
    if Category.CONSENT in by_category:
        by_category[Category.CONSENT] = _at_most(by_category[Category.CONSENT])
    return Ages(by_category, _at_most(_age(settings, "cache.ownership")))


def _at_most(age: Freshness) -> Freshness:
    return Freshness(*(min(seconds, FACTS) for seconds in age))


def _age(settings: Settings, name: str) -> Freshness:
    parts = settings.text(name).split("/")
    try:
        age = Freshness(*(float(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        age = None
    if age is None or not all(0 <= seconds < float("inf") for seconds in age):
        raise SettingsError(f"{name}: {settings.text(name)!r} is not three numbers of seconds such as 30/0/300")
    return age


def _sources(traffic: Traffic) -> list[SourceState]:
    return [_source(name, line) for name, line in sorted(traffic.lines.items())]


def _source(name: str, line: Line) -> SourceState:
    seen = line.tally
    return SourceState(
        name,
        line.adapter.title,
        line.enabled,
        seen.up,
        seen.last_success_at,
        seen.last_failure_at,
        line.bulkhead.inside,
        line.bulkhead.waiting,
        line.breaker.state.value,
        seen.percentile(0.5),
        seen.percentile(0.95),
    )


def _lifespan(app: App) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await app.stop()

    return lifespan


async def _close(opened: Crossref | Index | Once | Store) -> None:
    opened.close()


async def _nowhere(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the transport seam
    """Where a backend that is switched off would be; the traffic asks nobody there."""
    raise ConnectionError("switched off")
