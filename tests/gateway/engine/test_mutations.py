"""Writing, and who may: nothing is written for a caller who is not granted it before it is done."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from gateway.engine.explain import explain
from gateway.engine.fresh import Ages
from gateway.engine.graph import Graph, Unbound
from gateway.engine.limits import Limits
from gateway.engine.register import source_rows
from gateway.policy.grants import Grants, bits
from resolvers.binding import Bindings
from resolvers.freshness import Freshness
from schema import Category
from schema.classification import edge
from schema.coverage import Overpromised, Unclassified, classify
from tests.gateway import library
from tests.gateway.agree import Bench, Told

pytestmark = pytest.mark.anyio

ALL = Grants(bits(Category))
READER = Grants(bits([Category.PUBLIC, Category.PRESENCE, Category.CATALOGUE, Category.IDENTITY]))
SELF = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE]),
    (("own", bits([Category.PRESENCE, Category.IDENTITY, Category.CONTACT, Category.COMMERCIAL])),),
)
MASKED = Grants(
    bits([Category.PUBLIC, Category.CATALOGUE, Category.PRESENCE, Category.IDENTITY]),
    (),
    ((Category.CONTACT, "domain"), (Category.COMMERCIAL, "last_four")),
)


class Library:
    """Two benches over equal indexes: what was written to either can be looked up."""

    def __init__(self) -> None:
        self.graph = Graph.build(library.build(), library.bindings())

    async def ask(self, document: str, grants: Grants, own: str = "a1", **raw: Any) -> tuple[Told, list[Any]]:
        indexes: list[library.Index] = []

        def traffic() -> Any:
            indexes.append(library.Index())
            return library.traffic(indexes[-1])

        bench = Bench(self.graph, library.build, traffic)
        told = await bench.agreed(document, grants, raw, {"own": own} if grants.under else {})
        planned, referred = (index.written for index in indexes)
        assert planned == referred
        return told, planned


@pytest.fixture
def shelves() -> Library:
    return Library()


async def test_each_write_sees_the_one_before_it(shelves: Library) -> None:
    told, written = await shelves.ask(
        """mutation {
             first: rename(id: "b1", title: "One") { id title authors { books { title } } }
             a: reprint(id: "b1") b: reprint(id: "b1", by: 5)
             second: rename(id: "b1", title: "Two") { title pages authors { books { title } } } }""",
        ALL,
    )

    assert told.data["first"]["title"] == "One"
    assert (told.data["a"], told.data["b"], told.data["second"]["pages"]) == (101, 106, 106)
    assert {"title": "Two"} in told.data["second"]["authors"][0]["books"]
    assert [change.get("title", change.get("pages")) for change in written] == ["One", 101, 106, "Two"]


async def test_who_writes_is_not_shown_what_was_kept_from_before() -> None:
    day = Freshness(86_400, 86_400, 86_400)
    graph = Graph.build(library.build(), library.bindings(), Ages(dict.fromkeys(Category, day), day))
    traffic = library.traffic()
    bench = Bench(graph, library.build, lambda: traffic)

    before = await bench.planned('{ books(ids: ["b1"]) { title } }', ALL)
    kept = await bench.planned('{ books(ids: ["b1"]) { title } }', ALL)
    told = await bench.planned(
        'mutation { a: rename(id: "b1", title: "One") { title } b: rename(id: "b1", title: "Two") { title } }', ALL
    )

    assert before.data == kept.data == {"books": [{"title": "Book 1"}]}
    assert [call["cache"] for call in kept.calls] == ["HIT"]
    assert told.data == {"a": {"title": "One"}, "b": {"title": "Two"}}


async def test_equal_writes_are_two_writes(shelves: Library) -> None:
    told, written = await shelves.ask('mutation { a: hire(name: "Z") { id } b: hire(name: "Z") { name } }', ALL)

    assert told.data == {"a": {"id": "a9"}, "b": {"name": "Z"}}
    assert len(written) == 2


async def test_a_write_that_fails_does_not_stop_the_next(shelves: Library) -> None:
    told, written = await shelves.ask(
        'mutation { a: rename(id: "x1", title: "?") { id } b: reprint(id: "b4") c: rename(id: "b1", title: "!") { title } }',
        ALL,
    )

    assert told.data == {"a": None, "b": None, "c": {"title": "!"}}
    assert [error["path"] for error in told.errors] == [["a"], ["b"]]
    assert [change["id"] for change in written] == ["b1"]


@pytest.mark.parametrize(
    ("grants", "document"),
    [
        (READER, 'mutation { move(id: "a1", email: "x@example.test") { id } }'),
        (READER, 'mutation { reprint(id: "b1") }'),
        (SELF, 'mutation { hire(name: "Z") { id } }'),
        (SELF, 'mutation { reprint(id: "b1") }'),
        (MASKED, 'mutation { reprint(id: "b1") }'),
        (MASKED, 'mutation { move(id: "a1") { id } }'),
        (MASKED, 'mutation { call(id: "a1") }'),
        (SELF, 'mutation { call(id: "a1") }'),
        (Grants(0), 'mutation { hire(name: "Z") { id } __typename }'),
        (Grants(bits([Category.PRESENCE])), 'mutation { hire(name: "Z") { id } }'),
    ],
    ids=str,
)
async def test_what_is_not_granted_beforehand_is_not_written(shelves: Library, grants: Grants, document: str) -> None:
    """Not even when the rule would hold for the row, or a part of the value would be shown."""
    told, written = await shelves.ask(document, grants)

    assert [told.data[key] for key in told.data if key != "__typename"] == [None]
    assert [gap["reason"] for gap in told.absent] == ["WITHHELD"]
    assert written == [] == told.calls


@pytest.mark.parametrize("given", ['"New"', "$title"])
async def test_a_forbidden_argument_stops_the_write_and_only_that(shelves: Library, given: str) -> None:
    shy = Grants(bits([Category.PUBLIC, Category.PRESENCE, Category.CATALOGUE, Category.COMMERCIAL]))
    declared = "($title: String!)" if given == "$title" else ""
    raw = {"title": "New"} if declared else {}

    told, written = await shelves.ask(
        f'mutation {declared} {{ rename(id: "b1", title: {given}) {{ id }} reprint(id: "b1") }}', shy, **raw
    )

    assert told.data == {"rename": None, "reprint": 101}
    assert told.absent[0]["coordinate"] == "Mutation.rename(title:)"
    assert [change["id"] for change in written] == ["b1"]


async def test_an_argument_under_a_rule_needs_the_rule_to_be_applied_first(shelves: Library) -> None:
    """`rename` does not look whose book it is, so an identity granted on own rows is not enough to write one."""
    told, written = await shelves.ask('mutation { rename(id: "b1", title: "Mine") { id } }', SELF)

    assert told.data == {"rename": None}
    assert told.absent[0]["coordinate"] == "Mutation.rename(title:)"
    assert written == []


@pytest.mark.parametrize(("key", "moved"), [("a1", True), ("a2", False), ("zz", False)])
async def test_who_may_write_their_own_row_writes_no_other(shelves: Library, key: str, moved: bool) -> None:
    told, written = await shelves.ask(
        'mutation ($k: ID!) { move(id: $k, email: "new@example.test") { id name email } }', SELF, k=key
    )

    shown = {"id": "a1", "name": "Author 1", "email": "new@example.test"}
    assert told.data == {"move": shown if moved else None}
    assert [change["id"] for change in written] == (["a1"] if moved else [])


async def test_not_mine_and_not_there_look_the_same_when_written_to(shelves: Library) -> None:
    (mine_not, _), (not_there, _) = [
        await shelves.ask("mutation ($k: ID!) { move(id: $k) { email } }", SELF, k=key) for key in ("a2", "zz")
    ]

    assert mine_not.bytes == not_there.bytes


async def test_a_plan_tells_every_step_of_a_mutation(shelves: Library) -> None:
    document = 'mutation { a: reprint(id: "b1") b: rename(id: "b1", title: "x") { title } c: hire(name: "y") { id } }'

    told = explain(shelves.graph, READER, document, {}, Limits())

    assert [step.path for step in told.steps] == ["b", "b", "c"]
    assert [gap.path for gap in told.gaps] == ["a"]
    assert len(told.code) == 5


def test_every_mutation_is_in_the_source_table(shelves: Library) -> None:
    fields = {row.field for row in source_rows(shelves.graph)}

    assert {f"Mutation.{name}" for name in ("rename", "move", "reprint", "call", "hire")} <= fields


def test_what_can_be_written_needs_a_category_like_what_can_be_read() -> None:
    @strawberry.type
    class Unsaid:
        @edge(Category.PUBLIC)
        def write(self, what: str) -> str | None:
            """Its argument is of no category."""

    @strawberry.type
    class Promising:
        @edge(Category.PUBLIC)
        def write(self) -> str:
            """It may fail, so it must not promise."""

    with pytest.raises(Unclassified, match=r"Unsaid\.write\(what:\)"):
        classify(strawberry.Schema(query=library.Query, mutation=Unsaid, types=[library.Author, library.Book]))
    with pytest.raises(Overpromised, match=r"Promising\.write"):
        classify(strawberry.Schema(query=library.Query, mutation=Promising, types=[library.Author, library.Book]))


@pytest.mark.parametrize("missing", [("Mutation", "hire"), ("Query", "find")])
def test_a_root_field_that_nobody_resolves_stops_the_start(missing: tuple[str, str]) -> None:
    bound = library.bindings()
    kept = [binding for at, binding in bound.fields.items() if at != missing]

    with pytest.raises(Unbound, match=missing[1]):
        Graph.build(library.build(), Bindings([*{id(one): one for one in kept}.values(), *bound.relations.values()]))
