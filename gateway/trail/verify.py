"""Whether the trail is what was written: nothing changed, removed, put in or moved about, up to the signed heads.

Behind a head there may be what a kill leaves unsigned there, and no more (see `ends`); in an exported file, nothing.

What the file alone cannot tell, since everything in it may be put back to an earlier day together, heads that were
exported can (`customer360 audit heads`): whatever they sign for has to be there, or to have been dropped by retention.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import msgspec

from gateway.trail import store
from gateway.trail.chain import ANCHOR, Mark, linked, origin
from gateway.trail.ends import ending
from gateway.trail.record import BEGIN, DOCUMENT, PARTNER, POLICY, moment
from gateway.trail.vault import from_text

ROWS = """
SELECT CAST(seq AS INTEGER), CAST(at AS INTEGER), CAST(kind AS TEXT), CAST(ref AS TEXT), CAST(record AS BLOB),
       CAST(hash AS BLOB) FROM entry WHERE chain = ? ORDER BY seq
"""


class Row(NamedTuple):
    """As it is stored."""

    seq: int
    at: int
    kind: str
    ref: str
    record: bytes
    hash: bytes


@dataclass(slots=True)
class Found:
    """What came of it. `unsigned`: first and last record behind a chain's head. `wanted`: hashes of the records that
    others sign for or name, by chain and number."""

    problems: list[str] = field(default_factory=list)
    unsigned: dict[str, tuple[int, int]] = field(default_factory=dict)
    chains: int = 0
    records: int = 0
    wanted: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)

    def say(self, chain: str, seq: int, what: str) -> None:
        self.problems.append(f"{chain}:{seq} {what}")


def verified(db: sqlite3.Connection, public: bytes, exported: Iterable[Mark] = ()) -> Found:
    """The whole file, in one reading."""
    heads, anchors, found = store.marks(db), store.marks(db, ANCHOR), Found()
    listed = db.execute("SELECT DISTINCT chain FROM entry UNION SELECT DISTINCT chain FROM seen")
    names = {*heads, *anchors, *(row[0] for row in listed)}
    exports = list(exported)
    for mark in exports:
        if not mark.signed_by(public):
            found.say(mark.chain, mark.seq, "an exported head is not signed with the key of this folder")
        found.wanted[mark.chain, mark.seq] = (mark.hash.hex(), "an exported head")
    for chain in sorted(names):
        rows = map(Row._make, db.execute(ROWS, (chain,)))
        indexed = _indexed(db, found, chain)
        checked(found, chain, indexed(rows), heads.get(chain), anchors.get(chain), public, partial(_left, db, public))
    kept(found, partial(_stored, db), anchors)
    return found


def _left(db: sqlite3.Connection, public: bytes, head: Mark) -> bool:
    return ending(db, head, public) is not None


def checked(
    found: Found,
    chain: str,
    rows: Iterable[Row],
    head: Mark | None,
    anchor: Mark | None,
    public: bytes,
    left: Callable[[Mark], bool],
) -> None:
    """One chain, from what retention has left of it to its head. `left`: whether what follows a head may be there."""
    found.chains += 1
    for mark in (head, anchor):
        if mark and not mark.signed_by(public):
            found.say(chain, mark.seq, f"the {mark.kind} is not signed with our key")
    seq, before = (anchor.seq, anchor.hash) if anchor else (0, origin(chain))
    told: set[tuple[str, str]] = set()
    for row in rows:
        found.records += 1
        if row.seq != seq + 1:
            found.say(chain, seq + 1, "is missing" if row.seq > seq + 1 else f"is {row.seq}")
        if linked(before, row.record) != row.hash:
            found.say(chain, row.seq, "is not what was written, or not in its place")
        _read(found, chain, row, told)
        seq, before = row.seq, row.hash
        if head and seq == head.seq and before != head.hash:
            found.say(chain, seq, "is not the record that the head signs for")
    _end(found, chain, seq, before, head, left)


def _end(found: Found, chain: str, seq: int, before: bytes, head: Mark | None, left: Callable[[Mark], bool]) -> None:
    """What follows the head hangs from it; but that it is all of it, nobody has signed."""
    if head is None:
        found.say(chain, seq, "is the end of a chain that no head signs for")
    elif head.seq > seq or (head.seq == seq and head.hash != before):
        found.say(chain, head.seq, f"is the signed head, and the last record is {seq}")
    elif head.seq < seq and not left(head):
        found.say(
            chain, head.seq, f"is the last record that a head signs for, and no kill leaves what follows to {seq}"
        )
    elif head.seq < seq:
        found.unsigned[chain] = (head.seq + 1, seq)


def _read(found: Found, chain: str, row: Row, told: set[tuple[str, str]]) -> None:
    """Whether a record says of itself what stands beside it, and refers to what is there."""
    try:
        record = msgspec.json.decode(row.record, type=dict[str, Any])
        place = (record["chain"], record["seq"], record["at"], record["kind"], record["ref"])
        others = _others(record) if row.kind == BEGIN else ()
        refers = [(kind, str(record[kind])) for kind in (DOCUMENT, POLICY, PARTNER) if record.get(kind)]
        listed = (chain, row.seq, moment(row.at), row.kind, row.ref)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError, msgspec.DecodeError):
        found.say(chain, row.seq, "cannot be read")
        return
    if place != listed:
        found.say(chain, row.seq, "is not the record it is listed as")
    if row.kind == BEGIN:
        told.clear()
        for other, seq, hashed in others:
            found.wanted.setdefault((other, seq), (hashed, f"the head that {chain}:{row.seq} names"))
    told.add((row.kind, row.ref))
    for kind, ref in refers:
        if (kind, ref) not in told:
            found.say(chain, row.seq, f"refers to a {kind} that this segment does not have")


def _others(record: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    return [(chain, int(seq), str(hashed)) for chain, (seq, hashed) in record["others"].items()]


def _indexed(db: sqlite3.Connection, found: Found, chain: str) -> Any:
    """Whether those a record is about are found by the index, and nobody else is."""
    (count,) = db.execute("SELECT COUNT(*) FROM seen WHERE chain = ?", (chain,)).fetchone()

    def watch(rows: Iterable[Row]) -> Iterator[Row]:
        expected = 0
        for row in rows:
            for tag in _tags(row):
                expected += 1
                where = (tag, row.at, chain, row.seq)
                if not db.execute("SELECT 1 FROM seen WHERE (tag, at, chain, seq) = (?, ?, ?, ?)", where).fetchone():
                    found.say(chain, row.seq, "is about somebody whom the index does not lead to it")
            yield row
        if expected != count:
            found.say(chain, 0, f"has {count} lines in the index of whom records are about, instead of {expected}")

    return watch


def _tags(row: Row) -> Sequence[bytes]:
    try:
        return [from_text(named[0]) for named in msgspec.json.decode(row.record).get("subjects", ())]
    except (AttributeError, IndexError, ValueError, msgspec.DecodeError):
        return []


def kept(found: Found, hash_of: Callable[[str, int], bytes | None], starts: Mapping[str, Mark]) -> None:
    """Whether what is signed for elsewhere is there. `starts`: what each chain hangs from; before that is nothing."""
    for (chain, seq), (hashed, what) in found.wanted.items():
        start = starts.get(chain)
        if start is None or seq > start.seq:
            there = hash_of(chain, seq)
        elif seq == start.seq:
            there = start.hash
        else:
            continue
        if there is None or there.hex() != hashed:
            found.say(chain, seq, f"is not there as {what} has it")


def _stored(db: sqlite3.Connection, chain: str, seq: int) -> bytes | None:
    row = db.execute("SELECT hash FROM entry WHERE chain = ? AND seq = ?", (chain, seq)).fetchone()
    return row[0] if row else None
