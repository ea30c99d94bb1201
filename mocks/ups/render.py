"""A parcel as UPS tells it: dates and times without a zone, beside what they are in UTC, the newest scan first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from mocks.world.dice import digest
from mocks.world.model import Address
from mocks.world.parcels import Parcel, Scan
from mocks.world.zones import country_code, state_code

Json = dict[str, Any]

SERVICES = {
    "overnight": ("001", "UPS Next Day Air"),
    "two_day": ("002", "UPS 2nd Day Air"),
    "three_day": ("012", "UPS 3 Day Select"),
    "ground": ("003", "UPS Ground"),
    "international": ("065", "UPS Worldwide Saver"),
}
EVENTS = {  # kind: type, code, status code, words, simple words
    "label": ("M", "MP", "003", "Shipper created a label, UPS has not received the package yet.", "Label Created"),
    "pickup": ("P", "PU", "038", "Pickup Scan", "We Have Your Package"),
    "departed": ("I", "DP", "005", "Departed from Facility", "On the Way"),
    "arrived": ("I", "AR", "005", "Arrived at Facility", "On the Way"),
    "customs": ("I", "CC", "092", "Your package is being processed for customs clearance.", "On the Way"),
    "out": ("O", "OT", "021", "Out For Delivery Today", "Out for Delivery"),
    "attempt": ("X", "48", "007", "The receiver was not available for delivery.", "Delivery Attempted"),
    "exception": ("X", "X5", "007", "A delay has occurred.", "Delay"),
    "delayed": ("I", "DY", "005", "Due to operating conditions, your package may be delayed.", "On the Way"),
    "delivered": ("D", "FS", "011", "DELIVERED", "Delivered"),
    "returning": ("RS", "RS", "014", "Your package is being returned to the sender.", "Returning to Sender"),
    "cancelled": ("MV", "VP", "017", "Void Information Received", "Shipment Canceled"),
}
REASONS = {
    "": "",
    "weather": " Severe weather conditions have delayed delivery.",
    "address": " The address is incomplete.",
    "damaged": " The package is damaged.",
    "missed": "",
}
GMT_LACKS_EVERY = 20


def package(parcel: Parcel) -> Json:
    scans = list(reversed(parcel.scans))
    _, _, status, _, simple = EVENTS[scans[0].kind]
    code, name = SERVICES[parcel.level]
    addresses = (("ORIGIN", parcel.origin), ("DESTINATION", parcel.destination))
    return {
        "trackingNumber": parcel.number,
        "deliveryDate": _days(parcel, scans),
        "deliveryTime": _time(scans[0], parcel),
        "activity": [_activity(parcel, scan) for scan in scans],
        "currentStatus": {"description": simple, "code": status},
        "packageAddress": [{"type": kind, "address": _address(place)} for kind, place in addresses],
        "weight": {"unitOfMeasurement": "LBS", "weight": f"{parcel.weight:.2f}"},
        "service": {"code": code, "levelCode": code, "description": name},
        "referenceNumber": [{"type": "SHIPMENT", "number": str(parcel.shipment)}],
        "packageCount": 1,
    } | _delivery(parcel, scans[0])


def _days(parcel: Parcel, scans: Sequence[Scan]) -> list[Json]:
    days = [("SDD", parcel.promised_on)]
    if parcel.estimated_on and parcel.estimated_on != parcel.promised_on:
        days.append(("RDD", parcel.estimated_on))
    if scans[0].kind == "delivered":
        days.append(("DEL", scans[0].at.date()))
    return [{"type": kind, "date": _day(day)} for kind, day in days]


def _time(latest: Scan, parcel: Parcel) -> Json:
    if latest.kind == "delivered":
        return {"type": "DEL", "endTime": f"{latest.at:%H%M%S}"}
    if latest.kind == "out":
        return {"type": "EDW", "startTime": "091500", "endTime": "131500"}
    return {"type": "CMT", "endTime": "120000"} if parcel.level == "overnight" else {"type": "EOD"}


def _activity(parcel: Parcel, scan: Scan) -> Json:
    kind, code, status, words, simple = EVENTS[scan.kind]
    told = {"type": kind, "description": words + REASONS[scan.reason], "code": code, "statusCode": status}
    local = {"date": _day(scan.at.date()), "time": f"{scan.at:%H%M%S}"}
    where = {"location": {"address": _address(scan.place), "slic": f"{digest(scan.place.city) % 10_000:04}"}}
    return local | _gmt(parcel, scan.at) | where | {"status": told | {"simplifiedTextDescription": simple}}


def _gmt(parcel: Parcel, at: datetime) -> Json:
    if digest("gmt", parcel.number, at.isoformat()) % GMT_LACKS_EVERY == 0:
        return {}
    utc, offset = at.astimezone(UTC), f"{at:%z}"
    return {"gmtDate": _day(utc.date()), "gmtOffset": f"{offset[:3]}:{offset[3:5]}", "gmtTime": f"{utc:%H:%M:%S}"}


def _delivery(parcel: Parcel, latest: Scan) -> Json:
    if latest.kind != "delivered":
        return {}
    return {"deliveryInformation": {"location": parcel.left_at, "receivedBy": parcel.signed_by}}


def _address(place: Address) -> Json:
    code = country_code(place)
    found = {"city": place.city, "stateProvince": state_code(place), "countryCode": code, "country": code}
    return {name: value for name, value in found.items() if value}


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
