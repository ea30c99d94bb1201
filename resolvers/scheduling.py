"""Which ticket next, for several agents, so that what is solved too late costs least. Pure: minutes and weights only.

A heuristic for weighted late jobs on parallel machines (the problem is NP-hard): tickets are taken in the order they
are due, each by the agent who is free first; where one would be late, the cheapest ticket that makes room is put off.
What was put off is tried again, the dearest first, and what is late whatever one does comes last, the dearest per
minute first. Minutes are guesses: while it is decided, each counts only for a part (`hope`), so that a ticket is not
given up as long as a quick hand might save it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Job:
    """One ticket. `key` is its own. `due`: minutes from now until which it has to be solved; negative when
    that is over."""

    key: str
    minutes: float
    due: float
    weight: float


@dataclass(frozen=True, slots=True)
class Slot:
    """When an agent (0 …) would work on a job, in minutes from now."""

    job: Job
    agent: int
    start: float

    @property
    def end(self) -> float:
        return self.start + self.job.minutes

    @property
    def late(self) -> bool:
        return self.end > self.job.due


def schedule(jobs: Iterable[Job], agents: int, hope: float = 1.0) -> list[Slot]:
    """Every job once, by start and then agent."""
    usual = {job.key: job for job in jobs}
    hoped = [replace(job, minutes=job.minutes * hope) for job in usual.values()]
    everything = sorted(hoped, key=lambda job: (job.due, -job.weight, job.key))
    lists: list[list[Job]] = [[] for _ in range(agents)]
    put_off = [job for job in everything if job.minutes > job.due]
    for job in everything:
        if job.minutes <= job.due:
            put_off += _placed(job, lists)
    put_off = [job for job in sorted(put_off, key=lambda one: (-one.weight, one.key)) if not _fits_in(job, lists)]
    return _laid_out([[usual[job.key] for job in mine] for mine in lists], [usual[job.key] for job in put_off])


def _placed(job: Job, lists: Sequence[list[Job]]) -> list[Job]:
    """Give a job that is due last of all so far to whoever is free first; what has to be put off for it, or nothing."""
    mine = min(lists, key=_length)
    mine.append(job)
    put_off = []
    while _length(mine) > job.due:
        needed = _length(mine) - job.due
        enough = [one for one in mine if one.minutes >= needed]
        victim = min(enough or mine, key=lambda one: (one.weight if enough else one.weight / one.minutes, one.key))
        mine.remove(victim)
        put_off.append(victim)
        if victim is job:
            break
    return put_off


def _fits_in(job: Job, lists: Sequence[list[Job]]) -> bool:
    """Whether some agent can do it in time and nobody else's ticket is late for it; it is there then."""
    for mine in sorted(lists, key=_length):
        place = sum(other.due <= job.due for other in mine)
        tried = [*mine[:place], job, *mine[place:]]
        if job.minutes <= job.due and _all_in_time(tried):
            mine[:] = tried
            return True
    return False


def _all_in_time(jobs: Sequence[Job]) -> bool:
    at = 0.0
    for job in jobs:
        at += job.minutes
        if at > job.due:
            return False
    return True


def _laid_out(lists: Sequence[list[Job]], put_off: Sequence[Job]) -> list[Slot]:
    slots, free = [], []
    for agent, mine in enumerate(lists):
        at = 0.0
        for job in mine:
            slots.append(Slot(job, agent, at))
            at += job.minutes
        free.append((at, agent))
    heapq.heapify(free)
    for job in sorted(put_off, key=lambda one: (-one.weight / one.minutes, one.key)):
        at, agent = heapq.heappop(free)
        slots.append(Slot(job, agent, at))
        heapq.heappush(free, (at + job.minutes, agent))
    return sorted(slots, key=lambda slot: (slot.start, slot.agent))


def _length(jobs: Iterable[Job]) -> float:
    return sum(job.minutes for job in jobs)
