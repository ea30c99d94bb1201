"""Where chains end: beyond their signed heads, as far as records hang from them.

A head is signed with the first commit of a process, then `audit.sign_ms` after the one before it at the latest, and
when the process ends. What was committed since hangs from the last head, and nobody has signed for it: after a kill,
that is what was written in those milliseconds. All of it is there, and `verify` says how much it is; but until the next
process of the folder signs for it, whoever can write to the file could take it off, or hang something else there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from gateway.trail import store
from gateway.trail.chain import ANCHOR, HEAD, Mark, Signer, linked
from gateway.trail.record import now

AFTER = """
SELECT CAST(seq AS INTEGER), CAST(record AS BLOB), CAST(hash AS BLOB) FROM entry WHERE chain = ? AND seq > ?
ORDER BY seq
"""


def ending(db: sqlite3.Connection, head: Mark) -> tuple[int, bytes] | None:
    """Number and hash of the last record; None when the head's own is not there, or what follows hangs from something
    else."""
    if not _stands(db, head):
        return None
    seq, hashed = head.seq, head.hash
    for number, record, told in db.execute(AFTER, (head.chain, head.seq)):
        if number != seq + 1 or linked(hashed, record) != told:
            return None
        seq, hashed = number, told
    return seq, hashed


def signed_ends(db: sqlite3.Connection, signer: Signer) -> Iterator[Mark]:
    """A head for the end of each chain, signed here and now; where it is broken, the one that is stored."""
    for head in store.marks(db).values():
        end = ending(db, head) if head.signed_by(signer.public) else None
        yield head if end is None or end[0] == head.seq else signer.mark(HEAD, head.chain, *end, now())


def _stands(db: sqlite3.Connection, head: Mark) -> bool:
    row = db.execute("SELECT hash FROM entry WHERE chain = ? AND seq = ?", (head.chain, head.seq)).fetchone()
    dropped = store.marks(db, ANCHOR).get(head.chain)
    return bool((row and row[0] == head.hash) or (dropped and (dropped.seq, dropped.hash) == (head.seq, head.hash)))
