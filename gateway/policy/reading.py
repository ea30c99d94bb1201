"""Reads the policy files. Whatever is not understood there stops the start, by place: guessing would disclose."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from gateway.errors import BadPolicy
from gateway.policy.masks import MASKS
from gateway.policy.rules import Rule
from schema import Category

RULE = frozenset({"purpose", "when", "unless", "allow", "mask", "forbid"})


def tables(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name}: {error}") from error


def table(where: str, found: Any, needed: Collection[str], known: Collection[str]) -> Mapping[str, Any]:
    """A table with these keys and no others."""
    if not isinstance(found, dict):
        raise BadPolicy(f"{where} is not a table")
    if unknown := found.keys() - {*needed, *known}:
        raise BadPolicy(
            f"{where} has an unknown key {min(unknown)!r}; known are {', '.join(sorted({*needed, *known}))}"
        )
    if missing := set(needed) - found.keys():
        raise BadPolicy(f"{where} lacks {min(missing)!r}")
    return found


def one_of(where: str, found: Any, known: Iterable[str]) -> str:
    if found not in (names := sorted(known)):
        raise BadPolicy(f"{where} is {found!r}; known are {', '.join(names)}")
    return str(found)


def text(where: str, found: Any) -> str:
    if not isinstance(found, str):
        raise BadPolicy(f"{where} is not a text")
    return found


def texts(where: str, found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadPolicy(f"{where} is not a list of texts")
    return tuple(found)


def rules(where: str, found: Mapping[str, Any], purposes: Collection[str] | None) -> tuple[Rule, ...]:
    """The rules of one subject: its `any`, and each of its `rule` tables. `purposes`: those it may name; None: any."""
    listed = found.get("rule", [])
    if not isinstance(listed, list):
        raise BadPolicy(f"{where}.rule is not a list of tables: write [[{where.rpartition('[')[2]}.rule]]")
    made = [rule(f"{where} rule {number}", one, purposes) for number, one in enumerate(listed, 1)]
    anywhere = categories(f"{where} any", found.get("any", []))
    return (Rule(f"{where} any", allow=anywhere), *made) if anywhere else tuple(made)


def rule(where: str, found: Any, purposes: Collection[str] | None) -> Rule:
    found = table(where, found, (), RULE)
    named = texts(f"{where} purpose", found["purpose"]) if "purpose" in found else None
    for purpose in named or ():
        if purposes is not None:
            one_of(f"{where} purpose", purpose, purposes)
    made = Rule(
        where,
        None if named is None else frozenset(named),
        frozenset(texts(f"{where} when", found.get("when", []))),
        frozenset(texts(f"{where} unless", found.get("unless", []))),
        categories(f"{where} allow", found.get("allow", [])),
        masks(f"{where} mask", found.get("mask", {})),
        categories(f"{where} forbid", found.get("forbid", [])),
    )
    if not made.categories:
        raise BadPolicy(f"{where} says nothing: it has neither allow, mask nor forbid")
    if never := made.when & made.unless:
        raise BadPolicy(f"{where} never applies: it wants {min(never)!r} to hold and not to hold")
    if named is not None and not named:
        raise BadPolicy(f"{where} never applies: its list of purposes is empty")
    return made


def categories(where: str, found: Any) -> frozenset[Category]:
    return frozenset(_category(where, word) for word in texts(where, found))


def masks(where: str, found: Any) -> Mapping[Category, str]:
    if not isinstance(found, dict):
        raise BadPolicy(f"{where} is not a table")
    return {_category(where, word): one_of(f"{where} {word}", kind, MASKS) for word, kind in found.items()}


def _category(where: str, word: str) -> Category:
    if word not in Category.__members__.values() or word == Category.INHERITED:
        raise BadPolicy(f"{where} names an unknown category {word!r}; see schema/classification.py")
    return Category(word)
