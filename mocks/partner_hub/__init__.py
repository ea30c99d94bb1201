"""A hub where the company and its suppliers tell each other what they have, need and promise.

    POST /oauth/token                                 client credentials, form or Basic; the token is a Bearer
    GET  /v1/inventory/items                          what suppliers have              (shape: SPS Commerce Inventory)
    GET  /v1/forecasts                                what we foresee to need, weekly  (shape: Amazon's vendor forecast)
    GET  /v1/forecasts/{id}/commitQuantities          what a supplier has promised     (shape: Oracle Fusion's)
    POST /v1/forecasts/{id}/commitQuantities          promises it: 201
    GET  /v1/purchaseOrders[/{number}]                what we have ordered             (shape: Amazon's vendor orders)
    POST /v1/acknowledgements                         what a supplier says to that: 202 and a transaction
    GET  /v1/transactions/{id}                        Processing, then Success or Failure with `errors`

There is no one standard; each call follows the real one named. Ours, because it could not be verified or does not
exist there: several `gtin`, `buyerPartNumber` or `vendorPartNumber` in one request (50 at most), and the latter two for
forecasts; `partnerName`, `documentId`, `version` and `unitOfMeasure` on every record; `expand=commitQuantities`; pages
have no total, and one that is not full is the last; one token for all partners. Unknown parameters are a 400, so that
no filter is ever ignored. Ten requests a second, ten at once after a pause; beyond that 429.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.partner_hub.exchange import Exchange
from mocks.partner_hub.login import CLIENT, SECRET, Login
from mocks.partner_hub.problem import Problem
from mocks.partner_hub.rate import Bucket
from mocks.partner_hub.service import Service
from mocks.world.model import World
from mocks.world.supply import Partners

__all__ = ["CLIENT", "SECRET", "TITLE", "create"]

TITLE = "Partner hub (supplier collaboration)"


def create(world: World, lag: float = 0.4, per_second: float = 10.0, token_seconds: float = 3600) -> Starlette:
    """The hub of a world. Its one client is `CLIENT` with `SECRET`.

    lag:         seconds until what was written is processed, and read
    per_second:  requests that are answered; 0: any number
    """
    login, partners = Login(token_seconds), world.part(Partners)
    service = Service(partners, Exchange(partners, world, lag), login, Bucket(per_second))
    routes = [
        Route("/oauth/token", login.token, methods=["POST"]),
        Route("/v1/inventory/items", service.inventory, methods=["GET"]),
        Route("/v1/forecasts", service.forecasts, methods=["GET"]),
        Route("/v1/forecasts/{forecast}/commitQuantities", service.commitments, methods=["GET", "POST"]),
        Route("/v1/purchaseOrders", service.orders, methods=["GET"]),
        Route("/v1/purchaseOrders/{number}", service.order, methods=["GET"]),
        Route("/v1/acknowledgements", service.acknowledge, methods=["POST"]),
        Route("/v1/transactions/{transaction}", service.transaction, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={Problem: _said, HTTPException: _unknown})


async def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for nothing else
    return error.response(request)


async def _unknown(request: Request, error: Exception) -> Response:
    """A path or method that is none of ours."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return Problem(error.status_code, error.detail, headers=dict(error.headers or {})).response(request)
