"""What whole answers cost, against the same answers without GraphQL and by stock execution, in the same run, in turns.

    .venv/bin/python -m tests.bench.answering [--part PART …] [--seconds 1.5] [--rounds 3] [--minutes 10]

Everything is on: tokens, policy, deadlines, breakers, quotas, metrics. Only no answer of a system is kept (its ages are
0), and neighbours are not asked about at the same time, so that the gateway asks its systems what the floor asks them.
The gateway has one core, whoever asks and the systems (`upstream`) the other. CPU is that of the whole process, user and
system, per answered request. Before anything is measured, answers are compared: the floor's with the gateway's byte for
byte, stock execution's value for value. The exit status is 1 when one differs, or a column is fetched for nothing.

yardsticks   small, medium and large: gateway, floor and stock execution; at 1, 16 and 64 at once
others       consent and a partner's own order, with a floor; a hundred customers, a first-ever document
leaves       CPU per leaf, from 400 to 100,000
together     calls and CPU with the keys of several requests in one call, and without
customers    the same question with 1,000 and with 100,000 known customers
lasting      ten minutes of load, or `--minutes`: memory; only when asked for
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from gateway.auth.tokens import dev_tokens
from gateway.policy import Policy
from gateway.settings import Settings
from resolvers.crossref import Claim, Crossref
from resolvers.ids import global_id
from resolvers.people import CONTACT, PARTY, REQUESTER
from tests.bench import columns, made
from tests.bench.load import Told, asked, request
from tests.bench.processes import MEASURED, OTHERS, Process
from tests.bench.questions import (
    CONSENT_ASKED,
    HUNDRED_ASKED,
    LARGE_ASKED,
    MEDIUM_ASKED,
    ORDER_ASKED,
    SMALL_ASKED,
    TWICE,
    WHOLE,
    Asked,
)
from tests.bench.tables import Table, plotted

KEPT = Path("build/bench")
SYSTEMS = {"siebel": "siebel", "oracle_om": "oracle", "sap": "sap", "remedy": "remedy"}
AGES = ("contact", "tracking", "financial", "billing", "means", "catalogue", "inventory", "content", "supply", "assets")
LIMITS = {
    "limits.partner_per_minute": 100_000_000,
    "limits.partner_at_once": 1000,
    "cache.ownership": "0/0/0",
    "log.level": "error",
}


@dataclass(slots=True)
class Bench:
    """The company's customers of both sorts, by their ids in the graph, and the processes over one set of systems."""

    folder: Path
    customers: int
    stack: ExitStack
    ids: Mapping[int, Sequence[str]] = field(init=False)
    settings: Settings = field(init=False)
    upstream: Process = field(init=False)

    def __post_init__(self) -> None:
        self.upstream = self.begun("upstream", ["-m", "tests.bench.upstream"], OTHERS)
        self.settings = Settings.load(
            environ={}, **{name.replace(".", "__"): value for name, value in self.given().items()}
        )
        self.ids = self._introduced()

    def given(self) -> dict[str, Any]:
        systems = {f"backends.{name}.base_url": f"{self.upstream.url}/{path}" for name, path in SYSTEMS.items()}
        places = {f"backends.{name}.concurrency": 64 for name in SYSTEMS}
        ages = {f"cache.{one}": "0/0/0" for one in AGES}
        return {
            "dev.mode": True,
            "state.dir": str(self.folder),
            "listen.port": 0,
            **systems,
            **places,
            **ages,
            **LIMITS,
        }

    def _introduced(self) -> Mapping[int, Sequence[str]]:
        """Everybody is made known to the cross-reference, as a sync does."""
        crossref = Crossref(self.folder / "crossref.sqlite", self.settings.key("cursors.key"))
        numbers = {first: [first + i for i in range(many)] for first, many in ((0, self.customers), (made.FULL, 640))}
        crossref.merge(Claim(_keys(one)) for some in numbers.values() for one in some)
        found = {key: crossref.customers(PARTY, map(made.party, some)) for key, some in numbers.items()}
        crossref.close()
        ids = {
            key: [global_id("Customer", found[key][made.party(one)]) for one in some] for key, some in numbers.items()
        }
        told = {one: _natives(number) for key in ids for one, number in zip(ids[key], numbers[key], strict=True)}
        (self.folder / "customers.json").write_text(json.dumps(told))
        return ids

    def begun(self, name: str, command: Sequence[str], cores: set[int] = MEASURED, **environ: str) -> Process:
        process = Process.begin(name, command, cores, environ)
        self.stack.callback(process.end)
        return process

    def gateway(self, **more: Any) -> Process:
        told = [f"--set={name}={_spelled(value)}" for name, value in (self.given() | more).items()]
        return self.begun("gateway", ["-m", "gateway.cli", "serve", "--json", *told])

    def floor(self) -> Process:
        return self.begun("floor", ["-m", "tests.bench.floor", self.upstream.url, str(self.folder / "customers.json")])

    def stock(self) -> Process:
        return self.begun("stock", ["-m", "tests.bench.stock", self.upstream.url, str(self.folder / "customers.json")])

    def counts(self) -> dict[str, Any]:
        """What the systems were asked since the last time."""
        with urlopen(f"{self.upstream.url}/_forget") as reply:  # noqa: S310 - our own
            found: dict[str, Any] = json.load(reply)
            return found

    def requests(self, process: Process, question: Asked) -> Callable[[int], bytes]:
        tokens = dev_tokens(self.settings, Policy.read().roles)
        token = tokens.mint(question.role, client=question.client, scopes=question.scopes)
        path = question.floor if process.name == "floor" else "/graphql"
        url = process.url + (path if process.name != "stock" else "/")
        ids = self.ids[made.FULL if question is LARGE_ASKED else 0]
        kept: dict[int, bytes] = {}

        def one(turn: int) -> bytes:
            turn %= 600
            if turn not in kept:
                body = {"query": question.document, "variables": question.variables(turn, ids)}
                kept[turn] = request(url, json.dumps(body).encode(), token if process.name == "gateway" else "")
            return kept[turn]

        return one


