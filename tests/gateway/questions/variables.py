"""How a question gives its values: spelled out, or as variables of every form that the specification knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLBoolean, GraphQLInputObjectType, GraphQLInputType, GraphQLNonNull, is_non_null_type

from tests.gateway.questions.values import literal

LEFT: Any = type("LEFT", (), {"__repr__": lambda _: "LEFT"})()
"""In place of a value: the request does not give the variable."""

FORMS = ("as the place", "as the place", "as the place", "never null", "defaulted", "left to its default")


@dataclass(slots=True)
class Variables:
    """The variables of one operation: how each is declared, and what the request gives."""

    dice: Random
    declared: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        each = (f"${name}: {kind}{self.defaults.get(name, '')}" for name, kind in self.declared.items())
        return f"({', '.join(each)})" if self.declared else ""

    def written(self, kind: GraphQLInputType, value: Any, *, optional: bool = False, promised: bool = False) -> str:
        """A value as it stands in the document.

        optional:  the place has a default or may be null, so that a variable need not be given
        promised:  the place takes no variable that might be null, though its own type may be (`@oneOf`)
        """
        if self.dice.random() < 0.45:
            return self._variable(kind, value, optional, promised)
        inner = kind.of_type if is_non_null_type(kind) else kind
        if isinstance(inner, GraphQLInputObjectType) and isinstance(value, dict):
            return self._object(inner, value)
        return literal(kind, value)

    def flag(self, value: bool) -> str:
        """For `@skip` and `@include`."""
        return self.written(GraphQLNonNull(GraphQLBoolean), value)

    def cursor(self) -> str:
        """A variable that the first question leaves out, and the next one gives."""
        return self._new("String")

    def _object(self, kind: GraphQLInputObjectType, value: dict[str, Any]) -> str:
        fields = [
            f"{name}: {self.written(kind.fields[name].type, inner, promised=bool(kind.is_one_of))}"
            for name, inner in value.items()
        ]
        return f"{{{', '.join(fields)}}}"

    def _variable(self, kind: GraphQLInputType, value: Any, optional: bool, promised: bool) -> str:
        text = str(kind)
        bare = text.removesuffix("!")
        form = self.dice.choice(FORMS)
        if promised:
            return self._named(f"{bare}!", "", value)
        if optional and self.dice.random() < 0.15:
            return self._new(bare)  # the default of the place counts
        if value is None or form == "as the place":
            return self._named(text, "", value)
        if form == "never null":
            return self._named(f"{bare}!", "", value)
        # a nullable variable with a default may stand where no null may; until the request gives null after all
        if text.endswith("!") and self.dice.random() < 0.06:
            return self._new(bare, f" = {literal(kind, value)}", None)
        given = value if form == "defaulted" else LEFT
        return self._named(self.dice.choice((bare, text)), f" = {literal(kind, value)}", given)

    def _named(self, text: str, default: str, value: Any) -> str:
        """A new variable, or one that says the same already."""
        for name, kind in self.declared.items():
            known = kind, self.defaults.get(name, ""), self.given.get(name, LEFT)
            if known == (text, default, value) and self.dice.random() < 0.5:
                return f"${name}"
        return self._new(text, default, value)

    def _new(self, text: str, default: str = "", value: Any = LEFT) -> str:
        name = f"v{len(self.declared)}"
        self.declared[name] = text
        if default:
            self.defaults[name] = default
        if value is not LEFT:
            self.given[name] = value
        return f"${name}"
