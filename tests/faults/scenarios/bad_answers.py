"""Answers that no system should give. Each has its code, costs no memory, and leads us nowhere it points to.

The systems here are canned: they speak SAP's and Oracle's wire formats, and say the wrong thing to one key each. Between
two wrong answers come right ones, or a gateway would stop asking before it has heard them all.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.canned import CLOSE, RESET, Asked, Canned, Script, Step, canned, http
from tests.faults.figures import Figure, yes
from tests.faults.stage import Gateway, Reply, Scale, Stage
from tests.faults.wire import ORDER, STOCK, about_stock, key_of, of_oracle, of_sap, order, page, product, results, stock

MEGABYTE = 1 << 20
CANARY = "CANARY-bad-answer"
"""In everything a system says wrongly: none of it may be told to a caller."""

BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Case:
    """`says` gives the steps of the wrong answer; `at`: only to questions that this is true of."""

    name: str
    code: str
    says: Callable[[Asked], Sequence[Step]]
    system: str = "sap"
    at: Callable[[Asked], bool] = lambda asked: True


def cases(trap: str, bomb: bytes) -> list[Case]:
    """`trap`: an address of ours that must not be asked."""
    return [
        Case("a byte every 50 ms", "BACKEND_TIMEOUT", _dripping),
        Case("a gzip bomb of 300 MB", "BACKEND_GARBLED", lambda asked: [bomb]),
        Case("another content type", "BACKEND_GARBLED", lambda asked: [http(_html(), kind="text/html")]),
        Case("JSON 10,000 deep", "BACKEND_GARBLED", lambda asked: [http(_deep(10_000))]),
        Case("a reset in the body", "BACKEND_UNAVAILABLE", lambda asked: [of_sap(asked)[:-10], RESET]),
        Case("cut at byte 20", "BACKEND_UNAVAILABLE", lambda asked: [of_sap(asked)[:20], CLOSE]),
        Case(
            "a redirect to a link-local address", "BACKEND_REFUSED", lambda asked: _to("http://169.254.169.254/latest")
        ),
        Case("a redirect to a trap", "BACKEND_REFUSED", lambda asked: _to(f"{trap}/{CANARY}")),
        Case("pages that go on at a trap", "BACKEND_GARBLED", lambda asked: _on_to(asked, trap), at=about_stock),
        Case("bytes that are not HTTP", "BACKEND_UNAVAILABLE", lambda asked: [bytes(range(256)), CLOSE]),
        Case("garbage as JSON", "BACKEND_GARBLED", lambda asked: [http(bytes(range(256)) + CANARY.encode())]),
        Case("half a JSON", "BACKEND_GARBLED", lambda asked: [http(_half(asked))]),
        Case("a field of another type", "BACKEND_GARBLED", lambda asked: [http(results(product(7)))]),  # type: ignore[arg-type]
        Case("fewer rows than promised", "BACKEND_GARBLED", _fewer, at=about_stock),
        Case("two rows for one key", "BACKEND_GARBLED", lambda asked: [http(results(*[product(key_of(asked))] * 2))]),
        Case("a record nobody asked for", "BACKEND_GARBLED", lambda asked: [http(page(order(CANARY)))], "oracle_om"),
        Case("more rows, and then none", "BACKEND_GARBLED", lambda asked: [http(page(more=True))], "oracle_om"),
        Case("half a page of orders", "BACKEND_GARBLED", lambda asked: [http(_half(asked))], "oracle_om"),
    ]


async def play(stage: Stage, scale: Scale) -> list[Figure]:
    bomb = await asyncio.to_thread(_bomb, 300)
    async with canned(lambda asked: [http({"trap": CANARY})]) as trap:
        known = {f"BAD-{number}": case for number, case in enumerate(cases(trap.url, bomb), 1)}
        async with canned(_script(known, of_sap)) as sap, canned(_script(known, of_oracle)) as oracle:
            settings = {"backends.sap.attempt_timeout_ms": int(scale.of(2000, 1000))}
            places = {"sap": sap.url, "oracle_om": oracle.url}
            async with stage.gateway(instead=places, settings=settings) as gateway:
                return await _heard(gateway, known, trap)


async def _heard(gateway: Gateway, known: dict[str, Case], trap: Canned) -> list[Figure]:
    for number in range(20):
        await _good(gateway, number)
    before = gateway.started.resident()
    figures = []
    for key, case in known.items():
        reply = await gateway.ask(ORDER if case.system == "oracle_om" else STOCK, key=key)
        figures.append(_told(case, reply))
        good = [await _good(gateway, 100 * len(figures) + number) for number in range(BETWEEN)]
        if not all(reply.whole for reply in good):
            figures.append(yes(f"right answers after {case.name}", False, str([reply.codes for reply in good])))
    grown = gateway.started.resident("VmHWM") - before
    return [
        *figures,
        Figure("memory grown by at most", grown, most=50, unit="MB", more=f"from {before:.0f} MB"),
        Figure("requests at the address it was sent to", len(trap.asked), most=0),
        Figure("defects logged", len(gateway.started.defects), most=0),
    ]


def _told(case: Case, reply: Reply) -> Figure:
    """The code, and nothing else of what the system said."""
    good = reply.status == 200 and reply.codes == [case.code] and CANARY not in json.dumps(reply.body)
    told = f"{', '.join(reply.codes) or 'no error'} after {reply.seconds * 1000:.0f} ms"
    return yes(f"{case.name}: {case.code}", good, told)


async def _good(gateway: Gateway, number: int) -> Reply:
    first, second = await asyncio.gather(
        gateway.ask(STOCK, key=f"GOOD-{number}"), gateway.ask(ORDER, key=f"GOOD-{number}")
    )
    return second if first.whole else first


def _script(known: dict[str, Case], right: Callable[[Asked], bytes]) -> Script:
    def script(asked: Asked) -> Sequence[Step]:
        case = known.get(key_of(asked))
        return case.says(asked) if case is not None and case.at(asked) else [right(asked)]

    return script


def _dripping(asked: Asked) -> list[Step]:
    return [step for byte in of_sap(asked) for step in (bytes([byte]), 0.05)]


def _bomb(size: int) -> bytes:
    """So many megabytes of JSON blanks, packed."""
    pack = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    packed = b"".join(pack.compress(b" " * MEGABYTE) for _ in range(size)) + pack.flush()
    return http(packed, "Content-Encoding: gzip")


def _html() -> bytes:
    return f"<html><body>{CANARY}</body></html>".encode()


def _deep(levels: int) -> bytes:
    return b'{"d":{"results":' + b"[" * levels + b"]" * levels + b"}}"


def _to(address: str) -> list[Step]:
    return [http(b"", f"Location: {address}", status="302 Found")]


def _on_to(asked: Asked, address: str) -> list[Step]:
    return [http(results(stock(key_of(asked)), __next=f"{address}/sap/opu/odata/sap/{CANARY}"))]


def _half(asked: Asked) -> bytes:
    whole = json.dumps(results(product(key_of(asked), BaseUnit=CANARY))).encode()
    return whole[: len(whole) // 2]


def _fewer(asked: Asked) -> list[Step]:
    return [http(results(stock(key_of(asked)), __count="3"))]
