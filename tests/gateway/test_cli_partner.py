"""`customer360 partner`: from nobody to a first good answer, and out again."""

from __future__ import annotations

import json
import re
import time
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.policy import PARTNERS
from gateway.store import FILE
from tests.gateway.test_cli import elsewhere, first_json, ran, run, started

__all__ = ["elsewhere"]

ADD = ("partner", "add", "northstar", "--role", "partner_reseller", "--title", "Northstar resells.")
MORE = ("--key", "own-channel=PARTNER", "--scope", "orders.basic:read", "--per-minute", "90")
KEY = re.compile(r"c360_[0-9a-f]{10}_[A-Za-z0-9_-]{43}")


def shown(client: str = "northstar") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ran("partner", "show", client, "--json"))
    return told


def test_adding_a_partner_prints_its_key_and_nothing_else() -> None:
    result = run(*ADD, *MORE)
    assert KEY.fullmatch(result.stdout.strip())
    assert "shown this once" in result.stderr
    one = shown()
    assert (one["role"], one["keys"], one["scopes"]) == (
        "partner_reseller",
        {"own-channel": ["PARTNER"]},
        ["orders.basic:read"],
    )
    assert (one["limits"], one["revoked"], [key["good"] for key in one["key"]]) == ({"per_minute": 90}, None, [True])
    assert result.stdout.strip() not in json.dumps(one)


def test_a_partner_of_an_issuer_gets_no_key() -> None:
    issuer = ("--set", "issuers.acme.url=https://id.acme.example")
    result = run(*ADD, "--issuer", "acme", *issuer)
    assert (result.exit_code, result.stdout) == (0, "")
    assert run("partner", "rotate", "northstar", *issuer).exit_code == 1
    assert "acme" in ran("partner", "list")
    assert run("partner", "add", "x", *ADD[3:], "--issuer", "acne", *issuer).exit_code == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("--role", "support_agent"), "role is 'support_agent'"),
        (("--key", "own-galaxy=1"), "names the relation 'own-galaxy', which no rows have"),
        (("--key", "own-channel"), "--key takes RELATION=KEY"),
        (("--scope", "orders.basic:delete"), "scopes is 'orders.basic:delete'"),
        (("--at-once", "0"), "at_once is 0"),
        (("--days", "0"), "--days"),
    ],
)
def test_what_a_partner_cannot_be_is_said_and_not_added(line: tuple[str, ...], told: str) -> None:
    result = run(*ADD, *line)
    assert result.exit_code in (1, 2)
    assert told in result.stderr
    assert ran("partner", "list") == ""


@pytest.mark.parametrize("client", ["", "two words", "a\nb", "x" * 65])
def test_a_client_id_is_one_word(client: str) -> None:
    assert run("partner", "add", client, *ADD[3:]).exit_code == 2


def test_a_partner_is_added_once_and_changed_on_request() -> None:
    key = ran(*ADD).strip()
    assert "is a partner 'northstar' already" in run(*ADD).stderr
    result = run(*ADD[:-1], "Northstar resells more.", "--replace")
    assert (result.exit_code, result.stdout) == (0, "")
    assert shown()["title"] == "Northstar resells more."
    assert shown()["key"][0]["id"] in key


def test_keys_are_rotated_and_revoked_by_id() -> None:
    ran(*ADD)
    ran("partner", "rotate", "northstar", "--overlap", "0")
    old, new = sorted(shown()["key"], key=lambda key: key["expires"])
    assert (old["good"], new["good"]) == (False, True)
    ran("partner", "revoke", "northstar", "--key", new["id"])
    assert [key["id"] for key in shown()["key"]] == [old["id"]]
    assert run("partner", "revoke", "northstar", "--key", new["id"]).exit_code == 1


def test_who_is_revoked_gets_no_key_until_that_is_undone() -> None:
    ran(*ADD)
    ran("partner", "revoke", "northstar")
    assert shown()["revoked"]
    assert "revoked" in ran("partner", "list")
    assert run("partner", "rotate", "northstar").exit_code == 1
    ran("partner", "revoke", "northstar", "--undo")
    assert KEY.fullmatch(ran("partner", "rotate", "northstar").strip())


@pytest.mark.parametrize(
    "line", [(), ("x", "--token", "j"), ("--token", "j", "--undo"), ("x", "--key", "k", "--undo"), ("--key", "k")]
)
def test_what_is_revoked_has_to_be_said(line: tuple[str, ...]) -> None:
    assert run("partner", "revoke", *line).exit_code == 2


def test_who_is_not_there_is_said_plainly() -> None:
    for line in (("show", "x"), ("rotate", "x"), ("revoke", "x"), ("try", "x", "{ __typename }")):
        result = run("partner", *line, "--set=dev.mode=true")
        assert result.exit_code == 1
        assert "there is no" in result.stderr


def test_what_is_exported_can_be_imported_elsewhere(tmp_path: Path) -> None:
    ran("partner", "import", str(PARTNERS))
    ran(*ADD, *MORE, "--purpose", "fulfilment", "--clients", "redact", "--disclosure", "category")
    text = ran("partner", "export")
    assert tomllib.loads(text).items() >= tomllib.loads(PARTNERS.read_text()).items()
    (tmp_path / "p.toml").write_text(text)
    ran("partner", "import", "p.toml", "--set", "state.dir=other")
    assert ran("partner", "export", "--set", "state.dir=other") == text
    assert "c360_" not in text


