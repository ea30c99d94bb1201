"""The tracking endpoint: what is asked for, and one result for each number of it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note
from mocks.fedex.access import Access, Pace
from mocks.fedex.errors import FedexError, transaction
from mocks.fedex.render import lacking, results
from mocks.world.model import World
from mocks.world.parcels import Parcel, Parcels

MOST_NUMBERS = 30
NUMBER = re.compile(r"[A-Za-z0-9]{4,34}")


class Tracking:
    def __init__(self, world: World, access: Access, most: int, history_days: int) -> None:
        self._world = world
        self._parcels = world.part(Parcels)
        self._access = access
        self._pace = Pace(most)
        self._history = timedelta(days=history_days)

    async def by_number(self, request: Request) -> Response:
        """POST /track/v1/trackingnumbers"""
        asked = _body(await request.body())
        numbers = _numbers(asked)
        detailed = asked.get("includeDetailedScans") is True
        note(request, "trackingnumbers", ["scanEvents"] if detailed else [], numbers)
        self._access.check(request)
        if self._pace.full():
            raise FedexError(429, "RATE.LIMIT.EXCEEDED", "We have received too many requests in a short duration.")
        if not numbers or not all(numbers):
            raise FedexError(400, "TRACKING.TRACKINGNUMBER.EMPTY", "Please provide tracking number.")
        if len(numbers) > MOST_NUMBERS:
            raise FedexError(400, "TRACKING.TRACKINGNUMBERINFO.TOOMANY", f"At most {MOST_NUMBERS} tracking numbers.")
        complete = [{"trackingNumber": one, "trackResults": self._results(one, detailed)} for one in numbers]
        return JSONResponse(transaction(request) | {"output": {"completeTrackResults": complete}})

    def _results(self, number: str, detailed: bool) -> list[dict[str, Any]]:
        if not NUMBER.fullmatch(number):
            return [lacking(number, "TRACKING.TRACKINGNUMBER.INVALID", "Invalid tracking numbers.")]
        parcel = self._parcels.by_number(number)
        if parcel is None or parcel.carrier != "FedEx" or not self._remembered(parcel):
            return [lacking(number, "TRACKING.TRACKINGNUMBER.NOTFOUND", "Tracking number cannot be found.")]
        return results(parcel, self._world.seed, detailed)

    def _remembered(self, parcel: Parcel) -> bool:
        return bool(parcel.scans) and self._world.now - parcel.scans[-1].at <= self._history


def _body(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FedexError(400, "BAD.REQUEST.ERROR", "The given JWT or body was malformed.") from error
    if not isinstance(asked, dict):
        raise FedexError(400, "BAD.REQUEST.ERROR", "The body is no object.")
    return asked


def _numbers(asked: dict[str, Any]) -> list[str]:
    infos = asked.get("trackingInfo")
    if not isinstance(infos, list):
        return []
    found = (info.get("trackingNumberInfo") if isinstance(info, dict) else None for info in infos)
    return [str(one.get("trackingNumber") or "").strip() if isinstance(one, dict) else "" for one in found]
