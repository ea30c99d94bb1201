"""What the pipeline knows of the trail: an answer is recorded, then it may leave."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.callers import Asking
from gateway.engine.graph import Graph
from gateway.engine.lru import Lru
from gateway.engine.operation import Operation
from gateway.engine.plan import Plan
from gateway.engine.run import Run
from gateway.engine.stripped import Stripped, blanked
from gateway.engine.witness import Coordinates, Shown, shown
from gateway.errors import Code, HttpProblem
from gateway.policy import Partner
from gateway.trail.record import ACCESS, DENIED, DOCUMENT, PARTNER, Entry, Referred, encoded, members, now
from gateway.trail.upkeep import Upkeep
from gateway.trail.writer import Unwritable, Writer
from schema import Category

WHO = ("who", "issuer", "client", "role", "purpose", "scopes")
LATER = {"Retry-After": "1"}
TOLD = (
    "What this asks for is not public, and the record of who saw it cannot be written just now: try again in a moment. "
    "Questions for public data alone are answered."
)
Waits = asyncio.Future[None] | None


def refused() -> HttpProblem:
    return HttpProblem(503, TOLD, LATER, Code.AUDIT_UNAVAILABLE)


class Asked(msgspec.Struct, frozen=True):
    """What was asked: the document without its values, and which operation of it, with which variables."""

    document: Stripped
    operation: Operation
    variables: Mapping[str, Any]


@dataclass(slots=True)
class Trail:
    """One per app. `policy`: the policy files as they were read, by the hash of both."""

    writer: Writer
    policy: Referred
    upkeep: Upkeep
    close_file: Callable[[], None]
    closed: bool = False
    _partners: Lru[str, tuple[Partner, Referred]] = field(default_factory=lambda: Lru(1000))
    _documents: Lru[str, Referred] = field(default_factory=lambda: Lru(2000))
    _encoded: Lru[Hashable, tuple[Shown, bytes]] = field(default_factory=lambda: Lru(4000))

    async def open_for(self, graph: Graph, plan: Plan) -> None:
        """Nobody is asked for what could not be accounted for. Raises `HttpProblem`."""
        if self.writer.failing and not shown(graph, plan, None, None).public:
            try:
                await self.writer.possible()
            except Unwritable as error:
                raise refused() from error

    def answered(
        self, graph: Graph, asking: Asking, asked: Asked, run: Run, systems: Sequence[str], also: frozenset[Category]
    ) -> Waits:
        """Begin to record an answer; `kept` waits for it. `also`: categories of what is told beside the data. Raises
        `HttpProblem`."""
        seen = run.witness.shown(graph, run.plan, run.prepared)
        if seen.public and not also:
            if not {*seen.withheld} <= {Category.PUBLIC}:
                self.writer.put_by(self._entry(DENIED, asking, asked, seen, (), (), frozenset()))
            return None
        subjects = run.witness.about(graph, run.plan)
        try:
            return self.writer.put(self._entry(ACCESS, asking, asked, seen, subjects, systems, also))
        except Unwritable as error:
            raise refused() from error

    async def kept(self, waits: Waits) -> None:
        """Raises `HttpProblem`."""
        try:
            await self.writer.on_disk(waits)
        except Unwritable as error:
            raise refused() from error

    def denied(self, asking: Asking, asked: Asked, named: Mapping[str, str]) -> None:
        """A whole question was refused for what it names: coordinate → category, "" where that decides nothing."""
        withheld: dict[Category, set[str]] = {}
        for coordinate, category in named.items():
            withheld.setdefault(Category(category or Category.INHERITED), set()).add(coordinate)
        seen = Shown({}, {}, {category: frozenset(some) for category, some in sorted(withheld.items())})
        self.writer.put_by(self._entry(DENIED, asking, asked, seen, (), (), frozenset()))

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            await self.writer.close()
            self.close_file()

    # -- one record -----------------------------------------------------------------------------------------------

    def _entry(
        self,
        kind: str,
        asking: Asking,
        asked: Asked,
        seen: Shown,
        subjects: tuple[str, ...],
        systems: Sequence[str],
        also: frozenset[Category],
    ) -> Entry:
        document, partner = self._document(asked.document), self._partner(asking)
        given = blanked(asking.view.schema, asked.operation, asked.variables) if asked.variables else {}
        alike = self._alike(asking, document, partner, asked.operation.name, seen, systems, also)
        body = b"%s,%s" % (members({"request": asking.options.request_id, "given": given}), alike)
        referred = (self.policy, document, *((partner,) if partner else ()))
        caller = _self(asking)
        reader = None if caller else (asking.principal.role, asking.principal.subject)
        if caller and subjects:  # what a customer is shown of anybody is of themself, said the row so or not
            subjects = tuple(dict.fromkeys((caller, *subjects)))
        return Entry(kind, now(), body, subjects, referred, reader, caller=caller)

    def _alike(
        self,
        asking: Asking,
        document: Referred,
        partner: Referred | None,
        operation: str | None,
        seen: Shown,
        systems: Sequence[str],
        also: frozenset[Category],
    ) -> bytes:
        """What one caller's records have in common who asks the same again, and is shown the same of it: made once."""
        who, entry = _who(asking), partner.ref if partner else None
        key = (who, document.ref, entry, operation, id(seen), tuple(systems), also)
        known = self._encoded.get(key)
        if known is None or known[0] is not seen:
            told = {
                **dict(zip(WHO, who, strict=True)),
                "scopes": sorted(asking.principal.scopes),
                "policy": self.policy.ref,
                "partner": entry,
                "document": document.ref,
                "operation": operation,
                **{name: _raw(part) for name, part in _parts(seen)},
                "beside": sorted(also),
                "sources": sorted(systems),
            }
            known = self._encoded.put(key, (seen, members(told)))
        return known[1]

    def _document(self, document: Stripped) -> Referred:
        known = self._documents.get(document.ref)
        return known or self._documents.put(
            document.ref, Referred(DOCUMENT, document.ref, members({"text": document.text}))
        )

    def _partner(self, asking: Asking) -> Referred | None:
        partner = asking.partner
        if partner is None:
            return None
        known = self._partners.get(partner.client)
        if known is None or known[0] is not partner:
            known = self._partners.put(partner.client, (partner, _entry_of(partner)))
        return known[1]


