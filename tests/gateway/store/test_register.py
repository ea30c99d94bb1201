"""The register of partners: what a command writes, every gateway goes by; and what it keeps is no key."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Principal
from gateway.auth.door import Believer
from gateway.auth.tokens import Tokens
from gateway.errors import HttpProblem, Unauthenticated
from gateway.policy import PARTNERS, BadPolicy, Policy
from gateway.policy.reading import tables
from gateway.store import FILE, Store
from gateway.store.register import DAY, EVERY, Register, Unknown
from tests.gateway.auth.issuing import Idp

POLICY = Policy.read(partners=None)
NORTHWIND = {"title": "N.", "role": "partner_reseller", "keys": {"own-channel": ["PARTNER"]}}


class Scene:
    """Two workers of one gateway, a command beside them, and the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 1_700_000_000.0
        self.ticks = 0.0
        self.command, self.one, self.other = (self.opened() for _ in range(3))

    def opened(self) -> Register:
        return Register(Store(self.folder), POLICY, lambda: self.now, lambda: self.ticks)

    def later(self, seconds: float = EVERY) -> None:
        self.now += seconds
        self.ticks += seconds

    def believed(self, register: Register, text: str) -> Principal | None:
        try:
            return asyncio.run(Believer(TOKENS, {}, register, register)(text))
        except Unauthenticated:
            return None


TOKENS = Tokens(b"k" * 32, "dev", "customer360", 3600, POLICY.roles)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    one = Scene(tmp_path / "state")
    yield one
    for register in (one.command, one.one, one.other):
        register.store.close()


def test_a_partner_that_is_added_is_known_to_every_worker_within_a_second(scene: Scene) -> None:
    assert list(scene.one) == list(scene.other) == []
    scene.command.put({"northwind": NORTHWIND})
    scene.later()
    for register in (scene.one, scene.other):
        assert register["northwind"].keys == {"own-channel": ("PARTNER",)}
        assert POLICY.roles[register["northwind"].role].clients == "reject"
        principal = Principal("x", "partner_reseller", "northwind")
        assert replace(POLICY, partners=register).keys(principal) == {"own-channel": {"PARTNER"}}


def test_between_two_looks_nothing_is_read(scene: Scene) -> None:
    assert scene.one.now is scene.one.now
    scene.later()
    before = scene.one.now
    scene.later()
    assert scene.one.now is before  # nobody has written


def test_a_key_lets_its_partner_in_and_no_part_of_the_store_is_one(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    text, key = scene.command.new_key("northwind", 90)
    scene.later()
    believed = scene.believed(scene.one, text)
    assert believed
    assert (believed.client, believed.role, believed.token_id) == ("northwind", "partner_reseller", key.id)
    assert text.startswith(f"c360_{key.id}_")
    secret = text.rpartition(f"{key.id}_")[2].encode()
    scene.command.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in scene.folder.iterdir():
        assert secret not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    assert text not in repr(key)


def test_what_is_not_quite_a_key_lets_nobody_in(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND, "other": NORTHWIND})
    text, key = scene.command.new_key("northwind", 90)
    other, another = scene.command.new_key("other", 90)
    scene.later()
    swapped = other.replace(another.id, key.id)
    bad = [text[:-1], text + "A", text.upper(), text.lower(), swapped, f"c360_{key.id}_", "c360_", f"c360_{key.id}",
           text.replace("c360_", "c361_"), f"c360_{'0' * 10}_{'A' * 43}", text.replace("_", "__", 1), text + "\n", f" {text}"]  # fmt: skip
    for one in bad:
        assert scene.believed(scene.one, one) is None, one
    assert scene.believed(scene.one, text)


