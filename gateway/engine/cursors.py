"""Cursors: sealed positions, good only for the list, the arguments and the class of viewers they were made for.

Sealed, not just signed: a position holds sort values (a date, an order number) that the viewer may not be granted.
Sealing is deterministic (AES-SIV, RFC 5297), so that equal questions give equal answers, and survives a restart.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from resolvers.backends.base import Unusable
from resolvers.binding import Cursors

PAGING = frozenset({"first", "after"})
WRONG = "`after` is not a cursor of this list: take it from `endCursor` of the same field, arguments and caller"


class Sealer:
    """Makes the cursors of one app; `secret` is any number of bytes."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(hashlib.blake2b(secret, digest_size=64, person=b"cursors").digest())

    def bound(self, coordinate: str, arguments: Mapping[str, Any], viewer: str) -> Cursors:
        """Cursors of one edge. Page length may change from page to page; everything else may not."""
        bound = _Bound(self._cipher, coordinate, arguments, viewer)
        return Cursors(bound.seal, bound.open)


@dataclass(slots=True)
class _Bound:
    """Cursors of one edge. What they are bound to is put together when there is one to seal or to open: most edges have
    none."""

    cipher: AESSIV
    coordinate: str
    arguments: Mapping[str, Any]
    viewer: str
    _context: tuple[bytes, ...] = ()

    @property
    def context(self) -> tuple[bytes, ...]:
        if not self._context:
            fixed = {name: value for name, value in sorted(self.arguments.items()) if name not in PAGING}
            told = msgspec.json.encode(fixed, enc_hook=str)
            self._context = (self.coordinate.encode(), told, self.viewer.encode())
        return self._context

    def seal(self, parent: str, position: Sequence[Any]) -> str:
        sealed = self.cipher.encrypt(msgspec.json.encode(list(position)), [*self.context, parent.encode()])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, parent: str, cursor: str) -> Sequence[Any]:
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            opened = self.cipher.decrypt(sealed, [*self.context, parent.encode()])
        except (InvalidTag, ValueError) as error:
            raise Unusable(WRONG) from error
        position: list[Any] = msgspec.json.decode(opened)
        return position
