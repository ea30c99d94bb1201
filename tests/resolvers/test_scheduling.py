"""The queue costs less than first in, first out and than earliest due first, on days it was not made on."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules import Rules, read
from resolvers.scheduling import Job, schedule
from schema import TicketPriority

AGENTS, MINUTES = 5, 480
SHARES = {TicketPriority.CRITICAL: 8, TicketPriority.HIGH: 22, TicketPriority.MEDIUM: 45, TicketPriority.LOW: 25}
DAYS = range(9_000, 9_060)  # the rules were tried on others


@dataclass(frozen=True, slots=True)
class Ticket:
    """Minutes from the day's beginning; `takes` is what it really takes, which nobody knows before."""

    key: str
    opened: float
    due: float
    usual: float
    takes: float
    weight: float


Next = Callable[[Sequence[Ticket], float], Ticket]


def day(seed: int, load: float, rules: Rules) -> list[Ticket]:
    """A day's tickets; a third was there in the morning. `load`: work that comes in, by what the agents can do."""
    dice, queue = random.Random(seed), rules.queue
    priorities = list(SHARES)
    usual = sum(queue.minutes[one] * share for one, share in SHARES.items()) / sum(SHARES.values())
    tickets = []
    for number in range(int(load * AGENTS * MINUTES / usual)):
        (priority,) = dice.choices(priorities, list(SHARES.values()))
        patience, minutes = queue.patience[priority], queue.minutes[priority]
        opened = -dice.uniform(0, patience * 0.9) if dice.random() < 0.35 else dice.uniform(0, MINUTES)
        weight = queue.severity[priority] * dice.choice(queue.value.weights) * dice.choice(queue.exposure.weights)
        takes = minutes * dice.lognormvariate(0, 0.35)
        due = opened + patience * dice.uniform(0.5, 1)
        tickets.append(Ticket(f"{number:04d}", opened, due, minutes, takes, weight))
    return sorted(tickets, key=lambda one: one.opened)


def cost(tickets: Sequence[Ticket], choose: Next) -> float:
    """Weights of all that was solved too late, or was due this day and is not solved."""
    coming, waiting, total = list(reversed(tickets)), list[Ticket](), 0.0
    free = [0.0] * AGENTS
    while waiting or coming:
        at = heapq.heappop(free)
        while coming and coming[-1].opened <= at:
            waiting.append(coming.pop())
        if at > MINUTES:
            break
        if not waiting:
            heapq.heappush(free, coming[-1].opened)
            continue
        one = choose(waiting, at)
        waiting.remove(one)
        heapq.heappush(free, at + one.takes)
        total += one.weight if at + one.takes > one.due else 0
    return total + sum(one.weight for one in (*waiting, *coming) if one.due < MINUTES)


def first_in(waiting: Sequence[Ticket], at: float) -> Ticket:
    return min(waiting, key=lambda one: one.opened)


def first_due(waiting: Sequence[Ticket], at: float) -> Ticket:
    return min(waiting, key=lambda one: one.due)


def scheduled(rules: Rules) -> Next:
    def choose(waiting: Sequence[Ticket], at: float) -> Ticket:
        jobs = [Job(one.key, one.usual, one.due - at, one.weight) for one in waiting]
        key = schedule(jobs, AGENTS, rules.queue.hope)[0].job.key
        return next(one for one in waiting if one.key == key)

    return choose


@pytest.mark.parametrize("load", [0.8, 1.0, 1.3, 1.6])
def test_on_days_it_was_not_made_on_breaches_cost_less(load: float) -> None:
    rules = read()
    ways: dict[str, Next] = {"first in": first_in, "first due": first_due, "scheduled": scheduled(rules)}
    days = [day(seed, load, rules) for seed in DAYS]
    costs = {way: sum(cost(one, choose) for one in days) for way, choose in ways.items()}

    print(f"\nload {load}: " + ", ".join(f"{way} {total:.0f}" for way, total in costs.items()))
    assert costs["scheduled"] < costs["first due"] < costs["first in"]


JOBS = st.lists(
    st.builds(Job, st.uuids().map(str), st.floats(1, 200), st.floats(-500, 2_000), st.floats(0.1, 50)), max_size=25
)


@given(JOBS, st.integers(1, 6), st.floats(0.3, 1))
def test_every_ticket_has_one_place_and_no_agent_has_two_at_once(jobs: list[Job], agents: int, hope: float) -> None:
    slots = schedule(jobs, agents, hope)

    assert sorted(slot.job.key for slot in slots) == sorted(job.key for job in jobs)
    for agent in range(agents):
        mine = [slot for slot in slots if slot.agent == agent]
        assert all(abs(one.end - other.start) < 1e-6 for one, other in itertools.pairwise(mine))
        assert all(slot.start == 0 for slot in mine[:1])
