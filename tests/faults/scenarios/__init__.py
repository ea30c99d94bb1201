"""What can go wrong around a gateway, each as a scenario with the figures it has to keep.

`make faults` plays the long forms and prints the table, `make test` plays short ones. A scenario asks any gateway process
from outside, as its callers would; what a gateway cannot do yet fails in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.figures import Figure
from tests.faults.scenarios import (
    bad_answers,
    dark_system,
    ending,
    failing_system,
    independence,
    overload,
    slow_system,
    together,
)
from tests.faults.stage import Scale, Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    play: Callable[[Stage, Scale], Coroutine[Any, Any, list[Figure]]]


SCENARIOS: Mapping[int, Scenario] = {
    1: Scenario("SAP in a black hole", dark_system.play),
    2: Scenario("SAP two seconds late", slow_system.play),
    3: Scenario("Remedy fails every other time", failing_system.play),
    4: Scenario("bad answers", bad_answers.play),
    5: Scenario("three times what it can carry", overload.play),
    6: Scenario("told to end under load", ending.play),
    7: Scenario("slow systems delay only what hangs on them", independence.play),
    8: Scenario("the same question many times", together.play),
}
