"""What the questions of one subject came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.gateway.yardstick import Told

ENOUGH = 10
"""Values that an answer has to hold to be about something."""


@dataclass(slots=True)
class Tally:
    """What the questions of one subject reached: an agreement about nothing would prove nothing.

    reached:  coordinates of which a value was told
    asked:    those that were named by a question that was answered, or refused for naming them
    """

    questions: int = 0
    answers: int = 0
    rich: int = 0
    failed: int = 0
    values: int = 0
    pages: int = 0
    repeats: int = 0
    requests: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    seconds: Counter[str] = field(default_factory=Counter)

    @property
    def figures(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("questions", "answers", "rich", "failed", "requests")}

    @property
    def share(self) -> float:
        """Of the answers, those with ten values or more."""
        return self.rich / max(self.answers, 1)

    def saw(self, told: Told) -> None:
        found = [(at, value) for path, at in told.coordinates.items() if (value := told.at(path)) is not None]
        values = sum(not isinstance(value, dict | list) for _, value in found)
        self.answers += 1
        self.failed += told.failed
        self.values += values
        self.rich += values >= ENOUGH
        self.reached.update(at for at, _ in found)

    def __str__(self) -> str:
        spent = ", ".join(f"{what} {took / max(self.questions, 1) * 1000:.1f}" for what, took in self.seconds.items())
        return (
            f"{self.questions} questions, {self.answers} answers ({self.pages} of later pages; {self.repeats} asked again), "
            f"{self.share:.0%} with ≥ {ENOUGH} values, {self.values / max(self.answers, 1):.0f} values each; "
            f"{self.failed} with errors; {self.requests} requests; refused {dict(self.refusals) or 'none'}; "
            f"CPU ms a question: {spent}"
        )
