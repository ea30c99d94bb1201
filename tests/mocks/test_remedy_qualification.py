"""Qualifications of the help desk's mock: what they mean, and that no text gets out of its quotes."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mocks.remedy.errors import ARError
from mocks.remedy.matching import matcher
from mocks.remedy.qualification import And, Compare, Field, Not, Null, Number, Or, Text, literals, parse
from mocks.remedy.values import Field as FormField

CODES = {"New": 0, "Assigned": 1, "Resolved": 4}
FIELDS = {
    "Name": FormField("text", lambda row: None),
    "Other": FormField("text", lambda row: None),
    "Weight": FormField("integer", lambda row: None),
    "Status": FormField("selection", lambda row: None, CODES),
    "Date": FormField("moment", lambda row: None),
}
ROW = {
    "Name": "O'Hara\" OR '1'='1",
    "Other": None,
    "Weight": 25,
    "Status": "Assigned",
    "Date": datetime(2022, 6, 21, 11, 8, 5, tzinfo=UTC),
}


def holds(text: str, **values: object) -> bool | None:
    wanted = parse(text)
    assert wanted is not None
    return matcher(wanted, "HPD:Test", FIELDS)((ROW | values).__getitem__)


def refused(text: str) -> None:
    with pytest.raises(ARError):
        holds(text)


def test_a_tree_is_what_brackets_and_precedence_say():
    a, b, c = (Compare(Field(name), "=", Text(name)) for name in "abc")
    assert parse("'a' = \"a\" OR 'b' = \"b\" AND 'c'=\"c\"") == Or((a, And((b, c))))
    assert parse("('a'=\"a\" or 'b'=\"b\") and not 'c'=\"c\"") == And((Or((a, b)), Not(c)))
    assert parse("'a'=\"a\" || 'b'=\"b\" && !'c'=\"c\"") == Or((a, And((b, Not(c)))))
    assert parse("  ") is None


def test_operands_are_fields_texts_numbers_and_nothing():
    assert parse("'1000000161' != $NULL$") == Compare(Field("1000000161"), "!=", Null())
    assert parse("-1.5 <> 'x'") == Compare(Number(Decimal("-1.5")), "!=", Field("x"))
    assert parse("'it''s' = \"\"") == Compare(Field("it's"), "=", Text(""))
    assert parse("'7' = 0", {"7": "Status"}.__getitem__) == Compare(Field("Status"), "=", Number(Decimal(0)))


@given(some.text())
def test_a_text_with_doubled_quotes_is_just_a_text(value: str):
    quoted = '"' + value.replace('"', '""') + '"'
    assert parse(f"'a' = {quoted} OR 'b' LIKE {quoted}") == Or(
        (Compare(Field("a"), "=", Text(value)), Compare(Field("b"), "LIKE", Text(value)))
    )


@given(some.text())
def test_any_text_is_a_tree_or_an_error(value: str):
    with contextlib.suppress(ARError):
        parse(value)


def test_a_quote_that_is_not_doubled_writes_the_rest():
    wanted = parse('\'Name\' = "x" OR "1"="1"')
    assert wanted is not None
    assert list(literals(wanted)) == ["x", "1", "1"]
    assert holds('\'Name\' = "x" OR "1"="1"') is True


@pytest.mark.parametrize(
    "text",
    [
        "'Name'",
        "'Name' =",
        '= "x"',
        "'Name' = x",
        "'Name' = \"x",
        "'Name' = 'x",
        "'Name' = \"x\" AND",
        "('Name' = \"x\"",
        "'Name' = \"x\")",
        "'Name' LIKE 'Other'",
        "\"x\" LIKE 'Name'",
        "'Weight' LIKE \"%\"",
        "'Name' = $USER$",
        "'Name' = $NULL",
        "'Name' < $NULL$",
        "'Nothing' = \"x\"",
        "'Status' = \"Lost\"",
        "'Weight' = \"heavy\"",
        "'Date' = \"yesterday\"",
        "'Date' = \"13/13/2022\"",
        "'Date' = 999999999999",
        "'Date' = -1",
        "'Date' = \"2022-06-21T11:08:05\"",
        "'Name' = 'Date'",
        '1 = "1"',
        "'Weight' + 1 = 2",
        "'Weight' = 1.2.3",
        "NOT",
        "'Name' = \"x\" ; 'Name' = \"x\"",
        "(" * 200 + "'Name' = \"x\"" + ")" * 200,
        "NOT " * 200 + "'Name' = \"x\"",
    ],
)
def test_what_makes_no_sense_is_refused(text: str):
    refused(text)


def test_texts_are_compared_whatever_their_case():
    assert holds("'Name' = \"o'hara\"\" or '1'='1\"") is True
    assert holds("'Name' != \"x\"") is True
    assert holds("'Name' > \"a\" AND \"z\" > 'Name'") is True
    assert holds("'Name' = \"O'Hara\"") is False


def test_nothing_is_neither_equal_nor_different():
    assert holds("'Other' = \"x\"") is None
    assert holds("'Other' != \"x\"") is None
    assert holds("NOT 'Other' = \"x\"") is None
    assert holds("'Other' LIKE \"%\"") is None
    assert holds("'Other' = $NULL$ AND $NULL$ = 'Other' AND 'Other' = \"\"") is True
    assert holds("'Name' != $NULL$ AND 'Name' != \"\"") is True
    assert holds("'Other' = \"x\" OR 'Weight' = 25") is True
    assert holds("'Other' = \"x\" AND 'Weight' = 1") is False


def test_selections_go_by_label_or_number_in_their_own_order():
    assert holds("'Status' < \"Resolved\" AND 'Status' > \"New\"") is True
    assert holds("'Status' = 1 AND 'Status' >= 1 AND 'Status' != 4") is True
    assert holds("'Status' LIKE \"%sign%\"") is True


def test_numbers_and_dates_are_compared_as_such():
    assert holds("'Weight' > 9 AND 'Weight' = \"25\" AND 25.0 = 'Weight'") is True
    assert holds("'Date' = \"06/21/2022 11:08:05\" AND 'Date' > \"06/21/2022\"") is True
    assert holds("'Date' = 1655809685 AND 'Date' < 1655809686") is True
    assert holds('1 < 2 AND "a" < "B"') is True


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("%", "", True),
        ("%b%", "abc", True),
        ("a%c", "abbc", True),
        ("a%c", "ab", False),
        ("a_c", "abc", True),
        ("a_c", "ac", False),
        ("_", "🚀", True),
        ("%[a-c]x", "zbx", True),
        ("[^a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("50%%", "50% off", True),
        ("[%]", "%", True),
        ("[%]", "x", False),
        ("[", "[", True),
        ("ab%ab", "ab", False),
        ("%a%a%", "a", False),
        ("A%", "abc", True),
    ],
)
def test_like_knows_three_wildcards(pattern: str, text: str, fits: bool):
    assert holds(f"'Name' LIKE \"{pattern}\"", Name=text or None) is (fits if text else None)


def test_a_pattern_cannot_take_for_ever():
    assert holds("'Name' LIKE \"" + "%a" * 500 + 'b"', Name="a" * 5_000) is False
