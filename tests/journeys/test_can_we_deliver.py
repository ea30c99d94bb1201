"""Will it last, and can we run this campaign? Stock, orders, forecast and promises, reckoned once more from the world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mocks.world import open_world
from mocks.world.mailings import Campaigns
from mocks.world.supply import EACH, Partners
from resolvers.ids import global_id
from tests.company import Company, Founding

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
OUTLOOK = """query($skus: [String!]!) { productsBySku(skus: $skus) { sku demandOutlook(weeks: 13) {
    until unit onHand openOrders backordered forecast committed coverDays shortfall ordersAtRisk
    atRisk(first: 100) { number } } } }"""
RISK = """query($id: ID!) { campaign(id: $id) { name fulfilmentRisk {
    verdict begins ends uplift products { verdict expected available short unit product { sku } } } } }"""


@pytest.fixture(scope="module")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding.of(open_world(customers=120, now=NOW), tmp_path_factory.mktemp("outlook"))


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    patient = {f"backends__{one}__attempt_timeout_ms": 60_000 for one in ("sap", "oracle_om", "partner_hub")}
    opened = founding.open(tmp_path, world__now=NOW.isoformat(), deadline__staff_ms=60_000, **patient)
    yield opened
    await opened.app.stop()


@pytest.fixture(scope="module")
def partners(founding: Founding) -> Partners:
    made = Partners(founding.world)
    for _ in made.gather():
        pass
    return made


class Reckoning:
    """What the world itself says of one product, day by day."""

    def __init__(self, company: Company, partners: Partners, index: int) -> None:
        world = company.world
        self.product = world.product(index)
        rows = [row for row in world.stock_of(index) if not row.special and row.type == "01"]
        self.known = any(not row.special for row in world.stock_of(index))
        self.stock = sum((row.quantity for row in rows), Decimal(0))
        self.lines = [
            (order.number, line)
            for at in world.customers()
            for order in world.orders_of(at)
            if order.status not in ("DOO_DRAFT", "CLOSED", "CANCELED")
            for line in order.lines
            if line.sku == self.product.sku and line.status not in ("SHIPPED", "CLOSED", "CANCELED")
        ]
        self.weeks = [bucket for supply in partners.supplies(index) for bucket in partners.forecast(supply)]
        self.comparable = not self.weeks or (self.known and self.product.unit in EACH)

    @property
    def ordered(self) -> Decimal:
        return sum((line.quantity for _, line in self.lines), Decimal(0))

    def needed(self, at: date) -> Decimal:
        return sum((week.mean / 7 for week in self.weeks if week.begins <= at <= week.ends), Decimal(0))

    def arriving(self, at: date) -> Decimal:
        return sum(
            (Decimal(w.committed.quantity) for w in self.weeks if w.committed and w.committed.ends == at), Decimal(0)
        )

    def total(self, of: Any, begins: date, ends: date) -> Decimal:
        return sum((of(begins + n * DAY) for n in range((ends - begins).days + 1)), Decimal(0))

    def lacking(self, until: date) -> tuple[int | None, Decimal]:
        left, first, worst = self.stock - self.ordered, None, Decimal(0)
        for number in range((until - TODAY).days + 1):
            left += self.arriving(TODAY + number * DAY) - self.needed(TODAY + number * DAY)
            worst = max(worst, -left)
            first = number if first is None and left < 0 else first
        return first, worst


def close(one: str | None, other: Decimal) -> bool:
    """To a thousandth, which is all that is told."""
    return one is not None and abs(Decimal(one) - other) <= Decimal("0.0005") and -Decimal(one).as_tuple().exponent <= 3


async def test_of_every_product_it_says_how_long_it_lasts_and_which_orders_wait(
    company: Company, partners: Partners
) -> None:
    until = TODAY - TODAY.weekday() * DAY + (13 * 7 - 1) * DAY
    seen = dict.fromkeys(("lasts", "runs out", "orders wait", "units differ"), 0)
    for start in range(0, len(partners.everything), 20):
        skus = [company.world.product(index).sku for index in partners.everything[start : start + 20]]
        answer = await company.ask(OUTLOOK, skus=skus)
        assert "errors" not in answer, answer["errors"]
        for index, row in zip(partners.everything[start:], answer["data"]["productsBySku"], strict=False):
            reckoned, told = Reckoning(company, partners, index), row["demandOutlook"]
            assert told["until"] == str(until)
            assert told["unit"] == (reckoned.product.unit if reckoned.known else None)
            assert Decimal(told["onHand"]) == reckoned.stock
            assert Decimal(told["openOrders"]) == reckoned.ordered
            assert len(told["atRisk"]) == told["ordersAtRisk"] or told["ordersAtRisk"] > 100
            waiting = {number for number, _ in reckoned.lines}
            assert {order["number"] for order in told["atRisk"]} <= waiting
            assert (told["ordersAtRisk"] > 0) == (reckoned.ordered > reckoned.stock)
            seen["orders wait"] += told["ordersAtRisk"] > 0
            if not reckoned.comparable:
                assert told["forecast"] is told["committed"] is told["coverDays"] is told["shortfall"] is None
                seen["units differ"] += 1
                continue
            first, worst = reckoned.lacking(until)
            assert told["coverDays"] == first
            assert close(told["shortfall"], worst)
            assert close(told["forecast"], reckoned.total(reckoned.needed, TODAY, until))
            assert close(told["committed"], reckoned.total(reckoned.arriving, TODAY, until))
            seen["lasts" if first is None else "runs out"] += 1
    assert all(seen.values()), seen


async def test_only_the_systems_that_a_part_is_made_of_are_asked(company: Company) -> None:
    sku = company.world.product(0).sku
    for part, systems in {
        "onHand unit": {"sap"},
        "openOrders backordered": {"oracle_om"},
        "ordersAtRisk": {"sap", "oracle_om"},
        "coverDays": {"sap", "oracle_om", "partner_hub"},
        "asOf until": set(),
    }.items():
        await company.forget()
        text = f"query($s: [String!]!) {{ productsBySku(skus: $s) {{ demandOutlook {{ {part} }} }} }}"
        await company.ask(text, s=[sku])
        asked = {one["system"] for one in await company.asked() if one["operation"] not in ("login", "A_Product.query")}
        assert asked - {"sap"} == systems - {"sap"}
        stock = [one for one in await company.asked("sap") if "Stk" in one["operation"]]
        assert bool(stock) == ("sap" in systems), part


async def test_the_campaign_that_would_outsell_supply_says_so_with_the_figures(
    company: Company, partners: Partners
) -> None:
    verdicts = set()
    for campaign in Campaigns(company.world).all:
        answer = await company.ask(RISK, "marketer", id=global_id("Campaign", f"hubspot:{campaign.guid}"))
        assert "errors" not in answer, answer
        risk = answer["data"]["campaign"]["fulfilmentRisk"]
        verdicts.add(risk["verdict"])
        if campaign.ends < TODAY:
            assert risk["verdict"] == "OVER"
            assert risk["products"] == []
            continue
        begins = max(campaign.starts, TODAY)
        assert (risk["begins"], risk["ends"]) == (str(begins), str(campaign.ends))
        assert {one["product"]["sku"] for one in risk["products"]} == set(campaign.skus)
        for one in risk["products"]:
            reckoned = Reckoning(company, partners, company.world.by_sku(one["product"]["sku"]) or 0)
            if not (reckoned.weeks and reckoned.comparable):
                assert one["verdict"] == "UNKNOWN"
                assert one["expected"] is None
                continue
            expected = reckoned.total(reckoned.needed, TODAY, campaign.ends)
            expected += reckoned.total(reckoned.needed, begins, campaign.ends) * Decimal("0.3")
            available = reckoned.stock - reckoned.ordered + reckoned.total(reckoned.arriving, TODAY, campaign.ends)
            assert close(one["expected"], expected)
            assert close(one["available"], available)
            assert close(one["short"], max(Decimal(0), expected - available))
            assert (one["verdict"] == "SHORT") == (expected - available > Decimal("1e-9"))
    assert {"OVER", "SHORT"} <= verdicts, verdicts


async def test_a_marketer_is_told_how_much_and_neither_who_supplies_nor_who_ordered(company: Company) -> None:
    sku = company.world.product(3).sku
    text = """query($s: [String!]!) { productsBySku(skus: $s) { stock { quantity } suppliers { supplierNumber }
        demandOutlook { coverDays atRisk { number } } } }"""
    await company.forget()

    answer = await company.ask(text, "marketer", s=[sku])

    (row,) = answer["data"]["productsBySku"]
    assert row["stock"] is row["suppliers"] is row["demandOutlook"]["atRisk"] is None
    assert {one["coordinate"] for one in answer["extensions"]["absent"]} == {
        "Product.stock",
        "Product.suppliers",
        "DemandOutlook.atRisk",
    }
    (orders,) = await company.asked("oracle_om")
    assert not any("Party" in column or "Customer" in column for column in orders["columns"])


@pytest.mark.parametrize("role", ["finance", "customer", "integrator"])
async def test_who_promises_nothing_to_anybody_is_not_told(company: Company, role: str) -> None:
    await company.forget()

    answer = await company.ask(OUTLOOK, role, customer=company.id_of(2), skus=[company.world.product(3).sku])

    assert answer["data"]["productsBySku"][0]["demandOutlook"] is None
    assert not await company.asked("oracle_om", "partner_hub")


async def test_with_the_hub_down_what_stock_and_orders_say_still_stands(company: Company) -> None:
    await company.break_("partner_hub", "status", value=500)
    text = """query($s: [String!]!) { productsBySku(skus: $s) {
        demandOutlook { asOf onHand ordersAtRisk openOrders coverDays } } }"""

    answer = await company.ask(text, s=[company.world.product(3).sku])

    told = answer["data"]["productsBySku"][0]["demandOutlook"]
    assert None not in (told["asOf"], told["onHand"], told["ordersAtRisk"], told["openOrders"])
    assert told["coverDays"] is None
    (absent,) = answer["extensions"]["absent"]
    assert (absent["reason"], absent["system"], absent["coordinate"]) == (
        "UNAVAILABLE",
        "partner_hub",
        "DemandOutlook.coverDays",
    )
