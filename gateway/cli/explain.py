"""`customer360 explain`: what would be asked of which system for one question, and what the role would not be shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway.app import limits_of
from gateway.auth import Principal
from gateway.cli.commands import Failed
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.standing import standing
from gateway.engine.explain import Explanation, explain
from gateway.errors import Refusal
from gateway.policy import Grants, Policy
from gateway.strict_json import NotJson, read_json


@click.command(
    "explain", epilog="""Example:  customer360 explain --role warehouse '{ order(number: "1") { total { amount } } }'"""
)
@click.option("--role", help="Who asks: a role of gateway/policy/roles.toml.")
@click.option(
    "--client", metavar="ID", help="Or which partner's client, of the register: in its role, for its purposes."
)
@click.option("--purpose", metavar="P", help="What for; their usual purpose if left out.")
@click.argument("query", metavar="QUERY|@FILE|-")
@click.option("--variables", default="{}", metavar="JSON", help="Variables of the query, as a JSON object.")
@click.option("--operation", metavar="NAME", help="Which operation, when the document has several.")
@click.option("--code", is_flag=True, help="Print the functions that would shape the answer instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def explained(
    role: str | None,
    client: str | None,
    purpose: str | None,
    query: str,
    variables: str,
    operation: str | None,
    code: bool,
    as_json: bool,
    given: Given,
) -> None:
    """Print the plan of a question without asking anybody: calls, columns, and what is withheld and why.

    QUERY is the text itself, @FILE, or - for standard input. Exit code 1 when the gateway would refuse it.
    """
    policy = standing(given)
    asking, grants = _asking(policy, role, client, purpose)
    limits = limits_of(given.settings(beside_demo=True))
    try:
        told = explain(
            the_graph(), grants, a_text(query), the_variables(variables), limits, operation, policy.ceiling(asking)
        )
    except Refusal as refusal:
        raise Failed("\n".join(refused(error) for error in refusal.errors)) from refusal
    _print(told, code, as_json)


def _asking(policy: Policy, role: str | None, client: str | None, purpose: str | None) -> tuple[Principal, Grants]:
    """The callers named on the command line, and what they see."""
    partner = policy.partners.get(client or "")
    if client and not partner:
        raise click.UsageError(f"unknown client {client!r}; partners' are {', '.join(policy.partners)}")
    named = partner.role if partner else role or ""
    if named not in policy.roles:
        told = f"unknown role {role!r}" if role else "say who asks, with --role or --client"
        raise click.UsageError(f"{told}; there are {', '.join(policy.roles)}")
    if partner and role not in (None, partner.role):
        raise click.UsageError(f"{client} is a {partner.role}, not a {role}")
    asking = Principal("", named, client=client)
    purposes = policy.purposes(asking)
    if purpose and purpose not in purposes:
        raise click.UsageError(f"{client or role} has no purpose {purpose!r}; it has {', '.join(purposes) or 'none'}")
    return asking, policy.grants(asking, purpose)


def _print(told: Explanation, code: bool, as_json: bool) -> None:
    if code:
        click.echo("\n".join(told.code))
    elif as_json:
        print_json(told.as_json())
    else:
        click.echo("\n".join(told.lines()))


def a_text(query: str) -> str:
    try:
        if query == "-":
            return sys.stdin.read()
        return Path(query[1:]).read_text(encoding="utf-8") if query.startswith("@") else query
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{query}: cannot be read: {error}") from error


def the_variables(text: str) -> dict[str, Any]:
    try:
        found = read_json(text.encode("utf-8", "surrogateescape"))
    except NotJson as error:
        raise click.UsageError(f"--variables: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError("--variables is not a JSON object")
    return found


def refused(error: dict[str, Any]) -> str:
    at = "".join(f" (line {place['line']}, column {place['column']})" for place in error.get("locations", ()))
    return f"{error.get('extensions', {}).get('code', 'refused')}: {error['message']}{at}"
