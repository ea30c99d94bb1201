"""Siebel CRM over its REST API: contacts and accounts; opportunities, campaigns and assets, which are only read.

    /siebel/v1.0/data/{BO}/{BC}[/{RowId}[/{Child}[/{ChildId}]]]    Contact/Contact, Account/Account; the children of an
                                                                  account: Business Address, Contact
                                                                  Opportunity/Opportunity, …/Opportunity Product;
                                                                  Campaign/Campaign, …/Campaign Members;
                                                                  Asset Management/Asset Mgmt - Asset
    /oauth2/v1/token                                              of the identity provider, see `login`

Chosen where the facts are silent or unverified: nothing found is 404 (measured), not the documented 204; PageSize above
100 is 100; a request target beyond 8192 bytes is 414; `Y`, `True` and other spellings of a switch leave it off; an
unknown ViewMode is 400, Group and Catalog are 403, and the login sees nothing as Personal, Sales Rep or Manager;
children of an account can be read, and contacts inserted below it. `describe`, business services and SOAP are not
exposed. The wall clock of the server is UTC unless `zone` says otherwise.
"""

from __future__ import annotations

from functools import cache, partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.siebel.clock import Clock
from mocks.siebel.login import PASSWORD, USERNAME, Login, Scheme
from mocks.siebel.refusal import Refusal
from mocks.siebel.service import Service
from mocks.siebel.store import Store
from mocks.world.callers import callers
from mocks.world.model import World

__all__ = ["PASSWORD", "TITLE", "USERNAME", "create"]

TITLE = "Siebel CRM (REST)"
DATA = "/siebel/v1.0/data/{bo}/{bc}"
METHODS = ["GET", "POST", "PUT", "DELETE"]


def create(world: World, zone: str = "UTC", scheme: Scheme = "either", token_seconds: float = 3600) -> Starlette:
    """The Siebel of a world. Its one user, and its one OAuth client, is `USERNAME` with `PASSWORD`.

    zone: IANA name of the server's time zone. scheme: the server-wide authentication setting.
    """
    login, store = Login(scheme, token_seconds), Store(world, Clock.named(zone))
    service = Service(store, login)
    routes = [
        Route("/oauth2/v1/token", login.token, methods=["POST"]),
        Route(DATA, service.rows, methods=METHODS),
        Route(DATA + "/{row_id}", service.row, methods=["GET", "PUT", "DELETE"]),
        Route(DATA + "/{row_id}/{child}", service.children, methods=["GET", "PUT"]),
        Route(DATA + "/{row_id}/{child}/{child_id}", service.child, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={Refusal: _refused, HTTPException: _unknown})
    app.state.consent = store
    app.state.callers = cache(partial(callers, world))
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
    return error.response()


async def _unknown(request: Request, error: Exception) -> Response:
    """A path or method that is none of ours."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return Refusal(error.status_code, error.detail, headers=dict(error.headers or {})).response()
