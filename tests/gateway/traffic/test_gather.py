"""Under load the keys of several requests travel together, and each request gets its own answer. A bad key or a defect costs
the others nothing but time; a key that is too slow costs them their answers when no retry is left, once in a while."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

import pytest

from gateway.traffic import Passage
from gateway.traffic.gather import MOST_APART, Gathering
from gateway.traffic.tuning import Tuning
from resolvers.backends.base import Adapter, Call, Deadline, Request, TimedOut, Unusable
from resolvers.backends.discourse import Discourse
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.partner_hub import PartnerHub
from resolvers.backends.ups import Ups
from resolvers.freshness import Freshness
from tests.gateway.traffic.system import Setup, Wired

pytestmark = pytest.mark.anyio

SLOW = 0.05
PATIENT = replace(Tuning(), gather=1.0)
"""Who gathers leaves when the call before is back, and not before."""


def keys(request: Request) -> set[str]:
    return set(request.target.partition("?")[2].split(","))


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def busy(it: Setup) -> asyncio.Future[str]:
    """Somebody else's call of this kind is under way."""
    first = asyncio.ensure_future(it.code("first"))
    await settled()
    return first


async def test_keys_of_many_requests_leave_together_while_another_is_asked() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    found = await asyncio.gather(*(it.ask(f"k{number}") for number in range(20)))

    assert [keys(one) for one in it.wired.asked] == [{"first"}, {f"k{number}" for number in range(20)}]
    assert [list(one) for one in found] == [[f"k{number}"] for number in range(20)]
    assert [one[f"k{number}"].value.key for number, one in enumerate(found)] == [f"k{number}" for number in range(20)]
    assert await first == "OK"
    assert it.line.gathering.travelled == 19


async def test_a_lone_request_waits_for_nobody() -> None:
    it = Setup.of(Wired(), PATIENT)
    begun = time.monotonic()
    for number in range(20):
        assert await it.code(f"k{number}") == "OK"
    assert time.monotonic() - begun < 0.5


async def test_a_request_does_not_wait_for_its_own_calls() -> None:
    it, mine = Setup.of(Wired(seconds=SLOW), PATIENT), Deadline(5)
    calls = [Call("things", "read", (f"k{number}",), frozenset({"key"})) for number in range(3)]
    begun = time.monotonic()
    await asyncio.gather(*(it.traffic.perform(call, mine) for call in calls))
    assert time.monotonic() - begun < 2 * SLOW
    assert len(it.wired.asked) == 3


async def test_nobody_gathers_for_longer_than_the_window() -> None:
    it = Setup.of(Wired(seconds=1.0), replace(Tuning(), gather=0.01))
    first = await busy(it)
    others = [asyncio.ensure_future(it.code(f"k{number}")) for number in range(2)]
    await asyncio.sleep(0.1)
    assert [keys(one) for one in it.wired.asked] == [{"first"}, {"k0", "k1"}]
    assert await asyncio.gather(first, *others) == ["OK"] * 3


async def test_no_more_keys_travel_than_one_call_may_have() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    asked = [[f"{number}-{key}" for key in range(20)] for number in range(6)]
    assert await asyncio.gather(first, *(it.code(*some) for some in asked)) == ["OK"] * 7
    assert [len(keys(one)) for one in it.wired.asked] == [1, 40, 40, 40]


@pytest.mark.parametrize("other", [{"subject": "another"}, {"columns": ("told",)}, {"operation": "write"}], ids=str)
async def test_what_differs_in_more_than_its_keys_travels_apart(other: dict[str, str]) -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    codes = await asyncio.gather(it.code("a"), it.code("b", **other), it.code("c", **other))
    assert codes == ["OK"] * 3
    assert not any("a" in keys(one) and {"b", "c"} & keys(one) for one in it.wired.asked)
    assert await first == "OK"


async def test_two_subjects_and_a_system_that_hears_who_asks_never_share_a_call() -> None:
    for how in ({"identity": "caller"}, {}):
        it = Setup.of(Wired(seconds=SLOW), PATIENT, **how)
        await asyncio.gather(*(it.code(f"{who}{number}", subject=who) for number in range(3) for who in ("p", "q")))
        assert len(it.wired.asked) == 6


