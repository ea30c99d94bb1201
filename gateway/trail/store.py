"""The file of the audit trail: tables, and who may write which chain.

A file of its own, beside the register's: that one is read anew whenever somebody writes to it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.trail.chain import HEAD, Mark

FILE = "audit.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (chain TEXT, seq INTEGER, at INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL,
                                  record BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (chain, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_kind ON entry (kind, ref) WHERE kind <> 'access';
CREATE TABLE IF NOT EXISTS mark (kind TEXT, chain TEXT, seq INTEGER NOT NULL, hash BLOB NOT NULL, at INTEGER NOT NULL,
                                 signature BLOB NOT NULL, PRIMARY KEY (kind, chain)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (tag BLOB, at INTEGER, chain TEXT, seq INTEGER,
                                 PRIMARY KEY (tag, at, chain, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subject (lookup BLOB PRIMARY KEY, tag BLOB NOT NULL, key BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subject_tag ON subject (tag);
CREATE TABLE IF NOT EXISTS counted (hour INTEGER, role TEXT, reader TEXT, tag BLOB,
                                    PRIMARY KEY (hour, role, reader, tag)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""
ENTRY = "INSERT INTO entry (chain, seq, at, kind, ref, record, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
SEEN = "INSERT INTO seen VALUES (?, ?, ?, ?)"
COUNTED = "INSERT OR IGNORE INTO counted VALUES (?, ?, ?, ?)"
MARKS = "SELECT kind, chain, seq, hash, at, signature FROM mark"


def opened(folder: Path, patience: float) -> sqlite3.Connection:
    """Raises sqlite3.Error, or OSError, for a file that cannot be used. patience: seconds that a locked one is waited
    for."""
    path = folder / FILE
    path.touch(mode=0o600)
    db = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA secure_delete=ON")  # who is forgotten leaves nothing in free pages
        db.executescript(SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def identity(path: str) -> tuple[int, int] | None:
    """Tells the file from one that is put in its place."""
    try:
        told = os.stat(path)
    except OSError:
        return None
    return told.st_dev, told.st_ino


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """All of it as it stands at one moment, whoever writes meanwhile. Raises sqlite3.Error, also when there is none."""
    with closing(
        sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    ) as db:
        db.execute("PRAGMA query_only=ON")
        db.execute("BEGIN")
        db.execute("SELECT 1 FROM mark").fetchone()
        yield db


@contextmanager
def changing(db: sqlite3.Connection, *, flushed: bool = True) -> Iterator[sqlite3.Connection]:
    """All of it, or nothing. flushed: this and all before it is on the disk then, and outlives the machine's power;
    else the system has it, and it outlives the process."""
    if flushed:
        db.execute("PRAGMA synchronous=FULL")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        if flushed:
            db.execute("PRAGMA synchronous=NORMAL")


def marks(db: sqlite3.Connection, kind: str = HEAD) -> dict[str, Mark]:
    """By chain."""
    return {row[1]: Mark(*row) for row in db.execute(f"{MARKS} WHERE kind = ?", (kind,))}


def put_mark(db: sqlite3.Connection, mark: Mark) -> None:
    values = (mark.kind, mark.chain, mark.seq, mark.hash, mark.at, mark.signature)
    db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?)", values)


def claimed(folder: Path, slot: str) -> sqlite3.Connection | None:
    """Hold a slot for as long as this connection is open, and no longer than this process lives; None: taken."""
    lock = sqlite3.connect(folder / f"audit-{slot}.lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        return None
    return lock
