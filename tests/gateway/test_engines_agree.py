"""The plan engine and graphql-core, given the same question, give the same answer: data, errors and absences."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import schema
from gateway.policy import Policy
from gateway.traffic import Traffic
from mocks.world.content import Content
from mocks.world.tickets import Tickets
from resolvers.backends.base import Call, Deadline, Garbled, Key, Outcome, Throttled, Unavailable
from resolvers.ids import global_id
from schema.coverage import core
from tests.company import Company, Founding
from tests.gateway.agree import Bench, Told
from tests.gateway.documents import Asked, documents

ROLES = Policy.read().roles
SCHEMA = schema.build()
ERRORS = (Unavailable, Garbled, Throttled)


class Faulty(Traffic):
    """Fails as a pure function of system, operation and key, so that it does not matter who asks with whom."""

    rate = 0

    async def perform(self, call: Call, deadline: Deadline, *how: Any) -> Mapping[Key, Outcome[Any]]:
        found = await super().perform(call, deadline, *how)
        return {key: self.fails(call, key) or outcome for key, outcome in found.items()}

    def fails(self, call: Call, key: Key) -> Outcome[Any] | None:
        drawn = zlib.crc32(f"{call.backend} {call.operation} {key}".encode())
        if not self.rate or drawn % self.rate:
            return None
        return Outcome(error=ERRORS[drawn // self.rate % len(ERRORS)](call.backend, "as ordered"))


@dataclass
class Coverage:
    """What the generated questions reached: an agreement about nothing would prove nothing."""

    answers: int = 0
    rich: int = 0
    coordinates: set[str] = field(default_factory=set)

    def saw(self, told: Told) -> None:
        self.answers += 1
        self.rich += leaves(told.data) >= 10


def leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return value is not None


def keys_of(company: Company) -> dict[str, list[Any]]:
    """Values that name something of this world, by argument; every tenth names nothing."""
    world = company.world
    people = [i for i in range(0, 60, 3) if world.customer(i).siebel_contact_id or world.customer(i).party_number]
    known = [world.customer(i) for i in people]
    numbers = [order.number for i in people for order in world.orders_of(i)][:30]
    skus = [world.product(i).sku for i in range(0, 40, 2)]
    ids = [company.id_of(i) for i in people]
    desk, articles = Tickets(world), Content(world)
    tickets = [desk.ticket(i).number for i in range(0, 30, 3)]
    by: list[dict[str, Any]] = [{"id": one} for one in ids[:10]]
    by += [{"email": one.email} for one in known if one.email][:10] + [{"phone": one.phone} for one in known][:10]
    by += [{"orderNumber": one} for one in numbers[:10]] + [{"email": "nobody@example.test"}, {"phone": "?"}]
    by += [{"ticketNumber": one} for one in tickets[:5]]
    by += [{"key": {"system": "oracle_om.party", "key": one.party_number}} for one in known if one.party_number][:5]
    return {
        "Query.customer(by:)": by,
        "Query.customerMatches(by:)": by,
        "Query.customers(ids:)": [ids[i : i + 7] for i in range(0, len(ids), 3)] + [[*ids[:2], "nobody"]],
        "Query.order(number:)": [*numbers[:20], "no such order"],
        "Query.product(sku:)": [*skus[:10], "no such product"],
        "Query.products(skus:)": [skus[:5], skus[5:12], ["?", *skus[:2]]],
        "Query.ticket(number:)": [*tickets, "INC000000000000"],
        "Query.content(id:)": [global_id("ContentItem", one.id) for sku in skus for one in articles.of_sku(sku)][:8],
        "Query.content(locale:)": ["de-DE", "en-US", None, "xx-XX"],
        "Product.content(locale:)": ["de-DE", None],
        **{f"{kind}.tickets(first:)": [1, 3, 50] for kind in ("Customer", "Order", "Product")},
        "Query.node(id:)": [
            *ids[:5],
            *(global_id("Order", n) for n in numbers[:5]),
            *(global_id("Product", s) for s in skus[:5]),
            *(global_id("Ticket", number) for number in tickets[:5]),
            "x",
        ],
        "Product.availability(quantity:)": ["3", "100000.5"],
        "Product.availability(on:)": ["2026-12-01"],
        "Customer.orders(first:)": [1, 2, 5, 100, 101],
        "Customer.orders(after:)": [None, None, None, "not a cursor"],
    }


@pytest.mark.parametrize("rate", [0, 5], ids=["all well", "every fifth key fails"])
def test_generated_questions_under_every_role(founding: Founding, tmp_path: Path, rate: int) -> None:
    coverage, loop = Coverage(), asyncio.new_event_loop()
    patient = {
        "traffic__queue": 10_000,
        "traffic__queue_wait_ms": 30_000,
    }  # the reference asks very many small questions
    company = founding.open(tmp_path, **patient)
    keys, customer = keys_of(company), company.id_of(0)

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(core(SCHEMA), SCHEMA.as_str(), keys), st.sampled_from(sorted(ROLES)))
    def agree(asked: Asked, role: str) -> None:
        grants = ROLES[role].grants
        traffic = Faulty(company.app.pipeline.traffic.lines)
        traffic.rate = rate
        bench = Bench(company.app.graph, schema.build, lambda: traffic, {**company.app.pipeline.facts, "sources": list})
        own = {"own": customer} if grants.under else {}
        coverage.saw(loop.run_until_complete(bench.agreed(asked.text, grants, asked.variables, own)))

    try:
        agree()
    finally:
        loop.run_until_complete(company.app.stop())
        loop.close()
    print(f"{coverage.answers} answers, {coverage.rich} of them with ten values or more")
    assert coverage.rich > coverage.answers / 10
