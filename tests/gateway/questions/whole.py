"""What the generated questions of one run came to together, whichever process asked them; and whether that is enough.

One role has little to be told; of the whole run, four answers in five have to hold ten values or more. Each test of a
subject leaves its figures as the property `questions` of its report; here they are added up, shown, and judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.gateway.questions.subjects import subjects

SHARE = 0.8
QUESTIONS = 2_000
UNTOLD = 5
"""Coordinates that so few questions may leave untold to everybody: what is null for most rows, such as when stock runs out."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if parts := list(figures(terminalreporter)):
        terminalreporter.section("generated questions")
        terminalreporter.line(said(parts))
        terminalreporter.line(f"  told to nobody: {', '.join(untold(parts)) or 'nothing'}")
        for subject in sorted({part["subject"] for part in parts}):
            unmet = set.intersection(*(set(part["unmet"]) for part in parts if part["subject"] == subject))
            terminalreporter.line(f"  {subject} did not reach: {', '.join(sorted(unmet)) or 'nothing'}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Of a run of all subjects, whoever ran them; a worker has only some of the figures."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    parts = list(figures(reporter)) if reporter else []
    if {part["subject"] for part in parts} >= set(map(str, subjects())) and not enough(parts):
        reporter.line(f"generated questions: too few, or about too little: {said(parts)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def figures(reporter: Any) -> Iterator[Mapping[str, Any]]:
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, ()):
            yield from (told for name, told in getattr(report, "user_properties", ()) if name == "questions")


def total(parts: list[Mapping[str, Any]]) -> Counter[str]:
    names = ("questions", "answers", "rich", "failed", "requests")
    return Counter({name: sum(part[name] for part in parts) for name in names})


def enough(parts: list[Mapping[str, Any]]) -> bool:
    sums = total(parts)
    told = len(untold(parts)) <= UNTOLD
    return told and sums["questions"] >= QUESTIONS and sums["rich"] >= SHARE * sums["answers"]


def untold(parts: list[Mapping[str, Any]]) -> list[str]:
    """Of what is shown to any of them, what nobody was told."""
    return sorted({at for part in parts for at in part["shown"]} - {at for part in parts for at in part["reached"]})


def said(parts: list[Mapping[str, Any]]) -> str:
    sums = total(parts)
    share = sums["rich"] / max(sums["answers"], 1)
    return (
        f"{sums['questions']} of {len({part['subject'] for part in parts})} subjects, {sums['answers']} answers, {share:.0%} with ten values or more, "
        f"{sums['failed']} with errors, {sums['requests']} requests to systems; no disagreement, no leak"
    )
