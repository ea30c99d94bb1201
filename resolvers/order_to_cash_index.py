"""Which orders are where: keys, states and times of all orders, so that sets of them can be found without a scan.

Kept in SQLite, beside the cross-reference. No name, address, text or amount is in it; what an answer shows of an order
is asked of its system. Rows are taken in as the systems tell of changes (`resolvers/order_to_cash_feed.py`); then each
order touched is *folded* (`order_to_cash_folding`): its stage is worked out, once for every set of systems that a
reader may see. Carriers tell of no changes, so it knows of parcels what the order system does: whether lines have left,
and are closed.

A file that was laid out otherwise, by another release, begins anew, empty; where the rules are others, all is folded
anew.
"""

from __future__ import annotations

import fcntl
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resolvers import order_to_cash_folding as folding
from resolvers.backends.netsuite import Invoice
from resolvers.backends.oracle_om import SalesOrder
from resolvers.backends.remedy import Incident
from resolvers.order_to_cash_rules import FINGERPRINT

SCHEMA = """
CREATE TABLE IF NOT EXISTS way (
    number TEXT PRIMARY KEY, header INTEGER NOT NULL, party TEXT, channel TEXT, carriers TEXT, placed INTEGER,
    status TEXT, lines TEXT NOT NULL, held INTEGER, short INTEGER, due INTEGER, rejected INTEGER, trouble INTEGER,
    s0 INTEGER, s1 INTEGER, s2 INTEGER, s3 INTEGER,
    t0 INTEGER, t1 INTEGER, t2 INTEGER, t3 INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS way_party ON way (party);
CREATE TABLE IF NOT EXISTS bill (id INTEGER PRIMARY KEY, number TEXT NOT NULL, status TEXT, issued INTEGER,
                                 due INTEGER, settled INTEGER);
CREATE INDEX IF NOT EXISTS bill_of ON bill (number);
CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, number TEXT NOT NULL, status TEXT, opened INTEGER,
                                   resolved INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticket_of ON ticket (number);
CREATE TABLE IF NOT EXISTS account (id TEXT PRIMARY KEY, tier TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS party (number TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS touched (number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (system TEXT PRIMARY KEY, until TEXT, asked REAL NOT NULL,
                                     whole INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS folded_by (rules INTEGER PRIMARY KEY);
"""
TABLES = ("way", "bill", "ticket", "account", "party", "touched", "progress")
LAYOUT = zlib.crc32(f"{SCHEMA}{folding.LAYOUT}".encode()) >> 1
FOLDED = """
UPDATE way SET held = held, short = ?, due = ?, rejected = ?, trouble = ?, s0 = ?, s1 = ?, s2 = ?, s3 = ?,
               t0 = ?, t1 = ?, t2 = ?, t3 = ? WHERE number = ?
"""
AT_A_TIME = 100
"""Orders folded in one breath: who serves meanwhile has other things to do."""

PATIENCE_MS = 5000
LONGEST_LOG = 8 << 20


class Busy(Exception):
    """Another process is taking in changes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one system has been taken in: its newest change, when it was last asked to its end (epoch seconds; 0:
    never yet), and whether all that was read could be."""

    system: str
    until: str | None
    asked: float
    whole: bool


