"""Generated questions, put to both engines: the cases, the comparison, and what they came to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from random import Random
from typing import Any

import strawberry

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.engine.judging import Judge
from gateway.engine.once import Once
from gateway.pipeline import Pipeline
from gateway.policy.grants import SEEN, Grants
from gateway.prepare import Preparation
from gateway.question import Options, Question
from tests.company import Company
from tests.gateway.questions.company import rows_of
from tests.gateway.questions.documents import Writer
from tests.gateway.questions.smaller import smallest
from tests.gateway.questions.text import Asked
from tests.gateway.questions.values import Rows
from tests.gateway.questions.ways import Way, ways
from tests.gateway.questions.weather import FAIR, Weather, Weathered, weathered
from tests.gateway.yardstick import Told, planned, referred, refused

ENOUGH = 10
TRIES = 80
KEYS = {
    "own-channel": ("PARTNER", "WEB"),
    "own-region": ("EMEA",),
    "carried-by-me": ("UPS", "PostNord", "DPD"),
    "assigned": ("Mary Mann", "Allen Allbrook", "Bob Baxter"),
}
"""What the systems of the made-up company call whoever asks."""

OWNERS = (0, 1, 2)
"""Customers who ask about themselves: what they have fills every list."""


@dataclass(slots=True)
class Tally:
    """What the questions of one role reached: an agreement about nothing would prove nothing."""

    cases: int = 0
    answers: int = 0
    rich: int = 0
    failed: int = 0
    values: int = 0
    pages: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=lambda: {"writing": 0.0, "plan": 0.0, "reference": 0.0})

    @property
    def share(self) -> float:
        """Of the answers, those with ten values or more."""
        return self.rich / max(self.answers, 1)

    def saw(self, told: Told) -> None:
        found = [(at, value) for path, at in told.coordinates.items() if (value := told.at(path)) is not None]
        values = sum(not isinstance(value, dict | list) for _, value in found)
        self.answers += 1
        self.failed += told.failed
        self.values += values
        self.rich += values >= ENOUGH
        self.reached.update(at for at, _ in found)

    def __str__(self) -> str:
        spent = ", ".join(f"{what} {took / max(self.cases, 1) * 1000:.1f}" for what, took in self.seconds.items())
        return (
            f"{self.cases} cases, {self.answers} answers ({self.pages} of later pages), "
            f"{self.share:.0%} with ≥ {ENOUGH} values, {self.values / max(self.answers, 1):.0f} values each; "
            f"{self.failed} with errors; refused {self.refusals or 'none'}; CPU ms a case: {spent}"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One question of one caller, in one kind of weather."""

    asked: Asked
    principal: Principal
    options: Options
    weather: Weather

    @property
    def question(self) -> Question:
        return Question(self.asked.text, self.asked.operation, self.asked.variables)

    def __str__(self) -> str:
        asked = self.asked
        return f"{self.principal}\n{self.weather}\n{asked.text}\nvariables {asked.variables} of {asked.operation}"


class Disagreement(AssertionError):
    """The engines told a caller different things, or only one of them refused."""


