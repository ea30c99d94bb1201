"""The question we put to UPS, and what each of its answers means."""

from __future__ import annotations

import asyncio
import base64
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

import msgspec

from resolvers.backends.base import (
    Adapter,
    BackendError,
    Bears,
    Columns,
    Connection,
    Flow,
    Key,
    Pass,
    Reply,
    Request,
    Send,
    Wire,
    operation,
)
from resolvers.backends.base.bearer import Bearer, failed, granted, retry_after
from resolvers.backends.ups.reading import UNKNOWN, read
from resolvers.backends.ups.wire import Answer, Failure
from resolvers.tracks import Track, asked, columns

MOST_NUMBERS = 40
"""Of one call of ours; UPS itself takes one number a request."""

NUMBER = re.compile(r"[A-Za-z0-9]{7,34}", re.ASCII)
CODE = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)

MOMENT = tuple(f"activity.{name}" for name in ("date", "time", "gmtDate", "gmtTime", "gmtOffset"))
TRACK: dict[str, tuple[str, ...]] = columns(
    ("service.description",),
    ("activity.status.type",),
    ("deliveryDate.SDD",),
    ("deliveryDate.RDD", "deliveryDate.SDD"),
    (*MOMENT, "activity.status.type"),
) | {
    "events": ("activity",),
    "events.at": MOMENT,
    "events.place": ("activity.location.address",),
    "events.kind": ("activity.status.type",),
    "events.text": ("activity.status.description",),
    "signed_for_by": ("deliveryInformation.receivedBy",),
    "left_at": ("deliveryInformation.location",),
}


class Ups(Adapter):
    """UPS, as one app of ours. Keys are tracking numbers in capitals, without spaces; what cannot be one is not
    there."""

    name: ClassVar[str] = "ups"
    title: ClassVar[str] = "UPS Tracking"
    bears = Bears(at_once=8)  # its limits are not published

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._bearer = Bearer(self._log_in)
        self._source = connection.options.get("transaction_source") or "customer360"
        self._locale = connection.options.get("locale") or "en_US"

    @operation(Track, limit=MOST_NUMBERS, columns=TRACK, calls="one request for each number", alone=True)
    async def tracks(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Track | BackendError]:
        """Parcels by tracking number, each by a request of its own; one that fails costs only itself."""
        numbers = [key for key in dict.fromkeys(keys) if isinstance(key, str) and NUMBER.fullmatch(key)]
        found = await asyncio.gather(*(self._track(wire, number) for number in numbers))
        return {
            number: asked(told, columns) if isinstance(told, Track) else told
            for number, told in zip(numbers, found, strict=True)
            if told is not None
        }

    async def _track(self, wire: Wire, number: str) -> Track | BackendError | None:
        try:
            reply = await self._bearer.send(wire, self._question(number))
            if reply.status == 404 and _code(reply.body).startswith(UNKNOWN):
                return None
            if reply.status != 200:
                return failure(self.name, reply)
            return read(self.name, number, wire.decode(reply.body, Answer).track_response.shipment)
        except BackendError as error:
            return error

    def _question(self, number: str) -> Request:
        wanted = f"locale={quote(self._locale, safe='')}&returnSignature=false&returnMilestones=false&returnPOD=false"
        headers = (
            ("Accept", "application/json"),
            ("transId", uuid.uuid4().hex),
            ("transactionSrc", self._source),
        )
        return Request("GET", f"/api/track/v1/details/{quote(number, safe='')}?{wanted}", headers)

    def _log_in(self) -> Flow[Pass]:
        pair = base64.b64encode(f"{self.connection.username}:{self.connection.password}".encode()).decode()
        headers = (
            ("Accept", "application/json"),
            ("Authorization", f"Basic {pair}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        )
        request = Request("POST", "/security/v1/oauth/token", headers, b"grant_type=client_credentials")
        return granted(self.name, request, failure, usual=14399.0)


def failure(system: str, reply: Reply) -> BackendError:
    return failed(system, reply, f"{reply.status} {_code(reply.body)}".strip(), retry_after(reply))


def _code(body: bytes) -> str:
    try:
        stated = msgspec.json.decode(body, type=Failure).response.errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return next((error.code for error in stated if CODE.fullmatch(error.code)), "")