def test_keys_end_by_themselves(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    text, _ = scene.command.new_key("northwind", 1)
    scene.later(DAY - 1)
    assert scene.believed(scene.one, text)
    scene.later(1)
    assert scene.believed(scene.one, text) is None


def test_a_rotation_lets_both_keys_in_for_a_while(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    old, _ = scene.command.new_key("northwind", 90)
    new, _ = scene.command.new_key("northwind", 90, overlap=3600)
    scene.later(3599)
    assert scene.believed(scene.one, old)
    assert scene.believed(scene.one, new)
    scene.later(1)
    assert scene.believed(scene.one, old) is None
    assert scene.believed(scene.one, new)


def test_a_rotation_never_makes_a_key_live_longer(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    _, key = scene.command.new_key("northwind", 1)
    scene.command.new_key("northwind", 90, overlap=30 * DAY)
    assert {one.id: one.expires for one in scene.command.keys_of("northwind")}[key.id] == key.expires


def test_who_is_revoked_is_refused_by_every_worker_within_two_seconds_whatever_they_show(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND, "other": NORTHWIND})
    text, _ = scene.command.new_key("northwind", 90)
    others, _ = scene.command.new_key("other", 90)
    token = TOKENS.mint("partner_reseller", client="northwind")
    for register in (scene.one, scene.other):
        assert scene.believed(register, text)
        assert scene.believed(register, token)
    scene.command.revoke("northwind")
    scene.later(2)
    for register in (scene.one, scene.other):
        assert scene.believed(register, text) is None
        assert scene.believed(register, token) is None
        assert scene.believed(register, others)


def test_who_is_let_in_again_needs_a_new_key(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    old, _ = scene.command.new_key("northwind", 90)
    scene.command.revoke("northwind")
    with pytest.raises(Unknown):
        scene.command.new_key("northwind", 90)
    scene.command.revoke("northwind", undo=True)
    new, _ = scene.command.new_key("northwind", 90)
    assert scene.believed(scene.one, old) is None
    assert scene.believed(scene.one, new)


def test_one_key_can_be_revoked_and_the_other_stays(scene: Scene) -> None:
    scene.command.put({"northwind": NORTHWIND})
    one, key = scene.command.new_key("northwind", 90)
    other, _ = scene.command.new_key("northwind", 90)
    scene.command.revoke_key("northwind", key.id)
    assert scene.believed(scene.one, one) is None
    assert scene.believed(scene.one, other)
    with pytest.raises(Unknown):
        scene.command.revoke_key("northwind", key.id)


def test_one_token_can_be_revoked_whoever_issued_it(scene: Scene) -> None:
    idp = Idp()
    issuers = {idp.url: idp.known(roles=("support_agent",))}
    token, same = (idp.token(idp.claims(jti=jti)) for jti in ("stolen", "mine"))
    dev = TOKENS.mint("support_agent")
    believe = Believer(TOKENS, issuers, scene.one, scene.one)
    principal = asyncio.run(believe(dev))
    for jti in ("stolen", str(principal.token_id)):
        scene.command.revoke_token(jti, 3600)
    scene.later(2)
    for text in (token, dev):
        with pytest.raises(Unauthenticated):
            asyncio.run(believe(text))
    assert asyncio.run(believe(same)).token_id == "mine"


def test_what_could_no_longer_be_good_is_forgotten(scene: Scene) -> None:
    scene.command.revoke_token("a", 3600)
    scene.later(3601)
    scene.command.revoke_token("b", 3600)
    assert scene.command.now.tokens == {"b"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"role": "support_agent"}, "role is 'support_agent'; known are"),
        ({"scopes": ["orders.everything:read"]}, "scopes is 'orders.everything:read'"),
        ({"purposes": ["gossip"]}, "purposes is 'gossip'"),
        ({"clients": "ignore"}, "clients is 'ignore'"),
        ({"disclosure": "all"}, "disclosure is 'all'"),
        ({"limits": {"per_hour": 1}}, "unknown key 'per_hour'"),
        ({"limits": {"per_minute": 0}}, "per_minute is 0, not a whole number"),
        ({"limits": {"at_once": True}}, "at_once is True"),
        ({"nickname": "n"}, "unknown key 'nickname'"),
    ],
)
def test_what_an_entry_may_not_hold_changes_nothing(scene: Scene, change: dict[str, Any], told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        scene.command.put({"fine": NORTHWIND, "northwind": NORTHWIND | change})
    assert scene.command.entries() == {}


def test_an_entry_of_a_newer_gateway_is_left_out_and_said(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.command.put({"northwind": NORTHWIND, "other": NORTHWIND})
    with scene.command.store.change() as db:
        db.execute("""UPDATE partner SET entry = '{"title": "N."}' WHERE client = 'northwind'""")
    scene.later()
    assert list(scene.one) == ["other"]
    assert "register: [northwind] lacks" in caplog.text


def test_a_gateway_in_dev_mode_begins_with_the_file_once(scene: Scene) -> None:
    entries = tables(PARTNERS)
    scene.one.begin(entries)
    assert list(scene.one) == sorted(entries)
    scene.command.revoke("northwind")
    with scene.command.store.change() as db:
        db.execute("DELETE FROM partner WHERE client = 'parcelline'")
    scene.other.begin(entries)
    assert sorted(scene.other) == ["acme-parts", "northwind"]
    assert scene.other.revoked("northwind")


def test_a_store_that_cannot_be_read_lets_nobody_in(scene: Scene) -> None:
    token = TOKENS.mint("support_agent")
    assert scene.believed(scene.one, token)
    scene.one.store.close()
    scene.later()
    with pytest.raises(HttpProblem) as refused:
        scene.believed(scene.one, token)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})


def test_a_file_that_is_none_of_ours_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, and long enough to tell" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Store(tmp_path)
