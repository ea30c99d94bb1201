"""Which orders are where: keys, states and times of all orders, so that sets of them can be found without a scan.

Kept in SQLite, beside the cross-reference. No name, address, text or amount is in it; what an answer shows of an order
is asked of its system. Rows are taken in as the systems tell of changes (`resolvers/order_to_cash_feed.py`); then each
order touched is *folded*: the rules that steps are told by (`order_to_cash_rules`) say its stage, once for every set of
systems that a reader may see. Carriers tell of no changes, so it knows of parcels what the order system does: whether
lines have left, and are closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from resolvers import order_to_cash_rules as rules
from resolvers.backends.base import Outcome
from resolvers.backends.netsuite import Invoice
from resolvers.backends.oracle_om import Line, SalesOrder
from resolvers.backends.remedy import Incident
from resolvers.order_to_cash_rules import Known
from schema import InvoiceStatus, LineStatus, OrderStatus, StepState, TicketStatus

SCHEMA = """
CREATE TABLE IF NOT EXISTS way (
    number TEXT PRIMARY KEY, header INTEGER NOT NULL, party TEXT, channel TEXT, carriers TEXT, placed INTEGER,
    status TEXT, lines TEXT NOT NULL, held INTEGER, short INTEGER, due INTEGER, rejected INTEGER, trouble INTEGER,
    s0 TEXT, s1 TEXT, s2 TEXT, s3 TEXT, t0 INTEGER, t1 INTEGER, t2 INTEGER, t3 INTEGER) WITHOUT ROWID;
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
"""
TABLES = ("way", "bill", "ticket", "account", "party", "touched", "progress")
FOLDED = """
UPDATE way SET held = held, short = ?, due = ?, rejected = ?, trouble = ?, s0 = ?, s1 = ?, s2 = ?, s3 = ?,
               t0 = ?, t1 = ?, t2 = ?, t3 = ? WHERE number = ?
"""
SEEING = ((False, False), (True, False), (False, True), (True, True))
"""Whether bills are seen, and tickets: the sets that stages are kept for, in the order of their columns."""

AT_A_TIME = 500
PATIENCE_MS = 5000
NOBODY_S_DAY = date.min
"""No invoice is overdue on it: whether one is depends on the day that somebody asks."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one system has been taken in: its newest change, when it was asked (epoch seconds), and whether all
    there was has been read."""

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
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)

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
        rows = [_order_row(one) for one in changed if one.number]
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
        rows = [
            (int(one.id), one.order_number, _name(one.status), *map(_day, (one.issued_on, one.due_on, one.settled_on)))
            for one in changed
            if one.order_number
        ]
        with self.change() as db:
            db.executemany("INSERT OR REPLACE INTO bill VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._touch(str(row[1]) for row in rows)

    def tickets(self, changed: Iterable[Incident]) -> None:
        rows = [
            (one.number, one.order_number, _name(one.status), _second(one.opened_at), _second(one.resolved_at))
            for one in changed
            if one.order_number
        ]
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
            rows = [_folded(*told) for told in self._told(some)]
            with self.change() as db:
                db.executemany(FOLDED, rows)
                db.executemany("DELETE FROM touched WHERE number = ?", [(one,) for one in some])
            yield len(rows)

    def taken_in(self, progress: Progress) -> None:
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


# -- rows -------------------------------------------------------------------------------------------------------------


def _order_row(order: SalesOrder) -> tuple[Any, ...]:
    """Of lines, those by which something is ordered: what each one's state is, and when it left."""
    lines = [one for one in order.lines or () if one.quantity]
    told = ";".join(f"{_name(one.status)}:{_second(one.shipped_on) or ''}" for one in lines)
    carriers = sorted({one.carrier for one in order.lines or () if one.carrier})
    held = min((_second(one.applied_at) or 0 for one in order.holds or ()), default=None)
    status, placed = _name(order.status), _second(order.placed_at)
    by = f"|{'|'.join(carriers)}|"
    return order.number, order.header_id, order.party_number, order.channel, by, placed, status, told, held


def _folded(row: Any, bills: Sequence[Any], tickets: Sequence[Any]) -> tuple[Any, ...]:
    order = _order(row)
    billed = [_bill(one) for one in bills]
    told = [_ticket(one) for one in tickets]
    stages, since = [], []
    for bill, ticket in SEEING:
        known = Known(
            order, NOBODY_S_DAY, bills=Outcome(billed) if bill else None, tickets=Outcome(told) if ticket else None
        )
        stage, at = rules.stage(known)
        stages.append(stage.name)
        since.append(_second(at))
    short = any(rules.meaning("allocated", line.status) is StepState.BLOCKED for line in order.lines or ())
    due = min(
        (_day(one.due_on) or 0 for one in billed if one.status is InvoiceStatus.OPEN and one.due_on), default=None
    )
    rejected = any(rules.meaning("billed", one.status) is StepState.BLOCKED for one in billed)
    open_ = [one for one in told if rules.meaning("serviced", one.status) is StepState.IN_PROGRESS]
    trouble = min((_second(one.opened_at) or 0 for one in open_), default=None)
    return (short, due, rejected, trouble, *stages, *since, order.number)


def _order(row: Any) -> SalesOrder:
    number, header, placed, status, told = row
    lines = [_line(part) for part in told.split(";") if part]
    known = OrderStatus[status] if status else None
    return SalesOrder(header_id=header, number=number, status=known, placed_at=_moment(placed), lines=lines)


def _line(part: str) -> Line:
    word, _, shipped = part.partition(":")
    status = LineStatus[word] if word in LineStatus.__members__ else None
    return Line(quantity=Decimal(1), status=status, shipped_on=_moment(int(shipped)) if shipped else None)


def _bill(row: Any) -> Invoice:
    identity, _, status, issued, due, settled = row
    known = InvoiceStatus[status] if status else None
    days = [date.fromordinal(one) if one else None for one in (issued, due, settled)]
    return Invoice(id=str(identity), status=known, issued_on=days[0], due_on=days[1], settled_on=days[2])


def _ticket(row: Any) -> Incident:
    number, _, status, opened, resolved = row
    known = TicketStatus[status] if status else None
    return Incident(number=number, status=known, opened_at=_moment(opened), resolved_at=_moment(resolved))


def _name(word: Any) -> str | None:
    return word.name if word is not None else None


def _second(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def _moment(second: int | None) -> datetime | None:
    return datetime.fromtimestamp(second, UTC) if second is not None else None


def _day(day: date | None) -> int | None:
    return day.toordinal() if day else None
