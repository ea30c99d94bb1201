"""Once more, at most, and only where it can help: for reads, when the system surely did nothing with the request (no
connection, none of an answer, 502 to 504) or said itself when to come back, and when there is time for it.

Only the keys that failed are asked again. Retries are paid for: each call puts a tenth of one into the budget, so that
a system which fails everybody gets a tenth more to do, not twice as much.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from resolvers.backends.base import BackendError, Heard, Overdue, Paced, Throttled, TimedOut, Unavailable


@dataclass(frozen=True, slots=True)
class Rules:
    """share: of a retry, that each call earns; saved: retries that can be kept for later; backoff: seconds, the most
    that is waited when the system names no time; patience: seconds, the most that is waited when it does."""

    share: float = 0.1
    saved: float = 10.0
    backoff: float = 0.1
    patience: float = 1.0


class Budget:
    """What may be spent on retries of one system's calls. It begins empty."""

    def __init__(self, rules: Rules, dice: Callable[[], float] = random.random) -> None:
        self.rules = rules
        self.spent = 0
        self._left = 0.0
        self._dice = dice

    def earn(self) -> None:
        """A call was made."""
        self._left = min(self._left + self.rules.share, self.rules.saved)

    def pause(self, error: BackendError, left: float) -> float | None:
        """Seconds to wait before asking again, with so many seconds left; None: do not. Full jitter, on top of what
        the system has named."""
        named = error.retry_after or 0.0
        wait = named + self.rules.backoff * self._dice()
        if self._left < 1 - 1e-9 or named > self.rules.patience or wait >= left:
            return None
        return wait

    def spend(self) -> None:
        self._left -= 1
        self.spent += 1


def worth(error: BackendError, heard: Heard) -> bool:
    """Whether the same request can end better a moment later, and cannot have done anything by ending like this."""
    if isinstance(error, TimedOut | Overdue | Paced):
        return False
    return isinstance(error, Throttled) or (isinstance(error, Unavailable) and (error.unheard or heard.absent))
