"""Whom to try first: people with a telephone number of their own, of whom there is much to show.

Somebody who is called back wants to be found by the number alone, and a demonstration wants orders, tickets, a consent
that can be withdrawn, and a name that looks like one. Nobody need have all of that: in a small company the best there
are will do.
"""

from __future__ import annotations

from heapq import nlargest

from mocks.world.audience import Audience
from mocks.world.model import Customer, World
from mocks.world.tickets import count

LOOKED_AT = 2_000
ALL = 4
"""Qualities that somebody can have."""


def callers(world: World, most: int) -> list[Customer]:
    """The best of the first customers, at most so many; the sooner in the company, the sooner here."""
    audience = Audience(world)
    found: list[tuple[int, int]] = []
    for index in world.customers()[:LOOKED_AT]:
        if _alone(world, world.customer(index)):
            found.append((_qualities(world, audience, index), -index))
        if sum(qualities == ALL for qualities, _ in found) == most:
            break
    return [world.customer(-place) for _, place in nlargest(most, found)]


def _alone(world: World, one: Customer) -> bool:
    """Whether the CRM finds this person, and nobody else, by their number."""
    digits = "".join(filter(str.isdigit, one.phone))
    known = one.siebel_contact_id is not None and one.duplicate_of is None and one.first_name.isalpha()
    return known and bool(digits) and len(world.by_phone(digits)) == 1


def _qualities(world: World, audience: Audience, index: int) -> int:
    one = world.customer(index)
    flags = one.suppress_emails, one.suppress_calls, one.suppress_mailings, one.suppress_faxes
    agreed = audience.contact_id(index) and all(each.status == "SUBSCRIBED" for each in audience.subscriptions(index))
    return sum((not any(flags), bool(agreed), len(world.orders_of(index)) > 1, count(world.seed, index) > 0))
