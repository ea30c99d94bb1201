"""The reference as HTML pages: file name → text. Links lead only to what is told of in the same book."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    Undefined,
    print_ast,
)
from graphql.utilities import ast_from_value

from gateway.docs.book import Book, Holder
from gateway.docs.markup import CODE, Child, Html, document, el, inside
from gateway.engine.register import SourceRow
from gateway.policy import Role
from gateway.policy.masks import MASKS
from schema import Category

STYLE = Path(__file__).with_name("style.css")
MARK = "customer360 docs"
READING = (
    "What is not promised (an exclamation mark) may be null: withheld, masked beyond use, or its system cannot tell "
    "right now. Each such place of an answer is listed in `extensions.absent` with its cause; a null not listed "
    "is really empty. Every field, argument and kind of thing has a category, which says why one would need it; who "
    "needs what is the policy's to say."
)


def contents(book: Book) -> Mapping[str, Callable[[], Html]]:
    """Every page of the book, the first one first: its name, and what makes it."""
    made = {"index.html": _index, "categories.html": _categories}
    if book.roles:
        made["roles.html"] = _roles
    if book.systems:
        made["systems.html"] = _systems
    types = {f"types/{name}.html": partial(_type, book, name, kind) for name, kind in book.types.items()}
    return {name: partial(make, book) for name, make in made.items()} | types


# -- what all pages share ---------------------------------------------------------------------------------------------


def _page(book: Book, title: str, root: str, *body: Child) -> Html:
    links = [("index.html", "Types"), ("categories.html", "Categories")]
    links += [("roles.html", "Roles")] if book.roles else []
    links += [("systems.html", "Systems")] if book.systems else []
    menu = el("nav", [el("a", said, href=f"{root}{to}") for to, said in links])
    for_whom = f"as far as {book.reader} may name it" if book.reader else "the whole of it"
    foot = el("footer", f"Made by {MARK} from the running schema and policy: {for_whom}.")
    return document(f"{title} · Customer Graph", root, menu, el("main", el("h1", title), *body), foot)


def _said(book: Book, text: str | None, root: str) -> Html:
    """A description: words in backquotes are code, and lead to what they name."""
    parts = CODE.split(text or "")
    return inside([_code(book, part, root) if place % 2 else part for place, part in enumerate(parts)])


def _code(book: Book, word: str, root: str) -> Html:
    return _to(book, word, root) if book.has(word.partition("(")[0]) else el("code", word)


def _to(book: Book, coordinate: str, root: str) -> Html:
    """A link to where a coordinate is told of."""
    owner, _, rest = coordinate.partition(".")
    place = f"#{rest.partition('(')[0]}" if rest else ""
    return el("a", el("code", coordinate), href=f"{root}types/{owner}.html{place}")


def _typed(book: Book, kind: object) -> Html:
    match kind:
        case GraphQLNonNull():
            return inside(_typed(book, kind.of_type), "!")
        case GraphQLList():
            return inside("[", _typed(book, kind.of_type), "]")
        case GraphQLNamedType() if kind.name in book.types:
            return el("a", kind.name, href=f"{kind.name}.html")
    return inside(str(kind))


def _chip(category: Category | None, root: str) -> Html | None:
    if category is None:
        return None
    if category is Category.INHERITED:
        return el("span", "as where it stands", class_="chip", title=category.why)
    return el("a", category.value, class_="chip", title=category.why, href=f"{root}categories.html#{category.value}")


def _table(heads: tuple[str, ...], rows: Sequence[Sequence[Child]]) -> Html | None:
    if not rows:
        return None
    head = el("tr", [el("th", one, scope="col") for one in heads])
    return el("table", el("thead", head), el("tbody", [el("tr", [el("td", cell) for cell in row]) for row in rows]))


# -- pages ------------------------------------------------------------------------------------------------------------


def _index(book: Book) -> Html:
    lists = [
        inside(
            el("h2", section),
            _table(
                ("type", "what it is"),
                [[_to(book, name, ""), _said(book, book.types[name].description, "")] for name in names],
            ),
        )
        for section, names in book.sections.items()
    ]
    return _page(book, "Types", "", el("p", _said(book, READING, "")), lists)


def _categories(book: Book) -> Html:
    blocks = [
        el(
            "section",
            el("h2", category.value),
            el("p", category.why),
            _seen(book.seen_of(category)),
            el("ul", [el("li", _to(book, at, "")) for at in named], class_="many"),
            id=category.value,
        )
        for category, named in book.named.items()
        if named
    ]
    masks = [[el("code", name), _said(book, (mask.__doc__ or "").strip(), "")] for name, mask in MASKS.items()]
    return _page(
        book,
        "Categories",
        "",
        el("p", "Why one would need a value. Who sees what of it: whole, in part, or on some rows only."),
        blocks,
        el("h2", "Masks", id="masks"),
        _table(("mask", "what it leaves"), masks),
    )


def _roles(book: Book) -> Html:
    return _page(book, "Roles", "", [_role(book, role) for role in book.roles])


def _role(book: Book, role: Role) -> Html:
    rows: list[list[Child]] = [
        [_chip(category, ""), told] for category in book.named if (told := list(_ways(role, book.seen_of(category))))
    ]
    clients = "is refused" if role.clients == "reject" else "finds null, with a reason"
    return el(
        "section",
        el("h2", role.name),
        el("p", role.title),
        el("p", f"Asks for {', '.join(role.purposes)}. Who asks for what they may not see {clients}."),
        _table(("category", "how it is seen"), rows),
        id=role.name,
    )


def _ways(role: Role, ways: Mapping[str, tuple[str, ...]]) -> Iterator[Html]:
    """How a role sees it; for which purpose, where that matters."""
    for way, names in ways.items():
        for name, _, purpose in (one.partition(" for ") for one in names):
            if name == role.name:
                yield el("div", f"for {purpose}: {way}" if purpose else way)


def _systems(book: Book) -> Html:
    behind: dict[str, list[SourceRow]] = {}
    for rows in book.origins.values():
        for row in rows:
            behind.setdefault(row.system, []).append(row)
    blocks = [
        el(
            "section",
            el("h2", system),
            _table(
                ("field", "asked by", "columns", "how old it may be"),
                [[_to(book, row.coordinate, ""), *_asked(row)] for row in _once(rows)],
            ),
            id=system,
        )
        for system, rows in sorted(behind.items())
    ]
    return _page(book, "Systems", "", blocks)


def _once(rows: list[SourceRow]) -> list[SourceRow]:
    """Of the ways to a coordinate that are asked alike, the first."""
    return list({(row.coordinate, row.operation, row.columns): row for row in rows}.values())


def _asked(row: SourceRow) -> list[Child]:
    how = row.operation or "worked out by the gateway"
    return [
        f"{how} (derived)" if row.operation and row.mode == "DERIVED" else how,
        ", ".join(row.columns),
        row.freshness,
    ]


def _type(book: Book, name: str, kind: GraphQLNamedType) -> Html:
    row = book.graph.row_category(name)
    return _page(
        book,
        name,
        "../",
        el("p", el("span", book.section(name), class_="kind"), " ", _chip(row, "../")),
        el("p", _said(book, kind.description, "../"), class_="lead"),
        [el("p", "That there is such a row, and what has its category:"), _seen(book.seen(name))] if row else None,
        _implements(book, kind),
        _members(book, name, kind),
        _used(book, name),
    )


def _implements(book: Book, kind: GraphQLNamedType) -> Html | None:
    match kind:
        case GraphQLInterfaceType() | GraphQLUnionType():
            said, some = "Is one of ", sorted(one.name for one in book.schema.get_possible_types(kind))
        case GraphQLObjectType():
            said, some = "Implements ", [one.name for one in kind.interfaces]
        case _:
            return None
    return el("p", said, _list([_to(book, one, "../") for one in some])) if some else None


def _members(book: Book, name: str, kind: GraphQLNamedType) -> Child:
    if isinstance(kind, GraphQLEnumType):
        return _table(
            ("choice", "what it means", "category"), [_choice(book, name, *one) for one in kind.values.items()]
        )
    fields = kind.fields if isinstance(kind, Holder) else {}
    return [_field(book, name, field, one) for field, one in fields.items()]


def _choice(book: Book, owner: str, name: str, one: GraphQLEnumValue) -> list[Child]:
    chip = _chip(book.category(f"{owner}.{name}"), "../")
    return [el("code", name, id=name), _said(book, one.description, "../"), chip]


def _field(book: Book, owner: str, name: str, one: object) -> Html:
    at = f"{owner}.{name}"
    arguments = [
        [
            el("code", argument),
            _typed(book, given.type),
            _default(given),
            _said(book, given.description, "../"),
            _chip(book.category(f"{at}({argument}:)"), "../"),
        ]
        for argument, given in getattr(one, "args", {}).items()
    ]
    default, kind = _default(one), getattr(one, "type", None)
    return el(
        "section",
        el("h2", name, ": ", el("span", _typed(book, kind), class_="type"), default and f" = {default}", " "),
        _chip(book.category(at), "../"),
        el("p", _said(book, getattr(one, "description", None), "../")),
        _table(("argument", "type", "if left out", "what it says", "category"), arguments),
        _seen(book.seen(at)) if _stands_out(book, at) else None,
        _origin(book.origins.get(at, ())),
        id=name,
    )


def _stands_out(book: Book, at: str) -> bool:
    """Whether who sees it is another question than who sees that there is such a row."""
    of = {None, Category.INHERITED, Category.PUBLIC, book.graph.row_category(at.partition(".")[0])}
    return book.category(at) not in of


def _default(given: object) -> str:
    value, kind = getattr(given, "default_value", Undefined), getattr(given, "type", None)
    node = None if value is Undefined or value is None else ast_from_value(value, kind)  # type: ignore[arg-type]
    return print_ast(node) if node else ""


def _seen(ways: Mapping[str, tuple[str, ...]]) -> Html:
    rows = [el("li", el("b", ", ".join(names)), f": {way}") for way, names in ways.items()]
    return el("ul", rows, class_="seen") if rows else el("p", "Nobody told of here sees it.", class_="seen")


def _origin(rows: tuple[SourceRow, ...]) -> Html | None:
    told = dict.fromkeys(
        f"{row.system}.{row.operation}({', '.join(row.columns)}){' · derived' if row.mode == 'DERIVED' else ''}"
        f" · {row.freshness}"
        for row in rows
        if row.operation
    )
    return el("p", "From ", _list([el("code", one) for one in told]), class_="from") if told else None


def _used(book: Book, name: str) -> Html | None:
    places = book.used.get(name, ())
    return inside(el("h2", "Met at"), el("p", _list([_to(book, at, "../") for at in places]))) if places else None


def _list(some: Sequence[Html]) -> Sequence[Child]:
    return [part for one in some for part in (", ", one)][1:]
