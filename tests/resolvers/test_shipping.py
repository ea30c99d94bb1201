"""Which carrier a tracking number means, and when a parcel is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from resolvers.shipping import carriers_of, late, tracking_number
from resolvers.tracks import Track
from schema import ShipmentStatus

NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "carriers"),
    [
        ("1Z12345E0205271688", ("ups",)),
        ("T1234567890", ("ups",)),
        ("794843185271", ("fedex",)),
        ("039813852990618", ("fedex",)),
        ("12345678901234567890", ("fedex",)),
        ("9612345678901234567890", ("fedex",)),
        ("9400136123456789012345", ("ups", "fedex")),
        ("MI3610361234567890", ("ups", "fedex")),
        ("1Z12345E020527168", ("ups", "fedex")),
    ],
)
def test_a_number_tells_its_carrier_by_its_shape(number, carriers):
    assert carriers_of(number) == carriers


@pytest.mark.parametrize(
    ("name", "carriers"),
    [("UPS", ("ups",)), (" FedEx ", ("fedex",)), ("FEDERAL EXPRESS", ("fedex",)), ("DHL", ()), ("USPS", ())],
)
def test_what_the_order_system_says_counts_more_than_the_shape(name, carriers):
    assert carriers_of("794843185271", name) == carriers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1z 1234 5e02-0527.1688", "1Z12345E0205271688"),
        (" 7948 4318 5271\n", "794843185271"),
        ("", None),
        ("12", None),
        ("1Z' OR '1'='1", None),
        ("é" * 12, None),
        ("1" * 35, None),
        ("1" * 100_000, None),
    ],
)
def test_a_number_has_one_spelling(written, number):
    assert tracking_number(written) == number


def parcel(**told):
    return Track(number="1", carrier="UPS", **told)


@pytest.mark.parametrize(
    ("told", "is_late"),
    [
        ({}, None),
        ({"promised_on": date(2024, 3, 5)}, False),
        ({"promised_on": date(2024, 3, 4)}, False),
        ({"promised_on": date(2024, 3, 3)}, True),
        ({"promised_on": date(2024, 3, 6), "estimated_on": date(2024, 3, 7)}, True),
        ({"promised_on": date(2024, 3, 6), "estimated_on": date(2024, 3, 6)}, False),
        ({"promised_on": date(2024, 3, 3), "status": ShipmentStatus.RETURNED}, None),
        ({"promised_on": date(2024, 3, 3), "status": ShipmentStatus.CANCELED}, None),
        ({"promised_on": date(2024, 3, 3), "status": ShipmentStatus.DELIVERED}, None),
        ({"promised_on": date(2024, 3, 3), "status": ShipmentStatus.LABEL_CREATED}, True),
    ],
)
def test_a_parcel_is_late_once_its_day_is_over_or_known_to_be_missed(told, is_late):
    """At noon in Greenwich on 5 March the 4th is just over in the last time zone there is, and not a moment longer."""
    assert late(parcel(**told), NOON - timedelta(seconds=1)) is is_late


@pytest.mark.parametrize(("hours", "is_late"), [(-8, False), (9, True)])
def test_a_delivery_counts_by_the_day_it_was_where_it_was_delivered(hours, is_late):
    at = datetime(2024, 3, 4, 20, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert late(parcel(promised_on=date(2024, 3, 4), delivered_at=at), NOON) is is_late
