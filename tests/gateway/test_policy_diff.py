"""A change of policy is told in advance: who would see more or less of which operation. Run over the questions we begin
with, which is what whoever changes the policy files does too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.auth import Principal
from gateway.catalogue import PREFIX
from gateway.cli import main
from gateway.cli.graph import the_graph
from gateway.differing import Caller, Side
from gateway.engine.explain import explain
from gateway.engine.graph import Graph
from gateway.engine.limits import Limits
from gateway.engine.plan import Gap
from gateway.errors import Refusal
from gateway.examples import FOLDER, Example, examples
from gateway.policy import ROLES, Policy
from gateway.policy.grants import Verdict

NOW = ROLES.parent
OPS = f"--operations={FOLDER}"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """The policy files of the gateway, with some words replaced in one of them."""

    def make(*replaced: tuple[str, str], file: str = "roles.toml") -> Path:
        folder = tmp_path / "changed"
        if not folder.exists():
            shutil.copytree(NOW, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in replaced:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
        return folder

    return make


def run(*line: object) -> Result:
    return CliRunner().invoke(main, ("policy", "diff", *map(str, line)))


def told(*line: object) -> list[dict[str, Any]]:
    result = run(*line, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)["changes"]
    assert bool(found) is bool(result.exit_code)
    return found


def in_file(found: list[dict[str, Any]], name: str) -> set[tuple[str, str, str]]:
    """Caller, change and coordinate of what changes in one example."""
    return {(one["caller"], one["change"], one["coordinate"]) for one in found if one["file"] == f"{name}.graphql"}


def of(role: str, old: str, new: str, more: str = "") -> tuple[str, str]:
    """The table of a role, as it is and with some words replaced and some lines more."""
    text = (NOW / "roles.toml").read_text(encoding="utf-8")
    table = text[text.index(f"\n[{role}]\n") :]
    table = table[: table.find("\n\n[")] if "\n\n[" in table else table.rstrip()
    assert table.count(old) == 1, old
    return table, table.replace(old, new) + more


NO_CONTACT = of("support_agent", '"contact", ', "")
CREDIT_FOR_SUPPLY = of("warehouse", '"supply"', '"credit"')
NO_ADDRESSES = of("partner_carrier", '"delivery", ', "")


def test_the_policy_beside_itself_changes_nothing() -> None:
    result = run(NOW, NOW, OPS)

    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing changes for ")
    assert told(NOW, NOW, OPS) == []


def test_exactly_what_each_role_would_lose_and_gain_is_told(changed: Callable[..., Path]) -> None:
    new = changed(NO_CONTACT, CREDIT_FOR_SUPPLY)

    found = told(NOW, new, OPS)

    assert {one["caller"] for one in found} == {"support_agent", "warehouse"}
    assert in_file(found, "one_order") == {("support_agent", "LOST", "Customer.email")}
    assert in_file(found, "fulfilment") == {
        ("warehouse", "GAINED", "Order.holds"),
        ("warehouse", "GAINED", "Hold.name"),
        ("warehouse", "LOST", "Product.suppliers"),
        ("warehouse", "LOST", "SupplierStock"),
        ("warehouse", "LOST", "SupplierStock.available"),
        ("warehouse", "LOST", "SupplierStock.availableOn"),
        ("warehouse", "LOST", "SupplierStock.supplier"),
        ("warehouse", "LOST", "SupplierStock.unit"),
    }
    (email,) = [one for one in found if one["file"] == "one_order.graphql"]
    assert email == {
        "file": "one_order.graphql",
        "operation": None,
        "caller": "support_agent",
        "client": False,
        "purpose": "service",
        "change": "LOST",
        "coordinate": "Customer.email",
        "category": "contact",
        "path": "order.customer.email",
        "before": "sees it, on every row",
        "after": "does not see it",
    }


def test_who_may_no_longer_look_up_by_something_loses_all_that_hangs_from_it(changed: Callable[..., Path]) -> None:
    new = changed(NO_CONTACT)

    found = in_file(told(NOW, new, OPS, "--role", "support_agent"), "somebody_calls")

    assert {("support_agent", "LOST", at) for at in ("CustomerBy.phone", "Query.customer", "Order.total")} <= found
    assert {change for _, change, _ in found} == {"LOST"}


def test_masks_and_rows_are_told_apart_from_gains_and_losses(changed: Callable[..., Path]) -> None:
    new = changed(
        (
            'mask = { identity = "initial", contact = "last_four" }',
            'mask = { contact = "initial" }\nallow = ["identity"]',
        )
    )

    found = [one for one in told(NOW, new, OPS, "--role=technician") if one["file"] == "technician.graphql"]

    assert [(one["coordinate"], one["change"], one["before"], one["after"]) for one in found] == [
        (
            "Customer.name",
            "MORE",
            "sees it masked (initial), on rows that are assigned",
            "sees it, on rows that are assigned",
        ),
        (
            "Customer.phone",
            "OTHERWISE",
            "sees it masked (last_four), on rows that are assigned",
            "sees it masked (initial), on rows that are assigned",
        ),
    ]


def test_rows_under_a_relation_are_less_than_all_rows(changed: Callable[..., Path]) -> None:
    rule = '\n[[warehouse.rule]]\nwhen = ["own-channel"]\nallow = ["logistics"]'
    new = changed(of("warehouse", '"logistics", ', "", rule))

    found = {one["path"]: one for one in told(NOW, new, OPS) if one["file"] == "one_order.graphql"}

    assert (found["order.status"]["change"], found["order.status"]["after"]) == (
        "LESS",
        "sees it, on rows that are own-channel",
    )


def test_a_partner_s_operation_that_would_be_refused_is_told_as_one(changed: Callable[..., Path]) -> None:
    new = changed(NO_ADDRESSES)

    found = told(NOW, new, OPS, "--client=parcelline")
    text = run(NOW, new, OPS, "--client=parcelline").stdout

    (whole,) = [one for one in found if one["change"] == "REFUSED"]
    assert (whole["file"], whole["coordinate"], whole["before"]) == ("carrier.graphql", None, "is answered")
    assert whole["after"] == "is refused: Cannot query field 'parties' on type 'Order'."
    assert {one["change"] for one in found} == {"REFUSED", "LOST"}
    assert "    - the whole operation is refused: Cannot query field 'parties'" in text
    assert "Order.number" not in text
    assert {one["change"] for one in told(new, NOW, OPS, "--client=parcelline")} == {"ADMITTED", "GAINED"}


def test_other_keys_are_other_rows_and_no_key_is_none(changed: Callable[..., Path]) -> None:
    more = changed(('["PARTNER"]', '["PARTNER", "WEB"]'), file="partners.toml")
    number = {one["path"]: one for one in told(NOW, more, OPS, "--client=northwind")}["orders.nodes.*.number"]

    assert (number["change"], number["after"]) == ("OTHERWISE", "sees it, on rows that are own-channel (PARTNER, WEB)")

    none = changed(('["PARTNER", "WEB"]', "[]"), file="partners.toml")
    assert ("northwind", "LOST", "Order.number") in in_file(told(NOW, none, OPS), "reseller")


def test_a_scope_taken_from_a_partner_is_a_loss_like_any_other(changed: Callable[..., Path]) -> None:
    new = changed(('"supply.plans:read"', '"products.basic:read"'), file="partners.toml")

    assert {one["caller"] for one in told(NOW, new, OPS)} == {"acme-parts"}


def test_a_role_that_is_no_more_loses_everything(changed: Callable[..., Path]) -> None:
    text = (NOW / "roles.toml").read_text(encoding="utf-8")
    table = text[text.index("[integrator]") : text.index("[customer]")]
    new = changed((table, ""))

    found = told(NOW, new, OPS)

    assert {one["caller"] for one in found} == {"integrator"}
    assert ("integrator", "REFUSED", None) in in_file(found, "who_is_who")


def test_text_is_for_people(changed: Callable[..., Path]) -> None:
    new = changed(CREDIT_FOR_SUPPLY)

    text = run(NOW, new, OPS, "--role=warehouse").stdout

    assert (
        "fulfilment.graphql (CanItGoOut)\n"
        "  warehouse for fulfilment\n"
        "    + Order.holds at order.holds, and below it Hold.name\n"
        "        does not see it → sees it, on every row\n"
    ) in text
    assert text.splitlines()[-1].endswith(" operations")


def test_what_would_be_compared_is_looked_up_in_git(elsewhere: Path, changed: Callable[..., Path]) -> None:
    folder = changed()

    def git(*line: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        command = ["git", *who, *line]
        subprocess.run(command, check=True, capture_output=True, cwd=elsewhere)  # noqa: S603 - our own words

    git("init")
    git("add", "changed")
    git("commit", "-m", "as it was")
    changed(of("warehouse", ', "supply"', ""))

    assert {one["caller"] for one in told("HEAD:changed", folder, OPS)} == {"warehouse"}
    assert told("HEAD:changed", NOW, OPS) == []
    result = run("v1:changed", folder, OPS)
    assert (result.exit_code, "git has no v1:changed/roles.toml" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("nowhere", NOW, OPS), "'nowhere' is no folder, nor REVISION:FOLDER"),
        (("--output=x:y", NOW, OPS), "No such option"),
        ((NOW, "bad", OPS), "bad: roles.toml: [x] lacks"),
        ((NOW, "unfit", OPS), "unfit: roles.toml: [x] rule 1 names the relation 'own-garden'"),
        ((NOW, "empty", OPS), "roles.toml"),
        ((NOW, NOW), "which operations? Give --operations"),
        ((NOW, NOW, "--operations=nowhere"), "nowhere is no folder"),
        ((NOW, NOW, "--operations=empty"), "empty holds no *.graphql file"),
        ((NOW, NOW, "--operations=bad"), "q.graphql: VALIDATION: Cannot query field 'nothing' on type 'Query'"),
        ((NOW, NOW, OPS, "--role=boss"), "neither policy has 'boss'"),
        ((NOW, NOW, OPS, "--client=finance"), "neither policy has 'finance'; there are acme-parts"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_told_with_exit_code_2(elsewhere: Path, line: tuple[object, ...], said: str) -> None:
    for name in ("bad", "unfit", "empty"):
        (elsewhere / name).mkdir()
    (elsewhere / "bad" / "roles.toml").write_text("[x]\n")
    (elsewhere / "bad" / "q.graphql").write_text("{ nothing }\n")
    (elsewhere / "unfit" / "roles.toml").write_text(
        '[x]\ntitle = "x"\ngroup = "staff"\npurposes = ["service"]\n[[x.rule]]\nwhen = ["own-garden"]\nallow = ["public"]\n'
    )

    result = run(*line)

    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


# -- what is compared is what would be done ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph() -> Graph:
    return the_graph()


@pytest.mark.parametrize("example", {one.name: one for one in examples()}.values(), ids=lambda one: one.name)
def test_what_is_never_shown_is_what_explain_says_is_not(graph: Graph, example: Example) -> None:
    """For every caller: nothing that the plan withholds on all rows is thought to be shown, nor the other way round."""
    policy = Policy.read()
    side = Side.of(graph, policy, Limits())
    name = next(iter(side.operations(example.query)))
    for caller in side.callers():
        answer = side.answer(caller, example.query, name)
        try:
            gaps = explained(graph, policy, caller, example)
        except Refusal:
            assert answer.refused, caller
            continue
        never = {place.path for place, one in answer.places.items() if not one.ever}
        masked = {
            place.path
            for place, one in answer.places.items()
            if one.on(frozenset(one.relations)).verdict is Verdict.MASKED
        }
        assert not answer.refused, caller
        nobody_s = {place.coordinate for place, one in answer.places.items() if not one.ever}
        gone = {
            gap.path for gap in gaps if gap.rows == "ALL" or gap.coordinate in nobody_s
        }  # of one type among several
        withheld = topmost({gap.path for gap in gaps if gap.reason == "WITHHELD" and gap.path in gone})
        assert withheld <= topmost(never), caller
        assert withheld == topmost(never) or any(one.relations for one in answer.places.values()), caller
        beneath = tuple(f"{path}." for path in never)
        told = {gap.path for gap in gaps if gap.reason == "MASKED" and gap.rows == "ALL"}
        assert {path for path in told if not path.startswith(beneath)} <= masked, caller


def topmost(paths: set[str]) -> set[str]:
    return {path for path in paths if not any(path.startswith(f"{other}.") for other in paths)}


def explained(graph: Graph, policy: Policy, caller: Caller, example: Example) -> Sequence[Gap]:
    """What is not shown on any row, or on none of some type."""
    role = policy.partners[caller.name].role if caller.client else caller.name
    asking = Principal("", role, client=caller.name if caller.client else None)
    grants = policy.grants(asking, caller.purpose)
    plan = explain(graph, grants, example.query, example.variables, Limits(), None, policy.ceiling(asking))
    return plan.gaps
