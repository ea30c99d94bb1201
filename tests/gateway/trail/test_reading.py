"""Reading the trail: for auditors, for customers about themselves, and on the command line."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.auth import Principal
from gateway.cli import main
from gateway.question import Options, Question
from gateway.trail import store
from gateway.trail.book import HOUR_MS, Book
from gateway.trail.chain import Signer
from gateway.trail.record import ACCESS, Entry, members, now
from gateway.trail.upkeep import Upkeep
from gateway.trail.vault import Vault
from tests.company import Company

pytestmark = pytest.mark.anyio

LOG = """query ($id: ID!, $first: Int = 20, $after: String) {
  accessLog(customer: $id, first: $first, after: $after) {
    nodes { at role purpose themself categories masked who client event }
    pageInfo { hasNextPage endCursor } totalCount
  }
}"""
CARD = "query Card($id: ID!) { customer(by: {id: $id}) { name email orders(first: 1) { nodes { number } } } }"
ORDER = "query Parcels($number: String!) { order(number: $number) { status } }"


async def log(company: Company, customer: str, role: str = "auditor", **more: Any) -> dict[str, Any]:
    answer = await company.ask(LOG, role, id=customer, **more)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["accessLog"]
    return found


async def seen(company: Company, number: int = 0) -> tuple[str, str]:
    """A customer, and the number of one of their orders, after an agent has seen both."""
    ada = company.id_of(number)
    answer = await company.ask(CARD, id=ada)
    return ada, answer["data"]["customer"]["orders"]["nodes"][0]["number"]


async def test_an_auditor_reads_who_saw_somebody_in_which_role_and_what_for(company: Company) -> None:
    ada, _ = await seen(company)
    (one,) = (await log(company, ada))["nodes"]
    assert (one["role"], one["purpose"], one["who"], one["themself"]) == ("support_agent", "service", "tester", False)
    assert one["categories"] == ["contact", "identity", "logistics", "presence"]
    assert one["event"].startswith("w1.")


async def test_an_order_that_was_seen_without_its_buyer_is_found_for_the_buyer(company: Company) -> None:
    ada, number = await seen(company)
    await company.ask(ORDER, "warehouse", number=number)
    assert [one["role"] for one in (await log(company, ada))["nodes"]] == ["warehouse", "support_agent"]


async def test_nobody_else_s_accesses_are_told(company: Company) -> None:
    await seen(company)
    assert await log(company, company.id_of(1)) == {
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "totalCount": 0,
    }


async def test_a_customer_reads_role_and_purpose_of_who_saw_them_and_no_names(company: Company) -> None:
    ada, _ = await seen(company)
    answer = await company.ask(LOG, "customer", customer=ada, id=ada)
    (one,) = answer["data"]["accessLog"]["nodes"]
    assert (one["role"], one["purpose"]) == ("support_agent", "service")
    assert (one["who"], one["client"], one["event"]) == (None, None, None)
    assert {entry["category"] for entry in answer["extensions"]["absent"]} == {"accessor"}


async def test_a_customer_reads_of_nobody_else(company: Company) -> None:
    ada, _ = await seen(company)
    await company.forget()
    for whom in (ada, "Q3VzdG9tZXI6bm9ib2R5"):
        answer = await company.ask(LOG, "customer", customer=company.id_of(1), id=whom)
        assert answer["data"] == {"accessLog": None}
    assert await company.asked() == []


@pytest.mark.parametrize("role", ["support_agent", "warehouse", "marketer", "integrator"])
async def test_other_roles_do_not_read_it(company: Company, role: str) -> None:
    ada, _ = await seen(company)
    assert (await company.ask(LOG, role, id=ada))["data"] == {"accessLog": None}


async def test_reading_it_is_on_record_as_well(company: Company) -> None:
    bo = company.id_of(1)
    await log(company, bo)
    (one,) = (await log(company, bo))["nodes"]
    assert (one["role"], one["categories"]) == ("auditor", ["access", "accessor"])


async def test_it_is_read_page_by_page(company: Company) -> None:
    ada, _ = await seen(company)
    for _ in range(4):
        await company.ask(CARD, id=ada)
    found, after = [], None
    for _ in range(9):
        page = await log(company, ada, first=2, after=after)
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [one["role"] for one in found].count("support_agent") == 5
    assert sorted((one["at"] for one in found), reverse=True) == [one["at"] for one in found]
    assert len({one["event"] for one in found}) == len(found)


async def test_while_a_system_cannot_say_what_is_theirs_nothing_is_told(company: Company) -> None:
    ada, _ = await seen(company)
    await company.break_("remedy", "status", value=500)
    answer = await company.ask(LOG, "auditor", id=ada)
    assert answer["data"] == {"accessLog": None}
    assert answer["errors"][0]["extensions"]["code"] == "BACKEND_UNAVAILABLE"


# -- on the command line ----------------------------------------------------------------------------------------------


def told(folder: Path, *words: str) -> Result:
    where = f"--set=state.dir={folder}"
    return CliRunner().invoke(main, ["audit", *words, where, "--set=dev.mode=true"], catch_exceptions=False)


async def asked_as(company: Company, subject: str, role: str, client: str, query: str, **given: Any) -> None:
    question = Question(query, None, given)
    await company.app.pipeline(question, Principal(subject, role, client), Options(request_id="r"))


async def journey(company: Company) -> str:
    """Ada calls; an agent looks her up, a technician sees initials, the warehouse her order alone."""
    ada = company.id_of(0)
    await asked_as(company, "kim", "support_agent", "desk", CARD, id=ada)
    await asked_as(company, "lee", "technician", "van", "query ($id: ID!) { customer(by: {id: $id}) { name } }", id=ada)
    await company.app.stop()
    return ada


async def test_who_saw_names_role_client_purpose_moment_categories_and_the_line_that_allowed_it(
    company: Company, tmp_path: Path
) -> None:
    ada = await journey(company)
    result = in_thread(tmp_path, "who-saw", ada, "--offline", "--json")
    assert result.exit_code == 0, result.output
    lee, kim = json.loads(result.stdout)["accesses"]
    assert (kim["who"], kim["role"], kim["client"], kim["purpose"]) == ("kim", "support_agent", "desk", "service")
    assert kim["at"].endswith("Z")
    assert kim["operation"] == "Card"
    assert kim["why"]["contact"] == "roles.toml: [support_agent] any"
    assert (lee["masked"], lee["client"]) == (["identity"], "van")
    text = in_thread(tmp_path, "who-saw", ada, "--offline").stdout
    assert "kim as support_agent with desk, for service (Card): contact, identity, logistics, presence" in text
    assert "because roles.toml: [support_agent] any" in text


async def test_who_saw_says_when_records_may_be_missing(company: Company, tmp_path: Path) -> None:
    ada = await journey(company)
    closed = [
        f"--set=backends.{name}.base_url=http://127.0.0.1:9" for name in ("siebel", "oracle_om", "netsuite", "remedy")
    ]
    result = in_thread(tmp_path, "who-saw", ada, *closed)
    assert result.exit_code == 1
    assert "kim as support_agent" in result.output
    assert "may be missing" in result.output


async def test_verify_says_yes_and_then_no(company: Company, tmp_path: Path) -> None:
    await journey(company)
    heads = tmp_path / "heads.json"
    heads.write_text(in_thread(tmp_path, "heads").stdout)
    assert in_thread(tmp_path, "verify", f"--heads={heads}").exit_code == 0
    with store_of(tmp_path) as db:
        db.execute("UPDATE entry SET record = replace(record, 'kim', 'tim')")
    result = in_thread(tmp_path, "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout.splitlines()[0])["problems"]


async def test_an_export_has_every_record_and_no_value(company: Company, tmp_path: Path) -> None:
    ada = await journey(company)
    answer = company.world.customer(0)
    result = in_thread(tmp_path, "export")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert {json.loads(line["record"])["kind"] for line in lines if "record" in line} == {
        "begin", "policy", "document", "access",
    }  # fmt: skip
    assert lines[-1]["mark"]["kind"] == "head"
    for value in (str(answer.email), ada, str(answer.phone)):
        assert value not in result.stdout


async def test_forgetting_leaves_the_chain_and_nobody_to_find(company: Company, tmp_path: Path) -> None:
    ada = await journey(company)
    assert in_thread(tmp_path, "forget", ada, "--offline").exit_code == 0
    assert in_thread(tmp_path, "verify").exit_code == 0
    assert json.loads(in_thread(tmp_path, "who-saw", ada, "--offline", "--json").stdout)["accesses"] == []


async def test_replay_decides_by_the_policy_of_then_and_by_today_s(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await journey(company)
    found = json.loads(in_thread(tmp_path, "who-saw", ada, "--offline", "--json").stdout)["accesses"]
    event = found[1]["event"]
    same = in_thread(tmp_path, "replay", event)
    assert (same.exit_code, "as the one of then did" in same.stdout) == (0, True)
    whole = json.loads(in_thread(tmp_path, "replay", event, "--all", "--json").stdout)["coordinates"]
    mail = next(row for row in whole if row["coordinate"] == "Customer.email")
    assert (mail["recorded"], mail["then"]) == (["seen"], "SEEN, roles.toml: [support_agent] any")
    with store_of(tmp_path) as db:  # as if the policy of then had not shown any contact data
        db.execute(
            """UPDATE entry SET record = replace(record, '\\"identity\\", \\"contact\\", \\"commercial\\", \\"linkage\\", \\"logistics\\", \\"delivery\\", \\"tracking\\",\\n  \\"financial\\", \\"billing\\", \\"credit\\"', '\\"identity\\", \\"logistics\\"') WHERE kind = 'policy'"""
        )
    other = in_thread(tmp_path, "replay", event)
    assert other.exit_code == 1
    assert "Customer.email (contact): recorded seen\n  then WITHHELD" in other.stdout
    assert "  now  SEEN, roles.toml: [support_agent] any" in other.stdout


# -- reading in bulk --------------------------------------------------------------------------------------------------


def hour(people: int, role: str, who: str, at: int) -> list[Entry]:
    return [
        Entry(ACCESS, at, members({"document": None, "policy": None, "partner": None}), (f"p{n}",), (), (role, who))
        for n in range(people)
    ]


@pytest.fixture
def book(tmp_path: Path) -> Any:
    one = Book(tmp_path, Signer.kept(tmp_path), Vault(b"s" * 32))
    yield one
    one.close()


def reported(book: Book, **rule: int) -> list[str]:
    upkeep = Upkeep(book, 30, **rule)
    upkeep.report()
    upkeep.report()
    return [row[0] for row in book.opened().execute("SELECT ref FROM entry WHERE kind = 'alert' ORDER BY seq")]


def test_who_reads_of_far_more_people_than_others_is_reported_once(
    book: Book, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at = now()
    book.write([*hour(60, "agent", "kim", at), *hour(10, "agent", "lee", at), *hour(10, "agent", "max", at - HOUR_MS)])
    with caplog.at_level(logging.WARNING):
        assert reported(book, people=20, times=5) == [f"{at // HOUR_MS} agent kim"]
    assert caplog.messages == ["bulk read: kim as agent was shown 60 people in an hour; others 10"]


def test_who_reads_as_others_do_is_not(book: Book) -> None:
    at = now()
    book.write([*hour(60, "agent", "kim", at), *hour(40, "agent", "lee", at)])
    assert reported(book, people=20, times=5) == []


def test_the_same_people_again_are_no_more_people(book: Book) -> None:
    book.write([*hour(15, "agent", "kim", now()), *hour(15, "agent", "kim", now())])
    assert reported(book, people=20, times=5) == []


def test_who_is_alone_in_a_role_is_compared_with_nobody(book: Book) -> None:
    book.write(hour(30, "agent", "kim", now()))
    assert len(reported(book, people=20, times=5)) == 1


def test_other_roles_are_no_peers(book: Book) -> None:
    book.write([*hour(60, "agent", "kim", now()), *hour(50, "robot", "r2", now())])
    assert len(reported(book, people=55, times=5)) == 1


def store_of(folder: Path) -> Any:
    return store.changing(store.opened(folder, 1))


def in_thread(folder: Path, *words: str) -> Result:
    """A command has a loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(told, folder, *words).result()
