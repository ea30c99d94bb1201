"""Discourse: the customers' community. Suggestions are topics of one category, with votes, tags and replies.

    /c/{slug}/{id}.json, /latest.json        topics, thirty a page
    /t/{id}.json, /t/{slug}/{id}.json        one topic; the short address of some sends on to the long one (301)
    /t/{id}/posts.json, /posts.json          posts by id; the newest before one
    /search.json                             see `mocks.discourse.search`
    /u/by-external/{id}.json, /user_actions.json, /admin/users/list/{flag}.json (a hundred a page)
    /categories.json, /tags.json, /groups.json
    POST /posts.json, /voting/vote           go to the ledger; a vote counts at once, a new post is not shown

`create(world)` limits as a new installation does (`Limits()`); `limits=None` never says too many. `expire-login` does
nothing: keys are not given out here and do not expire. Category 3 is for staff: there is nothing in it for this key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks.control import note, wrote
from mocks.discourse import render, search
from mocks.discourse.access import KEY, USERNAME, Access, Limits
from mocks.discourse.errors import Refusal, bad, from_the_proxy, no_access, not_found
from mocks.discourse.render import CATEGORY
from mocks.world.model import World
from mocks.world.suggestions import Suggestion, Suggestions, User

__all__ = ["KEY", "TITLE", "USERNAME", "Limits", "create"]

TITLE = "Discourse community (suggestions, votes)"
STAFF_CATEGORY = 3
PER_PAGE = 30
USERS_PER_PAGE = 100
VOTES_EACH = 10
SENT_ON = 7  # every so many topics
Handler = Callable[[Request], Awaitable[Any]]


def create(world: World, limits: Limits | None = Limits()) -> Starlette:  # noqa: B008 - frozen
    """The community of a world's company."""
    site, access = _Site(world), Access(limits)
    routes = [
        Route(path, _served(made, access), methods=[method])
        for path, made, method in (
            ("/c/{slug}/{id:int}.json", site.category, "GET"),
            ("/latest.json", site.latest, "GET"),
            ("/t/{id:int}/posts.json", site.posts_of, "GET"),
            ("/t/{slug}/{id:int}.json", site.topic, "GET"),
            ("/t/{id:int}.json", site.topic, "GET"),
            ("/posts.json", site.posts, "GET"),
            ("/posts.json", site.write, "POST"),
            ("/search.json", site.search, "GET"),
            ("/u/by-external/{id}.json", site.by_external, "GET"),
            ("/user_actions.json", site.actions, "GET"),
            ("/admin/users/list/{flag}.json", site.users, "GET"),
            ("/categories.json", site.categories, "GET"),
            ("/tags.json", site.tags, "GET"),
            ("/groups.json", site.groups, "GET"),
            ("/voting/vote", site.vote, "POST"),
        )
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _elsewhere})


def _served(made: Handler, access: Access) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if access.crowded():
            return from_the_proxy()
        try:
            access.admit(request)
            told = await made(request)
        except Refusal as refusal:
            return refusal.response()
        return told if isinstance(told, Response) else JSONResponse(told)

    return endpoint


