"""What every adapter shares: the question (`Call`), the answer (`Outcome`), the wire, and how a system can let us down.

    Gap                    why a value is missing, though the caller may see it
    ├─ Ambiguous           AMBIGUOUS            several rows fit, and we will not guess
    ├─ Unusable            BAD_VARIABLE         the caller's own value cannot be used; the text says why
    ├─ Holes               one cause each       a list that is there, but for the items at some places
    └─ BackendError        the text is for our log, never for a caller
       ├─ Unavailable      BACKEND_UNAVAILABLE  no connection, connection lost, 5xx; worth trying again
       │  ├─ TimedOut      BACKEND_TIMEOUT      no complete answer within the attempt's time
       │  └─ Overdue       DEADLINE             the operation's own time is used up
       ├─ Saturated        SATURATED            it was not asked: too many wait for it already
       ├─ Throttled        BACKEND_THROTTLED    it asked us to come back later
       │  └─ Paced                              …or would have: so it was not asked
       ├─ Refused          BACKEND_REFUSED      it understood us and said no: our request or our credentials
       └─ Garbled          BACKEND_GARBLED      it answered, but not in its own format

An adapter is a class with `Operation`s. An operation takes many keys and gives an answer for each, or raises one of
the errors above for all of them; per-key errors are returned as values. It asks only for the columns it is given.

What an operation does is one `Call`; each HTTP request it takes is an *exchange*, of its own time and in its own turn.
What is said here is about exchanges; whether, when and how often a call is made is for `gateway.traffic`.
"""

from __future__ import annotations

from resolvers.backends.base.adapter import (
    KEPT,
    Adapter,
    Bears,
    Call,
    Columns,
    Connection,
    Key,
    Kind,
    Operation,
    Outcome,
    Source,
    Tls,
    operation,
)
from resolvers.backends.base.gaps import (
    Ambiguous,
    BackendError,
    Gap,
    Garbled,
    Holes,
    Overdue,
    Paced,
    Refused,
    Saturated,
    Throttled,
    TimedOut,
    Unavailable,
    Unusable,
)
from resolvers.backends.base.timing import (
    Deadline,
    Pace,
    Slots,
    Until,
)
from resolvers.backends.base.wire import (
    JSON,
    ON_BEHALF,
    TRACEPARENT,
    Flow,
    Heard,
    Login,
    Pass,
    Reply,
    Request,
    Send,
    TooLarge,
    Unheard,
    Unreadable,
    Wire,
)

__all__ = [
    "JSON",
    "KEPT",
    "ON_BEHALF",
    "TRACEPARENT",
    "Adapter",
    "Ambiguous",
    "BackendError",
    "Bears",
    "Call",
    "Columns",
    "Connection",
    "Deadline",
    "Flow",
    "Gap",
    "Garbled",
    "Heard",
    "Holes",
    "Key",
    "Kind",
    "Login",
    "Operation",
    "Outcome",
    "Overdue",
    "Pace",
    "Paced",
    "Pass",
    "Refused",
    "Reply",
    "Request",
    "Saturated",
    "Send",
    "Slots",
    "Source",
    "Throttled",
    "TimedOut",
    "Tls",
    "TooLarge",
    "Unavailable",
    "Unheard",
    "Unreadable",
    "Until",
    "Unusable",
    "Wire",
    "operation",
]
