"""What the rules of one class of callers mean for one graph: which rows can exist for them, and which relations a
resolver has to apply itself because nobody could take a row back later.

Shared by both engines, and pure: it looks at types and grants only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, get_named_type, is_abstract_type

from gateway.engine.graph import Graph, first_rows
from gateway.policy.grants import BITS, NONE, Decision, Grants, subsets
from gateway.policy.rules import Relations
from resolvers.binding import Binding
from schema import Category

Carried = tuple[Category, ...]
"""Categories, besides its own, that a row must be seen under to exist: those of the field it is reached by."""


@dataclass(frozen=True, slots=True)
class Judge:
    graph: Graph
    grants: Grants

    def decide(self, category: Category) -> Decision:
        return self.grants.decide(category)

    def acts(self, category: Category) -> bool:
        """Whether the caller's token was issued for doing something of this category at all."""
        return bool(self.grants.acts & BITS[category])

    # -- rows -----------------------------------------------------------------------------------------------------

    def bound(self, kind: str) -> Relations:
        """Relations that decide anything for these callers and that rows of this type can have."""
        return frozenset(name for name in self.grants.relations if (kind, name) in self.graph.bindings.relations)

    def exists(self, kind: str, held: Relations, carried: Carried = ()) -> bool:
        """Whether a row of which these relations hold is there for the caller at all."""
        return all(self.decide(category).sees(held) for category in self._needed(kind, carried))

    def may_exist(self, kind: str, pushed: Relations = NONE, carried: Carried = ()) -> bool:
        return any(self.exists(kind, held | pushed, carried) for held in self._possible(kind, pushed, carried))

    def always_exists(self, kind: str, pushed: Relations, carried: Carried = ()) -> bool:
        return all(self.exists(kind, held | pushed, carried) for held in self._possible(kind, pushed, carried))

    def must_be_judged(self, kind: str, pushed: Relations, carried: Carried = ()) -> bool:
        """Whether rows of this type are there under some relation only: of itself, none of them is."""
        return not self.exists(kind, pushed, carried) and self.may_exist(kind, pushed, carried)

    def _needed(self, kind: str, carried: Carried) -> Iterator[Category]:
        row = self.graph.row_category(kind)
        yield from carried
        if row is not None:
            yield row

    def _possible(self, kind: str, pushed: Relations, carried: Carried) -> Iterator[Relations]:
        """Every set of relations that rows of this type can have and that decides whether they exist."""
        return subsets(self.deciding(kind, carried) & self.bound(kind) - pushed)

    def rows_below(self, named: object) -> tuple[GraphQLObjectType, ...]:
        """The first types on the way down whose rows stand on their own; a narrower schema has types of its own."""
        known = self.graph.first_rows.get(named)
        return first_rows(self.graph, named) if known is None else known

    def unfit_to_wrap(self, named: object, pushed: Relations, carried: Carried) -> Category | None:
        """A page, or a match, tells of its rows by what stands beside them: counts, cursors, what matched. So all of
        its rows have to be there for the caller, or nothing of it is: then, the category that is to blame."""
        rows = self.rows_below(named)
        if is_abstract_type(named) or any(kind is named for kind in rows):
            return None
        return next((self._blamed(k, carried) for k in rows if not self.always_exists(k.name, pushed, carried)), None)

    def _blamed(self, kind: GraphQLObjectType, carried: Carried) -> Category:
        return self.graph.row_category(kind.name) or carried[0]

    # -- what a resolver applies itself ---------------------------------------------------------------------------

    def settled(
        self, owner: GraphQLObjectType, node: FieldNode, binding: Binding, held: Relations, carried: Carried
    ) -> Relations:
        """Relations that all rows have which a field leads to: because their parent has them, or because the field's
        resolver leaves the others out."""
        return (binding.passes_on & held) | self.pushed(owner, node, binding, carried)

    def pushed(self, owner: GraphQLObjectType, node: FieldNode, binding: Binding, carried: Carried) -> Relations:
        """Relations by which the field's resolver has to leave rows out: those without which no row there exists, and
        those without which the caller could not use the arguments they use."""
        if not binding.pushes:
            return NONE
        rows = self.rows_below(get_named_type(owner.fields[node.name.value].type))
        pushed = frozenset(
            relation
            for relation in binding.pushes & self.grants.relations
            if not any(self._exists_without(kind.name, relation, carried) for kind in rows)
        )
        for category in self._asked(owner, node, binding):
            pushed |= self._enabling(category, rows, binding, pushed, carried)
        return pushed

    def _exists_without(self, kind: str, relation: str, carried: Carried) -> bool:
        return any(
            self.exists(kind, held, carried)
            for held in subsets(self.deciding(kind, carried) & self.bound(kind) - {relation})
        )

    def _asked(self, owner: GraphQLObjectType, node: FieldNode, binding: Binding) -> Iterator[Category]:
        """Categories of the arguments that are written here, and of what the resolver looks up by."""
        definition = owner.fields[node.name.value]
        coordinate = f"{owner.name}.{node.name.value}"
        for argument in node.arguments or ():
            kind = definition.args[argument.name.value].type
            for at in sorted(self.graph.argument_coordinates(coordinate, argument.name.value, kind)):
                yield self.graph.categories[at]
        yield from binding.asks

    def _enabling(
        self,
        category: Category,
        rows: tuple[GraphQLObjectType, ...],
        binding: Binding,
        pushed: Relations,
        carried: Carried,
    ) -> Relations:
        if self.askable(category, rows, pushed, NONE, carried):
            return NONE
        more = binding.pushes & frozenset(self.decide(category).relations)
        return more if more and self.askable(category, rows, pushed | more, NONE, carried) else NONE

    def askable(
        self,
        category: Category,
        rows: tuple[GraphQLObjectType, ...],
        pushed: Relations,
        held: Relations,
        carried: Carried = (),
    ) -> bool:
        """Whether rows may be looked up, filtered or sorted by it: it is seen of every row that could come of it."""
        decision = self.decide(category)
        if not rows:
            return decision.sees(held | pushed)
        return all(
            decision.sees(some | pushed)
            for kind in rows
            for some in subsets((set(decision.relations) | self.deciding(kind.name, carried)) & self.bound(kind.name))
            if self.exists(kind.name, some | pushed, carried)
        )

    def usable(
        self, owner: GraphQLObjectType, kind: GraphQLOutputType, pushed: Relations, held: Relations, carried: Carried
    ) -> Callable[[Category], bool]:
        """Whether an argument of a category may be given to a field. What is written is judged like the act of writing
        it: before there are rows."""
        if owner is self.graph.mutation:
            return lambda category: self.decide(category).sees(pushed)
        rows = self.rows_below(get_named_type(kind))
        return lambda category: self.askable(category, rows, pushed, held, carried)

    def deciding(self, kind: str, carried: Carried) -> set[str]:
        """Relations that decide whether rows of this type exist."""
        return {name for category in self._needed(kind, carried) for name in self.decide(category).relations}
