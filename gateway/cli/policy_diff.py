"""`customer360 policy diff`: what a change of policy files means for stored operations, before it goes live."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from gateway.app import limits_of
from gateway.catalogue import SettingsError
from gateway.cli.explain import refused
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, print_json, with_settings
from gateway.differing import Caller, Change, Kind, Side, changes
from gateway.engine.consistent import problems
from gateway.engine.graph import Graph
from gateway.errors import Refusal
from gateway.policy import PARTNERS, ROLES, BadPolicy, Policy
from gateway.policy.scopes import SCOPES
from gateway.stored import SETTING, stored

FILES = (ROLES.name, PARTNERS.name, SCOPES.name)
SIGNS = {
    Kind.LOST: "-",
    Kind.LESS: "-",
    Kind.REFUSED: "-",
    Kind.GAINED: "+",
    Kind.MORE: "+",
    Kind.ADMITTED: "+",
    Kind.OTHERWISE: "~",
}
GIT = ("git", "show")
MOST_NAMED = 8


class BadInput(click.ClickException):
    """Nothing could be compared. Exit code 2, as for any wrong command line: 1 says that something changes."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Changed:
    """What changes of one operation of one file."""

    file: str
    operation: str | None
    change: Change

    def as_json(self) -> dict[str, Any]:
        one = self.change
        return {
            "file": self.file,
            "operation": self.operation,
            "caller": one.caller.name,
            "client": one.caller.client,
            "purpose": one.caller.purpose,
            "change": one.kind.name,
            "coordinate": one.place.coordinate or None,
            "category": one.category or None,
            "path": one.place.path,
            "before": one.before,
            "after": one.after,
        }


@click.command("diff", epilog="Example:  customer360 policy diff main:gateway/policy gateway/policy --operations ops")
@click.argument("old")
@click.argument("new")
@click.option("--operations", "folder", type=click.Path(path_type=Path), help=f"Their folder; {SETTING} if left out.")
@click.option("--role", "roles", multiple=True, metavar="R", help="Only for this role; may be repeated.")
@click.option("--client", "clients", multiple=True, metavar="ID", help="Only for this partner's client; likewise.")
@click.option("--format", "how", type=click.Choice(("text", "json")), default="text", show_default=True)
@with_settings
@click.pass_context
def diff(
    ctx: click.Context,
    old: str,
    new: str,
    folder: Path | None,
    roles: tuple[str, ...],
    clients: tuple[str, ...],
    how: str,
    given: Given,
) -> None:
    """Say who would see more or less of which stored operation, if the policy OLD became NEW.

    OLD and NEW are folders with roles.toml and, if there are any, partners.toml and scopes.toml; or REVISION:FOLDER of
    the git repository here. Every operation is planned under both, for each role, each partner's client and each of
    their purposes. Exit code 0 when nothing changes, 1 when something does, 2 when they cannot be compared.
    """
    settings = given.settings(beside_demo=True)
    graph = the_graph()
    before = Side.of(graph, _policy(old, graph), limits_of(settings))
    after = before.under(_policy(new, graph))
    callers = _callers(before, after, roles, clients)
    operations = list(_operations(before, folder or settings.path(SETTING)))
    found = [
        Changed(file, name, change)
        for file, text, name in operations
        for change in changes(before, after, text, name, callers)
    ]
    if how == "json":
        counted = {"operations": len(operations), "callers": len(callers)}
        print_json({"old": old, "new": new, **counted, "changes": [one.as_json() for one in found]})
    else:
        click.echo("\n".join(_lines(found, len(operations), len(callers))))
    ctx.exit(1 if found else 0)


def _callers(before: Side, after: Side, roles: Sequence[str], clients: Sequence[str]) -> list[Caller]:
    everybody = list(dict.fromkeys((*before.callers(), *after.callers())))
    for client, wanted in ((False, roles), (True, clients)):
        known = {one.name for one in everybody if one.client is client}
        if unknown := sorted({*wanted} - known):
            raise BadInput(f"neither policy has {unknown[0]!r}; there are {', '.join(sorted(known)) or 'none'}")
    return [one for one in everybody if not (roles or clients) or one.name in (clients if one.client else roles)]


