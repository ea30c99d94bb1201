"""A Siebel in this process, and the adapter that asks it over the real wire format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from mocks import siebel as mock
from resolvers.backends.base import Call, Connection, Deadline, Reply, Request
from resolvers.backends.siebel import Siebel
from tests.mocks.siebel_world import Desk

CONTACT = frozenset(Siebel.contacts.columns)
ACCOUNT = frozenset(Siebel.accounts.columns)


class Bridge:
    """The transport seam over httpx, to a mock in this process."""

    def __init__(self, app: Any) -> None:
        self.requests: list[Request] = []
        self._transport = httpx.ASGITransport(app)

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        self.requests.append(request)
        url = f"http://crm.example{request.target}"
        outgoing = httpx.Request(request.method, url, headers=list(request.headers), content=request.body)
        reply = await self._transport.handle_async_request(outgoing)
        return Reply(reply.status_code, dict(reply.headers.items()), await reply.aread())


class Crm:
    """A Siebel of some customers, and the adapter that asks it."""

    def __init__(self, world: Any, zone: str = "UTC", scheme: Any = "either", **options: str) -> None:
        self.desk = Desk(mock.create(world, zone=zone, scheme=scheme))
        self.bridge = Bridge(self.desk)
        told = {"timezone": zone, **options}
        login = Connection("http://crm.example", mock.USERNAME, mock.PASSWORD, options=told)
        self.siebel = Siebel(login, self.bridge)

    async def ask(
        self, operation: str, *keys: Any, columns: Iterable[str] = CONTACT | ACCOUNT, **args: Any
    ) -> dict[Any, Any]:
        """Answers by key; errors are raised."""
        known = getattr(Siebel, operation).columns
        call = Call("siebel", operation, keys, frozenset(columns) & frozenset(known), tuple(sorted(args.items())))
        found = await self.siebel.perform(call, Deadline(5))
        for outcome in found.values():
            if outcome.error:
                raise outcome.error
        return {key: outcome.value for key, outcome in found.items()}

    def queries(self) -> list[dict[str, str]]:
        asked = (parse_qs(urlsplit(request.target).query) for request in self.bridge.requests)
        return [{name: values[0] for name, values in query.items()} for query in asked]

    async def write(self, method: str, path: str, body: Any) -> None:
        """What somebody else enters meanwhile."""
        login = httpx.BasicAuth(mock.USERNAME, mock.PASSWORD)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.desk), auth=login) as client:
            url, headers = f"http://crm.example/siebel/v1.0/data/{path}", {"content-type": "application/json"}
            (await client.request(method, url, json=body, headers=headers)).raise_for_status()
