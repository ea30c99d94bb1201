"""How long a text can get in an address, without working it out."""

from __future__ import annotations


def at_most(text: str) -> int:
    """Bytes of it, percent-encoded: three for each letter of ASCII, and of another twelve."""
    return (3 if text.isascii() else 12) * len(text)
