"""Where in the answer the positions of a level stand. Costs nothing until somebody has to be told a path.

Frames hang from each other as the answer does: from the root to a field of some rows (`under`), from there to the
items of its lists (`items`), and to some of either (`only`). Paths are worked out when the whole answer is known:
rows that do not exist for the caller leave no gap in the numbering of a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

Path = tuple[str | int, ...]


def pattern_of(path: Path) -> str:
    """Where all positions like this one are: `orders.nodes.*.number`."""
    return ".".join("*" if isinstance(step, int) else step for step in path)


def field_of(path: Path) -> Path:
    """The field that a position in its lists belongs to."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


class Frame:
    """One position: a path that is known. `calls`: the numbers of the calls that found what stands there."""

    __slots__ = ("_paths", "calls")

    def __init__(self, *path: str | int, calls: tuple[int, ...] = ()) -> None:
        self.calls = calls
        self._paths: list[Path] | None = [path]

    @property
    def paths(self) -> list[Path]:
        """The path of every position, in order."""
        if self._paths is None:
            self._paths = list(self._located())
        return self._paths

    def under(self, *steps: str | int, calls: tuple[int, ...] | None = None) -> Frame:
        """The same way below each position."""
        return _Under(self, steps, self.calls if calls is None else calls)

    def items(self, lists: Sequence[Any]) -> Items:
        """Every item of the lists that stand here, one list or null per position."""
        return Items(self, lists)

    def only(self, picks: Sequence[int]) -> Frame:
        """Some of these positions, by number."""
        return _Only(self, picks)

    def _located(self) -> Iterator[Path]:
        raise NotImplementedError


class _Hanging(Frame):
    __slots__ = ("above",)

    def __init__(self, above: Frame, calls: tuple[int, ...]) -> None:
        self.above = above
        self.calls = calls
        self._paths = None


class _Under(_Hanging):
    __slots__ = ("steps",)

    def __init__(self, above: Frame, steps: Path, calls: tuple[int, ...]) -> None:
        super().__init__(above, calls)
        self.steps = steps

    def _located(self) -> Iterator[Path]:
        return ((*path, *self.steps) for path in self.above.paths)


class _Only(_Hanging):
    __slots__ = ("picks",)

    def __init__(self, above: Frame, picks: Sequence[int]) -> None:
        super().__init__(above, above.calls)
        self.picks = picks

    def _located(self) -> Iterator[Path]:
        paths = self.above.paths
        return (paths[pick] for pick in self.picks)


class Items(_Hanging):
    """`gone`: numbers of the items that are left out of their list, and so have no position of their own."""

    __slots__ = ("gone", "lists")

    def __init__(self, above: Frame, lists: Sequence[Any]) -> None:
        super().__init__(above, above.calls)
        self.lists = lists
        self.gone: set[int] = set()

    def _located(self) -> Iterator[Path]:
        number = 0
        for path, value in zip(self.above.paths, self.lists, strict=True):
            index = 0
            for _ in value if isinstance(value, Collection) else ():  # null or broken: no items
                yield (*path, index)
                index += number not in self.gone
                number += 1
