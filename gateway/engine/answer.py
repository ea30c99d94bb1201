"""What was found → bytes. Keys of `extensions` appear only when they have something to say (CONTRACTS §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from gateway.engine.collect import Hiding, numbers, standing
from gateway.engine.frame import Path
from gateway.errors import Code


def _plain(value: Any) -> Any:
    """Words and numbers of somebody's own class are words and numbers; nothing else is known to JSON."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    raise TypeError(f"a value of {type(value).__name__} cannot be shown")


encoder = msgspec.json.Encoder(enc_hook=_plain)


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


def withheld_errors(
    absent: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]], data: Any, hiding: Hiding
) -> list[dict[str, Any]]:
    """For clients that would rather be told (`X-On-Withheld: error`): one error per field withheld from them, at the
    first null it left that no error stands at yet; none where there is no row that could have had it. Nor for a type:
    whether one of its rows would be there is not told to who may not know."""
    withheld = [entry for entry in absent if entry["reason"] == "WITHHELD" and "." in entry["coordinate"]]
    rows = hiding() if any("at" not in entry for entry in withheld) else {}
    told, more = {tuple(error["path"]) for error in errors}, []
    for entry in withheld:
        pattern, coordinate = entry["path"], entry["coordinate"]
        lacking = chain.from_iterable(one.paths for one in rows.get((pattern, coordinate), ()))
        nulls = entry["at"] if "at" in entry else chain.from_iterable(standing(data, row, pattern) for row in lacking)
        if free := [tuple(path) for path in nulls if tuple(path) not in told]:
            first = min(free, key=numbers)
            told.add(first)
            more.append(_not_allowed(coordinate, first))
    return more


def _not_allowed(coordinate: str, path: Path) -> dict[str, Any]:
    return {
        "message": f"{coordinate} is not among what you need to know",
        "path": list(path),
        "extensions": {"code": Code.NOT_ALLOWED.value, "coordinate": coordinate},
    }
