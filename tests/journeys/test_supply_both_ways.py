"""Questions about supply, assets and opportunities get the same bytes from both engines, for everybody who may ask."""

from __future__ import annotations

import json

import pytest
import strawberry

from mocks.world.assets import Assets
from mocks.world.supply import Partners
from tests.company import Company
from tests.gateway.agree import Bench

pytestmark = pytest.mark.anyio

SUPPLY = """query($s: [String!]!) { productsBySku(skus: $s) { sku name stock { quantity } demand { quantity }
  suppliers { id supplierNumber available expected { on quantity } product { name demand { backordered } } }
  forecast(weeks: 2) { supplierNumber begins mean p90 } commitments(weeks: 2) { supplierNumber quantity remark } } }"""
SUPPLIES = "{ supplies(first: 3) { nodes { partNumber product { sku stock { plant } } } totalCount } }"
BOUGHT = """query($p: String!) { purchaseOrder(number: $p) { id number state supplierNumber orderedAt changedAt remark
  lines { number sku partNumber ordered unit acknowledgement acknowledged shipsOn reason product { name } } } }"""
OWNED = """query($s: String!, $id: ID!) { asset(serialNumber: $s) { id number notes customer { name } order { number }
  product { sku stock { quantity } suppliers { supplier } } }
  customersById(ids: [$id]) { owns(first: 2) { nodes { serialNumber since } pageInfo { hasNextPage endCursor } }
    opportunities(first: 2) { nodes { id name status amount { amount currency } lines { sku amount { amount } }
    order { number status } customer { name } } totalCount } touches(first: 3) { nodes { at kind campaign { name } } } } }"""


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("partner_supplier", {"supplied-by-me": "V-200"}),
        ("partner_supplier", {}),
        ("warehouse", {}),
        ("support_agent", {}),
        ("technician", {}),
        ("account_manager", {"own-region": "AMER"}),
        ("account_manager", {"own-region": "Mars"}),
        ("customer", {"own": ""}),
    ],
)
@pytest.mark.parametrize("broken", [None, "partner_hub", "siebel"])
async def test_both_engines_say_the_same(
    company: Company, declared: strawberry.Schema, role: str, keys: dict[str, str], broken: str | None
) -> None:
    app = company.app
    facts = {"crossref": app.pipeline.facts["crossref"], "sources": app.pipeline.facts["sources"]}
    bench = Bench(app.graph, lambda: declared, lambda: app.pipeline.traffic, facts)
    known = {name: key or company.id_of(0) for name, key in keys.items()}
    partners = Partners(company.world)
    indexes = (*partners.supplied_by(partners.suppliers[0])[:3], 0, 1, 2)
    skus = [company.world.product(index).sku for index in indexes]
    owned = {"s": Assets(company.world).of_customer(0)[0].serial, "id": company.id_of(0)}
    if broken:
        await company.break_(broken, "status", value=503)
    for grants in app.policy.roles[role].by_purpose.values():
        bought = [{"p": partners.orders_of(one)[3].number} for one in partners.suppliers[:2]]
        asked = ((SUPPLY, {"s": skus}), (SUPPLIES, {}), (OWNED, owned), *((BOUGHT, one) for one in bought))
        for text, raw in asked:
            await company.forget()
            told = await bench.agreed(text, grants, raw, known)
            assert json.dumps(told.data, default=str)
