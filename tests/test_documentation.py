"""What a reader is promised in README and --help is there, and what is there is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.catalogue import catalogue
from gateway.cli import PLACES
from gateway.errors import Code
from gateway.policy import Policy
from schema import Category
from tests.company import Company

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("role", Policy.read().roles)
def test_every_role_is_in_the_readme(role: str) -> None:
    assert f"| `{role}` |" in README


@pytest.mark.parametrize("category", [category for category in Category if category is not Category.INHERITED])
def test_every_category_is_in_the_readme_with_its_sentence(category: Category) -> None:
    assert f"| `{category.value}` | {category.why.removesuffix('.')} |" in README


def test_the_readme_s_table_of_error_codes_is_the_published_enum() -> None:
    table = README.partition("| code | what it means |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", table, re.MULTILINE)

    assert [code for code, _ in rows] == [code.value for code in Code]
    assert all(meaning.endswith(".") for _, meaning in rows)


@pytest.mark.parametrize("command", PLACES)
def test_every_command_is_in_the_readme_and_helps_itself(command: str) -> None:
    assert f"`customer360 {command}" in README
    found = PLACES[command].command()
    assert (found.name, bool(found.help)) == (command, True)
    assert PLACES[command].told.endswith(".")


def test_every_setting_has_its_help() -> None:
    assert all(row.help.endswith(".") for row in catalogue().values())


def test_the_changelog_speaks_of_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.anyio
async def test_the_readme_s_question_gets_the_readme_s_two_answers(company: Company) -> None:
    question, agent, warehouse = re.findall(
        r"<!-- (?:question|agent|warehouse) -->\n\n```\w+\n(.*?)```", README, re.DOTALL
    )

    assert await company.ask(question) == json.loads(agent)
    assert await company.ask(question, "warehouse") == json.loads(warehouse)
