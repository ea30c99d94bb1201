"""`@skip` and `@include`: which variables decide what an operation selects, and what comes of a null among them.

A variable that may be null can stand there if it has a default that is not (specification, "All Variable Usages Are
Allowed"). A null is then neither yes nor no: who gives one is refused, wherever it would be looked at. It is not below
what is left out already, nor in an operation of the document that is not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FragmentSpreadNode, SelectionSetNode, VariableNode
from graphql.execution.collect_fields import FragmentDetails
from graphql.language import DirectiveNode

Bits = Mapping[str, bool | None]
"""How conditions have turned out, by variable. None: it is null."""

WANTED = {"skip": False, "include": True}
"""What leaves a selection in; in the order in which it is looked at."""


@dataclass(slots=True)
class _Walk:
    """Through the selections of one operation, each fragment once."""

    fragments: Mapping[str, FragmentDetails]
    been: set[str] = field(default_factory=set)

    def below(self, item: Any) -> SelectionSetNode | None:
        if not isinstance(item, FragmentSpreadNode):
            found: SelectionSetNode | None = getattr(item, "selection_set", None)
            return found
        if item.name.value in self.been:
            return None
        self.been.add(item.name.value)
        return self.fragments[item.name.value].definition.selection_set

    def variables(self, selections: SelectionSetNode | None) -> Iterator[str]:
        for item in selections.selections if selections else ():
            given = (_given(directive) for directive in _in_order(item.directives or ()))
            yield from (value.name.value for value in given if isinstance(value, VariableNode))
            yield from self.variables(self.below(item))

    def undecided(self, selections: SelectionSetNode | None, bits: Bits) -> Iterator[str]:
        for item in selections.selections if selections else ():
            for directive in _in_order(item.directives or ()):
                value = _given(directive)
                holds = bits[value.name.value] if isinstance(value, VariableNode) else value.value
                if holds is None:
                    yield value.name.value
                elif holds is not WANTED[directive.name.value]:
                    break
            else:
                yield from self.undecided(self.below(item), bits)


def deciding(selections: SelectionSetNode, fragments: Mapping[str, FragmentDetails]) -> tuple[str, ...]:
    """The variables that decide what is selected, through all fragments that are reached."""
    return tuple(dict.fromkeys(_Walk(fragments).variables(selections)))


def undecided(selections: SelectionSetNode, fragments: Mapping[str, FragmentDetails], bits: Bits) -> str | None:
    """A variable that is null where yes or no is needed."""
    nulls = None in bits.values()
    return next(_Walk(fragments).undecided(selections, bits), None) if nulls else None


def _in_order(directives: tuple[DirectiveNode, ...]) -> Iterator[DirectiveNode]:
    return (one for name in WANTED for one in directives if one.name.value == name)


def _given(directive: DirectiveNode) -> Any:
    """The document is valid: it is a variable, yes or no."""
    (condition,) = directive.arguments or ()
    return condition.value
