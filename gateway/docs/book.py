"""What a reference tells of one schema: all of it, or as much as callers of one kind may name.

Everything comes from what the gateway runs with: the built schema, the bindings, the policy. So it is never out of
date, and tells nobody more than the schema, `who-sees` and `sources` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.engine.masking import shown_at
from gateway.engine.operation import View
from gateway.engine.register import SourceRow, source_rows
from gateway.engine.views import Views
from gateway.policy import Grants, Policy, Role
from gateway.policy.grants import BITS
from gateway.policy.reasons import UNSEEN, sentence
from schema import Category

SECTIONS = (
    "Where to start",
    "Things",
    "Pages of things",
    "Values",
    "Interfaces",
    "Unions",
    "Inputs",
    "Choices",
    "Scalars",
)
Holder = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


@dataclass(frozen=True)
class Book:
    """view:     what readers may name
    asking:   who sees what: by name, and what each is granted
    roles:    roles that are told of
    systems:  whether readers are told which system is behind a field
    reader:   for whom it was made; empty: for whoever has the source
    """

    graph: Graph
    view: View
    asking: Mapping[str, Grants]
    roles: tuple[Role, ...]
    systems: bool = True
    reader: str = ""

    @classmethod
    def of(cls, graph: Graph, policy: Policy, asks: Principal | None = None) -> Book:
        """For callers like this one; None: for whoever has the source."""
        if asks is None:
            asking = {
                f"{role.name} for {purpose}" if len(role.purposes) > 1 else role.name: grants
                for role in policy.roles.values()
                for purpose, grants in role.by_purpose.items()
            }
            return cls(graph, Views.over(graph).whole, asking, tuple(policy.roles.values()))
        view, role = Views.over(graph).of(policy.ceiling(asks)), policy.role(asks)
        granted = {f"{asks.role} for {purpose}": policy.grants(asks, purpose) for purpose in policy.purposes(asks)}
        systems = any(grants.decide(Category.OPERATIONS).sees() for grants in granted.values())
        return cls(graph, view, granted, (role,) if role else (), systems, asks.client or asks.role)

    @classmethod
    def read_by(cls, graph: Graph, policy: Policy, who: Principal | None) -> Book:
        """For somebody who asks this gateway; None: for whoever has not said who they are."""
        if who is not None:
            return cls.of(graph, policy, who)
        return cls(
            graph, Views.over(graph).of(BITS[Category.PUBLIC]), {}, (), systems=False, reader="somebody without a token"
        )

    @property
    def schema(self) -> GraphQLSchema:
        return self.view.schema

    @cached_property
    def types(self) -> Mapping[str, GraphQLNamedType]:
        """By name, those of the specification left out."""
        return {
            name: kind
            for name, kind in sorted(self.schema.type_map.items())
            if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
        }

    @cached_property
    def sections(self) -> Mapping[str, tuple[str, ...]]:
        """Names of types by what they are for; empty sections are left out."""
        found = {section: tuple(name for name in self.types if self.section(name) == section) for section in SECTIONS}
        return {section: names for section, names in found.items() if names}

    def section(self, name: str) -> str:
        match self.types[name]:
            case kind if kind in (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type):
                return "Where to start"
            case GraphQLObjectType() if self.graph.row_category(name):
                return "Things"
            case GraphQLObjectType() as kind if _wraps(kind):
                return "Pages of things"
            case GraphQLObjectType():
                return "Values"
            case GraphQLInterfaceType():
                return "Interfaces"
            case GraphQLUnionType():
                return "Unions"
            case GraphQLInputObjectType():
                return "Inputs"
            case GraphQLEnumType():
                return "Choices"
        return "Scalars"

    def category(self, coordinate: str) -> Category | None:
        return self.graph.categories.get(coordinate)

    def seen(self, coordinate: str) -> Mapping[str, tuple[str, ...]]:
        """How it is seen → by whom; who never sees it is left out."""
        category, row = self.graph.categories[coordinate], self.graph.row_category(coordinate.partition(".")[0])
        shown = shown_at(self.graph, coordinate)
        return self._ways({name: sentence(one, category, row, None, shown) for name, one in self.asking.items()})

    def seen_of(self, category: Category) -> Mapping[str, tuple[str, ...]]:
        """The same of a whole category, where masks fit."""
        return self._ways({name: sentence(grants, category, None) for name, grants in self.asking.items()})

    def _ways(self, told: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        ways = sorted({said for said in told.values() if said != UNSEEN}, key=lambda said: ("masked" in said, said))
        return {way: tuple(self._shortly(name for name, said in told.items() if said == way)) for way in ways}

    def _shortly(self, names: Iterable[str]) -> Iterator[str]:
        """A role that is there with all its purposes is named once."""
        there = set(names)
        for name in self.asking:
            role = name.partition(" ")[0]
            whole = [one for one in self.asking if one.partition(" ")[0] == role]
            if name in there and name == whole[0] and there.issuperset(whole):
                yield role
            elif name in there and not there.issuperset(whole):
                yield name

    @cached_property
    def origins(self) -> Mapping[str, tuple[SourceRow, ...]]:
        """Where each coordinate comes from; nothing for readers who are not told of systems."""
        found: dict[str, list[SourceRow]] = {}
        for row in source_rows(self.graph) if self.systems else ():
            found.setdefault(row.coordinate, []).append(row)
        return {at: tuple(rows) for at, rows in found.items() if self.view.names(at)}

    @cached_property
    def used(self) -> Mapping[str, tuple[str, ...]]:
        """Type → where it is met: coordinates of fields, arguments and input fields."""
        found: dict[str, list[str]] = {}
        for at, name in self._uses():
            found.setdefault(name, []).append(at)
        return {name: tuple(dict.fromkeys(some)) for name, some in found.items()}

    def _uses(self) -> Iterator[tuple[str, str]]:
        for name, kind in self.types.items():
            for field, one in kind.fields.items() if isinstance(kind, Holder) else ():
                yield f"{name}.{field}", get_named_type(one.type).name
                for argument, given in getattr(one, "args", {}).items():
                    yield f"{name}.{field}({argument}:)", get_named_type(given.type).name

    @cached_property
    def named(self) -> Mapping[Category, tuple[str, ...]]:
        """Category → the coordinates that are of it, as far as readers may name them."""
        return {
            category: tuple(at for at, one in sorted(self.graph.categories.items()) if one is category and self.has(at))
            for category in Category
            if category is not Category.INHERITED
        }

    def has(self, coordinate: str) -> bool:
        """Whether readers may name it; arguments too, of which the view does not speak."""
        owner, _, rest = coordinate.partition(".")
        field, _, argument = rest.rstrip(":)").partition("(")
        kind = self.types.get(owner)
        if kind is None or not field:
            return kind is not None
        members = getattr(kind, "fields", getattr(kind, "values", {}))
        return field in members and (not argument or argument in getattr(members[field], "args", {}))


def _wraps(kind: GraphQLObjectType) -> bool:
    """A page, its rows, or what a search says of one thing."""
    return kind.name.endswith(("Connection", "Edge", "Match", "PageInfo"))
