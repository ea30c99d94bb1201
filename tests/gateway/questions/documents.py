"""Questions made from a schema: valid, diverse, affordable, and aimed at coordinates that the caller can reach.

A question grows from the root along a way to its goal, and from there wherever the dice say, mostly to what the caller
is shown. Then it is dressed in everything the language has: aliases, also of one field twice; fields repeated, to be
merged; fragments, inline and named, nested, used twice, on the type itself, on its interfaces and on nothing;
conditions by literal and by variable; `__typename`; several root fields; several operations; introspection.

Nothing in here knows the schema's domain. What values there are stands in the table that `Values` has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from tests.gateway.questions.text import Asked, Fragment, Inline, Item, Pick, Scope, Spread, block
from tests.gateway.questions.values import OMITTED, Rows, Values
from tests.gateway.questions.variables import Variables
from tests.gateway.questions.ways import ASIDE, Way

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType

DEPTHS = (3, 5, 7, 8)
VALUES = (30, 60, 90, 130)
MOST_ROWS = 40
USUAL_LIST = 3
ALIASES = ("a", "b", "x1", "theSame", "_")
BESIDE = "Beside"
MARK = "theRow"
BAD_LENGTHS = (0, -1, 101)
INTROSPECTION = (
    "__schema { queryType { name } }",
    "__schema { directives { name args(includeDeprecated: true) { name } } }",
    "s: __schema { types { name kind } }",
    '__type(name: "Node") { name possibleTypes { name } }',
    't: __type(name: "Query") { fields { name args { name defaultValue } type { name kind ofType { name } } } }',
    '__type(name: "nothing of the kind") { name }',
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question grows: what is taken there, its response path, levels left, rows to be expected, and how many
    rows a page has whose list comes further down."""

    scope: Scope = field(default_factory=Scope)
    path: tuple[str, ...] = ()
    depth: int = 5
    rows: int = 1
    page: int | None = None


