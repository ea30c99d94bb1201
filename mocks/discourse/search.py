"""What a search means: words, and the filters that incremental and per-customer readers use.

    @name          posts of this user              tags:a,b      topics with any of these tags (`a+b`: with all)
    #slug          topics of this category         in:first      first posts alone
    in:title       words in titles alone           order:latest  newest first; else by likeness (here: newest first)

Words are looked for in titles and texts of posts, whatever their case; all of them have to be there. Whispers are not
searched. Fifty posts a page, one for each topic; `more_full_page_results` says whether there are more. That `,` is any
and `+` is all of some tags is from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mocks.discourse.render import CATEGORY
from mocks.world.suggestions import Post, Suggestion, Suggestions

PAGE = 50


@dataclass(slots=True)
class Query:
    """A search, taken apart."""

    words: list[str] = field(default_factory=list)
    username: str | None = None
    tags: tuple[str, ...] = ()
    every_tag: bool = False
    category: str | None = None
    first: bool = False
    title: bool = False

    @classmethod
    def of(cls, text: str) -> Query:
        query = cls()
        for word in text.split():
            name, colon, value = word.partition(":")
            if word.startswith("@"):
                query.username = word[1:]
            elif word.startswith("#"):
                query.category = word[1:]
            elif name in ("tags", "tag") and colon:
                query.every_tag = "+" in value
                query.tags = tuple(value.lower().split("+" if query.every_tag else ","))
            elif name == "category" and colon:
                query.category = value
            elif name == "in" and colon:
                query.first |= value == "first"
                query.title |= value == "title"
            elif name != "order" or not colon:
                query.words.append(word.strip('"').casefold())
        return query


def hits(suggestions: Suggestions, query: Query) -> Iterator[tuple[Suggestion, Post]]:
    """Topics that meet it, the newest first, each with the post it was found by."""
    if query.category not in (None, CATEGORY["slug"]):
        return
    for rank in _ranks(suggestions, query):
        one = suggestions.at(rank)
        if not _tagged(one, query):
            continue
        found = next((post for post in suggestions.posts(one) if _fits(one, post, query)), None)
        if found is not None:
            yield one, found


def _ranks(suggestions: Suggestions, query: Query) -> list[int]:
    """The few topics that can be meant, when a filter says so."""
    if query.tags:
        named = {rank for tag in query.tags for rank in suggestions.of_tag.get(tag, ())}
        return sorted(named, reverse=True)
    if query.username and query.first:
        user = suggestions.by_username(query.username)
        return sorted(suggestions.of_user(user), reverse=True) if user else []
    return list(range(len(suggestions) - 1, -1, -1))


def _tagged(one: Suggestion, query: Query) -> bool:
    among = [tag in one.tags for tag in query.tags]
    return not among or (all(among) if query.every_tag else any(among))


def _fits(one: Suggestion, post: Post, query: Query) -> bool:
    if post.whisper or (query.first and post.number != 1):
        return False
    if query.username and post.username.lower() != query.username.lower():
        return False
    text = one.title.casefold() if query.title else f"{one.title} {post.raw} {post.html}".casefold()
    return all(word in text for word in query.words)
