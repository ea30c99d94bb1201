"""How the work is done: together where it may be, once per level, in the order of the document when it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.traffic import Traffic
from resolvers.backends.base import Outcome
from resolvers.binding import Binding, Bindings
from tests.gateway.agree import Bench
from tests.gateway.engine.spec.told import ALL, REFUSED, Row, Spec

pytestmark = pytest.mark.anyio

BLOG = """
    interface Node { id: ID! }
    type Image { url: String width: Int height: Int }
    type Author implements Node { id: ID! name: String pic(width: Int, height: Int): Image recent: Article }
    type Article implements Node {
        id: ID! published: Boolean author: Author title: String body: String keywords: [String!]
    }
    type Query { article(id: ID!): Article feed(first: Int = 10): [Article!]! node(id: ID!): Node }
    type Mutation { publish(id: ID!): Article! }
"""


def blog() -> Row:
    author = Row("Author", id=123, name="John Smith")
    author.values["pic"] = lambda width=None, height=None: Row(url="cdn://123", width=width, height=height)

    def article(id: Any) -> Row:
        return Row(
            "Article", id=id, published=True, author=author, title=f"Article {id}", keywords=["a", 1, True, None]
        )

    author.values["recent"] = article(1)
    return Row(article=article, feed=lambda first: [article(i) for i in range(first)], node=lambda id: author)


@pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])
async def test_a_whole_blog(edges: bool) -> None:
    document = """
        query Page($pic: Int = 640) {
          feed { id title }
          article(id: "1") { ...Whole author { id name pic(width: $pic, height: 480) { url width height }
            recent { ...Whole keywords } } }
          node(id: 123) { __typename id ... on Author { name recent { id author { recent { title } } } } }
        }
        fragment Whole on Article { id published title body author { name } }
    """

    told = await Spec(BLOG, {"query": blog()}).told(document, edges=edges)

    assert told != REFUSED
    assert told[0]["article"]["author"]["pic"] == {"url": "cdn://123", "width": 640, "height": 480}
    assert told[0]["article"]["author"]["recent"]["keywords"] is None
    assert told[1] == [("article", "author", "recent", "keywords", 3)]


def bench(spec: Spec, **resolvers: Any) -> Bench:
    """The graph of a spec, some of whose fields are asked of these: `Query_a=…`."""
    graph = spec.graph(edges=False)
    bound = dict(graph.bindings.fields)
    for name, batch in resolvers.items():
        owner, _, field = name.partition("_")
        bound[owner, field] = Binding(owner, (field,), batch)
    graph = replace(graph, bindings=Bindings(bound.values()))
    return Bench(graph, lambda: spec.declared, lambda: Traffic.over({}), depth=1)  # type: ignore[arg-type, return-value]


async def test_fields_beside_each_other_start_together() -> None:
    """Each waits for the other: one after the other, they would never end."""
    events = {"a": asyncio.Event(), "b": asyncio.Event()}

    def waits(mine: str, other: str) -> Any:
        async def resolve(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
            events[mine].set()
            await events[other].wait()
            return [Outcome(mine)]

        return resolve

    asked = bench(
        Spec("type Query { a: String b: String }", {"query": Row()}), Query_a=waits("a", "b"), Query_b=waits("b", "a")
    )
    async with asyncio.timeout(10):
        told = await asked.planned("{ a b }", ALL)

    assert told.data == {"a": "a", "b": "b"}


async def test_what_is_told_does_not_depend_on_who_is_quicker() -> None:
    def after(pauses: int, outcome: Outcome[Any]) -> Any:
        async def resolve(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
            for _ in range(pauses):
                await asyncio.sleep(0)
            return [outcome] * len(parents)

        return resolve

    spec = Spec("type Query { o: O } type O { a: Int b: Int! c: Int! d: Int }", {"query": Row(o=Row())})
    answers = []
    for pauses in ((0, 9, 3), (9, 0, 3), (3, 3, 0), (0, 0, 0)):
        from_all = [Outcome(1), Outcome(None), Outcome(None)]
        named = dict(zip(("O_a", "O_b", "O_c"), map(after, pauses, from_all), strict=True))
        told = await bench(spec, **named).agreed("{ o { d c b a } }", ALL)
        answers.append(told.bytes)

    assert len(set(answers)) == 1
    assert told.failed == [("o", "c")]


async def test_a_resolver_is_asked_once_for_all_rows_of_a_level() -> None:
    asked: list[int] = []

    async def tags(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        asked.append(len(parents))
        return [Outcome([Row(n=1)] * 3) for _ in parents]

    spec = Spec(
        "type Query { rows: [[R!]!] } type R { n: Int tags: [R] }",
        {"query": Row(rows=[[Row(n=1)], [], [Row(n=2), Row(n=3)]])},
    )
    await bench(spec, R_tags=tags).planned("{ rows { n tags { n tags { n } } } }", ALL)

    assert asked == [3, 9]


async def test_nobody_is_asked_about_no_rows() -> None:
    asked: list[int] = []

    async def tags(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        asked.append(len(parents))
        return [Outcome(None) for _ in parents]

    for rows in (None, [], [[], []], [None]):
        spec = Spec("type Query { rows: [[R]] } type R { n: Int tags: [R] }", {"query": Row(rows=rows)})
        await bench(spec, R_tags=tags).agreed("{ rows { n tags { n } } }", ALL)

    assert asked == []


async def test_a_slow_branch_delays_only_what_hangs_on_it() -> None:
    slow, below = asyncio.Event(), asyncio.Event()

    async def waiting(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        await slow.wait()
        return [Outcome(Row(n=1))] * len(parents)

    async def quick(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        return [Outcome(Row(n=2))] * len(parents)

    async def deep(parents: Sequence[Any], ask: Any) -> Sequence[Outcome[Any]]:
        below.set()
        return [Outcome(3)] * len(parents)

    spec = Spec("type Query { slow: R quick: R } type R { n: Int deep: Int }", {"query": Row()})
    asked = bench(spec, Query_slow=waiting, Query_quick=quick, R_deep=deep)
    running = asyncio.ensure_future(asked.planned("{ slow { n } quick { n deep } }", ALL))
    async with asyncio.timeout(10):
        await below.wait()
        slow.set()

        assert (await running).data == {"slow": {"n": 1}, "quick": {"n": 2, "deep": 3}}
