"""What customers propose in the community: suggestions with votes and replies, derived from a world.

Of the first two thousand customers one in eight with an e-mail address and a customer number has an account there, of
later ones one in a hundred, under a name of their own; the shop signs them on, by customer number. Half of them have
suggested something; the second customer has made 45 suggestions, the last of them with 60 replies. Rules:

* accounts were opened in the order of customers, so the newest ones are those of the last customers;
* topic and post ids rise with time, as they do in a community; a topic's posts have consecutive ids;
* seven in ten suggestions are about a product, and say so with the tag `sku-…` (`tag_of`); in a company of a sales file
  about one that its author had bought. A second tag says what became of it; most have none yet;
* texts contain what people paste: script tags, `javascript:` links, pictures that run code, mentions, quotes;
* restricted values: `CANARY-whisper-<n>` is in a reply for staff alone, `CANARY-user_ip-<n>` with each account;
* nothing is dated after midnight UTC of the world's day, nor a suggestion before its author was there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from mocks.world.dice import Dice
from mocks.world.imported import ImportedWorld
from mocks.world.model import World
from mocks.world.people import plain

TOPIC_BASE, POST_BASE, USER_BASE = 400, 1_000, 100
ROWS_KEPT = 4_096
FIRST_CUSTOMERS = (2, 45, 1, 0)
FIRST_ACCOUNT = timedelta(days=1_500)
EARLY, ONE_IN_EARLY, ONE_IN_LATER = 2_000, 8, 100
HALF_AS_LONG = 5_000  # customers later, accounts are half as old
MANY_REPLIES = 60
BUSY = 1  # whose index this is suggests all the time
STATES = ("under-review", "planned", "in-progress", "completed", "declined")
TITLES = (
    "Make {0} in more colours",
    "A longer warranty for {0}",
    "Sell {0} in smaller packs",
    "{0}: publish the spare parts list",
    "Why is {0} not made of recycled material?",
    "Größere Ausführung von {0} <b>bitte</b>",
)
GENERAL = (
    "Dark mode for the portal",
    "Let me change the delivery day online",
    "Invoices as one PDF a month",
    "اللغة العربية في المتجر",
    '100% of my wishes: O\'Hara & "Sons" <ltd>',
)
BODIES = (
    "<p>We use it every day, and this would <strong>help a lot</strong>.</p>",
    '<p>See <a href="https://www.example.com/wish?a=1&amp;b=2">what others do</a>.</p><ul><li>cheap</li></ul>',
    '<p>Please <a class="mention" href="/u/ann">@ann</a> look at this <img src="/images/emoji/slight_smile.png" '
    'title=":slight_smile:" class="emoji" alt=":slight_smile:"></p>',
    "<p>Before<script>alert('CANARY-script')</script>after</p><img src=x onerror=alert(1)>",
    '<p><a href="javascript:alert(1)">click me</a> <a href="data:text/html;base64,PHNjcmlwdD4=">or me</a></p>',
    "<blockquote><p>quoted &lt;b&gt; &amp; more</p></blockquote><pre><code>x &lt; 1\ny &gt; 2</code></pre>",
    '<p style="position:fixed">on top</p><iframe src="https://evil.example/"></iframe><form><input name="q"></form>',
)
REPLIES = ("Yes please!", "+1", "We have the same problem.", "Noted, thank you. It is on our list.")
WHISPER = "Legal says no."


@dataclass(frozen=True, slots=True)
class User:
    """An account. `external_id`: the customer number the shop signs them on with."""

    id: int
    index: int
    username: str
    name: str
    email: str
    external_id: str
    created: datetime

    @property
    def ip(self) -> str:
        return f"CANARY-user_ip-{self.index}"


@dataclass(frozen=True, slots=True)
class Post:
    """`whisper`: only staff sees it. `html` as the community renders it, `raw` as it was typed."""

    id: int
    topic: int
    number: int
    username: str
    raw: str
    html: str
    created: datetime
    likes: int
    whisper: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`rank`: its place among all by time, from 0. `state` and `sku` are "" when there is none."""

    id: int
    rank: int
    author: User
    title: str
    state: str
    sku: str
    votes: int
    views: int
    created: datetime
    closed: bool
    replies: int
    first_post: int

    @property
    def tags(self) -> list[str]:
        return [*([tag_of(self.sku)] if self.sku else ()), *([self.state] if self.state else ())]


def tag_of(sku: str) -> str:
    """The tag of a product: tags are lower case, and hold letters, digits and dashes; all else is spelled by its code,
    small letters too, so that no two SKUs share a tag."""
    plain_marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
    return "sku-" + "".join(mark.lower() if mark in plain_marks else f"_{ord(mark):x}_" for mark in sku)


