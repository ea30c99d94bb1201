"""Generated questions, asked over HTTP: both engines have to say the same, and nobody is told what is not for them.

Each question is asked once through the gateway, as a client asks it, and once through graphql-core; the answers are
compared byte for byte. What the gateway said, logged and asked of the systems goes through the nets of `nets.py`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from random import Random

import httpx
import pytest
import strawberry

from gateway.auth import Principal
from gateway.auth.tokens import Tokens, dev_tokens
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.engine.once import Once
from gateway.engine.operation import View
from gateway.errors import CallerError
from gateway.pipeline import Pipeline
from gateway.policy.grants import SEEN, Grants, bits
from gateway.prepare import Preparation
from gateway.question import Options, Question
from gateway.server import create_routes
from mocks.control import Desk
from schema import Category
from tests.company import Company
from tests.gateway.questions.company import rows_of, told_of
from tests.gateway.questions.documents import BESIDE, Writer
from tests.gateway.questions.harvest import Harvest, under
from tests.gateway.questions.nets import Nets
from tests.gateway.questions.said import Said
from tests.gateway.questions.smaller import smallest
from tests.gateway.questions.subjects import Subject, policy_with
from tests.gateway.questions.tally import Tally
from tests.gateway.questions.text import Asked
from tests.gateway.questions.truth import Truth, people_of
from tests.gateway.questions.values import Rows
from tests.gateway.questions.variants import continued, flipped, spoiled, unsaid
from tests.gateway.questions.ways import Way, ways
from tests.gateway.questions.weather import FAIR, FOUL, Answers, Weather, Weathered, weathered
from tests.gateway.yardstick import Told, admitted, coordinates_in, referred, refused

TRIES = 60
AIMS = 5
"""Coordinates that a question is aimed at together."""
KEYS = {
    "own-channel": ("PARTNER", "WEB"),
    "own-region": ("EMEA", "AMER"),
    "carried-by-me": ("UPS", "PostNord", "DPD"),
    "assigned": ("Mary Mann", "Allen Allbrook", "Bob Baxter"),
    "supplied-by-me": ("V-200",),
}
"""What the systems of the made-up company call whoever asks."""

BESIDE_ROWS = {"TimelineEdge": ("TimelineEdge.node",), "TimelineGap": ("TimelineEdge.node",)}
"""Types of which there is nothing where a caller is told no row: by what leads to the rows."""

OWNERS = (0, 1, 2)
"""Customers who ask about themselves: what they have fills every list."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question of one caller, in one kind of weather."""

    asked: Asked
    principal: Principal
    options: Options
    weather: Weather
    owner: int

    @property
    def question(self) -> Question:
        return Question(self.asked.text, self.asked.operation, self.asked.variables)

    def __str__(self) -> str:
        asked = self.asked
        return f"{self.principal}\n{self.weather}\n{asked.text}\nvariables {asked.variables} of {asked.operation}"


class Disagreement(AssertionError):
    """The engines told a caller different things, or only one of them refused."""


class Leak(AssertionError):
    """Somebody was told, or a system was asked, what is not for this caller."""


@dataclass
class Porch:
    """Where the HTTP side finds the pipeline of the day."""

    pipeline: Pipeline

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        return await self.pipeline(question, principal, options)


