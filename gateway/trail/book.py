"""Writes records: many answers' in one transaction, each hung from the one before it; and at intervals signs the head.

One per process, used by one thread. Each process continues a chain that nobody else writes, `w1.…` the first of a
folder, `w2.…` the second at the same time; so a chain outlives its process, and no two processes wait for each other
longer than a commit takes.

A commit outlives its process, however that ends. A machine that ends (power, kernel) may lose what was committed in the
last `signing` seconds, and the heads that sign for it with it.

A segment begins with every start of a process, every day, and after so many records. What records refer to (documents,
policies) is written once in each, so that a segment can be read without those before it, and dropped without those
after it.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.trail import store
from gateway.trail.chain import HEAD, UNTIL, Signer, linked, origin
from gateway.trail.ends import ending
from gateway.trail.record import BEGIN, Entry, members, moment, now
from gateway.trail.vault import Tagged, Vault

LOG = logging.getLogger("gateway.trail")
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
COUNTED_KNOWN = 50_000


@dataclass(slots=True)
class Tail:
    """Where a chain ends. `began`, `began_at`: the segment's first record, 0: none yet; `told`: what the segment has of
    what records refer to; `signed`: the last record that a head signs for on the disk, at `signed_at` of the clock;
    `newest`: the latest moment of what no head signs for, `until`: the latest that may be; `counted`: who was counted
    in that hour as having read of whom."""

    chain: str
    seq: int
    hash: bytes
    began_at: int = 0
    began: int = 0
    told: set[tuple[str, str]] = field(default_factory=set)
    signed: int = 0
    signed_at: float = 0.0
    newest: int = 0
    until: int = 0
    hour: int = 0
    counted: set[tuple[str, str, bytes]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a batch adds to the tables: each is handed to SQLite once, and not row by row."""

    entries: list[tuple[str, int, int, str, str, bytes, bytes]] = field(default_factory=list)
    seen: list[tuple[bytes, int, str, int]] = field(default_factory=list)
    counted: list[tuple[int, str, str, bytes]] = field(default_factory=list)

    def put(self, db: sqlite3.Connection) -> None:
        db.executemany(store.ENTRY, self.entries)
        db.executemany(store.SEEN, self.seen)
        db.executemany(store.COUNTED, self.counted)


