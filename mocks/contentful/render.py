"""Rows as the answer shows them: in one language or in all, just what was selected, and what they link to.

Linked entries and assets come whole: `select` is about the rows that were asked for. What is among those already is
not included again. A link that leads nowhere is listed in `errors`; one deeper than `include` is not followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mocks.contentful import model
from mocks.contentful.query import Query, links
from mocks.contentful.rows import Row, Store

Shown = dict[str, Any]


def collection(store: Store, kind: str, query: Query) -> Shown:
    """One page of what a query finds."""
    found = query.arrange(store.of(kind))
    page = found[query.skip : query.skip + query.limit]
    items = [selected(item(row, query.locale), query.select) for row in page]
    return {**array(items, len(found), query.skip, query.limit), **_linked(store, page, items, query)}


def array(items: Sequence[Shown], total: int, skip: int, limit: int) -> Shown:
    return {"sys": {"type": "Array"}, "total": total, "skip": skip, "limit": limit, "items": items}


def item(row: Row, locale: str) -> Shown:
    """An entry or asset, whole. In all languages no field is filled from another, and `sys` names none."""
    if locale == model.EVERY:
        fields = {name: values for name in row.of.fields if (values := dict(row.values(name)))}
        return {"sys": row.sys, "fields": fields}
    values = {name: model.in_locale(row.values(name), locale, field.localized) for name, field in row.of.fields.items()}
    fields = {name: value for name, value in values.items() if value is not None}
    return {"sys": {**row.sys, "locale": locale}, "fields": fields}


def selected(shown: Shown, select: Sequence[str] | None) -> Shown:
    if select is None:
        return shown
    kept: Shown = {}
    for path in select:
        _keep(shown, kept, path.split("."))
    if any(path.startswith("fields.") for path in select):
        kept.setdefault("fields", {})
    return kept


def _keep(source: Any, target: Shown, path: Sequence[str]) -> None:
    head, *rest = path
    if not isinstance(source, dict) or head not in source:
        return
    if rest:
        below = target.setdefault(head, {})
        if below is not source[head]:
            _keep(source[head], below, rest)
    else:
        target[head] = source[head]


def _linked(store: Store, page: Sequence[Row], items: Sequence[Shown], query: Query) -> Shown:
    """`includes` and `errors`, each only when there is something in it."""
    seen = {(row.sys["type"], row.id) for row in page}
    included: dict[str, list[Shown]] = {}
    errors: dict[tuple[str, str], Shown] = {}
    level = list(items)
    for _ in range(query.include):
        found = _follow(store, level, query.locale, seen, errors)
        for kind, shown in found:
            included.setdefault(kind, []).append(shown)
        level = [shown for _, shown in found]
    sorted_out = {kind: included[kind] for kind in sorted(included, reverse=True)}
    return {**({"includes": sorted_out} if included else {}), **({"errors": list(errors.values())} if errors else {})}


def _follow(
    store: Store,
    level: Iterable[Shown],
    locale: str,
    seen: set[tuple[str, str]],
    errors: dict[tuple[str, str], Shown],
) -> list[tuple[str, Shown]]:
    """What one level links to and is not there yet."""
    found = []
    for link in (link for shown in level for link in links(shown.get("fields"))):
        key = (str(link["linkType"]), str(link["id"]))
        row = store.of(key[0]).get(key[1])
        if row is None:
            errors[key] = {"sys": {"id": "notResolvable", "type": "error"}, "details": link}
        elif key not in seen:
            seen.add(key)
            found.append((key[0], item(row, locale)))
    return found


def content_types() -> list[Shown]:
    return [_content_type(one) for one in model.TYPES.values()]


def _content_type(one: model.Type) -> Shown:
    described = {"displayField": "title", "name": one.name, "description": one.description}
    return {"sys": {"id": one.id, "type": "ContentType"}, **described, "fields": _fields(one)}


def _fields(one: model.Type) -> list[Shown]:
    return [field.shown() for field in one.fields.values()]
