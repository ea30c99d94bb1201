"""What the company told people about: a campaign a month, and who was on its list.

These are by letter and by telephone, and the CRM runs them; by e-mail the marketing system does (`mailings`).
There are 18 campaigns: one for each of the last 17 months, and one for the month the world is in. What a campaign is
about was bought in its month, as far as a handful of customers tell; else it is drawn from the catalogue. One contact
in eight is on the list of a campaign that began after they became a customer; one in four of those has answered.

`CANARY-campaign-<number>` is in every description, `CANARY-member-<row id>` in every remark on a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from mocks.world.dice import Dice, base36, unbase36
from mocks.world.model import World
from mocks.world.rowids import RowIds

MONTHS = 18
LISTED_PERCENT = 12
ANSWERED_PERCENT = 25
SOUNDED = 24  # customers whose orders tell what was bought in a month
KEY_BASE = 36**4
THEMES = ("Clearance", "New for the office", "Spare parts week", "Trade-in", "Bulk discount", "Season's end")
MEANS = ("Direct Mail", "Direct Mail", "Phone")
ANSWERS = ("Interested", "Interested", "Not Interested", "Send Literature")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Campaign:
    """`source_code`: what replies are recognised by. `ordinal`: 0 is the oldest."""

    ordinal: int
    row_id: str
    number: str
    name: str
    source_code: str
    means: str
    status: str
    starts_on: date
    ends_on: date
    offer: str
    skus: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Member:
    """One contact on the list of one campaign. `answer` and `answered_at`: None until they reply."""

    row_id: str
    campaign: Campaign
    customer: int
    contact_id: str
    listed_at: datetime
    attempts: int
    answer: str | None
    answered_at: datetime | None
    remark: str


class Campaigns:
    """The campaigns of one world. Members are derived when they are asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._today = world.now.date()
        self._members = RowIds("1M-", MONTHS, world.seed, "member")
        self.campaign = lru_cache(MONTHS)(self._campaign)

    def __len__(self) -> int:
        return MONTHS

    def by_row_id(self, row_id: str) -> Campaign | None:
        key = unbase36(row_id.removeprefix("1C-")) if row_id.startswith("1C-") else None
        return None if key is None or not 0 <= key - KEY_BASE < MONTHS else self.campaign(key - KEY_BASE)

    def members_of(self, index: int) -> tuple[Member, ...]:
        """The lists a customer is on, oldest campaign first; none for who is no contact."""
        return tuple(one for at in range(MONTHS) if (one := self.member(index, at)))

    def member(self, index: int, ordinal: int) -> Member | None:
        customer = self._world.customer(index)
        dice = Dice(self._world.seed, "member", customer.siebel_contact_id, ordinal)
        if customer.siebel_contact_id is None or not dice.chance(LISTED_PERCENT):
            return None
        campaign = self.campaign(ordinal)
        listed = datetime.combine(campaign.starts_on, datetime.min.time(), UTC) + dice.below(86_400) * DAY / 86_400
        if listed < customer.since or listed > self._world.now:
            return None
        row_id = self._members.text(index, ordinal)
        answered = listed + dice.between(1, 20) * DAY if dice.chance(ANSWERED_PERCENT) else None
        replied = answered is not None and answered <= self._world.now
        return Member(
            row_id,
            campaign,
            index,
            customer.siebel_contact_id,
            listed,
            dice.between(1, 3),
            dice.pick(ANSWERS) if replied else None,
            answered if replied else None,
            f"CANARY-member-{row_id}",
        )

    def member_by_row_id(self, row_id: str) -> Member | None:
        at = self._members.row(row_id)
        return None if at is None or at[0] >= len(self._world) else self.member(*at)

    def _campaign(self, ordinal: int) -> Campaign:
        dice = Dice(self._world.seed, "campaign", ordinal)
        first = _month(self._today, ordinal + 1 - MONTHS)
        last = _month(first, 1) - DAY
        theme, means = dice.pick(THEMES), dice.pick(MEANS)
        number = f"CMP-{first:%Y-%m}"
        return Campaign(
            ordinal,
            f"1C-{base36(KEY_BASE + ordinal)}",
            number,
            f"{theme} {first:%B %Y}",
            f"SRC{first:%y%m}{means[0]}",
            means,
            "Active" if last >= self._today else "Completed",
            first,
            last,
            f"{dice.pick((5, 10, 15))} % off",
            self._about(dice, first, last),
            f"Cost more than it should. CANARY-campaign-{number}",
        )

    def _about(self, dice: Dice, first: date, last: date) -> tuple[str, ...]:
        bought = list(dict.fromkeys(self._bought(dice, first, last)))
        if len(bought) < 3:
            products = self._world.products()
            bought += [self._world.product(dice.pick(products)).sku for _ in range(3)]
        return tuple(dict.fromkeys(bought))[: dice.between(2, 5)]

    def _bought(self, dice: Dice, first: date, last: date) -> Iterator[str]:
        for index in sorted({dice.pick(self._world.customers()) for _ in range(SOUNDED)}):
            for order in self._world.orders_of(index):
                if first <= order.placed_at.date() <= last:
                    yield from (line.sku for line in order.lines)


def _month(day: date, later: int) -> date:
    """The first of the month so many months later."""
    years, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(years, month + 1, 1)
