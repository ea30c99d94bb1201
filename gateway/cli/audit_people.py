"""Whom `customer360 audit` means: a customer by any name, and what of the systems is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.app import App
from gateway.cli.commands import Failed
from gateway.cli.opening import opened
from gateway.engine.trace import Trace
from gateway.settings import Settings
from resolvers.access import names, theirs
from resolvers.backends.base import Deadline, Gap
from resolvers.binding import Ask
from resolvers.context import Caller, Context
from resolvers.people import by_ids, candidates
from resolvers.rows import Person

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class People:
    """ids: those of the customer first, then of what is theirs. missing: why some of the latter may be missing."""

    ids: list[str]
    missing: str = ""


async def found_out(settings: Settings, customer: str, *, offline: bool) -> People:
    """Raises `Failed` for who is nobody, or several."""
    app = opened(settings)
    try:
        ask = _ask(app)
        person = await _person(ask, customer)
        ids = names(person, ask)
        if offline:
            return People(ids)
        try:
            return People([*ids, *await theirs(person, ask)])
        except Gap as gap:
            return People(ids, f"{gap.system or 'a system'} could not be asked ({gap.code})")
    finally:
        await app.stop()


def _ask(app: App) -> Ask:
    """As a resolver is asked, by nobody in particular. Cursors stay here, so they are not sealed."""
    pipeline = app.pipeline
    caller = Caller("audit", "", None, None, None, [])
    context = Context(Trace(pipeline.traffic), pipeline.now, caller=caller, **pipeline.facts)
    cursors = pipeline.sealer.bound("audit", {}, "audit")
    return Ask(("Query.accessLog",), frozenset(), context, Deadline(PATIENCE), cursors=cursors)


async def _person(ask: Ask, customer: str) -> Person:
    try:
        (person,) = by_ids(ask, [customer])
        found = [person] if person else []
        if not found and "=" in customer:
            system, _, key = customer.partition("=")
            _, found = await candidates(ask, {"key": {"system": system, "key": key}})
        elif not found and "@" in customer:
            _, found = await candidates(ask, {"email": customer})
    except Gap as gap:
        raise Failed(f"{customer}: {gap}") from gap
    if len(found) != 1:
        raise Failed(f"{customer} is {'nobody' if not found else f'{len(found)} customers'} we know")
    return found[0]
