"""Where in the answer each row of a flattened level stands. Costs nothing until somebody has to be told a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


class Frame:
    """The rows of one level. `values` is the column of the parent level they were flattened out of, `depth` the
    number of lists around each; or `picks`, when they are some of the parent's own rows."""

    __slots__ = ("_paths", "calls", "depth", "key", "parent", "picks", "values")

    def __init__(
        self,
        parent: Frame | None = None,
        key: str = "",
        values: Sequence[Any] = (),
        depth: int = 0,
        picks: Sequence[int] | None = None,
        calls: tuple[int, ...] = (),
    ) -> None:
        self.parent = parent
        self.key = key
        self.values = values
        self.depth = depth
        self.picks = picks
        self.calls = calls
        self._paths: list[Path] | None = None

    @property
    def paths(self) -> list[Path]:
        """The path of every row, in order."""
        if self._paths is None:
            self._paths = list(self._located())
        return self._paths

    def only(self, picks: Sequence[int]) -> Frame:
        """Some of these rows, by position."""
        return Frame(self, picks=picks, calls=self.calls)

    def _located(self) -> Iterator[Path]:
        if self.parent is None:
            yield ()
        elif self.picks is not None:
            above = self.parent.paths
            yield from (above[pick] for pick in self.picks)
        else:
            for path, value in zip(self.parent.paths, self.values, strict=True):
                yield from _below((*path, self.key), value, self.depth)


def _below(path: Path, value: Any, depth: int) -> Iterator[Path]:
    if value is None:
        return
    if depth == 0:
        yield path
    else:
        for index, item in enumerate(value):
            yield from _below((*path, index), item, depth - 1)


@dataclass(slots=True)
class Level:
    """How deep in the lists of one column we are; makes the frame of the rows that will be found there."""

    frame: Frame
    key: str
    depth: int
    calls: tuple[int, ...]
    outer: Sequence[Any] = ()

    def deeper(self, values: Sequence[Any]) -> Level:
        return Level(self.frame, self.key, self.depth + 1, self.calls, self.outer if self.depth else values)

    def frame_of(self, values: Sequence[Any]) -> Frame:
        return Frame(self.frame, self.key, self.outer if self.depth else values, self.depth, calls=self.calls)

    @property
    def whole(self) -> Frame:
        """Every position at this depth, empty ones included."""
        return Frame(self.frame, self.key, _filled(self.outer, self.depth), self.depth)


def _filled(values: Sequence[Any], depth: int) -> list[Any]:
    """The same lists, nothing in them null, so that every position has a path."""
    return [None if value is None else [True if item is None else item for item in value] for value in values]


@dataclass(frozen=True, slots=True)
class Records:
    """What a facet found for each row of a level, and the calls it came by."""

    records: Sequence[Any]
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of some rows of a level, or of a field of theirs; worked out when somebody wants to know."""

    frame: Frame
    picks: Sequence[int]
    key: str

    def __call__(self) -> Iterator[Path]:
        paths = self.frame.paths
        return ((*paths[i], self.key) if self.key else paths[i] for i in self.picks)
