"""Query options: what of a set is wanted (`$filter` …), and how much of each entity (`$select`, `$expand`).

A query string is percent-decoded and nothing else: `+` is a plus, as in SAP's own CAP server, so blanks have to travel
as `%20`. Options without a dollar sign (`sap-client`) are not ours to judge. An option that a resource does not take,
or that is given twice, is refused with 400.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mocks.sap import filters
from mocks.sap.errors import INVALID, ODataError, not_found
from mocks.sap.filters import Node, Row
from mocks.sap.model import EntitySet, Navigation, Property, Service

SHAPE = frozenset({"$select", "$expand", "$format"})
COUNT = frozenset({"$filter", "$top", "$skip"})
QUERY = SHAPE | COUNT | {"$orderby", "$inlinecount", "$skiptoken"}
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an entity goes into the answer."""

    properties: tuple[Property, ...]
    expanded: Mapping[str, Shape] = field(default_factory=dict)
    deferred: tuple[Navigation, ...] = ()

    def columns(self) -> Iterator[str]:
        """Properties by their dotted path from the entity asked for."""
        yield from (one.name for one in self.properties)
        for name, shape in self.expanded.items():
            yield from (f"{name}.{column}" for column in shape.columns())


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a set: all that pass `test`, ordered, from `skip`, `top` of them, from page offset `token`."""

    test: Node | None
    order: tuple[tuple[str, bool], ...]
    skip: int
    top: int | None
    token: int
    counted: bool

    def arrange(self, rows: Iterable[Row]) -> list[Row]:
        """All rows that pass, in order, before any of them is skipped."""
        passing = [row for row in rows if self.test is None or self.test.value(row)]
        for name, descending in reversed(self.order):
            passing.sort(key=lambda row: _sortable(row[name]), reverse=descending)
        return passing


def parse(query: str) -> dict[str, str]:
    """A raw query string as its decoded options."""
    options: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = (_decoded(text) for text in pair.partition("="))
        if name.startswith("$") and name in options:
            raise ODataError(400, INVALID, f"System query option '{name}' is given twice.")
        options[name] = value
    return options


def only(options: Mapping[str, str], allowed: Collection[str]) -> None:
    for name in options:
        if name.startswith("$") and name not in allowed:
            raise ODataError(400, INVALID, f"System query option '{name}' is not supported here.")


def window(options: Mapping[str, str], on: EntitySet) -> Window:
    top = options.get("$top")
    counted = options.get("$inlinecount", "none")
    if counted not in ("none", "allpages"):
        raise ODataError(400, INVALID, f"Invalid value '{counted}' for $inlinecount.")
    return Window(
        filters.parse(options["$filter"], on) if "$filter" in options else None,
        tuple(_order(options["$orderby"], on)) if "$orderby" in options else (),
        _number("$skip", options.get("$skip", "0")),
        None if top is None else _number("$top", top),
        _number("$skiptoken", options.get("$skiptoken", "0")),
        counted == "allpages",
    )


def shape(options: Mapping[str, str], on: EntitySet, service: Service) -> Shape:
    """What `$select` and `$expand` ask of each entity. Expanded parts that `$select` does not name are left out."""
    select = _paths(options, "$select")
    expand = _paths(options, "$expand") or []
    return _shape(select, expand, on, service)


def _shape(select: list[list[str]] | None, expand: list[list[str]], on: EntitySet, service: Service) -> Shape:
    opened = {path[0]: _navigation(on, path[0]) for path in expand}
    named = {path[0] for path in select or ()} - {"*"}
    for path in select or ():
        _check(path, on, opened)
    whole = select is None or ["*"] in select
    return Shape(
        tuple(one for one in on.properties if whole or one.name in named),
        {
            name: _shape(_below(select, name), _rest(expand, name), service.sets[navigation.target], service)
            for name, navigation in opened.items()
            if select is None or name in named
        },
        tuple(one for one in on.navigations if one.name not in opened and (select is None or one.name in named)),
    )


def _check(path: list[str], on: EntitySet, opened: Collection[str]) -> None:
    head, *tail = path
    if head == "*" and not tail:
        return
    if on.property(head) is not None and not tail:
        return
    _navigation(on, head)
    if tail and head not in opened:
        raise ODataError(400, INVALID, f"$select names '{'/'.join(path)}', but $expand does not name '{head}'.")


def _navigation(on: EntitySet, name: str) -> Navigation:
    found = on.navigation(name)
    if found is None:
        raise ODataError(400, INVALID, f"Property '{name}' not found in type '{on.type}'.")
    return found


def _below(select: list[list[str]] | None, name: str) -> list[list[str]] | None:
    """The part of `$select` below a navigation; the navigation's bare name means all of it."""
    if select is None or [name] in select:
        return None
    return [path[1:] for path in select if path[0] == name]


def _rest(expand: list[list[str]], name: str) -> list[list[str]]:
    return [path[1:] for path in expand if path[0] == name and len(path) > 1]


def _paths(options: Mapping[str, str], name: str) -> list[list[str]] | None:
    if name not in options:
        return None
    paths = [item.strip(" ").split("/") for item in options[name].split(",")]
    if any(len(path) > DEEPEST or "" in path for path in paths):
        raise ODataError(400, INVALID, f"Invalid value '{options[name]}' for {name}.")
    return paths


def _order(text: str, on: EntitySet) -> Iterator[tuple[str, bool]]:
    for item in text.split(","):
        match item.split():
            case [name] | [name, "asc" | "desc"] if on.property(name) is not None:
                yield name, item.split()[-1] == "desc" and len(item.split()) == 2
            case _:
                raise ODataError(400, INVALID, f"Invalid $orderby '{item.strip()}' for type '{on.type}'.")


def _number(option: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ODataError(400, INVALID, f"Invalid value '{text}' for {option}.")
    return int(text)


def _sortable(value: object) -> tuple[bool, object]:
    return value is not None, value


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise ODataError(400, INVALID, "The URI is not valid UTF-8.") from error


def key_predicate(text: str, on: EntitySet) -> dict[str, str]:
    """What stands between the parentheses behind a set, as property → literal. All key parts, each once."""
    parts = list(_parts(text, on))
    found = dict(parts)
    if sorted(name for name, _ in parts) != sorted(on.keys):
        raise ODataError(400, INVALID, f"The key of '{on.name}' consists of {', '.join(on.keys)}.")
    return found


def _parts(text: str, on: EntitySet) -> Iterator[tuple[str, str]]:
    items = list(_split(text))
    if len(items) == 1 and len(on.keys) == 1 and not items[0].startswith(on.keys[0] + "="):
        yield on.keys[0], items[0]
        return
    for item in items:
        name, _, literal = item.partition("=")
        if on.property(name) is None:
            raise not_found(f"{on.name}({text})")
        yield name, literal


def _split(text: str) -> Iterator[str]:
    """Split at the commas that stand outside quotes; a doubled quote ends and begins a literal, which is the same."""
    item, quoted = "", False
    for letter in text:
        quoted ^= letter == "'"
        if letter == "," and not quoted:
            yield item.strip(" ")
            item = ""
        else:
            item += letter
    yield item.strip(" ")
