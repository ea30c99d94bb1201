"""Cursors: sealed positions, good only for the list, the arguments and the class of viewers they were made for.

Sealed, not just signed: a position holds sort values (a date, an order number) that the viewer may not be granted.
Sealing is deterministic (AES-SIV, RFC 5297), so that equal questions give equal answers, and survives a restart.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
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
        fixed = {name: value for name, value in sorted(arguments.items()) if name not in PAGING}
        context = [coordinate.encode(), msgspec.json.encode(fixed, enc_hook=str), viewer.encode()]
        return Cursors(self._seal(context), self._open(context))

    def _seal(self, context: list[bytes]) -> Callable[[str, Sequence[Any]], str]:
        def seal(parent: str, position: Sequence[Any]) -> str:
            sealed = self._cipher.encrypt(msgspec.json.encode(list(position)), [*context, parent.encode()])
            return urlsafe_b64encode(sealed).rstrip(b"=").decode()

        return seal

    def _open(self, context: list[bytes]) -> Callable[[str, str], Sequence[Any]]:
        def open_(parent: str, cursor: str) -> Sequence[Any]:
            try:
                sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
                opened = self._cipher.decrypt(sealed, [*context, parent.encode()])
            except (InvalidTag, ValueError) as error:
                raise Unusable(WRONG) from error
            position: list[Any] = msgspec.json.decode(opened)
            return position

        return open_
