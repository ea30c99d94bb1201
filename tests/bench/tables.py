"""What is told: a table that is printed row by row, and a picture of bars."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from pathlib import Path
from xml.sax.saxutils import escape

COLOURS = ("#2a6f97", "#a9b4c2", "#c9665b", "#7a9e7e")
HIGH, WIDE, GAP = 220, 46, 40
LONGEST = 2.5
"""Of a bar: from half of the unit on, so many powers of ten."""


class Table:
    """Columns as wide as their heads need."""

    def __init__(self, *heads: str) -> None:
        self._widths = [max(len(head), 7) for head in heads]
        self._widths[0] = max(self._widths[0], 16)
        self.row(*heads)

    def row(self, *cells: object) -> None:
        print("  ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, self._widths, strict=True)), flush=True)


def plotted(file: Path, title: str, groups: Mapping[str, Mapping[str, float]], unit: str) -> None:
    """Bars of each group, as multiples of its `unit`, on a scale of logarithms: an SVG."""
    parts, x = [f'<text x="10" y="20" font-weight="bold">{escape(title)}</text>'], 10
    for name, bars in groups.items():
        parts.append(f'<text x="{x}" y="{HIGH + 75}">{escape(name)}</text>')
        for colour, (label, value) in zip(COLOURS, bars.items(), strict=False):
            times = value / bars[unit]
            tall = HIGH * min(max(log10(2 * times) / LONGEST, 0), 1)
            parts.append(
                f'<rect x="{x}" y="{HIGH + 40 - tall:.0f}" width="{WIDE - 6}" height="{tall:.0f}" fill="{colour}"/>'
            )
            parts.append(f'<text x="{x}" y="{HIGH + 34 - tall:.0f}" font-size="11">{times:.1f} ×</text>')
            parts.append(f'<text x="{x}" y="{HIGH + 55}" font-size="10">{escape(label)}</text>')
            x += WIDE
        x += GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{x}" height="{HIGH + 90}" font-family="sans-serif" font-size="13">'
    file.write_text(head + "".join(parts) + "</svg>\n", encoding="utf-8")