class Index:
    """Open one per process. Several processes may share the file; one of them writes at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)  # keys of orders: nobody else on this machine needs to know them
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        self.db.execute(f"PRAGMA journal_size_limit={LONGEST_LOG}")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self._prepare()

    def _prepare(self) -> None:
        with self.change() as db:
            (layout,) = db.execute("PRAGMA user_version").fetchone()
            for table in TABLES if layout != LAYOUT else ():
                db.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version={LAYOUT}")
            if db.execute("SELECT rules FROM folded_by").fetchall() != [(FINGERPRINT,)]:
                db.execute("INSERT OR IGNORE INTO touched SELECT number FROM way")
                db.execute("DELETE FROM folded_by")
                db.execute("INSERT INTO folded_by VALUES (?)", (FINGERPRINT,))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Who takes in changes does so alone, among all processes that share the file. Raises Busy."""
        with self._path.with_name(f"{self._path.name}-taking").open("wb") as lock:  # gone with us, however we end
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("another process is taking in changes of orders") from error
            yield

    def close(self) -> None:
        self.db.close()

    def reading(self) -> sqlite3.Connection:
        """Another connection, for one question in a thread of its own; who asks closes it."""
        found = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", isolation_level=None, uri=True)
        found.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        return found

    # -- taking in ------------------------------------------------------------------------------------------------

    def orders(self, changed: Iterable[SalesOrder]) -> None:
        """Newer revisions in the place of older ones."""
        rows = [folding.order_row(one) for one in changed if one.number]
        with self.change() as db:
            db.executemany(
                "INSERT INTO way (number, header, party, channel, carriers, placed, status, lines, held)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET header = excluded.header,"
                " party = excluded.party, channel = excluded.channel, carriers = excluded.carriers,"
                " placed = excluded.placed, status = excluded.status, lines = excluded.lines, held = excluded.held"
                " WHERE excluded.header >= header",
                rows,
            )
            self._touch(str(row[0]) for row in rows)

    def bills(self, changed: Iterable[Invoice]) -> None:
        rows = [folding.bill_row(one) for one in changed if one.order_number]
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO bill VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._touch(str(row[1]) for row in rows)

    def tickets(self, changed: Iterable[Incident]) -> None:
        rows = [folding.ticket_row(one) for one in changed if one.order_number]
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO ticket VALUES (?, ?, ?, ?, ?)", rows)
            self._touch(str(row[1]) for row in rows)

    def accounts(self, changed: Iterable[tuple[str, str | None]]) -> None:
        """Standing of CRM accounts, by row id."""
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO account VALUES (?, ?)", list(changed))

    def parties(self, known: Mapping[str, str]) -> None:
        """The CRM account of each buying party."""
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO party VALUES (?, ?)", list(known.items()))

    def all_parties(self) -> list[str]:
        return [party for (party,) in self.db.execute("SELECT DISTINCT party FROM way WHERE party IS NOT NULL")]

    def fold(self) -> Iterator[int]:
        """Work out anew the orders that anything has changed of; so many at each step."""
        while some := [one for (one,) in self.db.execute("SELECT number FROM touched LIMIT ?", (AT_A_TIME,))]:
            rows = [folding.folded(*told) for told in self._told(some)]
            with self.change() as db:
                db.executemany(FOLDED, rows)
                db.executemany("DELETE FROM touched WHERE number = ?", [(one,) for one in some])
            yield len(rows)

    def taken_in(self, progress: Progress) -> None:
        """A system, to its end or as far as it has come."""
        row = (progress.system, progress.until, progress.asked, progress.whole)
        self.db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)", row)

    def forget(self) -> None:
        """All of it, to be built anew."""
        with self.change() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def _touch(self, numbers: Iterable[str]) -> None:
        self.db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(one,) for one in numbers])

    def _told(self, numbers: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        marks = ",".join("?" * len(numbers))
        of = {table: self._by_number(table, marks, numbers) for table in ("bill", "ticket")}
        query = f"SELECT number, header, placed, status, lines FROM way WHERE number IN ({marks})"  # noqa: S608
        for row in self.db.execute(query, numbers):
            yield row, of["bill"].get(row[0], ()), of["ticket"].get(row[0], ())

    def _by_number(self, table: str, marks: str, numbers: Sequence[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for row in self.db.execute(f"SELECT * FROM {table} WHERE number IN ({marks})", numbers):  # noqa: S608
            found.setdefault(row[1], []).append(row)
        return found

    # -- how far it is --------------------------------------------------------------------------------------------

    def progress(self) -> dict[str, Progress]:
        return progress_of(self.db)

    def count(self) -> Mapping[str, int]:
        counted = {}
        for table in TABLES[:-1]:
            (counted[table],) = self.db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608 - our own names
        return counted

    def size(self) -> int:
        """In bytes, with what is written and not yet in its place."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def change(self) -> _Change:
        return _Change(self.db)


def progress_of(db: sqlite3.Connection) -> dict[str, Progress]:
    rows = db.execute("SELECT system, until, asked, whole FROM progress ORDER BY system")
    return {system: Progress(system, until, asked, bool(whole)) for system, until, asked, whole in rows}


class _Change:
    """One transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")