def test_a_file_with_a_fault_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(PARTNERS.read_text() + '\n[x]\ntitle = "X"\nrole = "boss"\nkeys = {}\n')
    result = run("partner", "import", "p.toml")
    assert (result.exit_code, "[x] role is 'boss'" in result.stderr) == (1, True)
    assert ran("partner", "list") == ""


def test_a_register_that_is_none_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / ".customer360").mkdir()
    (tmp_path / ".customer360" / FILE).write_bytes(b"none" * 1000)
    result = run("partner", "list")
    assert (result.exit_code, "cannot be used" in result.stderr) == (1, True)


def test_a_question_is_tried_as_the_partner_and_explained() -> None:
    ran(*ADD, *MORE, "--set=dev.mode=true")
    told = json.loads(ran("partner", "try", "northstar", "{ viewer { role client } }", "--json", "--set=dev.mode=true"))
    assert told["answer"]["data"]["viewer"] == {"role": "partner_reseller", "client": "northstar"}
    assert told["scopes"] == ["orders.basic:read"]


def test_what_the_partner_would_be_refused_is_explained_to_who_tries() -> None:
    ran(*ADD, *MORE, "--set=dev.mode=true")
    question = '{ order(number: "1") { number total { amount } lines { product { name } } } }'
    result = run("partner", "try", "northstar", question, "--set=dev.mode=true")
    assert result.exit_code == 1
    assert "Refused: VALIDATION: Cannot query field 'total' on type 'Order'" in result.stdout
    assert "Order.total would take partner_reseller sees nothing that is financial" in result.stdout
    assert "would take a scope that reaches catalogue: products.basic:read or products.stock:read" in result.stdout


def test_who_would_not_be_let_in_is_not_taken_for_one_who_would() -> None:
    ran(*ADD, *MORE, "--set=dev.mode=true")
    ran("partner", "rotate", "northstar", "--overlap", "0")
    for key in shown()["key"]:
        ran("partner", "revoke", "northstar", "--key", key["id"])
    ask = ("partner", "try", "northstar", "{ viewer { client } }", "--set=dev.mode=true")
    assert "They have no good key: `partner rotate` makes one." in ran(*ask)
    ran("partner", "revoke", "northstar")
    result = run(*ask)
    assert result.exit_code == 1
    assert "Revoked since " in result.stdout


def test_who_tries_is_on_record_and_not_the_partner() -> None:
    ran(*ADD, *MORE, "--set=dev.mode=true")
    closed = "--set=backends.sap.base_url=http://127.0.0.1:9"
    scoped = ("--scope", "products.basic:read", "--replace")
    ran(*ADD, *scoped, "--set=dev.mode=true")
    ran("partner", "try", "northstar", "{ products(first: 1) { nodes { name } } }", "--set=dev.mode=true", closed)
    told = [json.loads(line) for line in ran("audit", "export", "--set=dev.mode=true").splitlines()]
    records = [json.loads(line["record"]) for line in told if "record" in line]
    (access,) = [one for one in records if one["kind"] == "access"]
    assert (access["who"], access["client"], access["request"]) == ("partner-try", "northstar", "try")


def test_what_stands_of_a_partner_is_said_in_the_words_it_was_added_with() -> None:
    ran(*ADD, *MORE)
    assert "keys         own-channel=PARTNER\nscopes       orders.basic:read\n" in ran("partner", "show", "northstar")
    assert "limits       per_minute=90\n" in ran("partner", "show", "northstar")


def test_other_commands_know_the_partners_of_the_register() -> None:
    ran(*ADD, *MORE)
    assert "northstar" in ran("who-sees", "Order.number")
    assert "northwind" not in ran("who-sees", "Order.number")  # not in dev mode, and so not there
    assert "scope" not in ran("explain", "--client", "northstar", '{ order(number: "1") { number } }')
    told = ran("sdl", "--role", "partner_reseller", "--client", "northstar")
    assert "type Order " in told
    assert "type Product " not in told


def test_the_check_asks_issuers_for_their_keys() -> None:
    settings = ("--set=dev.mode=true", "--set=issuers.acme.url=https://id.acme.example")
    result = run("check", "--systems", *settings, "--set=issuers.acme.keys_url=http://127.0.0.1:9/keys")
    assert result.exit_code == 1
    assert "BAD issuer acme: its keys cannot be had" in result.stdout
    assert "3 partners in the register" in result.stdout


def status(url: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=headers).status_code


def test_two_workers_follow_the_register_within_two_seconds() -> None:
    """Out of dev mode, with keys alone: a partner is added, rotated, revoked; and none of the workers is restarted."""
    off = [f"--set=backends.{name}.enabled=false" for name in backends()]
    first = ran(*ADD, *MORE).strip()
    with ExitStack() as stack:
        workers = [stack.enter_context(started("serve", "--set=listen.port=0", "--json", *off)) for _ in range(2)]
        urls = [first_json(worker)["url"] for worker in workers]
        assert [status(url, first) for url in urls] == [200, 200]

        second = ran("partner", "rotate", "northstar", "--overlap", "0").strip()
        assert within(2, lambda: [status(url, key) for url in urls for key in (first, second)] == [401, 200] * 2)

        ran("partner", "revoke", "northstar")
        assert within(2, lambda: [status(url, second) for url in urls] == [401, 401])


def backends() -> list[str]:
    rows = json.loads(ran("settings", "--json"))
    return sorted({row["name"].split(".")[1] for row in rows if row["name"].startswith("backends.")})


def within(seconds: float, so: Any) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if so():
            return True
        time.sleep(0.05)
    return bool(so())
