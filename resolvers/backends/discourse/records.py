"""Suggestions and accounts: in business words, and as they come over the wire. What is not asked for is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, field

from schema.community import SuggestionStatus

Moment = Annotated[datetime, Meta(tz=True)]


class Body(msgspec.Struct, frozen=True):
    """One text, twice: sanitised HTML, and plain. What language it is in, the community does not say."""

    html: str
    text: str
    locale: str | None = None


class Suggestion(msgspec.Struct, frozen=True):
    """One topic, by its id. `sku`: the product its tag names; `username`: the account that opened it."""

    id: str
    title: str | None = None
    body: Body | None = None
    status: SuggestionStatus | None = None
    votes: int | None = None
    suggested_at: datetime | None = None
    sku: str | None = None
    username: str | None = None


class SuggestionPage(msgspec.Struct, frozen=True):
    """Newest first."""

    suggestions: list[Suggestion]
    has_next: bool


class User(msgspec.Struct, frozen=True):
    """What the cross-reference learns of an account."""

    username: str
    email: str | None
    name: str | None
    updated: datetime


SUGGESTION: dict[str, tuple[str, ...]] = {
    "id": ("topic.id",),
    "title": ("topic.title",),
    "body": ("topic.post_stream.posts.cooked",),
    "body.html": ("topic.post_stream.posts.cooked",),
    "body.text": ("topic.post_stream.posts.cooked",),
    "body.locale": (),
    "status": ("topic.tags",),
    "votes": ("topic.vote_count",),
    "suggested_at": ("topic.created_at",),
    "sku": ("topic.tags",),
    "username": ("topic.details.created_by.username",),
}
PAGE: dict[str, tuple[str, ...]] = {**SUGGESTION, "has_next": ()}
WHOLE = frozenset({"body", "body.html", "body.text", "votes"})
"""What only the topic itself has, not the search."""

STATUS: Mapping[str, SuggestionStatus] = {
    "under-review": SuggestionStatus.UNDER_REVIEW,
    "planned": SuggestionStatus.PLANNED,
    "in-progress": SuggestionStatus.IN_PROGRESS,
    "completed": SuggestionStatus.COMPLETED,
    "declined": SuggestionStatus.DECLINED,
}


# -- as they come over the wire --------------------------------------------------------------------------------------


class Tag(msgspec.Struct, frozen=True):
    name: str


class Topic(msgspec.Struct, frozen=True):
    """Of a list, of a search, or whole. Tags are names in older installations, objects in newer ones."""

    id: int
    title: str
    created_at: Moment
    category_id: int | None = None
    tags: list[str | Tag] = []

    @property
    def tagged(self) -> list[str]:
        return [one if isinstance(one, str) else one.name for one in self.tags]


class Account(msgspec.Struct, frozen=True):
    username: str


class Details(msgspec.Struct, frozen=True):
    created_by: Account


class Post(msgspec.Struct, frozen=True):
    post_number: int
    cooked: str


class Stream(msgspec.Struct, frozen=True):
    posts: list[Post]


class WholeTopic(Topic, frozen=True):
    post_stream: Stream = Stream([])
    details: Details | None = None
    votes: int | None = field(name="vote_count", default=None)


class FoundPost(msgspec.Struct, frozen=True):
    """`username`: who wrote it."""

    topic_id: int
    post_number: int
    username: str


class Grouped(msgspec.Struct, frozen=True):
    error: str | None = None
    more: bool | None = field(name="more_full_page_results", default=None)


class Found(msgspec.Struct, frozen=True):
    posts: list[FoundPost]
    topics: list[Topic] = []
    grouped: Grouped | None = field(name="grouped_search_result", default=None)


class AdminRow(msgspec.Struct, frozen=True):
    id: int
    username: str
    created_at: Moment
    name: str | None = None
    email: str | None = None


class Extras(msgspec.Struct, frozen=True):
    wait_seconds: float | None = None


class Problem(msgspec.Struct, frozen=True):
    kind: str = field(name="error_type", default="")
    extras: Extras = Extras()
