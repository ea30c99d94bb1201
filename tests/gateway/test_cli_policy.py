"""Policy on the command line: files checked before they go live, references looked up, and who sees what in sentences."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cedarpy
import pytest
from click.testing import CliRunner, Result

from gateway.catalogue import PREFIX
from gateway.cli import main
from gateway.policy import PARTNERS, ROLES, Policy, cedar
from gateway.policy.reasons import ref
from gateway.settings import Settings
from tests.company import Founding

KEY = "--set=cursors.key=" + "k" * 32


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return tmp_path


def run(*line: str) -> Result:
    return CliRunner().invoke(main, line)


def ran(*line: str) -> str:
    result = run(*line)
    assert result.exit_code == 0, result.output
    return result.stdout


def line_of(text: str, wanted: str) -> int:
    return text.splitlines().index(wanted) + 1


# -- check ------------------------------------------------------------------------------------------------------------


def test_the_files_of_the_gateway_itself_are_in_order() -> None:
    policy = Policy.read()

    assert (
        ran("policy", "check") == f"ok  {len(policy.roles)} roles and {len(policy.partners)} partners fit the graph\n"
    )
    assert json.loads(ran("policy", "check", "--json"))["problems"] == []


@pytest.mark.parametrize(
    ("old", "new", "table", "told"),
    [
        ('when = ["own-channel"]', 'when = ["own-chanel"]', "partner_reseller", "the relation 'own-chanel'"),
        (
            'allow = ["logistics", "delivery", "tracking"]',
            'allow = ["logistic"]',
            "partner_carrier",
            "unknown category 'logistic'",
        ),
        ('contact = "last_four"', 'contact = "last_for"', "technician", "is 'last_for'; known are amount_band, domain"),
        ('purpose = ["analytics"]\nallow', 'purpose = ["analysis"]\nallow', "marketer", "is 'analysis'"),
        ('purposes = ["audit"]', "purposes = []", "auditor", "has no purpose"),
        ('clients = "reject"', 'clients = "refuse"', "partner_carrier", "is 'refuse'; known are redact, reject"),
        ('title = "A customer about themself, and nobody else."\n', "", "customer", "lacks 'title'"),
        ("when = [", "wen = [", "technician", "unknown key 'wen'"),
    ],
)
def test_each_problem_is_printed_with_file_table_and_line(
    elsewhere: Path, old: str, new: str, table: str, told: str
) -> None:
    text = ROLES.read_text()
    assert old in text
    (elsewhere / "mine.toml").write_text(text.replace(old, new))

    result = run("policy", "check", "--roles", "mine.toml")
    found = json.loads(run("policy", "check", "--roles", "mine.toml", "--json").stdout)["problems"]

    assert result.exit_code == 1
    problem = next(one for one in found if one["table"] == table)
    assert told in problem["problem"]
    assert f"BAD mine.toml:{problem['line']}: mine.toml: [{table}]" in result.stdout
    at = text.splitlines()[problem["line"] - 1]
    assert at in (f"[{table}]", f"[[{table}.rule]]")


def test_the_line_of_a_rule_is_that_rule_s_own(elsewhere: Path) -> None:
    text = ROLES.read_text().replace('contact = "domain"', 'contact = "initials"')
    (elsewhere / "mine.toml").write_text(text)

    (problem,) = json.loads(run("policy", "check", "--roles", "mine.toml", "--json").stdout)["problems"]

    assert "[marketer] rule 1" in problem["problem"]
    assert problem["line"] == line_of(text, "[marketer]") + 5


def test_all_tables_that_are_wrong_are_told_at_once(elsewhere: Path) -> None:
    text = ROLES.read_text().replace('group = "staff"', 'group = "stuff"')
    (elsewhere / "mine.toml").write_text(text)

    found = json.loads(run("policy", "check", "--roles", "mine.toml", "--json").stdout)["problems"]

    assert len(found) == ROLES.read_text().count('group = "staff"') > 5


def test_a_file_that_is_no_toml_is_told_with_its_line(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").write_text("[support_agent]\ntitle = \n")

    (problem,) = json.loads(run("policy", "check", "--roles", "mine.toml", "--json").stdout)["problems"]

    assert (problem["file"], problem["line"]) == ("mine.toml", 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[acme]\ntitle = "x"\nrole = "finance"\nkeys = {}\n',
            "[acme] role is 'finance'; known are customer, partner_",
        ),
        ('[acme]\ntitle = "x"\nrole = "partner_carrier"\nkeys = { carried = ["UPS"] }\n', "the relation 'carried'"),
        ('[acme]\ntitle = "x"\nrole = "partner_carrier"\nkeys = {}\npurposes = ["audit"]\n', "purposes is 'audit'"),
        ('[acme]\ntitle = "x"\nrole = "partner_carrier"\nkeys = { own-channel = "WEB" }\n', "is not a list of texts"),
    ],
)
def test_partners_are_checked_against_roles_and_graph(elsewhere: Path, text: str, told: str) -> None:
    (elsewhere / "ours.toml").write_text(f"# partners\n\n{text}")

    result = run("policy", "check", "--partners", "ours.toml")

    assert result.exit_code == 1
    assert result.stdout.startswith("BAD ours.toml:3: ours.toml: [acme]")
    assert told in result.stdout


def test_what_only_shows_beside_the_graph_is_told_too(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").write_text(
        '[one]\ntitle = "x"\ngroup = "staff"\npurposes = ["service"]\n[[one.rule]]\nunless = ["own-garden"]\nallow = ["public"]\n'
    )
    (elsewhere / "none.toml").write_text("")

    result = run("policy", "check", "--roles", "mine.toml", "--partners", "none.toml")

    assert result.exit_code == 1
    assert result.stdout.startswith("BAD mine.toml:5: mine.toml: [one] rule 1 names the relation 'own-garden'")


def test_a_file_that_is_not_there_is_a_usage_error() -> None:
    assert run("policy", "check", "--roles", "nowhere.toml").exit_code == 2


# -- cedar ------------------------------------------------------------------------------------------------------------


def test_what_is_printed_for_cedar_is_what_cedar_takes() -> None:
    policies, vocabulary = ran("policy", "cedar"), ran("policy", "cedar", "--schema")

    assert policies == cedar.policies(Policy.read())
    assert cedarpy.validate_policies(policies, vocabulary).validation_passed
    assert {
        one["uid"]["id"] for one in json.loads(ran("policy", "cedar", "--entities"))
    } == Policy.read().partners.keys()


def test_a_policy_that_cannot_be_read_is_not_printed(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").write_text("[x]\n")

    result = run("policy", "cedar", "--roles", "mine.toml")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "mine.toml: [x] lacks" in result.stderr


# -- reason -----------------------------------------------------------------------------------------------------------


def test_a_reference_is_looked_up(elsewhere: Path) -> None:
    given = ref("Order.total", "financial", "fulfilment", b"k" * 32)

    (found,) = json.loads(ran("policy", "reason", given, KEY, "--json"))
    told = ran("policy", "reason", given, KEY)

    assert (found["coordinate"], found["category"], found["purpose"]) == ("Order.total", "financial", "fulfilment")
    assert [line["rule"] for line in found["roles"]["partner_carrier"]] == ["no line allows it"]
    assert told.startswith("Order.total, asked for fulfilment, is financial: Needed to account for money")
    assert "does not see it on rows without any such relation: no line allows it" in told


def test_the_line_that_decides_is_told_for_every_relation_that_matters(elsewhere: Path) -> None:
    given = ref("Customer.name", "identity", "marketing", b"k" * 32)

    (found,) = json.loads(ran("policy", "reason", given, KEY, "--json"))

    assert [(line["relations"], line["decision"], line["rule"]) for line in found["roles"]["marketer"]] == [
        ([], "WITHHELD", "roles.toml: [everyone] rule 1"),
        (["consenting"], "SEEN", "roles.toml: [marketer] rule 1"),
    ]
    assert found["roles"].keys() == {"marketer"}


def test_the_reference_of_an_argument_that_may_not_be_given_has_the_category_of_that(elsewhere: Path) -> None:
    given = ref("CustomerFilter.email", "", "marketing", b"k" * 32)

    (found,) = json.loads(ran("policy", "reason", given, KEY, "--json"))

    assert (found["coordinate"], found["category"]) == ("CustomerFilter.email", "contact")
    assert found["roles"]["marketer"][1]["mask"] == "domain"


def test_another_gateway_s_reference_is_nobody_s(elsewhere: Path) -> None:
    """References are made with a key: who has only the schema cannot work out what they stand for."""
    given = ref("Order.total", "financial", "fulfilment", b"another gateway's key, 32 bytes!")

    result = run("policy", "reason", given, KEY)

    assert result.exit_code == 1
    assert "no reference of a gateway with these settings" in result.stderr


def test_the_key_is_the_one_of_the_state_folder(elsewhere: Path) -> None:
    key = Settings.load(environ={}).key("cursors.key")

    assert "Order.total" in ran("policy", "reason", ref("Order.total", "financial", "fulfilment", key))


@pytest.mark.anyio
async def test_what_a_caller_is_told_can_be_looked_up_with_the_gateway_s_own_settings(
    founding: Founding, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("state")
    company = founding.open(folder)
    number = company.world.orders_of(0)[0].number
    answer = await company.ask("query($n: String!) { order(number: $n) { customer { email } } }", "auditor", n=number)
    await company.app.stop()
    (absent,) = answer["extensions"]["absent"]

    (found,) = json.loads(ran("policy", "reason", absent["why"]["ref"], f"--set=state.dir={folder}", "--json"))

    assert (found["coordinate"], found["category"], found["purpose"]) == ("Customer.email", "contact", "audit")
    assert found["roles"]["auditor"][0]["rule"] == absent["why"]["rule"] == "no line allows it"


# -- who-sees, explain ------------------------------------------------------------------------------------------------


def test_who_sees_says_masks_relations_purposes_and_partners_in_sentences() -> None:
    told = ran("who-sees", "Order.number")
    (email,) = json.loads(ran("who-sees", "Customer.email", "--json"))
    (number,) = json.loads(ran("who-sees", "Order.number", "--json"))
    (stock,) = json.loads(ran("who-sees", "Product.stock", "--json"))

    assert email["roles"]["technician"] == "sees it masked (last_four), on every row"
    assert email["roles"]["marketer for marketing"] == "sees it masked (domain), on rows that are consenting"
    assert email["roles"]["account_manager for analytics"] == "does not see it"
    assert number["partners"]["parcelline"] == "sees it, on rows that are carried-by-me"
    assert stock["partners"]["acme-parts"] == "sees it, on rows that are supplied-by-me"
    assert "sees it, on rows that are carried-by-me (client in the role partner_carrier; carried-by-me: UPS)" in told


def test_who_sees_of_one_purpose_leaves_out_who_has_another() -> None:
    (row,) = json.loads(ran("who-sees", "Customer.name", "--purpose", "marketing", "--json"))

    assert row["roles"] == {"marketer for marketing": "sees it, on rows that are consenting"}
    assert row["partners"] == {}


QUERY = '{ order(number: "1") { number total { amount } customer { name } } }'


def test_explain_tells_what_a_partner_s_client_would_be_shown_or_refused() -> None:
    told = ran("explain", "--client", "parcelline", '{ order(number: "1") { number parties { shipTo { name } } } }')
    refused = run("explain", "--client", "parcelline", QUERY)

    assert "row rule: carried-by-me" in told
    assert refused.exit_code == 1
    assert "VALIDATION: Cannot query field 'total' on type 'Order'." in refused.stderr


def test_explain_tells_masks_and_rows_for_a_purpose() -> None:
    told = ran("explain", "--role", "account_manager", "--purpose", "analytics", QUERY)

    assert "order.total.amount: masked (amount_band), Money.amount is financial" in told
    assert "order.customer.name: withheld, Customer.name is identity" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ((), "say who asks, with --role or --client"),
        (("--client", "nobody"), "unknown client 'nobody'"),
        (("--client", "parcelline", "--role", "finance"), "parcelline is a partner_carrier, not a finance"),
        (("--client", "parcelline", "--purpose", "audit"), "parcelline has no purpose 'audit'; it has fulfilment"),
        (("--role", "marketer", "--purpose", "audit"), "marketer has no purpose 'audit'"),
    ],
)
def test_explain_refuses_callers_there_are_not(line: tuple[str, ...], told: str) -> None:
    result = run("explain", *line, QUERY)

    assert result.exit_code == 2
    assert told in result.stderr


def test_the_files_checked_are_the_gateway_s_if_none_are_named() -> None:
    told = ran("policy", "check", "--roles", str(ROLES), "--partners", str(PARTNERS))

    assert told == ran("policy", "check")
