"""JSON from strangers, read to the letter of RFC 8259 and no further.

Refused, because each means different things to different readers: a key given twice, NaN and Infinity, numbers beyond a
double's range, text that is not UTF-8 or not Unicode (half a surrogate pair), and nesting deeper than `DEEPEST`.
"""

from __future__ import annotations

import json
import math
from typing import Any

DEEPEST = 64


class NotJson(ValueError):
    """What is wrong with it, in words for whoever sent it."""


def read_json(body: bytes) -> Any:
    """The value of one JSON text. Raises `NotJson`."""
    try:
        value = READER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotJson(f"it is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise NotJson("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except NotJson:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise NotJson("it has a number that is out of range") from error
    _check(value, body)
    return value


def _check(value: Any, body: bytes) -> None:
    if body.count(b"{") + body.count(b"[") > DEEPEST and _depth(value) > DEEPEST:
        raise NotJson(f"it is nested more than {DEEPEST} levels deep")
    if b"\\u" in body:  # only an escape can smuggle half a surrogate pair into valid UTF-8
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise NotJson("it has half of a surrogate pair") from error


def _depth(value: Any) -> int:
    depth = 0
    level = [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson(f"the key {_twice(pairs)[:50]!r} is given twice")
    return found


def _twice(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _constant(word: str) -> Any:
    raise NotJson(f"{word} is not JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NotJson("it has a number that is out of range")
    return value


READER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
