"""Asks every cell of the policy of a whole company: which rows are asked about, as whom, and what comes back against what
is meant to. Decisions are Cedar's (`second_opinion.py`), facts of rows the world's (`standing.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

from graphql import get_named_type, is_required_argument

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.errors import Refusal
from gateway.policy import Policy, Role, Sight, Verdict
from gateway.policy.grants import subsets
from gateway.policy.rules import Relations
from gateway.question import Options, Question
from schema import Category
from tests.company import Company
from tests.gateway.policy.asking import ELSEWHERE, Anything, Field, Seen, asked_for, expected, leaves, reached
from tests.gateway.policy.second_opinion import PUBLISHED, Cedar, Cell
from tests.gateway.policy.standing import ROWS, Row, Standing, unsaid

ALL_SEEING = "all-seeing"
STRANGER = "what no row is called"
AT_ONCE = 8
"""Rows of one question."""

LOOKED_AT = 60
"""Rows of each type among which those to ask about are chosen."""


@dataclass(slots=True)
class Tally:
    """`cells`: by class of callers, type and category, the relations that held for rows that were asked about."""

    cells: set[tuple[str, str, str, Category, Relations]] = field(default_factory=set)
    questions: int = 0
    refused: int = 0
    shown: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.cells):,} cells, {self.questions:,} questions ({self.refused} refused), "
            f"{self.shown:,} values shown; {len(self.differences)} differences"
        )


@dataclass(slots=True)
class Cells:
    """`canaries`: what each row shows to who sees everything. `both`: whether callers are, of the relations that say
    nothing about them, called as all rows are and as none; else they are the one and the other by turns."""

    company: Company
    policy: Policy
    cedar: Cedar
    fields: Mapping[str, tuple[Field, ...]]
    rows: dict[str, list[Row]] = field(default_factory=dict)
    canaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    known: dict[Cell, Sight] = field(default_factory=dict)
    both: bool = False
    tally: Tally = field(default_factory=Tally)

    @property
    def graph(self) -> Graph:
        return self.company.app.graph

    def bound(self, kind: str) -> Relations:
        return frozenset(name for of, name in self.graph.bindings.relations if of == kind)

    def role(self, who: str) -> Role:
        client = who.removeprefix("client:")
        return self.policy.roles[self.policy.partners[client].role if client in self.policy.partners else who]

    # -- choosing rows --------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> tuple[dict[str, list[Row]], dict[str, dict[str, Any]]]:
        return self.rows, self.canaries

    async def choose(self) -> None:
        """For every type, rows that show every coordinate: of people who agreed, of people who did not, of partners."""
        assert not unsaid(self.graph), "; ".join(unsaid(self.graph))
        standing = Standing(self.company)
        theirs = {key for one in self.policy.partners.values() for keys in one.keys.values() for key in keys}
        for kind in ROWS:
            looked = [row for row, _ in zip(standing.rows(kind), range(LOOKED_AT), strict=False)]
            for some in chunks(looked):
                await self._look(kind, some)
            self.rows[kind] = list(self._chosen(kind, looked, theirs))

    async def _look(self, kind: str, rows: Sequence[Row]) -> None:
        answer = await self.ask(Principal("x", ALL_SEEING), "", rows, self.fields[kind])
        assert "errors" not in answer, answer["errors"]
        for row, shown in zip(rows, answer["data"].values(), strict=True):
            assert shown is not None, f"a {kind} of tests/gateway/policy/standing.py is not there: {row}"
            self.canaries[row.id] = shown

    def _chosen(self, kind: str, looked: Sequence[Row], theirs: set[str]) -> Iterator[Row]:
        taken: set[object] = set()
        for row in looked:
            agreed = row.facts.get("consenting", True)
            shows: set[object] = {(agreed, at) for at in reached(self.fields[kind], self.canaries[row.id])}
            shows |= {
                (agreed, key) for fact in row.facts.values() if not isinstance(fact, bool) for key in fact & theirs
            }
            if shows - taken:
                taken |= shows
                yield row

    def unreached(self) -> set[str]:
        """Coordinates that no row has anything at."""
        asked = {one.coordinate for kind in ROWS for one in asked_for(self.fields[kind])}
        shown = {
            at for kind in ROWS for row in self.rows[kind] for at in reached(self.fields[kind], self.canaries[row.id])
        }
        return asked - shown - ELSEWHERE

    # -- asking ---------------------------------------------------------------------------------------------------

    async def ask(
        self, principal: Principal, purpose: str, rows: Sequence[Row], fields: Sequence[Field]
    ) -> dict[str, Any]:
        """The same document for other rows: it is planned once."""
        named = ", ".join(f"$r{number}: ID!" for number, _ in enumerate(rows))
        looked_up = " ".join(f"r{number}: node(id: $r{number}) {{ ...shown }}" for number, _ in enumerate(rows))
        shown = f"fragment shown on {rows[0].type} {{ {' '.join(map(str, fields))} }}"
        given = {f"r{number}": row.id for number, row in enumerate(rows)}
        return await self.told(f"query({named}) {{ {looked_up} }} {shown}", principal, purpose, given)

    async def told(
        self, text: str, principal: Principal, purpose: str, given: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        self.tally.questions += 1
        try:
            body = await self.company.app.pipeline(
                Question(text, None, given or {}), principal, Options(purpose=purpose or None, request_id="cell")
            )
        except Refusal as refusal:
            self.tally.refused += 1
            return {"errors": refusal.errors}
        answer: dict[str, Any] = json.loads(body)
        return answer

    async def put(self, who: str, purpose: str) -> None:
        """All that a class of callers can be to the rows of every type. Clients that are refused for naming too much
        ask for each category by itself; what they are refused, before any row is looked at, they ask once (`both`: as
        often as what they are told)."""
        self.learn(who, purpose)
        whole = self.role(who).clients == "redact"
        for kind in ROWS:
            parts = [(None, self.fields[kind])] if whole else list(by_category(self.fields[kind]))
            refused: dict[int, dict[str, Any]] = {}
            for principal, rows in product(self.callers(who, kind), chunks(self.rows[kind])):
                for part, (category, fields) in enumerate(parts):
                    answer = refused.get(part) or await self.ask(principal, purpose, rows, fields)
                    if "data" not in answer and not self.both:
                        refused[part] = answer
                    self.compare(who, purpose, principal, rows, category, fields, answer)

    def callers(self, who: str, kind: str) -> Iterator[Principal]:
        """Called as the rows are, under every set of the relations that matter; under the others, as all are or none
        (`both`)."""
        if who.startswith("client:"):
            yield self.principal(who)
            return
        called = {name: self._called(kind, name) for name in self.bound(kind) - {"consenting"}}
        mattering = self.mattering(who) & called.keys()
        rests = (called.keys() - mattering, frozenset[str]())
        turn = list(ROWS).index(kind)
        sets = enumerate(sorted(subsets(mattering), key=sorted), turn)
        ways = {some | rest for at, some in sets for rest in (rests if self.both else (rests[at % 2],))}
        for way in sorted(ways, key=sorted):
            yield Principal("x", who, keys={name: called[name] if name in way else (STRANGER,) for name in called})

    def principal(self, who: str) -> Principal:
        client = who.removeprefix("client:")
        return Principal("x", self.role(who).name, client=client if who.startswith("client:") else None)

    def _called(self, kind: str, relation: str) -> tuple[str, ...]:
        facts = (row.facts[relation] for row in self.rows[kind])
        return tuple(sorted(frozenset[str]().union(*(fact for fact in facts if not isinstance(fact, bool)))))

    def mattering(self, who: str) -> Relations:
        """Relations that any line about these callers names."""
        lines = (*self.policy.common, *self.role(who).rules)
        return frozenset(name for line in lines for name in line.relations)

    # -- comparing ------------------------------------------------------------------------------------------------

    def learn(self, who: str, purpose: str) -> None:
        """What Cedar says of every cell that these callers can be in."""
        sets = {held for kind in ROWS for held in subsets(self.bound(kind))}
        cells = [Cell(who, purpose, category, held) for category in PUBLISHED for held in sets]
        self.known |= dict(zip(cells, self.cedar.sights(cells), strict=True))

    def sees(self, who: str, purpose: str, category: Category, held: Relations) -> bool:
        return self.known[Cell(who, purpose, category, held)].verdict is Verdict.SEEN

    def seen(self, who: str, purpose: str, held: Relations) -> Seen:
        def there(kind: str) -> bool | None:
            row = self.graph.row_category(kind)
            found = {row is None or self.sees(who, purpose, row, some) for some in subsets(self.bound(kind))}
            return found.pop() if len(found) == 1 else None

        return Seen(lambda category: self.known[Cell(who, purpose, category, held)], there)

    def compare(
        self,
        who: str,
        purpose: str,
        principal: Principal,
        rows: Sequence[Row],
        category: Category | None,
        fields: Sequence[Field],
        answer: Mapping[str, Any],
    ) -> None:
        """One answer, row by row. Of a question that is refused as a whole, nothing that it was asked for may be seen."""
        keys, refused = self.policy.keys(principal), "data" not in answer
        allowed, hidden = set[str](), set[str]()
        for number, row in enumerate(rows):
            held = row.held(keys)
            meant, got = self.meant(who, purpose, row, held, fields), (answer.get("data") or {}).get(f"r{number}")
            if shows(fields, meant, category) if refused else got != meant:
                told = answer.get("errors") or unlike(got, meant)
                self.differs(f"{who} for {purpose}, {row.type} {sorted(held)}: {told}")
            allowed |= set(leaves(got))
            hidden |= {text for one in fields for text in leaves(self.canaries[row.id][one.name])}
            asked = {one.category for one in asked_for(tuple(fields)) if one.own and category in (None, one.category)}
            row_category = self.graph.row_category(row.type)
            self.tally.cells |= {(who, purpose, row.type, one, held) for one in (*asked, row_category) if one}
        self.tally.shown += len(allowed)
        if not refused and "errors" in answer:
            self.differs(f"{who} for {purpose}: {answer['errors']}")
        for text in leaked(answer, allowed | {one.name for one in asked_for(tuple(fields))}, hidden):
            self.differs(f"{who} for {purpose} is told {text!r}")

    def differs(self, told: str) -> None:
        self.tally.differences.append(told)

    def meant(self, who: str, purpose: str, row: Row, held: Relations, fields: Sequence[Field]) -> Any:
        """What the row is to show; None when there is no such row for these callers."""
        why_there = {self.graph.row_category(row.type), self.graph.categories["Query.node"]}
        if not all(self.sees(who, purpose, category, held) for category in why_there if category):
            return None
        seen = self.seen(who, purpose, held)
        return {one.name: expected(one, self.canaries[row.id][one.name], seen) for one in fields}

    # -- what hangs on no row -------------------------------------------------------------------------------------

    def at_the_root(self) -> dict[str, Category]:
        """Fields that may be asked for without knowing anything, and that lead to no rows; as they are asked for."""
        found: dict[str, Category] = {}
        for name, definition in self.graph.query.fields.items():
            if any(is_required_argument(one) for one in definition.args.values()):
                continue
            kind: Any = get_named_type(definition.type)
            inner = getattr(kind, "fields", {})
            if not any(self.graph.row_category(get_named_type(one.type).name) for one in inner.values()):
                found[f"{name} {{ __typename }}" if inner else name] = self.graph.categories[f"Query.{name}"]
        return found

    async def put_at_the_root(self, who: str, purpose: str) -> None:
        for text, category in self.at_the_root().items():
            answer = await self.told(f"{{ it: {text} }}", self.principal(who), purpose)
            there = (answer.get("data") or {}).get("it") is not None
            if there is not self.sees(who, purpose, category, frozenset()):
                self.differs(f"{who} for {purpose}: {text} is {answer}")
            self.tally.cells.add((who, purpose, "Query", category, frozenset()))


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    yield from (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))


def by_category(fields: Sequence[Field]) -> Iterator[tuple[Category, tuple[Field, ...]]]:
    """What is of one category, and behind the same others; what holds nothing of it itself, each alone."""
    every = list(behind(fields, frozenset()))
    for category in PUBLISHED:
        mine = [(one, through - {category}) for one, through in every if one.category is category]
        ways = dict.fromkeys(through for one, through in mine if not one.alone)
        wanted = [{id(one) for one, through in mine if not one.alone and through == way} for way in ways]
        wanted += [{id(one)} for one, _ in mine if one.alone]
        for some in wanted:
            yield category, tuple(left for each in fields if (left := each.only(partial(_among, some))))


def _among(some: set[int], one: Field) -> bool:
    return id(one) in some


def behind(fields: Sequence[Field], through: frozenset[Category]) -> Iterator[tuple[Field, frozenset[Category]]]:
    """Every field, with the categories of those that one goes through to get there."""
    for one in fields:
        yield one, through
        yield from behind(one.below, through | {one.category} if one.own else through)


def shows(fields: Sequence[Field], meant: Any, category: Category | None, inside: bool = False) -> bool:
    """Whether anything of a category is meant to be shown: a value, or a row. `inside`: of a value that is of it."""
    for item in meant if isinstance(meant, list) else [meant]:
        for one in fields if isinstance(item, dict) else ():
            inner, mine = item.get(one.name), one.category is category or (inside and not one.own)
            there = inner not in (None, []) and not isinstance(inner, Anything)
            if (mine and there and (one.leaf or one.leads)) or shows(one.below, inner, category, mine):
                return True
    return False


def unlike(got: Any, meant: Any) -> Any:
    """What differs: got, and meant."""
    if isinstance(got, dict) and isinstance(meant, dict) and got.keys() == meant.keys():
        return {name: unlike(got[name], meant[name]) for name in got if got[name] != meant[name]}
    return f"{got!r} instead of {meant!r}"


def leaked(answer: Mapping[str, Any], allowed: set[str], hidden: set[str]) -> list[str]:
    """Hidden texts anywhere in a body, but for those that are a part of something that is shown, or was asked for."""
    body = json.dumps(answer, ensure_ascii=False, default=str)
    plain = [text for text in hidden if len(text) > 5 and not any(text in shown for shown in allowed)]
    return [text for text in plain if json.dumps(text, ensure_ascii=False)[1:-1] in body]
