"""What a change of policy means for the operations that clients have: who would see more of a place, or less.

Both policies plan every operation for every class of callers, as requests would; what the plans show is compared place
by place. A place is named by its coordinate and its path in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.operation import Document, Operation, View, admit
from gateway.engine.planner import plan
from gateway.engine.shown import RANK, Held, Place, Shown, shown
from gateway.engine.views import Views, ungranted
from gateway.errors import Refusal
from gateway.policy import NOTHING, Grants, Policy
from gateway.policy.grants import Decision, Sight, subsets
from gateway.policy.reasons import in_words
from gateway.prepare import ways
from schema import Category

NEVER = Decision.of({frozenset(): NOTHING.decide(Category.PRESENCE).on(frozenset())})
ANSWERED = "is answered"


class Kind(Enum):
    LOST = "lost"
    GAINED = "gained"
    LESS = "less"
    MORE = "more"
    OTHERWISE = "otherwise"
    REFUSED = "refused"
    ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class Caller:
    """A class of callers: a role, or a partner's client, that asks for one purpose."""

    name: str
    client: bool
    purpose: str

    def __str__(self) -> str:
        return f"{self.name} for {self.purpose}"


@dataclass(frozen=True, slots=True)
class Change:
    """`before`, `after`: in sentences. Of a whole operation, when `place` is empty."""

    caller: Caller
    kind: Kind
    place: Place
    category: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """`refused`: why the whole operation is, for clients that are; nothing is shown then."""

    places: Mapping[Place, Decision]
    refused: str = ""


NOBODY = _Answer({}, "there is no such caller")


@dataclass(slots=True)
class Side:
    """One of the two policies, over the graph as it is. `planned`: what equal grants and views share."""

    graph: Graph
    policy: Policy
    limits: Limits
    views: Views
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    planned: dict[object, tuple[Shown, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, policy: Policy, limits: Limits) -> Side:
        return cls(graph, policy, limits, Views.over(graph))

    def under(self, policy: Policy) -> Side:
        """The other one, of which this one knows already what is equal."""
        return replace(self, policy=policy)

    def callers(self) -> Iterator[Caller]:
        for role in self.policy.roles.values():
            yield from (Caller(role.name, False, purpose) for purpose in role.purposes)
        for one in self.policy.partners.values():
            yield from (Caller(one.client, True, purpose) for purpose in one.purposes)

    def stands(self, caller: Caller) -> tuple[Grants, View, Mapping[str, str]] | None:
        """What a caller is granted and may name; and the relations their rows can have, with their keys if known."""
        if caller not in set(self.callers()):
            return None
        partner = self.policy.partners[caller.name] if caller.client else None
        asking = Principal("", partner.role if partner else caller.name, client=partner.client if partner else None)
        grants = self.policy.grants(asking, caller.purpose)
        known = {name: name for name in grants.relations}
        if partner:
            keys = {name: f"{name} ({', '.join(some)})" for name, some in partner.keys.items() if some}
            known = {name: keys.get(name, name) for name in known if name in {*keys, "consenting"}}
        return grants, self.views.of(self.policy.ceiling(asking)), known

    def operations(self, text: str) -> Mapping[str | None, Operation]:
        """Those of a document, by name. Raises the `Refusal` that everybody would see."""
        document = self._document(self.views.whole, text)
        if document.problems:
            raise Refusal(document.problems)
        return document.operations

    def answer(self, caller: Caller, text: str, name: str | None) -> _Answer:
        stands = self.stands(caller)
        if stands is None:
            return NOBODY
        grants, view, known = stands
        key = view.id, text, name, grants
        if key not in self.planned:
            self.planned[key] = self._planned(grants, view, text, name)
        found, refused = self.planned[key]
        return _Answer({} if refused else found.decisions(known), refused)

    def _planned(self, grants: Grants, view: View, text: str, name: str | None) -> tuple[Shown, str]:
        document = self._document(view, text)
        if document.problems:
            return Shown({}), "; ".join(str(problem["message"]) for problem in document.problems)
        operation, places, vain = document.operations[name], dict[Place, tuple[tuple[Held, Sight], ...]](), set[str]()
        for bits in _ways(operation):
            chosen = plan(self.graph, operation, grants, bits)
            told = shown(self.graph, operation, chosen)
            places.update(told.found)
            if view.partial:
                vain |= {*ungranted(self.graph, view, operation, grants, chosen), *told.in_vain}
        return Shown(places), f"it names {', '.join(sorted(vain))}" if vain else ""

    def _document(self, view: View, text: str) -> Document:
        key = view.id, text
        if key not in self.documents:
            self.documents[key] = admit(view.schema, text, self.limits)
        return self.documents[key]


def changes(old: Side, new: Side, text: str, name: str | None, callers: Iterable[Caller]) -> Iterator[Change]:
    """Of one operation, caller by caller and in the order of their places."""
    for caller in callers:
        if old.stands(caller) == new.stands(caller):  # granted, nameable and related alike: nothing can change
            continue
        yield from _compared(old, caller, old.answer(caller, text, name), new.answer(caller, text, name))


def _ways(operation: Operation) -> list[dict[str, bool]]:
    """The ways in which conditions can turn out; of too many, that all hold and that none does."""
    named = operation.conditions
    return list(ways(named)) or [dict.fromkeys(named, True), dict.fromkeys(named, False)]


def _compared(side: Side, caller: Caller, before: _Answer, after: _Answer) -> Iterator[Change]:
    if bool(before.refused) != bool(after.refused):
        kind = Kind.REFUSED if after.refused else Kind.ADMITTED
        yield Change(caller, kind, Place("", ""), "", _refused(before), _refused(after))
    for place in sorted({*before.places, *after.places}):
        was, is_ = before.places.get(place, NEVER), after.places.get(place, NEVER)
        if was != is_:
            category = side.graph.categories[place.coordinate].value
            yield Change(caller, kind_of(was, is_), place, category, in_words(was), in_words(is_))


def _refused(answer: _Answer) -> str:
    return f"is refused: {answer.refused}" if answer.refused else ANSWERED


def kind_of(was: Decision, is_: Decision) -> Kind:
    if not is_.ever:
        return Kind.LOST
    if not was.ever:
        return Kind.GAINED
    every = subsets({*was.relations, *is_.relations})
    steps = {RANK[is_.on(held).verdict] - RANK[was.on(held).verdict] for held in every}
    if max(steps) <= 0 and min(steps) < 0:
        return Kind.LESS
    return Kind.MORE if min(steps) >= 0 and max(steps) > 0 else Kind.OTHERWISE
