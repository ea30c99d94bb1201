"""What one process of a test run makes for all of them: made by the first that needs it, while the others wait."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def shared(tmp: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """What `make` makes: plain values, which are the same whichever process makes them."""
    with _locked(_kept(tmp, name), fcntl.LOCK_EX) as kept:
        return _found(kept, make)


def divided(tmp: pytest.TempPathFactory, name: str, makes: Sequence[Callable[[], T]]) -> list[T]:
    """What each of these makes: every process takes one that no other is at, for as long as there is any."""
    for number, make in enumerate(makes):
        with suppress(BlockingIOError), _locked(_kept(tmp, f"{name}-{number}"), fcntl.LOCK_EX | fcntl.LOCK_NB) as kept:
            _found(kept, make)
    return [shared(tmp, f"{name}-{number}", make) for number, make in enumerate(makes)]


def _kept(tmp: pytest.TempPathFactory, name: str) -> Path:
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    return (tmp.getbasetemp() if alone else tmp.getbasetemp().parent) / f"{name}.made"


@contextmanager
def _locked(kept: Path, how: int) -> Iterator[Path]:
    with Path(f"{kept}.lock").open("w") as lock:
        fcntl.flock(lock, how)  # let go of by the system, too, when this process ends
        yield kept


def _found(kept: Path, make: Callable[[], T]) -> T:
    if not kept.exists():
        made = make()
        kept.write_bytes(pickle.dumps(made))
        return made
    found: T = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
    return found