async def test_who_leaves_before_they_go_takes_their_keys_along() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    stays, goes = (asyncio.ensure_future(it.code(key)) for key in ("stays", "goes"))
    await settled()
    goes.cancel()
    assert await asyncio.gather(first, stays) == ["OK", "OK"]
    assert [keys(one) for one in it.wired.asked] == [{"first"}, {"stays"}]


async def test_who_leaves_on_the_way_costs_the_others_nothing() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    some = [asyncio.ensure_future(it.code(f"k{number}")) for number in range(3)]
    await first
    await settled()
    assert it.wired.inside == 1
    some[0].cancel()
    assert await asyncio.gather(*some[1:]) == ["OK", "OK"]
    assert len(it.wired.asked) == 2


async def test_one_s_deadline_is_not_another_s() -> None:
    it = Setup.of(Wired(seconds=0.3), PATIENT)
    first = await busy(it)
    hasty, patient = it.code("hasty", seconds=0.4), it.code("patient", seconds=5.0)
    assert await asyncio.gather(hasty, patient) == ["DEADLINE", "OK"]
    assert [keys(one) for one in it.wired.asked] == [{"first"}, {"hasty", "patient"}]
    assert await first == "OK"


@pytest.mark.parametrize(
    ("said", "code"),
    [(400, "BACKEND_REFUSED"), (ZeroDivisionError(), "defect"), (Unusable("too many"), "BAD_VARIABLE")],
    ids=["refused", "defect", "unusable"],
)
async def test_a_bad_key_fails_for_who_asked_for_it_alone(said: object, code: str) -> None:
    it = Setup.of(Wired(lambda request: said if "bad" in keys(request) else 200, SLOW), PATIENT)
    first = await busy(it)
    codes = await asyncio.gather(*(it.code(key) for key in ("a", "bad", "b")), return_exceptions=True)
    told = ["defect" if isinstance(one, ZeroDivisionError) else one for one in codes]
    assert told == ["OK", code, "OK"]
    assert await first == "OK"


async def test_a_failing_system_is_not_asked_more_for_each_who_travelled_than_retries_allow() -> None:
    it = Setup.of(Wired(lambda request: 200 if "first" in keys(request) else 503, SLOW), PATIENT)
    first = await busy(it)
    codes = await asyncio.gather(*(it.code(f"k{number}") for number in range(20)))
    assert codes == ["BACKEND_UNAVAILABLE"] * 20
    assert len(it.wired.asked) == 2
    assert await first == "OK"


async def test_who_joined_is_told_so_and_who_began_is_not() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = await busy(it)
    passages = [Passage() for _ in range(3)]
    calls = [Call("things", "read", (f"k{number}",), frozenset({"key"})) for number in range(3)]
    await asyncio.gather(
        *(it.traffic.perform(call, Deadline(5), passage=one) for call, one in zip(calls, passages, strict=True))
    )
    assert [one.coalesced for one in passages] == [False, True, True]
    assert await first == "OK"


async def test_while_a_system_is_left_alone_nobody_gathers_before_it() -> None:
    it = Setup.of(Wired(lambda request: 503), PATIENT)
    for number in range(60):
        await it.code(f"k{number}")
    begun = time.monotonic()
    assert await asyncio.gather(*(it.code(f"j{number}") for number in range(10))) == ["BACKEND_UNAVAILABLE"] * 10
    assert time.monotonic() - begun < 0.5


async def test_good_questions_that_are_too_much_together_are_asked_apart() -> None:
    it = Setup.of(Wired(lambda request: Unusable("too many") if len(keys(request)) > 1 else 200, SLOW), PATIENT)
    first = await busy(it)
    assert await asyncio.gather(it.code("a"), it.code("b")) == ["OK", "OK"]
    assert await first == "OK"


async def test_a_defect_that_shows_in_company_alone_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    it = Setup.of(Wired(lambda request: ZeroDivisionError() if len(keys(request)) > 1 else 200, SLOW), PATIENT)
    first = await busy(it)
    with caplog.at_level(logging.ERROR, "gateway.traffic"):
        assert await asyncio.gather(*(it.code(key) for key in "abc")) == ["OK"] * 3
    (told,) = caplog.records
    assert told.getMessage() == "defect while things.read was asked for several"
    assert told.exc_info
    assert await first == "OK"


