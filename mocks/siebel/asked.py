"""What a reading request asks for: the query parameters, checked and given their documented defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mocks.siebel import searchspec
from mocks.siebel.components import Component
from mocks.siebel.refusal import Refusal, bad_field, bad_search
from mocks.siebel.search import Sort
from mocks.siebel.searchspec import Node

LONGEST_PAGE = 100
DEFAULT_PAGE = 10
NUMBER = re.compile(r"[0-9]{1,9}")

SEES_ALL = frozenset({"All", "Organization", "Sub-Organization"})
SEES_NOTHING = frozenset({"Personal", "Sales Rep", "Manager"})  # the service login sells nothing and leads nobody
HAS_NO_SUCH_VIEW = frozenset({"Group", "Catalog"})


@dataclass(frozen=True, slots=True)
class Asked:
    """fields: in the component's order, Id included. links: child links to show. sort: (field, descending) pairs."""

    search: Node | None
    fields: tuple[str, ...]
    links: tuple[str, ...]
    size: int
    start: int
    sort: Sort
    uniform: bool
    counted: bool
    dense: bool
    sees: bool


def read(component: Component, query: Mapping[str, str]) -> Asked:
    text = query.get("searchspec", "")
    return Asked(
        search=_search(component, text) if text.strip() else None,
        fields=_fields(component, query.get("fields", "")),
        links=_links(component, query.get("childlinks", "")),
        size=max(1, min(LONGEST_PAGE, _number(query, "PageSize", DEFAULT_PAGE))),
        start=_number(query, "StartRowNum", 0),
        sort=_sort(component, query.get("sortspec", "")),
        uniform=query.get("uniformresponse", "") in ("y", "yes"),
        counted=query.get("recordcountneeded", "") == "true",
        dense=query.get("excludeEmptyFieldsInResponse", "") == "true",
        sees=_sees(query.get("ViewMode", "Sales Rep")),
    )


def listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _search(component: Component, text: str) -> Node:
    node = searchspec.parse(text)
    for field in sorted(searchspec.fields(node)):
        _known(component, field, lambda field: bad_search(f"no field '{field}' in '{component.name}'"))
    return node


def _fields(component: Component, text: str) -> tuple[str, ...]:
    names = listed(text) or list(component.fields)
    for name in names:
        _known(component, name, lambda name: bad_field(component.name, name))
    return tuple(field for field in component.fields if field in names or field == "Id")


def _links(component: Component, text: str) -> tuple[str, ...]:
    names = listed(text)
    return tuple(child for child in component.children if not names or child in names)


def _sort(component: Component, text: str) -> Sort:
    found = []
    for part in listed(text):
        name, _, direction = (piece.strip() for piece in part.partition(":"))
        _known(component, name, lambda name: bad_search(f"no field '{name}' to sort by"))
        if direction.lower() not in ("", "asc", "desc"):
            raise bad_search(f"'{direction}' is no direction to sort in")
        found.append((name, direction.lower() == "desc"))
    return tuple(found)


def _known(component: Component, field: str, refusal: Callable[[str], Refusal]) -> None:
    if field not in component.fields:
        raise refusal(field)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not NUMBER.fullmatch(text):
        raise Refusal(400, f"Invalid value '{text}' for {name}")
    return int(text)


def _sees(mode: str) -> bool:
    if mode in HAS_NO_SUCH_VIEW:
        raise Refusal(403, f"You do not have access to view mode '{mode}'", "SBL-DAT-00825")
    if mode not in SEES_ALL | SEES_NOTHING:
        raise Refusal(400, f"Invalid value '{mode}' for ViewMode")
    return mode in SEES_ALL
