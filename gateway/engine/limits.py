"""What a document may cost before anybody looks at its meaning. One pass, each fragment measured once.

These are the first of three bounds on what a stranger's text can make us do: then come the budget of validation
(`validation`) and, once page lengths are known, the rows of the answer (`guard`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Per document (tokens, operations, fragments, directives), per operation with its fragments expanded (depth,
    aliases, root fields, fields), per field or input object (members), per question (given), and per answer (rows,
    values).

    fields:   fragment spreads count as fields: a spread of nothing is work too
    members:  arguments of one field or directive, or fields of one input object; no schema has so many
    given:    values in the variables, as many as a document has room for
    """

    tokens: int = 4000
    operations: int = 50
    fragments: int = 100
    directives: int = 200
    depth: int = 20
    aliases: int = 100
    root_fields: int = 20
    fields: int = 10_000
    members: int = 100
    given: int = 4000
    rows: int = 20_000
    values: int = 100_000


@dataclass(frozen=True, slots=True)
class _Size:
    """Of a selection set with its fragments expanded; `width`: fields at its own level."""

    depth: int = 0
    width: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: _Size) -> _Size:
        return _Size(
            max(self.depth, other.depth),
            self.width + other.width,
            self.aliases + other.aliases,
            self.fields + other.fields,
        )


NOTHING = _Size()


@dataclass(slots=True)
class _Measure:
    """`directives` and `members` (the most of any node) are found on the way, each node being met once."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Size] = field(default_factory=dict)
    directives: int = 0
    members: int = 0

    def size(self, selections: SelectionSetNode | None) -> _Size:
        total = NOTHING
        for item in selections.selections if selections else ():
            total = total.beside(self.item(item))
        return total

    def item(self, item: Any) -> _Size:
        self.decorations(item)
        if isinstance(item, FieldNode):
            self.arguments(item.arguments)
            below = self.size(item.selection_set)
            return _Size(below.depth + 1, 1, below.aliases + (item.alias is not None), below.fields + 1)
        if isinstance(item, FragmentSpreadNode):
            return self.fragment(item.name.value).beside(_Size(fields=1))
        return self.size(item.selection_set)

    def fragment(self, name: str) -> _Size:
        if name not in self.known:
            self.known[name] = NOTHING  # a fragment that spreads itself is refused by validation
            definition = self.fragments.get(name)
            self.known[name] = self.size(definition.selection_set) if definition else NOTHING
        return self.known[name]

    def decorations(self, node: Any) -> None:
        self.directives += len(node.directives or ())
        for directive in node.directives or ():
            self.arguments(directive.arguments)

    def arguments(self, arguments: Any) -> None:
        if arguments:
            self.members = max(self.members, len(arguments), *(_widest(one.value) for one in arguments))


def _widest(value: Any) -> int:
    """Fields of the largest input object in a value. The parser has bounded how deep it is."""
    if isinstance(value, ObjectValueNode):
        return max(len(value.fields), *(_widest(one.value) for one in value.fields), 0)
    if isinstance(value, ListValueNode):
        return max((_widest(one) for one in value.values), default=0)
    return 0


def exceeded(document: DocumentNode, limits: Limits) -> str | None:
    """Which limit the document breaks, in a sentence for its author; None when it breaks none."""
    for what, count, most in _counts(document, limits):
        if count > most:
            return f"The document has {_told(count)} {what}; at most {most} are served. Split it into several"
    return None


def _counts(document: DocumentNode, limits: Limits) -> Iterator[tuple[str, int, int]]:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    yield "operations", len(operations), limits.operations
    yield "fragments", len(document.definitions) - len(operations), limits.fragments
    measure = _Measure(fragments)
    for node in operations:
        for part in (node, *(node.variable_definitions or ())):
            measure.decorations(part)
        size = measure.size(node.selection_set)
        yield "levels in one operation", size.depth, limits.depth
        yield "aliases in one operation, fragments expanded", size.aliases, limits.aliases
        yield "fields in one operation, fragments expanded", size.fields, limits.fields
        yield "root selections in one operation", size.width, limits.root_fields
    for name, definition in fragments.items():
        measure.fragment(name)
        measure.decorations(definition)
    yield "directives", measure.directives, limits.directives
    yield "arguments of one field, or fields of one input object", measure.members, limits.members


def overfull(given: Mapping[str, Any], most: int) -> bool:
    """Whether variables hold more values than that. No more of them are looked at than that."""
    held = 0
    left: list[Any] = [given]
    while left:
        one = left.pop()
        held += len(one)
        if held > most:
            return True
        inside = one.values() if isinstance(one, Mapping) else one
        left += [value for value in inside if value.__class__ is list or value.__class__ is dict]
    return False


def _told(count: int) -> str:
    """A count that a fragment has doubled sixty times says no more to its author than that it is too large."""
    return str(count) if count < 1_000_000 else "more than a million"
