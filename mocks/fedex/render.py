"""A parcel as FedEx tells it: codes, offsets, windows, scans with the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from mocks.world.dice import Dice, digest
from mocks.world.model import Address
from mocks.world.parcels import Parcel, Scan
from mocks.world.zones import country_code, state_code, zone

Json = dict[str, Any]

SERVICES = {
    "overnight": ("PRIORITY_OVERNIGHT", "FedEx Priority Overnight", "P1"),
    "two_day": ("FEDEX_2_DAY", "FedEx 2Day", "P2"),
    "three_day": ("FEDEX_EXPRESS_SAVER", "FedEx Express Saver", "XS"),
    "ground": ("FEDEX_GROUND", "FedEx Ground", "FG"),
    "international": ("INTERNATIONAL_ECONOMY", "FedEx International Economy", "IE"),
}
EVENTS = {  # kind: event type, its words, derived status, its words, kind of place
    "label": ("OC", "Shipment information sent to FedEx", "IN", "Label created", "CUSTOMER"),
    "pickup": ("PU", "Picked up", "PU", "Picked up", "PICKUP_LOCATION"),
    "departed": ("DP", "Left FedEx origin facility", "IT", "In transit", "ORIGIN_FEDEX_FACILITY"),
    "arrived": ("AR", "Arrived at FedEx location", "IT", "In transit", "SORT_FACILITY"),
    "customs": ("CD", "Clearance in progress", "IT", "In transit", "PORT_OF_ENTRY"),
    "out": ("OD", "On FedEx vehicle for delivery", "OD", "Out for delivery", "VEHICLE"),
    "attempt": ("DE", "Delivery exception", "DE", "Delivery exception", "VEHICLE"),
    "exception": ("DE", "Shipment exception", "DE", "Delivery exception", "DESTINATION_FEDEX_FACILITY"),
    "delayed": ("DY", "Delay", "IT", "In transit", "DESTINATION_FEDEX_FACILITY"),
    "delivered": ("DL", "Delivered", "DL", "Delivered", "DELIVERY_LOCATION"),
    "returning": ("RS", "Returning package to shipper", "RS", "Return to shipper", "DESTINATION_FEDEX_FACILITY"),
    "cancelled": ("CA", "Shipment cancelled by sender", "CA", "Cancelled", "CUSTOMER"),
}
REASONS = {
    "": ("", ""),
    "weather": ("40", "Weather delay"),
    "address": ("03", "Incorrect address"),
    "damaged": ("65", "Damaged, delivery to be completed"),
    "missed": ("08", "Recipient not in"),
}
REUSED_EVERY = 30


def lacking(number: str, code: str, message: str) -> Json:
    """A result that is none: the error stands inside a 200."""
    error = {"code": code, "message": f"{message} Please correct the tracking number and try again."}
    return {"trackingNumberInfo": {"trackingNumber": number, "trackingNumberUniqueId": "", "carrierCode": ""}} | {
        "error": error
    }


def results(parcel: Parcel, seed: int, detailed: bool) -> list[Json]:
    """One; or two, in no order, for a number that was somebody else's before."""
    found = [_result(parcel, _unique(parcel, 0), list(reversed(parcel.scans)), detailed)]
    if digest(seed, "reused", parcel.number) % REUSED_EVERY == 0:
        found.append(_former(parcel, detailed))
    return found if Dice(seed, "shuffled", parcel.number).chance(50) else found[::-1]


def _former(parcel: Parcel, detailed: bool) -> Json:
    """Two years before, to somewhere else."""
    earlier = timedelta(days=730)
    elsewhere = Address("", "Anchorage", "AK", "99501", "United States")
    ends = Scan("delivered", parcel.scans[0].at.astimezone(zone(elsewhere)) - earlier, elsewhere)
    told = _result(parcel, _unique(parcel, 730), [ends], detailed)
    told["deliveryDetails"] |= {"receivedByName": f"CANARY-former_holder-{parcel.number}"}
    return told


def _unique(parcel: Parcel, days_before: int) -> str:
    day = parcel.scans[0].at.date() - timedelta(days=days_before)
    return f"{2_400_000 + day.toordinal()}000~{parcel.number}~{'FDEG' if parcel.level == 'ground' else 'FX'}"


