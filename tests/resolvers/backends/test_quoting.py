"""What stands in an address is encoded as the standard library encodes it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolvers.backends.base.quoting import quoted

SAFE = st.text("'(),/$:;=+!*&", max_size=6)


@given(st.text(), SAFE)
@example("100 % of '%25' and %", "")
@example("(Material eq '0012' or Material eq 'Ä-€-𝄞') and x eq ''", "'(),/$:")
def test_every_text_is_encoded_as_the_library_encodes_it(text: str, safe: str) -> None:
    assert quoted(text, safe.encode()) == quote(text, safe=safe)


@pytest.mark.parametrize("half", ["\ud800", "key\udfff"])
def test_half_a_character_is_no_text(half: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        quoted(half)
