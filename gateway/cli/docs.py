"""`customer360 docs`: the reference of the graph as a folder of pages, to read without anything running."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from gateway.app import ages_of
from gateway.auth import Principal
from gateway.cli.commands import Failed
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, with_settings
from gateway.cli.standing import standing
from gateway.docs import MARK, STYLE, Book, contents

USUAL = Path("customer360-docs")


@click.command(epilog="Example:  customer360 docs --role partner_carrier --out carrier-docs")
@click.option("--role", metavar="R", help="As clients of this role may name it; the whole if left out.")
@click.option("--client", metavar="ID", help="Of the role's partner with this client id.")
@click.option("--out", type=click.Path(path_type=Path), default=USUAL, show_default=True, help="Folder to write to.")
@with_settings
def docs(role: str | None, client: str | None, out: Path, given: Given) -> None:
    """Write the reference of the graph as HTML: a page for each type, and pages of categories, roles and systems.

    Made from the running schema and policy: fields, arguments, categories, who sees what, masks and source systems. It
    needs no network and no script. A reference for a role tells what clients of that role may name, and no more.
    """
    policy = standing(given)
    if role and role not in policy.roles:
        raise click.UsageError(f"unknown role {role!r}; there are {', '.join(policy.roles)}")
    if client and (not role or client not in policy.partners or policy.partners[client].role != role):
        raise click.UsageError(f"no partner {client!r} of the role {role or 'that --role names'}")
    graph = the_graph(ages_of(given.settings(beside_demo=True)))
    book = Book.of(graph, policy, Principal("", role, client=client) if role else None)
    made = [(name, make()) for name, make in contents(book).items()]
    _write(made, _ours(out))
    click.echo(f"{len(made)} pages: {out / 'index.html'}")


def _ours(out: Path) -> Path:
    """A folder for pages: a new or empty one, or one that holds pages of an earlier time, which are taken away."""
    index = out / "index.html"
    if out.exists() and not out.is_dir():
        raise Failed(f"{out} is no folder")
    if out.is_dir() and any(out.iterdir()) and not (index.is_file() and MARK in index.read_text(encoding="utf-8")):
        raise Failed(f"{out} holds something else: choose another folder with --out")
    (out / "types").mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("*.html"), *out.glob("types/*.html")):
        old.unlink()
    return out


def _write(made: Iterable[tuple[str, str]], out: Path) -> None:
    (out / STYLE.name).write_text(STYLE.read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in made:
        (out / name).write_text(text, encoding="utf-8")
