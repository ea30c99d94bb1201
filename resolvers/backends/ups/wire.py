"""UPS's answers, as they are on the wire. Whatever may be left out, or null, is None."""

from __future__ import annotations

import msgspec


class Coded(msgspec.Struct, frozen=True):
    code: str = ""


class Errors(msgspec.Struct, frozen=True):
    errors: list[Coded] = []


class Failure(msgspec.Struct, frozen=True):
    response: Errors = Errors()


class Address(msgspec.Struct, frozen=True, rename="camel"):
    city: str | None = None
    state_province: str | None = None
    country_code: str | None = None


class Location(msgspec.Struct, frozen=True):
    address: Address | None = None


class Status(msgspec.Struct, frozen=True):
    type: str | None = None
    description: str | None = None


class Activity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    date: str | None = None
    time: str | None = None
    gmt_date: str | None = None
    gmt_time: str | None = None
    gmt_offset: str | None = None
    location: Location | None = None
    status: Status | None = None


class Day(msgspec.Struct, frozen=True):
    type: str
    date: str


class Handed(msgspec.Struct, frozen=True, rename="camel"):
    received_by: str | None = None
    location: str | None = None


class Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    tracking_number: str
    delivery_date: list[Day] | None = None
    activity: list[Activity] | None = None
    service: Status | None = None
    delivery_information: Handed | None = None


class Shipment(msgspec.Struct, frozen=True):
    package: list[Package] | None = None
    warnings: list[Coded] | None = None


class Response(msgspec.Struct, frozen=True):
    shipment: list[Shipment]


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    track_response: Response
