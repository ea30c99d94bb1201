"""`customer360 policy`: the policy files checked before they go live, said in Cedar, and a reference looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from gateway.cli.commands import Failed
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.policy_diff import diff
from gateway.cli.processing import processing
from gateway.engine.consistent import problems
from gateway.engine.graph import Unbound
from gateway.policy import PARTNERS, ROLES, Policy, cedar
from gateway.policy.reasons import Line, lines, referred
from schema import Category
from schema.coverage import Contradicted, Overpromised, Unclassified

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PLACE = re.compile(r"(?P<file>[^:\[]+): \[(?P<table>[^\]]+)\](?: rule (?P<rule>\d+))?")
POSITION = re.compile(r"\(at line (\d+), ")


@dataclass(frozen=True, slots=True)
class Problem:
    """`table` and `line`: where to look in the file, when the problem is of one place."""

    file: str
    table: str
    line: int | None
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}" if self.line else self.problem


def files(command: Any) -> Any:
    """Add `--roles` and `--partners`."""
    partners = click.option(
        "--partners", type=FILE, default=PARTNERS, help="Partners' clients; those of the gateway if left out."
    )
    roles = click.option("--roles", type=FILE, default=ROLES, help="Roles; those of the gateway if left out.")
    return roles(partners(command))


@click.group()
def policy() -> None:
    """Check the policy files, print them for Cedar, and look up the reference of something that was not shown."""


policy.add_command(processing)
policy.add_command(diff)


@policy.command(epilog="Example:  customer360 policy check --roles new-roles.toml --json")
@files
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(ctx: click.Context, roles: Path, partners: Path, as_json: bool) -> None:
    """Check policy files against the graph as a start would, and print every problem with its place.

    Exit code 1 when there are any: a gateway would not start with these files.
    """
    read, faults = Policy.understood(roles, partners)
    texts = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in (roles, partners)}
    found = [_placed(text, texts) for text in (*map(str, faults), *([] if faults else _unfit(read)))]
    counted = {"roles": len(read.roles), "partners": len(read.partners)}
    if as_json:
        print_json(counted | {"problems": [asdict(problem) for problem in found]})
    else:
        for problem in found:
            click.echo(f"BAD {problem}")
        if not found:
            click.echo(f"ok  {counted['roles']} roles and {counted['partners']} partners fit the graph")
    ctx.exit(1 if found else 0)


@policy.command("cedar", epilog="Example:  customer360 policy cedar > policy.cedar")
@files
@click.option("--schema", "what", flag_value="schema", help="Print the Cedar schema instead: what may be asked.")
@click.option("--entities", "what", flag_value="entities", help="Print the partners instead, as Cedar entities (JSON).")
def printed(roles: Path, partners: Path, what: str | None) -> None:
    """Print the policy files as Cedar policies, to ask another engine or to compare two versions."""
    read = Policy.read(roles, partners)
    if what == "entities":
        print_json(cedar.entities(read))
    else:
        click.echo(cedar.vocabulary() if what == "schema" else cedar.policies(read), nl=False)


@policy.command(epilog="Example:  customer360 policy reason 1f0c5a7e42")
@click.argument("ref", metavar="REF")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def reason(ref: str, as_json: bool, given: Given) -> None:
    """Say what a reference stands for that a caller was given for something not shown (`absent[].why.ref`).

    Which coordinate, why it would be needed, for which purpose it was asked; and for every role with that purpose, the
    line that decides. Good with the settings of the gateway that gave it. Exit code 1 when it gave no such reference.
    """
    read, graph = Policy.read(), the_graph()
    purposes = {purpose for role in read.roles.values() for purpose in role.purposes}
    key = given.settings(beside_demo=True).key("cursors.key")
    found = [
        _reason(read, coordinate, Category(category or graph.categories[coordinate]), purpose)
        for coordinate, category, purpose in referred(ref, graph.categories, sorted(purposes), key)
    ]
    if not found:
        raise Failed(f"{ref} is no reference of a gateway with these settings")
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(_reason_lines(one) for one in found))


def _unfit(read: Policy) -> Iterator[str]:
    try:
        graph = the_graph()
    except (Unbound, Unclassified, Overpromised, Contradicted) as hole:
        yield str(hole)
    else:
        yield from problems(graph, read)


def _placed(text: str, texts: dict[str, str]) -> Problem:
    place, position = PLACE.match(text), POSITION.search(text)
    if place is None:
        file = text.partition(":")[0]
        return Problem(file if file in texts else "", "", int(position[1]) if position else None, text)
    return Problem(place["file"], place["table"], _line(place, texts.get(place["file"], "")), text)


def _line(place: re.Match[str], text: str) -> int | None:
    """Where a table begins, or its rule of that number."""
    name, wanted = re.escape(place["table"]), int(place["rule"] or 1)
    head = rf"\s*\[\[\s*{name}\s*\.\s*rule\s*\]\]" if place["rule"] else rf'\s*\[\s*"?{name}"?\s*\]'
    found = [number for number, line in enumerate(text.splitlines(), 1) if re.match(head, line)]
    return found[wanted - 1] if len(found) >= wanted else None


def _reason(read: Policy, coordinate: str, category: Category, purpose: str | None) -> dict[str, Any]:
    asked = {
        role.name: role.by_purpose[purpose] for role in read.roles.values() if purpose and purpose in role.purposes
    }
    told = {name: [_decided(line) for line in lines(grants, category)] for name, grants in asked.items()}
    return {"coordinate": coordinate, "category": category.value, "purpose": purpose, "roles": told}


def _decided(line: Line) -> dict[str, Any]:
    return {
        "relations": line.relations,
        "decision": line.sight.verdict.value.upper(),
        "mask": line.sight.kind or None,
        "rule": line.rule,
        "told": str(line),
    }


def _reason_lines(one: dict[str, Any]) -> str:
    why = Category(one["category"]).why
    head = f"{one['coordinate']}, asked for {one['purpose'] or 'no purpose'}, is {one['category']}: {why}"
    told = [f"  {name:24} {line['told']}" for name, lines in one["roles"].items() for line in lines]
    return "\n".join((head, *(told or ["  No role has that purpose."])))
