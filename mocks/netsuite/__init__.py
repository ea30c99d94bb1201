"""NetSuite over its REST services: what was invoiced, paid and credited, and who owes what.

    POST /services/rest/auth/oauth2/v1/token                 see `login`
    POST /services/rest/query/v1/suiteql?limit=&offset=      see `suiteql`, `tables`
    GET  /services/rest/record/v1/{kind}?q=&limit=&offset=   ids and links; kinds: invoice, customerpayment, creditmemo,
                                                             customer
    GET  /services/rest/record/v1/{kind}/{id}[/{sublist}]    `fields`, `expandSubResources`, `simpleEnumFormat`
    GET  /services/rest/record/v1/metadata-catalog/{kind}    `Accept: application/schema+json`

Chosen where the facts are silent or unverified: a moment selected as it is comes as a day in the account's format, as
dates do; more than a thousand literals in an IN list are refused with ORA-01795; an `offset` that is no multiple of the
`limit` is 400; expressions without a name are `expr1`, `expr2`; every other page of a query without ORDER BY comes from
the other end; every fourth request over the account's limit is answered 401 instead of 429. `q` of a record list knows
AND and a dozen operators. External ids, writes, SOAP, RESTlets and token-based authentication are not played.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.netsuite.errors import Problem
from mocks.netsuite.governance import Governance
from mocks.netsuite.login import CERTIFICATE_ID, CLIENT_ID, PRIVATE_KEY, TOKEN_PATH, Login
from mocks.netsuite.service import RECORD, SUITEQL, Service
from mocks.world.billing import Billing
from mocks.world.model import World

__all__ = ["CERTIFICATE_ID", "CLIENT_ID", "PRIVATE_KEY", "TITLE", "TOKEN_PATH", "create"]

TITLE = "NetSuite (SuiteTalk REST)"
AT_ONCE = 15


def create(
    world: World,
    at_once: int = AT_ONCE,
    seconds: float = 0.0,
    token_seconds: float = 3600,
    governance: Governance | None = None,
) -> Starlette:
    """The NetSuite account of a world. Its one client is `CLIENT_ID`, who signs with `PRIVATE_KEY`.

    at_once: requests that the account takes at the same time. seconds: how long each of them takes at least.
    """
    login = Login(token_seconds)
    service = Service(world.part(Billing), login, governance or Governance(at_once, seconds))
    routes = [
        Route(TOKEN_PATH, login.token, methods=["POST"]),
        Route(SUITEQL, service.suiteql, methods=["POST"]),
        Route(RECORD + "/metadata-catalog/{kind}", service.metadata),
        Route(RECORD + "/{kind}", service.listing),
        Route(RECORD + "/{kind}/{key}", service.record),
        Route(RECORD + "/{kind}/{key}/{name}", service.sublist),
    ]
    return Starlette(routes=routes, exception_handlers={Problem: _problem, HTTPException: _unknown})


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for nothing else
    return error.response()


async def _unknown(request: Request, error: Exception) -> Response:
    """A path or method that is none of ours."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return Problem(error.status_code, "INVALID_URL", error.detail, headers=dict(error.headers or {})).response()
