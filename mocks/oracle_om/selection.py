"""Which attributes and children travel: `fields`, which wins, or else `expand`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mocks.oracle_om.catalogue import Resource
from mocks.oracle_om.problem import Problem


@dataclass(frozen=True, slots=True)
class Selection:
    attributes: tuple[str, ...] = ()
    children: Mapping[str, Selection] = field(default_factory=dict)

    def columns(self, prefix: str = "") -> Iterator[str]:
        """What is asked for, children's attributes with their path before them: `lines.ProductNumber`."""
        yield from (prefix + name for name in self.attributes)
        for name, below in self.children.items():
            yield from below.columns(f"{prefix}{name}.")


def selection(resource: Resource, fields: str | None, expand: str | None) -> Selection:
    if fields is not None:
        return _from_fields(resource, fields)
    return _from_expand(resource, expand or "")


def _from_fields(resource: Resource, fields: str) -> Selection:
    """`A,B;lines:C,D;lines.charges:E`. Names that do not exist are passed over."""
    found: dict[tuple[str, ...], list[str]] = {}
    for section in fields.split(";"):
        path, colon, names = section.rpartition(":")
        steps = tuple(step.strip() for step in path.split(".")) if colon else ()
        found.setdefault(steps, []).extend(name.strip() for name in names.split(","))
    return _below(resource, (), found)


def _below(resource: Resource, here: tuple[str, ...], found: Mapping[tuple[str, ...], list[str]]) -> Selection:
    names = tuple(dict.fromkeys(name for name in found.get(here, ()) if name in resource.attributes))
    steps = {path[len(here)] for path in found if len(path) > len(here) and path[: len(here)] == here}
    children = {
        name: _below(child.resource, (*here, name), found) for name, child in resource.children.items() if name in steps
    }
    return Selection(names, children)


def _from_expand(resource: Resource, expand: str) -> Selection:
    """`lines,totals,lines.charges` or `all`; an accessor of a child's child brings the child along."""
    paths = [tuple(path.strip().split(".")) for path in expand.split(",") if path.strip()]
    return _expanded(resource, paths)


def _expanded(resource: Resource, paths: list[tuple[str, ...]]) -> Selection:
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in paths:
        for name in resource.children if first == "all" else [first]:
            if name not in resource.children:
                raise Problem(400, f"{name[:60]} is not a child of {resource.name}.", "27523", "/expand")
            wanted.setdefault(name, []).extend([tuple(rest)] if rest else [])
    children = {name: _expanded(resource.children[name].resource, below) for name, below in wanted.items()}
    return Selection(tuple(resource.attributes), children)
