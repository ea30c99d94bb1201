"""Bind a resolver to the graph. Resolvers are batch functions, always: many parents in, one outcome per parent out.

* an *edge*: ``@resolves(schema.Customer, "orders", needs=("id",))`` gives the value of one field;
* a *facet*: ``@resolves(schema.Customer, "name", "email", …)`` gives one record from which all these fields are read,
  and is asked once for those of them that are selected and granted. Parents that already carry the record (in the
  attribute ``carried``) are not asked about again;
* a *relation*: ``@relates(schema.Order, "own")`` gives the fact a row rule compares with the caller's own key;
* ``@about(schema.Order)`` gives the id of whom a row is about, as far as the row itself tells: for the audit trail.

Decorated functions register nowhere by themselves: ``Bindings.of(modules)`` collects them for the app being built.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from resolvers.backends.base import Columns, Deadline, Key, Operation, Outcome
from resolvers.freshness import LIVE, Freshness
from schema.classification import Category

if TYPE_CHECKING:
    from resolvers.context import Context

R = TypeVar("R")
Batch = Callable[[Sequence[Any], "Ask"], Awaitable[Sequence[Outcome[Any]]]]
Whom = Callable[[Any], str | None]
Mark = tuple["Binding | Relation | About", ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the fields of one type come from. `fields` are spelled as in GraphQL."""

    type: str
    fields: tuple[str, ...]
    batch: Batch
    needs: tuple[str, ...] = ()
    carried: str | None = None
    source: tuple[Operation[Any], ...] = ()
    derived: bool = False
    works_out: frozenset[str] = frozenset()
    pushes: frozenset[str] = frozenset()
    passes_on: frozenset[str] = frozenset()
    asks: tuple[Category, ...] = ()
    inputs: tuple[str, ...] = ()
    aggregate: str = ""

    @property
    def facet(self) -> bool:
        return self.carried is not None

    def derives(self, name: str) -> bool:
        """Whether we compute the value of this field."""
        return self.derived or name in self.works_out


@dataclass(frozen=True, slots=True)
class Relation:
    """How a row of `type` relates to a caller. The fact of each row: a key, or several, of which one must be the
    caller's own; or simply whether the relation holds; None when it does not."""

    type: str
    name: str
    batch: Batch
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """Rows of `type` are about somebody. `whom`: their id, or None when the row does not tell; then it stands for
    itself. `follows`: hanging from a row about somebody, by an edge that passes on `own`, it is about the same one."""

    type: str
    whom: Whom
    follows: bool = True

    def __call__(self, row: Any) -> str | None:
        return self.whom(row)


def resolves(
    owner: type,
    *fields: str,
    needs: tuple[str, ...] = (),
    carried: str | None = None,
    source: tuple[Operation[Any], ...] = (),
    derived: bool = False,
    works_out: tuple[str, ...] = (),
    pushes: tuple[str, ...] = (),
    passes_on: tuple[str, ...] = (),
    asks: tuple[Category, ...] = (),
    inputs: tuple[str, ...] = (),
    aggregate: str = "",
) -> Callable[[Batch], Batch]:
    """Bind a batch function to fields of a type.

    needs:    attributes of the parent record that it reads (link keys; fetched with the parent, never shown)
    carried:  makes it a facet: the parent's attribute that may hold the record already
    source:   the operations its values come from, for the source table; `derived` when we compute the value
    works_out: of a facet, the fields that we compute from the others of the record
    pushes:   relations it can apply itself, inside the backend's own filter or before it asks; it must do so for those
              in `ask.predicates`
    passes_on:  relations that the rows it leads to have when the parent has them
    asks:     categories it looks up by without an argument that says so; it may use those in `ask.askable`
    inputs:   of a derived value, the coordinates it is made of: who sees it must see those, or `aggregate` says why a
              value made of many says nothing of any one
    """

    def bind(batch: Batch) -> Batch:
        bound = Binding(
            _name(owner),
            fields,
            batch,
            needs,
            carried,
            source,
            derived,
            frozenset(works_out),
            frozenset(pushes),
            frozenset(passes_on),
            asks,
            inputs,
            aggregate,
        )
        return _mark(batch, bound)

    return bind


def relates(owner: type, name: str, *, needs: tuple[str, ...] = ()) -> Callable[[Batch], Batch]:
    """Bind the fact behind a row rule (see `Relation`)."""
    return lambda batch: _mark(batch, Relation(_name(owner), name, batch, needs))


