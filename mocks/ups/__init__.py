"""UPS Tracking: one number a call, times local to the place of the scan, no such number told in two ways.

    POST /security/v1/oauth/token                  Basic client and secret, form `grant_type`; `expires_in` is a string
    GET  /api/track/v1/details/{inquiryNumber}     needs `Bearer`, `transId` and `transactionSrc`; 7 to 34 characters

What the facts leave open, and what this mock does:

* an unknown number is a 404 or a 200 with a warning, by its hash: half of them each.
* codes of our own choice: 250003 for an expired token, TV1001 without a header, TV1002 for a number that is none.
  The status code of what is under way is 005, delivered 011, out 021, exception 007, returning 014, voided 017.
* `gmtTime` is UTC and has colons, `time` has none; one scan in twenty lacks all that is said about GMT.
* the promise is SDD, and stays after delivery; a new estimate is RDD; then DEL with its time.
* what moved last more than 120 days before the world's now is not found any more. Other carriers' parcels never were.
* `receivedBy` and `location` of `deliveryInformation` hold the canaries. Proofs and signatures, as images, are not
  offered, whatever `returnPOD` and `returnSignature` say; milestones are left out.
* 100 requests in any second, then 429.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.ups.access import CLIENT_ID, CLIENT_SECRET, Access
from mocks.ups.errors import UpsError
from mocks.ups.service import Tracking
from mocks.world.model import World

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "TITLE", "create"]

TITLE = "UPS Tracking"


def create(world: World, token_seconds: float = 14_399, most: int = 100, history_days: int = 120) -> Starlette:
    """The UPS of a world. `most`: requests in any second."""
    access = Access(token_seconds)
    tracking = Tracking(world, access, most, history_days)
    return Starlette(
        routes=[
            Route("/security/v1/oauth/token", access.token, methods=["POST"]),
            Route("/api/track/v1/details/{number}", tracking.details, methods=["GET"]),
        ],
        exception_handlers={UpsError: _refused, HTTPException: _unknown},
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, UpsError)  # noqa: S101 - registered for nothing else
    return error.response()


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return UpsError(error.status_code, "10404", error.detail).response()
