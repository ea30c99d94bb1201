"""A second, tiny graph with its own backend: proof that the engine knows nothing of customers, and its torture ground.

Authors and books, an interface, a union, lists of lists, row rules, masks, facets, carried records, mutations, and a
backend that fails for keys that say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar

import msgspec
import strawberry

from gateway.traffic import Traffic
from resolvers.backends.base import (
    Adapter,
    Connection,
    Garbled,
    Kind,
    Outcome,
    Reply,
    Request,
    Unavailable,
    Unusable,
    operation,
)
from resolvers.binding import Ask, Bindings, relates, resolves
from schema.classification import Category, Commercial, Contact, Financial, Identity, Inherited, Public, edge, entity
from schema.coverage import classify


@strawberry.enum
class Genre(Enum):
    NOVEL = "novel"
    ESSAY = "essay"


@strawberry.interface
class Thing:
    id: Public[strawberry.ID]


@strawberry.type
class Price:
    amount: Inherited[Decimal]
    currency: Inherited[str]


@strawberry.type
class Shelf:
    code: Inherited[str]
    room: Commercial[str]

    @edge(Category.CATALOGUE)
    def best(self) -> Annotated[Book, strawberry.lazy(__name__)] | None:
        """The book everybody asks for."""


@strawberry.type(directives=[entity(Category.CATALOGUE)])
class Book(Thing):
    id: Public[strawberry.ID]
    title: Identity[str]
    pages: Identity[int]
    genre: Identity[Genre]
    price: Financial[Price]
    shelves: Annotated[list[list[Shelf]] | None, Category.CATALOGUE]

    @edge(Category.CATALOGUE)
    def authors(self) -> list[Annotated[Author, strawberry.lazy(__name__)]] | None:
        """Who wrote it."""

    @edge(Category.COMMERCIAL)
    def sold(self) -> int | None:
        """How many."""


@strawberry.type(directives=[entity(Category.PRESENCE)])
class Author(Thing):
    id: Public[strawberry.ID]
    name: Identity[str]
    email: Contact[str]
    born: Commercial[int]

    @edge(Category.CATALOGUE)
    def books(self, first: Annotated[int, Category.PUBLIC] = 3) -> list[Book] | None:
        """Their books."""


@strawberry.input(one_of=True)
class AuthorBy:
    id: Annotated[strawberry.ID | None, Category.PUBLIC]
    email: Annotated[str | None, Category.CONTACT]


Found = Annotated[Author | Book, strawberry.union("Found")]


@strawberry.type
class Query:
    @edge(Category.PRESENCE)
    def author(self, by: Annotated[AuthorBy, Category.PUBLIC]) -> Author | None:
        """One author."""

    @edge(Category.PRESENCE)
    def authors(self, ids: Annotated[list[strawberry.ID], Category.PUBLIC]) -> list[Author | None] | None:
        """Authors by id."""

    @edge(Category.CATALOGUE)
    def books(self, ids: Annotated[list[strawberry.ID], Category.PUBLIC]) -> list[Book] | None:
        """Books by id; those that do not exist are left out."""

    @edge(Category.PUBLIC)
    def thing(self, id: Annotated[strawberry.ID, Category.PUBLIC]) -> Thing | None:
        """Anything."""

    @edge(Category.PUBLIC)
    def find(self, text: Annotated[str, Category.PUBLIC]) -> list[Found | None] | None:
        """Anything with that text in its id."""


@strawberry.type
class Mutation:
    @edge(Category.CATALOGUE)
    def rename(
        self, id: Annotated[strawberry.ID, Category.PUBLIC], title: Annotated[str, Category.IDENTITY]
    ) -> Book | None:
        """Give a book another title."""

    @edge(Category.CONTACT)
    def move(
        self, id: Annotated[strawberry.ID, Category.PUBLIC], email: Annotated[str | None, Category.CONTACT] = None
    ) -> Author | None:
        """Say where an author can be reached; authors may do so for themselves."""

    @edge(Category.COMMERCIAL)
    def reprint(
        self, id: Annotated[strawberry.ID, Category.PUBLIC], by: Annotated[int, Category.PUBLIC] = 1
    ) -> int | None:
        """Some more pages; says how many it has now."""

    @edge(Category.CONTACT)
    def call(self, id: Annotated[strawberry.ID, Category.PUBLIC]) -> str | None:
        """Reach an author; says under which address that was done."""

    @edge(Category.PRESENCE)
    def hire(self, name: Annotated[str, Category.IDENTITY]) -> Author | None:
        """A new author."""


def build() -> strawberry.Schema:
    return classify(strawberry.Schema(query=Query, mutation=Mutation, types=[Author, Book]))


# -- the backend ------------------------------------------------------------------------------------------------------


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    title: str | None = None
    pages: Any = None
    genre: str | None = None
    amount: Decimal | None = None
    shelves: list[list[str]] | None = None
    name: str | None = None
    email: str | None = None
    born: int | None = None
    books: list[str] | None = None
    authors: list[str] | None = None


AUTHORS = {
    f"a{i}": Record(
        f"a{i}", name=f"Author {i}", email=f"a{i}@example.test", born=1900 + i, books=[f"b{i}", f"b{i + 1}"]
    )
    for i in range(6)
} | {"a-down": Record("a-down")}
BOOKS = {
    f"b{i}": Record(
        f"b{i}",
        title=None if i == 3 else f"Book {i}",
        pages="many" if i == 4 else 100 * i,
        genre="essay" if i % 2 else "novel",
        amount=None if i == 2 else Decimal(f"{i}.50"),
        shelves=None if i == 5 else [[f"s{i}", f"t{i}"], [], [f"u{i}"]],
        authors=[f"a{i}", f"a{i - 1}"] if i else ["a0"],
    )
    for i in range(7)
}


class Shelves(Adapter):
    name = "shelves"
    title = "The library's card index"

    @operation(Record, limit=3, columns={name: (name,) for name in Record.__struct_fields__ if name != "id"})
    async def cards(self, wire: Any, keys: Sequence[str], columns: frozenset[str]) -> dict[str, Any]:
        """Keys that start with `x` fail one by one; a `!` among them fails the whole call."""
        target = "/cards?" + ",".join(sorted(columns))
        reply = await wire.send(Request("POST", target, body=msgspec.json.encode(list(keys))))
        found = wire.decode(reply.body, list[Record])
        bad = {key: Garbled("shelves", "unreadable") for key in keys if key.startswith("x") or key.endswith("-down")}
        return {record.id: record for record in found} | bad

    @operation(Record, limit=1, columns={}, kind=Kind.WRITE)
    async def write(self, wire: Any, keys: Sequence[str], columns: frozenset[str], **changes: Any) -> dict[str, Any]:
        """Changes one card and gives it back; a key that starts with `x` cannot be written."""
        if keys[0].startswith("x"):
            raise Garbled("shelves", "ink")
        body = msgspec.json.encode({"id": keys[0], **changes})
        reply = await wire.send(Request("PUT", "/cards", body=body))
        return {keys[0]: wire.decode(reply.body, Record)}


class Index:
    """The card index, on the other side of the wire. Every one of them starts with the same cards."""

    def __init__(self) -> None:
        self.cards = {key: msgspec.to_builtins(card) for key, card in (AUTHORS | BOOKS).items()}
        self.written: list[dict[str, Any]] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109
        asked = msgspec.json.decode(request.body)
        if request.method == "PUT":
            self.written.append(asked)
            card = self.cards[asked["id"]] = self.cards.get(asked["id"], {}) | asked
            return self.reply(card)
        if "!" in asked:
            raise ConnectionResetError
        columns = {"id", *request.target.partition("?")[2].split(",")}
        found = [card for key in asked if (card := self.cards.get(key))]
        return self.reply([{name: value for name, value in card.items() if name in columns} for card in found])

    def reply(self, body: Any) -> Reply:
        return Reply(200, {"content-type": "application/json"}, msgspec.json.encode(body))


def traffic(index: Index | None = None) -> Traffic:
    """A way to an index of its own, unless one is given to look into afterwards."""
    return Traffic.over({"shelves": Shelves(Connection("http://shelves"), index or Index())})


# -- the bindings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Writer:
    graph_type: ClassVar[str] = "Author"
    id: str
    card: Record | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    graph_type: ClassVar[str] = "Book"
    id: str
    card: Any = None


@dataclass(frozen=True, slots=True)
class Cost:
    amount: Decimal
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Board:
    code: str

    @property
    def room(self) -> str | None:
        return None if self.code.startswith("t") else f"room of {self.code}"


@dataclass(frozen=True, slots=True)
class Card:
    """A book's card in the graph's words."""

    card: Record

    title = property(lambda self: self.card.title)
    pages = property(lambda self: self.card.pages)
    genre = property(lambda self: self.card.genre and Genre(self.card.genre))
    price = property(lambda self: self.card.amount and Cost(self.card.amount))
    shelves = property(lambda self: self.card.shelves and [[Board(c) for c in row] for row in self.card.shelves])


WIRE = {"price": "amount", "shelves": "shelves"}


def wired(columns: frozenset[str]) -> frozenset[str]:
    return frozenset(WIRE.get(column.split(".")[0], column.split(".")[0]) for column in columns)


@resolves(Query, "author")
async def author(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    ((way, value),) = ask.arguments["by"].items()
    key = value.split("@")[0] if way == "email" else value
    if key == "bad":
        return [Outcome(error=Unusable("This is no author's address"))]
    (found,) = await ask.load(Shelves.cards, [key])
    return [Outcome(found.value and Writer(key, found.value), found.error)]


@resolves(Query, "authors")
async def authors(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome([Writer(key) if key in AUTHORS else None for key in ask.arguments["ids"]])]


@resolves(Query, "books")
async def books(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome([Volume(key) for key in ask.arguments["ids"] if key in BOOKS or key.startswith(("x", "!"))])]


@resolves(Query, "thing")
async def thing(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    key = ask.arguments["id"]
    if key in AUTHORS and "Author" in ask.types:
        return [Outcome(Writer(key))]
    return [Outcome(Volume(key) if key in BOOKS and "Book" in ask.types else None)]


@resolves(Query, "find")
async def find(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    text = ask.arguments["text"]
    if text == "explode":
        raise ZeroDivisionError
    found: list[Any] = [Writer(key) for key in AUTHORS if text in key]
    return [Outcome([*found, None, *(Volume(key) for key in BOOKS if text in key)])]


@resolves(Author, "name", "email", "born", carried="card")
async def writer(writers: Sequence[Writer], ask: Ask) -> Sequence[Outcome[Any]]:
    return await ask.load(Shelves.cards, [one.id for one in writers])


@resolves(Book, "title", "pages", "genre", "price", "shelves", carried="card")
async def volume(volumes: Sequence[Volume], ask: Ask) -> Sequence[Outcome[Any]]:
    found = await ask.load(Shelves.cards, [one.id for one in volumes], wired(ask.columns))
    return [Outcome(one.value and Card(one.value), one.error) for one in found]


@resolves(Author, "books")
async def books_of(writers: Sequence[Writer], ask: Ask) -> Sequence[Outcome[Any]]:
    found = await ask.load(Shelves.cards, [one.id for one in writers], frozenset({"books"}))
    first = ask.arguments["first"]
    return [Outcome(one.value and [Volume(key) for key in (one.value.books or [])[:first]], one.error) for one in found]


@resolves(Book, "authors")
async def authors_of(volumes: Sequence[Volume], ask: Ask) -> Sequence[Outcome[Any]]:
    found = await ask.load(Shelves.cards, [one.id for one in volumes], frozenset({"authors"}))
    return [Outcome(one.value and [Writer(key) for key in one.value.authors or []], one.error) for one in found]


@resolves(Book, "sold")
async def sold(volumes: Sequence[Volume], ask: Ask) -> Sequence[Outcome[Any]]:
    if any(one.id == "b6" for one in volumes):
        return [Outcome(7)] * (len(volumes) - 1)
    return [Outcome("plenty" if one.id == "b1" else 7) for one in volumes]


@resolves(Shelf, "best", needs=("code",))
async def best(shelves: Sequence[Board], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome(Volume("b1") if one.code.startswith("s") else None) for one in shelves]


@resolves(Mutation, "rename")
async def rename(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    found = await ask.load(Shelves.write, [ask.arguments["id"]], title=ask.arguments["title"])
    return [Outcome(one.value and Volume(one.value.id), one.error) for one in found]


@resolves(Mutation, "move", pushes=("own",))
async def move(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    """Whose own data it is, is settled before anything is written."""
    key = ask.arguments["id"]
    if "own" in ask.predicates and key not in ask.predicates["own"]:
        return [Outcome(None)]
    found = await ask.load(Shelves.write, [key], email=ask.arguments.get("email"))
    return [Outcome(one.value and Writer(one.value.id), one.error) for one in found]


@resolves(Mutation, "reprint")
async def reprint(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    (known,) = await ask.load(Shelves.cards, [ask.arguments["id"]], frozenset({"pages"}))
    if known.value is None or known.error:
        return [Outcome(None, known.error)]
    pages = known.value.pages + ask.arguments["by"]
    (found,) = await ask.load(Shelves.write, [ask.arguments["id"]], pages=pages)
    return [Outcome(found.value and found.value.pages, found.error)]


@resolves(Mutation, "call")
async def call(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    (found,) = await ask.load(Shelves.write, [ask.arguments["id"]], called=True)
    return [Outcome(found.value and found.value.email, found.error)]


@resolves(Mutation, "hire")
async def hire(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    (found,) = await ask.load(Shelves.write, ["a9"], name=ask.arguments["name"])
    return [Outcome(found.value and Writer("a9"), found.error)]


@relates(Author, "own")
async def own(writers: Sequence[Writer], ask: Ask) -> Sequence[Outcome[Any]]:
    return [
        Outcome(None, Unavailable("shelves", "gone")) if one.id.endswith("-down") else Outcome(one.id)
        for one in writers
    ]


def bindings() -> Bindings:
    found = [author, authors, books, thing, find, writer, volume, books_of, authors_of, sold, best, own]
    found += [rename, move, reprint, call, hire]
    return Bindings(bound for function in found for bound in function.__bound__)  # type: ignore[attr-defined]
