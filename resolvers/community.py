"""What customers propose: Discourse, one question for each of them, and for ten products at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Operation, Outcome
from resolvers.backends.discourse import Discourse, Suggestion, SuggestionPage
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.paging import Page
from resolvers.people import MEMBER, by_native
from resolvers.rows import Item, Person, Wish

LINKS = frozenset({"sku", "username"})
"""What the edges of a suggestion need, and the attributes of the record that have it."""


@resolves(schema.Query, "suggestion", source=(Discourse.suggestions,))
async def suggestion(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Wish]]:
    asked = parsed(ask.arguments["id"])
    return await by_keys([asked[1]], ask, ask.columns) if asked and asked[0] == "Suggestion" else [Outcome()]


@resolves(schema.Customer, "suggestions", source=(Discourse.suggestions_by,))
async def of_customers(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    """What every account of theirs has suggested."""
    return await _pages(people, [person.keys.get(MEMBER, ()) for person in people], ask, Discourse.suggestions_by)


@resolves(schema.Product, "suggestions", needs=("sku",), source=(Discourse.suggestions_about,))
async def of_products(items: Sequence[Item], ask: Ask) -> Sequence[Outcome[Page]]:
    return await _pages(items, [(item.sku,) for item in items], ask, Discourse.suggestions_about)


@resolves(
    schema.Suggestion,
    *("title", "body", "status", "votes", "suggestedAt"),
    carried="record",
    source=(Discourse.suggestions,),
)
async def record(wishes: Sequence[Wish], ask: Ask) -> Sequence[Outcome[Suggestion]]:
    return await ask.load(Discourse.suggestions, [wish.key for wish in wishes])


@resolves(schema.Suggestion, "product", needs=("sku",), source=(Discourse.suggestions,))
async def product(wishes: Sequence[Wish], ask: Ask) -> Sequence[Outcome[Item]]:
    found = await _links(wishes, ask, "sku")
    return [Outcome(Item(one.value) if one.value else None, one.error) for one in found]


@resolves(schema.Suggestion, "author", needs=("username",), source=(Discourse.suggestions,))
async def author(wishes: Sequence[Wish], ask: Ask) -> Sequence[Outcome[Person]]:
    """Accounts are not customers: one that the cross-reference does not know is nobody of ours."""
    links = await _links(wishes, ask, "username")
    people = by_native(ask, MEMBER, {link.value for link in links if link.value})
    return [Outcome(people.get(link.value or ""), link.error) for link in links]


async def by_keys(keys: Sequence[str], ask: Ask, columns: frozenset[str]) -> list[Outcome[Wish]]:
    """Suggestions that exist, by the community's own number, carrying what was fetched to find them."""
    found = await ask.load(Discourse.suggestions, keys, columns)
    return [
        Outcome(Wish(key, one.value, columns & LINKS) if one.value else None, one.error)
        for key, one in zip(keys, found, strict=True)
    ]


def listed(page: SuggestionPage, columns: frozenset[str]) -> list[Wish]:
    return [Wish(one.id, one, columns & LINKS) for one in page.suggestions]


async def _links(wishes: Sequence[Wish], ask: Ask, need: str) -> list[Outcome[str]]:
    """One link key of each suggestion: carried, or asked for those that do not carry it."""
    unknown = [wish.key for wish in wishes if need not in wish.linked]
    found = dict(zip(unknown, await ask.load(Discourse.suggestions, unknown, frozenset({need})), strict=True))
    told = [found[wish.key] if wish.key in found else Outcome(wish.record) for wish in wishes]
    return [Outcome(getattr(one.value, need) if one.value else None, one.error) for one in told]


async def _pages(
    parents: Sequence[Any], keys: Sequence[Sequence[str]], ask: Ask, operation: Operation[SuggestionPage]
) -> Sequence[Outcome[Page]]:
    if refused := paging.refused(ask, len(parents)):
        return refused
    columns = paging.rows_of(ask)
    return await paging.merged(
        parents, keys, ask, operation, columns, lambda parent, pages: _merged(parent.id, ask, pages, columns)
    )


def _merged(parent: str, ask: Ask, pages: Sequence[SuggestionPage], columns: frozenset[str]) -> Page:
    first = ask.arguments["first"]
    found = {wish.key: wish for page in pages for wish in listed(page, columns)}
    newest = sorted(found.values(), key=_place, reverse=True)
    more = any(page.has_next for page in pages) or len(newest) > first
    shown, behind = newest[:first], ask.arguments.get("after") is not None
    total = paging.whole(ask, shown, more)
    return Page(shown, more, behind, lambda wish: paging.sealed(ask, parent, _position(wish)), total)


def _position(wish: Wish) -> tuple[str, str]:
    at = wish.record.suggested_at if wish.record else None
    return (at.isoformat() if at else "", wish.key)


def _place(wish: Wish) -> tuple[str, int]:
    at, key = _position(wish)
    return at, int(key)
