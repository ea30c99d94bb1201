"""Siebel's search language, and what an unescaped quote does in it."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.siebel import searchspec
from mocks.siebel.matching import globbed, matcher
from mocks.siebel.refusal import Refusal
from tests.mocks.siebel_world import Client, SmallWorld, another, town

pytestmark = pytest.mark.anyio

CONTACTS = "Contact/Contact"
ALL = ["1-C0", "1-C1", "1-C2", "1-C4", "1-C5"]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("", ALL),
        ("   ", ALL),
        ("[First Name] = 'Jane'", ["1-C0"]),
        ('[First Name] = "Jane"', ["1-C0"]),
        ("[First Name]~='JANE'", ["1-C0", "1-C4"]),
        ("[First Name] <> 'Jane'", ["1-C1", "1-C2", "1-C4"]),
        ("NOT [First Name] = 'Jane'", ["1-C1", "1-C2", "1-C4"]),
        ("[First Name] > 'Jane' AND [First Name] < 'T'", ["1-C1", "1-C2"]),
        ("[First Name] >= 'Jane' AND [First Name] <= 'Jane'", ["1-C0"]),
        ("[First Name] LIKE 'J*'", ["1-C0"]),
        ("[First Name] ~LIKE 'j*'", ["1-C0", "1-C4"]),
        ("[First Name] ~like '?AN?'", ["1-C0", "1-C4"]),
        ("[First Name] NOT LIKE 'J*'", ["1-C1", "1-C2", "1-C4"]),
        ("[First Name] = 'J*'", []),
        ("[First Name] = 'Star*'", ["1-C2"]),
        ("[Middle Name] IS NULL", ALL),
        ("[First Name] is null", ["1-C5"]),
        ("[First Name] IS NOT NULL", ["1-C0", "1-C1", "1-C2", "1-C4"]),
        ("[First Name] = ''", []),
        ("[First Name] = 'Jane' OR [First Name] = 'jane' AND [Last Name] = 'Doe'", ["1-C0"]),
        ("([First Name] = 'Jane' OR [First Name] = 'jane') AND [Last Name] = 'DOE'", ["1-C4"]),
        ("NOT ([First Name] = 'Jane' or [First Name] = 'jane')", ["1-C1", "1-C2"]),
        ("[Last Name] = 'O''", None),
        ('[Last Name] = "O\'Hara"', []),
        ("[Last Name] LIKE 'O?Hara? OR ?1?=?1'", ["1-C1"]),
        ("[Last Name] = 'x' OR '1'='1'", ALL),
        ("[Birth Date] = '05/17/1980'", ["1-C0"]),
        ("[Birth Date] < '05/18/1980'", ["1-C0"]),
        ("[Birth Date] < '12/31/1979'", []),
        ("[Created] >= '07/04/2019 22:30:05'", ALL),
        ("[Created] > '07/04/2019 22:30:05'", []),
        ("[Suppress All Emails] = 'Y' AND [Id] = '1-C0'", ["1-C0"]),
        ("'1-C0' = [Id]", ["1-C0"]),
        ("[Account Id]='1-A2'", ["1-C2"]),
        ("[Integration Id]='ERP-4'", ["1-C4"]),
        ("[Person UId]='1-C4'", ["1-C4"]),
        ("[Email Address]~='jane.doe@EXAMPLE.com'", ["1-C0", "1-C4"]),
        ("[Email Address]='Jane.Doe@example.com'", ["1-C0"]),
        ("[Work Phone #]='+49 (0)30 1234-567'", ["1-C0"]),
        ("[Work Phone #]~='+49 (0)30 1234-567' OR [Id]='1-C2'", ["1-C0", "1-C2"]),
        ("[Work Phone #] ~LIKE '*4*9*3*0*1*2*3*4*5*6*7*'", ["1-C0", "1-C4"]),
        ("[Cellular Phone #]='0049 171 5550100'", ["1-C0"]),
        ("[Account]='Doe & Co.'", ["1-C0"]),
        ("[Id]='1-C3'", []),
        ("([Id]='1-C0' OR [Id]='1-C0' OR [Id]='none')", ["1-C0"]),
        ("[Id]='1-C0' AND [First Name]='nobody'", []),
    ],
)
async def test_a_search_finds(spec: str, found: list[str] | None) -> None:
    crm = Client(town())
    if found is None:
        assert (await crm.get(CONTACTS, searchspec=spec)).status_code == 500
    else:
        assert await crm.ids(CONTACTS, searchspec=spec) == found


async def test_a_pasted_quote_rewrites_the_search() -> None:
    """That there is no escape is a fact of the real one; that this finds everybody is what it costs."""
    crm = Client(town())
    pasted = "[Last Name] = '{}'".format
    assert (await crm.get(CONTACTS, searchspec=pasted("O'Hara\" OR '1'='1"))).status_code == 500
    assert await crm.ids(CONTACTS, searchspec=pasted("x' OR '1'='1")) == ALL


@pytest.mark.parametrize(
    "spec",
    [
        *("[Id", "Id='1'", "[Id]", "[Id]=", "[Id]='1", "[Id]=='1'", "([Id]='1'", "[Id]='1')", "[Id]='1' [Id]='2'"),
        *("AND", "[Id] LIKE", "[Id] IS", "[Id] IS 'x'", "[Id] NOT '1'", "NOT", "()", "[Id]='1' OR", "[]='1'"),
        *("Today()", "\x00", "(" * 5000 + "[Id]='1'" + ")" * 5000, "NOT " * 5000 + "[Id]='1'"),
    ],
)
def test_what_is_no_search_is_refused(spec: str) -> None:
    with pytest.raises(Refusal, match="SBL-DAT-00416") as refused:
        searchspec.parse(spec)
    assert refused.value.status == 500


NAMES = st.text(st.sampled_from("abAB?*'\" "), max_size=6)


@given(st.text("ab?*", max_size=8), st.text("ab", max_size=8))
def test_wildcards_mean_what_a_regular_expression_would(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(mark, re.escape(mark)) for mark in pattern)
    assert globbed(text, pattern) == bool(re.fullmatch(expression, text))


def test_many_stars_do_not_take_forever() -> None:
    assert not globbed("1" * 5000, "*1" * 2000 + "*2")


@given(st.lists(NAMES, min_size=1, max_size=4), st.text(max_size=30))
def test_no_text_breaks_the_parser(names: list[str], noise: str) -> None:
    for spec in (noise, " OR ".join(f"[First Name]='{name}'" for name in names)):
        with contextlib.suppress(Refusal):
            assert matcher(searchspec.parse(spec), {"First Name": "text"})(lambda field: "a") in (True, False, None)


class Counted(SmallWorld):
    """Counts how often a customer is looked at."""

    looked = 0

    def customer(self, index: int):  # type: ignore[no-untyped-def]
        Counted.looked += 1
        return super().customer(index)


@pytest.mark.parametrize(
    "spec",
    [
        " OR ".join(f"[Id]='1-C{index}'" for index in range(40)),
        " OR ".join(f"[Email Address]~='n{index}@example.com'" for index in range(1, 20)),
        "[Account Id]='1-A7'",
        "[Work Phone #]='4930123'",
        "([Id]='1-C7' OR [Email Address]='n8@example.com') AND [First Name] LIKE '*'",
    ],
)
async def test_a_search_by_key_looks_at_nobody_else(spec: str) -> None:
    crm = Client(Counted(*(another(index, phone=f"{index}") for index in range(500))))
    Counted.looked = 0
    await crm.ids(CONTACTS, searchspec=spec)
    assert Counted.looked < 200


async def test_pages_of_one_search_cost_one_search() -> None:
    crm = Client(Counted(*(another(index) for index in range(300))))
    await crm.ids(CONTACTS, searchspec="[First Name]='N'", sortspec="Id:desc")
    Counted.looked = 0
    page = await crm.ids(CONTACTS, searchspec="[First Name]='N'", sortspec="Id:desc", StartRowNum="100")
    assert len(page) == 100
    assert Counted.looked == 100
