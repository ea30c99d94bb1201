"""The question we put to FedEx, and what each of its answers means."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import ClassVar
from urllib.parse import urlencode

import msgspec

from resolvers.backends.base import (
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Flow,
    Garbled,
    Key,
    Pass,
    Refused,
    Reply,
    Request,
    Send,
    Unavailable,
    Wire,
    operation,
)
from resolvers.backends.base.bearer import Bearer, failed, granted, retry_after
from resolvers.backends.fedex.reading import moved, track
from resolvers.backends.fedex.wire import Answer, Complete, Error, Errors, Result
from resolvers.tracks import EVENT, Track, asked, columns

MOST_NUMBERS = 30
NUMBER = re.compile(r"[A-Za-z0-9]{4,34}", re.ASCII)
CODE = re.compile(r"[A-Z0-9]+(?:\.[A-Z0-9]+)*", re.ASCII)
GONE = ("NOTFOUND", "INVALID")
BUSY = ("INTERNAL", "SERVICE.UNAVAILABLE", "SYSTEM")

PROMISED = ("standardTransitTimeWindow.window.ends",)
ESTIMATED = ("dateAndTimes.ESTIMATED_DELIVERY", "estimatedDeliveryTimeWindow.window.ends")
TRACK: dict[str, tuple[str, ...]] = columns(
    ("serviceDetail.description",),
    ("latestStatusDetail.derivedCode",),
    PROMISED,
    ESTIMATED,
    ("dateAndTimes.ACTUAL_DELIVERY",),
) | {
    "events": ("scanEvents",),
    **{f"events.{name}": ("scanEvents",) for name in EVENT},
    "signed_for_by": ("deliveryDetails.receivedByName",),
    "left_at": ("deliveryDetails.locationDescription",),
}


class Fedex(Adapter):
    """FedEx, as one project of ours. Keys are tracking numbers in capitals, without spaces; what cannot be one is not
    there."""

    name: ClassVar[str] = "fedex"
    title: ClassVar[str] = "FedEx Track"
    bears = Bears(at_once=8, per_second=140)  # 1,400 transactions in ten seconds for a project

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._bearer = Bearer(self._log_in)
        self._locale = connection.options.get("locale") or "en_US"

    @operation(Track, limit=MOST_NUMBERS, columns=TRACK)
    async def tracks(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Track | BackendError]:
        """Parcels by tracking number. One call; without `events` only the latest scan of each travels."""
        numbers = [key for key in dict.fromkeys(keys) if isinstance(key, str) and NUMBER.fullmatch(key)]
        if not numbers:
            return {}
        detailed = any(column.partition(".")[0] == "events" for column in columns)
        reply = await self._bearer.send(wire, self._question(numbers, detailed))
        if reply.status != 200:
            raise failure(self.name, reply)
        complete = wire.decode(reply.body, Answer).output.complete_track_results
        found = ((one.tracking_number, self._read(wire, one)) for one in complete)
        return {
            number: asked(told, columns) if isinstance(told, Track) else told
            for number, told in found
            if told is not None
        }

    def _question(self, numbers: Sequence[str], detailed: bool) -> Request:
        infos = [{"trackingNumberInfo": {"trackingNumber": number}} for number in numbers]
        headers = (
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("X-locale", self._locale),
            ("x-customer-transaction-id", uuid.uuid4().hex),
        )
        body = msgspec.json.encode({"includeDetailedScans": detailed, "trackingInfo": infos})
        return Request("POST", "/track/v1/trackingnumbers", headers, body)

    def _read(self, wire: Wire, complete: Complete) -> Track | BackendError | None:
        try:
            results = wire.decode(complete.track_results, list[Result])
            told = [one for one in results if one.error is None]
            if told:
                return track(self.name, complete.tracking_number, max(told, key=partial(moved, self.name)))
        except BackendError as error:
            return error
        return _lacking(self.name, [one.error for one in results if one.error])

    def _log_in(self) -> Flow[Pass]:
        pair = {"client_id": self.connection.username, "client_secret": self.connection.password}
        form = urlencode({"grant_type": "client_credentials"} | pair).encode()
        headers = (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"))
        request = Request("POST", "/oauth/token", headers, form)
        return granted(self.name, request, failure, usual=3599.0)


def failure(system: str, reply: Reply) -> BackendError:
    return failed(system, reply, f"{reply.status} {_code(reply.body)}".strip(), retry_after(reply))


def _code(body: bytes) -> str:
    try:
        stated = msgspec.json.decode(body, type=Errors).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return next((error.code for error in stated if CODE.fullmatch(error.code)), "")


def _lacking(system: str, errors: Iterable[Error]) -> BackendError | None:
    """Why a number has no result; None: because there is no such parcel."""
    codes = [error.code for error in errors]
    others = [code for code in codes if not code.endswith(GONE)]
    if codes and not others:
        return None
    code = others[0] if others and CODE.fullmatch(others[0]) else ""
    if not codes:
        return Garbled(system, "a number with neither a result nor an error")
    return Unavailable(system, code) if code.startswith(BUSY) else Refused(system, f"an error inside a 200: {code}")