async def _elsewhere(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Refusal(status, "not_found", not_found().message).response()


class _Site:
    """What is there, and what was written since."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._suggestions = world.part(Suggestions)
        self._votes: dict[int, int] = {}
        self._written = 0
        self._everybody: list[User] = []
        self._more = self._suggestions.users()

    # -- topics -------------------------------------------------------------------------------------------------------

    async def category(self, request: Request) -> Any:
        note(request, "category", ["topics"], [str(request.path_params["id"])])
        if request.path_params["id"] == STAFF_CATEGORY:
            raise no_access()
        if request.path_params["id"] != CATEGORY["id"]:
            raise not_found()
        return self._list(request, f"/c/{CATEGORY['slug']}/{CATEGORY['id']}")

    async def latest(self, request: Request) -> Any:
        note(request, "latest", ["topics"])
        return self._list(request, "/latest")

    def _list(self, request: Request, path: str) -> dict[str, Any]:
        at, length = _whole(request, "page", 0), min(_whole(request, "per_page", PER_PAGE), PER_PAGE)
        newest = range(len(self._suggestions) - 1, -1, -1)
        if request.query_params.get("ascending") == "true":
            newest = newest[::-1]
        shown = [self._suggestions.at(rank) for rank in newest[at * length : (at + 1) * length]]
        topics = [render.topic_row(one, self._votes.get(one.id, 0)) for one in shown]
        authors = {one.author.id: render.short(one.author) for one in shown}
        listed: dict[str, Any] = {"can_create_topic": True, "per_page": length, "topics": topics}
        if (at + 1) * length < len(newest):
            listed["more_topics_url"] = f"{path}?page={at + 1}"
        return {"users": list(authors.values()), "primary_groups": [], "topic_list": listed}

    async def topic(self, request: Request) -> Any:
        number = request.path_params["id"]
        raw = request.query_params.get("include_raw") in ("1", "true")
        note(request, "topic", ["raw"] if raw else ["cooked"], [str(number)])
        one = self._known(number)
        if "slug" not in request.path_params and number % SENT_ON == 0:
            return RedirectResponse(f"/t/{render.slug(one.title)}/{number}.json", 301)
        return render.whole(one, self._suggestions.posts(one), self._votes.get(number, 0), raw)

    async def posts_of(self, request: Request) -> Any:
        number = request.path_params["id"]
        wanted = request.query_params.getlist("post_ids[]")
        note(request, "posts", ["cooked"], wanted)
        one = self._known(number)
        posts = [each for each in self._suggestions.posts(one) if str(each.id) in wanted or not wanted]
        return {"post_stream": {"posts": [render.post(each, one) for each in posts[: render.CHUNK]]}, "id": number}

    async def posts(self, request: Request) -> Any:
        before = _whole(request, "before", self._suggestions.last_post + 1)
        note(request, "posts.latest", ["cooked", "raw"], [str(before)])
        last = min(before - 1, self._suggestions.last_post)
        found = [self._suggestions.post(number) for number in range(last, last - 50, -1)]
        shown = [(one, self._suggestions.by_id(one.topic)) for one in found if one is not None]
        return {"latest_posts": [render.post(one, of, raw=True) for one, of in shown if of is not None]}

    def _known(self, number: int) -> Suggestion:
        found = self._suggestions.by_id(number)
        if found is None:
            raise not_found()
        return found

    # -- finding ------------------------------------------------------------------------------------------------------

    async def search(self, request: Request) -> Any:
        text, page = request.query_params.get("q", ""), _whole(request, "page", 1)
        note(request, "search", ["topics", "posts"], [text])
        if not text.strip() or "\0" in text:
            raise bad("q")
        start = (max(page, 1) - 1) * search.PAGE
        hits = list(islice(search.hits(self._suggestions, search.Query.of(text)), start, start + search.PAGE + 1))
        shown, more = hits[: search.PAGE], True if len(hits) > search.PAGE else None
        posts = [render.found(post, one) for one, post in shown]
        grouped: dict[str, Any] = {"more_posts": more, "more_users": None, "more_categories": None}
        grouped |= {"term": text, "search_log_id": 12, "more_full_page_results": more, "can_create_topic": True}
        grouped |= {"error": None, "post_ids": [one["id"] for one in posts], "user_ids": [], "category_ids": []}
        grouped |= {"tag_ids": [], "group_ids": []}
        topics = [render.listed(one) for one, _ in shown]
        nothing: dict[str, Any] = {"users": [], "categories": [], "tags": [], "groups": []}
        return {"posts": posts, "topics": topics, **nothing, "grouped_search_result": grouped}

    async def by_external(self, request: Request) -> Any:
        note(request, "user", ["user"], [request.path_params["id"]])
        user = self._suggestions.by_external_id(request.path_params["id"])
        if user is None:
            raise not_found()
        return render.profile(user)

    async def actions(self, request: Request) -> Any:
        name, offset = request.query_params.get("username", ""), _whole(request, "offset", 0)
        note(request, "actions", ["user_actions"], [name])
        user = self._suggestions.by_username(name)
        if user is None:
            raise not_found()
        ranks = sorted(self._suggestions.of_user(user), reverse=True)[offset : offset + PER_PAGE]
        return {"user_actions": [self._action(self._suggestions.at(rank)) for rank in ranks]}

    def _action(self, one: Suggestion) -> dict[str, Any]:
        shown = {"action_type": 4, "created_at": render.iso(one.created), "topic_id": one.id, "title": one.title}
        return {**shown, "slug": render.slug(one.title), "post_number": 1, "category_id": CATEGORY["id"], "excerpt": ""}

    async def users(self, request: Request) -> Any:
        page, shows = _whole(request, "page", 1), request.query_params.get("show_emails") == "true"
        note(request, "users", ["email"] if shows else [])
        if request.path_params["flag"] not in ("new", "active"):
            raise not_found()
        wanted = max(page, 1) * USERS_PER_PAGE
        self._everybody += islice(self._more, max(wanted - len(self._everybody), 0))
        rows = [render.admin_row(one) for one in self._everybody[wanted - USERS_PER_PAGE : wanted]]
        return rows if shows else [{name: one[name] for name in one if name != "email"} for one in rows]

    async def categories(self, request: Request) -> Any:
        note(request, "categories")
        shown = {**CATEGORY, "topic_count": len(self._suggestions), "read_restricted": False}
        return {"category_list": {"can_create_category": True, "categories": [shown]}}

    async def tags(self, request: Request) -> Any:
        note(request, "tags")
        counted = sorted((name, len(ranks)) for name, ranks in self._suggestions.of_tag.items())
        return {"tags": [{"id": name, "text": name, "name": name, "count": count} for name, count in counted]}

    async def groups(self, request: Request) -> Any:
        note(request, "groups")
        return {"groups": [{"id": 1, "name": "admins", "user_count": 1}], "total_rows_groups": 1}

    # -- writing ------------------------------------------------------------------------------------------------------

    async def write(self, request: Request) -> Any:
        told = await _body(request)
        note(request, "post", sorted(told))
        if not isinstance(told.get("raw"), str) or len(told["raw"]) < 5:
            raise Refusal(422, "invalid_parameters", "Body is too short (minimum is 5 characters)")
        wrote(request, {"operation": "post", "body": told})
        self._written += 1
        number = self._suggestions.last_post + self._written
        return {"id": number, "username": request.headers["api-username"], "raw": told["raw"], "post_number": 1}

    async def vote(self, request: Request) -> Any:
        told = await _body(request)
        number = told.get("topic_id")
        note(request, "vote", ["topic_id"], [str(number)])
        one = self._known(number if isinstance(number, int) else 0)
        if sum(self._votes.values()) >= VOTES_EACH or self._votes.get(one.id):
            raise no_access()
        self._votes[one.id] = 1
        wrote(request, {"operation": "vote", "topic_id": one.id})
        left = VOTES_EACH - sum(self._votes.values())
        shown = {"can_vote": left > 0, "vote_limit": VOTES_EACH, "vote_count": one.votes + 1}
        return {**shown, "who_voted": [], "alert": left == 0, "votes_left": left}


async def _body(request: Request) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(await request.body())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise bad("body") from None
    if not isinstance(told, dict):
        raise bad("body")
    return told


def _whole(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad(name)
    return int(text)
