"""What is asked of the index of orders: conditions in, a page of numbers and counts by stage out. Runs in a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from resolvers.order_to_cash_folding import SEEING, STAGES, code
from resolvers.order_to_cash_index import Index, Progress, progress_of
from schema import OrderStage

DAY = 86_400
Row = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions. None: no such condition; empty: nothing can meet it.

    bills, tickets, holds:  whether the asker may see these, and so what stages and blocks are told by
    parties, channels, carriers, tiers:  an order has one of them
    older_than:  days at the stage
    after:       (epoch second, number) of the last row seen
    page, counts, added:  whether rows are wanted, counts, and the numbers of how many orders to add up
    """

    now: datetime
    bills: bool = False
    tickets: bool = False
    holds: bool = False
    parties: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    carriers: tuple[str, ...] | None = None
    tiers: tuple[str, ...] | None = None
    stages: tuple[OrderStage, ...] | None = None
    stuck: bool = False
    older_than: int | None = None
    longest_first: bool = True
    first: int = 20
    after: tuple[int, str] | None = None
    page: bool = True
    counts: bool = True
    added: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """`page`: numbers, each with the second since when it is at its stage. `numbers`: of those to add up, by stage."""

    page: Sequence[Row]
    more: bool
    stages: Mapping[OrderStage, int]
    numbers: Mapping[OrderStage, tuple[str, ...]]
    examined: int
    progress: Mapping[str, Progress] = field(default_factory=dict)


def find(index: Index, wanted: Wanted) -> Found:
    """All of it as it stood at one moment."""
    stage, since = _columns(wanted)
    visible, met = _conditions(wanted, whole=False), _conditions(wanted, whole=True)
    with closing(index.reading()) as db:
        db.execute("BEGIN")
        try:
            (examined,) = _run(db, "COUNT(*)", visible).fetchone()
            rows = _page(db, wanted, since, met) if wanted.page else []
            counted = _run(db, f"{stage}, COUNT(*)", met, f"GROUP BY {stage}") if wanted.counts else ()
            stages = {STAGES[place]: count for place, count in counted if place is not None}
            numbers = _numbers(db, wanted, stage, since, met) if wanted.added else {}
            more, progress = len(rows) > wanted.first, progress_of(db)
            return Found(rows[: wanted.first], more, _told(stages), numbers, examined, progress)
        finally:
            db.execute("COMMIT")


def _told(stages: Mapping[OrderStage, int]) -> dict[OrderStage, int]:
    """In the order of the stages."""
    return {stage: stages[stage] for stage in OrderStage if stage in stages}


def _columns(wanted: Wanted) -> tuple[str, str]:
    place = SEEING.index((wanted.bills, wanted.tickets))
    return f"s{place}", f"COALESCE(t{place}, placed, 0)"


def _page(db: sqlite3.Connection, wanted: Wanted, since: str, met: Sequence[tuple[str, list[Any]]]) -> list[Row]:
    way, beyond = ("", ">") if wanted.longest_first else (" DESC", "<")
    behind = [(f"({since}, number) {beyond} (?, ?)", [*wanted.after])] if wanted.after else []
    order = f"ORDER BY {since}{way}, number{way} LIMIT {wanted.first + 1}"
    return list(_run(db, f"number, {since}", [*met, *behind], order))


def _numbers(
    db: sqlite3.Connection, wanted: Wanted, stage: str, since: str, met: Sequence[tuple[str, list[Any]]]
) -> dict[OrderStage, tuple[str, ...]]:
    found: dict[OrderStage, list[str]] = {}
    order = f"ORDER BY {since}, number LIMIT {wanted.added}"
    for place, number in _run(db, f"{stage}, number", met, order):
        found.setdefault(STAGES[place], []).append(number)
    return {one: tuple(numbers) for one, numbers in found.items()}


def _conditions(wanted: Wanted, *, whole: bool) -> list[tuple[str, list[Any]]]:
    """Whose orders, and where sold; and, for the `whole` of it, how they stand."""
    met = [*_among(wanted)]
    if not whole:
        return met
    stage, since = _columns(wanted)
    met.append((f"{stage} IS NOT NULL", []))  # what was heard of just now is not worked out yet
    if wanted.stages is not None:
        met.append(_in(stage, [code(one) for one in wanted.stages]))
    if wanted.older_than is not None:
        latest = int(wanted.now.timestamp()) - wanted.older_than * DAY
        done = [code(OrderStage.COMPLETE), code(OrderStage.CANCELED)]
        met += [(f"{since} < ?", [latest]), (f"{stage} NOT IN (?, ?)", done)]
    if wanted.stuck:
        met.append(_stuck(wanted))
    return met


def _among(wanted: Wanted) -> Iterator[tuple[str, list[Any]]]:
    for column, values in (("party", wanted.parties), ("channel", wanted.channels)):
        if values is not None:
            yield _in(column, values)
    if wanted.carriers is not None:
        some = " OR ".join("instr(carriers, ?) > 0" for _ in wanted.carriers) or "0"
        yield f"({some})", [f"|{carrier}|" for carrier in wanted.carriers]
    if wanted.tiers is not None:
        among, tiers = _in("tier", wanted.tiers)
        yield f"party IN (SELECT p.number FROM party p JOIN account a ON a.id = p.account WHERE {among})", tiers  # noqa: S608


def _stuck(wanted: Wanted) -> tuple[str, list[Any]]:
    """What keeps an order from going on, as far as the asker may see."""
    reasons = ["short = 1"]
    values: list[Any] = []
    if wanted.holds:
        reasons.append("held IS NOT NULL")
    if wanted.bills:
        reasons += ["due < ?", "rejected = 1"]
        values.append(wanted.now.date().toordinal())
    if wanted.tickets:
        reasons.append("trouble IS NOT NULL")
    return f"({' OR '.join(reasons)})", values


def _in(column: str, values: Sequence[str | int]) -> tuple[str, list[Any]]:
    return f"{column} IN ({','.join('?' * len(values))})", list(values)


def _run(db: sqlite3.Connection, what: str, met: Sequence[tuple[str, list[Any]]], tail: str = "") -> sqlite3.Cursor:
    where = f" WHERE {' AND '.join(condition for condition, _ in met)}" if met else ""
    query = f"SELECT {what} FROM way{where} {tail}"  # noqa: S608 - names are ours; values of callers are parameters
    return db.execute(query, [value for _, values in met for value in values])
