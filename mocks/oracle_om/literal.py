"""What a value in `q` means, given the type of the attribute it is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from mocks.oracle_om.catalogue import Kind, Value
from mocks.oracle_om.problem import Problem

NUMBER = re.compile(r"[-+]?[0-9]{1,38}(\.[0-9]{1,38})?")
FLAGS = {"true": True, "false": False, "y": True, "n": False}


@dataclass(frozen=True, slots=True)
class Literal:
    text: str
    quoted: bool


def typed(literal: Literal, name: str, kind: Kind, pattern: bool = False) -> Value:
    """Raises Problem (400) when the value is not one of the attribute's type. Version 1 hands everything in quoted."""
    match kind:
        case Kind.TEXT if literal.quoted:
            return literal.text
        case Kind.NUMBER if NUMBER.fullmatch(literal.text) and not (literal.quoted or pattern):
            return Decimal(literal.text)
        case Kind.FLAG if literal.text.lower() in FLAGS and not pattern:
            return FLAGS[literal.text.lower()]
        case Kind.MOMENT if literal.quoted and not pattern:
            return _moment(literal.text, name)
        case _:
            raise mismatch(literal.text, name, kind)


def mismatch(text: str, name: str, kind: Kind) -> Problem:
    return Problem(400, f"The value {text[:60]} is not valid for attribute {name} of type {kind.value}.", "27524", "/q")


def _moment(text: str, name: str) -> datetime:
    """A timestamp with offset, or a date or timestamp without, which is taken as UTC."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise mismatch(text, name, Kind.MOMENT) from error
