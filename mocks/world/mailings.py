"""What the company has advertised: campaigns, each for one product line, and the e-mails they were made of.

A few dozen, worked out once. A product line is a product group. Rules:

* a seeded company ran, for each line, six campaigns in turn over the last three years, and plans one more;
  each advertises up to eight products of the line that are still sold;
* a company of a sales file ran, for each line and year, one in the quarter that sold most of it, and each advertises
  the eight products that sold best then: so what was bought in its time is what it was for;
* a campaign is planned, in progress or completed by its dates; one in a dozen that runs is paused;
* each has two e-mails: one on its first day, one halfway; what is planned has sent none;
* notes are for the marketing team alone, and have `CANARY-campaign_notes-<n>` in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from mocks.world.dice import Dice, digest
from mocks.world.imported import ImportedWorld
from mocks.world.model import Product, World

DAY = timedelta(days=1)
ROUNDS = 6
MOST_SKUS = 8
EMAIL_BASE = 97_000_000
SEASONS = ("Winter", "Spring", "Summer", "Autumn")
THEMES = ("upgrade", "restock", "clearance", "new arrivals", "loyalty", "trade-in")
REMARKS = ("Wave 1 only.", "Margin is thin here.", "Do not mention the recall.", "Budget from sales.")
AUDIENCES = ("Consumers", "Offices", "Public sector", "Everybody who bought before")


@dataclass(frozen=True, slots=True)
class Campaign:
    """`number`: 0 … of all campaigns. `skus` may name what is no longer sold. `budget` in `currency`."""

    number: int
    guid: str
    name: str
    status: str
    line: str
    skus: tuple[str, ...]
    starts: date
    ends: date
    audience: str
    owner: str
    budget: Decimal
    currency: str
    notes: str
    created: datetime
    updated: datetime

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.starts, time(8), UTC)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.ends, time(20), UTC)


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail of a campaign. `sending` is what per-recipient events name; `sent_at` None: not yet."""

    id: str
    sending: int
    campaign: Campaign
    name: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is fixed about a campaign. `turn`: of its line; a number that stays the same from day to day."""

    line: str
    turn: int
    name: str
    starts: date
    ends: date
    skus: tuple[str, ...]


class Campaigns:
    """The campaigns of one world, oldest first."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._today = world.now.date()
        self._anchor = datetime.combine(self._today, time(), UTC)

    @cached_property
    def all(self) -> tuple[Campaign, ...]:
        plans = _of_sales(self._world) if isinstance(self._world, ImportedWorld) else self._drawn()
        ordered = sorted(plans, key=lambda plan: (plan.starts, plan.line))
        return tuple(self._campaign(number, plan) for number, plan in enumerate(ordered))

    @cached_property
    def emails(self) -> tuple[Email, ...]:
        return tuple(email for campaign in self.all for email in self._emails(campaign))

    @cached_property
    def by_guid(self) -> dict[str, Campaign]:
        return {campaign.guid: campaign for campaign in self.all}

    def emails_of(self, campaign: Campaign) -> tuple[Email, ...]:
        return self.emails[2 * campaign.number : 2 * campaign.number + 2]

    def _campaign(self, number: int, plan: _Plan) -> Campaign:
        dice = Dice(self._world.seed, "campaign", plan.line, plan.turn)
        created = min(datetime.combine(plan.starts, time(9), UTC) - dice.between(20, 60) * DAY, self._anchor - DAY)
        return Campaign(
            number=number,
            guid=str(UUID(int=digest(self._world.seed, "campaign", plan.line, plan.turn, size=16))),
            name=plan.name,
            status=self._status(dice, plan),
            line=plan.line,
            skus=plan.skus,
            starts=plan.starts,
            ends=plan.ends,
            audience=dice.pick(AUDIENCES),
            owner=str(41_000_000 + dice.below(9)),
            budget=Decimal(dice.between(20, 400) * 100),
            currency="USD",
            notes=f"{dice.pick(REMARKS)} CANARY-campaign_notes-{number}",
            created=created,
            updated=created + (self._anchor - created) * dice.below(100) / 100,
        )

    def _status(self, dice: Dice, plan: _Plan) -> str:
        if plan.starts > self._today:
            return "planned"
        if plan.ends < self._today:
            return "completed"
        return "paused" if dice.chance(8) else "in_progress"

    def _emails(self, campaign: Campaign) -> Iterator[Email]:
        half = (campaign.ends_at - campaign.begins_at) / 2
        for wave, at in enumerate((campaign.begins_at, campaign.begins_at + half), 1):
            sending = EMAIL_BASE + 2 * campaign.number + wave
            at = at.replace(minute=0, second=0, microsecond=0)
            yield Email(
                id=str(52_000_000_000 + sending),
                sending=sending,
                campaign=campaign,
                name=f"{campaign.name}, wave {wave}",
                subject=f"{campaign.name}: " + ("have a look" if wave == 1 else "last days"),
                sent_at=at if at < self._anchor and campaign.status != "planned" else None,
            )

    def _drawn(self) -> Iterator[_Plan]:
        lines: dict[str, list[Product]] = {}
        for product in map(self._world.product, self._world.products()):
            lines.setdefault(product.group, []).append(product)
        for line, products in lines.items():
            for turn in range(ROUNDS + 1):
                yield self._turn(line, products, turn)

    def _turn(self, line: str, products: Sequence[Product], turn: int) -> _Plan:
        """The last `turn` is the one to come."""
        dice = Dice(self._world.seed, "plan", line, turn)
        ago = -dice.between(5, 40) if turn == ROUNDS else turn * 180 + dice.between(10, 150)
        starts = self._today - ago * DAY
        sold = [product.sku for product in products if not product.discontinued]
        skus = {dice.pick(sold) for _ in range(dice.between(1, MOST_SKUS))} if sold else set()
        name = f"{SEASONS[starts.month % 12 // 3]} {starts.year} {line} {dice.pick(THEMES)}"
        return _Plan(line, turn, name, starts, starts + dice.between(25, 60) * DAY, tuple(sorted(skus)))


def _of_sales(world: World) -> Iterator[_Plan]:
    """One for each line and year, in the quarter that sold most of it."""
    groups = {product.sku: product.group for product in map(world.product, world.products())}
    quarters: dict[tuple[str, int], Counter[int]] = {}
    best: dict[tuple[str, int, int], Counter[str]] = {}
    for order in (order for index in world.customers() for order in world.orders_of(index)):
        year, quarter = order.placed_at.year, (order.placed_at.month - 1) // 3
        for one in order.lines:
            line, cents = groups[one.sku], int(one.amount * 100)
            quarters.setdefault((line, year), Counter())[quarter] += cents
            best.setdefault((line, year, quarter), Counter())[one.sku] += cents
    for (line, year), sold in quarters.items():
        quarter = max(sold, key=lambda one: (sold[one], -one))
        skus = sorted(best[line, year, quarter].items(), key=lambda one: (-one[1], one[0]))
        starts = date(year, 3 * quarter + 1, 1)
        ends = date(year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1) - DAY
        named = tuple(sorted(sku for sku, _ in skus[:MOST_SKUS]))
        yield _Plan(line, year, f"{SEASONS[quarter]} {year} {line}", starts, ends, named)
