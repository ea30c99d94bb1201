"""The tracking endpoint: one number, and what is known of it."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks.control import note
from mocks.ups.access import Access
from mocks.ups.errors import UpsError
from mocks.ups.render import package
from mocks.world.dice import digest
from mocks.world.model import World
from mocks.world.parcels import Parcel, Parcels

NOT_FOUND = {"code": "TW0001", "message": "Tracking Information Not Found"}


class Tracking:
    def __init__(self, world: World, access: Access, most: int, history_days: int) -> None:
        self._world = world
        self._parcels = world.part(Parcels)
        self._access = access
        self._times: deque[float] = deque(maxlen=most)
        self._history = timedelta(days=history_days)

    async def details(self, request: Request) -> Response:
        """GET /api/track/v1/details/{inquiryNumber}"""
        number = request.path_params["number"]
        note(request, "details", (), [number])
        self._access.check(request)
        for header in ("transId", "transactionSrc"):
            if not request.headers.get(header):
                raise UpsError(400, "TV1001", f"Missing {header}")
        if self._too_many():
            raise UpsError(429, "10429", "Too Many Requests")
        if not 7 <= len(number) <= 34:
            raise UpsError(400, "TV1002", "Invalid inquiry number")
        parcel = self._parcels.by_number(number)
        if parcel is None or parcel.carrier != "UPS" or not self._remembered(parcel):
            return self._unknown(number)
        shipment = {"inquiryNumber": number, "package": [package(parcel)], "userRelation": ["SHIPPER"]}
        return JSONResponse({"trackResponse": {"shipment": [shipment]}})

    def _unknown(self, number: str) -> Response:
        if digest("unknown", number) % 2:
            raise UpsError(404, **NOT_FOUND)
        shipment = {"inquiryNumber": number, "warnings": [NOT_FOUND]}
        return JSONResponse({"trackResponse": {"shipment": [shipment]}})

    def _remembered(self, parcel: Parcel) -> bool:
        return bool(parcel.scans) and self._world.now - parcel.scans[-1].at <= self._history

    def _too_many(self) -> bool:
        now = time.monotonic()
        if len(self._times) == self._times.maxlen and now - self._times[0] < 1.0:
            return True
        self._times.append(now)
        return False
