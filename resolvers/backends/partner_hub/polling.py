"""Following a transaction: what was written is taken at once, and what became of it is read until it is known.

Reads, so asking again does no harm. They come at growing intervals, at most one a second, and end while there is time
left to say how it stands: what is still Processing then is no error.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from resolvers.backends.base import Garbled, Overdue, Refused, Throttled, Wire
from resolvers.backends.partner_hub.line import Line
from resolvers.backends.partner_hub.records import StatusReply, Transaction

STATUSES = frozenset({"Processing", "Success", "Failure"})
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
ENDING = 0.1  # seconds left to whoever waits for the answer


async def followed(line: Line, wire: Wire, root: str, key: str) -> Transaction | None:
    """None: there is no such transaction. Raises BackendError when nothing is known of it at all."""
    known: Transaction | None = None
    pause = FIRST_PAUSE
    while True:
        try:
            known = await _status(line, wire, root, key)
        except (Overdue, Throttled):
            if known is None:
                raise
            return known
        if known is None or known.status != "Processing":
            return known
        if wire.deadline.remaining() - pause <= wire.floor + ENDING:
            return known
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _status(line: Line, wire: Wire, root: str, key: str) -> Transaction | None:
    reply = await line.get(wire, f"{root}/transactions/{quote(key, safe='')}", StatusReply)
    if reply is None:
        return None
    if reply.payload is None:
        raise Refused(wire.system, "no status of a transaction")
    told = reply.payload.transaction_status
    if told.transaction_id != key or told.status not in STATUSES:
        raise Garbled(wire.system, "another transaction, or in a state that is none")
    return Transaction(key, told.status, tuple(f"{one.code}: {one.message}" for one in told.errors))
