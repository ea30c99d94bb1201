"""Topics, posts and accounts as the community writes them: ISO 8601 with milliseconds, numbers as numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mocks.world.suggestions import Post, Suggestion, User

CATEGORY = {"id": 5, "name": "Ideas", "slug": "ideas"}
CHUNK = 20


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def slug(title: str) -> str:
    words = "".join(mark if mark.isascii() and mark.isalnum() else " " for mark in title.lower()).split()
    return "-".join(words) or "topic"


def tags(one: Suggestion) -> list[dict[str, Any]]:
    return [{"id": 1_000 + at, "name": name, "slug": name} for at, name in enumerate(one.tags)]


def listed(one: Suggestion) -> dict[str, Any]:
    """What every list of topics says of one."""
    return {
        "id": one.id,
        "title": one.title,
        "fancy_title": one.title.replace("&", "&amp;").replace("<", "&lt;"),
        "slug": slug(one.title),
        "posts_count": one.replies + 1,
        "reply_count": one.replies,
        "highest_post_number": one.replies + 1,
        "image_url": None,
        "created_at": iso(one.created),
        "last_posted_at": iso(one.created),
        "bumped": True,
        "bumped_at": iso(one.created),
        "archetype": "regular",
        "unseen": False,
        "pinned": False,
        "visible": True,
        "closed": one.closed,
        "archived": False,
        "tags": tags(one),
        "category_id": CATEGORY["id"],
    }


def voted(one: Suggestion, extra: int = 0) -> dict[str, Any]:
    return {"vote_count": one.votes + extra, "can_vote": True, "user_voted": bool(extra)}


def topic_row(one: Suggestion, extra: int) -> dict[str, Any]:
    """A topic in the list of a category; `extra` votes were cast since."""
    poster = {"extras": None, "description": "Original Poster", "user_id": one.author.id, "primary_group_id": None}
    more = {
        "views": one.views,
        "like_count": one.votes // 3,
        "has_summary": False,
        "last_poster_username": one.author.username,
        "op_like_count": one.votes // 4,
        "pinned_globally": False,
        "featured_link": None,
        "posters": [poster],
    }
    return {**listed(one), **more, **voted(one, extra)}


def whole(one: Suggestion, posts: tuple[Post, ...], extra: int, raw: bool) -> dict[str, Any]:
    """One topic: its first twenty posts, and the ids of all."""
    stream = {"posts": [post(each, one, raw) for each in posts[:CHUNK]], "stream": [each.id for each in posts]}
    details = {"created_by": short(one.author), "last_poster": short(one.author), "participants": [short(one.author)]}
    more = {"views": one.views, "like_count": one.votes // 3, "user_id": one.author.id, "details": details}
    return {"post_stream": stream, **listed(one), **more, **voted(one, extra)}


def post(one: Post, of: Suggestion, raw: bool = False) -> dict[str, Any]:
    shown = {
        "id": one.id,
        "username": one.username,
        "created_at": iso(one.created),
        "cooked": one.html,
        "post_number": one.number,
        "post_type": 4 if one.whisper else 1,
        "topic_id": one.topic,
        "topic_slug": slug(of.title),
        "topic_title": of.title,
        "category_id": CATEGORY["id"],
        "reads": 12,
        "score": 3.4,
        "actions_summary": [{"id": 2, "count": one.likes, "can_act": True}],
    }
    return {**shown, "raw": one.raw} if raw else shown


def found(one: Post, of: Suggestion) -> dict[str, Any]:
    """A post as the search shows it: no text but a few words of it."""
    return {
        "id": one.id,
        "name": of.author.name,
        "username": one.username,
        "avatar_template": avatar(one.username),
        "created_at": iso(one.created),
        "like_count": one.likes,
        "blurb": one.raw[:80],
        "post_number": one.number,
        "topic_id": one.topic,
    }


def short(user: User) -> dict[str, Any]:
    return {"id": user.id, "username": user.username, "name": user.name, "avatar_template": avatar(user.username)}


def avatar(username: str) -> str:
    return f"/letter_avatar_proxy/v4/letter/{username[:1]}/8797f3/{{size}}.png"


def admin_row(user: User) -> dict[str, Any]:
    """An account in the administrators' list, which shows addresses to who asks for them."""
    return {
        **short(user),
        "email": user.email,
        "secondary_emails": [],
        "active": True,
        "admin": False,
        "moderator": False,
        "staged": False,
        "trust_level": 1,
        "created_at": iso(user.created),
        "last_seen_at": iso(user.created),
        "ip_address": user.ip,
    }


def profile(user: User) -> dict[str, Any]:
    return {
        "user_badges": [],
        "user": {**short(user), "created_at": iso(user.created), "trust_level": 1, "admin": False},
    }
