"""What campaigns did, what customers agreed to, and what they suggest: what it costs, who sees it, and bad days."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.app import open_app
from mocks.serve import mount
from mocks.world.audience import Audience
from mocks.world.campaigns import Campaigns
from mocks.world.suggestions import Suggestions
from resolvers.crosslink import sync
from resolvers.ids import global_id
from tests.company import Company, Founding, configured

pytestmark = pytest.mark.anyio

CONSENT = "query($ids: [ID!]!) { customersById(ids: $ids) { id consent { channel purpose allowed } } }"
TOUCHED = """query($ids: [ID!]!) { customersById(ids: $ids) { touches(first: 5) { nodes {
    at kind subject campaign { name status line products { sku name } } } pageInfo { hasNextPage } } } }"""
VOICES = """query($ids: [ID!]!) { customersById(ids: $ids) {
    name touches(first: 3) { nodes { at kind campaign { name } } } consent { allowed }
    suggestions(first: 3) { nodes { title status votes } } orders(first: 1) { nodes { number } } } }"""
SUGGESTION = """query($id: ID!) { suggestion(id: $id) { title body { html text } status votes suggestedAt
    product { sku suggestions(first: 50) { nodes { id } } } author { id name } } }"""


def known(company: Company, count: int = 20) -> list[int]:
    """Customers that the CRM and the marketing system both know."""
    audience = Audience(company.world)
    return [index for index in company.world.customers() if audience.contact_id(index)][:count]


def agreeing(company: Company) -> tuple[list[int], list[int], list[int]]:
    """Who may be marketed to; who told the marketing system alone not to be; who told the CRM."""
    audience = Audience(company.world)
    yes, there, here = list[int](), list[int](), list[int]()
    for index in known(company, 200):
        person = company.world.customer(index)
        flags = (person.suppress_emails, person.suppress_calls, person.suppress_mailings, person.suppress_faxes)
        refused = audience.subscriptions(index)[0].status == "UNSUBSCRIBED"
        if not any(i % 100 in (31, 57) for i in (index,)):
            (here if any(flags) else there if refused else yes).append(index)
    assert yes
    assert there
    assert here
    return yes, there, here


async def calls(company: Company) -> Counter[tuple[str, str]]:
    return Counter((entry["system"], entry["operation"]) for entry in await company.asked())


def ids(company: Company, people: list[int]) -> list[str]:
    return [company.id_of(index) for index in people]


# -- consent --------------------------------------------------------------------------------------------------------


async def test_consent_of_twenty_customers_is_three_requests_and_the_less_permissive_system_counts(
    company: Company,
) -> None:
    people = known(company)
    await company.forget()
    answer = await company.ask(CONSENT, ids=ids(company, people))

    assert await calls(company) == {
        ("siebel", "Contact.query"): 1,
        ("hubspot", "contacts.batch"): 1,
        ("hubspot", "statuses.batch"): 1,
    }
    audience = Audience(company.world)
    for index, one in zip(people, answer["data"]["customersById"], strict=True):
        person, said = company.world.customer(index), [s.status for s in audience.subscriptions(index)]
        allowed = {(row["channel"], row["purpose"]): row["allowed"] for row in one["consent"]}
        assert len(allowed) == 12
        for purpose, status in zip(("MARKETING", "NEWSLETTER", "SURVEY"), said, strict=True):
            assert allowed["EMAIL", purpose] is (not person.suppress_emails and status != "UNSUBSCRIBED")
            assert allowed["PHONE", purpose] is not person.suppress_calls
            assert allowed["POST", purpose] is not person.suppress_mailings
            assert allowed["FAX", purpose] is not person.suppress_faxes


async def test_all_that_is_on_record_is_shown_with_its_system_to_who_may_see_systems(company: Company) -> None:
    _, (index, *_), _ = agreeing(company)
    question = """query($ids: [ID!]!) { customersById(ids: $ids) { consent(channel: EMAIL, purpose: MARKETING) {
        allowed statements { system state kind at } } } }"""

    agent = await company.ask(question, ids=[company.id_of(index)])
    marketer = await company.ask(question, "marketer", ids=[company.id_of(index)])

    ((row,),) = [one["consent"] for one in agent["data"]["customersById"]]
    assert row["allowed"] is False
    assert [(one["system"], one["state"], one["kind"]) for one in row["statements"]] == [
        ("siebel", "GRANTED", None),
        ("hubspot", "REFUSED", "Marketing information"),
    ]
    assert "CANARY" not in str(agent)
    ((hidden,),) = [one["consent"] for one in marketer["data"]["customersById"]]
    assert hidden == {"allowed": False, "statements": None}
    assert marketer["extensions"]["absent"][0]["category"] == "operations"


async def test_who_is_on_record_nowhere_has_agreed_to_nothing(company: Company) -> None:
    stranger = next(i for i in company.world.customers() if company.world.customer(i).siebel_contact_id is None)
    answer = await company.ask(CONSENT, ids=[company.id_of(stranger)])
    assert not any(row["allowed"] for row in answer["data"]["customersById"][0]["consent"])
    assert len(answer["data"]["customersById"][0]["consent"]) == 12


@pytest.mark.parametrize("system", ["siebel", "hubspot"])
async def test_a_consent_that_one_system_cannot_tell_of_is_not_told(company: Company, system: str) -> None:
    people = ids(company, known(company, 3))
    await company.break_(system, "refuse")
    answer = await company.ask(CONSENT, ids=people)

    assert [one["consent"] for one in answer["data"]["customersById"]] == [None] * 3
    (gap,) = answer["extensions"]["absent"]
    assert (gap["coordinate"], gap["reason"], gap["system"]) == ("Customer.consent", "UNAVAILABLE", system)


# -- consent decides what marketing sees ------------------------------------------------------------------------------


NAMES = "query($ids: [ID!]!) { customersById(ids: $ids) { id name } }"


async def test_marketing_sees_those_who_told_neither_system_to_leave_them_alone(company: Company) -> None:
    yes, there, here = agreeing(company)
    people = [*yes[:3], *there[:2], *here[:2]]
    await company.forget()
    answer = await company.ask(NAMES, "marketer", ids=ids(company, people))

    assert [bool(one["name"]) for one in answer["data"]["customersById"]] == [True] * 3 + [False] * 4
    asked = await calls(company)
    assert asked["hubspot", "contacts.batch"] == asked["hubspot", "statuses.batch"] == 1
    (gap,) = answer["extensions"]["absent"]
    assert (gap["reason"], gap["rows"]) == ("WITHHELD", "SOME")


async def test_nobody_else_pays_for_consent(company: Company) -> None:
    people = ids(company, known(company, 5))
    await company.forget()
    await company.ask(NAMES, ids=people)
    assert {system for system, _ in await calls(company)} == {"siebel"}


@pytest.mark.parametrize("system", ["siebel", "hubspot"])
async def test_what_one_of_the_two_cannot_tell_is_no_and_why_is_said_beside_it(company: Company, system: str) -> None:
    yes, *_ = agreeing(company)
    await company.break_(system, "refuse")
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { id name consent { allowed } } }"
    answer = await company.ask(question, "marketer", ids=ids(company, yes[:3]))

    assert [(one["name"], one["consent"]) for one in answer["data"]["customersById"]] == [(None, None)] * 3
    gaps = {gap["coordinate"]: gap for gap in answer["extensions"]["absent"]}
    assert {at: gap["reason"] for at, gap in gaps.items()} == {
        "Customer.name": "WITHHELD",
        "Customer.consent": "UNAVAILABLE",
    }
    for gap in gaps.values():
        assert (gap["code"], gap["retryable"]) == ("BACKEND_UNAVAILABLE", True)
    assert [place[1] for place in gaps["Customer.name"]["at"]] == [0, 1, 2]


async def test_a_no_that_is_known_is_told_apart_from_one_that_nobody_can_tell(company: Company) -> None:
    """Who refused in the CRM is a no whatever the marketing system would say; of the others nobody knows."""
    yes, _, here = agreeing(company)
    await company.break_("hubspot", "refuse")
    answer = await company.ask(NAMES, "marketer", ids=ids(company, [yes[0], here[0], yes[1]]))

    known, unknown = sorted(answer["extensions"]["absent"], key=lambda gap: "code" in gap)
    assert (known["reason"], known["at"]) == ("WITHHELD", [["customersById", 1, "name"]])
    assert (unknown["reason"], unknown["code"], unknown["retryable"]) == ("WITHHELD", "BACKEND_UNAVAILABLE", True)
    assert unknown["at"] == [["customersById", 0, "name"], ["customersById", 2, "name"]]
    assert "system" not in known


async def test_a_list_for_marketing_cannot_be_made_while_consent_is_not_known(company: Company) -> None:
    question = "{ customers(first: 5) { nodes { name } } }"
    well = await company.ask(question, "marketer")
    await company.forget()
    await company.break_("hubspot", "refuse")
    answer = await company.ask(question, "marketer")

    assert len(well["data"]["customers"]["nodes"]) == 5
    assert all(one["name"] for one in well["data"]["customers"]["nodes"])
    assert answer["data"] == {"customers": None}
    assert answer["extensions"]["absent"][0]["reason"] == "UNAVAILABLE"


async def test_a_consent_fact_is_never_older_than_five_seconds(company: Company) -> None:
    assert company.app.graph.ages.ownership.kept <= 5
    people = ids(company, known(company, 3))
    await company.forget()
    for _ in range(2):
        await company.ask(CONSENT, ids=people)
    assert (await calls(company))["hubspot", "statuses.batch"] == 2  # consent itself is asked anew each time


# -- touches --------------------------------------------------------------------------------------------------------


async def test_what_happened_to_customers_and_which_campaigns_it_was_of(company: Company) -> None:
    people, audience = known(company, 4), Audience(company.world)
    await company.forget()
    answer = await company.ask(TOUCHED, ids=ids(company, people))

    assert "errors" not in answer
    asked = await calls(company)
    assert asked["hubspot", "contacts.batch"] == asked["hubspot", "campaigns.batch"] == 1
    assert asked["hubspot", "email.events"] == asked["hubspot", "events"] == 4
    assert asked["hubspot", "emails.list"] == 2
    assert asked["siebel", "Campaign Members.query"] == 1
    for index, one in zip(people, answer["data"]["customersById"], strict=True):
        mailed = [
            (touch.at, touch.email.campaign.name, list(touch.email.campaign.skus)) for touch in audience.touches(index)
        ]
        wanted = sorted([*mailed, *approached(company, index)], reverse=True)[:5]
        told = [
            (node["at"][:19], node["campaign"]["name"], [item["sku"] for item in node["campaign"]["products"]])
            for node in one["touches"]["nodes"]
        ]
        assert told == [(at.isoformat()[:19], name, skus) for at, name, skus in wanted]
    assert "CANARY" not in str(answer)
    columns = {column for entry in await company.asked("hubspot") for column in entry["columns"]}
    assert not columns & {"hs_notes", "notes", "hs_budget"}


def approached(company: Company, index: int) -> list[tuple[datetime, str, list[str]]]:
    """What the CRM has on record: whose list they were put on, and that they answered. It names no products."""
    members = Campaigns(company.world).members_of(index)
    moments = ((at, one.campaign.name) for one in members for at in (one.listed_at, one.answered_at) if at)
    return [(at, name, []) for at, name in moments]


async def test_letters_and_calls_stand_among_the_mails_and_their_campaigns_can_be_asked_for(company: Company) -> None:
    index = next(
        at for at in company.world.customers() if any(m.answer for m in Campaigns(company.world).members_of(at))
    )
    question = """query($ids: [ID!]!) { customersById(ids: $ids) { touches(first: 100) { nodes {
        at kind campaign { id name status startsOn endsOn metrics { sessions } } } } } }"""
    answer = await company.ask(question, ids=[company.id_of(index)])
    nodes = answer["data"]["customersById"][0]["touches"]["nodes"]
    names = {one.campaign.name: one.campaign for one in Campaigns(company.world).members_of(index)}
    crm = [node for node in nodes if node["campaign"] and node["campaign"]["name"] in names]
    assert Counter(node["kind"] for node in crm) == Counter(
        kind
        for one in Campaigns(company.world).members_of(index)
        for kind in ("SENT", *(["ANSWERED"] if one.answer else []))
    )
    for node in crm:
        campaign = names[node["campaign"]["name"]]
        assert node["campaign"]["startsOn"] == str(campaign.starts_on)
        assert node["campaign"]["status"] == ("IN_PROGRESS" if campaign.status == "Active" else "COMPLETED")
        assert node["campaign"]["metrics"] is None
    one = await company.ask("query($id: ID!) { campaign(id: $id) { name } }", id=crm[0]["campaign"]["id"])
    assert one["data"]["campaign"]["name"] == crm[0]["campaign"]["name"]


async def test_all_touches_are_read_page_by_page(company: Company) -> None:
    question = """query($ids: [ID!]!, $a: String) { customersById(ids: $ids) { touches(first: 60, after: $a) {
        nodes { at } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = list[str](), None
    for _ in range(20):
        answer = await company.ask(question, ids=[company.id_of(1)], a=after)
        page = answer["data"]["customersById"][0]["touches"]
        seen += [node["at"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(Audience(company.world).touches(1)) + len(approached(company, 1))
    assert seen == sorted(seen, reverse=True)


async def test_a_campaign_is_found_by_id_by_node_and_by_name(company: Company) -> None:
    one = Audience(company.world).campaigns.all[0]
    key = global_id("Campaign", f"hubspot:{one.guid}")
    question = """query($id: ID!, $t: String!) { campaign(id: $id) { name status startsOn endsOn line metrics { sessions } }
        node(id: $id) { id ... on Campaign { name } }
        search(text: $t) { campaigns { matched campaign { id name } } } }"""

    answer = await company.ask(question, id=key, t=one.name)

    assert answer["data"]["campaign"] == {
        "name": one.name,
        "status": "COMPLETED",
        "startsOn": one.starts.isoformat(),
        "endsOn": one.ends.isoformat(),
        "line": one.line,
        "metrics": {"sessions": 120},
    }
    assert answer["data"]["node"] == {"id": key, "name": one.name}
    assert {"matched": ["name"], "campaign": {"id": key, "name": one.name}} in answer["data"]["search"]["campaigns"]
    for strange in (global_id("Campaign", "siebel:1-2"), global_id("Campaign", one.guid), "nobody"):
        assert (await company.ask("query($id: ID!) { campaign(id: $id) { name } }", id=strange))["data"] == {
            "campaign": None
        }


# -- suggestions ------------------------------------------------------------------------------------------------------


async def test_a_suggestion_leads_to_its_product_and_its_author(company: Company) -> None:
    suggestions = Suggestions(company.world)
    one = next(suggestions.at(rank) for rank in range(len(suggestions)) if suggestions.at(rank).sku)
    await company.forget()
    answer = await company.ask(SUGGESTION, id=global_id("Suggestion", str(one.id)))

    told = answer["data"]["suggestion"]
    assert (told["title"], told["votes"]) == (one.title, one.votes)
    assert "<script" not in told["body"]["html"]
    assert told["product"]["sku"] == one.sku
    assert {"id": global_id("Suggestion", str(one.id))} in told["product"]["suggestions"]["nodes"]
    assert told["author"]["id"] == company.id_of(one.author.index)
    asked = await calls(company)
    assert asked["discourse", "topic"] <= 2  # a second time where the first address sends on
    assert asked["discourse", "search"] == 1
    assert "CANARY-whisper" not in str(answer)


async def test_what_customers_suggest_costs_a_search_each_and_a_topic_only_for_what_a_search_does_not_tell(
    company: Company,
) -> None:
    suggestions = Suggestions(company.world)
    authors = list(dict.fromkeys(suggestions.at(rank).author.index for rank in range(len(suggestions))))[:4]
    question = "query($ids: [ID!]!) { customersById(ids: $ids) { suggestions(first: 2) { nodes { title %s } } } }"
    await company.forget()
    await company.ask(question % "status", ids=ids(company, authors))
    assert await calls(company) == {("discourse", "search"): 4}
    await company.forget()
    answer = await company.ask(question % "votes", ids=ids(company, authors))
    shown = [node for one in answer["data"]["customersById"] for node in one["suggestions"]["nodes"]]
    asked = await calls(company)
    assert asked["discourse", "search"] == 4
    assert len(shown) <= asked["discourse", "topic"] <= 2 * len(shown)


async def test_words_find_suggestions_and_filters_are_just_words(company: Company) -> None:
    suggestions = Suggestions(company.world)
    one = suggestions.at(len(suggestions) - 1)
    question = "query($t: String!) { search(text: $t) { suggestions { matched suggestion { title } } } }"
    word = next(word for word in one.title.split() if word.isalpha() and len(word) > 3)
    found = await company.ask(question, t=word)
    assert {"matched": ["text"], "suggestion": {"title": one.title}} in found["data"]["search"]["suggestions"]
    filters = await company.ask(question, t=f"@{one.author.username}")
    assert filters["data"]["search"]["suggestions"] == []


# -- who sees what, and bad days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["warehouse", "finance", "auditor", "integrator"])
async def test_who_does_not_need_to_know_is_not_told_and_no_system_is_asked(company: Company, role: str) -> None:
    await company.forget()
    await company.ask(VOICES, role, ids=ids(company, known(company, 2)))
    assert not {"hubspot", "discourse"} & {system for system, _ in await calls(company)}


async def test_customers_see_what_is_on_record_of_themselves(company: Company) -> None:
    me, other = company.id_of(1), company.id_of(2)
    answer = await company.ask(VOICES, "customer", customer=me, ids=[me, other])
    mine, theirs = answer["data"]["customersById"]
    assert theirs is None
    assert mine["touches"]["nodes"][0]["kind"]
    assert mine["consent"]
    assert mine["suggestions"]["nodes"][0]["title"]


@pytest.mark.parametrize(
    ("system", "lost"),
    [
        ("hubspot", {"customersById.*.touches", "customersById.*.consent"}),
        ("discourse", {"customersById.*.suggestions"}),
        ("siebel", {"customersById.*.touches", "customersById.*.consent", "customersById.*.name"}),
        ("oracle_om", {"customersById.*.orders"}),
    ],
)
@pytest.mark.parametrize("kind", ["refuse", "garbage", "throttle", "status"])
async def test_a_system_on_a_bad_day_costs_its_own_part(
    company: Company, system: str, lost: set[str], kind: str
) -> None:
    people = ids(company, [0, 1])
    well = (await company.ask(VOICES, ids=people))["data"]["customersById"]
    await company.forget()
    await company.break_(system, kind, **({"value": 500} if kind == "status" else {}))
    answer = await company.ask(VOICES, ids=people)

    assert {gap["path"] for gap in answer["extensions"]["absent"]} == lost
    assert {error["extensions"]["system"] for error in answer["errors"]} == {system}
    codes = {"refuse": "UNAVAILABLE", "garbage": "GARBLED", "throttle": "THROTTLED", "status": "UNAVAILABLE"}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {f"BACKEND_{codes[kind]}"}
    for before, after in zip(well, answer["data"]["customersById"], strict=True):
        gone = {path.rpartition(".")[2] for path in lost}
        assert {key: value for key, value in after.items() if key not in gone} == {
            key: value for key, value in before.items() if key not in gone
        }


async def test_the_superstore_s_campaigns_are_of_what_sold_and_reached_who_bought(superstore: Company) -> None:
    world, audience = superstore.world, Audience(superstore.world)
    buyer = next(i for i in world.customers() if audience._bought.get(i) and audience.contact_id(i))
    campaign = audience.campaigns.all[max(audience._bought[buyer])]
    question = """query($ids: [ID!]!) { customersById(ids: $ids) { touches(first: 100) { nodes {
        kind campaign { name line products { sku } } } } } }"""

    answer: Any = await superstore.ask(question, ids=[superstore.id_of(buyer)])

    nodes = answer["data"]["customersById"][0]["touches"]["nodes"]
    clicked = [node["campaign"] for node in nodes if node["kind"] == "CLICKED"]
    assert campaign.name in {one["name"] for one in clicked}
    groups = {world.product(i).sku: world.product(i).group for i in world.products()}
    assert all(groups[item["sku"]] == one["line"] for one in clicked for item in one["products"])


# -- who is who ---------------------------------------------------------------------------------------------------------


async def test_the_marketing_system_s_and_the_community_s_keys_lead_to_the_customer(company: Company) -> None:
    audience, suggestions = Audience(company.world), Suggestions(company.world)
    user = suggestions.user(0)
    assert user is not None
    keys = {"hubspot.contact": audience.contact_id(0), "discourse.user": user.username}
    told = await company.ask(
        "query($ids: [ID!]!) { customersById(ids: $ids) { identities { system key } } }", ids=[company.id_of(0)]
    )
    identities = {one["system"]: one["key"] for one in told["data"]["customersById"][0]["identities"]}
    assert keys.items() <= identities.items()
    for system, key in keys.items():
        found = await company.ask(
            "query($by: CustomerBy!) { customer(by: $by) { id } }", by={"key": {"system": system, "key": key}}
        )
        assert found["data"]["customer"] == {"id": company.id_of(0)}


async def test_a_second_sync_reads_what_changed_since_and_makes_nobody_new(company: Company) -> None:
    await company.forget()
    taken = {one.system: one for one in await sync(company.app.pipeline.facts["crossref"], company.app.backends)}
    assert taken["hubspot.contact"].rows < 5
    assert taken["discourse.user"].rows == 1
    assert not any(one.new or one.failed for one in taken.values())
    asked = await calls(company)
    assert asked["hubspot", "contacts.search"] == asked["discourse", "users"] == 1
    assert not asked["hubspot", "contacts.list"]


async def test_more_campaigns_than_one_question_takes_are_asked_for_in_two(company: Company) -> None:
    people = ids(company, [1, *known(company, 60)[10:]])
    question = (
        "query($ids: [ID!]!) { customersById(ids: $ids) { touches(first: 100) { nodes { campaign { name } } } } }"
    )
    await company.forget()
    answer = await company.ask(question, ids=people)

    assert "errors" not in answer
    asked = [entry["keys"] for entry in await company.asked("hubspot") if entry["operation"] == "campaigns.batch"]
    names = {n["campaign"]["name"] for one in answer["data"]["customersById"] for n in one["touches"]["nodes"]}
    names -= {Campaigns(company.world).campaign(at).name for at in range(18)}  # those the CRM runs
    assert sum(map(len, asked)) == len(names) > 50 >= max(map(len, asked))


async def test_fifty_questions_at_the_same_time_keep_to_what_the_two_systems_bear(
    founding: Founding, tmp_path: Path
) -> None:
    """The real limits, on both sides: what does not fit is not asked, and says so."""
    mocks = mount(founding.world)
    shutil.copytree(founding.crossref, tmp_path, dirs_exist_ok=True)
    real: dict[str, Any] = {
        "backends__hubspot__options__per_ten_seconds": "190",
        "backends__hubspot__options__searches_per_second": "5",
        "backends__discourse__options__per_minute": "60",
        "traffic__gather_ms": 0,  # else the questions share their calls, and all of them fit
    }
    company = Company(founding.world, mocks, open_app(configured(tmp_path, **real), mocks))
    question = """query($ids: [ID!]!) { customersById(ids: $ids) {
        touches(first: 1) { nodes { at } } suggestions { nodes { votes } } } }"""
    people = known(company, 50)

    answers = await asyncio.gather(*(company.ask(question, ids=[company.id_of(index)]) for index in people))

    log = await company.asked("hubspot", "discourse")
    assert {entry["status"] for entry in log} <= {200, 301}
    assert sum(entry["system"] == "hubspot" for entry in log) <= 190
    assert sum(entry["system"] == "discourse" for entry in log) <= 60
    gaps = [gap for answer in answers for gap in answer.get("extensions", {}).get("absent", ())]
    assert gaps
    assert {gap["reason"] for gap in gaps} == {"NOT_LOADED"}
    await company.app.stop()
