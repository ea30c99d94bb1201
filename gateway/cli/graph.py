"""`customer360 sdl`, `who-sees`, `sources`: the graph, read from its own declarations. No system is asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

import schema
from gateway.app import ages_of
from gateway.auth import Principal
from gateway.catalogue import nearest
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.standing import standing
from gateway.engine.fresh import ALL_LIVE, Ages
from gateway.engine.graph import Graph
from gateway.engine.register import SourceRow, source_rows, which_partners_see, who_sees
from gateway.engine.views import Views, printed
from gateway.policy import Policy
from resolvers.whole import bindings


def the_graph(ages: Ages = ALL_LIVE) -> Graph:
    return Graph.build(schema.build(), bindings(), ages)


@click.command(epilog="Example:  customer360 sdl --role partner_carrier")
@click.option("--role", help="What clients of this role may name; the whole if left out.")
@click.option("--client", metavar="ID", help="Of the role's partner with this client id.")
@with_settings
def sdl(role: str | None, client: str | None, given: Given) -> None:
    """Print the schema as SDL, each coordinate with the category one needs to know it."""
    policy, declared = standing(given), schema.build()
    if role and role not in policy.roles:
        raise click.UsageError(f"unknown role {role!r}; there are {', '.join(policy.roles)}")
    if client and (not role or client not in policy.partners or policy.partners[client].role != role):
        raise click.UsageError(f"no partner {client!r} of the role {role or 'that --role names'}")
    ceiling = policy.ceiling(Principal("", role, client=client)) if role else None
    view = Views.over(Graph.build(declared, bindings())).of(ceiling)
    click.echo(printed(declared, view), nl=False)


@click.command(epilog="Example:  customer360 sources Order --json")
@click.argument("field", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def sources(field: str | None, as_json: bool, given: Given) -> None:
    """Say where every field comes from: system, operation, columns, whether we compute it, and how old it may be.

    FIELD shows what begins with it, for example Order or Order.total. Exit code 1 when nothing does.
    """
    graph = the_graph(ages_of(given.settings(beside_demo=True)))
    rows = [row for row in source_rows(graph) if field is None or f"{row.field}.".startswith(f"{field}.")]
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        for row in rows:
            click.echo(_source(row))
    if not rows:
        raise click.ClickException(f"no field begins with {field!r}")


@click.command("who-sees", epilog="Example:  customer360 who-sees Customer.email --json")
@click.argument("coordinate", required=False)
@click.option("--role", help="Only this role.")
@click.option("--purpose", metavar="P", help="For this purpose only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
@click.pass_context
def seen_by(
    ctx: click.Context, coordinate: str | None, role: str | None, purpose: str | None, as_json: bool, given: Given
) -> None:
    """Say who sees a coordinate, such as Customer.email or Query.customer(by:); without one, for all of them.

    Role by role, then partner by partner: whole or masked, on which rows, and for which purpose where that matters.
    Exit code 1 when nobody does, or not the role that was named.
    """
    graph, policy = the_graph(), standing(given)
    if role and role not in policy.roles:
        raise click.UsageError(f"unknown role {role!r}; there are {', '.join(policy.roles)}")
    if coordinate and coordinate not in graph.categories:
        raise click.UsageError(f"the graph has no {coordinate!r}{nearest(coordinate, graph.categories)}")
    rows = [_seen(graph, policy, one, role, purpose) for one in ([coordinate] if coordinate else graph.categories)]
    if as_json:
        print_json(rows)
    else:
        click.echo("\n".join(_seen_lines(row, policy) for row in rows))
    ctx.exit(0 if any(_sees(told) for row in rows for told in row["roles"].values()) else 1)


def _seen(graph: Graph, policy: Policy, coordinate: str, only: str | None, purpose: str | None) -> dict[str, Any]:
    roles = who_sees(graph, policy, coordinate, purpose)
    clients = which_partners_see(graph, policy, coordinate, purpose)
    named = {one.client for one in policy.partners.values() if only in (None, one.role)}
    return {
        "coordinate": coordinate,
        "category": graph.categories[coordinate].value,
        "roles": {name: said for name, said in roles.items() if only in (None, name.partition(" ")[0])},
        "partners": {name: said for name, said in clients.items() if name.partition(" ")[0] in named},
    }


def _sees(sentence: str) -> bool:
    return sentence.startswith("sees")


def _seen_lines(row: dict[str, Any], policy: Policy) -> str:
    lines = [f"{row['coordinate']} is {row['category']}"]
    lines += [f"  {name:28} {told}" for name, told in row["roles"].items()]
    for name, told in row["partners"].items():
        one = policy.partners[name.partition(" ")[0]]
        keys = "; ".join(f"{relation}: {', '.join(keys)}" for relation, keys in one.keys.items() if keys)
        lines.append(f"  {name:28} {told} (client in the role {one.role}; {keys or 'no keys'})")
    return "\n".join(lines)


def _source(row: SourceRow) -> str:
    asked = f"{row.system}.{row.operation}({', '.join(row.columns)})" if row.operation else row.system
    return f"{row.field:42} {row.mode:8} {asked}{'' if row.freshness == 'live' else f'  [{row.freshness}]'}"
