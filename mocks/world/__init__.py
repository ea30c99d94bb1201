"""The fictional company every mock server draws from, so that they agree with each other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mocks.world.imported import ImportedWorld
from mocks.world.model import Address, Customer, Hold, Line, Order, Product, Stock, World
from mocks.world.salesfile import BadWorld
from mocks.world.seeded import SEED, SeededWorld

__all__ = [
    "SEED",
    "SUPERSTORE",
    "Address",
    "BadWorld",
    "Customer",
    "Hold",
    "Line",
    "Order",
    "Product",
    "Stock",
    "World",
    "open_world",
]

SUPERSTORE = Path(__file__).with_name("superstore.toml")


def open_world(
    file: Path | None = None,
    mapping: Path | None = None,
    customers: int = 1_000,
    seed: int = SEED,
    now: datetime | None = None,
) -> World:
    """A company: of a sales file when there is one, else made up from `seed` with so many customers.

    mapping: what the columns of the file mean (TOML); Superstore's, when not given
    now:     the world's clock, a moment with offset; None: live, or a day after the newest event of the file
    Raises `BadWorld`, with a text for whoever gave the arguments.
    """
    if now is not None and now.tzinfo is None:
        raise BadWorld(f"the world's now needs an offset from UTC: {now.isoformat()}")
    if file is not None:
        return ImportedWorld(file, mapping or SUPERSTORE, seed, now)
    if mapping is not None:
        raise BadWorld(f"{mapping}: a mapping without a sales file")
    try:
        return SeededWorld(customers, seed, now)
    except ValueError as error:
        raise BadWorld(str(error)) from error
