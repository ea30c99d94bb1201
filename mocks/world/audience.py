"""Whom the marketing system knows, what they agreed to, and what became of each e-mail: from a customer's number alone.

* nine in ten customers of the CRM who have an e-mail address are contacts; of several with one address only the first
  is. Four in five bear the customer number, the others only what people are matched by. Contact ids are permuted;
* three subscriptions: marketing, newsletter, surveys. Who has asked the CRM for no e-mail is unsubscribed from all, but
  for one in ten, whom nobody told the marketing system about; of the others one in ten unsubscribed from marketing
  there, which nobody told the CRM; one in ten never said anything. So the two differ, on purpose;
* each campaign reaches one customer in six of those who were there when it began; in a company of a sales file also
  everybody who bought of its line in its time, and those have clicked. The second customer is reached by all, the third
  by hardly any;
* of what is sent, one in fifty bounces; half is opened, some of it twice; a third of that is clicked, a quarter of that
  leads to a page and a form. Nothing is dated after midnight UTC of the world's day;
* restricted values: `CANARY-hubspot_notes-<n>` with a contact, `CANARY-legal_basis-<n>` with a subscription,
  `CANARY-event_ip-<n>` with an event.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from mocks.world.dice import Dice, Scramble
from mocks.world.imported import ImportedWorld
from mocks.world.mailings import Campaign, Campaigns, Email
from mocks.world.model import Customer, World

CONTACT_BASE = 10_000_000
MOST_CONTACTS = 100_000_000
SENDINGS = 2
MOST_TOUCHES = 16
ROWS_KEPT = 4_096
ALWAYS = 12
ALL_CAMPAIGNS = 1  # whose index this is is reached by every campaign
FEW_CAMPAIGNS, ONE_IN = 2, 30
HOUR = timedelta(hours=1)
SHOP = "https://www.example.com"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A kind of message, and what a contact has said about it: SUBSCRIBED, UNSUBSCRIBED or NOT_SPECIFIED."""

    id: int
    name: str
    status: str
    source: str
    at: datetime | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that happened between a campaign and a contact.

    kind:   SENT, DELIVERED, OPEN, CLICK, BOUNCE (of an e-mail); VISIT, FORM (on our pages)
    sent:   when the e-mail behind it was sent
    """

    key: int
    kind: str
    at: datetime
    email: Email
    sent: datetime
    url: str = ""


KINDS = ((1001, "Marketing information"), (1002, "Newsletter"), (1003, "Customer surveys"))


class Audience:
    """The contacts of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seed = world.seed
        self._anchor = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._ids = Scramble(MOST_CONTACTS, self._seed, "hubspot contact")
        self.campaigns = world.part(Campaigns)
        self.touches = lru_cache(ROWS_KEPT)(self._touches)
        self._said: dict[int, bool] = {}

    def say(self, contact_id: str, agreed: bool) -> bool:
        """A contact has changed their mind on the preference page, about all kinds of messages. False: no contact."""
        index = self.index_of(contact_id)
        if index is not None:
            self._said[index] = agreed
        return index is not None

    def contact_id(self, index: int) -> str | None:
        """None: not a contact."""
        if index >= ALWAYS and not Dice(self._seed, "hubspot", index).chance(90):
            return None
        customer = self._world.customer(index)
        if not customer.email or customer.siebel_contact_id is None:
            return None
        return None if customer.duplicate_of is not None else str(CONTACT_BASE + self._ids.key(index))

    def index_of(self, contact_id: str) -> int | None:
        if not (contact_id.isascii() and contact_id.isdecimal() and len(contact_id) < 16):
            return None
        key = int(contact_id) - CONTACT_BASE
        index = self._ids.number(key) if 0 <= key < MOST_CONTACTS else len(self._world)
        return index if index < len(self._world) and self.contact_id(index) == contact_id else None

    def index_of_email(self, email: str) -> int | None:
        found = sorted(self._world.by_email(email))
        return found[0] if found and self.contact_id(found[0]) else None

    def numbered(self, index: int) -> bool:
        """Whether the contact bears its customer number."""
        return bool(self._world.customer(index).number) and (
            index < ALWAYS or Dice(self._seed, "numbered", index).chance(80)
        )

    def modified(self, index: int) -> datetime:
        return self._world.customer(index).updated

    def subscriptions(self, index: int) -> tuple[Subscription, ...]:
        customer = self._world.customer(index)
        dice = Dice(self._seed, "subscriptions", index)
        lot = 50 if index < ALWAYS else dice.below(100)
        known = tuple(self._subscription(dice, customer, lot, *kind) for kind in KINDS)
        return known if index not in self._said else tuple(self._changed(one, self._said[index]) for one in known)

    def _changed(self, one: Subscription, agreed: bool) -> Subscription:
        status = "SUBSCRIBED" if agreed else "UNSUBSCRIBED"
        return replace(one, status=status, source="Preference page", at=self._world.now.replace(microsecond=0))

    def _subscription(self, dice: Dice, customer: Customer, lot: int, number: int, name: str) -> Subscription:
        own = dice.below(100)
        status = "SUBSCRIBED"
        if (customer.suppress_emails and lot >= 10) or (not customer.suppress_emails and lot < 10 and number == 1001):
            status = "UNSUBSCRIBED"
        elif customer.index >= ALWAYS and own < 10:
            status = "NOT_SPECIFIED"
        said = status != "NOT_SPECIFIED"
        at = customer.since + (self._anchor - customer.since) * dice.below(100) / 100
        explanation = f"CANARY-legal_basis-{customer.index * 3 + number - 1001}"
        source = dice.pick(("Preference page", "Form submission", "Imported list"))
        return Subscription(number, name, status, source, at.replace(microsecond=0) if said else None, explanation)

    # -- what campaigns came to ---------------------------------------------------------------------------------------

    def reached(self, campaign: Campaign, index: int) -> bool:
        """Whether a customer who is a contact is among those whom a campaign is for."""
        if campaign.status == "planned" or self._world.customer(index).since > campaign.begins_at:
            return False
        if index == ALL_CAMPAIGNS or campaign.number in self._bought.get(index, ()):
            return True
        if index == FEW_CAMPAIGNS:
            return campaign.number % ONE_IN == 0
        return Dice(self._seed, "reached", campaign.guid, index).below(6) == 0

    def members(self, campaign: Campaign, start: int = 0) -> Iterator[int]:
        """Customers from this number on that a campaign reached."""
        for index in range(start, len(self._world)):
            if self.reached(campaign, index) and self.contact_id(index):
                yield index

    @cached_property
    def _bought(self) -> dict[int, set[int]]:
        """Of a company of a sales file: who bought of which campaign's line in its time."""
        found: dict[int, set[int]] = defaultdict(set)
        if not isinstance(self._world, ImportedWorld):
            return found
        groups = {one.sku: one.group for one in map(self._world.product, self._world.products())}
        for index in self._world.customers():
            for order in self._world.orders_of(index):
                lines = {groups[line.sku] for line in order.lines}
                day = order.placed_at.date()
                found[index] |= {
                    one.number for one in self.campaigns.all if one.line in lines and one.starts <= day <= one.ends
                }
        return found

    def _touches(self, index: int) -> tuple[Touch, ...]:
        """All that happened with one contact, oldest first."""
        if self.contact_id(index) is None:
            return ()
        found = [
            touch
            for campaign in self.campaigns.all
            if self.reached(campaign, index)
            for wave, email in enumerate(self.campaigns.emails_of(campaign))
            if email.sent_at is not None
            for touch in self._story(index, campaign, wave, email, email.sent_at)
            if touch.at < self._anchor
        ]
        return tuple(sorted(found, key=lambda touch: (touch.at, touch.key)))

    def _story(self, index: int, campaign: Campaign, wave: int, email: Email, sent: datetime) -> Iterator[Touch]:
        dice = Dice(self._seed, "story", campaign.guid, wave, index)
        key = (index * 4096 + campaign.number * SENDINGS + wave) * MOST_TOUCHES
        at = sent + timedelta(seconds=dice.below(1_200))

        def next_one(kind: str, hours: int, url: str = "") -> Touch:
            nonlocal key, at
            key += 1
            at += timedelta(seconds=dice.between(1, 3_600 * hours)) if hours else timedelta(seconds=dice.between(1, 90))
            return Touch(key, kind, at, email, sent, url)

        yield next_one("SENT", 0)
        if dice.chance(2):
            yield next_one("BOUNCE", 0)
            return
        yield next_one("DELIVERED", 0)
        bought = campaign.number in self._bought.get(index, ()) and wave == 0
        if not (dice.chance(50) or bought):
            return
        yield next_one("OPEN", 48)
        if dice.chance(30):
            yield next_one("OPEN", 24)
        if dice.chance(33) or bought:
            yield next_one("CLICK", 1, f"{SHOP}/{campaign.line.lower()}?utm_campaign={campaign.guid}")
            if dice.chance(25):
                yield next_one("VISIT", 1, f"{SHOP}/{campaign.line.lower()}")
                yield next_one("FORM", 1, f"{SHOP}/quote")


class Changes:
    """Contacts in the order they were last changed in: eight bytes each, gathered a row at a step."""

    def __init__(self, audience: Audience, world: World) -> None:
        self._audience = audience
        self._world = world
        self._entries: array[int] | None = None

    def gather(self) -> Iterator[None]:
        """Makes the order, a customer at each step; no steps are left once it is made."""
        if self._entries is not None:
            return
        entries = []
        for index in self._world.customers():
            if self._audience.contact_id(index):
                entries.append(int(self._audience.modified(index).timestamp()) << 24 | index)
            yield
        self._entries = array("Q", sorted(entries))

    def since(self, moment: float) -> list[int]:
        """Customers who are contacts and were changed at or after this moment (epoch seconds), in that order."""
        entries = self._entries or array("Q")
        return [entry & 0xFFFFFF for entry in entries[bisect_left(entries, max(math.ceil(moment), 0) << 24) :]]
