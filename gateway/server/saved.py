"""Saved questions at plain addresses: `GET /q/NAME?variable=value` answers a stored operation, as JSON or as CSV.

For who has a spreadsheet, a shell or a scheduler and no GraphQL. The operations are those of `documents.warm`, by the
name of their file. Nothing here answers by itself: a saved question is a question like any other, put through the same
pipeline with the same token, so the same need-to-know, limits and trail hold. What is refused is a 400 here, whatever
is accepted: who types an address reads statuses.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from graphql import (
    GraphQLError,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    parse,
)
from starlette.requests import Request
from starlette.responses import Response

from gateway.auth import Principal
from gateway.errors import Code, HttpProblem
from gateway.question import Options, Question
from gateway.server.answers import answered
from gateway.server.media import GRAPHQL, JSON, preferred
from gateway.server.sheet import sheet
from gateway.server.wishes import options_of
from gateway.strict_json import NotJson, read_json

MOST_PARAMETERS = 100
LONGEST = 20_000
"""Characters of a query string that is taken apart."""

SHEET = "text/csv"
MOST_TOLD = 50
"""Coordinates that a sheet's head names as missing."""

WHOLE = re.compile(r"-?[0-9]{1,30}")
NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored query. `variables`: the type of each, as the document writes it; `needed`: those that must be given;
    `objects`: names of types that are input objects."""

    name: str
    text: str
    variables: Mapping[str, TypeNode]
    needed: frozenset[str]
    objects: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class SavedQuestions:
    """The address of each. The rest is the server's own: who is let in, a place for the question, the pipeline."""

    questions: Mapping[str, Saved]
    admit: Callable[[Request], Awaitable[Principal]]
    door: Callable[[Principal], AbstractContextManager[Mapping[str, str] | None]]
    pipeline: Callable[[Question, Principal, Options], Awaitable[bytes]]

    async def answer(self, request: Request) -> Response:
        principal = await self.admit(request)
        name, as_sheet = _named(request)
        question = self.questions.get(name)
        if question is None:
            raise HttpProblem(404, f"There is no saved question {name[:80]!r}.", code=Code.NOT_FOUND)
        variables = values(question, request.scope["query_string"])
        options = options_of(request.headers, request.scope["request_id"])
        with self.door(principal) as told:
            asked = Question(question.text, None, variables, safe=True)
            reply = await answered(GRAPHQL, self.pipeline(asked, principal, options))
            made = _sheet(reply) if as_sheet and reply.status_code == 200 else _json(reply)
            made.headers.update(told or {})
            return made


def _named(request: Request) -> tuple[str, bool]:
    """Which one, and whether as a sheet: by its ending, or because CSV is accepted rather than JSON."""
    name = str(request.path_params["name"])
    wanted = name.endswith(".csv") or preferred(request.headers.getlist("accept"), (JSON, SHEET)) == SHEET
    return name.removesuffix(".csv"), wanted


def _json(reply: Response, status: int | None = None) -> Response:
    return Response(reply.body, status or reply.status_code, media_type=f"{JSON}; charset=utf-8")


def _sheet(reply: Response) -> Response:
    """What could not be shown is told in the head: a sheet has no other place for it. Where errors left nothing at all,
    they are told instead: an empty sheet would say that there is nothing."""
    answer = msgspec.json.decode(reply.body)
    data, errors = answer.get("data") or {}, answer.get("errors", ())
    if errors and all(part is None for part in data.values()):
        return _json(reply, _status({one["extensions"]["code"] for one in errors}))
    absent = answer.get("extensions", {}).get("absent", [])
    told = sorted({f"{one['coordinate']} {one['reason']}" for one in absent})
    headers = {"X-Absent": ", ".join(told[:MOST_TOLD])} if told else {}
    return Response(sheet(data), 200, headers, media_type=f"{SHEET}; charset=utf-8")


def _status(codes: Collection[str]) -> int:
    """Of an answer that errors left nothing of: whose doing that is."""
    if Code.BAD_VARIABLE in codes:
        return 400
    return 403 if set(codes) == {Code.NOT_ALLOWED} else 503


def saved(files: Iterator[tuple[Path, str]], objects: Collection[str] = ()) -> dict[str, Saved]:
    """By name. What holds no query alone, or several, has no address: those are asked as documents."""
    found = (_saved(file.stem, text, objects) for file, text in files)
    return {one.name: one for one in found if one}


def values(question: Saved, query_string: bytes) -> dict[str, Any]:
    """Variables from an address. Raises HttpProblem (400, 414) that names the one that does not fit."""
    given: dict[str, list[str]] = {}
    for name, value in _pairs(query_string):
        if name not in question.variables:
            known = ", ".join(sorted(question.variables)) or "none"
            raise _bad(f"{question.name!r} has no variable {name!r}; known: {known}.")
        given.setdefault(name, []).append(value)
    if missing := sorted(question.needed - given.keys()):
        raise _bad(f"{question.name!r} needs {', '.join(missing)}.")
    return {name: _value(name, question.variables[name], some, question.objects) for name, some in given.items()}


def _saved(name: str, text: str, objects: Collection[str]) -> Saved | None:
    try:
        document = parse(text)
    except GraphQLError:
        return None
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
        return None
    declared = {one.variable.name.value: one for one in operations[0].variable_definitions or ()}
    needed = (n for n, one in declared.items() if isinstance(one.type, NonNullTypeNode) and one.default_value is None)
    return Saved(name, text, {n: one.type for n, one in declared.items()}, frozenset(needed), objects)


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    if len(query_string) > LONGEST:
        raise HttpProblem(414, f"The address is longer than {LONGEST} characters.", code=Code.LIMIT)
    try:
        text = query_string.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise _bad("The URL's parameters are not percent-encoded UTF-8, or are too many.") from error


def _value(name: str, kind: TypeNode, given: list[str], objects: Collection[str]) -> Any:
    """As the variable's type wants it: a list is given several times, an input object as JSON."""
    bare = kind.type if isinstance(kind, NonNullTypeNode) else kind
    if isinstance(bare, ListTypeNode):
        return [_value(name, bare.type, [one], objects) for one in given]
    if len(given) > 1:
        raise _bad(f"{name!r} is given {len(given)} times: it is no list.")
    named = bare.name.value if isinstance(bare, NamedTypeNode) else ""
    return _object(name, given[0]) if named in objects else _scalar(name, named, given[0])


def _scalar(name: str, kind: str, text: str) -> Any:
    match kind:
        case "Boolean" if text in ("true", "false"):
            return text == "true"
        case "Boolean":
            raise _bad(f"{name!r} is true or false, not {text[:40]!r}.")
        case "Int" if WHOLE.fullmatch(text):
            return int(text)
        case "Int":
            raise _bad(f"{name!r} is a whole number, not {text[:40]!r}.")
        case "Float" if NUMBER.fullmatch(text):
            return float(text)
        case "Float":
            raise _bad(f"{name!r} is a number, not {text[:40]!r}.")
        case _:
            return text  # texts, ids, choices; whether it is one of those the schema says


def _object(name: str, text: str) -> Any:
    try:
        return read_json(text.encode())
    except NotJson as error:
        raise _bad(f"{name!r} is an object, as JSON, and cannot be read: {error}.") from error


def _bad(message: str) -> HttpProblem:
    return HttpProblem(400, message, code=Code.BAD_VARIABLE)
