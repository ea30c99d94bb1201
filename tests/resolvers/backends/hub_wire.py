"""A partner hub in this process, or one that answers what a test puts into its mouth; and the adapter that asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mocks import partner_hub as mock
from resolvers.backends.base import Call, Connection, Deadline, Reply, Request
from resolvers.backends.partner_hub import PartnerHub
from tests.mocks.siebel_world import Desk
from tests.resolvers.backends.siebel_wire import Bridge

TOKEN = Reply(200, {}, b'{"access_token":"t0","expires_in":3600}')
LOGIN = Connection("http://hub.example", mock.CLIENT, mock.SECRET, per_second=10_000)


class Hub:
    """The mock hub of a world."""

    def __init__(self, world: Any, connection: Connection = LOGIN, **settings: Any) -> None:
        self.desk = Desk(mock.create(world, **{"per_second": 0, "lag": 0.05, **settings}))
        self.bridge = Bridge(self.desk)
        self.hub = PartnerHub(connection, self.bridge)

    async def ask(self, operation: str, *keys: Any, columns: Iterable[str] | None = None, **args: Any) -> Any:
        return await answers(self.hub, operation, *keys, columns=columns, **args)

    def queries(self) -> list[dict[str, list[str]]]:
        targets = (urlsplit(one.target) for one in self.bridge.requests)
        return [parse_qs(target.query) for target in targets if target.path.startswith("/v1/")]


def saying(answer: Callable[[Request], Reply] | Reply, **connection: Any) -> PartnerHub:
    """A hub that gives this answer to everything but a login."""

    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        if request.target.startswith("/oauth/"):
            return TOKEN
        return answer if isinstance(answer, Reply) else answer(request)

    return PartnerHub(Connection("http://hub.example", "u", "p", per_second=10_000, **connection), send)


def ok(body: Any) -> Reply:
    return Reply(200, {"content-type": "application/json"}, json.dumps(body).encode())


async def answers(
    hub: PartnerHub, operation: str, *keys: Any, columns: Iterable[str] | None = None, seconds: float = 5, **args: Any
) -> dict[Any, Any]:
    """Answers by key; errors are raised."""
    known = getattr(PartnerHub, operation).columns
    wanted = frozenset(known if columns is None else columns)
    call = Call("partner_hub", operation, keys, wanted, tuple(sorted(args.items())))
    found = await hub.perform(call, Deadline(seconds))
    for outcome in found.values():
        if outcome.error:
            raise outcome.error
    return {key: outcome.value for key, outcome in found.items()}
