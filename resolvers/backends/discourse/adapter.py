"""The questions we put to the community. What was chosen on the way is in the package's docstring."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from resolvers.backends.base import (
    Adapter,
    Bears,
    Columns,
    Connection,
    Deadline,
    Gap,
    Garbled,
    Key,
    Pace,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.discourse import html, records, tags
from resolvers.backends.discourse.line import Line
from resolvers.backends.discourse.records import (
    AdminRow,
    Body,
    Found,
    FoundPost,
    Suggestion,
    SuggestionPage,
    Topic,
    User,
    WholeTopic,
)
from schema.community import SuggestionStatus

MINUTE = 60
THROUGH_THE_PROXY = 12
MOST_TOPICS = 20
TOGETHER = 10
MOST_PAGES = 10
LONGEST_SEARCH = 200
USERNAME = re.compile(r"[\w.-]{1,60}")
WORD = re.compile(r"[\w'’-]+")
EACH = "one request for each topic"
SEARCHED = "one search for each account, one more for each topic when its text or votes are wanted"
TAGGED = "one search for ten products, one more for each topic when its text or votes are wanted"
Position = tuple[datetime, int]
Belongs = Callable[[Topic, FoundPost], bool]


class Discourse(Adapter):
    """Answers are `Suggestion`s: topics of one category. Topics of another are not there."""

    name = "discourse"
    title = "Discourse"
    bears = Bears(at_once=4, stretches=((THROUGH_THE_PROXY, 1.0), (MINUTE, 60.0)))

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        options = connection.options
        most = _number(options, "per_minute", MINUTE)
        proxy = THROUGH_THE_PROXY if most and not connection.per_second else 0
        self.pace = Pace(connection.per_second, ((proxy, 1.0), (most, 60.0)))
        self._line = Line(self.name, connection)
        self._category = _number(options, "category_id", 5)
        self._among = f"#{options.get('category') or 'ideas'} in:first order:latest"
        self._prefix = options.get("sku_tag") or "sku-"

    @operation(Suggestion, limit=MOST_TOPICS, columns=records.SUGGESTION, calls=EACH, alone=True)
    async def suggestions(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Suggestion | Gap]:
        """Suggestions by topic id. The community tells of one at a time."""
        numbers = {key: int(key) for key in keys if isinstance(key, str) and _is_id(key)}
        found = await _each(numbers, lambda key: self._topic(wire, numbers[key], columns))
        return {key: one for key, one in found.items() if one is not None}

    @operation(SuggestionPage, limit=MOST_TOPICS, columns=records.PAGE, calls=SEARCHED, alone=True)
    async def suggestions_by(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        first: int = 20,
        after: tuple[str, ...] | None = None,
    ) -> Mapping[Key, SuggestionPage | Gap]:
        """What an account (the key) has suggested, newest first, behind the place `after`."""
        names = [key for key in dict.fromkeys(keys) if isinstance(key, str) and USERNAME.fullmatch(key)]
        try:
            behind = _position(after)
        except Unusable as error:
            return dict.fromkeys(keys, error)

        async def one(name: str) -> SuggestionPage:
            (page,) = (await self._pages(wire, f"@{name}", {name: _by(name)}, columns, first, behind)).values()
            return page

        nothing: dict[Key, SuggestionPage | Gap] = {key: SuggestionPage([], False) for key in keys}
        return nothing | await _each(names, one)

    @operation(SuggestionPage, limit=MOST_TOPICS, columns=records.PAGE, calls=TAGGED, alone=True)
    async def suggestions_about(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        first: int = 20,
        after: tuple[str, ...] | None = None,
    ) -> Mapping[Key, SuggestionPage | Gap]:
        """What is suggested about a product (the key), newest first, behind the place `after`."""
        tagged = {tag: key for key in keys if isinstance(key, str) and (tag := tags.tag(self._prefix, key))}
        try:
            behind = _position(after)
        except Unusable as error:
            return dict.fromkeys(keys, error)

        async def ask(some: Sequence[str]) -> Mapping[str, SuggestionPage | Gap]:
            wanted = {tag: _about(tag) for tag in some}
            try:
                return await self._pages(wire, f"tags:{','.join(some)}", wanted, columns, first, behind)
            except Gap as gap:
                return dict.fromkeys(some, gap)

        portions = [list(tagged)[start : start + TOGETHER] for start in range(0, len(tagged), TOGETHER)]
        answers = await asyncio.gather(*map(ask, portions))
        nothing: dict[Key, SuggestionPage | Gap] = {key: SuggestionPage([], False) for key in keys}
        return nothing | {tagged[tag]: page for answer in answers for tag, page in answer.items()}

    @operation(SuggestionPage, limit=1, columns=records.PAGE, calls="one search, and one more for each topic found")
    async def search(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, *, first: int = 20
    ) -> Mapping[Key, SuggestionPage | Gap]:
        """Suggestions in which all words of a text (the key) stand, newest first. Whatever else a search could be told
        (accounts, tags, dates) is not passed on: only words are."""
        answers: dict[Key, SuggestionPage | Gap] = {}
        for key in keys:
            words = WORD.findall(key) if isinstance(key, str) and len(key) <= LONGEST_SEARCH else []
            if not words:
                answers[key] = Unusable(f"A search is for words, of 1 to {LONGEST_SEARCH} characters together.")
                continue
            wanted: dict[str, Belongs] = {"": lambda topic, post: True}
            try:
                answers[key] = (await self._pages(wire, " ".join(words), wanted, columns, first, None))[""]
            except Unusable as error:
                answers[key] = error
        return answers

    async def users_changed_since(self, deadline: Deadline, since: datetime | None = None) -> AsyncIterator[list[User]]:
        """Accounts opened at or after `since` (all, when None), newest first, a hundred at a time."""
        wire = self.wire(deadline)
        number, seen = 0, set[int]()
        while True:
            number += 1
            asked = {"order": "created", "show_emails": "true", "page": str(number)}
            rows = await self._line.get(wire, "/admin/users/list/new.json", list[AdminRow], **asked)
            fresh = [row for row in rows if row.id not in seen and row.id > 0]
            recent = [row for row in fresh if since is None or row.created_at >= since]
            if recent:
                yield [User(row.username, row.email or None, row.name or None, row.created_at) for row in recent]
            if not fresh or len(recent) < len(fresh):
                return
            seen |= {row.id for row in fresh}

    # how it is asked

    async def _topic(self, wire: Wire, number: int, columns: Columns) -> Suggestion | None:
        topic = await self._line.topic(wire, number, WholeTopic)
        if topic is None or topic.category_id != self._category:
            return None
        if topic.id != number:
            raise Garbled(self.name, "a topic nobody asked for")
        return self._whole(topic, columns)

    async def _pages(
        self,
        wire: Wire,
        text: str,
        wanted: Mapping[str, Belongs],
        columns: Columns,
        first: int,
        after: Position | None,
    ) -> dict[str, SuggestionPage]:
        """One search for several lists; `wanted` tells which topics belong on each. Read until all are full."""
        lists: dict[str, list[tuple[Topic, FoundPost]]] = {key: [] for key in wanted}
        async with aclosing(self._search(wire, f"{text} {self._among}")) as pages:
            async for page in pages:
                for topic, post in page:
                    if after is None or (topic.created_at, topic.id) < after:
                        for key, belongs in wanted.items():
                            lists[key] += [(topic, post)] if belongs(topic, post) else []
                if all(len(listed) > first for listed in lists.values()):
                    break
        shown = {key: sorted(listed, key=_newest, reverse=True)[:first] for key, listed in lists.items()}
        told = await self._told(wire, [one for listed in shown.values() for one in listed], columns)
        return {
            key: SuggestionPage([told[topic.id] for topic, _ in listed if topic.id in told], len(lists[key]) > first)
            for key, listed in shown.items()
        }

    async def _search(self, wire: Wire, text: str) -> AsyncGenerator[list[tuple[Topic, FoundPost]], None]:
        """Topics of our category by their first posts, a page at a time."""
        for number in range(1, MOST_PAGES + 1):
            found = await self._line.get(wire, "/search.json", Found, q=text, page=str(number))
            if found.grouped is not None and found.grouped.error:
                raise Garbled(self.name, "a search that ends with an error")
            topics = {one.id: one for one in found.topics if one.category_id == self._category}
            posts = [one for one in found.posts if one.post_number == 1 and one.topic_id in topics]
            yield [(topics[one.topic_id], one) for one in posts]
            if found.grouped is None or not found.grouped.more:
                return
        raise Unusable("Too much is like this to page through: only the newest of it can be listed.")

    async def _told(
        self, wire: Wire, found: Iterable[tuple[Topic, FoundPost]], columns: Columns
    ) -> dict[int, Suggestion]:
        """What the search said of each topic; or what the topic itself says, when more is wanted."""
        known = {topic.id: (topic, post) for topic, post in found}
        if columns.isdisjoint(records.WHOLE):
            return {number: self._listed(*one, columns) for number, one in known.items()}
        asked = await _each(known, lambda number: self._topic(wire, number, columns))
        if gap := next((one for one in asked.values() if isinstance(one, Gap)), None):
            raise gap
        return {number: one for number, one in asked.items() if isinstance(one, Suggestion)}

    # what it says

    def _listed(self, topic: Topic, post: FoundPost, columns: Columns) -> Suggestion:
        names = topic.tagged
        return Suggestion(
            str(topic.id),
            title=topic.title if "title" in columns else None,
            status=_status(names) if "status" in columns else None,
            suggested_at=topic.created_at,
            sku=self._sku(names) if "sku" in columns else None,
            username=post.username if "username" in columns else None,
        )

    def _whole(self, topic: WholeTopic, columns: Columns) -> Suggestion:
        names, by = topic.tagged, topic.details.created_by.username if topic.details else None
        return Suggestion(
            str(topic.id),
            title=topic.title if "title" in columns else None,
            body=self._body(topic) if columns & {"body", "body.html", "body.text", "body.locale"} else None,
            status=_status(names) if "status" in columns else None,
            votes=topic.votes if "votes" in columns else None,
            suggested_at=topic.created_at,
            sku=self._sku(names) if "sku" in columns else None,
            username=by if "username" in columns else None,
        )

    def _body(self, topic: WholeTopic) -> Body | None:
        cooked = next((post.cooked for post in topic.post_stream.posts if post.post_number == 1), None)
        if cooked is None:
            return None
        try:
            clean = html.html(cooked)
        except html.TooLong as error:
            raise Garbled(self.name, f"a post of {error}") from error
        return Body(clean, html.text(clean))

    def _sku(self, names: Iterable[str]) -> str | None:
        return next((found for name in names if (found := tags.sku(self._prefix, name))), None)


async def _each(keys: Iterable[Any], one: Callable[[Any], Any]) -> dict[Any, Any]:
    """All side by side; one that fails costs its own key."""

    async def told(key: Any) -> Any:
        try:
            return await one(key)
        except Gap as gap:
            return gap

    listed = list(keys)
    return dict(zip(listed, await asyncio.gather(*map(told, listed)), strict=True))


def _by(name: str) -> Belongs:
    return lambda topic, post: post.username.casefold() == name.casefold()


def _about(tag: str) -> Belongs:
    return lambda topic, post: tag in topic.tagged


def _newest(found: tuple[Topic, FoundPost]) -> Position:
    return (found[0].created_at, found[0].id)


def _status(names: Iterable[str]) -> SuggestionStatus:
    return next((records.STATUS[name] for name in names if name in records.STATUS), SuggestionStatus.OPEN)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _position(after: tuple[str, ...] | None) -> Position | None:
    if after is None:
        return None
    try:
        at, number = after
        return datetime.fromisoformat(at), int(number)
    except ValueError as error:
        raise Unusable("This is not a place in a list of suggestions") from error


def _number(options: Mapping[str, str], name: str, usual: int) -> int:
    text = options.get(name, "")
    if text and not _is_id(text):
        raise ValueError(f"discourse: {name} is a whole number, not {text!r}")
    return int(text) if text else usual
