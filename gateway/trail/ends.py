"""Where chains end: beyond their signed heads, as far as records hang from them.

A head is signed with the first commit of a process, then `audit.sign_ms` after the one before it at the latest, and
when the process ends; also in the commit of the first record that comes later than that (after a rest). So no unsigned
record is ever later than its head by more than `audit.sign_ms`, whenever a process is killed, and that moment is signed
beside the head (`until`): a setting that was changed since says nothing of it.

What does not end so is left as it is, neither continued nor signed for, and `verify` tells of it: records that hang
from something else, and records later than that moment, as there are when a head of an earlier day is put back.

What remains to whoever can write to the file, and has not the key: to cut off what is unsigned, or put something else
in its place that says it was written by that moment. With the marks of an earlier day put back, too, that holds from
that day on: all that follows can be cut off, or replaced by what says that it was written within `audit.sign_ms` of
that head. Only marks elsewhere tell: heads that were kept (`audit heads`), and the beginnings of other chains.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from gateway.trail import store
from gateway.trail.chain import ANCHOR, HEAD, UNTIL, Mark, Signer, linked
from gateway.trail.record import moment, now

AFTER = """
SELECT CAST(seq AS INTEGER), CAST(at AS INTEGER), CAST(record AS BLOB), CAST(hash AS BLOB) FROM entry
WHERE chain = ? AND seq > ? ORDER BY seq
"""
NEVER = -1


def ending(db: sqlite3.Connection, head: Mark, public: bytes) -> tuple[int, bytes] | None:
    """Number and hash of the last record; None where that is nothing we would have left: the head is not ours, its
    record is not there, or what follows hangs from something else or is too late for it."""
    if not head.signed_by(public) or not _stands(db, head):
        return None
    seq, hashed, until = head.seq, head.hash, _until(db, head, public)
    for number, at, record, told in db.execute(AFTER, (head.chain, head.seq)):
        if number != seq + 1 or linked(hashed, record) != told or at > until or not _written_at(record, at):
            return None
        seq, hashed = number, told
    return seq, hashed


def signed_ends(db: sqlite3.Connection, signer: Signer) -> Iterator[Mark]:
    """A head for the end of each chain, signed here and now; where it is broken, the one that is stored."""
    for head in store.marks(db).values():
        end = ending(db, head, signer.public)
        yield head if end is None or end[0] == head.seq else signer.mark(HEAD, head.chain, *end, now())


def broken_ends(db: sqlite3.Connection, public: bytes) -> list[str]:
    """Chains that do not end as they were written."""
    return sorted(head.chain for head in store.marks(db).values() if ending(db, head, public) is None)


def _until(db: sqlite3.Connection, head: Mark, public: bytes) -> int:
    """The last moment of what may hang from this head unsigned; of other heads' it says nothing."""
    mark = store.marks(db, UNTIL).get(head.chain)
    ours = mark is not None and (mark.seq, mark.hash) == (head.seq, head.hash) and mark.signed_by(public)
    return mark.at if mark and ours else NEVER


def _written_at(record: bytes, at: int) -> bool:
    """Whether a record says so itself: the number beside it is not hashed."""
    try:
        return bool(msgspec.json.decode(record, type=dict[str, object]).get("at") == moment(at))
    except (ValueError, OverflowError, msgspec.MsgspecError):
        return False


def _stands(db: sqlite3.Connection, head: Mark) -> bool:
    row = db.execute("SELECT hash FROM entry WHERE chain = ? AND seq = ?", (head.chain, head.seq)).fetchone()
    dropped = store.marks(db, ANCHOR).get(head.chain)
    return bool((row and row[0] == head.hash) or (dropped and (dropped.seq, dropped.hash) == (head.seq, head.hash)))
