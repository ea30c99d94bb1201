"""Showing a part of a value: same GraphQL type, listed as `MASKED`, and the same mask for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Mask = Callable[[Any], Any]


def initial(value: str) -> str:
    """`Claire Gute` → `C.`"""
    return f"{value[:1]}." if value else value


def last_four(value: str) -> str:
    """`+49 30 1234567` → `••• 4567`"""
    return f"••• {value[-4:]}"


def domain(value: str) -> str:
    """`claire@example.test` → `•••@example.test`"""
    _, at, host = value.rpartition("@")
    return f"•••{at}{host}" if at else "•••"


MASKS: Mapping[str, Mask] = {"initial": initial, "last_four": last_four, "domain": domain}
"""By the name `roles.toml` uses."""