@dataclass
class Trial:
    """All questions of one role. `declared` is a schema of its own, for the reference engine."""

    company: Company
    declared: strawberry.Schema
    role: str
    tally: Tally = field(default_factory=Tally)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The company's own, with resolvers that stand in the weather."""
        inside = self.company.app.pipeline
        known = inside.prepared.graph
        graph = replace(known, bindings=weathered(known.bindings))
        return replace(inside, prepared=Preparation(graph, inside.prepared.limits, Once(1000, 2**26)))

    @property
    def graph(self) -> Graph:
        return self.pipeline.prepared.graph

    def under(self, weather: Weather) -> Pipeline:
        facts = {**self.pipeline.facts, "weather": weather}
        return replace(self.pipeline, traffic=Weathered.of(self.pipeline.traffic, weather), facts=facts)

    @cached_property
    def grants(self) -> Grants:
        return self.pipeline.policy.roles[self.role].grants

    @cached_property
    def ways(self) -> Mapping[str, Sequence[Way]]:
        return ways(Judge(self.graph, self.grants))

    @cached_property
    def rows(self) -> Mapping[int | None, Rows]:
        """Values for callers who see everybody's rows (None), or for one of the owners."""
        if "own" not in self.grants.relations:
            return {None: rows_of(self.company)}
        return {owner: rows_of(self.company, [owner]) for owner in OWNERS}

    def cases(self, count: int, weathers: Sequence[Weather], seed: int = 0) -> Iterator[Case]:
        """Each aims at another coordinate that the role can reach, until all were aimed at, and again."""
        goals = sorted(self.ways)
        Random(self.role).shuffle(goals)
        for number in range(count):
            dice = Random(f"{self.role} {seed} {number}")
            yield self.case(goals[number % len(goals)], dice, weathers[number % len(weathers)])

    def case(self, goal: str, dice: Random, weather: Weather) -> Case:
        started = time.process_time()
        owner = dice.choice(list(self.rows))
        writer = Writer(self.graph.schema, self.rows[owner], dice, self.ways.__contains__, self.may_use)
        asked = writer.asked(dice.choice(self.ways[goal]))
        if dice.random() < 0.04:
            asked = spoiled(asked, dice)
        customer = self.company.id_of(owner or OWNERS[0])
        principal = Principal("tester", self.role, "a test", None, customer, keys=KEYS)
        options = Options(request_id="case", on_withheld="error" if dice.random() < 0.1 else "null")
        weather = replace(weather, seed=dice.randrange(1000))
        self.tally.seconds["writing"] += time.process_time() - started
        return Case(asked, principal, options, weather)

    def may_use(self, at: str) -> bool:
        return any(sight is SEEN for sight in self.grants.decide(self.graph.categories[at]).table)

    # -- asking ---------------------------------------------------------------------------------------------------

    async def run(self, cases: Iterator[Case]) -> None:
        """Puts every case, and the next page where there is one. Raises Disagreement for the first that fails."""
        for case in cases:
            self.tally.cases += 1
            told = await self.checked(case)
            if (asked := continued(case.asked, told.data)) is not None:
                self.tally.pages += 1
                await self.checked(replace(case, asked=asked))

    async def checked(self, case: Case) -> Told:
        """As `agreed`, but a disagreement is told by the smallest question that still leads to it."""
        try:
            return await self.agreed(case)
        except Disagreement:
            small = await smallest(self.graph.schema, case.asked, partial(self.disagree, case))
            return await self.agreed(replace(case, asked=small))

    async def disagree(self, case: Case, asked: Asked) -> bool:
        try:
            await self.agreed(replace(case, asked=asked))
        except Disagreement:
            return True
        return False

    async def reach(self, goals: Iterator[str]) -> list[str]:
        """Ask for these coordinates in particular; those that no question got a value of."""
        unmet = []
        for goal in goals:
            for number in range(TRIES):
                if goal in self.tally.reached:
                    break
                await self.checked(self.case(goal, Random(f"{self.role} {goal} {number}"), FAIR))
            if goal not in self.tally.reached:
                unmet.append(goal)
        return unmet

    async def agreed(self, case: Case) -> Told:
        """What both engines said. Raises Disagreement."""
        pipeline = self.under(case.weather)
        started = time.process_time()
        said = await planned(pipeline, case.question, case.principal, case.options)
        self.tally.seconds["plan"] += time.process_time() - started
        if said.refused:
            return self.refusal(pipeline, case, said)
        started = time.process_time()
        told = await referred(pipeline, self.declared, case.question, case.principal, case.options)
        self.tally.seconds["reference"] += time.process_time() - started
        if told.body != said.body:
            raise Disagreement(f"{case}\nplan engine:  {said.body.decode()}\ngraphql-core: {told.body.decode()}")
        self.tally.saw(told)
        return told

    def refusal(self, pipeline: Pipeline, case: Case, said: Told) -> Told:
        """Only our own limits may refuse what graphql-core would answer."""
        if said.refused != "LIMIT" and not refused(pipeline.prepared.graph.schema, case.question):
            raise Disagreement(f"we refuse ({said.body.decode()}) what graphql-core answers: {case}")
        self.tally.refusals[said.refused] = self.tally.refusals.get(said.refused, 0) + 1
        return said


# -- questions made from questions ------------------------------------------------------------------------------------

WRONG: Sequence[Any] = ({"no": "such field"}, [[[]]], 1e400, "no such value", None, 2**40, ["x", None])


def spoiled(asked: Asked, dice: Random) -> Asked:
    """The same with a variable that most often has a value of another type, or with the name of another operation."""
    if not asked.declared or dice.random() < 0.2:
        return replace(asked, operation=dice.choice(("Nobody", "Other", "asked")))
    name = dice.choice(sorted(asked.declared))
    others = {known: value for known, value in asked.variables.items() if known != name}
    if dice.random() < 0.2:
        return replace(asked, variables=others)
    return replace(asked, variables={**others, name: dice.choice(WRONG)})


def continued(asked: Asked, data: Any) -> Asked | None:
    """The question for the page behind the one in `data`; None where no cursor came back."""
    found = {name: cursor for name, path in asked.cursors.items() if (cursor := first_at(data, path)) is not None}
    return replace(asked, variables={**asked.variables, **found}, cursors={}) if found else None


def first_at(value: Any, path: Sequence[str]) -> Any:
    """The first value at a response path, whatever lists are on the way."""
    if isinstance(value, list):
        return next((found for item in value if (found := first_at(item, path)) is not None), None)
    if not path or not isinstance(value, dict):
        return value if not path else None
    return first_at(value.get(path[0]), path[1:])
