"""Who asks, and the systems behind the graph: what a caller may be told of the gateway itself."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from schema.classification import Inherited


@strawberry.type(description="Who is asking, as the gateway understood their token.")
class Viewer:
    name: Inherited[str] = strawberry.field(description="Subject of the token: for whom it was issued.")
    role: Inherited[str] = strawberry.field(description="Role in which the caller acts, as the policy names it.")
    client: Inherited[str | None] = strawberry.field(description="Client application the token was issued to, if any.")
    purpose: Inherited[str | None] = strawberry.field(
        description="What this question is asked for: the token's purpose, the one chosen with "
        "`X-Purpose`, or the role's usual one."
    )
    customer: Inherited[strawberry.ID | None] = strawberry.field(
        description="The customer this caller is; null for everybody who is not a customer."
    )
    categories: Inherited[list[str]] = strawberry.field(
        description="Categories of the graph of which this caller may see something, on some rows at "
        "least; `@needToKnow` names each field's."
    )


@strawberry.enum(description="How a system behind the graph is doing, as seen from the gateway.")
class SourceStatus(Enum):
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Not asked since the gateway started.")
    UP = strawberry.enum_value("UP", description="The last question put to it was answered.")
    DOWN = strawberry.enum_value("DOWN", description="The last question put to it was not answered.")
    OFF = strawberry.enum_value("OFF", description="Not asked: its operator has switched it off.")


@strawberry.enum(description="Whether a system behind the graph is asked at all.")
class BreakerState(Enum):
    CLOSED = strawberry.enum_value("CLOSED", description="All is well: it is asked.")
    OPEN = strawberry.enum_value("OPEN", description="It is left alone for a while: it failed, or was slow, too often.")
    HALF_OPEN = strawberry.enum_value("HALF_OPEN", description="One question at a time is tried on it.")


@strawberry.type(description="A system behind the graph, and how it is doing as seen from this gateway process.")
class Source:
    name: Inherited[str] = strawberry.field(description="Name used in settings, logs and `extensions`.")
    title: Inherited[str] = strawberry.field(description="What the system is, in words for people.")
    status: Inherited[SourceStatus] = strawberry.field(description="Outcome of the last question put to it.")
    last_success_at: Inherited[datetime | None] = strawberry.field(
        description="When it last answered, ISO 8601 with offset; null before the first time."
    )
    last_failure_at: Inherited[datetime | None] = strawberry.field(
        description="When it last failed to answer, ISO 8601 with offset; null when it never has."
    )
    in_flight: Inherited[int] = strawberry.field(description="Questions it is answering right now.")
    waiting: Inherited[int] = strawberry.field(description="Questions that wait for a place at it right now.")
    breaker: Inherited[BreakerState] = strawberry.field(description="Whether it is asked, or left alone for a while.")
    p50_ms: Inherited[float | None] = strawberry.field(
        description="Milliseconds that half of the last 500 questions took at most; null before there was one."
    )
    p95_ms: Inherited[float | None] = strawberry.field(
        description="Milliseconds that 95 % of the last 500 questions took at most; null before there was one."
    )
