"""A graph made to go wrong: promises that nobody keeps, lists in lists, interfaces of interfaces, rows that are not the
caller's, values that are not what their type says, resolvers that fail or answer out of order, and mutations.

Everything that happens is a pure function of (field, key, what was written before), so two engines that ask in
different ways must come to the same answer. The categories stand in the SDL (`@is`); a type with one has rows of its
own. `schema.build()` would refuse such a graph: here even what may be withheld is promised.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)

from gateway.engine.graph import Graph, possible_types
from gateway.engine.viewer import Viewer
from resolvers.backends.base import Ambiguous, Garbled, Outcome, Throttled, Unavailable, Unusable
from resolvers.binding import Ask, Binding, Bindings, Relation
from tests.gateway.engine.sdl import IS, categories

SDL = """
scalar Odd
scalar Decimal
enum Colour { RED GREEN BLUE }

interface Node { id: ID! }
interface Named implements Node { id: ID! name: String twin: Node }
interface Deep implements Named & Node { id: ID! name: String twin: Node deep: Deep near: [Named!] }
union Any = Alpha | Beta | Gamma

type Alpha implements Deep & Named & Node @is(why: "presence") {
    id: ID!
    name: String @is(why: "identity")
    email: String @is(why: "contact")
    mails: [String!] @is(why: "contact")
    code: Int!
    odd: Odd @is(why: "commercial")
    colour: Colour @is(why: "commercial")
    twin: Node @is(why: "catalogue")
    deep: Deep @is(why: "catalogue")
    near: [Named!] @is(why: "catalogue")
    price: Money @is(why: "financial")
    sum: Sum @is(why: "financial")
    sums: [Sum!] @is(why: "financial")
    prices: [[Money!]!]! @is(why: "public")
    betas(first: Int = 2, by: Filter): [Beta!] @is(why: "catalogue")
    sold: Int @is(why: "commercial")
    counts: [[Int!]] @is(why: "commercial")
    box: Box! @is(why: "public")
}

type Beta implements Named & Node @is(why: "catalogue") {
    id: ID!
    name: String @is(why: "identity")
    twin: Node @is(why: "public")
    size: Float! @is(why: "public")
    tags: [String]! @is(why: "public")
    alphas: [[Alpha!]!] @is(why: "catalogue")
    owner: Alpha @is(why: "catalogue")
    must: Alpha! @is(why: "public")
    score(of: Colour! = RED, plus: [Int!] = [1]): Int! @is(why: "public")
    price: Money @is(why: "financial")
    any: [Any] @is(why: "public")
}

type Gamma implements Node { id: ID! note: String price: Money! near: [Gamma!]! up: Beta }

type Money { amount: Float! odd: Odd colour: Colour! parts: [Part!]! secret: Int @is(why: "financial") }
type Sum { value: Decimal currency: String }
type Part { n: Int! words: [String!] sub: Part }
type Box { n: Int! money: Money! grid: [[Money]!] inner: Box best: Beta kept: [Deep] flag: Boolean! }

input Filter { size: Int = 3, colour: Colour, email: String = "x@y" @is(why: "contact"), both: [Filter!] }
input By @oneOf { id: ID, name: String @is(why: "identity"), filter: Filter }

type Query {
    alpha(by: By!): Alpha @is(why: "presence")
    alphas(ids: [ID!]!, first: Int! = 3): [Alpha!] @is(why: "presence")
    mine(ids: [ID!]!): [Alpha] @is(why: "presence")
    beta(id: ID!): Beta @is(why: "catalogue")
    betas(ids: [ID]): [Beta]! @is(why: "catalogue")
    node(id: ID!): Node @is(why: "public")
    nodes(ids: [ID!]): [Node!] @is(why: "public")
    deep: Deep @is(why: "public")
    any(n: Int): [[Any!]] @is(why: "public")
    gamma: Gamma! @is(why: "public")
    box(n: Int! = 1): Box @is(why: "public")
    number(x: Float, odd: Odd): Int @is(why: "public")
    secret(of: ID @is(why: "contact")): String @is(why: "contact")
}

