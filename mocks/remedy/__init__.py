"""BMC Remedy / Helix ITSM over AR System's REST API: incidents and their work logs.

    /api/jwt/login, /api/jwt/logout                   form in, bare token out; see `login`
    /api/arsys/v1/entry/{form}[/{entryId}]            HPD:Help Desk, HPD:IncidentInterface (the same incidents),
                                                      HPD:IncidentInterface_Create, HPD:WorkLog
    /api/arsys/v1/mergeEntry/{form}

How an incident refers to customer, order and product is this company's own choice: the custom fields `Customer
Number__c` (without leading zeros; missing for who is known by e-mail or telephone only), `Order Number__c` and
`Product SKU__c`. Recorded fields tell the rest: `Person ID`, `Internet E-mail`, `Phone Number`, names, `Company`.

Chosen where the facts are silent or unverified: what is listed in `errors`, `login`, `asked`, `writes`, `service` and
`matching`; the SLM Status labels; priorities by ITSM's default weights (so that High and Moderate make High, where the
facts' example has Medium); a query without an order gives the world's. Not offered: attachments, associations, the form
definition (OPTIONS), `Status-History`, forms other than these.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.remedy.cases import Store
from mocks.remedy.errors import ARError
from mocks.remedy.login import PASSWORD, USERNAME, Login
from mocks.remedy.service import Service
from mocks.world.model import World

__all__ = ["PASSWORD", "TITLE", "USERNAME", "create"]

TITLE = "BMC Remedy ITSM (AR System REST)"
ENTRY = "/api/arsys/v1/entry/{form}"


def create(world: World, token_seconds: float = 3600) -> Starlette:
    """The Remedy of a world. Its one user is `USERNAME` with `PASSWORD`; tokens last `token_seconds`."""
    login = Login(token_seconds)
    service = Service(Store(world), login)
    routes = [
        Route("/api/jwt/login", login.log_in, methods=["POST"]),
        Route("/api/jwt/logout", login.log_out, methods=["POST"]),
        Route(ENTRY, service.entries, methods=["GET", "POST"]),
        Route(ENTRY + "/{entry_id}", service.entry, methods=["GET", "PUT", "DELETE"]),
        Route("/api/arsys/v1/mergeEntry/{form}", service.merge, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={ARError: _refused, HTTPException: _unknown})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ARError)  # noqa: S101 - registered for nothing else
    return error.response()


async def _unknown(request: Request, error: Exception) -> Response:
    """A path or method that is none of ours."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return ARError(error.status_code, 0, error.detail, request.url.path, dict(error.headers or {})).response()
