"""`customer360 policy register`: the record of processing says what the policy does, and nothing else."""

from __future__ import annotations

import json

import pytest

from gateway.auth import Principal
from gateway.cli.processing import entries
from gateway.policy import Policy
from schema import Category
from tests.gateway.test_cli import elsewhere, ran, run

__all__ = ["elsewhere"]

POLICY = Policy.read()


def test_every_disclosure_of_every_role_is_in_it_and_no_other() -> None:
    told = {(one.recipient, one.purpose, one.category) for one in entries(POLICY) if one.kind == "role"}
    assert told == {
        (role.name, purpose, category.value)
        for role in POLICY.roles.values()
        for purpose, grants in role.by_purpose.items()
        for category in Category
        if category not in (Category.PUBLIC, Category.INHERITED) and grants.decide(category).ever
    }


@pytest.mark.parametrize("client", POLICY.partners)
def test_a_partner_is_in_it_as_far_as_its_scopes_go(client: str) -> None:
    told = {one.category for one in entries(POLICY) if one.recipient == client}
    asking = Principal("", POLICY.partners[client].role, client)
    seen = {
        category.value for purpose in POLICY.purposes(asking) for category in POLICY.grants(asking, purpose).categories
    }
    assert told == seen - {"public"}


def test_it_is_printed_by_purpose_and_kind_of_data() -> None:
    told = ran("policy", "register")
    assert "For service:" in told
    assert "  contact. Needed to reach the customer: e-mail, telephone, postal address." in told
    assert "    support_agent        sees it, on every row" in told
    rows = json.loads(ran("policy", "register", "--json"))
    assert {row["kind"] for row in rows} == {"role", "partner"}
    assert [row["purpose"] for row in rows] == sorted(row["purpose"] for row in rows)


def test_partners_of_the_register_are_in_it_from_the_moment_they_are_added() -> None:
    ran("partner", "add", "northstar", "--role", "partner_reseller", "--title", "N.", "--scope", "orders.basic:read")
    rows = json.loads(ran("policy", "register", "--json"))
    assert {row["category"] for row in rows if row["recipient"] == "northstar"} == {"logistics"}


def test_roles_that_are_not_understood_are_said() -> None:
    with open("roles.toml", "w") as file:
        file.write("[x]\n")
    result = run("policy", "register", "--roles", "roles.toml")
    assert (result.exit_code, "[x] lacks" in result.stderr) == (1, True)
