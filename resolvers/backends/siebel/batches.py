"""Many keys, in as few requests as they fit in, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from resolvers.backends.base import BackendError, Gap
from resolvers.backends.siebel import searchspec

T = TypeVar("T")

MOST_KEYS = 40
LONGEST_SEARCH = 3000  # characters, encoded; with fields and path the request line stays below 4 kB

Batch = Callable[[list[str]], Awaitable[dict[str, T]]]


async def batched(terms: Mapping[str, str], ask: Batch[T | Gap]) -> dict[str, T | Gap]:
    """Batches side by side. One that fails costs its own keys; when all fail, so does the question."""

    async def attempt(batch: list[str]) -> dict[str, T | Gap] | BackendError:
        try:
            return await ask(batch)
        except BackendError as error:
            return error

    batches = list(searchspec.packed(terms, MOST_KEYS, LONGEST_SEARCH))
    if len(batches) == 1:
        return await ask(batches[0])  # without a task of its own
    answers = await asyncio.gather(*map(attempt, batches))
    failures = [answer for answer in answers if isinstance(answer, BackendError)]
    if failures and len(failures) == len(batches):
        raise failures[0]
    found: dict[str, T | Gap] = {}
    for batch, answer in zip(batches, answers, strict=True):
        found |= dict.fromkeys(batch, answer) if isinstance(answer, BackendError) else answer
    return found
