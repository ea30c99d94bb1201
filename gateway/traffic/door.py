"""At the door: how many questions are answered at the same time, and who is turned away when there are too many.

everybody          staff's limit: who comes when it is reached hears 503 and when to come back, before the body of
│                  the request is read. It shrinks while the process itself is short of time (see `pressure`)
└─ partners        a smaller one, so that partners never take the places that staff need
   exports         the smallest, of anybody's: questions whose list sizes multiply to very many rows; that is known
                   only from the question, so these are turned away after it is read and before anything is asked
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

import msgspec

from gateway.errors import Code, HttpProblem
from gateway.settings import Settings
from gateway.traffic.pressure import Pressure
from gateway.traffic.quota import Turn

STAFF, PARTNER, EXPORT = "staff", "partner", "export"
ANYBODY = "anybody"
COME_BACK = "1"


@dataclass(slots=True)
class Places:
    """`rows`: from how many possible rows on a question is an export. `late`: see `Pressure`."""

    limits: dict[str, int]
    rows: int
    late: float = 0.0
    inside: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)
    pressure: Pressure = field(init=False)

    def __post_init__(self) -> None:
        self.pressure = Pressure(self.limits[STAFF], lambda: self.taken, late=self.late)

    @classmethod
    def of(cls, settings: Settings) -> Places:
        limits = {one: settings.number(f"door.{one}") for one in (STAFF, PARTNER, EXPORT)}
        return cls(limits, settings.number("door.export_rows"), settings.seconds("door.late_ms"))

    @property
    def taken(self) -> int:
        """Questions being answered."""
        return self.inside[STAFF] + self.inside[PARTNER]

    def shut(self) -> bool:
        """Whether anybody who comes now is turned away; if so, that is what happens."""
        full = self.pressure.full()
        self.turned_away[ANYBODY] += full
        return full

    def question(self, group: str) -> Place:
        """A place for one question of this group of roles: `with places.question(…)`. Raises HttpProblem (503)."""
        known = STAFF if group == STAFF else PARTNER
        most = self.pressure.limit * (self.limits[known] / self.limits[STAFF])
        return self._place(known, self.pressure.full() or self.inside[known] >= most)

    def export(self, rows: int) -> Place:
        """The same for what a question, which has a place already, turned out to be."""
        return self._place(EXPORT, self._full(EXPORT)) if rows >= self.rows else Place(self, "")

    def _full(self, kind: str) -> bool:
        return self.inside[kind] >= self.limits[kind]

    def _place(self, kind: str, full: bool) -> Place:
        if full:
            self.turned_away[kind] += 1
            much = "large questions" if kind == EXPORT else "questions"
            raise HttpProblem(
                503, f"Too many {much} at once: try again in a moment.", {"Retry-After": COME_BACK}, Code.SATURATED
            )
        return Place(self, kind)


class Entered(msgspec.Struct, frozen=True):
    """A caller's turn and their place, both held while they are answered; gives what the turn tells."""

    turn: Turn
    place: Place

    def __enter__(self) -> Mapping[str, str]:
        self.place.__enter__()
        return self.turn.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.turn.__exit__(kind, error, at)
        self.place.__exit__(kind, error, at)


class Place(msgspec.Struct, frozen=True):
    """Held while a question is answered. The empty kind is none."""

    places: Places
    kind: str

    def __enter__(self) -> None:
        if self.kind:
            self.places.inside[self.kind] += 1
            self.places.pressure.watch()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.kind:
            self.places.inside[self.kind] -= 1
