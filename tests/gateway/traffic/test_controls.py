"""Control calls find their mock: at its own address, or, when it has closed its listener, through another."""

from __future__ import annotations

import pytest

from gateway.traffic.controls import Controls, Disobeyed, Running
from resolvers.backends.base import Reply, Request, Unheard

pytestmark = pytest.mark.anyio


class Mock:
    """Answers control calls with this, or does not listen."""

    def __init__(self, answer: Reply | None) -> None:
        self.answer = answer
        self.heard: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the transport seam
        self.heard.append(request)
        if self.answer is None:
            raise Unheard("connection refused")
        return self.answer


def says(body: bytes, status: int = 200) -> Mock:
    return Mock(Reply(status, {}, body))


async def test_a_mock_that_listens_is_told_itself() -> None:
    sap, siebel = says(b'{"fault": null}'), says(b'{"fault": null}')
    await Controls({"siebel": siebel, "sap": sap}, "hush").stop("sap")
    (order,) = sap.heard
    assert (order.method, order.target, order.body) == ("POST", "/_mock/faults?mock=sap", b'{"kind":"refuse"}')
    assert ("x-mock-secret", "hush") in order.headers
    assert not siebel.heard


async def test_for_one_that_does_not_listen_another_is_told() -> None:
    sap, siebel = Mock(None), says(b'{"fault": null}')
    await Controls({"sap": sap, "siebel": siebel}, "").start("sap")
    assert [(one.target, one.body) for one in siebel.heard] == [("/_mock/faults?mock=sap", b"{}")]


@pytest.mark.parametrize(
    ("own", "other", "state"),
    [
        (says(b'{"fault": null}'), Mock(None), Running.RUNNING),
        (says(b'{"fault": {"kind": "latency", "value": 9}}'), Mock(None), Running.RUNNING),
        (Mock(None), says(b'{"fault": {"kind": "refuse"}}'), Running.STOPPED),
        (Mock(None), says(b'{"error": "no mock of that name"}', 404), Running.ABSENT),
        (Mock(None), Mock(None), Running.ABSENT),
        (says(b"<html>"), Mock(None), Running.ABSENT),
        (says(b"[]"), Mock(None), Running.ABSENT),
    ],
)
async def test_it_runs_is_stopped_or_is_not_there(own: Mock, other: Mock, state: Running) -> None:
    assert await Controls({"sap": own, "siebel": other}, "").state("sap") is state


async def test_of_one_that_is_not_there_the_log_stands_nowhere() -> None:
    controls = Controls({"sap": Mock(None), "siebel": says(b'{"error": "x"}', 404)}, "")
    assert await controls.marks() == {}
    with pytest.raises(Disobeyed, match="sap: x"):
        await controls.asked("sap", 0)
    with pytest.raises(Disobeyed, match="no other mock"):
        await Controls({"sap": Mock(None)}, "").stop("sap")
