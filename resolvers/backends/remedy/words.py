"""The help desk's own words for where a ticket stands and how much it matters, and what Remedy calls it.

Selections arrive as labels. A label that is not listed is OTHER: companies add their own. Status, urgency and impact
are documented lists; the labels of SLM Status are from memory, so they are read by what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, TypeVar

from resolvers.backends.base import Unusable
from schema.support import TicketImpact, TicketPriority, TicketStatus, TicketUrgency

E = TypeVar("E", bound=Enum)


Sla = Literal["RUNNING", "AT_RISK", "MET", "MISSED", "OTHER"]
"""RUNNING and AT_RISK: not done yet, and in time so far. MET: done in time. MISSED: done too late, or late already."""

STATUS: Mapping[str, TicketStatus] = {
    "New": TicketStatus.NEW,
    "Assigned": TicketStatus.ASSIGNED,
    "In Progress": TicketStatus.IN_PROGRESS,
    "Pending": TicketStatus.PENDING,
    "Resolved": TicketStatus.RESOLVED,
    "Closed": TicketStatus.CLOSED,
    "Cancelled": TicketStatus.CANCELLED,
}
PRIORITY: Mapping[str, TicketPriority] = {
    "Critical": TicketPriority.CRITICAL,
    "High": TicketPriority.HIGH,
    "Medium": TicketPriority.MEDIUM,
    "Low": TicketPriority.LOW,
}
URGENCY: Mapping[str, TicketUrgency] = {
    "1-Critical": TicketUrgency.CRITICAL,
    "2-High": TicketUrgency.HIGH,
    "3-Medium": TicketUrgency.MEDIUM,
    "4-Low": TicketUrgency.LOW,
}
IMPACT: Mapping[str, TicketImpact] = {
    "1-Extensive/Widespread": TicketImpact.EXTENSIVE,
    "2-Significant/Large": TicketImpact.SIGNIFICANT,
    "3-Moderate/Limited": TicketImpact.MODERATE,
    "4-Minor/Localized": TicketImpact.MINOR,
}
OPEN = frozenset({TicketStatus.NEW, TicketStatus.ASSIGNED, TicketStatus.IN_PROGRESS, TicketStatus.PENDING})


def sla_status(label: str | None, status: TicketStatus | None) -> Sla | None:
    """What `SLM Status` says, for an incident in this status (None: not asked for). None: there is no target."""
    words = (label or "").lower()
    if not words or words.startswith("no service target"):
        return None
    if "breach" in words:
        return "MISSED"
    if "warning" in words:
        return "AT_RISK"
    if "within" in words:
        return "RUNNING" if status is None or status in OPEN else "MET"
    return "OTHER"


def labels(given: Any, known: Mapping[str, E], kind: type[E]) -> list[tuple[str, bool]]:
    """What a filter by words means in Remedy's: (label, wanted). OTHER is everything that is not listed.

    `given`: members of the enum or anything with their names. Raises Unusable for what is none.
    """
    wanted = set()
    for one in given:
        name = getattr(one, "name", one)
        if name not in kind.__members__:
            raise Unusable(f"There is no {kind.__name__} {name!r}")
        wanted.add(kind[name])
    if kind["OTHER"] not in wanted:
        return [(label, True) for label, member in known.items() if member in wanted]
    return [(label, False) for label, member in known.items() if member not in wanted]
