"""Before anything is sent: which keys can be asked for, in which spelling, behind which row, portion by portion."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from resolvers.backends.base import Gap, Key, Unusable
from resolvers.backends.remedy import language
from resolvers.backends.remedy.paging import Keys, Position

Spell = Callable[[str], str | None]


def number(text: str) -> str | None:
    """A customer number without leading zeros."""
    return text.strip().lstrip("0") or None


def askable(field: str, keys: Sequence[Key], spell: Spell) -> tuple[Keys, dict[Key, Any]]:
    """Keys that can be asked for, in one spelling, and those that can never be. What cannot exist is in neither."""
    spellings: dict[str, list[str]] = {}
    refused: dict[Key, Any] = {}
    written: dict[str, str] = {}
    for key in keys:
        if not isinstance(key, str) or not 0 < len(key) <= language.LONGEST:
            continue
        try:
            written[key] = language.text(key)
        except Unusable as error:
            refused[key] = error
            continue
        if one := spell(key):
            known = spellings.setdefault(one, [one])
            known += [key] if key not in known else []
    named = language.field(field)
    terms = {
        key: [f"{named} = {written.get(one) or language.text(one)}" for one in some] for key, some in spellings.items()
    }
    return Keys(field, spellings, terms, spell), refused


def position(after: Sequence[Any] | None) -> Position | None:
    if after is None:
        return None
    opened_at, number = after
    return datetime.fromisoformat(opened_at), str(number)


def among(field: str, labels: Sequence[tuple[str, bool]]) -> list[str]:
    """A condition for a selection to be one of these labels, or none of those."""
    if not labels:
        return []
    either = language.any_of(language.equal(field, label) for label, _ in labels)
    return [either if labels[0][1] else f"NOT {either}"]


def one_of(field: str, values: Sequence[str]) -> list[str]:
    """A condition for a field to be exactly one of these; none for none."""
    return [language.any_of(language.equal(field, value) for value in values)] if values else []


async def each(
    portions: Iterable[Sequence[str]], ask: Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]
) -> dict[str, Any]:
    """All portions side by side; a failure is its own portion's answer."""

    async def one(portion: Sequence[str]) -> Mapping[str, Any]:
        try:
            return await ask(portion)
        except Gap as gap:
            return dict.fromkeys(portion, gap)

    listed = list(portions)
    if len(listed) == 1:
        return dict(await one(listed[0]))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(portion)) for portion in listed]
    return {key: answer for task in tasks for key, answer in task.result().items()}
