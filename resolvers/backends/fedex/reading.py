"""From FedEx's words to ours. What does not add up is `Garbled`, by name, and never a value further in.

Statuses, by `derivedCode` (IN, OC … CA in the facts, DY, CD, AF and RS from memory):

    IN OC → LABEL_CREATED      PU → PICKED_UP      IT AR DP AF CD DY → IN_TRANSIT      OD → OUT_FOR_DELIVERY
    DL → DELIVERED             DE → EXCEPTION      RS → RETURNED      CA → CANCELED      else OTHER
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from resolvers.backends.base import Garbled
from resolvers.backends.fedex.wire import Delivery, Latest, Place, Result, Scan, Service, Window
from resolvers.tracks import Event, Track, newest_first, place
from schema.shipping import ShipmentStatus

STATUSES: Mapping[str, ShipmentStatus] = {
    **dict.fromkeys(("IN", "OC"), ShipmentStatus.LABEL_CREATED),
    "PU": ShipmentStatus.PICKED_UP,
    **dict.fromkeys(("IT", "AR", "DP", "AF", "CD", "DY"), ShipmentStatus.IN_TRANSIT),
    "OD": ShipmentStatus.OUT_FOR_DELIVERY,
    "DL": ShipmentStatus.DELIVERED,
    "DE": ShipmentStatus.EXCEPTION,
    "RS": ShipmentStatus.RETURNED,
    "CA": ShipmentStatus.CANCELED,
}


def track(system: str, number: str, result: Result) -> Track:
    if result.tracking_number_info.tracking_number != number:
        raise Garbled(system, "a result of another number")
    latest, window = result.latest_status_detail or Latest(), result.standard_transit_time_window
    dates = {one.type: one.date_time for one in result.date_and_times or ()}
    delivered, delivery = dates.get("ACTUAL_DELIVERY"), result.delivery_details or Delivery()
    estimate = dates.get("ESTIMATED_DELIVERY") or _ends(result.estimated_delivery_time_window)
    return Track(
        number=number,
        carrier="FedEx",
        service=(result.service_detail or Service()).description or None,
        status=_status(latest.derived_code or latest.code),
        word=latest.derived_code or latest.code or None,
        promised_on=_day(system, _ends(window)),
        estimated_on=None if delivered else _day(system, estimate),
        delivered_at=_moment(system, delivered),
        events=newest_first(_event(system, scan) for scan in result.scan_events or ()),
        signed_for_by=delivery.received_by_name or None,
        left_at=delivery.location_description or None,
    )


def _event(system: str, scan: Scan) -> Event:
    where = scan.scan_location or Place()
    words = ": ".join(part for part in (scan.event_description, scan.exception_description) if part)
    kind = _status(scan.derived_status_code or scan.event_type) or ShipmentStatus.OTHER
    there = place(where.city, where.state_or_province_code, where.country_code)
    return Event(_moment(system, scan.date), there, kind, words or None)


def moved(system: str, result: Result) -> float:
    """When a parcel was last heard of; the moment 0 for one without a word."""
    told = [scan.date for scan in result.scan_events or ()] + [one.date_time for one in result.date_and_times or ()]
    moments = [at for at in (_moment(system, text) for text in told) if at]
    return max((at.timestamp() for at in moments), default=0.0)


def _status(code: str | None) -> ShipmentStatus | None:
    return STATUSES.get(code, ShipmentStatus.OTHER) if code else None


def _ends(window: Window | None) -> str | None:
    return window.window.ends if window and window.window else None


def _day(system: str, text: str | None) -> date | None:
    """The day it says, where it says it: no conversion."""
    return _parsed(system, text).date() if text else None


def _moment(system: str, text: str | None) -> datetime | None:
    """A moment; None for one without an offset, which could be any."""
    at = _parsed(system, text) if text else None
    return at if at and at.tzinfo else None


def _parsed(system: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Garbled(system, f"{text[:40]!r} is no moment") from error