@dataclass(slots=True)
class Writer:
    """Writes one question. `likes`: whether the caller is shown an output coordinate; `uses`: may use an input one.

    strays:      how often something that is not liked comes in, as against usually
    introspects: whether questions about the schema may stand beside
    marks:       whether every row says its id under the key `MARK` as well
    plain:       whether it says little but what leads to its goals, and few conditions that could leave nothing to tell
    """

    schema: GraphQLSchema
    rows: Rows
    dice: Random
    likes: Callable[[str], bool]
    uses: Callable[[str], bool]
    strays: float = 1.0
    introspects: bool = True
    marks: bool = False
    plain: bool = False
    left: int = 0
    variables: Variables = field(init=False)
    values: Values = field(init=False)
    fragments: list[Fragment] = field(default_factory=list)
    cursors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = self.dice.choice(VALUES)
        self.variables = Variables(self.dice)
        self.values = Values(self.rows, self.dice, self.uses)

    def asked(self, *ways: Way) -> Asked:
        """A question that follows these ways, whatever else it asks."""
        assert self.schema.query_type
        place = Place(depth=max(self.dice.choice(DEPTHS), *map(len, ways), 0))
        items: list[Any] = list(self.items(self.schema.query_type, place, ways))
        if self.introspects and self.chance(0.04):
            items.insert(self.dice.randrange(len(items) + 1), self.dice.choice(INTROSPECTION))
        name, others = self.others()
        whole = f"query{f' {name}' if name else ''}{self.variables}{block(items)}"
        text = "\n".join(self.shuffled([whole, *others, *map(str, self.fragments)]))
        operation = name if others or (name and self.chance(0.5)) else None
        return Asked(text, self.variables.given, operation, self.variables.declared, self.cursors)

    def others(self) -> tuple[str | None, list[str]]:
        """A name for the operation, and operations beside it."""
        if self.chance(0.7):
            return None, []
        if self.chance(0.5):
            return "Asked", []
        beside = [
            f"query {BESIDE} {{ __typename }}",
            "query Other($b: Boolean! = true) { t: __typename @include(if: $b) }",
        ]
        return "Asked", beside[: self.dice.choice((1, 2))]

    # -- what is selected -----------------------------------------------------------------------------------------

    def items(self, kind: Composite, place: Place, ways: Sequence[Way]) -> Sequence[Item]:
        """A selection on a type."""
        is_object = isinstance(kind, GraphQLObjectType)
        found = self.fields(kind, place, ways) if is_object else self.by_type(kind, place, ways)
        if self.chance(0.15 if found else 0.9):
            found.append(self.keyed("__typename", "", "String!", place))
        dressed = self.dressed(kind, place, found, kept=bool(ways)) if found else found
        return [*dressed, *self.mark(kind)]

    def mark(self, kind: Composite) -> list[Item]:
        marked = self.marks and isinstance(kind, GraphQLObjectType) and "Node" in {one.name for one in kind.interfaces}
        return [Pick(MARK, "id", "", "ID!")] if marked else []

    def fields(self, kind: GraphQLObjectType, place: Place, ways: Sequence[Way]) -> list[Item]:
        found: list[Item] = []
        for name in self.chosen(kind, place, ways):
            further = [way[1:] for way in ways if way[0] == (kind.name, name) and len(way) > 1]
            found.append(self.pick(kind, name, place, further))
            if self.chance(0.2 if kind.fields[name].args and place.depth > 1 else 0.04):
                found.append(self.pick(kind, name, replace(place, depth=place.depth - 1), ()))
        return found

    def by_type(self, kind: GraphQLInterfaceType | GraphQLUnionType, place: Place, ways: Sequence[Way]) -> list[Item]:
        """What an interface promises, and fragments on some of the types that may stand there."""
        own = list(kind.fields) if isinstance(kind, GraphQLInterfaceType) else []
        found: list[Item] = [self.pick(kind, name, place, ()) for name in own if self.chance(0.6)]
        possible = sorted(self.schema.get_possible_types(kind), key=lambda one: one.name)
        forced = [one for one in possible if one.name in {way[0][0] for way in ways}]
        others = [one for one in possible if one not in forced]
        for one in (*forced, *self.dice.sample(others, min(len(others), self.dice.choice((0, 1, 1, 2))))):
            found.append(Inline(one.name, self.items(one, place, [way for way in ways if way[0][0] == one.name])))
        return found

    def chosen(self, kind: GraphQLObjectType, place: Place, ways: Sequence[Way]) -> list[str]:
        """Names of fields: those the caller is shown more often than others, and as many as can be afforded."""
        known = [name for name in kind.fields if f"{kind.name}.{name}" not in ASIDE]
        leaves = [name for name in known if is_leaf_type(get_named_type(kind.fields[name].type))]
        edges = [name for name in known if name not in leaves]
        stray = 0.06 * self.strays
        taken = [name for name in leaves if self.chance(0.8 if self.likes(f"{kind.name}.{name}") else stray)]
        if self.left <= 0 or place.rows > MOST_ROWS:
            taken, edges = taken[:2], edges if not leaves else []
        follows = any(way[0][0] == kind.name for way in ways)
        taken += self.some_edges(kind, edges, place, needed=not leaves, follows=follows)
        return list(dict.fromkeys((*taken, *(way[0][1] for way in ways if way[0][0] == kind.name))))

    def some_edges(
        self, kind: GraphQLObjectType, edges: Sequence[str], place: Place, *, needed: bool, follows: bool
    ) -> list[str]:
        liked = [name for name in edges if self.likes(f"{kind.name}.{name}")]
        others = [name for name in edges if name not in liked]
        most = self.dice.choice((1, 2, 2, 3) if needed or not place.path else (0, 1, 1, 2)) if place.depth > 1 else 0
        most = min(most, 0 if follows else 1) if self.plain else most
        found = self.dice.sample(liked, min(most, len(liked)))
        return (
            [*found, self.dice.choice(others)]
            if others and place.depth > 1 and self.chance(0.08 * self.strays)
            else found
        )

    # -- one field ------------------------------------------------------------------------------------------------

    def pick(self, kind: Composite, name: str, place: Place, ways: Sequence[Way]) -> Pick:
        assert not isinstance(kind, GraphQLUnionType)
        definition = kind.fields[name]
        arguments, page, cursor = self.arguments(f"{kind.name}.{name}", definition, place)
        pick = self.keyed(name, arguments, str(definition.type), place)
        target = get_named_type(definition.type)
        if is_leaf_type(target):
            self.left -= place.rows
            return pick
        inner = self.within(definition, pick, place, page)
        items = list(self.items(target, inner, ways))
        if cursor:
            items.append(self.end_cursor(target, inner, cursor))
        return replace(pick, items=items)

    def within(self, definition: GraphQLField, pick: Pick, place: Place, page: int | None) -> Place:
        """The place below a field. The rows of a page are those of the list further down."""
        rows, coming = place.rows, page if page is not None else place.page
        if _holds_list(definition):
            rows, coming = rows * (coming or USUAL_LIST), None
        return Place(place.scope.take(pick), (*place.path, pick.key), place.depth - 1, rows, coming)

    def end_cursor(self, connection: GraphQLObjectType, place: Place, variable: str) -> Pick:
        """What the next question continues behind: `pageInfo { endCursor }`, as Relay has it."""
        info = connection.fields["pageInfo"]
        page = self.keyed("pageInfo", "", str(info.type), place)
        inside = self.within(info, page, place, None)
        end = self.keyed("endCursor", "", str(get_named_type(info.type).fields["endCursor"].type), inside)
        self.cursors[variable.removeprefix("$")] = (*inside.path, end.key)
        return replace(page, items=(end,))

    def keyed(self, name: str, arguments: str, kind: str, place: Place) -> Pick:
        """The field under a response key that means nothing else there; its own name, if the dice like it."""
        others = [*ALIASES, *(key for key in place.scope.taken if not key.startswith("__"))]
        first = name if self.chance(0.85) else self.dice.choice(others)
        for key in (first, name, *(f"{name}{number}" for number in range(1, 100))):
            pick = Pick(key, name, arguments, kind)
            if place.scope.fits(pick):
                place.scope.take(pick)
                return pick
        raise AssertionError("a hundred aliases of one field")

    def arguments(self, at: str, definition: GraphQLField, place: Place) -> tuple[str, int | None, str]:
        """The arguments as text, how many rows they allow (None when they do not say), and the cursor's variable."""
        written, page, cursor = [], None, ""
        for name, argument in self.shuffled(list(definition.args.items())):
            spelled, value = self.argument(f"{at}({name}:)", name, argument, place)
            if name == "first":
                page = value if isinstance(value, int) else argument.default_value
            elif isinstance(value, list):
                page = max(len(value), 1)
            if spelled is not None:
                written.append(f"{name}: {spelled}")
                cursor = spelled if value is CURSOR else cursor
        return f"({', '.join(written)})" if written else "", page if isinstance(page, int) else None, cursor

    def argument(self, at: str, name: str, argument: GraphQLArgument, place: Place) -> tuple[str | None, Any]:
        """How it is spelled (None: not at all), and its value."""
        needed = is_required_argument(argument)
        if name == "after" and at not in self.rows:
            return self.behind()
        if name == "first":
            return self.length(at, argument, place)
        if not needed and self.chance(0.7 if self.plain else 0.4 if self.uses(at) else 0.9):
            return None, None
        value = self.values.of(at, argument.type, needed=needed)
        if value is OMITTED:
            return None, None
        return self.variables.written(argument.type, value, optional=not needed), value

    def length(self, at: str, argument: GraphQLArgument, place: Place) -> tuple[str | None, Any]:
        """As many rows as can be afforded here."""
        most = max(MOST_ROWS // place.rows, 1)
        usual = argument.default_value
        if isinstance(usual, int) and usual <= most and self.chance(0.3):
            return None, usual
        bad = place.rows == 1 and self.chance(0.03)
        value = self.dice.choice(BAD_LENGTHS) if bad else min(self.values.of(at, argument.type), most)
        return self.variables.written(argument.type, value), value

    def behind(self) -> tuple[str | None, Any]:
        if self.chance(0.5):
            return None, None
        if self.chance(0.2):
            return self.dice.choice(("null", '"not a cursor"')), None
        return self.variables.cursor(), CURSOR

    # -- how it is dressed ----------------------------------------------------------------------------------------

    def dressed(self, kind: Composite, place: Place, found: list[Item], *, kept: bool) -> Sequence[Item]:
        """The same selection, said in another way; what is conditional may be left out unless it is to be `kept`."""
        self.dice.shuffle(found)
        found = [self.conditioned(one, kept or self.chance(0.75)) if self.chance(0.08) else one for one in found]
        if self.chance(0.15):
            found = self.repeated(found)
        if self.chance(0.25):
            found = self.wrapped(found, lambda some: self.inline(kind, some, kept=kept))
        if self.chance(0.15):
            found = self.wrapped(found, lambda some: self.named(kind, some))
        if self.chance(0.3):
            found = [*found, *self.known(kind, place)]
        if self.chance(0.1) and isinstance(kind, GraphQLObjectType):
            found = [*found, *self.by_interface(kind, place)]
        return found

    def conditioned(self, item: Item, kept: bool) -> Item:
        if item.directives:
            return item
        said = self.dice.choice(("include", "skip", "both"))
        text = "" if said == "include" else f" @skip(if: {self.variables.flag(not kept)})"
        if said != "skip":
            text += f" @include(if: {self.variables.flag(kept)})"
        return replace(item, directives=text)

    def repeated(self, found: list[Item]) -> list[Item]:
        """One field, given twice, each time with a part of its selection; or twice the same."""
        at = self.dice.randrange(len(found))
        item = found[at]
        if not isinstance(item, Pick):
            return found
        first = again = item
        if item.items and len(item.items) > 1:
            cut = self.dice.randrange(1, len(item.items))
            first, again = replace(item, items=item.items[:cut]), replace(item, items=item.items[cut:])
        rest = [*found[:at], first, *found[at + 1 :]]
        rest.insert(self.dice.randrange(len(rest) + 1), again)
        return rest

    def wrapped(self, found: list[Item], wrap: Callable[[list[Item]], Item]) -> list[Item]:
        start = self.dice.randrange(len(found))
        end = self.dice.randrange(start, len(found)) + 1
        return [*found[:start], wrap(found[start:end]), *found[end:]]

    def inline(self, kind: Composite, some: list[Item], *, kept: bool) -> Item:
        inline = Inline(self.dice.choice((kind.name, "")), some)
        return self.conditioned(inline, kept or self.chance(0.75)) if self.chance(0.3) else inline

    def named(self, kind: Composite, some: list[Item]) -> Item:
        fragment = Fragment(f"F{len(self.fragments)}", kind.name, some)
        self.fragments.append(fragment)
        return Spread(fragment)

    def known(self, kind: Composite, place: Place) -> list[Item]:
        """A fragment of another place once more, where its keys mean the same and its rows can be afforded."""
        for fragment in self.shuffled(self.fragments):
            if fragment.condition == kind.name and self.left > 0 and place.scope.fits_all(fragment.items):
                place.scope.take_all(fragment.items)
                self.left -= place.rows * str(fragment).count(" ")
                return [self.conditioned(Spread(fragment), True) if self.chance(0.2) else Spread(fragment)]
        return []

    def by_interface(self, kind: GraphQLObjectType, place: Place) -> list[Item]:
        """Something of a row by way of an interface that its type implements."""
        if not kind.interfaces:
            return []
        interface = self.dice.choice(kind.interfaces)
        names = [
            name for name, one in interface.fields.items() if not one.args and is_leaf_type(get_named_type(one.type))
        ]
        return [Inline(interface.name, [self.pick(interface, self.dice.choice(names), place, ())])] if names else []

    # -- dice -----------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def shuffled(self, items: list[Any]) -> list[Any]:
        return self.dice.sample(items, len(items))


CURSOR: Any = type("CURSOR", (), {"__repr__": lambda _: "CURSOR"})()
"""In place of a value: a variable for a cursor that an earlier answer gives."""


def _holds_list(definition: GraphQLField) -> bool:
    kind = definition.type.of_type if is_non_null_type(definition.type) else definition.type
    return is_list_type(kind)
