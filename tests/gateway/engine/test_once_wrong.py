"""Where the engines disagreed once, or were wrong together: each by its name, so that it does not come back."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from graphql import build_schema

from gateway.engine.answer import answer
from gateway.engine.graph import Graph
from gateway.policy.grants import Grants, bits
from gateway.traffic import Traffic
from resolvers.backends.base import Outcome, Unavailable
from resolvers.binding import Binding, Bindings, Relation
from schema import Category
from tests.gateway.agree import Bench
from tests.gateway.engine.sdl import IS, categories

pytestmark = pytest.mark.anyio

ALL = Grants(bits(Category))


def gives(value: Any) -> Any:
    """A resolver that gives the same to each parent."""

    async def resolve(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        return [value if isinstance(value, Outcome) else Outcome(value) for _ in parents]

    return resolve


def keyed(attribute: str) -> Any:
    """A resolver that gives what each row says itself."""

    async def resolve(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        told = [getattr(one, attribute) for one in parents]
        return [one if isinstance(one, Outcome) else Outcome(one) for one in told]

    return resolve


def small(sdl: str, *bound: Any) -> Bench:
    schema = build_schema(IS + sdl)
    graph = Graph(schema, categories(schema), Bindings(bound))
    declared = SimpleNamespace(_schema=build_schema(IS + sdl))
    return Bench(graph, lambda: declared, lambda: Traffic.over({}))  # type: ignore[arg-type, return-value]


def edge(owner: str, name: str, batch: Any) -> Binding:
    return Binding(owner, (name,), batch)


class Row(SimpleNamespace):
    pass


PEOPLE = """
    type Query { people: [Person!] everybody: [Person] }
    type Person @is(why: "presence") {
        id: ID! name: String @is(why: "identity") email: String @is(why: "contact") friend: Person orders: Int
        parts: [[Part!]!]
    }
    type Part { n: Int cost: Int @is(why: "financial") inner: Part }
