"""Compiles how rows of one selection of columns are read: one function, rows in, records out, for just what was asked.

As `gateway/engine/shape.py` does it for what goes out, in one expression a value, without a call for what is plain:

    def read(R):
        return [Incident(number=v1 if (v1 := r.get('Incident Number')).__class__ is str and v1 else key(r)) for r in R]

It never guesses. A value that the expression does not take for a plain one goes to a function of the adapter's own
(here `key`), which knows all that it can be, and raises Garbled, by name, for what it must not be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any


class Writer:
    """Writes one such function. `names`: what its expressions may name."""

    def __init__(self, **names: Any) -> None:
        self._names = names
        self._looked_at = 0

    def name(self, known: str, value: Any) -> str:
        """How an expression names this value; numbered where the name is another's already."""
        name, number = known, 1
        while self._names.setdefault(name, value) is not value:
            number += 1
            name = f"{known}{number}"
        return name

    def fresh(self) -> str:
        """A name for a value that an expression looks at more than once."""
        self._looked_at += 1
        return f"v{self._looked_at}"

    def record(self, kind: type, told: Mapping[str, str]) -> str:
        """`told`: an expression for each attribute; others keep the record's own defaults."""
        given = ", ".join(f"{attribute}={expression}" for attribute, expression in told.items())
        return f"{self.name(kind.__name__, kind)}({given})"

    def function(self, takes: str, gives: str) -> Callable[..., Any]:
        """The function; its text is kept in `__doc__`."""
        text = f"def read({takes}):\n    return {gives}\n"
        module = compile(text, "<how rows are read>", "exec")
        code = next(one for one in module.co_consts if isinstance(one, CodeType))
        read = FunctionType(code, self._names)
        read.__doc__ = text
        return read
