"""Compiles a selection into one function: rows in, one `dict` per row out, in one comprehension.

The generated function takes the rows, then a list of records per facet, then a list per branch, all of equal length:

    def shape(P, F0, C0):
        return [{'id': …r.id…, 'email': …f0.email…, 'orders': c0} for r, f0, c0 in zip(P, F0, C0)]

It never guesses: a value of another type than the fast test expects goes through the scalar's own coercion, and
whatever that does not accept raises. `gateway/engine/mend.py` then looks at single rows, with exact errors.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from math import inf
from operator import methodcaller
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from graphql import Undefined
from graphql.pyutils import is_collection

from gateway.engine.frame import Frame
from gateway.engine.plan import (
    OWN,
    Blank,
    Branch,
    Coerce,
    Field,
    Inline,
    Leaf,
    Rows,
    Selection,
    Shape,
    Slot,
    Typename,
)
from gateway.policy.masks import Mask

FAST = {
    "String": "({v} := {source}).__class__ is str",
    "ID": "({v} := {source}).__class__ is str",
    "Boolean": "({v} := {source}).__class__ is bool",
    "Int": "({v} := {source}).__class__ is int and -2147483648 <= {v} <= 2147483647",
    "Float": "({v} := {source}).__class__ is float and -inf < {v} < inf",
}
"""Built-in scalars whose coercion changes nothing when this holds."""

WRITTEN = {"DateTime": datetime, "Date": date, "Decimal": Decimal}
"""Scalars that the library brings: its coercion makes text of every value of exactly this class."""


TURN, UNEVEN = 1_000, 50
"""Rows that are shaped in one go: some ten thousand values, a few milliseconds. Fewer of those that hold lists."""


class Missing(Exception):
    """A null where the schema promises a value."""


class Broken(msgspec.Struct, frozen=True, eq=False):
    """Stands where a null was not allowed, until a nullable position takes it. `cause`: where its error is listed."""

    cause: Frame


def present(value: Any) -> Any:
    if value is None or value.__class__ is Broken:
        raise Missing
    return value


def listed(value: Any) -> Collection[Any]:
    """A collection that can be read again: what an iterator had to say is gone once a first attempt has failed."""
    if value.__class__ is list or is_collection(value):
        return value
    raise TypeError(f"a list was promised, not {type(value).__name__}")


class Names(dict[Any, Any]):
    """Values of one enum and the names they are shown by: its own coercion is asked once for each. None stays none,
    where it may."""

    def __init__(self, coerce: Coerce, *, non_null: bool) -> None:
        super().__init__({} if non_null else {None: None})
        self._coerce = coerce

    def __missing__(self, value: Any) -> Any:
        name = self[value] = self._coerce(present(value))
        return name


def solid(coerce: Coerce, mask: Mask | None) -> Coerce:
    """The type's own coercion, or of what the mask leaves: it is for values that are there, and must not turn one into
    none."""

    def made(value: Any) -> Any:
        found = None if value is None else coerce(value if mask is None else mask(value))
        if found is None or found is Undefined:
            raise Missing
        return found

    made.__wrapped__ = mask or coerce  # type: ignore[attr-defined]  # for `explain`
    return made


def compiled(type_name: str, fields: Sequence[Field], facets: int, branches: Sequence[Branch], codes: Codes) -> Shape:
    """The shape function of one selection; its source is kept in `__doc__` for `customer360 explain --code`."""
    writer = _Writer(branches, codes)
    body = writer.mapping(type_name, fields, "r")
    columns = [f"f{i}" for i in range(facets)] + [f"c{i}" for i in range(len(branches))]
    takes = ", ".join(["P", *(name.upper() for name in columns)])
    over = f"for r, {', '.join(columns)} in zip({takes})" if columns else "for r in P"
    return writer.function(f"def shape({takes}):\n    return [{body} {over}]\n", type_name)


def compiled_column(leaf: Leaf, codes: Codes) -> Shape:
    """The shape function of a column of scalars that an edge answers by itself."""
    writer = _Writer((), codes)
    return writer.function(
        f"def shape(P):\n    return [{writer.slot(leaf, leaf.slot, 'r')} for r in P]\n", leaf.coordinate
    )


KNOWN = {"present": present, "listed": listed, "inf": inf} | {one.__name__: one for one in WRITTEN.values()}
"""What the text of every shape function may name."""


@dataclass(slots=True)
class _Writer:
    branches: Sequence[Branch]
    codes: Codes
    names: dict[str, Any] = field(default_factory=lambda: dict(KNOWN))
    makers: dict[tuple[Coerce, Mask | None], str] = field(default_factory=dict)
    plain: dict[Coerce, str] = field(default_factory=dict)
    count: int = 0

    def function(self, source: str, title: str) -> Shape:
        shape: Shape = FunctionType(self.codes.of(source, title), self.names)
        shape.__doc__ = source
        return shape

    def mapping(self, type_name: str, fields: Sequence[Field], row: str) -> str:
        return "{" + ", ".join(f"{one.key!r}: {self.value(type_name, one, row)}" for one in fields) + "}"

    def value(self, type_name: str, one: Field, row: str) -> str:
        match one:
            case Typename():
                return repr(type_name)
            case Blank():
                return "present(None)" if one.promised else "None"
            case Branch():
                column = f"c{self.branches.index(one)}"
                return f"present({column})" if one.slot.non_null else column
            case Leaf() | Inline():
                return self.read(one, row)

    def read(self, one: Leaf | Inline, row: str) -> str:
        if one.origin == OWN:
            return self.slot(one, one.slot, f"{row}.{one.attribute}")
        record = f"f{one.origin}"
        missing = "present(None)" if one.slot.non_null else "None"
        return f"({missing} if {record} is None else {self.slot(one, one.slot, f'{record}.{one.attribute}')})"

    def slot(self, one: Leaf | Inline, slot: Slot, source: str) -> str:
        """An expression for a value of this slot, read from `source`."""
        if slot.item is None and isinstance(one, Leaf):
            return self.scalar(one, slot, source)
        name = self.fresh("v")
        if slot.item is not None:
            each = self.fresh("x")
            whole = f"[{self.slot(one, slot.item, each)} for {each} in listed({name})]"
        elif isinstance(one, Inline):
            whole = self.mapping(one.selection.type, one.selection.fields, name)
        return f"({whole} if ({name} := {source}) is not None else {'present(None)' if slot.non_null else 'None'})"

    def scalar(self, one: Leaf, slot: Slot, source: str) -> str:
        if one.enumerated and one.mask is None:
            return f"{self.named('n', Names(one.coerce, non_null=slot.non_null))}[{source}]"
        name, maker = self.fresh("v"), self.maker(one)
        if one.mask is None and (fast := FAST.get(one.kind)):
            good = fast.format(v=name, source=source)
            return f"({name} if {good}{'' if slot.non_null else f' or {name} is None'} else {maker}({name}))"
        if one.mask is None and (kind := WRITTEN.get(one.kind)) and _by_the_library(one.coerce):
            text = f"{self.own(one)}({name}) if ({name} := {source}).__class__ is {kind.__name__}"
            return f"({text} else {'' if slot.non_null else f'None if {name} is None else '}{maker}({name}))"
        return f"{maker}({source})" if slot.non_null else f"(None if ({name} := {source}) is None else {maker}({name}))"

    def maker(self, one: Leaf) -> str:
        key = (one.coerce, one.mask)
        if key not in self.makers:
            self.makers[key] = self.named("s" if one.mask is None else "m", solid(*key))
        return self.makers[key]

    def own(self, one: Leaf) -> str:
        """The type's own coercion, for a value that it is known to accept."""
        if one.coerce not in self.plain:
            self.plain[one.coerce] = self.named("t", one.coerce)
        return self.plain[one.coerce]

    def named(self, letter: str, value: Any) -> str:
        name = self.fresh(letter)
        self.names[name] = value
        return name

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"