class Suggestions:
    """The suggestions of one world; worked out when somebody first asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        self._anchor = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.at = lru_cache(ROWS_KEPT)(self._suggestion)

    def __len__(self) -> int:
        return len(self._order)

    # -- accounts -----------------------------------------------------------------------------------------------------

    def user(self, index: int) -> User | None:
        """The account of a customer; None: has none."""
        dice = Dice(self._seed, "community", index)
        joins = dice.below(ONE_IN_EARLY if index < EARLY else ONE_IN_LATER) == 0
        if not joins and index >= len(FIRST_CUSTOMERS):
            return None
        customer = self._world.customer(index)
        if not customer.email or not customer.number or customer.duplicate_of is not None:
            return None
        username = f"{plain(customer.first_name)[:10] or 'member'}_{index}"
        name = f"{customer.first_name} {customer.last_name}".strip() if dice.chance(60) else ""
        email, number = customer.email.lower(), customer.number
        return User(USER_BASE + index, index, username, name, email, number, self._joined(index))

    def _joined(self, index: int) -> datetime:
        age = FIRST_ACCOUNT * HALF_AS_LONG / (HALF_AS_LONG + index)
        return self._anchor - timedelta(seconds=int(age.total_seconds()))

    def by_username(self, username: str) -> User | None:
        tail = username.rpartition("_")[2]
        index = int(tail) if tail.isascii() and tail.isdecimal() and len(tail) < 9 else len(self._world)
        found = self.user(index) if index < len(self._world) else None
        return found if found and found.username.lower() == username.lower() else None

    def by_external_id(self, number: str) -> User | None:
        index = self._world.by_party_number(number.lstrip("0"))
        found = None if index is None else self.user(index)
        return found if found and found.external_id == number else None

    def users(self) -> Iterator[User]:
        """Everybody with an account, the newest first."""
        return (user for user in map(self.user, reversed(self._world.customers())) if user)

    def _count(self, index: int) -> int:
        if index < len(FIRST_CUSTOMERS):
            return FIRST_CUSTOMERS[index]
        lot = Dice(self._seed, "suggestions", index).below(100)
        return sum(lot >= percent for percent in (50, 80, 94))

    # -- topics -------------------------------------------------------------------------------------------------------

    @cached_property
    def _order(self) -> list[tuple[datetime, int, int, int]]:
        """Moment, customer, which of theirs, replies: by time."""
        found = []
        for index in self._world.customers():
            count = self._count(index)
            for turn in range(count if count and self.user(index) else 0):
                dice = Dice(self._seed, "suggested", index, turn)
                created = self._within(dice, self._joined(index))
                many = index == BUSY and turn == count - 1
                found.append((created, index, turn, MANY_REPLIES if many else dice.below(5)))
        return sorted(found)

    def _within(self, dice: Dice, since: datetime) -> datetime:
        ago = (self._anchor - since).total_seconds() * dice.share() ** 2
        return self._anchor - timedelta(seconds=max(int(ago), 3_600))

    @cached_property
    def _posts_before(self) -> list[int]:
        """For each topic, how many posts older topics have."""
        before, total = [], 0
        for *_, replies in self._order:
            before.append(total)
            total += 1 + replies
        return [*before, total]

    def _suggestion(self, rank: int) -> Suggestion:
        created, index, turn, replies = self._order[rank]
        author = self.user(index)
        assert author is not None  # noqa: S101 - who is in the order has an account
        dice = Dice(self._seed, "suggestion", index, turn)
        sku = self._about(dice, index, created)
        state = dice.pick(STATES) if dice.chance(45) else ""
        return Suggestion(
            id=TOPIC_BASE + rank,
            rank=rank,
            author=author,
            title=dice.pick(TITLES).format(self._name(sku)) if sku else dice.pick(GENERAL),
            state=state,
            sku=sku,
            votes=dice.below(80) if dice.chance(85) else 0,
            views=dice.between(5, 900),
            created=created,
            closed=state in ("completed", "declined"),
            replies=replies,
            first_post=POST_BASE + self._posts_before[rank],
        )

    def _about(self, dice: Dice, index: int, created: datetime) -> str:
        if not dice.chance(70):
            return ""
        if not isinstance(self._world, ImportedWorld):
            return self._world.product(dice.pick(self._world.products())).sku
        orders = [order for order in self._world.orders_of(index) if order.placed_at <= created]
        return dice.pick([line.sku for order in orders for line in order.lines]) if orders else ""

    def _name(self, sku: str) -> str:
        index = self._world.by_sku(sku)
        names = self._world.product(index).names if index is not None else {}
        return names.get("EN") or names.get("DE") or sku

    def by_id(self, topic: int) -> Suggestion | None:
        rank = topic - TOPIC_BASE
        return self.at(rank) if 0 <= rank < len(self) else None

    @cached_property
    def of_tag(self) -> dict[str, list[int]]:
        """Ranks by tag, oldest first."""
        found: dict[str, list[int]] = {}
        for rank in range(len(self)):
            for tag in self.at(rank).tags:
                found.setdefault(tag, []).append(rank)
        return found

    def of_user(self, user: User) -> list[int]:
        """Ranks of what somebody suggested, oldest first."""
        return [rank for rank, (_, index, *_) in enumerate(self._order) if index == user.index]

    # -- posts --------------------------------------------------------------------------------------------------------

    def posts(self, one: Suggestion) -> tuple[Post, ...]:
        """The suggestion itself, and the replies to it."""
        return tuple(self._post(one, number) for number in range(1, one.replies + 2))

    def post(self, post: int) -> Post | None:
        at = post - POST_BASE
        if not 0 <= at < self._posts_before[-1]:
            return None
        one = self.at(bisect_right(self._posts_before, at) - 1)
        return self._post(one, post - one.first_post + 1)

    @property
    def last_post(self) -> int:
        return POST_BASE + self._posts_before[-1] - 1

    def _post(self, one: Suggestion, number: int) -> Post:
        dice = Dice(self._seed, "post", one.author.index, one.created.isoformat(), number)
        post = one.first_post + number - 1
        created = one.created + (self._anchor - one.created) * (number - 1) / (one.replies + 1)
        likes = dice.below(9)
        if number == 1:
            html = dice.pick(BODIES)
            return Post(post, one.id, 1, one.author.username, f"raw of {one.title}", html, created, likes)
        text = dice.pick(REPLIES)
        if dice.chance(25):
            text = f"{WHISPER} CANARY-whisper-{post}"
            return Post(post, one.id, number, "staff", text, f"<p>{text}</p>", created, 0, whisper=True)
        other = self.user(dice.below(min(len(self._world), 200)))
        username = other.username if other else "staff"
        return Post(post, one.id, number, username, text, f"<p>{text}</p>", created, likes)
