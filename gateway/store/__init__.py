"""What must survive a restart, and what all workers of a gateway must agree on: one SQLite file in the state folder.

    keys.py      opaque keys for partners without an issuer of their own
    register.py  partners, their keys and what has been revoked; a snapshot that follows the file within a second

Commands write, gateways read. Every change is one transaction, so a worker sees all of it or nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "gateway.sqlite"
PATIENCE_MS = 5000
SCHEMA = """
CREATE TABLE IF NOT EXISTS partner (client TEXT PRIMARY KEY, entry TEXT NOT NULL, added INTEGER NOT NULL,
                                    revoked INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key (id TEXT PRIMARY KEY, client TEXT NOT NULL, digest BLOB NOT NULL, made INTEGER NOT NULL,
                                expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS revoked (token TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (what TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Store:
    """Raises sqlite3.Error for a file that is none of ours, or that stays locked."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        (folder / FILE).chmod(0o600)
        self.db.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(SCHEMA)

    @property
    def version(self) -> int:
        """Another number after somebody else has written; costs a look at shared memory."""
        (number,) = self.db.execute("PRAGMA data_version").fetchone()
        return int(number)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All of it, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException:
            self.db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self.db.close()
