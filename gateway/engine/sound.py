"""Whether a document is plainly right: in one walk, for the many that are.

graphql-core looks for what is wrong, by thirty rules that are told of every node they might care about; what is right
can be seen in a twentieth of the time. So this says nothing of what is wrong: it has a doubt, and graphql-core is asked
(`validation`), which knows the words as well. Whatever is found sound here is found right there; the tests hold one
against the other.

Doubtful is also what is right but seldom: questions about the schema, directives other than `@skip` and `@include`.
Whether fields of one response key can be merged is left to graphql-core too, unless they are the same plain leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    do_types_overlap,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_equal_type,
    is_input_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
    type_from_ast,
)
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage

CONDITIONS = frozenset({"skip", "include"})

Same = tuple[str, Any] | None
"""Of a leaf without arguments its name and type: whatever else is that, is merged with it. None: who knows?"""


class Soundness(Enum):
    SOUND = auto()
    MERGING = auto()
    """All is right, except perhaps for fields that must be merged."""
    DOUBTFUL = auto()


class Doubt(Exception):
    """Not plainly right."""


@dataclass(frozen=True, slots=True)
class Use:
    """A variable where a value belongs: of that type, and with that default. `alone`: as the only member of its input
    object, so it must not be null."""

    name: str
    kind: Any
    default: Any
    alone: bool


@dataclass(slots=True)
class Part:
    """An operation or a fragment on that type. keys: at its own level, those of what it spreads included."""

    kind: Any
    keys: dict[str, Same] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    spreads: set[str] = field(default_factory=set)


def soundness(schema: GraphQLSchema, document: DocumentNode) -> Soundness:
    try:
        walk = _Walk(schema, _fragments(document.definitions))
        walk.operations([one for one in document.definitions if isinstance(one, OperationDefinitionNode)])
    except (Doubt, RecursionError):
        return Soundness.DOUBTFUL
    return Soundness.MERGING if walk.merging else Soundness.SOUND


def _fragments(definitions: Sequence[Any]) -> dict[str, FragmentDefinitionNode]:
    found = [one for one in definitions if isinstance(one, FragmentDefinitionNode)]
    named = {one.name.value: one for one in found}
    _sure(len(named) == len(found))
    _sure(not any(one.directives or one.variable_definitions for one in found))
    _sure(all(isinstance(one, FragmentDefinitionNode | OperationDefinitionNode) for one in definitions))
    return named


def _sure(holds: object) -> None:
    if not holds:
        raise Doubt


@dataclass(slots=True)
class _Walk:
    """`parts`: fragments that were walked; None while one is."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    parts: dict[str, Part | None] = field(default_factory=dict)
    merging: bool = False

    # -- what is defined ------------------------------------------------------------------------------------------

    def operations(self, nodes: Sequence[OperationDefinitionNode]) -> None:
        names = {node.name.value for node in nodes if node.name}
        _sure(len(names) == len(nodes) or len(nodes) == 1)
        used: set[str] = set()
        for node in nodes:
            used |= self.operation(node)
        _sure(len(used) == len(self.fragments))

    def operation(self, node: OperationDefinitionNode) -> set[str]:
        """Checks it, and tells which fragments it spreads, one through another."""
        _sure(not node.directives and node.operation is not OperationType.SUBSCRIPTION)
        part = Part(self.schema.get_root_type(node.operation))
        _sure(part.kind)
        self.selections(part, part.kind, node.selection_set, part.keys)
        reached, uses = self.reached(part)
        self.variables(node.variable_definitions or (), uses)
        return reached

    def reached(self, part: Part) -> tuple[set[str], list[Use]]:
        reached, uses, left = set[str](), list(part.uses), list(part.spreads)
        while left:
            name = left.pop()
            if name not in reached:
                reached.add(name)
                inner = self.fragment(name)
                uses += inner.uses
                left += inner.spreads
        return reached, uses

    def fragment(self, name: str) -> Part:
        if name not in self.parts:
            definition = self.fragments.get(name)
            if definition is None:
                raise Doubt
            self.parts[name] = None
            part = Part(self.composite(definition.type_condition))
            self.selections(part, part.kind, definition.selection_set, part.keys)
            self.parts[name] = part
        known = self.parts[name]
        if known is None:  # it spreads itself
            raise Doubt
        return known

    def variables(self, nodes: Sequence[VariableDefinitionNode], uses: Sequence[Use]) -> None:
        kinds = {node.variable.name.value: (self.variable(node), node.default_value) for node in nodes}
        _sure(len(kinds) == len(nodes) and kinds.keys() == {one.name for one in uses})
        for one in uses:
            kind, default = kinds[one.name]
            _sure(allowed_variable_usage(self.schema, kind, default, one.kind, one.default))
            _sure(is_non_null_type(kind) or not one.alone)

    def variable(self, node: VariableDefinitionNode) -> Any:
        kind = type_from_ast(self.schema, node.type)
        _sure(kind and is_input_type(kind) and not node.directives)
        if node.default_value is not None:
            self.value(Part(None), node.default_value, kind, Undefined)
        return kind

    # -- what is selected -----------------------------------------------------------------------------------------

    def selections(self, part: Part, kind: Any, node: SelectionSetNode, keys: dict[str, Same]) -> None:
        """Of a type; `keys` are those that are met at this level."""
        for one in node.selections:
            if one.directives:
                self.conditions(part, one.directives)
            if isinstance(one, FieldNode):
                self.field(part, kind, one, keys)
            elif isinstance(one, FragmentSpreadNode):
                self.spread(part, kind, one, keys)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                inner = self.narrowed(kind, self.composite(condition)) if condition else kind
                self.selections(part, inner, one.selection_set, keys)

    def spread(self, part: Part, kind: Any, node: FragmentSpreadNode, keys: dict[str, Same]) -> None:
        _sure(not node.arguments)
        inner = self.fragment(node.name.value)
        self.narrowed(kind, inner.kind)
        part.spreads.add(node.name.value)
        if not self.merging:
            for key, same in inner.keys.items():
                self.meets(keys, key, same)

    def field(self, part: Part, kind: Any, node: FieldNode, keys: dict[str, Same]) -> None:
        name = node.name.value
        definition = self.schema.get_field(kind, name)
        if definition is None or name in ("__schema", "__type"):
            raise Doubt
        if definition.args or node.arguments:
            self.arguments(part, definition.args, node.arguments or ())
        named, below = get_named_type(definition.type), node.selection_set
        _sure(is_leaf_type(named) is (below is None))
        plain = below is None and not node.arguments
        self.meets(keys, node.alias.value if node.alias else name, (name, definition.type) if plain else None)
        if below is not None:
            self.selections(part, named, below, {})

    def meets(self, keys: dict[str, Same], key: str, same: Same) -> None:
        if key in keys and not _alike(keys[key], same):
            self.merging = True
        keys[key] = same

    def composite(self, node: NamedTypeNode) -> Any:
        kind = self.schema.type_map.get(node.name.value)
        _sure(is_composite_type(kind))
        return kind

    def narrowed(self, kind: Any, inner: Any) -> Any:
        _sure(kind is inner or do_types_overlap(self.schema, kind, inner))
        return inner

    # -- what is given --------------------------------------------------------------------------------------------

    def conditions(self, part: Part, nodes: Sequence[DirectiveNode]) -> None:
        names = [one.name.value for one in nodes]
        _sure(len(set(names)) == len(names) and CONDITIONS.issuperset(names))
        for one in nodes:
            directive = self.schema.get_directive(one.name.value)
            if directive is None:
                raise Doubt
            self.arguments(part, directive.args, one.arguments or ())

    def arguments(self, part: Part, known: Mapping[str, GraphQLArgument], nodes: Sequence[ArgumentNode]) -> None:
        given = _by_name(nodes)
        _sure(given.keys() <= known.keys())
        for name, one in known.items():
            if name in given:
                self.value(part, given[name], one.type, _default(one))
            else:
                _sure(not is_required_argument(one))

    def value(self, part: Part, node: ValueNode, kind: Any, default: Any) -> None:
        """A literal as a whole, then the variables in it and the names of its members."""
        if not isinstance(node, VariableNode):
            validate_input_literal(node, kind, _doubted)
        self.inside(part, node, kind, default, alone=False)

    def inside(self, part: Part, node: ValueNode, kind: Any, default: Any, *, alone: bool) -> None:
        if isinstance(node, VariableNode):
            part.uses.append(Use(node.name.value, kind, default, alone))
        elif isinstance(node, ListValueNode):
            listed = get_nullable_type(kind)
            _sure(isinstance(listed, GraphQLList))
            for one in node.values:
                self.inside(part, one, listed.of_type, Undefined, alone=False)
        elif isinstance(node, ObjectValueNode):
            self.members(part, node, get_named_type(kind))

    def members(self, part: Part, node: ObjectValueNode, named: Any) -> None:
        given = _by_name(node.fields)
        if not isinstance(named, GraphQLInputObjectType):
            raise Doubt
        for name, value in given.items():
            member = named.fields[name]  # known, or the whole would have been doubted
            self.inside(part, value, member.type, _default(member), alone=named.is_one_of)


def _alike(one: Same, other: Same) -> bool:
    return one is not None and other is not None and one[0] == other[0] and is_equal_type(one[1], other[1])


def _by_name(nodes: Iterable[Any]) -> dict[str, ValueNode]:
    """Values by name, of which each is given once."""
    given = [(node.name.value, node.value) for node in nodes]
    found = dict(given)
    _sure(len(found) == len(given))
    return found


def _default(of: GraphQLArgument | GraphQLInputField) -> Any:
    return of.default if of.default is not None else of.default_value


def _doubted(*_: object) -> None:
    raise Doubt
