"""Whom records are about, without saying so: each person, or row of somebody not known, has a random key of their own.

With it their id becomes a tag (a keyed hash), which records and the index hold, and is sealed into each record
(AES-GCM). The table of keys is the one place that leads from a person to their tag, and it is looked up by a hash keyed
with a key of the state folder. Forgetting somebody deletes their row: tags and sealed ids in old records then lead
nowhere, and no record has changed. Who is seen again afterwards gets a new key, and so another tag.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.engine.lru import Lru

REMEMBERED = 20_000
NONCE = 12


@dataclass(frozen=True, slots=True)
class Tagged:
    """A person or row, as records name them. `json`: tag and sealed id, as they stand there."""

    tag: bytes
    json: bytes


@dataclass(slots=True)
class Vault:
    """`secret`: what persons are looked up with. `forgotten`: how often anybody was, when `known` was right."""

    secret: bytes = field(repr=False)
    known: Lru[str, Tagged] = field(default_factory=lambda: Lru(REMEMBERED), repr=False)
    forgotten: int = -1

    def follow(self, db: sqlite3.Connection) -> None:
        """Another process may have forgotten somebody: then no tag is taken from memory. Call inside a transaction."""
        (count,) = db.execute("SELECT COALESCE(MAX(number), 0) FROM counter WHERE name = 'forgotten'").fetchone()
        if count != self.forgotten:
            self.known, self.forgotten = Lru(REMEMBERED), count

    def tagged(self, db: sqlite3.Connection, subject: str) -> Tagged:
        """Their tag; a new one for who has none. Call inside a transaction."""
        known = self.known.get(subject)
        if known is None:
            tag, key = self._keys(db, subject)
            known = self.known.put(subject, Tagged(tag, _json(tag, _sealed(key, tag, subject))))
        return known

    def tags(self, db: sqlite3.Connection, subjects: Iterable[str]) -> list[bytes]:
        """The tags of those who have one."""
        found = (
            db.execute("SELECT tag FROM subject WHERE lookup = ?", (self._lookup(s),)).fetchone() for s in subjects
        )
        return [row[0] for row in found if row]

    def forget(self, db: sqlite3.Connection, subjects: Iterable[str]) -> int:
        """How many of them were known. Call inside a transaction."""
        gone = sum(db.execute("DELETE FROM subject WHERE lookup = ?", (self._lookup(s),)).rowcount for s in subjects)
        db.execute("INSERT INTO counter VALUES ('forgotten', 1) ON CONFLICT (name) DO UPDATE SET number = number + 1")
        return gone

    def _keys(self, db: sqlite3.Connection, subject: str) -> tuple[bytes, bytes]:
        lookup, key = self._lookup(subject), secrets.token_bytes(32)
        tag = hashlib.blake2b(subject.encode(), key=key, digest_size=12).digest()
        db.execute("INSERT OR IGNORE INTO subject VALUES (?, ?, ?)", (lookup, tag, key))
        row: tuple[bytes, bytes] = db.execute("SELECT tag, key FROM subject WHERE lookup = ?", (lookup,)).fetchone()
        return row

    def _lookup(self, subject: str) -> bytes:
        return hashlib.blake2b(subject.encode(), key=self.secret[:64], digest_size=16).digest()


def opened(db: sqlite3.Connection, named: Sequence[str]) -> str | None:
    """Whom a record means, by tag and sealed id as they stand in it; None when they were forgotten."""
    tag, sealed = map(from_text, named)
    row = db.execute("SELECT key FROM subject WHERE tag = ?", (tag,)).fetchone()
    try:
        return AESGCM(row[0]).decrypt(sealed[:NONCE], sealed[NONCE:], tag).decode() if row else None
    except InvalidTag:
        return None


def from_text(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _sealed(key: bytes, tag: bytes, subject: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, subject.encode(), tag)


def _json(tag: bytes, sealed: bytes) -> bytes:
    return b'["%s","%s"]' % tuple(urlsafe_b64encode(part).rstrip(b"=") for part in (tag, sealed))
