"""What was found → bytes. Keys of `extensions` appear only when they have something to say (CONTRACTS §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.errors import Code

encoder = msgspec.json.Encoder()


def answer(
    data: Mapping[str, Any] | None, errors: Sequence[Any], absent: Sequence[Any], extensions: Mapping[str, Any]
) -> bytes:
    """The whole response body."""
    body: dict[str, Any] = {"data": data}
    if errors:
        body["errors"] = errors
    extra = {"absent": absent, **extensions}
    if said := {name: value for name, value in extra.items() if value}:
        body["extensions"] = said
    return encoder.encode(body)


def withheld_errors(absent: Sequence[Mapping[str, Any]], data: Any) -> list[dict[str, Any]]:
    """For clients that would rather be told (`X-On-Withheld: error`): one error per field withheld from them, at the
    first null it left; none where there is no row that could have had it."""
    errors = []
    for entry in absent:
        if entry["reason"] == "WITHHELD":
            path = entry["at"][0] if "at" in entry else _first_null(data, entry["path"].split("."))
            if path is not None:
                errors.append(_not_allowed(entry["coordinate"], path))
    return errors


def _not_allowed(coordinate: str, path: Sequence[Any]) -> dict[str, Any]:
    return {
        "message": f"{coordinate} is not among what you need to know",
        "path": path,
        "extensions": {"code": Code.NOT_ALLOWED.value, "coordinate": coordinate},
    }


def _first_null(value: Any, steps: Sequence[str]) -> list[Any] | None:
    """The first position that a pattern matches and that holds null."""
    if not steps:
        return [] if value is None else None
    if steps[0] == "*":
        inner: Any = enumerate(value) if isinstance(value, list) else ()
    else:
        inner = [(steps[0], value[steps[0]])] if isinstance(value, dict) and steps[0] in value else ()
    for step, below in inner:
        found = _first_null(below, steps[1:])
        if found is not None:
            return [step, *found]
    return None