def about(owner: type, *, follows: bool = True) -> Callable[[Whom], Whom]:
    """Bind whom rows of a type are about (see `About`)."""

    def bind(whom: Whom) -> Whom:
        marks: Mark = getattr(whom, "__bound__", ())
        whom.__bound__ = (*marks, About(_name(owner), whom, follows))  # type: ignore[attr-defined]
        return whom

    return bind


class Bindings:
    """Everything bound for one app."""

    def __init__(self, bound: Iterable[Binding | Relation | About]) -> None:
        self.fields: dict[tuple[str, str], Binding] = {}
        self.relations: dict[tuple[str, str], Relation] = {}
        self.about: dict[str, About] = {}
        for one in bound:
            if isinstance(one, About):
                self.about[one.type] = one
            elif isinstance(one, Relation):
                self._add(self.relations, (one.type, one.name), one)
            else:
                for name in one.fields:
                    self._add(self.fields, (one.type, name), one)

    @classmethod
    def of(cls, modules: Iterable[ModuleType]) -> Bindings:
        return cls(bound for module in modules for bound in _marked(module))

    @staticmethod
    def _add(register: dict[tuple[str, str], Any], at: tuple[str, str], one: Binding | Relation) -> None:
        if at in register:
            raise TypeError(f"{at[0]}.{at[1]} is bound twice: {register[at].batch!r} and {one.batch!r}")
        register[at] = one


class Cursors(msgspec.Struct, frozen=True):
    """Seals and opens cursors for one edge of one operation; bound to arguments, viewer class and parent."""

    seal: Callable[[str, Sequence[Any]], str]
    open: Callable[[str, str], Sequence[Any]]


@dataclass(slots=True, eq=False)
class Origin:
    """Which calls gave the parents of an edge (`after`), and which calls it made itself (`calls`)."""

    after: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()


class Ask(msgspec.Struct, frozen=True, eq=False):
    """What the engine wants of a resolver, for all parents of one position in the document.

    coordinates: what the answer is for; one for an edge, all fields of a facet; the type, for the fact of a relation
    columns:     attributes selected and granted below this position, dotted from the value (``nodes.placed_at``)
    arguments:   coerced arguments, spelled as in GraphQL
    predicates:  relation → the caller's own keys, for the row rules that this resolver has to apply. For a fact: those
                 it is compared with, so that the system itself can be asked for rows that have them
    askable:     of what its binding `asks`, what this caller may look up by
    types:       names of the concrete types the caller may see at this position
    judged:      of these, the types whose rows are there only under a relation, which is asked next. Who is asked for
                 such a row by its key names it and asks nobody: whether it exists is the fact's to say, so that what is
                 not the caller's costs the same question as what does not exist
    freshness:   how old what is loaded for it may be
    """

    coordinates: tuple[str, ...]
    columns: Columns
    context: Context
    deadline: Deadline
    arguments: Mapping[str, Any] = msgspec.field(default_factory=dict)
    predicates: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    types: frozenset[str] = frozenset()
    purpose: str | None = None
    subject: str | None = None
    cursors: Cursors | None = None
    origin: Origin = msgspec.field(default_factory=Origin)
    askable: frozenset[Category] = frozenset()
    freshness: Freshness = LIVE
    judged: frozenset[str] = frozenset()

    def below(self, *prefixes: str) -> Columns:
        """Columns below some attributes, together: ``below("nodes", "edges.node")``."""
        return _below(self.columns, prefixes)

    def load(
        self, operation: Operation[R], keys: Sequence[Key], columns: Columns | None = None, **args: Any
    ) -> Awaitable[list[Outcome[R]]]:
        """One outcome per key. Equal keys are asked once per request; loads of one tick travel together."""
        return self.context.load(self, operation, keys, self.columns if columns is None else columns, args)


@lru_cache(4096)
def _below(columns: Columns, prefixes: tuple[str, ...]) -> Columns:
    heads = tuple(prefix + "." for prefix in prefixes)
    return frozenset(column[len(head) :] for column in columns for head in heads if column.startswith(head))


def _mark(batch: Batch, bound: Binding | Relation) -> Batch:
    marks: Mark = getattr(batch, "__bound__", ())
    batch.__bound__ = (*marks, bound)  # type: ignore[attr-defined]
    return batch


def _marked(module: ModuleType) -> Iterator[Binding | Relation | About]:
    for _, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__:
            yield from getattr(function, "__bound__", ())


def _name(owner: Any) -> str:
    return str(owner.__strawberry_definition__.name)
