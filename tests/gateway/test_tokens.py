"""Dev tokens: what is minted is believed, and nothing else is."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey

from gateway.app import believer
from gateway.auth import Principal
from gateway.auth.keys import kept_key
from gateway.auth.tokens import Tokens, dev_tokens
from gateway.errors import Unauthenticated
from gateway.policy import Policy
from gateway.settings import Settings, SettingsError

KEY = b"0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000
TOKENS = Tokens(KEY, "customer360-dev", "customer360", 3600, frozenset({"support_agent", "customer"}), lambda: NOW)
GOOD: dict[str, Any] = {
    "iss": "customer360-dev",
    "aud": "customer360",
    "iat": NOW - 10,
    "exp": NOW + 100,
    "sub": "claire",
    "client_id": "desk",
    "jti": "1",
    "scope": "graphql",
    "role": "support_agent",
}
HEADER = {"alg": "HS256", "typ": "at+jwt"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: Any = None, header: Any = None, key: bytes = KEY) -> str:
    """A token with any header and claims at all, correctly signed with HS256. Text is taken as it stands."""
    parts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in (header or HEADER, claims or GOOD)]
    signing = ".".join(map(b64, parts))
    algorithm = OctKey.import_key(key)
    signature = jws.JWSRegistry.algorithms["HS256"].sign(signing.encode(), algorithm)
    return f"{signing}.{b64(signature)}"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def test_a_minted_token_speaks_for_whom_it_was_minted() -> None:
    token = TOKENS.mint("customer", customer="C-17", client="shop", purpose="service", ttl=60)
    believed = TOKENS.verify(token)
    assert believed == Principal(
        "C-17",
        "customer",
        "shop",
        "service",
        "C-17",
        frozenset({"graphql"}),
        believed.token_id,
        issuer="customer360-dev",
    )
    assert believed.token_id != TOKENS.verify(TOKENS.mint("customer", customer="C-17")).token_id


def test_the_token_that_all_bad_ones_are_made_from_is_good() -> None:
    assert TOKENS.verify(signed()).subject == "claire"


BAD = {
    "empty": "",
    "a word": "letmein",
    "one segment too few": signed().rpartition(".")[0],
    "one segment too many": signed() + ".x",
    "no signature": signed().rpartition(".")[0] + ".",
    "another key": signed(key=b"x" * 32),
    "a changed claim": signed().split(".")[0]
    + "."
    + b64(json.dumps(GOOD | {"role": "customer"}).encode())
    + "."
    + "AAAA",
    "alg none": f'{b64(b"""{"alg":"none","typ":"at+jwt"}""")}.{b64(json.dumps(GOOD).encode())}.',
    "alg None, signed": signed(header=HEADER | {"alg": "none"}),
    "another algorithm": signed(header=HEADER | {"alg": "HS512"}),
    "alg in small letters": signed(header=HEADER | {"alg": "hs256"}),
    "an algorithm that is a list": signed(header=HEADER | {"alg": ["HS256"]}),
    "no typ": signed(header={"alg": "HS256"}),
    "typ JWT": signed(header=HEADER | {"typ": "JWT"}),
    "typ in capitals": signed(header=HEADER | {"typ": "AT+JWT"}),
    "typ with application/": signed(header=HEADER | {"typ": "application/at+jwt"}),
    "unknown crit": signed(header=HEADER | {"crit": ["x"], "x": 1}),
    "empty crit": signed(header=HEADER | {"crit": []}),
    "b64 false": signed(header=HEADER | {"b64": False, "crit": ["b64"]}),
    "its own key": signed(header=HEADER | {"jwk": {"kty": "oct", "k": b64(KEY)}}),
    "a key address": signed(header=HEADER | {"jku": "http://127.0.0.1/keys"}),
    "a header that is a list": signed(header=["HS256"]),
    "a header given twice": signed(header=b'{"alg":"HS256","typ":"x","typ":"at+jwt"}'),
    "another issuer": signed(GOOD | {"iss": "customer360"}),
    "no issuer": signed(without("iss")),
    "another audience": signed(GOOD | {"aud": "customer360/"}),
    "a list of audiences": signed(GOOD | {"aud": ["customer360"]}),
    "no audience": signed(without("aud")),
    "expired": signed(GOOD | {"exp": NOW}),
    "expired and issued long ago": signed(GOOD | {"iat": NOW - 200, "exp": NOW - 100}),
    "no exp": signed(without("exp")),
    "no iat": signed(without("iat")),
    "exp true": signed(GOOD | {"exp": True}),
    "exp a text": signed(GOOD | {"exp": str(NOW + 100)}),
    "exp a float": signed(GOOD | {"exp": NOW + 100.5}),
    "exp a whole float": signed(GOOD | {"exp": float(NOW + 100)}),
    "exp NaN": signed(GOOD | {"exp": math.nan}),
    "exp Infinity": signed(GOOD | {"exp": math.inf}),
    "exp null": signed(GOOD | {"exp": None}),
    "exp 10^400": signed(GOOD | {"exp": 10**400}),
    "lives too long": signed(GOOD | {"exp": NOW - 10 + 3601}),
    "expires before it is issued": signed(GOOD | {"iat": NOW + 20, "exp": NOW + 10}),
    "issued in the future": signed(GOOD | {"iat": NOW + 60}),
    "not valid yet": signed(GOOD | {"nbf": NOW + 60}),
    "nbf a text": signed(GOOD | {"nbf": "0"}),
    "a claim given twice": signed(b'{"role":"customer",' + json.dumps(GOOD).encode()[1:]),
    "an escaped claim given twice": signed(b'{"r\\u006fle":"customer",' + json.dumps(GOOD).encode()[1:]),
    "an unknown role": signed(GOOD | {"role": "superuser"}),
    "a role in capitals": signed(GOOD | {"role": "Support_Agent"}),
    "a list of roles": signed(GOOD | {"role": ["support_agent"]}),
    "no role": signed(without("role")),
    "no subject": signed(without("sub")),
    "an empty subject": signed(GOOD | {"sub": ""}),
    "a subject with a line end": signed(GOOD | {"sub": "a\nb"}),
    "a subject of half a surrogate pair": signed(GOOD | {"sub": "\ud800"}),
    "a subject without end": signed(GOOD | {"sub": "x" * 257}),
    "no client": signed(without("client_id")),
    "no id": signed(without("jti")),
    "customer null": signed(GOOD | {"customer": None}),
    "customer a number": signed(GOOD | {"customer": 17}),
    "purpose a list": signed(GOOD | {"purpose": ["service"]}),
    "scope a list": signed(GOOD | {"scope": ["graphql"]}),
    "claims that are a list": signed([GOOD]),
    "claims that are not JSON": signed(b"role=support_agent"),
    "claims in UTF-16": signed(json.dumps(GOOD).encode("utf-16")),
    "deep claims": signed(b'{"x":' + b"[" * 900 + b"]" * 900 + b"," + json.dumps(GOOD).encode()[1:]),
    "very deep claims": signed(b"[" * 3000),
    "too long": signed(GOOD | {"x": "y" * 8192}),
    "padded": signed() + "=",
    "with a space": signed().replace(".", ". ", 1),
    "with a line end": signed() + "\n",
    "not in base64url": signed().replace("-", "+").replace("_", "/") + "+",
    "a letter beyond ASCII": signed() + "é",
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_a_bad_token_is_unauthenticated_whatever_is_wrong_with_it(token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        TOKENS.verify(token)
    assert refused.value.message == Unauthenticated(presented=False).message


def test_a_signature_has_one_spelling() -> None:
    """The last character of a 32-byte signature has bits to spare: all its variants decode to the same bytes."""
    token = signed()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    for variant in {alphabet[last ^ 1], alphabet[last ^ 2], alphabet[last ^ 3]}:
        with pytest.raises(Unauthenticated):
            TOKENS.verify(token[:-1] + variant)


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_no_text_at_all_is_a_token_or_a_crash(text: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.verify(text)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | st.booleans() | st.floats() | st.text(max_size=5)))
def test_no_signed_claims_crash_the_verifier(changes: dict[str, Any]) -> None:
    with contextlib.suppress(Unauthenticated):
        assert isinstance(TOKENS.verify(signed(GOOD | changes)), Principal)


@pytest.mark.parametrize("ttl", [0, -1, 3601])
def test_a_lifetime_beyond_the_ceiling_is_not_minted(ttl: int) -> None:
    with pytest.raises(ValueError, match=r"auth\.max_ttl"):
        TOKENS.mint("customer", ttl=ttl)


def test_a_role_nobody_has_written_down_is_not_minted() -> None:
    with pytest.raises(ValueError, match="customer, support_agent"):
        TOKENS.mint("admin")


def test_the_key_never_shows() -> None:
    assert "0123456789" not in repr(TOKENS)


def test_token_and_gateway_share_the_generated_key(tmp_path: Path) -> None:
    settings = Settings.load(environ={}, dev__mode=True, state__dir=str(tmp_path / "state"))
    token = dev_tokens(settings, ["warehouse"]).mint("warehouse")
    assert asyncio.run(believer(settings, Policy.read())(token)).role == "warehouse"
    key = tmp_path / "state" / "dev-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["dev-key"]


def test_out_of_dev_mode_no_dev_token_is_good(tmp_path: Path) -> None:
    settings = Settings.load(environ={}, state__dir=str(tmp_path))
    token = dev_tokens(settings, ["warehouse"]).mint("warehouse")
    with pytest.raises(Unauthenticated):
        asyncio.run(believer(settings, Policy.read())(token))


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    make = "import pathlib, sys; from gateway.auth.keys import kept_key; print(kept_key(pathlib.Path(sys.argv[1])))"
    line = [sys.executable, "-c", make, str(tmp_path / "key")]
    started = [subprocess.Popen(line, stdout=subprocess.PIPE) for _ in range(4)]  # noqa: S603 - our own line
    assert len({one.communicate()[0] for one in started}) == 1
    assert started[0].returncode == 0


def test_a_key_too_short_to_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short\n")
    with pytest.raises(SettingsError, match="32 bytes"):
        kept_key(tmp_path / "key")
    with pytest.raises(SettingsError, match="32 bytes"):
        Settings.load(environ={}, auth__dev_key="short").key("auth.dev_key")


def test_a_state_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be used"):
        kept_key(tmp_path / "file" / "key")
