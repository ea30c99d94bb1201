"""Many lists become one, page by page: whatever they hold, nothing is lost or told twice, and newcomers shift nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from resolvers.timeline import NEEDED
from resolvers.timeline.merging import Told, merged
from resolvers.timeline.places import DAY, SECOND, Behind, Happening, Place, behind
from resolvers.timeline.streams import STREAMS
from schema import TimelineKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("CONSENT", "INVOICE", "ORDER", "PAYMENT", "TOUCH")
DAYS = ("INVOICE", "PAYMENT")
LOWEST = "0"
Lists = Mapping[str, Sequence[Place]]


def listed(kind: str, places: Sequence[Place], first: int, at: Behind | None) -> Told:
    """As a system answers: so many rows behind a place of its own, in units of its own; one kind tells all it has."""
    rows = sorted(places, reverse=True)
    if kind == "CONSENT":
        return Told([Happening("X", one, "s", None) for one in rows])
    if at is not None:
        rows = [one for one in rows if (one.at, one.key) < at.of(DAY if kind in DAYS else SECOND, LOWEST)]
    shown = [Happening("X", one, "s", None) for one in rows[:first]]
    return Told(shown, shown[-1].place if len(rows) > first else None)


def page(
    lists: Lists, place: Place | None, first: int, since: datetime | None = None
) -> tuple[list[Place], Place | None]:
    told = [listed(kind, places, first, behind(kind, place)) for kind, places in lists.items()]
    stretch = merged(told, place, since, first)
    rows = [one.place for one in stretch.rows]
    return rows, (stretch.end or rows[-1]) if stretch.more else None


def all_pages(lists: Lists, first: int, since: datetime | None = None) -> list[Place]:
    read, place = list[Place](), None
    while True:
        rows, place = page(lists, place, first, since)
        read += rows
        if place is None:
            return read


def made(kind: str, step: int, key: int) -> Place:
    """A few moments only, so that much stands at the same one; days for who knows no more."""
    at = NOON - step * timedelta(hours=6)
    at = at.replace(hour=0) if kind in DAYS else at
    return Place(at, kind, f"{key + 1}")


LISTS = some.fixed_dictionaries(
    {
        kind: some.lists(
            some.builds(made, some.just(kind), some.integers(0, 9), some.integers(0, 8)), max_size=25, unique=True
        )
        for kind in KINDS
    }
)


@settings(max_examples=300)
@given(LISTS, some.integers(1, 7))
def test_every_row_is_read_once_and_in_order(lists: Lists, first: int) -> None:
    everything = sorted((one for places in lists.values() for one in places), reverse=True)
    assert all_pages(lists, first) == everything


@settings(max_examples=150)
@given(LISTS, some.integers(1, 7), some.integers(0, 9))
def test_since_a_moment_there_is_what_is_no_older(lists: Lists, first: int, step: int) -> None:
    since = NOON - step * timedelta(hours=6)
    young = sorted((one for places in lists.values() for one in places if one.at >= since), reverse=True)
    assert all_pages(lists, first, since) == young


@settings(max_examples=150)
@given(LISTS, some.integers(1, 7), LISTS)
def test_what_comes_in_before_a_place_shifts_nothing_behind_it(lists: Lists, first: int, more: Lists) -> None:
    rows, place = page(lists, None, first)
    if place is None:
        return
    grown = {
        kind: [*places, *(one for one in more[kind] if one > place and one not in places)]
        for kind, places in lists.items()
    }
    behind_it = page(lists, place, first)
    assert page(grown, place, first) == behind_it
    assert set(rows).isdisjoint(behind_it[0])


@settings(max_examples=150)
@given(LISTS, some.integers(1, 7))
def test_a_page_is_full_while_there_is_more(lists: Lists, first: int) -> None:
    place = None
    while True:
        rows, place = page(lists, place, first)
        if place is None:
            return
        assert len(rows) == first


@pytest.mark.parametrize(
    ("at", "unit", "place"),
    [
        (Behind(NOON, "k"), SECOND, (NOON, "k")),
        (Behind(NOON), SECOND, (NOON, LOWEST)),
        (Behind(NOON), DAY, (NOON.replace(hour=0) + DAY, LOWEST)),
        (Behind(NOON.replace(hour=0)), DAY, (NOON.replace(hour=0), LOWEST)),
        (Behind(NOON + timedelta(microseconds=1)), SECOND, (NOON + SECOND, LOWEST)),
    ],
)
def test_a_place_in_units_of_a_system_leaves_nothing_out(
    at: Behind, unit: timedelta, place: tuple[datetime, str]
) -> None:
    assert at.of(unit, LOWEST) == place


def test_every_kind_has_a_stream_and_a_need() -> None:
    assert set(STREAMS) == set(NEEDED) == set(TimelineKind)
