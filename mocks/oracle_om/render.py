"""Rows as JSON: items, collections and their links, as the framework version wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mocks.oracle_om.catalogue import Resource, Value
from mocks.oracle_om.selection import Selection

CHILD_PAGE = 25
ALL_RELATIONS = frozenset({"self", "canonical", "parent", "child"})


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a collection. `total` is None unless it was asked for."""

    rows: Sequence[Any]
    limit: int
    offset: int
    has_more: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """`relations`: the links wanted; empty with onlyData."""

    version: int
    relations: frozenset[str] = ALL_RELATIONS

    def collection(self, resource: Resource, page: Page, chosen: Selection, href: str) -> dict[str, Any]:
        items = [self.item(resource, row, chosen, address(resource, row, href), None) for row in page.rows]
        body: dict[str, Any] = {"items": items}
        if page.total is not None:
            body["totalResults"] = page.total
        body |= {"count": len(items), "hasMore": page.has_more, "limit": page.limit, "offset": page.offset}
        return body | self._links([_link("self", href, resource.name, "collection")])

    def item(
        self, resource: Resource, row: Any, chosen: Selection, href: str, parent: tuple[str, str] | None
    ) -> dict[str, Any]:
        body: dict[str, Any] = {name: wire(resource.attributes[name].read(row)) for name in chosen.attributes}
        for name, below in chosen.children.items():
            body[name] = self._child(resource, row, name, below, f"{href}/child/{name}")
        return body | self._links(_item_links(resource, href, parent))

    def _child(self, resource: Resource, row: Any, name: str, chosen: Selection, href: str) -> Any:
        child = resource.children[name]
        rows = child.rows(row)
        page = Page(rows[:CHILD_PAGE], CHILD_PAGE, 0, len(rows) > CHILD_PAGE)
        body = self.collection(child.resource, page, chosen, href)
        return body if self.version >= 3 else body["items"]

    def _links(self, links: list[dict[str, str]]) -> dict[str, Any]:
        wanted = [link for link in links if link["rel"] in self.relations]
        return {"links": wanted} if self.relations else {}


def address(resource: Resource, row: Any, collection: str) -> str:
    return f"{collection}/{quote(resource.key(row), safe=':')}" if resource.key else collection


def _item_links(resource: Resource, href: str, parent: tuple[str, str] | None) -> list[dict[str, str]]:
    links = [_link("self", href, resource.name, "item"), _link("canonical", href, resource.name, "item")]
    if parent:
        links.append(_link("parent", parent[1], parent[0], "item"))
    return links + [_link("child", f"{href}/child/{name}", name, "collection") for name in resource.children]


def _link(rel: str, href: str, name: str, kind: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "name": name, "kind": kind}


def wire(value: Value) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
