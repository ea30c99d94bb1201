"""From bytes to a `Question`. Whatever is not a GraphQL request is a 400 with a sentence that says what to send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.errors import Code, HttpProblem
from gateway.question import Question
from gateway.server.heads import Named
from gateway.server.leaving import Visit
from gateway.strict_json import NotJson, read_json

SHAPE = 'Send {"query": "…", "variables": {…}, "operationName": "…"}; only "query" is required.'
NAMES = frozenset({"query", "operationName", "variables", "extensions"})


async def question_of_body(receive: Receive, headers: Named, most: int, visit: Visit) -> Question:
    """Read a POST, never holding more than `most` bytes of it (and the chunk that was one too many), nor waiting longer
    for its end than this visit may take: who sends a byte at a time is not a caller. Raises HttpProblem, and
    ClientDisconnect for who leaves meanwhile."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    try:
        body = await _sent(receive, most, visit)
    except asyncio.CancelledError as error:
        if visit.late and visit.forgiven():
            raise _too_slow(visit.patience) from error
        raise
    return _question(_read(body, "The body"), safe=False)


async def _sent(receive: Receive, most: int, visit: Visit) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    visit.read = True
    return bytes(body)


async def body_of(stream: AsyncIterator[bytes], most: int, patience: float) -> bytes:
    """Raises HttpProblem (408, 413) for one that comes too slowly, or is too large."""
    try:
        async with asyncio.timeout(patience):
            return await _all(stream, most)
    except TimeoutError as error:
        raise _too_slow(patience) from error


async def _all(stream: AsyncIterator[bytes], most: int) -> bytes:
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def question_of_url(query_string: bytes, most: int) -> Question:
    """Read a GET: `query`, and optionally `operationName` and `variables` (JSON), each once."""
    if len(query_string) > most:
        raise _too_large(most)
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise _bad("The URL's parameters are not percent-encoded UTF-8, or are too many.") from error
    given = [(name, value) for name, value in pairs if name in NAMES]
    parameters: dict[str, Any] = dict(given)
    if len(parameters) != len(given):
        raise _bad("A parameter is given twice: send each of query, operationName, variables once.")
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            parameters[name] = _read(text.encode(), f"The parameter {name!r}")
        else:
            parameters.pop(name, None)
    parameters["operationName"] = parameters.get("operationName") or None
    return _question(parameters, safe=True)


def _question(given: Any, *, safe: bool) -> Question:
    if isinstance(given, list):
        raise _bad("This endpoint takes one request at a time, not a list of them.")
    if not isinstance(given, dict):
        raise _bad("The body is not an object.")
    query, name, variables = given.get("query"), given.get("operationName"), given.get("variables")
    if not isinstance(query, str):
        raise _bad('"query" is missing.' if query is None else '"query" is not a text.')
    if name is not None and not isinstance(name, str):
        raise _bad('"operationName" is neither a text nor null.')
    if variables is not None and not isinstance(variables, dict):
        raise _bad('"variables" is neither an object nor null.')
    if not isinstance(given.get("extensions"), dict | None):
        raise _bad('"extensions" is neither an object nor null.')
    return Question(query, name, variables or {}, safe)


def _read(data: bytes, what: str) -> Any:
    try:
        return read_json(data)
    except NotJson as error:
        raise _bad(f"{what} cannot be read: {error}.") from error


def _bad(message: str) -> HttpProblem:
    return HttpProblem(400, f"{message} {SHAPE}")


def _too_slow(patience: float) -> HttpProblem:
    return HttpProblem(408, f"The body did not arrive within {patience:g} seconds.", {"Connection": "close"})


def _too_large(most: int) -> HttpProblem:
    return HttpProblem(413, f"The request is larger than the {most} bytes this gateway reads.", code=Code.LIMIT)
