"""`customer360 settings`: every setting, its value, where that comes from, and what it is for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.catalogue import Row, catalogue
from gateway.cli.lines import Given, print_json, with_settings
from gateway.settings import Settings

AN_ISSUER = "issuers.name."
"""For the listing: every issuer has these settings, under the name it is given."""


def listed() -> str:
    """The catalogue as text for `--help`: name, default, what for."""
    rows = catalogue((AN_ISSUER,)).values()
    return "\n".join(f"  {row.name} = {_shown(row, row.default)}\n      {row.help}" for row in rows)


@click.command(epilog="Example:  customer360 settings --set listen.port=9000 --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def settings(as_json: bool, given: Given) -> None:
    """Print every setting with its value and origin. Secrets are shown as (set) or empty.

    A settings file is TOML: `listen.port = 9000`. In the environment the same is CUSTOMER360_LISTEN__PORT=9000:
    capitals, `__` for a dot, `_` for a dash; lists are separated by commas. Later ones win: defaults, a demo that runs
    in this folder, the file (--settings, CUSTOMER360_SETTINGS or ./customer360.toml), the environment, the command
    line. An unknown name stops the start. CUSTOMER360_NOW sets world.now.
    """
    found = given.settings(beside_demo=True)
    rows = [_entry(found, row) for row in found.rows.values()]
    if as_json:
        print_json(rows)
        return
    for entry in rows:
        click.echo(f"{entry['name']} = {entry['value']!s}   [{entry['origin']}]\n    {entry['help']} ({entry['env']})")


def _entry(found: Settings, row: Row) -> dict[str, Any]:
    value = _shown(row, found.values[row.name])
    return {"name": row.name, "value": value, "origin": found.origins[row.name], "env": row.env, "help": row.help}


def _shown(row: Row, value: Any) -> Any:
    if row.type == "secret":
        return "(set)" if value else ""
    if isinstance(value, tuple | list):
        return ", ".join(value)
    if isinstance(value, Path | datetime):
        return str(value)
    return "" if value is None else value