@dataclass
class Trial:
    """All questions of one subject. `declared` is a schema of its own, for the reference engine."""

    company: Company
    declared: strawberry.Schema
    subject: Subject
    harvest: Harvest
    logged: pytest.LogCaptureFixture
    seed: int = 0
    tally: Tally = field(default_factory=Tally)
    tried: Counter[str] = field(default_factory=Counter)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The company's own, for this subject too, with resolvers that stand in the weather. Nothing is recorded, as
        the reference records nothing: or one would tell of the other's questions."""
        inside = self.company.app.pipeline
        known = inside.prepared.graph
        graph = replace(known, bindings=weathered(known.bindings))
        prepared = Preparation(graph, inside.prepared.limits, Once(1000, 2**26))
        return under(replace(inside, prepared=prepared, trail=None), policy_with(self.subject, known, self.seed))

    @property
    def graph(self) -> Graph:
        return self.pipeline.prepared.graph

    def under(self, weather: Weather, known: Answers | None = None) -> Pipeline:
        facts = {**self.pipeline.facts, "weather": weather}
        return replace(self.pipeline, traffic=Weathered.of(self.pipeline.traffic, weather, known), facts=facts)

    @cached_property
    def porch(self) -> Porch:
        return Porch(self.pipeline)

    @cached_property
    def tokens(self) -> Tokens:
        return dev_tokens(self.company.app.settings, self.pipeline.policy.roles)

    @cached_property
    def client(self) -> httpx.AsyncClient:
        asgi = create_routes(self.porch, self.tokens, self.company.app.settings, lambda _: "", lambda: True)
        return httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://gateway")

    @cached_property
    def grants(self) -> Grants:
        return self.pipeline.policy.roles[self.subject.role].by_purpose[self.subject.purpose]

    @cached_property
    def view(self) -> View:
        return self.pipeline.callers.view(self.principal(OWNERS[0]))

    @cached_property
    def ways(self) -> Mapping[str, Sequence[Way]]:
        """The ways to what this subject is shown, and may name."""
        found = ways(Judge(self.graph, self.grants))
        named = {at: [way for way in some if self.names(way)] for at, some in found.items()}
        return {at: some for at, some in named.items() if some}

    def names(self, way: Way) -> bool:
        return all(self.view.names(f"{owner}.{name}") for owner, name in way)

    @cached_property
    def others(self) -> Mapping[str, Sequence[Way]]:
        """The ways to what this subject is not shown."""
        every = ways(Judge(self.graph, Grants(bits(Category))))
        return {at: found for at, found in every.items() if at not in self.ways}

    @cached_property
    def rows(self) -> Mapping[int, Rows]:
        """Values for callers who see everybody's rows, or for one of the owners; and mostly of what they are told of."""
        own, kinds = "own" in self.grants.relations, {at.partition(".")[0] for at in self.ways}
        keys = {relation: KEYS[relation] for relation in self.grants.relations & KEYS.keys()}
        tables = {owner: rows_of(self.company, [owner] if own else (), keys) for owner in OWNERS}
        return {owner: told_of(rows, kinds) for owner, rows in tables.items()}

    @cached_property
    def nets(self) -> Mapping[int, Nets]:
        """One for all owners where nothing depends on whose a row is."""
        people = people_of(self.company)
        apart = OWNERS if "own" in self.grants.relations else OWNERS[:1]
        truths = [Truth(self.company, self.graph, self.company.id_of(owner), KEYS, people) for owner in apart]
        nets = [Nets(self.harvest, self.grants, truth) for truth in truths]
        return dict(zip(OWNERS, nets * len(OWNERS), strict=False))

    def principal(self, owner: int) -> Principal:
        return Principal(
            "tester", self.subject.role, "a-test", self.subject.purpose, self.company.id_of(owner), keys=KEYS
        )

    # -- writing --------------------------------------------------------------------------------------------------

    def cases(self, count: int, weathers: Sequence[Weather]) -> Iterator[Case]:
        """As many as it takes for so many questions to be put. Each aims at some coordinates that nothing was told of
        yet, until everything was, and then at any."""
        number = 0
        while self.tally.questions < count:
            number += 1
            dice = Random(f"{self.subject} {self.seed} {number}")
            yield self.case(dice, weathers[number % len(weathers)], self.aims(dice))

    def aims(self, dice: Random, refused: float = 0.1) -> list[Way]:
        """Ways to what is shown; and now and then one to what is not: of those who are `refused` for it, several."""
        if self.unasked and self.view.partial and dice.random() < refused:
            return [dice.choice(self.others[at]) for at in self.drawn(dice, self.unasked, 12)]
        aims = 2 if self.view.partial else AIMS  # the fewer, the less is refused for one of them
        some = self.drawn(dice, self.unreached, aims)
        some += dice.sample(sorted(self.ways), max(min(aims - len(some), len(self.ways)), 0))
        hidden = self.drawn(dice, self.unasked, 4) if not self.view.partial else []
        return [dice.choice(self.ways[at]) for at in some] + [dice.choice(self.others[at]) for at in hidden]

    def drawn(self, dice: Random, goals: Sequence[str], count: int) -> list[str]:
        found = dice.sample(goals, min(count, len(goals)))
        self.tried.update(found)
        return found

    @property
    def unreached(self) -> list[str]:
        return sorted(at for at in self.ways.keys() - self.tally.reached if self.tried[at] < TRIES)

    @property
    def unasked(self) -> list[str]:
        return sorted(at for at in self.others.keys() - self.tally.asked if self.tried[at] < TRIES)

    def case(self, dice: Random, weather: Weather, aims: Sequence[Way], plain: bool = False) -> Case:
        started = time.process_time()
        owner, partial_ = dice.choice(OWNERS), self.view.partial
        writer = Writer(
            self.view.schema if all(map(self.names, aims)) else self.graph.schema,
            self.rows[owner],
            dice,
            self.ways.__contains__,
            self.may_surely_use if partial_ and dice.random() < 0.95 else self.may_use,
            strays=0.05 if partial_ else 1.0,
            introspects=not partial_,
            marks=dice.random() < 0.6,
            plain=plain,
        )
        asked = writer.asked(*aims)
        if dice.random() < 0.04:
            asked = spoiled(asked, dice)
        options = Options(request_id="case", on_withheld="error" if dice.random() < 0.1 else "null")
        self.tally.seconds["writing"] += time.process_time() - started
        return Case(asked, self.principal(owner), options, replace(weather, seed=dice.randrange(1000)), owner)

    def may_use(self, at: str) -> bool:
        return SEEN in self.grants.decide(self.category(at)).table

    def category(self, at: str) -> Category:
        """Words of an enum that nobody asks by have none of their own."""
        return self.graph.categories.get(at, Category.PUBLIC)

    def may_surely_use(self, at: str) -> bool:
        """Whatever the rows are that it leads to: an argument that cannot be used on some refuses the whole to some."""
        return self.grants.decide(self.category(at)).sees()

    # -- asking ---------------------------------------------------------------------------------------------------

    async def run(self, cases: Iterator[Case]) -> None:
        """Puts every case, and what follows from it. Raises Disagreement or Leak for the first that fails."""
        for case in cases:
            told = await self.checked(case)
            if (asked := continued(case.asked, told.data)) is not None:
                self.tally.pages += 1
                await self.checked(replace(case, asked=asked))
            for again in self.repeats(case):
                self.tally.repeats += 1
                await self.checked(again)

    def repeats(self, case: Case) -> Iterator[Case]:
        """Now and then the same document again, so that plans that are kept are put to the test: with every condition
        the other way round, as another customer, and another of its operations."""
        dice = Random(case.asked.text)
        if dice.random() < 0.1:
            yield replace(case, asked=flipped(case.asked))
        if dice.random() < 0.1:
            other = dice.choice(OWNERS)
            yield replace(case, principal=self.principal(other), owner=other)
        if f"query {BESIDE} " in case.asked.text and dice.random() < 0.3:
            yield replace(case, asked=replace(case.asked, operation=BESIDE))

    async def checked(self, case: Case) -> Told:
        """As `agreed`, but what fails is told by the smallest question that still does."""
        self.tally.questions += 1
        try:
            return await self.agreed(case)
        except (Disagreement, Leak):
            small = await smallest(self.graph.schema, case.asked, partial(self.fails, case))
            return await self.agreed(replace(case, asked=small))

    async def fails(self, case: Case, asked: Asked) -> bool:
        try:
            await self.agreed(replace(case, asked=asked))
        except (Disagreement, Leak):
            return True
        return False

    async def reach(self, least: int, most: int) -> list[str]:
        """Ask on, at times plainly, for what has not been reached yet: until so many questions have been put in all, and while
        anything is left to reach so many more; what no question got a value of, or could name. Some things are only told
        while a system fails."""
        number, until = 0, least + most
        while self.tally.questions < least or ((self.unreached or self.unasked) and self.tally.questions < until):
            number += 1
            dice = Random(f"{self.subject} {self.seed} on {number}")
            weather, aims = FOUL[0] if number % 4 == 0 else FAIR, self.aims(dice, 0.5)
            await self.checked(self.case(dice, weather, aims, plain=number % 3 == 0))
        return self.unmet

    @property
    def unmet(self) -> list[str]:
        """What no question got a value of, or could name, so far."""
        shown = {f"{at} (nothing told)" for at in self.ways.keys() - self.tally.reached if self.can_be_told(at)}
        return sorted(shown | {f"{at} (never asked)" for at in self.others.keys() - self.tally.asked})

    @property
    def figures(self) -> dict[str, object]:
        """What `whole.py` adds up, and judges."""
        shown, reached = sorted(filter(self.can_be_told, self.ways)), sorted(self.tally.reached)
        told = {"subject": str(self.subject), "unmet": self.unmet, "shown": shown, "reached": reached}
        return told | self.tally.figures

    def can_be_told(self, at: str) -> bool:
        """A list of which this caller is told no row has no edge, and lacks nothing when a system fails."""
        return any(rows in self.ways for rows in BESIDE_ROWS.get(at.partition(".")[0], (at,)))

    async def agreed(self, case: Case) -> Told:
        """What both engines said. Raises Disagreement or Leak."""
        pipeline = self.under(case.weather)
        started = time.process_time()
        said = await self.asked(pipeline, case)
        self.tally.seconds["plan"] += time.process_time() - started
        started = time.process_time()
        await self.caught(case, said)
        self.tally.seconds["nets"] += time.process_time() - started
        self.note(case, said)
        if said.refused:
            return self.refusal(pipeline, case, said)
        started = time.process_time()
        try:
            at_leisure = self.under(case.weather, self.harvest.answers)
            told = await referred(at_leisure, self.declared, case.question, case.principal, case.options)
        except Exception as error:
            raise Disagreement(f"the yardstick itself breaks, {error!r}: {case}") from error
        self.tally.seconds["reference"] += time.process_time() - started
        if told.body != said.body:
            raise Disagreement(f"{case}\nplan engine:  {said.body.decode()}\ngraphql-core: {told.body.decode()}")
        if strange := self.nets[case.owner].misplaced(said.data, told.coordinates):
            raise Leak(f"{strange} in {said.body.decode()}\n{case}")
        self.tally.saw(told)
        return told

    async def asked(self, pipeline: Pipeline, case: Case) -> Said:
        """What comes back over HTTP, what was logged, and what the systems were asked."""
        self.porch.pipeline = pipeline
        self.forget()
        who, options = case.principal, case.options
        token = self.tokens.mint(
            who.role,
            subject=who.subject,
            client=who.client or "",
            purpose=who.purpose,
            customer=who.customer,
            keys=KEYS,
        )
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": "case", "X-On-Withheld": options.on_withheld}
        asked = case.asked
        body = {"query": asked.text, "variables": asked.variables, "operationName": asked.operation}
        reply = await self.client.post("/graphql", content=json.dumps(body), headers=headers | JSON)
        log = [entry | {"system": name} for name, desk in self.desks.items() for entry in desk.requests]
        self.tally.requests += len(log)
        return Said(reply.content, str(reply.headers.raw), self.logged.text, log, reply.status_code)

    @cached_property
    def desks(self) -> Mapping[str, Desk]:
        return {name: self.company.desk(name) for name in self.company.mocks}

    def forget(self) -> None:
        """Nothing is kept of earlier answers: who is not to be asked is not asked, rather than remembered."""
        for line in self.company.app.pipeline.traffic.lines.values():
            line.forget()
        for desk in self.desks.values():
            desk.requests.clear()
        self.logged.clear()

    async def caught(self, case: Case, said: Said) -> None:
        """Raises Leak for whatever the nets hold."""
        nets, asked = self.nets[case.owner], case.asked
        found = {
            "told": nets.leaked(said.everything, asked),
            "logged": [
                one for one in nets.leaked(said.logged, asked) if one not in self.desks
            ],  # ours are told who fails
            "looked up": await self.looked_up(case, said),
            "asked for": nets.overasked(said.log),
        }
        if any(found.values()):
            raise Leak(f"{found}\n{case}\n{said.body.decode()}\n{said.logged}")

    async def looked_up(self, case: Case, said: Said) -> list[str]:
        """What a system is asked about because the caller said it. Whether somebody may be reached, say, is asked by their
        address, and would be if the caller had said another."""
        found = self.nets[case.owner].looked_up(said.requests, case.asked)
        others = [(one, replace(case, asked=unsaid(case.asked, one))) for one in found]
        return [one for one, other in others if one not in (await self.asked(self.under(case.weather), other)).requests]

    def note(self, case: Case, said: Said) -> None:
        """What was named, if it was answered or refused for that; for as long as anything has not been."""
        if self.others.keys() - self.tally.asked and said.refused in ("", "VALIDATION", "NOT_ALLOWED"):
            try:
                operation = admitted(self.pipeline.prepared, self.graph.schema, case.question)
                self.tally.asked |= coordinates_in(self.graph.schema, operation)
            except CallerError:
                return

    def refusal(self, pipeline: Pipeline, case: Case, said: Said) -> Told:
        """Only our own limits, or what may not be named, refuse what graphql-core would answer."""
        view = self.view.schema
        if said.refused == "NOT_ALLOWED":
            fair = self.view.partial
        else:  # a body with `Infinity` in it is no JSON, and never comes as far as graphql-core
            fair = said.refused in ("LIMIT", "BAD_REQUEST") or refused(view, case.question)
        if not fair:
            raise Disagreement(f"we refuse ({said.body.decode()}) what graphql-core answers: {case}")
        self.tally.refusals[said.refused] += 1
        return Told(said.body, said.refused)


JSON = {"Content-Type": "application/json"}