async def test_where_each_key_is_a_request_of_its_own_nobody_waits_for_another() -> None:
    it = Setup.of(Wired(seconds=SLOW), PATIENT)
    first = asyncio.ensure_future(it.code("first", operation="apart"))
    await settled()
    others = [asyncio.ensure_future(it.code(key, operation="apart")) for key in "ab"]
    await settled()
    assert it.wired.inside == 3
    assert await asyncio.gather(first, *others) == ["OK"] * 3
    assert it.line.gathering.travelled == 0


@pytest.mark.parametrize(
    ("adapter", "operations"),
    [
        (Ups, {"tracks"}),
        (PartnerHub, {"purchase_orders", "transactions"}),
        (Discourse, {"suggestions", "suggestions_by", "suggestions_about"}),
        (OracleOM, {"sent_to"}),
    ],
)
def test_what_these_are_asked_key_by_key_goes_alone(adapter: type[Adapter], operations: set[str]) -> None:
    assert {name for name in vars(adapter) if getattr(getattr(adapter, name), "alone", False)} == operations


def slow(request: Request) -> object:
    return TimedOut("things", "no answer") if "slow" in keys(request) else 200


async def together(it: Setup, *asked: str) -> list[str]:
    """How they end, asked while somebody else's call is under way."""
    first = await busy(it)
    codes = await asyncio.gather(*(it.code(key) for key in asked))
    assert await first == "OK"
    return codes


async def test_a_slow_key_times_out_who_travelled_with_it_once_and_goes_alone_for_a_while() -> None:
    it = Setup.of(Wired(slow, SLOW), replace(PATIENT, apart=0.5))
    assert await together(it, "a", "slow", "b") == ["BACKEND_TIMEOUT"] * 3
    assert await together(it, "c", "slow", "d") == ["OK", "BACKEND_TIMEOUT", "OK"]
    assert {"slow"} in [keys(one) for one in it.wired.asked]

    await asyncio.sleep(0.5)
    assert await together(it, "e", "f") == ["OK", "OK"]
    assert keys(it.wired.asked[-1]) == {"e", "f"}


async def test_with_retries_left_a_slow_key_costs_the_others_time_alone() -> None:
    it = Setup.of(Wired(slow), PATIENT)
    for number in range(40):
        await it.code(f"k{number}")
    it.wired.seconds = SLOW
    assert await together(it, "a", "slow", "b") == ["OK", "BACKEND_TIMEOUT", "OK"]


async def test_who_gathers_when_a_slow_key_is_told_of_goes_alone() -> None:
    it = Setup.of(Wired(slow, SLOW), PATIENT)
    first = await busy(it)
    some = [asyncio.ensure_future(it.code(key)) for key in ("a", "slow")]
    await first
    await settled()
    assert await asyncio.gather(*(it.code(key) for key in "cd")) == ["OK", "OK"]
    assert await asyncio.gather(*some) == ["BACKEND_TIMEOUT"] * 2
    assert [keys(one) for one in it.wired.asked[2:]] == [{"c"}, {"d"}]


def test_what_goes_alone_is_remembered_for_so_many_kinds_and_no_more() -> None:
    gathering = Gathering(lambda call: 50, 1.0, 60.0)
    for number in range(MOST_APART * 3):
        gathering.part(Call("things", "read", ("a",), frozenset({"key"}), (("of", number),)))
    assert len(gathering._apart) == MOST_APART


async def test_a_request_alone_does_not_wait_for_what_we_renew_ourselves() -> None:
    it, kept = Setup.of(Wired(seconds=0.3), PATIENT), Freshness(fresh=0.01, meanwhile=5.0)
    await it.ask("a", allowed=kept)
    await asyncio.sleep(0.02)
    await it.ask("a", allowed=kept)
    await settled()
    assert it.wired.inside == 1  # it is asked anew
    other = asyncio.ensure_future(it.code("b", allowed=kept))
    await settled()
    assert it.wired.inside == 2
    assert await other == "OK"
