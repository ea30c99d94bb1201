"""Cursors: good for the list, the arguments, the parent and the class of viewers they were made for, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.engine.cursors import Sealer
from resolvers.backends.base import Unusable

POSITION = ["2016-11-08", 7, None]
ARGUMENTS = {"first": 20, "after": None, "sort": {"by": "PLACED_AT"}, "ids": ["a", "b"]}


def bound(
    coordinate: str = "Customer.orders", arguments: Any = ARGUMENTS, viewer: str = "me", secret: bytes = b"s"
) -> Any:
    return Sealer(secret).bound(coordinate, arguments, viewer)


def test_a_cursor_opens_to_the_position_it_was_made_of_even_after_a_restart() -> None:
    cursor = bound().seal("customer-1", POSITION)

    assert bound().open("customer-1", cursor) == POSITION
    assert cursor == bound().seal("customer-1", POSITION)


def test_the_length_of_the_page_may_change_from_page_to_page() -> None:
    cursor = bound().seal("customer-1", POSITION)

    assert bound(arguments=ARGUMENTS | {"first": 3, "after": cursor}).open("customer-1", cursor) == POSITION


@pytest.mark.parametrize(
    ("other", "parent"),
    [
        ({"coordinate": "Customer.tickets"}, "customer-1"),
        ({"arguments": ARGUMENTS | {"sort": {"by": "TOTAL"}}}, "customer-1"),
        ({"arguments": {name: value for name, value in ARGUMENTS.items() if name != "ids"}}, "customer-1"),
        ({"arguments": ARGUMENTS | {"more": None}}, "customer-1"),
        ({"viewer": "you"}, "customer-1"),
        ({"secret": b"t"}, "customer-1"),
        ({}, "customer-2"),
        ({}, ""),
    ],
)
def test_elsewhere_it_does_not_open(other: dict[str, Any], parent: str) -> None:
    cursor = bound().seal("customer-1", POSITION)

    with pytest.raises(Unusable):
        bound(**other).open(parent, cursor)


@pytest.mark.parametrize("wrong", ["", "x", "not a cursor", "äöü", "=", "AAAA" * 20, "\ud800"])
def test_what_is_no_cursor_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(Unusable):
        bound().open("customer-1", wrong)


def test_a_cursor_that_was_touched_does_not_open() -> None:
    cursor = bound().seal("customer-1", POSITION)
    for place in range(0, len(cursor), 5):
        touched = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(Unusable):
            bound().open("customer-1", touched)


def test_a_cursor_says_nothing_of_the_position() -> None:
    assert "2016" not in bound().seal("customer-1", POSITION)
