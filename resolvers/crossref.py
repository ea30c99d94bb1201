"""Identity cross-reference: one customer, and what each system calls them.

Kept in SQLite. Keys that were read last are held in memory for as long as nobody writes anything: what this process
writes is known at once, what another writes within `SOON`. It holds keys and keyed digests of what rows are matched by,
never an e-mail address, a telephone number or a name.

Rows become one customer, in this order (`resolvers/crosslink.py` tells where the rows come from):

1. they share a key (a contact and its account);
2. they share a customer number, leading zeros aside;
3. not both have a customer number, and they share an e-mail address that nobody else has;
4. not both have a customer number, one has no e-mail address, and they share telephone number and name, likewise.

Two numbered rows with one e-mail address stay two customers: a look-up by that address is ambiguous, and says so.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS key (system TEXT, key TEXT, customer TEXT NOT NULL, rank INTEGER NOT NULL,
                                PRIMARY KEY (system, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_of ON key (customer);
CREATE TABLE IF NOT EXISTS mark (kind TEXT, digest BLOB, customer TEXT,
                                 PRIMARY KEY (kind, digest, customer)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mark_of ON mark (customer);
CREATE TABLE IF NOT EXISTS alias (id TEXT PRIMARY KEY, customer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (system TEXT PRIMARY KEY, until TEXT NOT NULL) WITHOUT ROWID;
"""
ADD_KEY = """
INSERT INTO key VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET customer = excluded.customer, rank = MIN(rank, excluded.rank)
"""
DEMOTE = "UPDATE key SET rank = 1 WHERE customer = ? AND system = ? AND key <> ? AND rank = 0"
CHUNK = 500
PATIENCE_MS = 5000
HELD = 4_000
"""Customers whose keys are held in memory: some 600 bytes each."""

SOON = 0.02
"""Seconds after which the file is asked again whether another process has written."""

Keys = Mapping[str, tuple[str, ...]]
"""System → keys there, the one to ask first first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one row of one system says about who it is. Values are normalised; only their digests are kept.

    keys:  (system, key, rank); among keys of one system the lowest rank is the one to ask first, and the newest
           claim of rank 0 demotes the one before it
    """

    keys: tuple[tuple[str, str, int], ...]
    number: str | None = None
    email: str | None = None
    phones: tuple[str, ...] = ()
    name: str | None = None

    def marks(self) -> Iterator[tuple[str, str]]:
        if self.number:
            yield "number", self.number.lstrip("0") or "0"
        if self.email:
            yield "email", self.email
        if self.name:
            yield from (("phone", f"{phone} {self.name.casefold()}") for phone in self.phones)


class Known(NamedTuple):
    """A customer: their id of today, and their keys by system."""

    customer: str
    keys: Keys