@dataclass(frozen=True, slots=True)
class Figure:
    """Of one question, one program and so many at once. cpu: milliseconds per answer; rows, values: fetched for one;
    answered: what the answer then has of both, an object with a value of its own being a row."""

    cpu: float
    told: Told
    calls: float
    rows: float
    values: float

    @property
    def answered(self) -> tuple[int, int]:
        data = json.loads(self.told.bodies[0]).get("data") if self.told.bodies else None
        return _rows(data), _leaves(data)


async def measured(bench: Bench, process: Process, question: Asked, at_once: int, seconds: float) -> Figure:
    requests = bench.requests(process, question)
    bench.counts()
    before = process.cpu
    told = await asked(process.url, requests, at_once, seconds)
    used, counts = process.cpu - before, bench.counts()
    answered = max(1, len(told.took))
    if told.partial or told.statuses.keys() - {200, 503}:
        why = Counter(one["message"] for one in json.loads(told.failed or b"{}").get("errors", ())).most_common(1)
        print(
            f"   {process.name}, {question.name}, {at_once} at once: {dict(told.statuses)}, {told.partial} with errors {why}"
        )
        print("   so its next row is not what an answer costs", flush=True)
    return Figure(
        used / answered * 1e3, told, *(counts.get(one, 0) / answered for one in ("requests", "rows", "values"))
    )


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each figure is measured: seconds, so many times; and minutes of lasting load."""

    seconds: float
    rounds: int
    minutes: int


async def yardsticks(bench: Bench, effort: Effort) -> None:
    seconds, rounds = effort.seconds, effort.rounds
    programs = [bench.gateway(), bench.floor(), bench.stock()]
    await same_bytes(bench, programs, [SMALL_ASKED, MEDIUM_ASKED, LARGE_ASKED])
    table = Table(
        "question",
        "at once",
        "program",
        "CPU ms",
        "× floor",
        "p50 ms",
        "p99 ms",
        "per s",
        "calls",
        "rows in",
        "out",
        "values in",
        "out",
        "RSS MB",
        "503",
    )
    bars: dict[str, dict[str, float]] = {}
    for question in (SMALL_ASKED, MEDIUM_ASKED, LARGE_ASKED):
        for at_once in (1, 16, 64):
            found: dict[str, list[Figure]] = {program.name: [] for program in programs}
            for turn in range(rounds + 1):
                for program in programs:
                    if program.name != "stock" or (turn <= 1 and at_once == 16):
                        figure = await measured(bench, program, question, at_once, seconds if turn else seconds / 3)
                        found[program.name] += [figure] if turn else []
            cpu = {name: statistics.median(one.cpu for one in some) for name, some in found.items() if some}
            for program in (one for one in programs if one.name in cpu):
                last = found[program.name][-1]
                table.row(
                    question.name, at_once, program.name, f"{cpu[program.name]:.3f}", f"{cpu[program.name] / cpu['floor']:.2f}",
                    f"{last.told.percentile(0.5):.1f}", f"{last.told.percentile(0.99):.1f}", f"{len(last.told.took) / seconds:.0f}",
                    f"{last.calls:.2f}", f"{last.rows:.0f}", last.answered[0], f"{last.values:.0f}", last.answered[1],
                    f"{program.resident:.0f}",
                    last.told.statuses[503],
                )  # fmt: skip
            if at_once == 16:
                bars[question.name] = cpu
    plotted(KEPT / "answering.svg", "CPU per answer, 16 at once, as a multiple of the floor", bars, "floor")


async def same_bytes(bench: Bench, programs: Sequence[Process], questions: Sequence[Asked]) -> None:
    """What all programs say to each question, and ask for. Ends the bench when what they say differs, or the gateway has
    fetched what it has no use for: then there is nothing to compare."""
    for question in questions:
        said, calls = {}, {}
        for program in programs:
            bench.counts()
            told = await asked(program.url, bench.requests(program, question), 1, 60, 1)
            said[program.name] = told.bodies[0] if told.bodies else b""
            calls[program.name] = columns.calls(bench.counts()["asked"])
        wrong = different(said)
        spare = columns.needless(calls["gateway"], json.loads(said["gateway"] or b"null"), question.owner)
        print(f"{question.name}: {len(said['gateway'])} bytes; what differs: {', '.join(wrong) or 'nothing'}")
        print(
            f"   columns fetched that are no key, tell no owner, and no answered value rests on: {', '.join(spare) or 'none'}"
        )
        for one, other in (("gateway", "floor"), ("floor", "gateway")) if "floor" in calls else ():
            for (name, asked_for), times in (calls[one] - calls[other]).items():
                print(f"   the {one} alone asks, {times} ×: {name} ({', '.join(sorted(asked_for))})")
        if wrong or spare:
            print(*(f"{name} says {body[:1500]!r}" for name, body in said.items()), sep="\n", flush=True)
            sys.exit(1)


def different(said: Mapping[str, bytes]) -> list[str]:
    """Who says something else than the gateway: the floor in any byte, stock execution in any value, the gateway itself
    when it answers with errors or not at all."""
    ours = json.loads(said["gateway"] or b"{}")
    theirs = {name: body == said["gateway"] for name, body in said.items()}
    if "stock" in said:
        theirs["stock"] = json.loads(said["stock"] or b"{}") == ours
    return [name for name, same in (theirs | {"gateway": ours.keys() == {"data"}}).items() if not same]


async def others(bench: Bench, effort: Effort) -> None:
    """What the gateway asks beyond the floor is declared: who owns the order, and consent as a read of its own."""
    seconds, rounds = effort.seconds, effort.rounds
    gateway, floor = bench.gateway(), bench.floor()
    await same_bytes(bench, [gateway, floor], [ORDER_ASKED, CONSENT_ASKED])
    await same_bytes(bench, [gateway], [HUNDRED_ASKED])
    heads = ("question", "at once", "program", "CPU ms", "× floor", "p50 ms", "p99 ms", "calls", "rows in", "out")
    table = Table(*heads, "values in", "out")
    for question in (ORDER_ASKED, CONSENT_ASKED, HUNDRED_ASKED):
        programs = [gateway, floor] if question.floor else [gateway]
        for at_once in (1, 16):
            some: dict[str, list[Figure]] = {one.name: [] for one in programs}
            for turn in range(rounds + 1):
                for one in programs:
                    figure = await measured(bench, one, question, at_once, seconds if turn else seconds / 3)
                    some[one.name] += [figure] if turn else []
            cpu = {name: statistics.median(one.cpu for one in figures) for name, figures in some.items()}
            for name, figures in some.items():
                last = figures[-1]
                table.row(
                    question.name, at_once, name, f"{cpu[name]:.3f}",
                    f"{cpu[name] / cpu['floor']:.2f}" if "floor" in cpu else "",
                    f"{last.told.percentile(0.5):.1f}", f"{last.told.percentile(0.99):.1f}", f"{last.calls:.2f}",
                    f"{last.rows:.0f}", last.answered[0], f"{last.values:.0f}", last.answered[1],
                )  # fmt: skip
    await cold(bench, gateway)


async def together(bench: Bench, effort: Effort) -> None:
    """What it saves that keys of several requests travel together: in turns with it and without."""
    gateways = [bench.gateway(**{"traffic.gather_ms": 0}), bench.gateway()]
    table = Table(
        "question", "at once", "apart: CPU ms", "calls", "together: CPU ms", "calls", "p50 apart", "p50 together"
    )
    for question in (SMALL_ASKED, MEDIUM_ASKED, LARGE_ASKED, CONSENT_ASKED, ORDER_ASKED):
        for at_once in (1, 16, 64):
            found: list[list[Figure]] = [[], []]
            for _ in range(effort.rounds + 1):
                for one, figures in zip(gateways, found, strict=True):
                    figures.append(await measured(bench, one, question, at_once, effort.seconds / 2))
            cpu = [statistics.median(one.cpu for one in some[1:]) for some in found]
            apart, joined = (some[-1] for some in found)
            table.row(
                question.name, at_once, f"{cpu[0]:.3f}", f"{apart.calls:.2f}", f"{cpu[1]:.3f}", f"{joined.calls:.2f}",
                f"{apart.told.percentile(0.5):.1f}", f"{joined.told.percentile(0.5):.1f}",
            )  # fmt: skip


SPARED = (b"email", b"subject", b"placedAt", b"currency", b"sku", b"plant", b"openedAt", b"text")


async def cold(bench: Bench, gateway: Process, documents: int = 200) -> None:
    """Documents that nobody has ever asked: each has a name of its own, and leaves out fields that no other does."""
    original = bench.requests(gateway, MEDIUM_ASKED)

    def renamed(turn: int) -> bytes:
        head, _, body = original(turn).partition(b"\r\n\r\n")
        new = body.replace(b"Whole", b"W%05d" % turn)
        for bit, name in enumerate(SPARED):
            new = new.replace(b" " + name, b"") if turn >> bit & 1 else new
        return head.replace(b"content-length: %d" % len(body), b"content-length: %d" % len(new)) + b"\r\n\r\n" + new

    before = gateway.cpu
    told = await asked(gateway.url, renamed, 1, 60, documents)
    used = (gateway.cpu - before) / documents * 1e3
    print(
        f"first-ever document: {used:.1f} ms CPU, p50 {told.percentile(0.5):.1f}, p99 {told.percentile(0.99):.1f}, "
        f"worst {told.percentile(1):.1f} ms"
    )


async def leaves(bench: Bench, effort: Effort) -> None:
    """The greatest answers are of 200 customers, asked for a hundred at a time in one document."""
    given = {
        "limits.list_product": 1_000_000,
        "limits.values": 10_000_000,
        "traffic.largest_bytes": 50_000_000,
        "door.export_rows": 10**9,
    }
    patient = {f"backends.{name}.attempt_timeout_ms": 30_000 for name in SYSTEMS} | {"deadline.staff_ms": 60_000}
    gateway = bench.gateway(**given, **patient)
    table = Table("customers", "leaves", "CPU ms", "µs per leaf", "p50 ms")
    for many in (1, 5, 20, 50, 100, 200):
        for sort in (0, made.FULL):
            ids = list(bench.ids[sort][:many])
            asked_of = {"ids": ids} if many <= 100 else {"ids": ids[:100], "more": ids[100:]}
            body = {"query": WHOLE if many <= 100 else TWICE, "variables": asked_of}
            token = dev_tokens(bench.settings, Policy.read().roles).mint(MEDIUM_ASKED.role)
            one = request(gateway.url + "/graphql", json.dumps(body).encode(), token)
            await asked(gateway.url, lambda _, one=one: one, 1, effort.seconds / 3)
            before = gateway.cpu
            told = await asked(gateway.url, lambda _, one=one: one, 1, effort.seconds)
            used = (gateway.cpu - before) / len(told.took) * 1e3
            count = _leaves(json.loads(told.bodies[0]))
            table.row(many, count, f"{used:.2f}", f"{used / count * 1e3:.2f}", f"{told.percentile(0.5):.1f}")


async def customers(bench: Bench, effort: Effort) -> None:
    seconds, rounds = effort.seconds, effort.rounds
    table = Table("customers known", "question", "CPU ms", "p50 ms", "p99 ms")
    for many in (1_000, 100_000):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            crowd = Bench(Path(folder), many, stack)
            gateway = crowd.gateway()
            for question in (SMALL_ASKED, MEDIUM_ASKED):
                await measured(crowd, gateway, question, 16, seconds / 3)
                some = [await measured(crowd, gateway, question, 16, seconds) for _ in range(rounds)]
                cpu, last = statistics.median(one.cpu for one in some), some[-1].told
                table.row(
                    many, question.name, f"{cpu:.3f}", f"{last.percentile(0.5):.1f}", f"{last.percentile(0.99):.1f}"
                )


async def lasting(bench: Bench, effort: Effort) -> None:
    gateway = bench.gateway()
    table = Table("minute", "answers", "RSS MB", "p99 ms")
    for minute in range(1, effort.minutes + 1):
        told = await asked(gateway.url, bench.requests(gateway, MEDIUM_ASKED), 16, 60)
        table.row(minute, len(told.took), f"{gateway.resident:.1f}", f"{told.percentile(0.99):.1f}")


def _keys(number: int) -> tuple[tuple[str, str, int], ...]:
    contact, party, person = _natives(number)
    return ((CONTACT, contact, 0), (PARTY, party, 0), (REQUESTER, person, 0))


def _natives(number: int) -> tuple[str, str, str]:
    return made.contact_id(number), made.party(number), made.person(number)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1


def _rows(value: Any) -> int:
    if isinstance(value, dict):
        return any(not isinstance(one, dict | list) for one in value.values()) + sum(map(_rows, value.values()))
    return sum(map(_rows, value)) if isinstance(value, list) else 0


PARTS: Mapping[str, Callable[[Bench, Effort], Any]] = {
    "yardsticks": yardsticks,
    "others": others,
    "leaves": leaves,
    "customers": customers,
    "together": together,
    "lasting": lasting,
}
USUAL = ("yardsticks", "together", "others", "leaves", "customers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=USUAL)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=int, default=10)
    given = parser.parse_args()
    effort = Effort(given.seconds, given.rounds, given.minutes)
    KEPT.mkdir(parents=True, exist_ok=True)
    for part in given.part:
        print(f"\n-- {part}", flush=True)
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            asyncio.run(PARTS[part](Bench(Path(folder), 2_000, stack), effort))


if __name__ == "__main__":
    main()