def _self(asking: Asking) -> str | None:
    """The customer that the caller is: nobody's name stands in a record."""
    own = asking.viewer.known_as("own")
    return min(own) if asking.principal.customer and own else None


def _who(asking: Asking) -> tuple[Any, ...]:
    """What `WHO` names; of a customer it is the same whoever it is."""
    who = asking.principal
    subject = None if who.customer else who.subject
    return subject, who.issuer, who.client, who.role, asking.viewer.purpose, who.scopes


def _parts(seen: Shown) -> Sequence[tuple[str, Coordinates]]:
    return (("read", seen.read), ("masked", seen.masked), ("withheld", seen.withheld))


def _raw(part: Coordinates) -> msgspec.Raw:
    return msgspec.Raw(encoded({category: sorted(some) for category, some in part.items()}))


def _entry_of(partner: Partner) -> Referred:
    """What is decided by, of an entry of the register: the keys that rows are compared with stay out of it."""
    table: dict[str, Any] = {
        "title": partner.title,
        "role": partner.role,
        "keys": {relation: [] for relation in partner.keys},
        "purposes": list(partner.purposes),
        "scopes": sorted(partner.scopes),
    }
    more = {"issuer": partner.issuer, "clients": partner.clients, "disclosure": partner.disclosure}
    table |= {name: said for name, said in more.items() if said}
    body = members({"client": partner.client, "entry": table})
    return Referred(PARTNER, hashlib.sha256(body).hexdigest(), body)
