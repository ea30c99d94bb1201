"""POST /graphql, as nearly everybody asks: from ASGI to the pipeline and back on one page, past Starlette's router and
the layers that other addresses have. What those do is done here, in their order: the request gets its name (`Stamp`),
nobody gets in while every place is taken (`Shut`), who leaves is not worked for (`Leaving`), and whatever is raised
becomes an answer (the refusals, `Net`).

    heads     what can be told from the request's head: media, caller, wishes; and a place for the question
    question  the body, read to its end
    answer    what the pipeline says of it, and the headers that every answer has
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth import Principal
from gateway.errors import HttpProblem
from gateway.question import Options, Question
from gateway.server.answers import VARIES, given_id, gone, internal, names, outcome, sliced, stamp, stamped
from gateway.server.asking import question_of_body
from gateway.server.heads import Heads, Named
from gateway.server.leaving import Visit, Visits
from gateway.server.media import GRAPHQL, JSON, acceptable, require_json
from gateway.server.shut import turned_away
from gateway.server.wishes import options_of

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""

KINDS = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in (JSON, GRAPHQL)}
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
NOT_KEPT = (b"cache-control", b"no-store")
VARYING = (b"vary", VARIES.encode())


@dataclass(frozen=True, slots=True)
class Posted:
    """An ASGI app for this method of this address. `refused`: the answer to a refusal; `full`: see `Shut`; the others
    are those of `Front`. `most`, `patience`: bytes of a body, and seconds for it."""

    pipeline: Callable[[Question, Principal, Options], Awaitable[bytes]]
    let_in: Callable[[Named], Awaitable[Principal]]
    door: Callable[[Principal], AbstractContextManager[Mapping[str, str] | None]]
    full: Callable[[], bool]
    refused: Callable[[Request, Exception], Awaitable[Response]]
    visits: Visits
    most: int
    patience: float
    names: Iterator[str] = field(default_factory=names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heads = Heads(scope["headers"])
        scope["request_id"] = request_id = given_id(heads) or next(self.names)
        if self.full():
            await turned_away(scope, stamped(send, request_id))
            return
        visit = self.visits.begin(receive, self.patience)
        try:
            status, headers, body = await self._answer(heads, request_id, receive, visit)
        except asyncio.CancelledError:
            if visit.forgiven():
                return
            raise
        except Exception as error:
            status, headers, body = await self._excused(Request(scope), error, request_id)
        finally:
            visit.end()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await sliced(body, send)

    async def _answer(self, heads: Heads, request_id: str, receive: Receive, visit: Visit) -> Answer:
        media = acceptable(heads.getlist("accept"))
        require_json(heads)
        principal = await self.let_in(heads)
        options = options_of(heads, request_id)
        with self.door(principal) as told:
            question = await question_of_body(receive, heads, self.most, visit)
            status, body = await outcome(media, self.pipeline(question, principal, options))
        length, named = str(len(body)).encode(), request_id.encode()
        headers = [(b"content-length", length), KINDS[media], (b"x-request-id", named), NO_SNIFFING, NOT_KEPT, VARYING]
        if told:
            headers += [(name.lower().encode(), value.encode()) for name, value in told.items()]
        return status, headers, body

    async def _excused(self, request: Request, error: Exception, request_id: str) -> Answer:
        """What is told instead of an answer."""
        match error:
            case HttpProblem():
                response = await self.refused(request, error)
            case ClientDisconnect():
                response = await gone(request, error)
            case _:
                response = internal(error, request_id)
        stamp(response.headers, request_id)
        return response.status_code, response.raw_headers, bytes(response.body)
