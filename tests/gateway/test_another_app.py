"""Another graph behind the same gateway: `create_app` knows nothing of customers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import App, create_app
from gateway.auth import Principal
from gateway.auth.tokens import dev_tokens
from gateway.policy import Policy
from gateway.question import Options, Question
from resolvers.backends.base import TRACEPARENT, Connection, Reply, Request, Send
from tests.company import configured
from tests.gateway import library

pytestmark = pytest.mark.anyio


ROLES = """
[finance]
title = "Buys the books."
group = "staff"
purposes = ["billing"]
any = ["public", "presence", "identity", "commercial", "logistics", "financial", "catalogue"]

[warehouse]
title = "Puts them on the shelves."
group = "staff"
purposes = ["fulfilment"]
any = ["public", "presence", "logistics", "catalogue", "inventory"]
"""


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    opened = opened_over(library.Index(), tmp_path)
    yield opened
    await opened.stop()


def opened_over(index: Send, folder: Path) -> App:
    (folder / "roles.toml").write_text(ROLES)
    policy = Policy.read(folder / "roles.toml", partners=None)
    shelves = library.Shelves(Connection("http://shelves"), index)
    return create_app(library.build(), library.bindings(), {"shelves": shelves}, policy, configured(folder))


async def ask(app: App, role: str, query: str) -> Any:
    token = dev_tokens(app.settings, app.policy.roles).mint(role, subject="reader")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://library") as client:
        reply = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 200
        return reply.json()


async def test_a_library_is_served_as_well_as_a_company(app: App) -> None:
    question = (
        '{ author(by: {id: "a1"}) { name books { title price { amount currency } } } __schema { queryType { name } } }'
    )

    answer = await ask(app, "finance", question)

    assert answer == {
        "data": {
            "author": {
                "name": "Author 1",
                "books": [
                    {"title": "Book 1", "price": {"amount": "1.50", "currency": "EUR"}},
                    {"title": "Book 2", "price": None},
                ],
            },
            "__schema": {"queryType": {"name": "Query"}},
        }
    }


async def test_the_same_roles_decide_about_its_categories(app: App) -> None:
    answer = await ask(app, "warehouse", '{ books(ids: ["b1"]) { title price { amount } } }')

    assert answer["data"] == {"books": [{"title": None, "price": None}]}
    assert [gap["coordinate"] for gap in answer["extensions"]["absent"]] == ["Book.price", "Book.title"]


async def test_the_caller_s_trace_is_known_where_a_system_is_asked(tmp_path: Path) -> None:
    traces: list[str | None] = []
    index = library.Index()

    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the transport seam
        traces.append(TRACEPARENT.get())
        return await index(request, timeout)

    app = opened_over(send, tmp_path)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for given in (trace, None):
        question = Question('{ authors(ids: ["a1"]) { name books { title } } }')
        await app.pipeline(question, Principal("reader", "finance"), Options(traceparent=given))
    await app.stop()

    assert traces == [trace] * 3 + [None] * 3


async def test_mutations_are_done_for_those_who_may_and_by_post_only(app: App) -> None:
    question = 'mutation { rename(id: "b1", title: "New") { title authors { books { title } } } }'
    token = dev_tokens(app.settings, app.policy.roles).mint("finance", subject="reader")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://library") as client:
        client.headers["Authorization"] = f"Bearer {token}"
        got = await client.get("/graphql", params={"query": question})
        untouched = await client.post("/graphql", json={"query": '{ books(ids: ["b1"]) { title } }'})
        done = await client.post("/graphql", json={"query": question})

    assert (got.status_code, got.headers["Allow"]) == (405, "POST")
    assert untouched.json()["data"] == {"books": [{"title": "Book 1"}]}
    assert done.json()["data"]["rename"]["title"] == "New"
    assert {"title": "New"} in done.json()["data"]["rename"]["authors"][0]["books"]
