"""What one process of a test run makes for all of them: made by the first that needs it, while the others wait."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def shared(tmp: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """What `make` makes: plain values, which are the same whichever process makes them."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    kept = (tmp.getbasetemp() if alone else tmp.getbasetemp().parent) / f"{name}.made"
    with Path(f"{kept}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the system, too, when this process ends
        if not kept.exists():
            made = make()
            kept.write_bytes(pickle.dumps(made))
            return made
        found: T = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
        return found
