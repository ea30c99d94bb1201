"""From UPS's words to ours. What does not add up is `Garbled`, by name, and never a value further in.

**Moments.** `date` and `time` are local to the place of the scan and have no zone. `gmtDate` and `gmtTime` are UTC,
with colons or without, and `gmtOffset` is the place's: these are preferred. Without them the local time takes the
offset told with it, or that of the scan nearest to it at the same place; without any, the moment is not known.

Statuses, by the type of the newest activity (D, I, M, O, P, X in the facts, RS and MV partly from memory):

    M → LABEL_CREATED      P → PICKED_UP      I → IN_TRANSIT      O → OUT_FOR_DELIVERY
    D → DELIVERED          X → EXCEPTION      RS → RETURNED       MV → CANCELED      else OTHER
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from resolvers.backends.base import BackendError, Garbled, Refused
from resolvers.backends.ups.wire import Activity, Address, Handed, Location, Package, Shipment, Status
from resolvers.tracks import Event, Track, newest_first, place
from schema.shipping import ShipmentStatus

OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})", re.ASCII)
UNKNOWN = "TW"
"""What the codes begin with that say there is no such parcel."""

STATUSES: Mapping[str, ShipmentStatus] = {
    "M": ShipmentStatus.LABEL_CREATED,
    "P": ShipmentStatus.PICKED_UP,
    "I": ShipmentStatus.IN_TRANSIT,
    "O": ShipmentStatus.OUT_FOR_DELIVERY,
    "D": ShipmentStatus.DELIVERED,
    "X": ShipmentStatus.EXCEPTION,
    "RS": ShipmentStatus.RETURNED,
    "MV": ShipmentStatus.CANCELED,
}


def read(system: str, number: str, shipments: Sequence[Shipment]) -> Track | BackendError | None:
    """The parcel; None when there is no such. Of several with the number, the one that moved last."""
    packages = [package for shipment in shipments for package in shipment.package or ()]
    mine = [package for package in packages if package.tracking_number == number]
    if mine:
        return _told(system, max(mine, key=_moved))
    if packages:
        return Garbled(system, "a package of another number")
    codes = [warning.code for shipment in shipments for warning in shipment.warnings or ()]
    if codes and all(code.startswith(UNKNOWN) for code in codes):
        return None
    return Garbled(system, "neither a package nor a warning") if not codes else Refused(system, "a warning in a 200")


def _moved(package: Package) -> str:
    return max((f"{one.date or ''}{one.time or ''}" for one in package.activity or ()), default="")


def _told(system: str, package: Package) -> Track:
    activities = package.activity or []
    events = newest_first(_event(system, one, activities) for one in activities)
    days = {day.type: _day(system, day.date) for day in package.delivery_date or ()}
    delivered = next((event for event in events if event.kind is ShipmentStatus.DELIVERED), None)
    handed = package.delivery_information or Handed()
    return Track(
        number=package.tracking_number,
        carrier="UPS",
        service=(package.service or Status()).description or None,
        status=events[0].kind if events else None,
        word=(events[0].text or events[0].kind.name) if events else None,
        promised_on=days.get("SDD"),
        estimated_on=None if delivered else days.get("RDD") or days.get("SDD"),
        delivered_at=delivered.at if delivered else None,
        events=events,
        signed_for_by=handed.received_by or None,
        left_at=handed.location or None,
    )


def _event(system: str, activity: Activity, others: Sequence[Activity]) -> Event:
    status = activity.status or Status()
    kind = STATUSES.get(status.type or "", ShipmentStatus.OTHER)
    return Event(_moment(system, activity, others), _where(activity), kind, (status.description or "").strip() or None)


def _where(activity: Activity) -> str | None:
    address = (activity.location or Location()).address or Address()
    return place(address.city, address.state_province, address.country_code)


def _moment(system: str, activity: Activity, others: Sequence[Activity]) -> datetime | None:
    offset = _offset(system, activity)
    if activity.gmt_date and activity.gmt_time:
        at = _stamp(system, activity.gmt_date, activity.gmt_time).replace(tzinfo=UTC)
        return at.astimezone(offset) if offset else at
    if not activity.date or not activity.time:
        return None
    local = _stamp(system, activity.date, activity.time)
    offset = offset or _nearest(system, activity, local, others)
    return local.replace(tzinfo=offset) if offset else None


def _nearest(system: str, activity: Activity, local: datetime, others: Sequence[Activity]) -> tzinfo | None:
    """The offset of the scan nearest in time that was made at the same place and tells it."""
    there = [one for one in others if one.gmt_offset and one.date and one.time and _where(one) == _where(activity)]
    nearest = min(there, key=lambda one: abs(_stamp(system, one.date or "", one.time or "") - local), default=None)
    return _offset(system, nearest) if nearest else None


def _offset(system: str, activity: Activity) -> tzinfo | None:
    if not activity.gmt_offset:
        return None
    found = OFFSET.fullmatch(activity.gmt_offset)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise Garbled(system, f"{activity.gmt_offset[:20]!r} is no offset")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-size if found[1] == "-" else size)


def _stamp(system: str, day: str, clock: str) -> datetime:
    """`20240318` and `124917`, or `12:49:17`."""
    try:
        return datetime.strptime(day + clock.replace(":", ""), "%Y%m%d%H%M%S")
    except ValueError as error:
        raise Garbled(system, f"{day[:20]!r}, {clock[:20]!r} is no moment") from error


def _day(system: str, text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError as error:
        raise Garbled(system, f"{text[:20]!r} is no day") from error