type Mutation {
    touch(id: ID!): Alpha @is(why: "presence")
    mine(id: ID!): Alpha @is(why: "contact")
    paint(id: ID!, colour: Colour @is(why: "commercial")): Beta! @is(why: "catalogue")
    bump(id: ID!, by: Int = 1): Int @is(why: "public")
    must(id: ID!): Int! @is(why: "public")
    gammas(ids: [ID!]): [Gamma!] @is(why: "public")
    erase: Boolean @is(why: "operations")
}
"""

EDGES = {
    "Alpha": ("twin", "deep", "near", "betas", "sold", "counts"),
    "Beta": ("twin", "alphas", "owner", "must", "score", "any"),
    "Gamma": ("up",),
    "Box": ("best", "kept"),
}
FACETS = {
    "Alpha": (("name", "email", "mails", "code"), ("odd", "colour", "price", "sum", "sums", "prices")),
    "Beta": (("name", "size", "tags"),),
}
PUSHES = {("Query", "mine"), ("Mutation", "mine")}
GAPS = (Unavailable, Garbled, Throttled)


class Oops(Garbled):
    """A value that could not be made, met inside a resolver."""


@dataclass
class World:
    """What was written so far: one per run. One in `calm` things goes wrong, of each kind."""

    seed: int
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def calm(self) -> int:
        return (12, 40, 150, 150)[self.seed % 4]

    def roll(self, *of: object) -> int:
        return zlib.crc32(repr((self.seed, *of)).encode())

    def write(self, key: str) -> None:
        self.versions[key] = self.versions.get(key, 0) + 1


class Record:
    """A row or a value; `card`: whether it carries what its facets would find."""

    def __init__(self, world: World, kind: str, key: str, graph_type: Any = None) -> None:
        self.world, self.kind, self.key = world, kind, key
        self.graph_type = graph_type or kind

    @property
    def id(self) -> Any:
        return self.key if self.world.roll("id", self.key) % self.world.calm else None

    @property
    def own(self) -> str | None:
        return ("me", "me", "other", None)[self.world.roll("own", self.key) % 4]

    @property
    def card0(self) -> Record | None:
        return self if self.world.roll("carried", self.key) % 3 == 0 else None

    card1 = card0

    @property
    def team(self) -> Any:
        return (None, frozenset({"red"}), frozenset({"red", "blue"}), "blue")[self.world.roll("team", self.key) % 4]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def __getattr__(self, name: str) -> Any:
        kind = declared().fields[self.kind].get(name)
        if kind is None:
            raise AttributeError(name)
        return self.world.value(kind, self.kind, name, self.key, self.world.versions.get(self.key, 0))


def _value(world: World, kind: Any, *seed: object) -> Any:
    """A value for a type: mostly a good one."""
    roll = world.roll(str(kind), *seed)
    if isinstance(kind, GraphQLNonNull):
        return _value(world, kind.of_type, *seed) if roll % world.calm else None
    what = world.roll("what", roll) % world.calm
    if what == 0:
        raise ValueError("no value today")
    if what in (1, 2):
        return None
    if what == 3:
        return _garbage(world, roll)
    if isinstance(kind, GraphQLList):
        return [_value(world, kind.of_type, i, *seed) for i in range((0, 1, 2, 2, 3, 4)[roll // 2048 % 6])]
    return _named(world, kind, roll)


World.value = _value  # type: ignore[attr-defined]


STRANGE = object()
"""Of no type that any field has; the same in the world of either engine, as it equals nothing else."""


def _garbage(world: World, roll: int) -> Any:
    choices = [7, "text", "", 1.5, True, [], ["text", None], {"a": 1}, STRANGE, float("nan"), 2**40]
    choices += [Record(world, "Part", "p1", "Nobody"), Record(world, "Gamma", "g1", 7), [[1]]]
    return choices[roll // 4096 % len(choices)]


def _named(world: World, kind: Any, roll: int) -> Any:
    part = roll // 2048
    match kind.name:
        case "Int":
            return part % 50
        case "Float":
            return part % 50 / 4
        case "Boolean":
            return part % 2 == 0
        case "String" | "ID":
            return f"word {part % 30}@example.test"
        case "Decimal":
            return Decimal(part % 5000) / 4
        case "Odd":
            return part % 7
        case "Colour":
            return ("red", "GREEN", None, 3)[part % 4] or "green"
    possible = possible_types(declared().schema, kind)
    chosen = possible[part % len(possible)].name
    return Record(world, chosen, f"{chosen[0].lower()}{part // 8 % 6}")


# -- the schema -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Declared:
    schema: GraphQLSchema
    fields: Mapping[str, Mapping[str, Any]]


@cache
def declared() -> Declared:
    built = _built()
    kinds = [named for named in built.type_map.values() if isinstance(named, GraphQLObjectType)]
    return Declared(built, {named.name: {name: one.type for name, one in named.fields.items()} for named in kinds})


@cache
def for_reference() -> Any:
    """Another one, for the reference to put its resolvers into."""
    return SimpleNamespace(_schema=_built())


def _built() -> GraphQLSchema:
    built = build_schema(IS + SDL)
    odd, colour = built.type_map["Odd"], built.type_map["Colour"]
    assert isinstance(odd, GraphQLScalarType)
    assert isinstance(colour, GraphQLEnumType)
    odd.coerce_output_value, odd.coerce_input_value = _odd, _odd  # type: ignore[method-assign]
    decimal = built.type_map["Decimal"]
    assert isinstance(decimal, GraphQLScalarType)
    decimal.coerce_output_value = _decimal  # type: ignore[method-assign]
    colour.values["RED"].value, colour.values["GREEN"].value, colour.values["BLUE"].value = "red", "green", 3
    return built


def _odd(value: Any) -> Any:
    """Odd numbers; 3 comes to nothing."""
    if not isinstance(value, int) or value % 2 == 0:
        raise ValueError("even")
    return None if value == 3 else f"odd {value}"


def _decimal(value: Any) -> Any:
    """Numbers, and words in their place: a scalar lets nothing through that an answer could not show."""
    if not isinstance(value, str | int | Decimal):
        raise ValueError("no number")
    return value


# -- the bindings -----------------------------------------------------------------------------------------------------


def _edge(owner: str, name: str) -> Any:
    kind = declared().fields[owner][name]

    async def resolve(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        world = ask.context.facts["world"]
        for _ in range(world.roll("pause", owner, name) % 4):
            await asyncio.sleep(0)
        if owner == "Mutation":
            world.write(str(ask.arguments.get("id", "all")))
        return [_outcome(world, owner, name, kind, parent, ask) for parent in parents]

    return resolve


def _outcome(world: World, owner: str, name: str, kind: Any, parent: Any, ask: Ask) -> Outcome[Any]:
    key = getattr(parent, "key", None)
    given = repr(sorted(ask.arguments.items()))
    roll = world.roll("edge", owner, name, key, given, world.versions.get(key or "", 0))
    if roll % world.calm < 2:
        return Outcome(error=_gap(world.roll("gap", roll)))
    try:
        value = _value(world, kind, owner, name, key, given, sorted(world.versions.items()) if parent is None else ())
    except ValueError:
        return Outcome(error=Oops("depot", "no value"))
    return Outcome(_only(ask.predicates, value) if (owner, name) in PUSHES else value)


def _only(wanted: Mapping[str, Collection[str]], value: Any) -> Any:
    """What a resolver does that applies rules itself."""
    if isinstance(value, list):
        return [one for one in value if _only(wanted, one) is not None]
    if not wanted or not isinstance(value, Record):
        return value
    viewer = Viewer({name: frozenset(keys) for name, keys in wanted.items()})
    return value if all(viewer.holds(name, Outcome(getattr(value, name))) for name in wanted) else None


def _gap(roll: int) -> Any:
    chosen = roll % 5
    if chosen < len(GAPS):
        return GAPS[chosen](("depot", "archive")[roll // 5 % 2], "as ordered")
    return Ambiguous() if chosen == 3 else Unusable("not like this")


def _facet(owner: str, number: int) -> Any:
    async def resolve(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        world = ask.context.facts["world"]
        await asyncio.sleep(0)
        return [_found(world, owner, number, one) for one in parents]

    return resolve


def _found(world: World, owner: str, number: int, row: Any) -> Outcome[Any]:
    if not isinstance(row, Record):  # each row for itself, however strange it is
        return Outcome(error=Oops("depot", "no row"))
    if row.card0:  # what a row carries is what would be found
        return Outcome(row.card0)
    roll = world.roll("facet", owner, number, row.key)
    if roll % world.calm < 2:
        return Outcome(error=_gap(world.roll("gap", roll)))
    return Outcome(None if roll % world.calm == 2 else Record(world, row.kind, row.key))


def _relation(name: str) -> Any:
    async def resolve(rows: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        world = ask.context.facts["world"]
        return [_fact(world, name, one) for one in rows]

    return resolve


def _fact(world: World, name: str, row: Any) -> Outcome[Any]:
    if not isinstance(row, Record):
        return Outcome(error=Oops("depot", "no row"))
    roll = world.roll("fact", name, row.key)
    return Outcome(error=_gap(roll // 30)) if roll % 30 == 0 else Outcome(getattr(row, name))


@cache
def graph() -> Graph:
    built = declared().schema
    roots = {name: tuple(declared().fields[name]) for name in ("Query", "Mutation")}
    bound: list[Any] = [
        Binding(
            owner,
            (name,),
            _edge(owner, name),
            ("id",) if owner not in roots else (),
            pushes=frozenset({"own", "team"}) if (owner, name) in PUSHES else frozenset(),
        )
        for owner, names in (EDGES | roots).items()
        for name in names
    ]
    bound += [
        Binding(owner, names, _facet(owner, number), ("id",), f"card{number}")
        for owner, facets in FACETS.items()
        for number, names in enumerate(facets)
    ]
    related = [("Alpha", "own"), ("Beta", "own"), ("Alpha", "team")]
    relations = [Relation(owner, name, _relation(name), ("id",)) for owner, name in related]
    return Graph(built, categories(built), Bindings([*bound, *relations]))
