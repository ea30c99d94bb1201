"""The numbers by which the gateway judges, from `rules.toml`; see there. What is not understood stops the start."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

import msgspec

from resolvers.binding import Ask
from schema import Suppression, TicketPriority

Fact = Literal["warranty_ends_in_days", "days_since_last_invoice", "invoices_lately", "overdue", "open_complaints"]
FILE = Path(__file__).parent / "rules.toml"


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: it has all these keys and no others."""


class Insights(_Table, frozen=True):
    definition: str
    recent_days: int
    recency_days: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]


class Campaign(_Table, frozen=True):
    uplift: Decimal
    days: int
    tight: Decimal


class Bands(_Table, frozen=True):
    """A weight for what is below the first threshold, and one for what is from each threshold on."""

    from_: tuple[int, ...] = msgspec.field(name="from")
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.from_) + 1 or list(self.from_) != sorted(self.from_):
            raise ValueError("thresholds go up, and there is one weight more than there are thresholds")


class Scores(_Table, frozen=True):
    """A weight for each monetary score from 1 to 5, after that of who has none."""

    weights: tuple[float, float, float, float, float, float]


class Queue(_Table, frozen=True):
    most: int
    agents: int
    hope: float
    minutes: dict[TicketPriority, float]
    patience: dict[TicketPriority, float]
    severity: dict[TicketPriority, float]
    value: Scores
    exposure: Bands

    def __post_init__(self) -> None:
        for table in (self.minutes, self.patience, self.severity):
            if missing := {one.name for one in TicketPriority} - {one.name for one in table}:
                raise ValueError(f"there is no {min(missing)} in a table of the queue")


class Range(_Table, frozen=True):
    """Both ends are included; None leaves one open."""

    min: Decimal | None = None
    max: Decimal | None = None

    def holds(self, value: Decimal | int) -> bool:
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


class Action(_Table, frozen=True):
    name: str
    title: str
    score: int
    when: dict[Fact, Range]
    unless: tuple[Suppression, ...]


class Rules(_Table, frozen=True):
    """units: the hub's word for a unit → the ERP's words for the same."""

    units: dict[str, tuple[str, ...]]
    insights: Insights
    campaign: Campaign
    queue: Queue
    action: tuple[Action, ...]

    def same_unit(self, erp: str | None, hub: str) -> bool:
        return erp is not None and erp in self.units.get(hub, ())


def read(file: Path = FILE) -> Rules:
    """Raises ValueError with the place of what is not understood."""
    try:
        return msgspec.toml.decode(file.read_text(encoding="utf-8"), type=Rules)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name}: {error}") from error


def of(ask: Ask) -> Rules:
    return cast(Rules, ask.context.facts["rules"])