def _result(parcel: Parcel, unique: str, scans: Sequence[Scan], detailed: bool) -> Json:
    latest, service = scans[0], SERVICES[parcel.level]
    _, _, code, words, _ = EVENTS[latest.kind]
    carrier = "FDXG" if parcel.level == "ground" else "FDXE"
    detail = {"code": code, "derivedCode": code, "statusByLocale": words, "description": words}
    return {
        "trackingNumberInfo": {
            "trackingNumber": parcel.number,
            "trackingNumberUniqueId": unique,
            "carrierCode": carrier,
        },
        "shipperInformation": {"address": _address(parcel.origin)},
        "recipientInformation": {"address": _address(parcel.destination)},
        "latestStatusDetail": detail | {"scanLocation": _address(latest.place), "ancillaryDetails": _reasons(latest)},
        "dateAndTimes": _dates(parcel, scans),
        "scanEvents": [_event(scan) for scan in scans[: None if detailed else 1]],
        "standardTransitTimeWindow": {"window": {"ends": _day(parcel.promised_on, parcel)}},
        "estimatedDeliveryTimeWindow": {"type": "ESTIMATED_DELIVERY", "window": _estimate(parcel, latest)},
        "serviceDetail": dict(zip(("type", "description", "shortDescription"), service, strict=True)),
        "packageDetails": {
            "count": "1",
            "weightAndDimensions": {"weight": [{"unit": "LB", "value": f"{parcel.weight:.1f}"}]},
        },
        "deliveryDetails": _delivery(parcel, scans),
    }


def _dates(parcel: Parcel, scans: Sequence[Scan]) -> list[Json]:
    known = {scan.kind: scan.at for scan in scans}
    found = [("SHIP", parcel.scans[0].at), ("ACTUAL_PICKUP", known.get("pickup"))]
    told = [{"type": kind, "dateTime": _moment(at)} for kind, at in found if at]
    if "delivered" in known:
        return [*told, {"type": "ACTUAL_DELIVERY", "dateTime": _moment(known["delivered"])}]
    if ends := _estimate(parcel, scans[0]).get("ends"):
        told.append({"type": "ESTIMATED_DELIVERY", "dateTime": ends})
    return told


def _estimate(parcel: Parcel, latest: Scan) -> Json:
    """A window of the day; empty when there is nothing to say any more."""
    day = parcel.estimated_on
    if day is None or latest.kind in ("delivered", "returning", "cancelled"):
        return {}
    begins, ends = (datetime.combine(day, time(hour), zone(parcel.destination)) for hour in (9, 17))
    return {"begins": _moment(begins), "ends": _moment(ends)}


def _delivery(parcel: Parcel, scans: Sequence[Scan]) -> Json:
    told: Json = {"deliveryAttempts": str(sum(scan.kind == "attempt" for scan in scans))}
    if scans[0].kind != "delivered":
        return told
    who = {"receivedByName": parcel.signed_by, "locationDescription": parcel.left_at}
    return told | who | {"actualDeliveryAddress": _address(scans[0].place)}


def _event(scan: Scan) -> Json:
    kind, words, derived, status, place = EVENTS[scan.kind]
    code, reason = REASONS[scan.reason]
    return {
        "date": _moment(scan.at),
        "eventType": kind,
        "eventDescription": words,
        "exceptionCode": code,
        "exceptionDescription": reason,
        "derivedStatusCode": derived,
        "derivedStatus": status,
        "scanLocation": _address(scan.place) | {"postalCode": scan.place.postal_code},
        "locationType": place,
    }


def _reasons(scan: Scan) -> list[Json]:
    code, reason = REASONS[scan.reason]
    return [{"reason": code, "reasonDescription": reason, "action": "", "actionDescription": ""}] if code else []


def _address(place: Address) -> Json:
    found = {"city": place.city.upper(), "stateOrProvinceCode": state_code(place), "countryCode": country_code(place)}
    return {name: value for name, value in found.items() if value} | {"residential": False}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _day(day: date, parcel: Parcel) -> str:
    return _moment(datetime.combine(day, time(), zone(parcel.destination)))
