"""`customer360 audit verify`, `heads` and `export`: that the trail is what was written, here and elsewhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.commands import Failed
from gateway.cli.lines import Given, print_json, with_settings
from gateway.settings import Settings
from gateway.trail import store
from gateway.trail.chain import Mark, Signer
from gateway.trail.ends import broken_ends, signed_ends
from gateway.trail.export import Exported, Unreadable, lines, read, unchanged
from gateway.trail.record import ALERT
from gateway.trail.verify import Found, verified

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog="Example:  customer360 audit verify --heads heads.json")
@click.argument("exported", metavar="[FILE]", type=FILE, required=False)
@click.option("--heads", "kept", type=FILE, multiple=True, help="Heads as `audit heads` printed them some day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def verify(exported: Path | None, kept: Sequence[Path], as_json: bool, given: Given) -> None:
    """Check that nothing was changed, removed, put in or moved, up to the signed heads. Exit code 1 when something was.

    With FILE, which `audit export` printed: of that file, wherever it is, without the folder it came from. What folder
    and file alone cannot tell (all of it put back to an earlier day, a chain gone whole, everything written and signed
    anew by somebody else) heads that were kept elsewhere can: they hold the key, too."""
    heads = [_heads(file) for file in kept]
    if exported is not None:
        found, notes, alerts = *_of_file(exported, heads), 0
    else:
        found, notes, alerts = _of_folder(given.settings(beside_demo=True), heads)
    _print(found, notes, alerts, as_json)
    if found.problems:
        raise Failed("the trail is not what was written")


def _of_folder(settings: Settings, heads: Sequence[Heads]) -> tuple[Found, list[str], int]:
    with the_trail(settings) as db:
        marks = [mark for one in heads for mark in one.marks]
        found = verified(db, Signer.kept(settings.state_dir).public, marks)
        return found, [], db.execute("SELECT COUNT(*) FROM entry WHERE kind = ?", (ALERT,)).fetchone()[0]


def _of_file(file: Path, heads: Sequence[Heads]) -> tuple[Found, list[str]]:
    exported, keys = _exported(file), {one.key for one in heads}
    if len(keys) > 1:
        raise click.UsageError("the heads are signed with several keys")
    marks = [mark for one in heads for mark in one.marks]
    found = unchanged(exported, keys.pop() if keys else exported.key, marks)
    notes = [] if heads else ["checked with the key that the file itself names: give --heads that were kept elsewhere"]
    return found, notes


def _print(found: Found, notes: Sequence[str], alerts: int, as_json: bool) -> None:
    unsigned = {chain: list(part) for chain, part in found.unsigned.items()}
    if as_json:
        told = {"chains": found.chains, "records": found.records, "problems": found.problems, "unsigned": unsigned}
        print_json(told | {"notes": notes, "alerts": alerts})
        return
    for line in (*found.problems, *notes):
        click.echo(line)
    for chain, (first, last) in unsigned.items():
        click.echo(f"{chain}:{first} to {last} hang from the signed head, and no head signs for them yet")
    more = f"; {_some(alerts, 'alert')} (customer360 audit alerts)" if alerts else ""
    chains, problems = _some(found.chains, "chain"), _some(len(found.problems), "problem")
    click.echo(f"{_some(found.records, 'record')} in {chains}, {problems}{more}")


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@click.command(epilog="Example:  customer360 audit heads > heads.json")
@with_settings
def heads(given: Given) -> None:
    """Print a head for each chain's end, signed now, and the key it is signed with, to be kept elsewhere (JSON)."""
    settings = given.settings(beside_demo=True)
    signer = Signer.kept(settings.state_dir)
    with the_trail(settings) as db:
        marks, broken = [mark.as_json() for mark in signed_ends(db, signer)], broken_ends(db, signer.public)
    print_json({"publicKey": signer.public.hex(), "heads": marks})
    _tell(broken)


@click.command(epilog="Example:  customer360 audit export --since 2026-11-01 > trail.jsonl")
@click.option("--since", type=click.DateTime(), help="From the segment on that this moment (UTC) falls into.")
@with_settings
def export(since: datetime | None, given: Given) -> None:
    """Print records, one line of JSON each, byte for byte as they are chained, with what each chain hangs from and a
    head for its end, signed. `audit verify FILE` checks such a file anywhere."""
    settings = given.settings(beside_demo=True)
    first = int(since.replace(tzinfo=UTC).timestamp() * 1000) if since else 0
    signer = Signer.kept(settings.state_dir)
    with the_trail(settings) as db:
        for line in lines(db, signer, first):
            click.echo(line)
        broken = broken_ends(db, signer.public)
    _tell(broken)


def _tell(broken: Sequence[str]) -> None:
    """What was printed says as much, to whoever checks it; this says it now."""
    if broken:
        raise Failed(f"not signed for, since it does not end as it was written: {', '.join(broken)} (see audit verify)")


# -- what the commands share ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heads:
    """As `audit heads` prints them."""

    key: bytes
    marks: Sequence[Mark]


@contextmanager
def the_trail(settings: Settings) -> Iterator[sqlite3.Connection]:
    if not (settings.state_dir / store.FILE).exists():
        raise Failed(f"nothing has been recorded in {settings.state_dir}")
    try:
        with store.reading(settings.state_dir) as db:
            yield db
    except sqlite3.Error as error:
        raise Failed(f"the trail in {settings.state_dir} cannot be read: {error}") from error


def _heads(file: Path) -> Heads:
    try:
        told: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return Heads(bytes.fromhex(told["publicKey"]), [Mark.read(one) for one in told["heads"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{file} holds no heads as `audit heads` prints them: {error}") from error


def _exported(file: Path) -> Exported:
    try:
        with file.open(encoding="utf-8") as text:
            return read(text)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from error
    except Unreadable as error:
        raise Failed(f"{file}: {error}") from error
