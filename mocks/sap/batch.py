"""`$batch`: several questions in one POST, as multipart/mixed, and as many answers, in the same order.

The envelope is 202 whatever its parts say; each part has its own status. A changeset is a part of its own: it is
refused as a whole, with one 405 in place of the inner multipart (the services are released read-only). `Content-ID`
is not echoed for reads.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from urllib.parse import urlsplit

from mocks.sap.errors import INVALID, ODataError
from mocks.sap.resources import Answer, Question

REQUEST_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S+) HTTP/1\.1")


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch; a changeset is one with the method CHANGESET."""

    method: str
    target: str
    accept: str


def parts(content_type: str, body: bytes) -> list[Part]:
    """The requests of a batch; 400 when the envelope or one of its parts cannot be read."""
    boundary = _boundary(content_type)
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?=--|[ \t]*\r?\n)", body)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise _unreadable("the boundary never closes")
    return [_part(piece.decode("utf-8", "replace")) for piece in pieces[1:-1]]


def envelope(answers: list[Answer]) -> tuple[str, bytes]:
    """Content type and body of a batch answer."""
    boundary = secrets.token_hex(16).upper()
    body = b"".join(b"--%s\r\n%s" % (boundary.encode(), b"".join(_written(one))) for one in answers)
    return f"multipart/mixed; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def question(part: Part, service: str, root: str) -> Question:
    """A part's GET, whose target may be relative to the service, absolute, or a whole URL."""
    try:
        url = urlsplit(part.target)
    except ValueError as error:
        raise ODataError(400, INVALID, f"The request '{part.target}' has no readable address.") from error
    prefix = urlsplit(root).path
    if url.path.startswith(prefix + "/"):
        return Question(url.path[len(prefix) + 1 :], url.query, part.accept, root)
    if url.path.startswith("/") or url.netloc:
        raise ODataError(400, INVALID, f"The request '{part.target}' is outside this service.")
    return Question(f"{service}/{url.path}", url.query, part.accept, root)


def _part(piece: str) -> Part:
    mime, _, inner = piece.replace("\r\n", "\n").lstrip(" \t").removeprefix("\n").partition("\n\n")
    kind = _headers(mime).get("content-type", "")
    if kind.startswith("multipart/mixed"):
        return Part("CHANGESET", "", "application/json" if "application/json" in inner else "")
    if not kind.startswith("application/http"):
        raise _unreadable(f"a part is of type '{kind}'")
    head, _, _ = inner.lstrip("\n").partition("\n\n")
    line, _, headers = head.partition("\n")
    found = REQUEST_LINE.fullmatch(line.strip())
    if found is None:
        raise _unreadable(f"'{line}' is no request line")
    return Part(found["method"], found["target"], _headers(headers).get("accept", ""))


def _headers(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\n") if line.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/mixed" or not isinstance(boundary, str) or not boundary:
        raise _unreadable("its content type is not multipart/mixed with a boundary")
    return boundary.encode("latin-1", "replace")


def _written(answer: Answer) -> Iterator[bytes]:
    reason = HTTPStatus(answer.status).phrase
    inner = (
        f"HTTP/1.1 {answer.status} {reason}\r\nContent-Type: {answer.media}\r\n"
        f"Content-Length: {len(answer.body)}\r\ndataserviceversion: 2.0\r\n\r\n"
    ).encode() + answer.body
    yield f"Content-Type: application/http\r\nContent-Length: {len(inner)}\r\n".encode()
    yield b"content-transfer-encoding: binary\r\n\r\n" + inner + b"\r\n"


def _unreadable(why: str) -> ODataError:
    return ODataError(400, INVALID, f"Malformed batch request: {why}.")
