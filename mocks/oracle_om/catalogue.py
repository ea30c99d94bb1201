"""How a REST resource is described: its attributes with their types, its children, and how its rows are keyed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

Value = str | int | Decimal | bool | datetime | None


class Kind(Enum):
    TEXT = "string"
    NUMBER = "number"
    MOMENT = "timestamp"
    FLAG = "boolean"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `read` takes it from a row; rows are only read for what was asked."""

    kind: Kind
    read: Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection of rows. `key` is the last segment of a row's address; None: its rows have no address."""

    name: str
    attributes: Mapping[str, Attribute]
    key: Callable[[Any], str] | None = None
    children: Mapping[str, Child] = field(default_factory=dict)
    version: Callable[[Any], str] | None = None

    def attribute(self, path: str) -> Attribute | None:
        """`StatusCode`, or a child's: `lines.ProductNumber`. None: there is no such."""
        accessor, below, rest = path.partition(".")
        if not below:
            return self.attributes.get(path)
        child = self.children.get(accessor)
        return child.resource.attribute(rest) if child else None

    def values(self, row: Any, path: str) -> Iterator[Value]:
        """What a row holds there: one value of its own, one for each row of a child."""
        accessor, below, rest = path.partition(".")
        if not below:
            yield self.attributes[path].read(row)
            return
        child = self.children[accessor]
        for one in child.rows(row):
            yield from child.resource.values(one, rest)


@dataclass(frozen=True, slots=True)
class Child:
    """A collection below each row of another."""

    resource: Resource
    rows: Callable[[Any], Sequence[Any]]


def text(read: Callable[[Any], str | None]) -> Attribute:
    """A string; Oracle keeps no empty ones: they are null."""
    return Attribute(Kind.TEXT, lambda row: read(row) or None)


def number(read: Callable[[Any], int | Decimal | None]) -> Attribute:
    return Attribute(Kind.NUMBER, lambda row: _plain(read(row)))


def flag(read: Callable[[Any], bool | None]) -> Attribute:
    return Attribute(Kind.FLAG, read)


def moment(read: Callable[[Any], datetime | None]) -> Attribute:
    """A timestamp to the second, in UTC."""
    return Attribute(Kind.MOMENT, lambda row: _second(read(row)))


def constant(value: str) -> Attribute:
    return Attribute(Kind.TEXT, lambda row: value)


def _second(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC).replace(microsecond=0)


def _plain(amount: int | Decimal | None) -> int | Decimal | None:
    """As the database prints numbers: no trailing zeros, no exponent."""
    if not isinstance(amount, Decimal):
        return amount
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()
