"""The trail outside its folder: records as lines of JSON, and whether such lines are still what was written.

    {"publicKey": HEX}                       the key that the marks below are signed with
    {"chain", "seq", "hash", "record"}       a record, its bytes as a text; a chain's in order
    {"mark": {"kind": "start" | "head", …}}  of each chain: what its first record hangs from, and its last one, signed

A file is checked without the folder it came from. Its own key says only that it is of one piece: that it is *ours*, the
key says that was kept elsewhere (`audit heads` prints it), and that it ends where the trail ended, the heads that were.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.trail import store
from gateway.trail.chain import ANCHOR, HEAD, START, Mark, Signer, origin
from gateway.trail.ends import signed_ends
from gateway.trail.record import BEGIN, millis, now
from gateway.trail.verify import Found, Row, checked, kept

FIRST = "SELECT MAX(seq) FROM entry WHERE chain = ? AND kind = ? AND at <= ?"
PLACE = "SELECT seq, hash FROM entry WHERE chain = ? AND seq = ?"
RECORDS = """
SELECT seq, CAST(hash AS BLOB), CAST(record AS BLOB) FROM entry WHERE chain = ? AND seq > ? ORDER BY seq
"""


class Unreadable(Exception):
    """A line is none of an export."""


def lines(db: sqlite3.Connection, signer: Signer, since: int = 0) -> Iterator[str]:
    """From the segment on that a moment (epoch milliseconds) falls into, chain by chain: a segment can be read without
    those before it. Of a chain that ended before only the end is told."""
    yield json.dumps({"publicKey": signer.public.hex()})
    for head in sorted(signed_ends(db, signer), key=lambda one: one.chain):
        seq, hashed = _before(db, head, since)
        for number, told, record in db.execute(RECORDS, (head.chain, seq)):
            yield json.dumps(
                {"chain": head.chain, "seq": number, "hash": told.hex(), "record": record.decode(errors="replace")}
            )
        start = signer.mark(START, head.chain, seq, hashed, now())
        yield from (json.dumps({"mark": mark.as_json()}) for mark in (start, head))


def _before(db: sqlite3.Connection, head: Mark, since: int) -> tuple[int, bytes]:
    """The record that the first one to be told hangs from."""
    anchor = store.marks(db, ANCHOR).get(head.chain)
    first = (anchor.seq, anchor.hash) if anchor else (0, origin(head.chain))
    (newest,) = db.execute("SELECT MAX(at) FROM entry WHERE chain = ?", (head.chain,)).fetchone()
    if newest is None or newest < since:
        return head.seq, head.hash
    (begin,) = db.execute(FIRST, (head.chain, BEGIN, since)).fetchone()
    return db.execute(PLACE, (head.chain, (begin or 0) - 1)).fetchone() or first


@dataclass(slots=True)
class Exported:
    """What stands in a file. `key`: as the file itself says."""

    key: bytes = b""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)


def read(text: Iterable[str]) -> Exported:
    """Raises `Unreadable`, with the number of the line."""
    found = Exported()
    for number, line in enumerate(text, 1):
        try:
            _take(found, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Unreadable(f"line {number} is none of an export") from error
    return found


def _take(found: Exported, told: Mapping[str, Any]) -> None:
    if "publicKey" in told:
        found.key = bytes.fromhex(told["publicKey"])
    elif "mark" in told:
        mark = Mark.read(told["mark"])
        found.marks[mark.kind, mark.chain] = mark
    else:
        record = json.loads(told["record"])
        named = int(told["seq"]), millis(record["at"]), str(record["kind"]), str(record["ref"])
        row = Row(*named, told["record"].encode(), bytes.fromhex(told["hash"]))
        found.rows.setdefault(str(told["chain"]), []).append(row)


def unchanged(exported: Exported, public: bytes, heads: Iterable[Mark] = ()) -> Found:
    """What a file is found to be. `heads`: that were kept elsewhere; what they sign for has to be in it, unless it
    begins later."""
    found = Found()
    names = {*exported.rows, *(chain for _, chain in exported.marks)}
    for mark in heads:
        if not mark.signed_by(public):
            found.say(mark.chain, mark.seq, "a head that was kept is not signed with this key")
        found.wanted[mark.chain, mark.seq] = (mark.hash.hex(), "a head that was kept")
    for chain in sorted(names):
        start = exported.marks.get((START, chain))
        if start is None:
            found.say(chain, 0, "has no signed start")
        head = exported.marks.get((HEAD, chain))
        checked(found, chain, exported.rows.get(chain, ()), head, start, public, _nothing_left)
    kept(found, _hashes(exported), {chain: mark for (kind, chain), mark in exported.marks.items() if kind == START})
    return found


def _nothing_left(head: Mark) -> bool:
    """A file ends with its heads: they were signed for it."""
    return False


def _hashes(exported: Exported) -> Any:
    known = {(chain, row.seq): row.hash for chain, rows in exported.rows.items() for row in rows}
    return lambda chain, seq: known.get((chain, seq))