@dataclass(slots=True)
class Book:
    """segment:  most records of one
    patience: seconds that a locked file is waited for
    signing:  seconds after which the head is signed, and all of it flushed to the disk; 0: with every commit
    """

    folder: Path
    signer: Signer
    vault: Vault
    segment: int = 10_000
    patience: float = 1.0
    signing: float = 0.0
    ticks: Callable[[], float] = time.monotonic
    db: sqlite3.Connection | None = None
    tail: Tail | None = None
    slot: str = ""
    file: tuple[int, int] | None = None
    lock: sqlite3.Connection | None = field(default=None, repr=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = str(self.folder / store.FILE)

    def write(self, entries: Sequence[Entry]) -> None:
        """All of them, or none; without any, the head is signed. Raises sqlite3.Error or OSError; then the file is
        opened anew the next time, because nobody knows what became of the last commit."""
        try:
            db = self.opened()
            flushed = not (entries and self.signing and self.tail and self.tail.began)
            with store.changing(db, flushed=flushed):
                self.vault.follow(db)
                tail = self.tail or self._continued(db)
                self._written(db, tail, entries)
                if flushed or tail.newest > tail.until:
                    self._sign(db, tail)
            if flushed:
                tail.signed, tail.signed_at = tail.seq, self.ticks()
            self.tail = tail
        except BaseException:
            self.close_file()
            raise

    def settle(self) -> None:
        """Sign the head, if that is due. Raises as `write` does."""
        tail = self.tail
        if tail is not None and tail.signed < tail.seq and self.ticks() >= tail.signed_at + self.signing:
            self.write(())

    def opened(self) -> sqlite3.Connection:
        """The file that stands there now: one that was taken away meanwhile would be written to all the same."""
        if self.db is not None and self.file != store.identity(self.path):
            LOG.error("the audit trail is another file than it was")
            self.close_file()
        if self.db is None:
            self.db = store.opened(self.folder, self.patience)
            self.file = store.identity(self.path)
        return self.db

    def close_file(self) -> None:
        if self.db is not None:
            self.db.close()
        self.db = self.tail = None

    def close(self) -> None:
        """A chain that ends in good order ends signed, also when that has failed before."""
        if self.lock is not None and (self.tail is None or self.tail.signed < self.tail.seq):
            try:
                self._end_signed()
            except (sqlite3.Error, OSError) as error:
                LOG.warning("the audit chain of %s ends without a signed head: %s", self.slot, error)
        self.close_file()
        if self.lock is not None:
            self.lock.close()
        self.lock = None

    # -- the chain ------------------------------------------------------------------------------------------------

    def _end_signed(self) -> None:
        db = self.opened()
        with store.changing(db):
            tail = self.tail or self._continued(db)
            if tail.signed < tail.seq:
                self._sign(db, tail)

    def _continued(self, db: sqlite3.Connection) -> Tail:
        """The end of our chain. One that does not end as it was written is left as it is, for `verify` to tell of."""
        slot = self.held()
        mine = [head for head in store.marks(db).values() if head.chain.startswith(f"{slot}.")]
        head = max(mine, key=lambda one: one.at, default=None)
        if head is not None:
            end = ending(db, head, self.signer.public)
            if end is not None:
                return Tail(head.chain, *end, signed=head.seq)
            LOG.error("the audit chain %s does not end as it was written: see `customer360 audit verify`", head.chain)
        chain = f"{slot}.{secrets.token_hex(3)}"
        return Tail(chain, 0, origin(chain))

    def held(self) -> str:
        """The first slot that no other process holds; kept until `close`."""
        numbers = itertools.count(1)
        while self.lock is None:
            self.slot = f"w{next(numbers)}"
            self.lock = store.claimed(self.folder, self.slot)
        return self.slot

    def new_segment(self) -> None:
        """Begin one now. Raises as `write` does."""
        if self.tail is not None:
            self.tail.began = 0
        self.write(())

    def _written(self, db: sqlite3.Connection, tail: Tail, entries: Sequence[Entry]) -> None:
        """`tail` moves along. What becomes of it when this fails is nobody's business: see `write`."""
        rows = Rows()
        if not tail.began:
            self._begin(db, tail, rows, "start")
        for entry in entries:
            if why := self._new_segment(tail, entry.at):
                self._begin(db, tail, rows, why)
            for one in entry.referred:
                if (one.kind, one.ref) not in tail.told:
                    self._append(db, tail, rows, Entry(one.kind, entry.at, one.body, ref=one.ref))
                    tail.told.add((one.kind, one.ref))
            self._append(db, tail, rows, entry)
        rows.put(db)

    def _sign(self, db: sqlite3.Connection, tail: Tail) -> None:
        at, end = now(), (tail.chain, tail.seq, tail.hash)
        tail.newest, tail.until = 0, at + round(self.signing * 1000)
        store.put_mark(db, self.signer.mark(HEAD, *end, at))
        if self.signing:  # else nothing is ever there that no head signs for
            store.put_mark(db, self.signer.mark(UNTIL, *end, tail.until))

    def _new_segment(self, tail: Tail, at: int) -> str:
        if at // DAY_MS > tail.began_at // DAY_MS:
            return "day"
        return "full" if tail.seq - tail.began >= self.segment else ""

    def _begin(self, db: sqlite3.Connection, tail: Tail, rows: Rows, why: str) -> None:
        """It names the heads of all other chains: none of them can be taken away whole without that being seen."""
        at = now()
        others = {one.chain: [one.seq, one.hash.hex()] for one in store.marks(db).values() if one.chain != tail.chain}
        self._append(db, tail, rows, Entry(BEGIN, at, members({"why": why, "others": others})))
        tail.began, tail.began_at = tail.seq, at
        tail.told.clear()

    def _append(self, db: sqlite3.Connection, tail: Tail, rows: Rows, entry: Entry) -> None:
        about = [self.vault.tagged(db, one) for one in entry.subjects]
        caller = self.vault.tagged(db, entry.caller) if entry.caller else None
        tail.seq += 1
        record = _bytes(tail.chain, tail.seq, entry, about, caller)
        tail.hash, tail.newest = linked(tail.hash, record), max(tail.newest, entry.at)
        rows.entries.append((tail.chain, tail.seq, entry.at, entry.kind, entry.ref, record, tail.hash))
        rows.seen.extend([(one.tag, entry.at, tail.chain, tail.seq) for one in about])
        if about and entry.reader:
            rows.counted.extend(_counted(tail, entry.at // HOUR_MS, entry.reader, about))


def _counted(
    tail: Tail, hour: int, reader: tuple[str, str], about: Sequence[Tagged]
) -> Sequence[tuple[int, str, str, bytes]]:
    """Once for each reader, person and hour."""
    if hour != tail.hour or len(tail.counted) > COUNTED_KNOWN:
        tail.hour, tail.counted = hour, set()
    fresh = {(*reader, one.tag) for one in about} - tail.counted
    tail.counted |= fresh
    return [(hour, *one) for one in fresh]


def _bytes(chain: str, seq: int, entry: Entry, about: Sequence[Tagged], caller: Tagged | None) -> bytes:
    place = {"kind": entry.kind, "chain": chain, "seq": seq, "at": moment(entry.at), "ref": entry.ref}
    parts = [members(place), *filter(None, (entry.body,))]
    if caller:
        parts.append(b'"caller":%s' % caller.json)
    if about:
        parts.append(b'"subjects":[%s]' % b",".join(one.json for one in about))
    return b"{%s}" % b",".join(parts)
