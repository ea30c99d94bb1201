"""Writes records: many answers' in one transaction, each hung from the one before it, and the new head signed.

One per process, used by one thread. Each process continues a chain that nobody else writes, `w1.…` the first of a
folder, `w2.…` the second at the same time; so a chain outlives its process, and no two processes wait for each other
longer than a commit takes.

A segment begins with every start of a process, every day, and after so many records. What records refer to (documents,
policies) is written once in each, so that a segment can be read without those before it, and dropped without those
after it.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.trail import store
from gateway.trail.chain import HEAD, Signer, linked, origin
from gateway.trail.record import BEGIN, Entry, members, moment, now
from gateway.trail.vault import Tagged, Vault

LOG = logging.getLogger("gateway.trail")
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a chain ends. `begun`: when and after which record the segment began; `told`: what it has of what records
    refer to."""

    chain: str
    seq: int
    hash: bytes
    began_at: int = 0
    began: int = 0
    told: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Book:
    """segment: most records of one. patience: seconds that a locked file is waited for."""

    folder: Path
    signer: Signer
    vault: Vault
    segment: int = 10_000
    patience: float = 1.0
    relaxed: bool = False
    db: sqlite3.Connection | None = None
    tail: Tail | None = None
    slot: str = ""
    file: tuple[int, int] | None = None
    lock: sqlite3.Connection | None = field(default=None, repr=False)

    def write(self, entries: Sequence[Entry]) -> None:
        """All of them, or none. Raises sqlite3.Error or OSError; then the file is opened anew the next time, because
        nobody knows what became of the last commit."""
        try:
            db = self.opened()
            with store.changing(db):
                self.vault.follow(db)
                tail = self._written(db, self.tail or self._continued(db), entries)
            self.tail = tail
        except BaseException:
            self.close_file()
            raise

    def opened(self) -> sqlite3.Connection:
        """The file that stands there now: one that was taken away meanwhile would be written to all the same."""
        if self.db is not None and self.file != store.identity(self.folder):
            LOG.error("the audit trail is another file than it was")
            self.close_file()
        if self.db is None:
            self.db = store.opened(self.folder, self.patience, relaxed=self.relaxed)
            self.file = store.identity(self.folder)
        return self.db

    def close_file(self) -> None:
        if self.db is not None:
            self.db.close()
        self.db = self.tail = None

    def close(self) -> None:
        self.close_file()
        if self.lock is not None:
            self.lock.close()
        self.lock = None

    # -- the chain ------------------------------------------------------------------------------------------------

    def _continued(self, db: sqlite3.Connection) -> Tail:
        """The end of our chain. One whose end is not what was signed is left as it is, for `verify` to tell of."""
        slot = self.held()
        heads = store.marks(db)
        mine = [head for head in heads.values() if head.chain.startswith(f"{slot}.")]
        head = max(mine, key=lambda one: one.at, default=None)
        if head is not None:
            row = db.execute("SELECT MAX(seq) FROM entry WHERE chain = ?", (head.chain,)).fetchone()
            last = db.execute("SELECT hash FROM entry WHERE chain = ? AND seq = ?", (head.chain, head.seq)).fetchone()
            dropped = store.marks(db, "anchor").get(head.chain)
            whole = (last and row[0] == head.seq and last[0] == head.hash) or (dropped and dropped.hash == head.hash)
            if whole and head.signed_by(self.signer.public):
                return Tail(head.chain, head.seq, head.hash)
            LOG.error("the audit chain %s does not end as it was signed: see `customer360 audit verify`", head.chain)
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
            self.tail = replace(self.tail, began=0)
        self.write(())

    def _written(self, db: sqlite3.Connection, tail: Tail, entries: Iterable[Entry]) -> Tail:
        if not tail.began:
            tail = self._begin(db, tail, "start")
        for entry in entries:
            if why := self._new_segment(tail, entry.at):
                tail = self._begin(db, tail, why)
            for one in entry.referred:
                if (one.kind, one.ref) not in tail.told:
                    tail = self._append(db, tail, Entry(one.kind, entry.at, one.body, ref=one.ref))
                    tail = replace(tail, told=tail.told | {(one.kind, one.ref)})
            tail = self._append(db, tail, entry)
        store.put_mark(db, self.signer.mark(HEAD, tail.chain, tail.seq, tail.hash, now()))
        return tail

    def _new_segment(self, tail: Tail, at: int) -> str:
        if at // DAY_MS > tail.began_at // DAY_MS:
            return "day"
        return "full" if tail.seq - tail.began >= self.segment else ""

    def _begin(self, db: sqlite3.Connection, tail: Tail, why: str) -> Tail:
        """It names the heads of all other chains: none of them can be taken away whole without that being seen."""
        at = now()
        others = {one.chain: [one.seq, one.hash.hex()] for one in store.marks(db).values() if one.chain != tail.chain}
        tail = self._append(db, tail, Entry(BEGIN, at, members({"why": why, "others": others})))
        return replace(tail, began=tail.seq, began_at=at, told=frozenset())

    def _append(self, db: sqlite3.Connection, tail: Tail, entry: Entry) -> Tail:
        about = [self.vault.tagged(db, one) for one in entry.subjects]
        seq = tail.seq + 1
        caller = self.vault.tagged(db, entry.caller) if entry.caller else None
        record = _bytes(tail.chain, seq, entry, about, caller)
        hashed = linked(tail.hash, record)
        db.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)",
            (tail.chain, seq, entry.at, entry.kind, entry.ref, record, hashed),
        )
        index = [(one.tag, entry.at, tail.chain, seq) for one in about]
        db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", index)
        if about and entry.reader:
            hour = entry.at // HOUR_MS
            db.executemany(
                "INSERT OR IGNORE INTO counted VALUES (?, ?, ?, ?)", [(hour, *entry.reader, one.tag) for one in about]
            )
        return replace(tail, seq=seq, hash=hashed)


def _bytes(chain: str, seq: int, entry: Entry, about: Sequence[Tagged], caller: Tagged | None) -> bytes:
    place = {"kind": entry.kind, "chain": chain, "seq": seq, "at": moment(entry.at), "ref": entry.ref}
    parts = [members(place), *filter(None, (entry.body,))]
    if caller:
        parts.append(b'"caller":%s' % caller.json)
    if about:
        parts.append(b'"subjects":[%s]' % b",".join(one.json for one in about))
    return b"{%s}" % b",".join(parts)
