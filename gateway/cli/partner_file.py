"""The register as a file of partners: TOML, one table each, as `gateway/policy/partners.toml` is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(entries: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n".join(_table(client, entry) for client, entry in entries.items())


def _table(client: str, entry: Mapping[str, Any]) -> str:
    return "".join((f"[{_name(client)}]\n", *(f"{name} = {_value(value)}\n" for name, value in entry.items())))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_name(name)} = {_value(one)}" for name, one in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else str(value)


def _name(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """JSON's way of writing a text is TOML's too, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
