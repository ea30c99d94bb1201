"""Why a value is missing: the error map drawn in the package's docstring."""

from __future__ import annotations

from collections.abc import Mapping


class Gap(Exception):
    """A value that is missing for a stated cause. `code` and `reason` are the published words for it."""

    code: str = "INTERNAL"
    reason: str = "NOT_LOADED"
    retryable: bool = False
    system: str | None = None
    retry_after: float | None = None


class Ambiguous(Gap):
    code = "AMBIGUOUS"
    reason = "AMBIGUOUS"


class Unusable(Gap):
    code = "BAD_VARIABLE"


class Holes(Gap):
    """The error beside a list whose items are known, but for those at some places: `at` says why for each."""

    def __init__(self, at: Mapping[int, Gap]) -> None:
        super().__init__(f"items {sorted(at)}")
        self.at = at


class BackendError(Gap):
    """`unheard`: the request has surely come to nothing there, so that a read may be sent again at once."""

    code = "BACKEND_UNAVAILABLE"
    reason = "UNAVAILABLE"
    unheard = False

    def __init__(self, system: str, why: str, retry_after: float | None = None) -> None:
        super().__init__(f"{system}: {why}")
        self.system = system
        self.retry_after = retry_after


class Unavailable(BackendError):
    retryable = True


class TimedOut(Unavailable):
    code = "BACKEND_TIMEOUT"


class Overdue(Unavailable):
    code = "DEADLINE"
    reason = "NOT_LOADED"


class Saturated(BackendError):
    code = "SATURATED"
    reason = "NOT_LOADED"
    retryable = True


class Throttled(BackendError):
    code = "BACKEND_THROTTLED"
    retryable = True


class Paced(Throttled):
    """It would have, had we asked: so we did not."""

    reason = "NOT_LOADED"


class Refused(BackendError):
    code = "BACKEND_REFUSED"


class Garbled(BackendError):
    code = "BACKEND_GARBLED"
