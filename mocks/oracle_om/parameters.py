"""Query parameters of a collection, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mocks.oracle_om import byexample, rowmatch
from mocks.oracle_om.catalogue import Resource, Value
from mocks.oracle_om.condition import All, Compare, Condition, named
from mocks.oracle_om.literal import Literal, typed
from mocks.oracle_om.problem import Problem, queryable
from mocks.oracle_om.render import ALL_RELATIONS, Rendering

DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 500
KEYS = ("BuyingPartyNumber", "BuyingPartyId", "OrderNumber", "HeaderId", "OrderKey", "Order", "TrackingNumber")


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows, in which order (attribute, descending), and which part of them."""

    condition: Condition | None = None
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    total: bool = False

    def looked_up(self) -> list[Value]:
        return list(named(self.condition, KEYS))


def query(given: Mapping[str, str], resource: Resource, version: int) -> Query:
    parts = [_finder(given["finder"], resource)] if "finder" in given else []
    if "q" in given:
        parts.append((byexample if version == 1 else rowmatch).parse(given["q"], resource))
    return Query(
        condition=All(tuple(parts)) if len(parts) > 1 else next(iter(parts), None),
        order=_order(given.get("orderBy", ""), resource),
        limit=min(_whole(given, "limit", DEFAULT_LIMIT, least=1), HIGHEST_LIMIT),
        offset=_whole(given, "offset", 0, least=0),
        total=_truth(given, "totalResults"),
    )


def rendering(given: Mapping[str, str], version: int) -> Rendering:
    if _truth(given, "onlyData"):
        return Rendering(version, frozenset())
    wanted = frozenset(given.get("links", "").split(",")) & ALL_RELATIONS
    return Rendering(version, wanted or ALL_RELATIONS)


def framework_version(header: str | None) -> int:
    if header is None:
        return 1
    if not re.fullmatch(r"\s*[1-9]\s*", header):
        raise Problem(400, f"REST-Framework-Version {header[:20]} is not supported.", "27501")
    return int(header)


def _finder(finder: str, resource: Resource) -> Condition:
    """`PrimaryKey;HeaderId=300…`, the one finder there is."""
    name, _, variable = finder.partition(";")
    bound, equals, value = variable.partition("=")
    if name.strip() != "PrimaryKey" or "HeaderId" not in resource.attributes:
        raise Problem(400, f"The finder {name[:60]} is not valid for {resource.name}.", "27515", "/finder")
    if bound.strip() != "HeaderId" or not equals:
        raise Problem(400, "The finder PrimaryKey needs the variable HeaderId.", "27516", "/finder")
    number = typed(Literal(value.strip(), False), "HeaderId", resource.attributes["HeaderId"].kind)
    return Compare("HeaderId", "=", number)


def _order(order_by: str, resource: Resource) -> tuple[tuple[str, bool], ...]:
    keys: dict[str, bool] = {}
    for part in order_by.split(","):
        if part.strip():
            name, descending = _sort_key(part.strip(), resource)
            keys.setdefault(name, descending)  # sorted by it already
    return tuple(keys.items())


def _sort_key(part: str, resource: Resource) -> tuple[str, bool]:
    name, _, direction = part.partition(":")
    if direction.lower() not in ("", "asc", "desc"):
        raise Problem(400, f"URL request parameter orderBy cannot be parsed near {part[:60]}.", "27518", "/orderBy")
    return queryable(name, resource, "/orderBy"), direction.lower() == "desc"


def _whole(given: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least:
        raise Problem(400, f"The value {text[:20]} is not valid for {name}.", "27517", f"/{name}")
    return int(text)


def _truth(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").strip().lower() == "true"
