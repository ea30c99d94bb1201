"""What was found → bytes. Keys of `extensions` appear only when they have something to say (CONTRACTS §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.errors import Code

encoder = msgspec.json.Encoder()


def answer(
    data: Mapping[str, Any], errors: Sequence[Any], absent: Sequence[Any], extensions: Mapping[str, Any]
) -> bytes:
    """The whole response body."""
    body: dict[str, Any] = {"data": data}
    if errors:
        body["errors"] = errors
    extra = {"absent": absent, **extensions}
    if said := {name: value for name, value in extra.items() if value}:
        body["extensions"] = said
    return encoder.encode(body)


def withheld_errors(absent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For clients that would rather be told (`X-On-Withheld: error`): one error per coordinate withheld from them."""
    return [
        {
            "message": f"{entry['coordinate']} is not among what you need to know",
            "path": entry["path"].split(".*")[0].split("."),
            "extensions": {"code": Code.NOT_ALLOWED.value, "coordinate": entry["coordinate"]},
        }
        for entry in absent
        if entry["reason"] == "WITHHELD"
    ]
