"""FedEx's answers, as they are on the wire. Whatever may be left out, or null, is None."""

from __future__ import annotations

import msgspec


class Error(msgspec.Struct, frozen=True):
    code: str = ""


class Errors(msgspec.Struct, frozen=True):
    errors: list[Error] = []


class Place(msgspec.Struct, frozen=True, rename="camel"):
    city: str | None = None
    state_or_province_code: str | None = None
    country_code: str | None = None


class Numbered(msgspec.Struct, frozen=True, rename="camel"):
    tracking_number: str
    tracking_number_unique_id: str | None = None


class Latest(msgspec.Struct, frozen=True, rename="camel"):
    code: str | None = None
    derived_code: str | None = None


class Moment(msgspec.Struct, frozen=True, rename="camel"):
    type: str
    date_time: str


class Span(msgspec.Struct, frozen=True):
    begins: str | None = None
    ends: str | None = None


class Window(msgspec.Struct, frozen=True):
    window: Span | None = None


class Service(msgspec.Struct, frozen=True):
    description: str | None = None


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    received_by_name: str | None = None
    location_description: str | None = None


class Scan(msgspec.Struct, frozen=True, rename="camel"):
    date: str
    event_type: str | None = None
    event_description: str | None = None
    exception_description: str | None = None
    derived_status_code: str | None = None
    scan_location: Place | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    tracking_number_info: Numbered
    error: Error | None = None
    latest_status_detail: Latest | None = None
    date_and_times: list[Moment] | None = None
    scan_events: list[Scan] | None = None
    standard_transit_time_window: Window | None = None
    estimated_delivery_time_window: Window | None = None
    service_detail: Service | None = None
    delivery_details: Delivery | None = None


class Complete(msgspec.Struct, frozen=True, rename="camel"):
    """All results of one number, still as bytes: one that cannot be read does not cost the others."""

    tracking_number: str
    track_results: msgspec.Raw


class Output(msgspec.Struct, frozen=True, rename="camel"):
    complete_track_results: list[Complete]


class Answer(msgspec.Struct, frozen=True):
    output: Output