class Codes:
    """The code of shape functions by their text, for as long as any plan has it: Python's compiler is what costs most
    of a new document, and a new one mostly selects what, here and there, another does too."""

    def __init__(self) -> None:
        self._known = WeakValueDictionary[tuple[str, str], CodeType]()

    def of(self, source: str, title: str) -> CodeType:
        code = self._known.get((source, title))
        if code is None:
            code = self._known[source, title] = _function(compile(source, f"<shape of {title}>", "exec"))
        return code


def _by_the_library(coerce: Coerce) -> bool:
    return coerce is str or isinstance(coerce, methodcaller)


def _function(module: CodeType) -> CodeType:
    """What the one function that a text defines does."""
    return next(one for one in module.co_consts if isinstance(one, CodeType))


def ready(rows: Rows, codes: Codes) -> Rows:
    """Rows that will be shaped by themselves, not inside their parent's comprehension: with their function."""
    if isinstance(rows, Selection):
        return with_shape(rows, codes)
    shaped = {
        held: case and replace(case, selection=with_shape(case.selection, codes)) for held, case in rows.cases.items()
    }
    return replace(rows, cases=shaped)


def with_shape(selection: Selection, codes: Codes) -> Selection:
    shape = compiled(selection.type, selection.fields, len(selection.facets), selection.branches, codes)
    return replace(selection, shape=shape, turn=UNEVEN if any(map(_lists, selection.fields)) else TURN)


def _lists(one: Field) -> bool:
    """Whether rows hold lists there, which nobody knows the length of."""
    if isinstance(one, Inline):
        return one.slot.depth > 0 or any(map(_lists, one.selection.fields))
    return isinstance(one, Leaf) and one.slot.depth > 0
