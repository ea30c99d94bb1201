"""What is asked, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.auth import SCOPE
from tests.bench import made

SMALL = "query Small($ids: [ID!]!) { customersById(ids: $ids) { name email } }"
WHOLE = """query Whole($ids: [ID!]!) { customersById(ids: $ids) { id name email phone
  orders { nodes { number status placedAt total { amount currency }
    lines { number sku quantity status product { stock { plant quantity } } } } }
  tickets { nodes { number subject status openedAt worklog { at text } } } } }"""
TWICE = """query Twice($ids: [ID!]!, $more: [ID!]!) { customersById(ids: $ids) { ...Whole }
  others: customersById(ids: $more) { ...Whole } }
  fragment Whole on Customer {""" + WHOLE.partition("customersById(ids: $ids) {")[2].removesuffix("}")
HUNDRED = """query Hundred($ids: [ID!]!) { customersById(ids: $ids) { id name email
  orders(first: 20) { nodes { number status } } } }"""
CONSENT = "query Consent($ids: [ID!]!) { customersById(ids: $ids) { name consent { channel purpose allowed } } }"
ORDER = """query Order($number: String!) { order(number: $number) { number status placedAt
  lines { number sku quantity status product { name unit } } } }"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is put again and again, about others each time. `variables`: for the so-manieth time.

    floor:   the path on which the floor answers it; "" when it does not
    owner:   columns that tell whose it is, for who may see their own alone
    """

    name: str
    document: str
    role: str
    variables: Callable[[int, Sequence[str]], dict[str, Any]]
    floor: str = ""
    owner: frozenset[str] = frozenset()
    client: str = "customer360-cli"
    scopes: tuple[str, ...] = (SCOPE,)


def _customers(many: int, first: int = 0) -> Callable[[int, Sequence[str]], dict[str, Any]]:
    """Neighbours share a shelf, so who asks next asks of another shelf: equal questions would be asked once."""

    def variables(turn: int, ids: Sequence[str]) -> dict[str, Any]:
        start = turn * made.SHARED % (len(ids) - many + 1)
        return {"ids": list(ids[start : start + many])}

    return variables


def _order(turn: int, ids: Sequence[str]) -> dict[str, Any]:
    return {"number": made.order_number(turn * made.SHARED % len(ids), 0)}


SMALL_ASKED = Asked("small", SMALL, "support_agent", _customers(1), "/small")
MEDIUM_ASKED = Asked("medium", WHOLE, "support_agent", _customers(1), "/whole")
LARGE_ASKED = Asked("large", WHOLE, "support_agent", _customers(20), "/whole")
HUNDRED_ASKED = Asked("hundred", HUNDRED, "support_agent", _customers(100))
CONSENT_ASKED = Asked("consent", CONSENT, "support_agent", _customers(1), "/consent")
RESELLS = ("products.basic:read", "orders.basic:read")
OWNER = frozenset({"SourceTransactionSystem"})
ORDER_ASKED = Asked("partner's order", ORDER, "partner_reseller", _order, "/order", OWNER, "northwind", RESELLS)
