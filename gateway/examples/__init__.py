"""Questions to begin with, one file each: what somebody of a role would ask, and what they would not be shown.

They are stored operations like any client's (`documents.warm` takes this folder), the README quotes them, tools offer
them, and a test asks each as those it is for. The head of a file is a comment of `name: value` lines, of which a line
that is indented continues the one above:

    title     one line
    as        who asks, in the words of a dev token: role=, client=, purpose=, key=RELATION=KEY and, for somebody who is
              a customer, customer=WAY:VALUE as `Query.customer(by:)` would find them. Several: all ask the same
    withheld  coordinates that those named above are not shown, and
    masked    those of which they are shown a part
    variables a JSON object
    see       what to look at in the answer
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HEAD = ("title", "as", "withheld", "masked", "variables", "see")
WORDS = ("role", "client", "purpose", "key", "customer")


class BadExample(ValueError):
    """A file that cannot be understood; says which, and where."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Who asks. `customer`: the way to find the customer they are (a field of `CustomerBy`), and its value."""

    role: str
    client: str | None = None
    purpose: str | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    customer: tuple[str, str] | None = None

    def __str__(self) -> str:
        keys = ", ".join(key for some in self.keys.values() for key in some)
        of, what_for = f" ({keys})" if keys else "", f" for {self.purpose}" if self.purpose else ""
        return f"{self.client or self.role}{of}{what_for}"


@dataclass(frozen=True, slots=True)
class Example:
    """One question by one persona; a file that several ask makes several of these, with the same name.

    name:   of the file, without its ending
    text:   the whole file; `query`: without its head
    """

    name: str
    title: str
    persona: Persona
    text: str
    query: str
    variables: Mapping[str, Any]
    see: str
    withheld: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


def examples(folder: Path = FOLDER) -> tuple[Example, ...]:
    """All of them, by name. Raises `BadExample`."""
    return tuple(one for file in sorted(folder.glob("*.graphql")) for one in read(file))


def read(file: Path) -> Iterator[Example]:
    """One for each persona of a file. Raises `BadExample`."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    end = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    try:
        yield from _read(file.stem, text, lines[:end], "\n".join(lines[end:]).strip() + "\n")
    except ValueError as error:
        raise BadExample(f"{file.name}: {error}") from error


def _read(name: str, text: str, head: list[str], query: str) -> Iterator[Example]:
    common: dict[str, str] = {}
    asking: list[tuple[Persona, dict[str, tuple[str, ...]]]] = []
    for word, value in _said(head):
        if word == "as":
            asking.append((_persona(value), {}))
        elif word in ("withheld", "masked") and asking:
            asking[-1][1][word] = tuple(value.replace(",", " ").split())
        else:
            common[word] = value
    if not asking or not {"title", "see"} <= common.keys():
        raise ValueError("the head needs `title`, `as` and `see`, and `as` before `withheld` and `masked`")
    variables = json.loads(common.get("variables", "{}"))
    for persona, gaps in asking:
        one = Example(name, common["title"], persona, text, query, variables, common["see"])
        yield replace(one, withheld=gaps.get("withheld", ()), masked=gaps.get("masked", ()))


def _said(head: list[str]) -> Iterator[tuple[str, str]]:
    """`# name: value` and the lines that continue it."""
    said: list[list[str]] = []
    for line in head:
        if line.startswith("#   ") and said:
            said[-1].append(line[1:].strip())
        else:
            said.append([line[1:].strip()])
    for parts in said:
        word, colon, value = " ".join(parts).partition(":")
        if not colon or word not in HEAD:
            raise ValueError(f"{parts[0]!r} is no line of a head; those begin with {', '.join(HEAD)}")
        yield word, value.strip()


def _persona(value: str) -> Persona:
    named: dict[str, Any] = {"keys": {}}
    for part in shlex.split(value):
        word, _, said = part.partition("=")
        if word not in WORDS or not said:
            raise ValueError(f"{part!r}: `as` takes {', '.join(WORDS)}, each with =VALUE")
        match word:
            case "key":
                relation, _, key = said.partition("=")
                named["keys"][relation] = (*named["keys"].get(relation, ()), key)
            case "customer":
                way, _, found = said.partition(":")
                named["customer"] = (way, found)
            case _:
                named[word] = said
    if "role" not in named:
        raise ValueError("`as` needs role=")
    return Persona(**named)
