"""The availability check (ATP): three GET function imports, one material and one plant a call.

The check is the world's `promised`: what a plant can promise by a moment. Choices of this mock, where the facts are
silent: the single-valued functions answer `{"d":{"<function name>":{…}}}`; a period is one UTC day; a plant that does
not carry the material is 404 with code SY/530; `DetermineAvailabilityOf` looks 90 days ahead and, when even then the
quantity is not there, gives the last day's quantity; the time series lists the days on which the quantity changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal

from mocks.sap.errors import INVALID, ODataError
from mocks.sap.filters import Row, literal_of
from mocks.sap.literals import FAMILIES, Value
from mocks.sap.model import Function
from mocks.sap.rows import Company
from mocks.world.model import Product

HORIZON = 90


def arguments(function: Function, options: Mapping[str, str]) -> dict[str, Value]:
    """The function's parameters, all of them, each a literal of its declared type."""
    missing = [one.name for one in function.parameters if one.name not in options]
    if missing:
        raise ODataError(400, INVALID, f"Parameter '{missing[0]}' of function import '{function.name}' is missing.")
    given = {one.name: literal_of(options[one.name], FAMILIES[one.type]).value for one in function.parameters}
    if not str(given["ATPCheckingRule"]).strip() or len(str(given["ATPCheckingRule"])) > 2:
        raise ODataError(400, "ATP/001", f"Checking rule '{given['ATPCheckingRule']}' is not defined.")
    return given


def answer(company: Company, function: Function, given: Mapping[str, Value]) -> list[Row]:
    """The AvailabilityRecords a function gives: one, or the whole series."""
    plant = str(given["SupplyingPlant"])
    index = _carried(company, str(given["Material"]), plant)
    product = company.world.product(index)
    if isinstance(moment := given.get("RequestedUTCDateTime"), datetime):
        return [_record(moment, company.world.promised(index, plant, moment), product)]
    days = list(_days(company, index, plant))
    if isinstance(wanted := given.get("RequestedQuantityInBaseUnit"), Decimal):
        day, quantity = next((one for one in days if one[1] >= wanted), days[-1])
        return [_record(day, quantity, product)]
    return [_record(day, quantity, product) for day, quantity in _changes(days)]


def _carried(company: Company, material: str, plant: str) -> int:
    found = [company.world.product(index) for index in sorted(company.find([material]))]
    for product in sorted(found, key=lambda one: one.sku != material):
        if plant in product.plants:
            return product.index
    raise ODataError(404, "SY/530", f"Material {material} is not available in plant {plant}.")


def _days(company: Company, index: int, plant: str) -> Iterator[tuple[datetime, Decimal]]:
    today = datetime.combine(company.world.now.date(), time(), company.world.now.tzinfo)
    for ahead in range(HORIZON + 1):
        day = today + timedelta(days=ahead)
        yield day, company.world.promised(index, plant, _last_second(day))


def _changes(days: Iterable[tuple[datetime, Decimal]]) -> Iterator[tuple[datetime, Decimal]]:
    before: Decimal | None = None
    for day, quantity in days:
        if quantity != before:
            yield day, quantity
        before = quantity


def _record(moment: datetime, quantity: Decimal, product: Product) -> dict[str, Value]:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "PeriodStartUTCDateTime": start,
        "PeriodStartTimeZone": "UTC",
        "PeriodEndUTCDateTime": _last_second(start),
        "PeriodEndTimeZone": "UTC",
        "AvailableQuantityInBaseUnit": quantity,
        "BaseUnit": product.unit,
    }


def _last_second(day: datetime) -> datetime:
    return day.replace(hour=23, minute=59, second=59, microsecond=0)