"""
ONLY_OWN = Grants(bits([Category.PUBLIC, Category.IDENTITY]), (("own", bits([Category.PRESENCE])),))
OWN_MONEY = Grants(bits([Category.PUBLIC, Category.PRESENCE]), (("own", bits([Category.FINANCIAL, Category.CONTACT])),))


def people(*rows: Row, **more: Any) -> Bench:
    bound = [edge("Query", name, gives([*rows])) for name in ("people", "everybody")]
    bound += [edge("Person", name, batch) for name, batch in more.items()]
    return small(PEOPLE, *bound, Relation("Person", "own", keyed("own"), ("own",)))


async def test_rows_that_are_left_out_leave_no_gap_in_the_numbering() -> None:
    """Paths are those of the answer, not of what the resolver gave."""
    gone = Outcome[Any](error=Unavailable("depot", "gone"))
    rows = [Row(id=str(i), own="me" if i > 1 else "no", orders=gone if i == 3 else i) for i in range(4)]
    asked = people(*rows, orders=keyed("orders"))

    told = await asked.agreed("{ people { id orders } }", ONLY_OWN, keys={"own": "me"})

    assert told.data == {"people": [{"id": "2", "orders": 2}, {"id": "3", "orders": None}]}
    assert told.errors[0]["path"] == ["people", 1, "orders"]
    assert told.absent[0]["at"] == [["people", 1, "orders"]]


async def test_a_row_left_out_before_a_null_does_not_move_it() -> None:
    rows = [Row(id="0", own="no"), None, Row(id="2", own="me")]

    told = await people(*rows).agreed("{ people { id } everybody { id } }", ONLY_OWN, keys={"own": "me"})  # type: ignore[arg-type]

    assert told.data == {"people": None, "everybody": [None, None, {"id": "2"}]}
    assert told.failed == [("people", 0)]


async def test_a_row_that_cannot_be_judged_is_not_a_row_that_is_left_out() -> None:
    gone = Outcome[Any](error=Unavailable("depot", "gone"))
    rows = [Row(id="0", own="me"), Row(id="1", own=gone), Row(id="2", own="me")]

    told = await people(*rows).agreed("{ people { id } everybody { id } }", ONLY_OWN, keys={"own": "me"})

    assert told.data == {"people": None, "everybody": [{"id": "0"}, None, {"id": "2"}]}
    assert {(gap["path"], gap["code"]) for gap in told.absent} == {
        ("people", "BACKEND_UNAVAILABLE"),
        ("everybody.*", "BACKEND_UNAVAILABLE"),
    }


async def test_what_is_hidden_inside_lists_of_a_record_is_located_value_by_value() -> None:
    """It used to be given as a pattern, stars and all."""
    part = Row(n=1, cost=2, inner=Row(n=3, cost=4, inner=None))
    rows = [Row(id=own, own=own, parts=[[part], [], [part, part]]) for own in ("me", "no")]

    told = await people(*rows).agreed("{ people { parts { n cost inner { cost } } } }", OWN_MONEY, keys={"own": "me"})

    assert [gap["path"] for gap in told.absent] == ["people.*.parts.*.*.cost", "people.*.parts.*.*.inner.cost"]
    assert told.absent[0]["at"] == [["people", 1, "parts", i, j, "cost"] for i, j in ((0, 0), (2, 0), (2, 1))]


async def test_what_is_hidden_in_a_row_that_is_lost_is_not_listed() -> None:
    rows = [Row(id=None, own="no", email="x"), Row(id="1", own="no", email="y")]

    told = await people(*rows).agreed("{ everybody { email id } }", OWN_MONEY, keys={"own": "me"})

    assert told.data == {"everybody": [None, {"email": None, "id": "1"}]}
    assert [(gap["path"], gap["at"]) for gap in told.absent] == [
        ("everybody.*", [["everybody", 0]]),
        ("everybody.*.email", [["everybody", 1, "email"]]),
    ]


async def test_a_caller_without_a_key_is_not_the_row_without_one() -> None:
    told = await people(Row(id="1", own=None)).agreed("{ people { id } }", ONLY_OWN, keys={})

    assert told.data == {"people": []}


async def test_a_row_of_which_only_a_part_would_be_shown_is_not_shown() -> None:
    """A mask shows a part of a value; there is no part of a row's being there."""
    masked = Grants(bits([Category.PUBLIC]), (), ((Category.PRESENCE, "initial"),))

    told = await people(Row(id="1", own="me")).agreed("{ people { id } }", masked, keys={"own": "me"})

    assert told.data == {"people": None}


async def test_a_mask_below_a_field_under_a_rule_is_listed() -> None:
    sdl = """type Query { a: A } type A @is(why: "presence") { id: ID b: B @is(why: "catalogue") }
             type B @is(why: "public") { name: String @is(why: "identity") }"""
    grants = Grants(
        bits([Category.PUBLIC, Category.PRESENCE]),
        (("own", bits([Category.CATALOGUE])),),
        ((Category.IDENTITY, "initial"),),
    )
    bound = [edge("Query", "a", gives(Row(id="1", b=Row(name="Claire"), own="me")))]

    told = await small(sdl, *bound, Relation("A", "own", keyed("own"))).agreed(
        "{ a { b { name } } }", grants, keys={"own": "me"}
    )

    assert told.data == {"a": {"b": {"name": "C."}}}
    assert [(gap["path"], gap["reason"]) for gap in told.absent] == [("a.b.name", "MASKED")]


async def test_arguments_of_a_field_that_is_withheld_are_not_looked_at() -> None:
    sdl = 'type Query { a(x: Int!): Int @is(why: "contact") b(x: Int!): Int }'
    asked = small(sdl, edge("Query", "a", gives(1)), edge("Query", "b", gives(2)))

    told = await asked.agreed("query ($v: Int = 1) { a(x: $v) b(x: $v) }", Grants(bits([Category.PUBLIC])), {"v": None})

    assert told.data == {"a": None, "b": None}
    assert [(error["path"], error["extensions"]["code"]) for error in told.errors] == [(["b"], "BAD_VARIABLE")]