class Crossref:
    """Open one per process. Reads and `merge` are synchronous and short.

    most:   customers held in memory
    clock:  seconds
    """

    def __init__(
        self, path: Path | str, secret: bytes, most: int = HELD, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        if isinstance(path, Path):
            path.chmod(0o600)  # keys of customers: nobody else on this machine needs to know them
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        self._db.executescript(SCHEMA)
        self._secret = hashlib.blake2b(secret, digest_size=32, person=b"crossref").digest()
        self._most = most
        self._held: dict[str, Keys] = {}
        self._clock = clock
        self._asked_at = float("-inf")
        self._others = self._ours = 0

    def close(self) -> None:
        self._db.close()

    # -- look-ups -------------------------------------------------------------------------------------------------

    def keys(self, customers: Sequence[str]) -> dict[str, Known]:
        """For each customer that exists: their id of today, and system → keys there, the one to ask first first."""
        found = self._keys(set(customers))
        known = {customer: Known(customer, found[customer]) for customer in customers if customer in found}
        if unknown := [one for one in customers if one not in found]:
            moved = self.current(unknown)
            found |= self._keys(set(moved.values()).difference(found))
            known |= {asked: Known(now, found[now]) for asked, now in moved.items() if now in found}
        return known

    def _keys(self, customers: set[str]) -> dict[str, Keys]:
        if len(customers) > CHUNK:
            return self._read(customers)
        held = self._of_today()
        found = {customer: held[customer] for customer in customers if customer in held}
        if len(found) < len(customers):
            read = self._read(customers.difference(found))
            found |= read
            held |= read
            for longest in list(held)[: -self._most] if len(held) > self._most else ():
                del held[longest]
        return found

    def _of_today(self) -> dict[str, Keys]:
        """What is held in memory, when nothing has been written since: by us, or by others."""
        now, ours = self._clock(), self._db.total_changes
        if ours != self._ours or now - self._asked_at >= SOON:
            (others,) = self._db.execute("PRAGMA data_version").fetchone()
            if (ours, others) != (self._ours, self._others):
                self._held = {}
            self._asked_at, self._ours, self._others = now, ours, others
        return self._held

    def _read(self, customers: set[str]) -> dict[str, Keys]:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        rows = self._many("SELECT customer, system, key FROM key WHERE customer IN ({}) ORDER BY rank, key", customers)
        for customer, system, key in rows:
            keys = found.setdefault(customer, {})
            keys[system] = (*keys.get(system, ()), key)
        return dict(found)

    def customers(self, system: str, keys: Iterable[str]) -> dict[str, str]:
        """Key in one system → customer; keys nobody has are missing."""
        return dict(self._many("SELECT key, customer FROM key WHERE system = ? AND key IN ({})", set(keys), system))

    def count(self) -> int:
        (number,) = self._db.execute("SELECT COUNT(DISTINCT customer) FROM key").fetchone()
        return int(number)

    def systems(self) -> Mapping[str, int]:
        """How many keys are known of each system."""
        return dict(self._db.execute("SELECT system, COUNT(*) FROM key GROUP BY system ORDER BY system"))

    def current(self, customers: Sequence[str]) -> dict[str, str]:
        """Ids given out before two customers turned out to be one → the id of both today."""
        moved: dict[str, str] = dict(self._many("SELECT id, customer FROM alias WHERE id IN ({})", set(customers)))
        return {customer: moved.get(customer, customer) for customer in customers}

    def former(self, customer: str) -> list[str]:
        """Ids they had before two customers turned out to be one."""
        return [row[0] for row in self._db.execute("SELECT id FROM alias WHERE customer = ? ORDER BY id", (customer,))]

    def _many(self, query: str, values: set[str], *before: str) -> Iterator[Any]:
        listed = sorted(values)
        for start in range(0, len(listed), CHUNK):
            chunk = listed[start : start + CHUNK]
            yield from self._db.execute(query.format(",".join("?" * len(chunk))), (*before, *chunk))

    # -- building -------------------------------------------------------------------------------------------------

    def merge(self, claims: Iterable[Claim]) -> int:
        """Take in what a system says, in one transaction. Returns how many customers are new."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            new = sum(self._merge(claim) for claim in claims)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return new

    def merge_now(self, claims: Iterable[Claim]) -> bool:
        """`merge` for who cannot wait: False, and nothing done, while somebody else is writing."""
        self._db.execute("PRAGMA busy_timeout=0")
        try:
            self.merge(claims)
        except sqlite3.OperationalError:
            return False
        finally:
            self._db.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        return True

    def progress(self, system: str) -> str | None:
        """Up to when a system's changes were taken in, as that system writes moments in ISO 8601."""
        row = self._db.execute("SELECT until FROM progress WHERE system = ?", (system,)).fetchone()
        return str(row[0]) if row else None

    def taken_in(self, system: str, until: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (system, until))

    def _merge(self, claim: Claim) -> bool:
        marks = [(kind, self._digest(kind, value)) for kind, value in claim.marks()]
        known = self._by_keys(claim) | self._by_number(marks)
        known |= self._by_contact(claim, marks, known)
        customer = min(known, key=self._age) if known else self._new_id(claim)
        for other in known - {customer}:
            self._unite(other, customer)
        self._db.executemany(DEMOTE, [(customer, system, key) for system, key, rank in claim.keys if rank == 0])
        self._db.executemany(ADD_KEY, [(system, key, customer, rank) for system, key, rank in claim.keys])
        self._db.executemany("INSERT OR IGNORE INTO mark VALUES (?, ?, ?)", [(*mark, customer) for mark in marks])
        return not known

    def _by_keys(self, claim: Claim) -> set[str]:
        query = "SELECT customer FROM key WHERE system = ? AND key = ?"
        return {row[0] for system, key, _ in claim.keys for row in self._db.execute(query, (system, key))}

    def _by_number(self, marks: Sequence[tuple[str, bytes]]) -> set[str]:
        return {customer for mark in marks if mark[0] == "number" for customer in self._marked(mark)}

    def _by_contact(self, claim: Claim, marks: Sequence[tuple[str, bytes]], known: set[str]) -> set[str]:
        """By e-mail, or by telephone and name: only when that names one other, and not both have a number."""
        kind = "email" if claim.email else "phone"
        found = {customer for mark in marks if mark[0] == kind for customer in self._marked(mark)} - known
        numbered = claim.number is not None or any(map(self._numbered, known))
        return found if len(found) == 1 and not (numbered and self._numbered(*found)) else set()

    def _marked(self, mark: tuple[str, bytes]) -> list[str]:
        query = "SELECT customer FROM mark WHERE kind = ? AND digest = ?"
        return [row[0] for row in self._db.execute(query, mark)]

    def _numbered(self, customer: str) -> bool:
        query = "SELECT 1 FROM mark WHERE customer = ? AND kind = 'number'"
        return self._db.execute(query, (customer,)).fetchone() is not None

    def _age(self, customer: str) -> tuple[int, str]:
        """The one that others refer to already stays; then the smaller id, so that luck decides nothing."""
        (aliases,) = self._db.execute("SELECT COUNT(*) FROM alias WHERE customer = ?", (customer,)).fetchone()
        return (-int(aliases), customer)

    def _unite(self, gone: str, into: str) -> None:
        self._db.execute("UPDATE key SET customer = ? WHERE customer = ?", (into, gone))
        self._db.execute("UPDATE OR IGNORE mark SET customer = ? WHERE customer = ?", (into, gone))
        self._db.execute("DELETE FROM mark WHERE customer = ?", (gone,))
        self._db.execute("UPDATE alias SET customer = ? WHERE customer = ?", (into, gone))
        self._db.execute("INSERT OR REPLACE INTO alias VALUES (?, ?)", (gone, into))

    def _new_id(self, claim: Claim) -> str:
        """Stable across rebuilds: made of the row's own first key, which nobody can tell from it without our secret."""
        system, key, _ = claim.keys[0]
        made = hashlib.blake2b(f"{system} {key}".encode(), digest_size=10, key=self._secret, person=b"customer")
        return b32encode(made.digest()).decode().lower()

    def _digest(self, kind: str, value: str) -> bytes:
        return hashlib.blake2b(f"{kind} {value}".encode(), digest_size=16, key=self._secret).digest()
