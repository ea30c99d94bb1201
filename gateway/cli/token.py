"""`customer360 token`: a signed dev token on standard output, and nothing else."""

from __future__ import annotations

import click

from gateway.auth import SCOPE
from gateway.auth.tokens import Tokens, dev_tokens
from gateway.catalogue import nearest
from gateway.cli.commands import Failed
from gateway.cli.lines import Given, with_settings
from gateway.policy import Policy
from gateway.settings import Settings

USUAL = 3600


def tokens_of(settings: Settings, policy: Policy) -> Tokens:
    """What mints for this gateway. Out of dev mode there is nothing to mint: its tokens come from elsewhere."""
    if not settings.dev:
        raise Failed("dev tokens are for dev mode: start a demo here, or give --dev, or set dev.mode = true")
    return dev_tokens(settings, policy.roles)


def checked_role(policy: Policy, role: str, customer: str | None) -> str:
    if role not in policy.roles:
        raise click.UsageError(f"unknown role {role!r}; there are {', '.join(policy.roles)}")
    if "own" in policy.roles[role].grants.relations and not customer:
        raise click.UsageError(f"{role} sees only rows of its own: say whose, with --customer ID")
    return role


def keys_of(given: tuple[str, ...], policy: Policy) -> dict[str, list[str]]:
    """`own-region=EMEA own-region=APAC` → by relation."""
    known = {relation for relation, _ in policy.relations} - {"own", "consenting"}
    keys: dict[str, list[str]] = {}
    for word in given:
        relation, equals, key = word.partition("=")
        if not equals or not key or relation not in known:
            raise click.UsageError(f"--key takes RELATION=KEY, not {word!r}; relations are {', '.join(sorted(known))}")
        keys.setdefault(relation, []).append(key)
    return keys


def scopes_of(given: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    for scope in given:
        if scope not in (SCOPE, *policy.scopes):
            raise click.UsageError(f"there is no scope {scope!r}{nearest(scope, policy.scopes)}")
    return given or (SCOPE,)


@click.command(epilog="Example:  customer360 token --role support_agent --ttl 600")
@click.option("--role", required=True, help="A role of gateway/policy/roles.toml.")
@click.option("--customer", metavar="ID", help="The customer who asks: the `id` of the graph.")
@click.option("--client", metavar="ID", default="customer360-cli", show_default=True, help="Application that asks.")
@click.option("--purpose", metavar="P", help="Bind the token to one purpose of use.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="RELATION=KEY",
    help="What our systems call the caller, for rules on rows: own-region=EMEA. A partner's keys are in partners.toml.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What the token is for: a scope of gateway/policy/scopes.toml; may be repeated. All of it if left out.",
)
@click.option("--subject", metavar="NAME", help="Name for the audit trail.")
@click.option("--ttl", type=int, default=USUAL, show_default=True, metavar="SECONDS", help="Lifetime in seconds.")
@click.option("--dev", is_flag=True, help="Dev mode, when it is not set already: the same as --set dev.mode=true.")
@with_settings
def token(
    role: str,
    customer: str | None,
    client: str,
    purpose: str | None,
    keys: tuple[str, ...],
    scopes: tuple[str, ...],
    subject: str | None,
    ttl: int,
    dev: bool,
    given: Given,
) -> None:
    """Print a dev token. It is good for the gateway that shares this folder's state, or the same auth.dev_key."""
    settings = given.settings({"dev.mode": True} if dev else None, beside_demo=True)
    policy = Policy.read()
    tokens = tokens_of(settings, policy)
    role = checked_role(policy, role, customer)
    try:
        named = keys_of(keys, policy)
        for_ = scopes_of(scopes, policy)
        minted = tokens.mint(
            role, subject=subject, client=client, purpose=purpose, customer=customer, keys=named, scopes=for_, ttl=ttl
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(minted)
