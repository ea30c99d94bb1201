"""Qualifications and addresses. Whatever a caller gave is a quoted text here, and nothing else.

A quote within a text is doubled. LIKE's wildcards have no escape: where the text has one, `_` (any one character) is
asked for, and whoever asks compares the rows it gets.

A date has no offset there: it is the server's wall clock (`timezone`). Where clocks go back, one reading means two
moments: there, more is asked for than is meant, and again the rows are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from resolvers.backends.base import Unusable
from resolvers.backends.base.length import at_most
from resolvers.backends.base.quoting import quoted

WILDCARD = re.compile(r"[%_\[\]]")
FIELD = re.compile(r"[^'\",()\x00-\x1f\x7f]{1,254}")
LONGEST = 254
"""Characters; no field we look up by is wider. What is longer is not there."""

ROOM = 4_000
"""Bytes of keys in one address. Web servers take some 8 kB in all."""

AMBIGUOUS = timedelta(hours=2)


def field(name: str) -> str:
    """Raises ValueError for what cannot be a field's name."""
    if not FIELD.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a field")
    return f"'{name}'"


def text(value: str) -> str:
    """Raises Unusable for control characters and half characters, which no key has."""
    if not value.isprintable() and any(unicodedata.category(mark) in ("Cc", "Cs") for mark in value):
        raise Unusable("It has control characters in it, which nothing in the help desk's keys has.")
    return '"' + value.replace('"', '""') + '"'


def equal(name: str, value: str) -> str:
    return f"{field(name)} = {text(value)}"


def any_of(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(conditions)})"


def contains(name: str, value: str) -> str:
    """Rows whose field has this text in it, and perhaps some that only look like it."""
    return f"{field(name)} LIKE {text('%' + WILDCARD.sub('_', value) + '%')}"


def exact(value: str) -> bool:
    """Whether `contains` finds just what is meant."""
    return not WILDCARD.search(value)


class Clock:
    """The server's wall clock, as dates in a qualification are on."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def since(self, name: str, at: datetime) -> str:
        """From this moment on."""
        return f"{field(name)} >= {self._moment(at - AMBIGUOUS if self._ambiguous(at) else at)}"

    def before(self, name: str, at: datetime) -> str:
        return f"{field(name)} < {self._moment(at + AMBIGUOUS if self._ambiguous(at) else at)}"

    def below(self, name: str, at: datetime, key: str, last: str) -> str:
        """What comes after a row when the newest come first; of one moment, the greatest key."""
        if self._ambiguous(at):
            return self.before(name, at)
        moment = self._moment(at)
        return f"({field(name)} < {moment} OR ({field(name)} = {moment} AND {field(key)} < {text(last)}))"

    def beyond(self, name: str, at: datetime, key: str, last: str) -> str:
        """What comes after a row when the oldest come first."""
        if self._ambiguous(at):
            return self.since(name, at)
        moment = self._moment(at)
        return f"({field(name)} > {moment} OR ({field(name)} = {moment} AND {field(key)} > {text(last)}))"

    def _moment(self, at: datetime) -> str:
        if at.tzinfo is None:
            raise ValueError(f"{at} has no offset")
        wall = self._wall(at)
        return text(f"{wall:%m/%d}/{wall.year:04d} {wall:%H:%M:%S}")  # `%Y` has no leading zeros everywhere

    def _wall(self, at: datetime) -> datetime:
        """At the very ends of the calendar there is no other clock than the moment's own."""
        try:
            return at.astimezone(self._zone)
        except OverflowError:
            return at

    def _ambiguous(self, at: datetime) -> bool:
        wall = self._wall(at)
        return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def portions(terms: Mapping[str, Sequence[str]], most: int) -> Iterator[list[str]]:
    """Keys in lists of at most so many, whose conditions fit one address."""
    told = [one for conditions in terms.values() for one in conditions]
    if 0 < len(terms) <= most and at_most("".join(told)) + 8 * len(told) <= ROOM:
        yield list(terms)  # however much of it has to be encoded, so that nothing need be measured
        return
    portion: list[str] = []
    left = ROOM
    for key, conditions in terms.items():
        size = sum(len(quoted(condition)) + 8 for condition in conditions)
        if portion and (len(portion) == most or size > left):
            yield portion
            portion, left = [], ROOM
        portion.append(key)
        left -= size
    if portion:
        yield portion
