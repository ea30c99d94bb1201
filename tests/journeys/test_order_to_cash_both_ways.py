"""How far orders have come is said in the same bytes by both engines, for everybody who may ask, on bad days too."""

from __future__ import annotations

import pytest
import strawberry

from tests.company import Company
from tests.gateway.agree import Bench

pytestmark = pytest.mark.anyio

STEPS = ("interest", "sale", "entered", "allocated", "billed", "fulfilled", "serviced", "followed")
WAY = f"""query($id: ID!) {{ customersById(ids: [$id]) {{ orders(first: 3) {{ nodes {{ number orderToCash {{
  steps {{ {" ".join(f"{name} {{ step state word at system evidence {{ number state word at }} }}" for name in STEPS)} }}
  stage daysInStage workedOutOf blockedBy {{ reason since system }}
  lines {{ number ordered allocated shipped packed delivered returned stage billed {{ invoiced paid credited }} }} }} }} }} }} }}"""
STAGE = """query($id: ID!) { customersById(ids: [$id]) { orders(first: 5) { nodes { orderToCash {
  stage workedOutOf blockedBy { reason } } } } } }"""
SETS = """{ orderToCash(filter: {stuckOnly: true}, first: 3) { examined complete pageInfo { hasNextPage endCursor }
  stages { stage orders added amounts { amount currency } } edges { cursor node { number channel orderToCash { stage } } } } }"""


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("support_agent", {}),
        ("warehouse", {}),
        ("finance", {}),
        ("account_manager", {"own-region": "AMER"}),
        ("account_manager", {"own-region": "Mars"}),
        ("customer", {"own": ""}),
        ("partner_carrier", {"carried-by-me": "UPS"}),
        ("partner_reseller", {"own-channel": "WEB"}),
        ("marketer", {}),
    ],
)
@pytest.mark.parametrize("broken", [None, "netsuite", "oracle_om"])
async def test_both_engines_say_the_same(
    company: Company, declared: strawberry.Schema, role: str, keys: dict[str, str], broken: str | None
) -> None:
    app = company.app
    bench = Bench(app.graph, lambda: declared, lambda: app.pipeline.traffic, app.pipeline.facts)
    known = {name: key or company.id_of(2) for name, key in keys.items()}
    if broken:
        await company.break_(broken, "status", value=503)
    for grants in app.policy.roles[role].by_purpose.values():
        for text, raw in ((WAY, {"id": company.id_of(2)}), (STAGE, {"id": company.id_of(2)}), (SETS, {})):
            await company.forget()
            await bench.agreed(text, grants, raw, known)


async def test_a_stage_does_not_depend_on_what_else_is_asked_for(company: Company, declared: strawberry.Schema) -> None:
    """An account manager sees bills of some orders: whether they ask for them or not, the stage is told of these."""
    keys = {"own-region": frozenset({company.world.customer(2).region})}
    alone = await asked(company, declared, "stage workedOutOf", keys)
    beside = await asked(company, declared, "stage workedOutOf steps { billed { state } }", keys)
    abroad = await asked(company, declared, "stage workedOutOf", {"own-region": frozenset({"Mars"})})

    assert [one["workedOutOf"] for one in alone] == [one["workedOutOf"] for one in beside]
    assert all("BILLED" in one["workedOutOf"] for one in alone)
    assert [one["stage"] for one in alone] == [one["stage"] for one in beside]
    assert not any("BILLED" in one["workedOutOf"] for one in abroad)


async def asked(
    company: Company, declared: strawberry.Schema, fields: str, keys: dict[str, frozenset[str]]
) -> list[dict[str, object]]:
    app = company.app
    grants = app.policy.roles["account_manager"].by_purpose["service"]
    bench = Bench(app.graph, lambda: declared, lambda: app.pipeline.traffic, app.pipeline.facts)
    text = f"query($id: ID!) {{ customersById(ids: [$id]) {{ orders(first: 5) {{ nodes {{ orderToCash {{ {fields} }} }} }} }} }}"
    told = await bench.agreed(text, grants, {"id": company.id_of(2)}, keys)  # type: ignore[arg-type]
    return [node["orderToCash"] for node in told.data["customersById"][0]["orders"]["nodes"]]
