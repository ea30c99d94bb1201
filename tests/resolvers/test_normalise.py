"""E-mail addresses and telephone numbers in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import normalise


@pytest.mark.parametrize(
    "written",
    [
        "+49 30 1234567",
        "+49 (0)30 1234-567",
        "+49(0)301234567",
        "0049 30 1234567",
        "0049 (0) 30/1234567",
        "(+49) 30 1234567",
        "(0049) 30 1234567",
        "tel:+49-30-1234567",
        "TEL: +49.30.1234567",
        "+49 30 1234567 ext. 12",
        "+49 30 1234567 x12",
        "+49 30 1234567;ext=12",
        "+49 30 1234567 #12",
        "+49 30 1234567 Extension: 12",
        "+49\u00a030\u20091234\u2011567",
        "\u202a+49 30 1234567\u202c",
        "+4930 1234567",
        "  +49  30  1234567  ",
    ],
)
def test_one_number_has_one_spelling(written: str) -> None:
    assert normalise.phone(written) == "49301234567"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("(0)30 1234567", "0301234567"),
        ("030/1234567", "0301234567"),
        ("(415) 555-0123", "4155550123"),
        ("1-415-555-0123 x7", "14155550123"),
        ("555-0123", "5550123"),
    ],
)
def test_a_national_number_stays_national(written: str, digits: str) -> None:
    assert normalise.phone(written) == digits


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "1234",
        "+0 30 1234567",
        "1-800-FLOWERS",
        "49+301234567",
        "1234567890123456",
        "030 1234567 or 0171 1",
        "'*",
        "*********",
        "\x00",
        "n/a",
        "+49 30 1234567\x00",
        "+49 30 1234567 'x",
    ],
)
def test_what_is_no_number_finds_nobody(written: str) -> None:
    assert normalise.phone(written) is None


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Claire.Gute@Example.TEST ", "claire.gute@example.test"),
        ("mailto:claire@example.test", "claire@example.test"),
        ("O'Hara@example.test", "o'hara@example.test"),
        ("a+b*c?d@example.test", "a+b*c?d@example.test"),
        ("JOSE\u0301@example.test", "josé@example.test"),
        ("user@localhost", "user@localhost"),
        ('"Davis, S."@example.test', '"davis, s."@example.test'),
        ("back\\slash@example.test", "back\\slash@example.test"),
    ],
)
def test_an_address_is_compared_in_lower_case(written: str, address: str) -> None:
    assert normalise.email(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "a@",
        "@b",
        "a b@example.test",
        "a@b@c",
        '"a"b"@example.test',
        "a\x00b@example.test",
        "a@b\nc",
        "a@b'c",
        "a@*",
        "Claire <claire@example.test>",
        "a@b.c, d@e.f",
        f"a@{'b' * 300}",
    ],
)
def test_what_is_no_address_finds_nobody(written: str) -> None:
    assert normalise.email(written) is None


@given(st.one_of(st.text(), st.text("0123456789+() -/.x#"), st.text("aİſß'.@ é\u0301")))
def test_normalising_twice_changes_nothing(text: str) -> None:
    for spell in (normalise.email, normalise.phone):
        once = spell(text)
        assert once is None or spell(once) == once


@given(st.one_of(st.text(), st.text("0123456789+() -/.x#٣３")))
def test_a_number_is_plain_digits_whatever_comes_in(text: str) -> None:
    number = normalise.phone(text)
    assert number is None or (number.isascii() and number.isdigit() and 5 <= len(number) <= 15)