async def test_a_useless_argument_at_every_row_is_told_as_all_of_them_at_the_first() -> None:
    sdl = "type Query { l: [A] } type A { n(x: Int!): Int }"
    asked = small(sdl, edge("Query", "l", gives([Row() for _ in range(12)])), edge("A", "n", gives(1)))

    told = await asked.agreed("query ($v: Int = 1) { l { n(x: $v) } }", ALL, {"v": None})

    assert [(gap["path"], gap["rows"]) for gap in told.absent] == [("l.*.n", "ALL")]
    assert [(error["path"], error["extensions"]["affected"]) for error in told.errors] == [(["l", 0, "n"], 12)]


@pytest.mark.parametrize("given", ["{id: 1}", "$by"])
async def test_a_default_of_ours_is_not_an_argument_of_theirs(given: str) -> None:
    sdl = """input By { id: ID email: String = "a@b" @is(why: "contact") more: More = {} } input More { email: String = "c@d" @is(why: "contact") }
             type Query { a(by: By): Int }"""
    asked = small(sdl, edge("Query", "a", gives(1)))
    declared, raw = ("($by: By)", {"by": {"id": "1"}}) if given == "$by" else ("", {})

    told = await asked.agreed(f"query {declared} {{ a(by: {given}) }}", Grants(bits([Category.PUBLIC])), raw)

    assert told.data == {"a": 1}
    assert told.absent == []


@pytest.mark.parametrize("default", ['{email: "x"}', '{more: [{}, {email: "x"}]}', '{more: {email: "x"}}'])
async def test_a_default_that_the_document_gives_a_variable_is_theirs(default: str) -> None:
    sdl = """input By { id: ID email: String @is(why: "contact") more: [By!] }
             type Query { a(by: By): Int }"""
    asked = small(sdl, edge("Query", "a", gives(1)))
    public = Grants(bits([Category.PUBLIC]))

    used = await asked.agreed(f"query ($by: By = {default}) {{ a(by: $by) }}", public)
    unused = await asked.agreed(f"query ($by: By = {default}) {{ a(by: $by) }}", public, {"by": {"id": "1"}})

    assert (used.data, used.absent[0]["coordinate"]) == ({"a": None}, "By.email")
    assert unused.data == {"a": 1}


async def test_a_failure_and_the_null_it_leaves_are_one_error() -> None:
    sdl = "type Query { o: O } type O { a: Int! f: Int! } "
    asked = small(
        sdl,
        edge("Query", "o", gives(Row())),
        edge("O", "a", gives(Outcome(error=Unavailable("depot", "gone")))),
        Binding("O", ("f",), gives(Outcome(error=Unavailable("depot", "gone"))), carried="card"),
    )

    for field in ("a", "f"):
        told = await asked.agreed(f"{{ o {{ {field} }} }}", ALL)
        assert [(error["path"], error["extensions"]["code"]) for error in told.errors] == [
            (["o", field], "BACKEND_UNAVAILABLE")
        ]
        assert [(gap["path"], gap["coordinate"], gap["code"]) for gap in told.absent] == [
            ("o", "Query.o", "BACKEND_UNAVAILABLE")
        ]


async def test_an_absence_stands_where_the_null_landed_and_the_error_where_it_came_from() -> None:
    sdl = "type Query { l: [[O!]!] } type O { p: P! other: Int } type P { n: Int! }"
    rows = [[Row(p=Row(n=1))], [Row(p=Row(n=None)), Row(p=Row(n=3))]]

    told = await small(sdl, edge("Query", "l", gives(rows))).agreed("{ l { p { n } } }", ALL)

    assert told.data == {"l": None}
    assert [error["path"] for error in told.errors] == [["l", 1, 0, "p", "n"]]
    assert [(gap["path"], gap["coordinate"], gap["rows"]) for gap in told.absent] == [("l", "Query.l", "ALL")]


