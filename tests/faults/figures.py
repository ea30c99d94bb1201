"""What was measured, against what was promised: percentiles, and the table that tells it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEAD = ("", "scenario", "figure", "found", "wanted", "more")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 < share ≤ 1) of all values does not exceed (nearest rank).
    NaN when there are none: a comparison with it fails, as it should."""
    if not 0 < share <= 1:
        raise ValueError(f"a share is more than 0 and at most 1, not {share}")
    if not values:
        return math.nan
    rank = math.ceil(share * len(values) - 1e-9)  # 0.07 × 100 is a little more than 7, for a computer
    return sorted(values)[rank - 1]


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def spread(values: Sequence[float]) -> str:
    """Latencies in a few words: how many, and p50, p95, p99 and the longest in milliseconds."""
    if not values:
        return "none"
    told = " / ".join(f"{percentile(values, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    return f"n {len(values)}, p50/95/99/max {told} ms"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a scenario: what was found, in `unit`, and the bounds it has to keep. No bound: told, not judged.

    more:   what helps to read it: the sample, the baseline
    claim:  1 is yes and 0 is no
    """

    name: str
    found: float
    least: float | None = None
    most: float | None = None
    unit: str = ""
    more: str = ""
    claim: bool = False

    @property
    def judged(self) -> bool:
        return self.least is not None or self.most is not None

    @property
    def good(self) -> bool:
        """NaN keeps no bound."""
        above = self.least is None or self.found >= self.least
        below = self.most is None or self.found <= self.most
        return above and below

    @property
    def wanted(self) -> str:
        if self.claim:
            return "yes"
        bounds = [f"≥ {_number(self.least)}" if self.least is not None else ""]
        bounds += [f"≤ {_number(self.most)}" if self.most is not None else ""]
        if self.least is not None and self.least == self.most:
            bounds = [f"= {_number(self.least)}"]
        told = " and ".join(filter(None, bounds))
        return f"{told} {self.unit}".strip() if told else ""

    def cells(self, scenario: str) -> tuple[str, ...]:
        mark = ("pass" if self.good else "**FAIL**") if self.judged else ""
        found = ("yes" if self.good else "no") if self.claim else f"{_number(self.found)} {self.unit}".strip()
        return (mark, scenario, self.name, found, self.wanted, self.more)


def yes(name: str, true: bool, more: str = "") -> Figure:
    """A claim that holds or not."""
    return Figure(name, int(true), least=1, more=more, claim=True)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Markdown, its columns aligned for who reads it as text."""
    lines = [HEAD, *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(HEAD))]
    ruled = [lines[0], ["-" * width for width in widths], *lines[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in ruled
    )


def saved(folder: Path, text: str) -> Path:
    """Keep it beside the earlier ones."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.md"
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "∞"
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"
