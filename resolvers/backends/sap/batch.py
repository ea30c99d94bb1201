"""`$batch`: many reads in one POST, multipart/mixed there and back.

Answers come in the order of the questions; nothing in an availability record says what it is about. So each question
carries a Content-ID: where the system echoes them, they decide; where it does not, the number of answers has to be
right. An answer that cannot be told apart, or a body that breaks off, spoils the whole batch (Garbled); an answer with
an error of its own only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import Message

from resolvers.backends.base import BackendError, Garbled, Reply
from resolvers.backends.sap.odata import accepted

BOUNDARY = "batch_customer_graph"
"""Cannot occur in a body of ours: every line of it begins with a word of HTTP or MIME."""
CONTENT_TYPE = f"multipart/mixed; boundary={BOUNDARY}"
MOST_PARTS = 50
PART = (
    "--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    "Content-ID: {number}\r\n\r\nGET {target} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
)
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\Z")


def body(targets: Sequence[str]) -> bytes:
    """A batch of GETs; targets are relative to the service and percent-encoded."""
    parts = (PART.format(boundary=BOUNDARY, number=number, target=target) for number, target in enumerate(targets, 1))
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode("ascii")


def answers(system: str, reply: Reply, asked: int) -> list[Reply | BackendError]:
    """The answer to each question, in the questions' order. Raises Garbled when they cannot be told apart."""
    if reply.status not in (200, 202):
        accepted(system, reply)
    found = [_answer(system, part) for part in _parts(system, reply)]
    if found and all(number for number, _ in found):
        return _by_number(system, found, asked)
    right = all(number in ("", str(place)) for place, (number, _) in enumerate(found, 1))
    if len(found) != asked or not right:
        raise Garbled(system, f"a batch of {asked} was answered by {len(found)} parts")
    return [answer for _, answer in found]


def _by_number(
    system: str, found: Sequence[tuple[str, Reply | BackendError]], asked: int
) -> list[Reply | BackendError]:
    numbered = dict(found)
    wanted = [str(number) for number in range(1, asked + 1)]
    if len(numbered) != len(found) or not numbered.keys() <= set(wanted):
        raise Garbled(system, "parts of a batch answer repeat each other or answer what was not asked")
    return [numbered.get(number) or Garbled(system, "the batch answer has no such part") for number in wanted]


def _parts(system: str, reply: Reply) -> list[bytes]:
    boundary = _boundary(reply.headers.get("content-type", ""))
    if boundary is None:
        raise Garbled(system, "the batch answer is not multipart/mixed with a boundary")
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?=(?:--)?[ \t]*(?:\r?\n|\Z))", reply.body)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or any(piece.startswith(b"--") for piece in pieces[1:-1]):
        raise Garbled(system, "the batch answer breaks off or has another boundary than it says")
    return pieces[1:-1]


def _boundary(content_type: str) -> bytes | None:
    message = Message()
    message["Content-Type"] = re.sub(r"[\r\n]+", " ", content_type)
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/mixed" or not isinstance(boundary, str) or not boundary:
        return None
    return boundary.encode("utf-8", "replace")


def _answer(system: str, part: bytes) -> tuple[str, Reply | BackendError]:
    mime, inner = _divided(part.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n"))
    head, content = _divided(inner.lstrip(b"\r\n"))
    line, _, rest = head.partition(b"\n")
    status = STATUS_LINE.match(line.rstrip(b"\r"))
    about = dict(_headers(mime))
    if status is None or not about.get("content-type", "").startswith("application/http"):
        return about.get("content-id", ""), Garbled(system, "a part of the batch answer is no HTTP answer")
    return about.get("content-id", ""), Reply(int(status[1]), dict(_headers(rest)), content)


def _divided(text: bytes) -> tuple[bytes, bytes]:
    """Head and body, which an empty line divides."""
    head, *body = re.split(rb"\r?\n\r?\n|\A\r?\n", text, maxsplit=1)
    return head, b"".join(body)


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()