async def test_when_nothing_is_left_the_absence_is_that_of_the_whole_answer() -> None:
    told = await small(
        "type Query { a: Int! b: Int }", edge("Query", "a", gives(None)), edge("Query", "b", gives(1))
    ).agreed("{ b a }", ALL)

    assert told.data is None
    assert told.absent == [
        {
            "path": "",
            "coordinate": "Query",
            "reason": "NOT_LOADED",
            "rows": "ALL",
            "code": "INTERNAL",
            "retryable": False,
        }
    ]
    assert msgspec.json.decode(answer(told.data, told.errors, told.absent, {}))["data"] is None


async def test_a_promise_that_is_withheld_breaks_its_parent() -> None:
    """`schema.build()` refuses such a graph; one that is built otherwise is still answered by the specification."""
    sdl = 'type Query { o: O } type O @is(why: "public") { a: Int! @is(why: "contact") b: Int }'

    told = await small(sdl, edge("Query", "o", gives(Row(a=1, b=2)))).agreed(
        "{ o { b a } }", Grants(bits([Category.PUBLIC]))
    )

    assert told.data == {"o": None}
    assert {(gap["path"], gap["reason"]) for gap in told.absent} == {("o", "NOT_LOADED")}


class Name(str):
    def __str__(self) -> str:
        return "something else"


class Number(int):
    pass


async def test_values_of_a_class_of_their_own_are_shown_as_what_they_are() -> None:
    """A word of a class of its own used to be no word for the encoder: the whole answer was lost."""
    sdl = "type Query { o: O } type O { s: String i: Int f: Float }"

    told = await small(sdl, edge("Query", "o", gives(Row(s=Name("x"), i=Number(3), f=2.0)))).agreed(
        "{ o { s i f } }", ALL
    )

    assert msgspec.json.decode(told.bytes)[0] == {"o": {"s": "x", "i": 3, "f": 2.0}}


async def test_one_bad_row_among_many_is_found_without_looking_at_all_of_them() -> None:
    looked: list[int] = []

    class Counting:
        def __init__(self, number: int) -> None:
            self.number = number

        @property
        def n(self) -> Any:
            looked.append(self.number)
            return "bad" if self.number == 700 else self.number

    sdl = "type Query { l: [A] } type A { n: Int }"
    told = await small(sdl, edge("Query", "l", gives([Counting(i) for i in range(1000)]))).planned("{ l { n } }", ALL)

    assert [i for i, row in enumerate(told.data["l"]) if row["n"] is None] == [700]
    assert len(looked) < 4000


SHELVES = "type Query { l: [A] } type A { x: X } type X { inner: Y more: Int n: Int! } type Y { m: Int! }"


async def shelved(document: str) -> Any:
    """Of two rows the first loses all of `x`: what is required of it, and of what is inside it, fails."""
    gone = Outcome[Any](error=Unavailable("depot", "gone"))
    rows = [Row(m=gone, n=gone, more=gone), Row(m=1, n=1, more=gone)]
    bound = [edge("Query", "l", gives(rows)), edge("A", "x", itself), edge("X", "inner", itself)]
    bound += [edge("Y", "m", keyed("m")), edge("X", "n", keyed("n")), edge("X", "more", keyed("more"))]
    return await small(SHELVES, *bound).agreed(document, ALL)


async def itself(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
    return [Outcome(one) for one in parents]


async def test_a_null_inside_a_larger_one_is_no_gap_of_its_own() -> None:
    told = await shelved("{ l { x { inner { m } n } } }")

    assert told.data == {"l": [{"x": None}, {"x": {"inner": {"m": 1}, "n": 1}}]}
    assert [(gap["path"], gap["rows"], gap["at"]) for gap in told.absent] == [("l.*.x", "SOME", [["l", 0, "x"]])]


async def test_what_would_have_been_below_a_null_does_not_count_among_what_was_asked() -> None:
    told = await shelved("{ l { x { more n } } }")

    assert told.data == {"l": [{"x": None}, {"x": {"more": None, "n": 1}}]}
    assert [(gap["path"], gap["rows"]) for gap in told.absent] == [("l.*.x", "SOME"), ("l.*.x.more", "ALL")]