def _operations(side: Side, folder: Path | None) -> Iterator[tuple[str, str, str | None]]:
    """File, text and name of each. One that everybody would be refused is bad input."""
    if folder is None:
        raise BadInput(f"which operations? Give --operations FOLDER, or set {SETTING}")
    try:
        files = list(stored(folder))
    except SettingsError as error:
        raise BadInput(str(error).removeprefix(f"{SETTING}: ")) from error
    if not files:
        raise BadInput(f"{folder} holds no *.graphql file")
    for file, text in files:
        try:
            names = sorted(side.operations(text), key=str)
        except Refusal as refusal:
            raise BadInput("\n".join(f"{file}: {refused(dict(error))}" for error in refusal.errors)) from refusal
        yield from ((str(file.relative_to(folder)), text, name) for name in names)


def _policy(named: str, graph: Graph) -> Policy:
    """One that a gateway would start with."""
    try:
        policy = _understood(named)
        for problem in problems(graph, policy):
            raise BadPolicy(problem)
    except (BadPolicy, OSError) as error:
        raise BadInput(f"{named}: {error}") from error
    return policy


def _understood(named: str) -> Policy:
    """From a folder, or from a revision: its files are put into a folder first."""
    if Path(named).is_dir():
        return _read(Path(named))
    if ":" not in named:
        raise BadInput(f"{named!r} is no folder, nor REVISION:FOLDER of a git repository")
    with tempfile.TemporaryDirectory() as made:
        _take_out(named, Path(made))
        return _read(Path(made))


def _read(folder: Path) -> Policy:
    roles, partners, scopes = (folder / name for name in FILES)
    return Policy.read(roles, partners if partners.exists() else None, scopes if scopes.exists() else SCOPES)


def _take_out(named: str, into: Path) -> None:
    revision, _, folder = named.partition(":")
    if revision.startswith("-"):
        raise BadInput(f"{revision!r} is no revision")
    for name in FILES:
        at = f"{revision}:{folder.rstrip('/')}/{name}".replace(":/", ":", 1)
        said = subprocess.run([*GIT, at], capture_output=True, check=False)  # noqa: S603 - no shell, and no option of git
        if said.returncode == 0:
            (into / name).write_bytes(said.stdout)
        elif name == ROLES.name:
            raise BadInput(f"git has no {at}: {said.stderr.decode(errors='replace').strip()}")


def _lines(found: Sequence[Changed], operations: int, callers: int) -> Iterator[str]:
    for (file, name), some in groupby(found, key=lambda one: (one.file, one.operation)):
        yield f"{file}{f' ({name})' if name else ''}"
        for caller, theirs in groupby((one.change for one in some), key=lambda one: one.caller):
            yield f"  {caller}"
            yield from _told(list(theirs))
        yield ""
    counted = Counter(SIGNS[one.change.kind] for one in found)
    seen = {one.change.caller for one in found}, {(one.file, one.operation) for one in found}
    yield (
        f"{counted['-']} less, {counted['+']} more, {counted['~']} otherwise: for {len(seen[0])} of {callers} callers, "
        f"in {len(seen[1])} of {operations} operations"
        if found
        else f"Nothing changes for {callers} callers in {operations} operations"
    )


def _told(theirs: Sequence[Change]) -> Iterator[str]:
    """One line for a place and all below it that changes alike; of an operation that is refused as a whole, no more."""
    if whole := next((one for one in theirs if not one.place.coordinate), None):
        yield f"    {SIGNS[whole.kind]} the whole operation {whole.after} (before: {whole.before})"
        return
    alike: dict[tuple[str, str, str], list[Change]] = {}
    for one in theirs:
        alike.setdefault((one.place.path, one.before, one.after), []).append(one)
    for (path, before, after), here in alike.items():
        if not any((above, before, after) in alike for above in _above(path)):
            same = [one for one in theirs if (one.before, one.after) == (before, after)]
            below = _named([one for one in same if path in _above(one.place.path)])
            yield f"    {SIGNS[here[0].kind]} {_named(here)} at {path}{below and f', and below it {below}'}"
            yield f"        {before} → {after}"


def _above(path: str) -> Iterator[str]:
    steps = path.split(".")
    return (".".join(steps[:end]) for end in range(1, len(steps)))


def _named(some: Sequence[Change]) -> str:
    names = list(dict.fromkeys(one.place.coordinate for one in some))
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
