"""What a document may cost before anybody looks at its meaning. One pass, each fragment counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Per document (tokens) and per operation, with fragments expanded (the others)."""

    tokens: int = 4000
    depth: int = 20
    aliases: int = 100
    root_fields: int = 20
    fields: int = 10_000
    rows: int = 20_000


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: _Size) -> _Size:
        return _Size(max(self.depth, other.depth), self.aliases + other.aliases, self.fields + other.fields)


@dataclass(slots=True)
class _Measure:
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Size] = field(default_factory=dict)

    def size(self, selections: SelectionSetNode | None) -> _Size:
        total = _Size()
        for item in selections.selections if selections else ():
            total = total.beside(self.item(item))
        return total

    def item(self, item: object) -> _Size:
        match item:
            case FieldNode():
                below = self.size(item.selection_set)
                return _Size(below.depth + 1, below.aliases + (item.alias is not None), below.fields + 1)
            case FragmentSpreadNode():
                return self.fragment(item.name.value)
            case _:
                return self.size(getattr(item, "selection_set", None))

    def fragment(self, name: str) -> _Size:
        if name not in self.known:
            self.known[name] = _Size()  # a fragment that spreads itself is refused by validation
            definition = self.fragments.get(name)
            self.known[name] = self.size(definition.selection_set) if definition else _Size()
        return self.known[name]


def exceeded(document: DocumentNode, limits: Limits) -> str | None:
    """Which limit the document breaks, in a sentence for its author; None when it breaks none."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measure = _Measure(fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = measure.size(node.selection_set)
            counts = {
                "levels": (size.depth, limits.depth),
                "aliases": (size.aliases, limits.aliases),
                "fields": (size.fields, limits.fields),
                "root selections": (len(node.selection_set.selections), limits.root_fields),
            }
            for what, (count, most) in counts.items():
                if count > most:
                    return f"The operation has {count} {what}; at most {most} are served. Split it into several"
    return None
