"""Finding people and accounts in Siebel: exactly who is meant, page by page, whatever is in a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocks.world.model import Address, Customer
from resolvers.backends.base import Connection, Deadline, Garbled, Reply, Request, Unusable
from resolvers.backends.siebel import AccountPage, ContactPage, Siebel, position
from tests.mocks.siebel_world import SmallWorld, another, town
from tests.resolvers.backends.siebel_wire import Crm

pytestmark = pytest.mark.anyio

NAME = frozenset({"name", "total"})
HOSTILE = ("O'Hara\" OR '1'='1", "%", "_", "*", "?", "#", "&", "+", "'", '"', "🪑", "كرسي", "\\", "[Id]", ")", "\x01a")
GENEROUS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.sampled_from("aAbB'\"*?%_#&+\\[]() =🪑\u0643\x01é"), min_size=1, max_size=6)


@pytest.fixture
def crm() -> Crm:
    return Crm(town())


async def contacts(crm: Crm, columns: frozenset[str] = NAME, **args: Any) -> ContactPage:
    found = await crm.ask("find_contacts", "", columns=columns, **args)
    assert isinstance(found[""], ContactPage)
    return found[""]


async def accounts(crm: Crm, columns: frozenset[str] = frozenset({"total"}), **args: Any) -> AccountPage:
    found = await crm.ask("find_accounts", "", columns=columns, **args)
    assert isinstance(found[""], AccountPage)
    return found[""]


def ids(page: ContactPage) -> list[str]:
    return [one.row_id for one in page.contacts]


async def every(crm: Crm, first: int, order: Any = "NAME", **args: Any) -> list[str]:
    """Row ids of all contacts, page by page."""
    page = await contacts(crm, first=first, order=order, **args)
    got = ids(page)
    while page.has_next:
        assert len(page.contacts) == first
        after = position(page.contacts[-1], order)
        page = await contacts(crm, first=first, order=order, after=after, **args)
        got += ids(page)
    return got


def people(*names: tuple[str, str]) -> list[Customer]:
    return [another(index, first_name=first, last_name=last) for index, (first, last) in enumerate(names)]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("jane doe", ["1-C4", "1-C0"]),
        ("DOE", ["1-C4", "1-C0"]),
        ("an oe", ["1-C4", "1-C0"]),
        ("jane hara", []),
        ("wild?card", ["1-C2"]),
        ("star*", ["1-C2"]),
        ("st*r", []),
        ("st?r", []),
        ("scarlett O'Hara\" OR '1'='1", ["1-C1"]),
        ("o'hara", ["1-C1"]),
        ("' OR '1'='1", ["1-C1"]),
        ("%", []),
        ("", []),
        (" \t", []),
        ("x" * 500, []),
    ],
)
async def test_a_name_finds_who_has_all_its_words(name: str, found: list[str]) -> None:
    assert ids(await contacts(Crm(town()), name=name)) == found


async def test_siebel_looks_for_the_words_and_counts(crm: Crm) -> None:
    page = await contacts(crm, name="jane", first=1)
    assert (ids(page), page.has_next, page.total) == (["1-C4"], True, 2)
    (query,) = crm.queries()
    assert query["searchspec"] == (
        "([First Name] ~LIKE '*jane*' OR [Middle Name] ~LIKE '*jane*' OR [Last Name] ~LIKE '*jane*')"
    )
    assert query["sortspec"] == "Last Name:asc,First Name:asc,Id:asc"
    assert (query["PageSize"], query["recordcountneeded"]) == ("2", "true")
    assert query["fields"] == "Id,First Name,Middle Name,Last Name"


async def test_no_count_is_asked_for_that_nobody_reads(crm: Crm) -> None:
    assert (await contacts(crm, frozenset({"name"}), name="jane")).total is None
    assert "recordcountneeded" not in crm.queries()[0]


async def test_the_total_is_of_all_pages_on_each_of_them(crm: Crm) -> None:
    page = await contacts(crm, first=2)
    total = page.total
    page = await contacts(crm, first=2, after=position(page.contacts[-1], "NAME"))
    assert (total, page.total) == (5, 5)
    assert len(crm.queries()) == 3


@pytest.mark.parametrize("name", ["o'hara", "star*"])
async def test_what_siebel_cannot_tell_apart_has_no_total(crm: Crm, name: str) -> None:
    assert (await contacts(crm, name=name)).total is None


async def test_nobody_is_none_in_all(crm: Crm) -> None:
    searches: list[dict[str, Any]] = [
        {"name": "nobody"},
        {"name": " "},
        {"email": "nobody"},
        {"email": "no@body.example"},
        {"phone": "x"},
    ]
    for args in searches:
        assert await contacts(crm, **args) == ContactPage([], False, 0)


async def test_an_address_and_a_number_are_found_as_they_are_looked_up(crm: Crm) -> None:
    assert ids(await contacts(crm, email="MAILTO:jane.doe@EXAMPLE.com")) == ["1-C4", "1-C0"]
    assert ids(await contacts(crm, phone="+49 30 1234567")) == ["1-C4", "1-C0"]
    assert ids(await contacts(crm, phone="+49 171 5550100", email="jane.doe@example.com")) == ["1-C0"]
    assert ids(await contacts(crm, email="o'hara@example.com", name="scarlett")) == ["1-C1"]
    assert ids(await contacts(crm, email="jane.doe@example.com", name="scarlett")) == []


async def test_since_is_from_one_moment_until_before_another() -> None:
    start = datetime(2024, 5, 1, 12, tzinfo=UTC)
    made = [another(index, since=start + timedelta(seconds=index)) for index in range(5)]
    crm = Crm(SmallWorld(*made), zone="America/New_York")
    wanted: dict[str, Any] = {"since_from": start + timedelta(seconds=1), "since_before": start + timedelta(seconds=3)}
    page = await contacts(crm, order="SINCE", **wanted)
    assert (ids(page), page.total) == (["1-C1", "1-C2"], 2)
    later: dict[str, Any] = {
        "since_from": start + timedelta(seconds=0.5),
        "since_before": start + timedelta(seconds=2.5),
    }
    assert ids(await contacts(crm, order="SINCE", **later)) == ["1-C1", "1-C2"]
    elsewhere = start.astimezone(timezone(timedelta(hours=9)))
    assert ids(await contacts(crm, order="SINCE", descending=True, since_from=elsewhere)) == [
        "1-C4",
        "1-C3",
        "1-C2",
        "1-C1",
        "1-C0",
    ]


@pytest.mark.parametrize("order", ["NAME", "SINCE"])
async def test_the_ends_of_the_calendar_are_moments_too(crm: Crm, order: str) -> None:
    ends: dict[str, Any] = {
        "since_from": datetime.min.replace(tzinfo=UTC),
        "since_before": datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
    }
    assert len((await contacts(crm, order=order, **ends)).contacts) == 5


async def test_a_moment_without_offset_is_unusable(crm: Crm) -> None:
    naive: list[dict[str, Any]] = [{moment: datetime(2024, 5, 1)} for moment in ("since_from", "since_before")]
    for args in naive:
        with pytest.raises(Unusable):
            await contacts(crm, **args)


@pytest.mark.parametrize("minutes", range(-90, 121, 15))
async def test_in_the_hour_that_autumn_repeats_rows_are_found_by_what_they_show(minutes: int) -> None:
    back = datetime(2025, 10, 26, 1, tzinfo=UTC)  # 03:00 in Berlin becomes 02:00
    made = [another(index, since=back + timedelta(minutes=20 * index - 100)) for index in range(11)]
    crm = Crm(SmallWorld(*made), zone="Europe/Berlin")
    columns, at = frozenset({"since"}), back + timedelta(minutes=minutes)
    shown = [one for one in (await contacts(crm, columns, order="SINCE")).contacts if one.since]
    least = await contacts(crm, columns, order="SINCE", since_from=at)
    limit = await contacts(crm, columns, order="SINCE", since_before=at)
    assert ids(least) == [one.row_id for one in shown if one.since and one.since >= at]
    assert ids(limit) == [one.row_id for one in shown if one.since and one.since < at]
    got = await every(crm, 1, "SINCE", columns=columns)
    assert got == [one.row_id for one in shown]


def in_order(made: Sequence[Customer], order: str, descending: bool) -> list[str]:
    """What an order means, said another way: empty last; all of it turned around."""

    def key(one: Customer) -> Any:
        named = [(not part, part) for part in (one.last_name, one.first_name)]
        return (named if order == "NAME" else one.since, one.siebel_contact_id)

    return [str(one.siebel_contact_id) for one in sorted(made, key=key, reverse=descending)]


NAMES = st.tuples(st.one_of(st.just(""), TEXT), st.one_of(st.just(""), st.sampled_from(HOSTILE), TEXT))


@GENEROUS
@given(st.lists(NAMES, max_size=9), st.integers(1, 4), st.sampled_from(["NAME", "SINCE"]), st.booleans())
async def test_pages_have_everybody_once_in_order(
    names: list[tuple[str, str]], first: int, order: str, descending: bool
) -> None:
    made = [replace(one, since=one.since + timedelta(seconds=one.index % 3)) for one in people(*names)]
    got = await every(Crm(SmallWorld(*made)), first, order, descending=descending)
    assert got == in_order(made, order, descending)


@GENEROUS
@given(st.lists(NAMES, max_size=6), st.one_of(TEXT, st.sampled_from(HOSTILE)), st.integers(1, 3))
async def test_a_hostile_name_is_just_a_name(names: list[tuple[str, str]], text: str, first: int) -> None:
    made = people(*names, ("Innocent", "Bystander"))
    words = text.lower().split()
    meant = [
        one
        for one in made
        if words and all(word in one.first_name.lower() or word in one.last_name.lower() for word in words)
    ]
    assert await every(Crm(SmallWorld(*made)), first, name=text) == in_order(meant, "NAME", False)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_finds_its_name_its_city_and_its_tier(text: str) -> None:
    mine = another(1, last_name=text, tier=text, address=Address("", text, "", "", ""))
    crm = Crm(SmallWorld(another(0, tier="x", address=Address("", "x" * len(text), "", "", "")), mine))
    assert ids(await contacts(crm, name=text)) == ["1-C1"]
    assert [one.row_id for one in (await accounts(crm, city=text, tier=text)).accounts] == ["1-A1"]


async def test_who_comes_or_goes_between_two_pages_hides_nobody() -> None:
    crm = Crm(SmallWorld(*(another(index, last_name=f"L{index:02d}'") for index in range(20))))
    page = await contacts(crm, first=5)
    got = ids(page)
    await crm.write("POST", "Contact/Contact", {"First Name": "A", "Last Name": "A"})
    await crm.write("DELETE", "Contact/Contact/1-C2", None)
    await crm.write("DELETE", "Contact/Contact/1-C4", None)
    while page.has_next:
        page = await contacts(crm, first=5, after=position(page.contacts[-1], "NAME"))
        got += ids(page)
    assert got == [f"1-C{index}" for index in range(20)]


async def test_the_longest_page_is_read_to_its_end() -> None:
    crm = Crm(SmallWorld(*(another(index, last_name=f"L{index:03d}") for index in range(150))))
    page = await contacts(crm, first=100)
    assert (len(page.contacts), page.has_next, page.total) == (100, True, 150)
    assert [query["PageSize"] for query in crm.queries()] == ["100", "1"]


async def test_namesakes_no_literal_can_hold_are_read_on_by_counting() -> None:
    crm = Crm(SmallWorld(*(another(index, first_name="'", last_name="O'Hara") for index in range(250))))
    assert len(set(await every(crm, 90, name="o'hara"))) == 250


async def test_a_text_that_hundreds_resemble_is_unusable() -> None:
    crm = Crm(SmallWorld(*(another(index) for index in range(600))))
    with pytest.raises(Unusable):
        await contacts(crm, name="*")
    assert len(crm.queries()) == 5


@pytest.mark.parametrize("mark", ["x", "ü", "'", "*", "🪑", "\ud800"])
async def test_no_search_makes_a_request_line_longer_than_four_kilobytes(mark: str) -> None:
    crm = Crm(SmallWorld(another(0, last_name=mark.replace("\ud800", "?") * 50)))
    columns = frozenset(Siebel.find_contacts.columns)
    words = " ".join(f"{index}{mark * 9}" for index in range(18))
    for after in (None, (mark * 90, mark * 90, mark * 90), (mark * 24, mark * 24, "1-C0")):
        for name in (words, mark * 200):
            page = await contacts(crm, columns, name=name, after=after, since_from=datetime(2020, 1, 1, tzinfo=UTC))
            assert page.contacts == []
    assert max(len(request.target) for request in crm.bridge.requests) < 4096


@pytest.mark.parametrize("after", [(), ("a",), ("a", "b"), ("a", "b", "c", "d")])
async def test_a_position_in_another_order_is_unusable(crm: Crm, after: tuple[str, ...]) -> None:
    with pytest.raises(Unusable):
        await contacts(crm, after=after)
    with pytest.raises(Unusable):
        await contacts(crm, order="SINCE", after=after)
    with pytest.raises(Unusable):
        await accounts(crm, after=(*after, "1-A0", "x"))


async def test_only_the_key_of_all_is_answered(crm: Crm) -> None:
    wire = crm.siebel.wire(Deadline(5))
    assert await crm.siebel.find_contacts(wire, ["x"], NAME, name="jane") == {}
    assert await crm.siebel.find_accounts(wire, ["x"], NAME, city="Berlin") == {}


async def test_accounts_are_found_by_city_and_tier_whatever_their_case(crm: Crm) -> None:
    page = await accounts(crm, frozenset({"tier", "address", "total"}), city=" BERLIN", tier="gold")
    (account,) = page.accounts
    assert (account.row_id, account.tier, page.has_next, page.total) == ("1-A0", "Gold", False, 1)
    assert account.address is not None
    assert account.address.postal_code == "01234"
    assert await accounts(crm, city="Berlin", tier="Silver") == AccountPage([], False, 0)
    assert await accounts(crm, city="Berl") == AccountPage([], False, 0)
    assert await accounts(crm, city="  ") == AccountPage([], False, 0)


async def test_accounts_come_by_row_id_page_by_page() -> None:
    crm = Crm(SmallWorld(*(another(index, tier="Gold") for index in range(25))))
    got: list[str] = []
    after: tuple[str, ...] | None = None
    while len(got) < 25:
        page = await accounts(crm, tier="GOLD", first=10, after=after)
        got += [one.row_id for one in page.accounts]
        assert (page.has_next, page.total) == (len(got) < 25, 25)
        after = (got[-1],)
    assert got == sorted(f"1-A{index}" for index in range(25))


def scripted(rows: list[dict[str, str]], **headers: str) -> Siebel:
    async def send(request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        return Reply(200, headers, json.dumps({"items": rows}).encode())

    return Siebel(Connection("http://crm.example"), send)


async def page_of(siebel: Siebel, **args: Any) -> ContactPage:
    found = await siebel.find_contacts(siebel.wire(Deadline(5)), [""], NAME, **args)
    page = found[""]
    assert isinstance(page, ContactPage)
    return page


@pytest.mark.parametrize("count", ["", "many", "-1", "1.5", "0", "٣", "9" * 40])
async def test_what_is_no_count_is_no_total(count: str) -> None:
    siebel = scripted([{"Id": "1-A", "Last Name": "Doe"}], **{"total-record-count": count})
    assert (await page_of(siebel, name="doe")).total is None


async def test_a_row_that_does_not_fit_is_left_out_and_takes_the_total_along() -> None:
    found = [{"Id": "1-A", "Last Name": "Doe"}, {"Id": "1-B", "Last Name": "Dœ"}]
    page = await page_of(scripted(found, **{"total-record-count": "2"}), name="doe")
    assert (ids(page), page.total) == (["1-A"], None)


async def test_a_siebel_that_begins_again_is_garbled() -> None:
    siebel = scripted([{"Id": "1-A", "Last Name": "Doe", "First Name": "Jo"}])
    with pytest.raises(Garbled):
        await page_of(siebel, after=("Doe", "Jo", "1-A"))


async def test_a_row_that_cannot_be_read_is_no_row_to_leave_out() -> None:
    siebel = scripted([{"Id": "1-A", "Created": "yesterday"}, {"Id": "1-B"}])
    with pytest.raises(Garbled):
        await page_of(siebel)
