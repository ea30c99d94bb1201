"""What is hidden because a relation does not hold, and what is hidden because nobody can tell whether one does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from gateway.engine import gating
from gateway.engine.gating import doubted
from gateway.engine.missing import Missing
from gateway.engine.plan import OWN, Branch, Case, Gap, Gate, Selection, Slot
from gateway.policy.rules import Relations

NAME, PHONE = Gap("a.name", "A.name", "WITHHELD"), Gap("a.phone", "A.phone", "WITHHELD")
MASKED = Gap("a.name", "A.name", "MASKED", mask="initial")


def concealing(hides: Callable[[Relations], Collection[Gap] | None], held: Relations, unknown: Collection[str]) -> str:
    """Of rows whose resolvers look at nothing besides."""
    return gating.concealing(hides, lambda _: frozenset(), held, unknown)


def hides(held: Relations) -> Collection[Gap] | None:
    """The name needs `one`, and no telephone is seen without both; `never`: then there is no such row."""
    if "never" in held:
        return None
    return [*([] if "one" in held else [NAME]), *([] if {"one", "other"} <= held else [PHONE])]


def test_what_is_known_is_no_doubt() -> None:
    assert doubted(hides, frozenset(), ()) == {}
    assert doubted(hides, frozenset({"one", "other"}), ("third",)) == {}


def test_what_a_relation_would_show_hangs_on_it() -> None:
    assert doubted(hides, frozenset(), ("one",)) == {NAME: "one"}
    assert doubted(hides, frozenset({"one"}), ("other",)) == {PHONE: "other"}


def test_what_would_not_be_shown_anyway_is_hidden_for_good() -> None:
    assert doubted(hides, frozenset(), ("other",)) == {}
    assert doubted(hides, frozenset(), ("third",)) == {}


def test_of_several_that_nobody_can_tell_one_is_named_that_matters() -> None:
    assert doubted(hides, frozenset(), ("other", "one", "a third")) == {NAME: "one", PHONE: "one"}


def test_where_there_would_be_no_row_nothing_would_be_shown() -> None:
    assert doubted(hides, frozenset(), ("never",)) == {}


def test_another_mask_is_another_answer() -> None:
    def masks(held: Relations) -> Collection[Gap]:
        return [] if "one" in held else [MASKED]

    assert doubted(masks, frozenset(), ("one",)) == {MASKED: "one"}


def test_a_row_that_would_show_less_cannot_be_told_while_nobody_knows() -> None:
    def conceals(held: Relations) -> Collection[Gap]:
        return [NAME] if "one" not in held else [PHONE] if "other" in held else []

    assert concealing(conceals, frozenset({"one"}), ("other",)) == "other"
    assert concealing(conceals, frozenset(), ("one", "other")) == "one"
    assert concealing(conceals, frozenset(), ("one",)) == ""
    assert concealing(hides, frozenset(), ("never", "other")) == "never"


def test_what_would_only_show_more_conceals_nothing() -> None:
    below = Gap("a.name.first", "Name.first", "WITHHELD")

    def shows(held: Relations) -> Collection[Gap]:
        return {0: [NAME], 1: [MASKED, below], 2: [MASKED]}[len(held)]

    assert concealing(hides, frozenset(), ("one", "other")) == ""
    assert concealing(shows, frozenset(), ("one", "other")) == ""


def test_rows_of_a_type_that_are_not_there_say_nothing_of_others_in_their_place() -> None:
    none = Gap("a.items", "B", "WITHHELD", rows="SOME")
    theirs, others = Gap("a.items.name", "B.name", "WITHHELD"), Gap("a.items.name", "C.name", "WITHHELD")

    for gap, concealed in ((theirs, ""), (others, "one")):
        assert concealing(lambda held, gap=gap: [gap] if held else [none], frozenset(), ("one",)) == concealed


def test_what_a_value_is_worked_out_of_is_not_told_either_while_nobody_knows() -> None:
    def looks(held: Relations) -> frozenset[object]:
        return frozenset({"parcels"} if "one" not in held else {"bills"} if "other" in held else ())

    def concealed(held: Relations, *unknown: str) -> str:
        return gating.concealing(lambda _: (), looks, held, unknown)

    assert concealed(frozenset(), "one") == "one"
    assert concealed(frozenset({"one"}), "other") == ""
    assert concealed(frozenset(), "third") == ""


def test_what_one_type_hides_is_not_hidden_below_another_in_its_place() -> None:
    """`a.part` is there of several types; that of one is hidden, and a name below that of another would be."""
    inside = Gap("a.part.name", "Part.name", "WITHHELD", rows="SOME")

    for whole, concealed in (("SOME", "one"), ("ALL", "")):
        theirs = Gap("a.part", "B.part", "WITHHELD", rows=whole)
        assert (
            concealing(lambda held, theirs=theirs: [inside] if held else [theirs], frozenset(), ("one",)) == concealed
        )


@pytest.mark.parametrize("below", [("B",), ("B", "C")])
def test_an_argument_that_one_type_may_not_be_given_hides_nothing_below_another(below: tuple[str, ...]) -> None:
    """Rows hide the field it was given to: all that lies below, but where another type may stand in its place."""
    withheld, inside = Gap("a.part", "Kind.ONE", "WITHHELD"), Gap("a.part.name", "Part.name", "WITHHELD", rows="SOME")
    edge: Any = object()
    freshness: Any = None
    given = Branch("part", "B.part", "a.part", Slot(False), edge, "part", OWN, {})
    fields = {"B": (given,), "C": ()}
    kinds = {kind: Selection(kind, "a", fields[kind], (), fields[kind]) for kind in below}
    parts = Branch("a", "A.a", "a", Slot(False), None, "a", OWN, kinds, abstract=len(below) > 1)
    hiding = Case(Selection("A", "", (parts,), (), (parts,)), (), frozenset())
    others = Case(Selection("A", "", (), (), ()), (), frozenset())
    found = Missing({id(edge): withheld})
    found.below(Gate((), freshness, "A", "", {frozenset(): hiding, frozenset({"one"}): others}, frozenset()))

    hidden = found.hidden[id(hiding)]
    concealed = concealing(lambda held: [inside] if held else hidden, frozenset(), ("one",))

    assert [gap.coordinate for gap in hidden] == ["Kind.ONE"]
    assert concealed == ("one" if len(below) > 1 else "")


def test_another_mask_may_tell_less() -> None:
    def masks(held: Relations) -> Collection[Gap]:
        return [Gap("a.name", "A.name", "MASKED", mask="last-four" if "one" in held else "initial")]

    assert concealing(masks, frozenset(), ("one",)) == "one"
