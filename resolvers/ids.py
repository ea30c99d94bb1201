"""Opaque ids of the graph: the type and the gateway's own key of the row, never a key of a system behind it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def global_id(type_name: str, key: str) -> str:
    """URL-safe, without padding; equal rows have equal ids for ever."""
    return urlsafe_b64encode(f"{type_name}:{key}".encode()).rstrip(b"=").decode()


def parsed(text: str) -> tuple[str, str] | None:
    """(type, key); None for what is no id of ours."""
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    type_name, colon, key = plain.partition(":")
    return (type_name, key) if colon and key and global_id(type_name, key) == text else None
