"""The reference: every type has its page, every link leads somewhere, nobody reads more than they may name, and no text
of anybody's becomes markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Annotated

import httpx
import pytest
import strawberry
from click.testing import CliRunner, Result

from gateway.auth import Principal
from gateway.auth.tokens import dev_tokens
from gateway.cli import main
from gateway.cli.graph import the_graph
from gateway.docs import Book, contents
from gateway.engine.graph import Graph
from gateway.policy import Policy
from resolvers.binding import Bindings
from schema.classification import Category, edge
from schema.coverage import categories, classify, core
from tests.company import Company

HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(2)> `</code><b>` & more."


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(book: Book) -> Mapping[str, Page]:
    return {name: Page(make()) for name, make in contents(book).items()}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return the_graph()


@pytest.fixture(scope="module")
def whole(graph: Graph) -> Mapping[str, Page]:
    return parsed(Book.of(graph, Policy.read()))


def test_every_type_has_a_page_with_all_that_it_has(graph: Graph, whole: Mapping[str, Page]) -> None:
    for name, kind in graph.schema.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        page = whole[f"types/{name}.html"]
        assert page.text.count(kind.description.replace("`", "")) if kind.description else True
        members = getattr(kind, "fields", getattr(kind, "values", {}))
        assert set(members) <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))


def test_every_link_leads_to_a_page_and_a_place_of_the_book(graph: Graph) -> None:
    for asks in (None, Principal("", "partner_carrier"), Principal("", "integrator")):
        book = parsed(Book.of(graph, Policy.read(), asks))
        dead = {
            link
            for name, page in book.items()
            for link in page.links
            if not link.endswith("style.css") and not leads(book, name, link)
        }
        assert dead == set()


def leads(book: Mapping[str, Page], name: str, link: str) -> bool:
    path, _, place = link.partition("#")
    there = book.get(normpath(join(dirname(name), path)))
    return there is not None and (not place or place in there.ids)


def test_a_page_loads_nothing_but_its_own_style(whole: Mapping[str, Page]) -> None:
    for page in whole.values():
        assert page.tags.isdisjoint({"script", "style", "img", "iframe", "object", "form", "base"})
        assert not [name for name in page.attributes if name.startswith("on") or name == "style"]
        assert not [link for link in page.links if "//" in link]


def test_a_field_tells_category_arguments_readers_masks_and_source(whole: Mapping[str, Page]) -> None:
    customer, order = whole["types/Customer.html"].text, whole["types/Order.html"].text

    assert "technician: sees it masked (last_four), on every row" in customer
    assert "Page length, 1 to 100; 20 if left out." in customer
    assert "siebel.contacts(Email Address)" in customer
    assert "oracle_om.orders(OrderNumber)" in order
    assert "customer: sees it, on rows that are own" in order


def test_a_role_s_purposes_are_told_apart(whole: Mapping[str, Page]) -> None:
    manager = whole["roles.html"].text.partition("account_manager")[2].partition("marketer")[0]

    assert "for service: sees it, on rows that are own-region" in manager
    assert "for analytics: sees it masked (amount_band), on every row" in manager


def test_a_mask_that_does_not_fit_shows_nothing(whole: Mapping[str, Page]) -> None:
    """An address has no last four digits; and nobody looks up by a part of a value."""
    address = whole["types/Customer.html"].text.partition("address: Address")[2].partition("language: ")[0]

    assert "support_agent: sees it" in address
    assert "masked" not in address
    assert "masked" not in whole["types/CustomerBy.html"].text


def test_a_role_reads_of_what_it_may_name_and_of_no_system(graph: Graph) -> None:
    policy = Policy.read()
    book = parsed(Book.of(graph, policy, Principal("", "partner_carrier", client="parcelline")))
    text = "".join(page.text for page in book.values()).lower()

    assert "types/Order.html" in book
    assert book.keys().isdisjoint({"types/Customer.html", "types/Ticket.html", "types/Money.html", "systems.html"})
    assert [
        word for word in ("siebel", "oracle", "remedy", "netsuite", "lifetimevalue", "support_agent") if word in text
    ] == []
    assert "systems.html" in parsed(Book.of(graph, policy, Principal("", "support_agent")))
    assert "systems.html" not in parsed(Book.of(graph, policy, Principal("", "warehouse")))


def test_no_text_becomes_markup() -> None:
    @strawberry.type(description=HOSTILE)
    class Query:
        @edge(Category.PUBLIC)
        def name(
            self, of: Annotated[str, Category.PUBLIC, strawberry.argument(description=HOSTILE)] = HOSTILE
        ) -> str | None:
            pass

    Query.__strawberry_definition__.fields[0].description = HOSTILE  # type: ignore[attr-defined]

    declared = classify(strawberry.Schema(query=Query))
    graph = Graph(core(declared), categories(declared), Bindings.of(()))
    policy = Policy.read()
    roles = {one: replace(role, title=HOSTILE) for one, role in policy.roles.items()}
    book = parsed(Book.of(graph, replace(policy, roles=roles)))

    assert "types/Query.html" in book
    for page in book.values():
        assert page.tags.isdisjoint({"script", "img"})
        assert page.attributes.keys() <= {
            "charset",
            "name",
            "content",
            "rel",
            "href",
            "class",
            "id",
            "title",
            "scope",
            "lang",
        }
    assert book["types/Query.html"].text.count("<script>alert(1)</script>") >= 3
    assert "<script>alert(1)</script>" in book["roles.html"].text


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*line: str) -> Result:
    return CliRunner().invoke(main, ("docs", *line))


def test_the_command_writes_a_folder_and_writes_it_anew(elsewhere: Path) -> None:
    assert run("--out", "made").exit_code == 0
    assert (elsewhere / "made" / "types" / "Customer.html").is_file()

    again = run("--out", "made", "--role", "partner_carrier")

    assert again.exit_code == 0
    assert "made/index.html" in again.stdout
    assert not (elsewhere / "made" / "types" / "Customer.html").exists()
    assert (elsewhere / "made" / "style.css").is_file()


def test_the_command_touches_no_folder_of_others(elsewhere: Path) -> None:
    (elsewhere / "theirs").mkdir()
    (elsewhere / "theirs" / "index.html").write_text("mine")

    result = run("--out", "theirs")

    assert (result.exit_code, "holds something else" in result.stderr) == (1, True)
    assert (elsewhere / "theirs" / "index.html").read_text() == "mine"


@pytest.mark.parametrize(
    "line", [("--role", "boss"), ("--client", "parcelline"), ("--role", "finance", "--client", "parcelline")]
)
def test_the_command_knows_nobody_else(elsewhere: Path, line: tuple[str, ...]) -> None:
    assert run(*line).exit_code == 2
    assert list(elsewhere.iterdir()) == []


# -- over HTTP --------------------------------------------------------------------------------------------------------


async def got(company: Company, path: str, role: str | None = None, **headers: str) -> httpx.Response:
    if role:
        token = dev_tokens(company.app.settings, company.app.policy.roles).mint(role)
        headers["authorization"] = f"Bearer {token}"
    transport = httpx.ASGITransport(company.app.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8360") as client:
        return await client.get(path, headers=headers, follow_redirects=True)


@pytest.mark.anyio
async def test_whoever_comes_without_a_token_reads_what_is_public(company: Company) -> None:
    front = await got(company, "/docs")
    viewer = await got(company, "/docs/types/Viewer.html")

    assert (front.status_code, front.url.path) == (200, "/docs/index.html")
    assert "Viewer" in front.text
    assert viewer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert viewer.headers["content-type"].startswith("text/html")
    assert "as far as somebody without a token may name it" in front.text
    for hidden in ("types/Customer.html", "types/Order.html", "roles.html", "systems.html"):
        assert hidden not in front.text
        assert (await got(company, f"/docs/{hidden}")).status_code == 404


@pytest.mark.anyio
async def test_a_token_opens_what_its_holder_may_name(company: Company) -> None:
    assert "siebel.contacts" in (await got(company, "/docs/types/Customer.html", "support_agent")).text
    carrier = await got(company, "/docs/types/Order.html", "partner_carrier")
    assert (carrier.status_code, "lifetimeValue" in carrier.text, "oracle" in carrier.text) == (200, False, False)
    assert (await got(company, "/docs/types/Customer.html", "partner_carrier")).status_code == 404
    assert (await got(company, "/docs/index.html", authorization="Bearer nonsense")).status_code == 401


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "style.css/..", "types/", "types/../index.html", ""])
async def test_nothing_in_a_request_becomes_a_path(company: Company, path: str) -> None:
    told = await got(company, f"/docs/{path}")
    assert told.status_code in (200, 404)
    assert "import" not in told.text
