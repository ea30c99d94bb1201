"""Finding products in SAP: by a text, a group, or both, page by page, against the server and against odd answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product as pairs
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocks import sap
from mocks.sap import filters
from mocks.sap.filters import alpha
from mocks.sap.model import PRODUCT
from mocks.world import Product as Made
from mocks.world import open_world
from resolvers.backends.base import BackendError, Call, Connection, Deadline, Garbled, Throttled, Unavailable, Unusable
from resolvers.backends.sap import FoundProducts, Product, Sap
from resolvers.backends.sap.wording import contains, narrowed
from tests.mocks.sap_world import O_HARA, ODD, Line, Shelf, product
from tests.resolvers.backends.sap_wire import Scripted, adapter, ask, results, said

pytestmark = pytest.mark.anyio
TOTAL = frozenset({"total"})
NASTY = ("%", "_", "*", "?", "#", "&", "+", "'", '"', "\\", "/", "O'Hara\" OR '1'='1", "🪑", "كرسي", "a b", ") or (")


def shelf(*rows: tuple[str, str | None] | tuple[str, str | None, str]) -> Shelf:
    """Products by SKU, English name (or none) and group."""
    made = []
    for index, (sku, name, *group) in enumerate(rows):
        names = {"DE": "Stuhl"} | ({"EN": name} if name is not None else {})
        made.append(replace(product(index, sku, "1010", **names), group=group[0] if group else "L001"))
    return Shelf(tuple(made))


def opened(world: Any) -> tuple[Sap, Line]:
    line = Line(sap.create(world))
    return Sap(Connection("http://s4.example", sap.USERNAME, sap.PASSWORD, attempt_timeout=10.0), line), line


async def outcome(one: Sap, columns: frozenset[str] = TOTAL, **args: Any) -> Any:
    call = Call("sap", "find", ("",), columns, tuple(sorted(args.items())))
    return (await one.perform(call, Deadline(60)))[""]


async def find(one: Sap, columns: frozenset[str] = TOTAL, **args: Any) -> FoundProducts:
    found = await outcome(one, columns, **args)
    assert found.error is None, found.error
    assert isinstance(found.value, FoundProducts)
    return found.value


def skus(page: FoundProducts) -> list[str]:
    return [one.sku for one in page.products]


async def every(one: Sap, first: int, **args: Any) -> list[str]:
    """All SKUs, page by page."""
    page = await find(one, first=first, **args)
    got = skus(page)
    while page.has_next:
        assert len(page.products) == first
        page = await find(one, first=first, after=got[-1], **args)
        got += skus(page)
    return got


def fits(made: Made, text: str | None, group: str | None, among: Sequence[Made]) -> bool:
    """What a search means, said another way."""
    if group is not None and made.group != group:
        return False
    exact = any(one.sku == text for one in among)
    by_sku = made.sku == text or (not exact and alpha(made.sku) == alpha(text or ""))
    return not text or by_sku or contains(made.names.get("EN"), text)


# ---- what is found


async def test_a_text_is_found_in_the_name_whatever_its_case() -> None:
    one, line = opened(shelf(("A", "Oak chair"), ("B", "ARMCHAIR"), ("C", "Table"), ("D", None), ("E", "cHaIrs")))
    for text in ("chair", "CHAIR", "cHAIr"):
        assert await find(one, text=text) == FoundProducts([Product("A"), Product("B"), Product("E")], False, 3)
    assert len(line.asked) == 9
    assert skus(await find(one, text="stuhl")) == []


async def test_a_text_that_is_a_sku_is_found_as_products_would() -> None:
    one, _ = opened(shelf(("0012", "x"), ("12", "y"), ("000777", None), ("Z", "about 777"), ("z", "q")))
    assert skus(await find(one, text="12")) == ["12"]
    assert skus(await find(one, text="0012")) == ["0012"]
    assert skus(await find(one, text="00012")) == ["0012", "12"]
    assert await find(one, text="777") == FoundProducts([Product("000777"), Product("Z")], False, 2)
    assert skus(await find(one, text="Z")) == ["Z"]
    assert skus(await find(one, text="77")) == ["Z"]


async def test_a_product_with_its_sku_in_its_name_is_one_product() -> None:
    one, _ = opened(shelf(("AB", "The AB of chairs"), ("C", "ab?")))
    assert await find(one, text="AB") == FoundProducts([Product("AB"), Product("C")], False, 2)
    assert await find(one, text="AB", first=1) == FoundProducts([Product("AB")], True, 2)
    assert await find(one, text="AB", first=1, after="AB") == FoundProducts([Product("C")], False, 2)


async def test_a_group_is_found_exactly_and_with_a_text_only_what_is_both() -> None:
    one, line = opened(shelf(("A", "chair", "G1"), ("B", "chair", "g1"), ("C", "chair", "G1"), ("D", "lamp", "G1")))
    assert await find(one, group="G1", first=2) == FoundProducts([Product("A"), Product("C")], True, 3)
    assert len(line.asked) == 1
    assert await find(one, group="G1", text="chair") == FoundProducts([Product("A"), Product("C")], False, None)
    assert skus(await find(one, group="g1", text="A")) == ["B"]
    assert skus(await find(one, group="G1", text="B")) == []
    assert skus(await find(one, group="NONE")) == skus(await find(one, group="")) == []


async def test_the_total_is_that_of_all_pages_and_only_told_when_asked_for() -> None:
    one, line = opened(shelf(*((f"S{number}", "Chair") for number in range(7)), ("chair", "Table")))
    for after in (None, "S2", "chair"):
        assert (await find(one, text="chair", first=2, after=after)).total == 8
        assert (await find(one, first=2, after=after)).total == 8
    assert (await find(one, frozenset({"sku"}), text="chair")).total is None
    assert "$inlinecount" not in "".join(request.target for request in line.asked[-3:])


async def test_only_the_columns_wanted_travel() -> None:
    one, line = opened(Shelf())
    page = await find(one, frozenset({"name", "unit", "category"}), text="name of 0")
    assert page.products == [Product("FUR-BO-1", "Name of 0", None, "PC", "L001")]
    assert "$select=Product,to_Description/Language,to_Description/ProductDescription,BaseUnit,ProductGroup&" in (
        line.asked[-1].target
    )
    assert skus(await find(one)) == sorted(made.sku for made in Shelf()._products)


async def test_any_text_is_just_a_text() -> None:
    rows = [(f"N{number:02}", f"before {text} after") for number, text in enumerate(NASTY)]
    one, _ = opened(shelf(*rows, (O_HARA, None), (ODD, None)))
    for text in NASTY:
        named = {sku for sku, name in rows if contains(name, text)}
        assert set(skus(await find(one, text=text))) == named | ({O_HARA} if text == O_HARA else set()), text
        assert skus(await find(one, group=text[:9])) == []
    assert skus(await find(one, text=ODD)) == [ODD]


async def test_what_cannot_be_there_is_never_asked_for() -> None:
    for text in ("x" * 41, "a\nb", "\x00", "\ud800"):
        found, asked = await ask("find", [""], results(), columns=TOTAL, text=text)
        assert (found[""].value, asked) == (FoundProducts([], False, 0), [])
    for group in ("x" * 10, "\ud800"):
        assert (await ask("find", [""], results(), group=group))[1] == []
    for after in ("", "\ud800", "x" * 41):
        found, asked = await ask("find", [""], results(), after=after)
        assert isinstance(found[""].error, Unusable)
        assert asked == []


LETTERS = st.text("aAbBkKsßſİiıσςΣ0 '%_*+#é🪑", min_size=1, max_size=12)
NUMBERS = LETTERS.filter(lambda text: text == text.strip()) | st.sampled_from(["1", "01", "001", "10"])
ROWS = st.lists(
    st.tuples(NUMBERS, st.none() | LETTERS, st.sampled_from(["G", "H"])), max_size=9, unique_by=lambda row: row[0]
)


@settings(max_examples=60)
@given(ROWS, st.none() | LETTERS | NUMBERS, st.sampled_from([None, None, "G"]), st.integers(1, 4))
def test_every_page_of_every_search_is_what_it_means(
    rows: list[Any], text: str | None, group: str | None, first: int
) -> None:
    world = shelf(*rows)
    made = [world.product(index) for index in world.products()]
    expected = sorted(one.sku for one in made if fits(one, text, group, made))
    one, line = opened(world)
    assert asyncio.run(every(one, first, text=text, group=group)) == expected
    assert asyncio.run(find(one, first=first, text=text, group=group)).total in (None, len(expected))
    assert all(len(request.target) <= 6000 for request in line.asked)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40), LETTERS, LETTERS)
def test_what_is_asked_lets_through_all_that_contains_the_text_and_no_more_when_exact(
    text: str, before: str, after: str
) -> None:
    test = narrowed("ProductDescription", text)
    node = filters.parse(test.test, PRODUCT.sets["A_ProductDescription"])
    for middle in (text, text.swapcase(), text.upper(), text[1:], text[:-1] + "x"):
        name = before + middle + after
        passes = node.value({"ProductDescription": name})
        assert passes == contains(name, text) if test.exact else passes or not contains(name, text)


def test_letters_have_two_cases_and_each_stands_for_itself() -> None:
    assert contains("GRÖSSE", "größe") is False
    assert contains("GRÖSSE-Ü", "ösSe-ü") is True
    assert not any(contains(one, other) for one, other in (("ſ", "s"), ("\u212a", "k"), ("ı", "I"), ("İ", "i")))
    assert (narrowed("F", "chairs").exact, narrowed("F", "cabinet").exact) == (True, False)
    assert narrowed("F", "0012-% #").test == "(substringof('0012-% #',F))"


async def test_a_long_text_is_narrowed_there_and_judged_here() -> None:
    one, _ = opened(shelf(("A", "Cabinet oak"), ("B", "cab, inetab, net: tcabine"), ("C", "CABINET")))
    assert await find(one, text="cabinet") == FoundProducts([Product("A"), Product("C")], False, None)


async def test_the_last_page_of_many_windows_is_in_order() -> None:
    rows = [(f"S{number:03}", "chair", "G" if number % 90 == 7 else "H") for number in range(450)]
    one, line = opened(shelf(*rows, ("chair", None, "G")))
    expected = [sku for sku, _, group in rows if group == "G"] + ["chair"]
    assert await every(one, 3, text="chair", group="G") == expected
    assert await every(one, 100, text="chair", group="H") == [sku for sku, _, group in rows if group == "H"]
    assert all(len(request.target) <= 6000 for request in line.asked)


async def test_a_product_whose_sku_is_the_text_comes_in_its_place() -> None:
    for sku in ("A", "S005x", "Z"):
        text = sku
        rows = [(f"S{number:03}", f"with {text} inside") for number in range(9)]
        one, _ = opened(shelf(*rows, (sku, None)))
        for first in (1, 2, 4, 20):
            assert await every(one, first, text=text) == sorted([sku, *(row[0] for row in rows)])


@pytest.mark.parametrize("file", [None, "superstore.csv"])
async def test_the_company_s_products_are_found(file: str | None) -> None:
    source = Path(__file__).parents[2] / "data" / file if file else None
    world = open_world(source, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    made = [world.product(index) for index in world.products()]
    one, _ = opened(world)
    texts = ("chair", "Deluxe", made[3].sku, made[5].names.get("EN"), "'", '"', "%")
    for text, group in pairs(texts, (None, made[0].group)):
        expected = sorted(product.sku for product in made if fits(product, text, group, made))
        got = await every(one, 100, text=text, group=group)
        assert got == expected
        total = (await find(one, text=text, group=group)).total
        assert total in (None, len(expected))
    assert (await find(one)).total == len(made)


# ---- what it may be answered


def described(*rows: tuple[str, str | None], **more: Any) -> Any:
    return results(
        *({"Product": sku, "Language": "EN", "ProductDescription": name} for sku, name in rows),
        **more,
    )


class Catalogue:
    """Answers each kind of question by a function of the decoded target."""

    def __init__(self, numbered: Any, named: Callable[[str], Any], windows: Callable[[str], Any]) -> None:
        self._numbered, self._named, self._windows = numbered, named, windows
        self.targets: list[str] = []

    async def __call__(self, request: Any, timeout: float) -> Any:  # noqa: ASYNC109 - the seam's name for it
        target = unquote(request.target)
        self.targets.append(target)
        if "A_ProductDescription" in target:
            return self._named(target)
        return self._windows(target) if "$orderby" in target else self._numbered


async def test_rows_that_only_look_like_it_are_dropped_and_cost_the_total() -> None:
    line = Catalogue(
        results(),
        lambda _: described(("A", "chair"), ("B", "table"), ("C", None), __count="3"),
        lambda _: results({"Product": "A"}, {"Product": "B"}),
    )
    assert await find(adapter(line), text="chair") == FoundProducts([Product("A")], False, None)


async def test_other_groups_and_other_languages_are_dropped_again() -> None:
    found, _ = await ask(
        "find", [""], results({"Product": "A", "ProductGroup": "g"}, {"Product": "B", "ProductGroup": "G"}), group="G"
    )
    assert found[""].value == FoundProducts([Product("B")], False)
    german = {"Product": "A", "Language": "DE", "ProductDescription": "chair"}
    line = Catalogue(results(), lambda _: results(german), lambda _: results({"Product": "A"}))
    assert skus(await find(adapter(line), text="chair")) == []


async def test_a_text_that_thousands_only_look_like_is_the_callers_to_change() -> None:
    def page(target: str) -> Any:
        start = int(target.partition("Product gt 'S")[2][:6] or 0)
        return described(*((f"S{number:06}", "chart, chair") for number in range(start + 1, start + 201)))

    line = Catalogue(results(), page, lambda _: results())
    error = (await outcome(adapter(line), text="chair", group="G")).error
    assert isinstance(error, Unusable)
    assert len(line.targets) < 80


async def test_a_list_that_does_not_get_further_is_garbled() -> None:
    same = results({"Product": "A", "ProductGroup": "x"}, __next="https://s4.example/erp/sap/x?$skiptoken=1")
    nothing = results(__next="https://s4.example/erp/sap/x?$skiptoken=1")
    for reply in (same, nothing, results(__count="7"), results({"Product": "A"}, __count="many")):
        found, asked = await ask("find", [""], reply, columns=TOTAL, group="G")
        assert type(found[""].error) is Garbled
        assert len(asked) <= 2


async def test_a_page_cut_short_by_the_server_is_read_on_from_its_last_sku() -> None:
    first = results({"Product": "A"}, __next="https://elsewhere.example/")
    found, asked = await ask("find", [""], first, results({"Product": "B"}))
    assert found[""].value == FoundProducts([Product("A"), Product("B")], False)
    assert "$filter=Product gt 'A'" in unquote(asked[1].target)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(said({}, 503), Unavailable), (said({}, 429, retry_after="3"), Throttled), (said(b"<html>"), Garbled)],
)
async def test_one_failed_question_fails_the_search(reply: Any, kind: type[BackendError]) -> None:
    good = described(("A", "chair"))
    for line in (
        Catalogue(reply, lambda _: good, lambda _: results()),
        Catalogue(results(), lambda _: reply, lambda _: results()),
        Catalogue(results(), lambda _: good, lambda _: reply),
    ):
        assert type((await outcome(adapter(line), text="chair")).error) is kind
    assert type((await outcome(adapter(Scripted(reply)))).error) is kind
