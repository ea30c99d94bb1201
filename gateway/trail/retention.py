"""Forgetting by age: whole segments, from the beginning of a chain. An anchor is signed in place of what is dropped, so
that the rest still hangs from something, and nobody else can shorten a chain from that end."""

from __future__ import annotations

import sqlite3

from gateway.trail import store
from gateway.trail.book import HOUR_MS, Book
from gateway.trail.chain import ANCHOR, HEAD, Mark
from gateway.trail.ends import ending
from gateway.trail.record import BEGIN, now

LAST_BEGIN = "SELECT MAX(seq) FROM entry WHERE kind = ? AND chain = ? AND at < ?"
COUNTS_KEPT_HOURS = 8 * 24


def retain(book: Book, before: int) -> int:
    """Drop all segments that ended before this moment (epoch milliseconds). How many records that were."""
    db = book.opened()
    if book.tail is None or book.tail.began_at < before:
        book.new_segment()  # ends the one before
    dropped = 0
    for head in store.marks(db).values():
        with store.changing(db):
            dropped += _dropped(book, db, head, before)
    with store.changing(db):
        db.execute("DELETE FROM counted WHERE hour < ?", (before // HOUR_MS,))
    return dropped


def forget_counts(book: Book, now: int) -> None:
    """What readers are compared by is of days, not of years."""
    with store.changing(book.opened()) as db:
        db.execute("DELETE FROM counted WHERE hour < ?", (now // HOUR_MS - COUNTS_KEPT_HOURS,))


def _dropped(book: Book, db: sqlite3.Connection, head: Mark, before: int) -> int:
    last = _end(book, db, head, before) or _before_segment(book, db, head, before)
    row = db.execute("SELECT hash, at FROM entry WHERE chain = ? AND seq = ?", (head.chain, last)).fetchone()
    if row is None:
        return 0
    store.put_mark(db, book.signer.mark(ANCHOR, head.chain, last, *row))
    db.execute("DELETE FROM seen WHERE chain = ? AND seq <= ?", (head.chain, last))
    return db.execute("DELETE FROM entry WHERE chain = ? AND seq <= ?", (head.chain, last)).rowcount


def _end(book: Book, db: sqlite3.Connection, head: Mark, before: int) -> int:
    """The last record of a chain that ended by then, signed for; 0: it did not, or is broken."""
    (newest,) = db.execute("SELECT MAX(at) FROM entry WHERE chain = ?", (head.chain,)).fetchone()
    if newest is None or newest >= before or not _ended(book, head.chain):
        return 0
    end = ending(db, head, book.signer.public)
    if end is not None and end[0] != head.seq:  # its process was killed
        store.put_mark(db, book.signer.mark(HEAD, head.chain, *end, now()))
    return end[0] if end else 0


def _before_segment(book: Book, db: sqlite3.Connection, head: Mark, before: int) -> int:
    """The last record of the last segment that ended by then; 0: none did, or nobody of us has signed for it."""
    (begin,) = db.execute(LAST_BEGIN, (BEGIN, head.chain, before)).fetchone()
    last = int(begin or 0) - 1
    return last if last <= head.seq and head.signed_by(book.signer.public) else 0


def _ended(book: Book, chain: str) -> bool:
    """Whether nobody continues this chain just now."""
    if book.tail is None or chain == book.tail.chain:
        return False
    slot = chain.partition(".")[0]
    if slot == book.slot:
        return True
    lock = store.claimed(book.folder, slot)
    if lock is not None:
        lock.close()
    return lock is not None
