"""An issuer's keys: known while it is down, new ones found without a restart, and never asked for more often than agreed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.auth.door import Believer
from gateway.auth.jwks import Keys, Unreachable, read
from gateway.errors import HttpProblem, Unauthenticated
from tests.gateway.auth.issuing import Idp, b64, ec_key, public, rsa_key

pytestmark = pytest.mark.anyio

MINUTE = 60.0


@dataclass
class Scene:
    """An issuer, a gateway that takes its tokens, and a clock that we turn."""

    idp: Idp = field(default_factory=Idp)
    now: float = 1000.0

    def __post_init__(self) -> None:
        issuer = self.idp.known(clock=lambda: self.now, roles=("support_agent",))
        self.keys = issuer.keys
        self.believe = Believer(None, {issuer.url: issuer}, {})

    async def sent(self, token: str) -> int:
        try:
            await self.believe(token)
        except HttpProblem as problem:
            return problem.status
        return 200

    async def settle(self) -> None:
        if self.keys.asking:
            await self.keys.asking


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_keys_are_asked_for_once_however_many_come_first(scene: Scene) -> None:
    token = scene.idp.token()
    assert set(await asyncio.gather(*(scene.sent(token) for _ in range(200)))) == {200}
    assert scene.idp.asked == 1


async def test_an_issuer_that_is_down_costs_nothing_while_its_keys_are_known(scene: Scene) -> None:
    assert await scene.sent(scene.idp.token()) == 200
    scene.idp.down = True
    for _ in range(20):
        scene.now += MINUTE / 2
        assert await scene.sent(scene.idp.token()) == 200
    await scene.settle()


async def test_a_thousand_invented_key_ids_cause_one_question_in_thirty_seconds(scene: Scene) -> None:
    await scene.sent(scene.idp.token())
    for down in (False, True):
        scene.idp.down, scene.idp.asked = down, 0
        for second in range(100):
            scene.now += 1
            made = [scene.idp.token(header=scene.idp.header(kid=secrets.token_hex(4))) for _ in range(10)]
            assert set(await asyncio.gather(*map(scene.sent, made))) == {401}
            assert scene.idp.asked <= 1 + second // 30
        assert await scene.sent(scene.idp.token()) == 200
    await scene.settle()


async def test_a_rotation_under_load_fails_nobody(scene: Scene) -> None:
    """The issuer signs with a new key from one moment to the next, and takes the old one back a while later."""
    statuses: list[int] = []
    await scene.sent(scene.idp.token())

    async def load(kid: str) -> None:
        token = scene.idp.token(header=scene.idp.header(kid=kid), kid=kid)
        for _ in range(20):
            statuses.append(await scene.sent(token))
            await asyncio.sleep(0)

    for number in range(2, 5):
        scene.now += MINUTE
        old = next(reversed(scene.idp.keys))
        scene.idp.rotate(f"k{number}", number)
        await asyncio.gather(*(load(kid) for kid in (old, f"k{number}") * 5))
    assert (set(statuses), len(statuses)) == ({200}, 600)
    assert scene.idp.asked == 4


async def test_a_key_that_is_no_longer_published_is_no_longer_good(scene: Scene) -> None:
    old = scene.idp.token()
    assert await scene.sent(old) == 200
    scene.idp.rotate("k2", 2)
    del scene.idp.keys["k1"]
    scene.now += 11 * MINUTE
    await scene.sent(old)  # asks, and does not wait for it
    await scene.settle()
    assert await scene.sent(old) == 401
    assert await scene.sent(scene.idp.token()) == 200


async def test_keys_of_an_issuer_that_has_long_been_gone_are_given_up(scene: Scene) -> None:
    token = scene.idp.token()
    assert await scene.sent(token) == 200
    scene.idp.down = True
    scene.now += 23 * 60 * MINUTE
    assert await scene.sent(token) == 200
    await scene.settle()
    scene.now += 2 * 60 * MINUTE
    assert await scene.sent(token) == 503


async def test_an_issuer_never_reached_is_a_503_that_says_when_to_come_back(scene: Scene) -> None:
    scene.idp.down = True
    with pytest.raises(HttpProblem) as refused:
        await scene.believe(scene.idp.token())
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "30"})
    scene.idp.down = False
    scene.now += 29
    assert await scene.sent(scene.idp.token()) == 503
    scene.now += 1
    assert await scene.sent(scene.idp.token()) == 200
    assert scene.idp.asked == 2


async def test_one_issuer_s_trouble_is_not_another_s() -> None:
    one, other = Scene(), Scene(Idp("https://id.other.example", algorithm="ES256"))
    both = Believer(None, one.believe.issuers | other.believe.issuers, {})  # type: ignore[operator]  # both are dicts
    one.idp.down = True
    assert (await both(other.idp.token())).issuer == other.idp.url
    with pytest.raises(HttpProblem):
        await both(one.idp.token())


async def test_who_asked_first_may_leave(scene: Scene) -> None:
    asked, go = asyncio.Event(), asyncio.Event()
    document = await scene.idp()

    class Slow:
        async def __call__(self) -> bytes:
            asked.set()
            await go.wait()
            return document

        async def aclose(self) -> None:
            """Nothing is open."""

    keys = Keys("slow", "RS256", Slow(), clock=lambda: 0.0)
    first = asyncio.ensure_future(keys.key("k1"))
    await asked.wait()
    second = asyncio.ensure_future(keys.key("k1"))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await second is not None
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_closing_gives_up_what_is_under_way() -> None:
    class Never:
        closed = False

        async def __call__(self) -> bytes:
            await asyncio.Event().wait()
            return b""

        async def aclose(self) -> None:
            self.closed = True

    never = Never()
    keys = Keys("never", "RS256", never)
    waiting = asyncio.ensure_future(keys.key("k1"))
    await asyncio.sleep(0)
    await keys.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert never.closed


RSA = public("k", rsa_key(1))
EC = public("k", ec_key(1))
UNUSABLE: Mapping[str, Any] = {
    "no JSON": b"<html>",
    "a list": b"[]",
    "no keys": {},
    "keys that are an object": {"keys": {}},
    "no key": {"keys": []},
    "a key that is a text": {"keys": ["k"]},
    "too many": {"keys": [RSA | {"kid": str(number)} for number in range(101)]},
    "of another kind": {"keys": [EC]},
    "a secret": {"keys": [{"kty": "oct", "kid": "k", "k": b64(b"x" * 32)}]},
    "without an id": {"keys": [{name: RSA[name] for name in RSA if name != "kid"}]},
    "an id that is a number": {"keys": [RSA | {"kid": 1}]},
    "an id that two have": {"keys": [RSA, public("k", rsa_key(2))]},
    "for encryption": {"keys": [RSA | {"use": "enc"}]},
    "for signing only": {"keys": [RSA | {"key_ops": ["sign"]}]},
    "for another algorithm": {"keys": [RSA | {"alg": "PS256"}]},
    "with its private part": {"keys": [RSA | {"d": "AQAB"}]},
    "too short": {"keys": [public("k", rsa_key(7, 1024))]},
    "too long": {"keys": [RSA | {"n": b64(b"\xff" * 2000)}]},
    "with an endless exponent": {"keys": [RSA | {"e": b64(b"\xff" * 200)}]},
    "no number": {"keys": [RSA | {"n": "!"}]},
}


@pytest.mark.parametrize("document", UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_a_key_set_without_a_usable_key_changes_nothing(scene: Scene, document: Any) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(ValueError, match="key"):
        read(data, "RS256")


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()])
def test_a_point_on_another_curve_is_no_key_for_es256(curve: ec.EllipticCurve) -> None:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    one = {"kty": "EC", "kid": "k", "crv": curve.name, "x": b64(numbers.x.to_bytes(size, "big"))}
    for name in (curve.name, "P-384", "P-256"):
        document = {"keys": [one | {"crv": name, "y": b64(numbers.y.to_bytes(size, "big"))}]}
        with pytest.raises(ValueError, match="ES256"):
            read(json.dumps(document).encode(), "ES256")


async def test_what_cannot_be_used_beside_what_can_is_left_out() -> None:
    document = {"keys": [EC | {"kid": "e"}, RSA | {"x5c": ["MIIB"], "x5t": "abc"}, {"kty": "OKP"}, 7]}
    assert list(read(json.dumps(document).encode(), "RS256")) == ["k"]
    assert list(read(json.dumps(document).encode(), "ES256")) == ["e"]


async def test_an_answer_without_keys_keeps_those_that_were_known(scene: Scene) -> None:
    assert await scene.sent(scene.idp.token()) == 200
    token, keys = scene.idp.token(), dict(scene.idp.keys)
    scene.idp.keys.clear()
    scene.now += 11 * MINUTE
    assert await scene.sent(token) == 200
    await scene.settle()
    scene.idp.keys.update(keys)
    assert await scene.sent(token) == 200
    with pytest.raises(Unauthenticated):
        await scene.believe(scene.idp.token(header=scene.idp.header(kid="k9")))


async def test_where_nothing_is_known_the_caller_hears_when_to_come_back() -> None:
    scene = Scene()
    scene.idp.down = True
    with pytest.raises(Unreachable) as refused:
        await scene.keys.key("k1")
    assert refused.value.after == 30
