"""What resolvers answer: one outcome per parent, or it is a bug of theirs; and which parents got none, by cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resolvers.backends.base import Gap, Holes, Outcome

GOOD = frozenset({Outcome})


def by_cause(found: Sequence[Outcome[Any]], gap: Callable[[object], Gap]) -> list[tuple[Gap, list[int]]]:
    """Which parents got no answer. `gap`: what an error that a resolver gave stands for."""
    failed: dict[tuple[str | None, str, float | None], tuple[Gap, list[int]]] = {}
    for i, outcome in enumerate(found):
        if outcome.error is not None and not isinstance(outcome.error, Holes):
            told = gap(outcome.error)
            failed.setdefault((told.system, told.code, told.retry_after), (told, []))[1].append(i)
    return list(failed.values())


def must_fit(found: Any, parents: int, batch: Any) -> None:
    """Raises TypeError, which names the resolver: the caller hears a reference only, the log hears this."""
    if not isinstance(found, list | tuple):
        raise TypeError(f"{_named(batch)} answered {type(found).__name__}, which is no list of outcomes")
    if len(found) != parents:
        raise TypeError(f"{_named(batch)} answered {len(found)} outcomes for {parents} parents")
    if not GOOD.issuperset(map(type, found)):
        strange = set(map(type, found)) - GOOD
        raise TypeError(f"{_named(batch)} answered {min(kind.__name__ for kind in strange)}, which is no outcome")


def _named(batch: Any) -> str:
    return getattr(batch, "__qualname__", repr(batch))
