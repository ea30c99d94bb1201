"""Mutations: root fields one after the other, each seeing what the one before it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])]

SDL = """
    type Query { n: Int }
    type Counter { n: Int log: [String!]! bad: Int! deep: Counter }
    type Mutation {
        set(to: Int!): Counter
        add(by: Int! = 1): Counter!
        fail(with: String): Counter
        failHard: Counter!
        read: Int
        many(times: Int!): [Counter!]
    }
"""


@dataclass
class Store:
    n: int = 0
    log: list[str] = field(default_factory=list)

    def counter(self) -> Row:
        n = self.n
        return Row(
            n=n, log=lambda: list(self.log), bad=None, deep=lambda: Row(n=self.n, log=list(self.log), bad=1, deep=None)
        )

    def set(self, to: int) -> Row:
        self.n, self.log = to, [*self.log, f"set {to}"]
        return self.counter()

    def add(self, by: int) -> Row:
        self.n, self.log = self.n + by, [*self.log, f"add {by}"]
        return self.counter()

    def fail(self, **given: Any) -> Row:
        self.log = [*self.log, f"fail {given}"]
        raise RuntimeError("no")

    def many(self, times: int) -> list[Row]:
        return [self.add(1) for _ in range(times)]

    @property
    def root(self) -> Row:
        return Row(set=self.set, add=self.add, fail=self.fail, failHard=self.fail, read=lambda: self.n, many=self.many)


def spec() -> Spec:
    return Spec(SDL, {"query": Row(n=1), "mutation": lambda: Store().root})


DOCUMENTS = {
    "one": "mutation { set(to: 3) { n } }",
    "in order": "mutation { a: set(to: 3) { n log } b: add { n log } c: add(by: 5) { n deep { n log } } read }",
    "the same write twice is done twice": "mutation { a: add { n } b: add { n } c: add { n } }",
    "merged fields are one write": "mutation { add { n } add { log } ...F } fragment F on Mutation { add { deep { n } } }",
    "what it is called": "mutation { __typename t: __typename add { __typename n } u: __typename }",
    "in a fragment": "mutation { ...F read } fragment F on Mutation { add { n } ... on Mutation { set(to: 9) { n } } }",
    "skipped": "mutation { add @skip(if: true) { n } b: add @include(if: true) { n } read }",
    "a list": "mutation { many(times: 3) { n log } read }",
    "a failure does not stop the next": "mutation { a: fail { n } b: add { n log } c: fail(with: null) { n } d: add { log } read }",
    "a null below does not stop the next": "mutation { a: set(to: 1) { bad } b: add { log } read }",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_root_fields_are_done_one_after_the_other(document: str, edges: bool) -> None:
    assert await spec().told(document, edges=edges) != REFUSED


async def test_each_sees_what_the_one_before_it_did(edges: bool) -> None:
    data, _ = await spec().told("mutation { a: set(to: 3) { n } b: add { n } read c: add(by: 2) { log } }", edges=edges)

    assert data == {"a": {"n": 3}, "b": {"n": 4}, "read": 4, "c": {"log": ["set 3", "add 1", "add 2"]}}


@pytest.mark.parametrize("hard", ["failHard { n }", "add { bad }"])
async def test_a_broken_promise_ends_the_whole_answer_and_what_would_come_next_is_not_done(
    hard: str, edges: bool
) -> None:
    store = Store()
    asked = Spec(SDL, {"mutation": lambda: store.root, "query": Row()})

    await asked.of_engines(f"mutation {{ a: fail {{ n }} {hard} late: set(to: 99) {{ n }} }}", {}, None, edges)
    told = await spec().told(f"mutation {{ a: fail {{ n }} x: {hard} late: set(to: 99) {{ n }} }}", edges=edges)

    assert "set 99" not in store.log
    assert told[0] is None
    assert [path[0] for path in told[1]] == ["a", "x"]


async def test_a_query_beside_a_mutation_is_run_when_it_is_named(edges: bool) -> None:
    document = "query Q { n } mutation M { add { n } }"

    assert await spec().told(document, name="Q", edges=edges) == ({"n": 1}, [])
    assert await spec().told(document, name="M", edges=edges) == ({"add": {"n": 1}}, [])
