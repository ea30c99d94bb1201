"""How records hang together, and what is signed of them.

Each record's hash is SHA-256 of the hash before it and of its own bytes, as they are stored: nothing is written anew to
be checked. Four things are signed (Ed25519), with a key that only the state folder has:

    head     chain, number, hash, moment     of a last record, renewed at intervals (see `ends`): what it signs for
                                             cannot be cut off, nor changed and computed anew
    until    the same                        of the head's record: no record that hangs from it unsigned says that it
                                             was written after this moment
    anchor   the same                        of the last record that retention dropped: what follows still hangs from it
    start    the same                        of the last record before those that were exported
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.catalogue import SettingsError

KEY_FILE = "audit-signing-key"
HEAD, UNTIL, ANCHOR, START = "head", "until", "anchor", "start"


def origin(chain: str) -> bytes:
    """What the first record of a chain hangs from."""
    return hashlib.sha256(f"customer360 audit {chain}".encode()).digest()


def linked(before: bytes, record: bytes) -> bytes:
    return hashlib.sha256(before + record).digest()


@dataclass(frozen=True, slots=True)
class Mark:
    """A record of a chain, signed for: everything up to it was there. `at`: epoch milliseconds."""

    kind: str
    chain: str
    seq: int
    hash: bytes
    at: int
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        return f"customer360 audit {self.kind} {self.chain} {self.seq} {self.hash.hex()} {self.at}".encode()

    def signed_by(self, public: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, self.statement)
        except (InvalidSignature, ValueError):
            return False
        return True

    def as_json(self) -> dict[str, Any]:
        signature = b64encode(self.signature).decode()
        return {
            "kind": self.kind,
            "chain": self.chain,
            "seq": self.seq,
            "hash": self.hash.hex(),
            "at": self.at,
            "signature": signature,
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Mark:
        """Raises KeyError, TypeError or ValueError for what is none."""
        hashed, signature = bytes.fromhex(told["hash"]), b64decode(told["signature"], validate=True)
        return cls(str(told["kind"]), str(told["chain"]), int(told["seq"]), hashed, int(told["at"]), signature)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one state folder."""

    key: Ed25519PrivateKey

    @classmethod
    def kept(cls, folder: Path) -> Signer:
        """The key in the folder, made at first use. Two processes that start together agree on one."""
        path = folder / KEY_FILE
        try:
            if not path.exists():
                _create(path)
            return cls(Ed25519PrivateKey.from_private_bytes(b64decode(path.read_bytes(), validate=False)))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: this key file cannot be used: {error}") from error

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def mark(self, kind: str, chain: str, seq: int, hashed: bytes, at: int) -> Mark:
        unsigned = Mark(kind, chain, seq, hashed, at)
        return Mark(kind, chain, seq, hashed, at, self.key.sign(unsigned.statement))


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(b64encode(Ed25519PrivateKey.generate().private_bytes_raw()) + b"\n")
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # never replaces a key that is there already
    finally:
        draft.unlink()
