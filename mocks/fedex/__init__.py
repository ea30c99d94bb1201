"""FedEx Track v1: up to 30 tracking numbers a call, and what one of them lacks told inside a 200.

    POST /oauth/token                  client credentials as form fields; a token lasts 3,599 seconds
    POST /track/v1/trackingnumbers     needs `Bearer`; `includeDetailedScans`, else the latest scan only

What the facts leave open, and what this mock does:

* codes: TRACKING.TRACKINGNUMBER.INVALID for one that is no number at all, and (400) TRACKING.TRACKINGNUMBERINFO.TOOMANY
  for more than 30, are from memory; so are the event types AF, CD, PX and DY, and RS for one that goes back.
* the promise is `standardTransitTimeWindow`, whose end is midnight of the day, and stays after delivery; the estimate
  is ESTIMATED_DELIVERY and its window, left out once it is delivered or nobody knows. Recorded replies have both
  windows, and an empty one where there is nothing to say.
* one number in thirty was used before: a second, older result under another `trackingNumberUniqueId`, delivered to
  somebody else. It may come first.
* what moved last more than 90 days before the world's now is not found any more. Other carriers' parcels never were.
* 1,400 requests in any ten seconds, then 429; a hundred log-ins in as long, then 403 from the token endpoint.
* the client `GUEST_ID` gets a token, and then NOT.AUTHORIZED.ERROR: its project lacks this API.
* `receivedByName` and `locationDescription` of `deliveryDetails` hold the canaries.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.fedex.access import CLIENT_ID, CLIENT_SECRET, GUEST_ID, Access
from mocks.fedex.errors import FedexError
from mocks.fedex.service import Tracking
from mocks.world.model import World

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "GUEST_ID", "TITLE", "create"]

TITLE = "FedEx Track"


def create(world: World, token_seconds: float = 3599, most: int = 1_400, history_days: int = 90) -> Starlette:
    """The FedEx of a world. `most`: requests in any ten seconds."""
    access = Access(token_seconds)
    tracking = Tracking(world, access, most, history_days)
    return Starlette(
        routes=[
            Route("/oauth/token", access.token, methods=["POST"]),
            Route("/track/v1/trackingnumbers", tracking.by_number, methods=["POST"]),
        ],
        exception_handlers={FedexError: _refused, HTTPException: _unknown},
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, FedexError)  # noqa: S101 - registered for nothing else
    return error.response(request)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return FedexError(error.status_code, "NOT.FOUND.ERROR", error.detail).response(request)
