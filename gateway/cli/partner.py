"""`customer360 partner`: the register of partners in the store; running gateways follow within two seconds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.app import registered
from gateway.catalogue import nearest
from gateway.cli.commands import Failed
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.partner_file import as_toml
from gateway.cli.trying import attempt
from gateway.engine.consistent import problems
from gateway.errors import BadPolicy
from gateway.policy import Policy
from gateway.policy.partners import LIMITS
from gateway.policy.reading import tables
from gateway.settings import Settings
from gateway.store.keys import Key
from gateway.store.register import Register, Unknown

CLIENT = click.argument("client", metavar="CLIENT")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
DAYS = click.option(
    "--days", type=click.IntRange(1, 730), default=90, show_default=True, help="How long a new key is good."
)


@click.group()
def partner() -> None:
    """Add partners, give them keys, try what they see, and revoke. No restart: running gateways follow in 2 seconds."""


@partner.command(
    epilog="Example:  customer360 partner add northwind --role partner_reseller --title 'Northwind Retail resells.'"
    " --key own-channel=PARTNER --scope orders.basic:read"
)
@CLIENT
@click.option("--role", required=True, help="A role of roles.toml for partners.")
@click.option("--title", required=True, help="Who they are, in one sentence.")
@click.option("--key", "keys", multiple=True, metavar="RELATION=KEY", help="What our systems call them there.")
@click.option("--scope", "scopes", multiple=True, help="What their tokens may be for; may be repeated.")
@click.option("--purpose", "purposes", multiple=True, help="Fewer purposes than the role's; may be repeated.")
@click.option("--issuer", metavar="NAME", help="Who issues their tokens (issuers.NAME.*); without: they get a key.")
@click.option("--clients", help="redact: what they may not see is null; reject: who names it is refused.")
@click.option("--disclosure", help="How much of a reason they are told: full, category or reference.")
@click.option("--per-minute", type=int, help="Most requests in a minute.")
@click.option("--rows", type=int, help="Most rows that the list sizes of one question may multiply to.")
@click.option("--values", type=int, help="Most values that an answer may come to by its list sizes.")
@click.option("--at-once", type=int, help="Most requests at the same time.")
@click.option("--replace", is_flag=True, help="Change what stands of a partner; its keys stay good.")
@DAYS
@JSON
@with_settings
def add(client: str, replace: bool, days: int, as_json: bool, given: Given, **said: Any) -> None:
    """Add a partner, and print its first key: this once, it is kept nowhere."""
    if not client.isprintable() or client.split() != [client] or len(client) > 64:
        raise click.UsageError("a client id is one word of up to 64 characters")
    settings = given.settings(beside_demo=True)
    entry = _entry(said)
    if entry.get("issuer", "") not in ("", *settings.issuers()):
        raise click.UsageError(f"no issuer {entry['issuer']!r}{nearest(entry['issuer'], settings.issuers())}")
    with _register(settings) as (policy, register):
        if client in register.entries() and not replace:
            raise Failed(f"there is a partner {client!r} already: --replace changes it")
        _put(policy, register, {client: entry})
        if entry.get("issuer") or register.keys_of(client):
            _told(register, client, None, as_json)
        else:
            _told(register, client, register.new_key(client, days), as_json)


@partner.command("list", epilog="Example:  customer360 partner list --json")
@JSON
@with_settings
def listed(as_json: bool, given: Given) -> None:
    """Every partner: its role, how it is let in, and whether it still is."""
    with _register(given.settings(beside_demo=True)) as (_, register):
        found = [_shown(register, client) for client in register.entries()]
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        way = f"tokens of {one['issuer']}" if one.get("issuer") else f"{sum(k['good'] for k in one['key'])} good keys"
        click.echo(f"{one['client']:24} {one['role']:20} {'revoked' if one['revoked'] else way}")


@partner.command(epilog="Example:  customer360 partner show northwind")
@CLIENT
@JSON
@with_settings
def show(client: str, as_json: bool, given: Given) -> None:
    """What stands of a partner, and its keys as far as they may be shown."""
    with _register(given.settings(beside_demo=True)) as (_, register):
        shown = _shown(register, client)
    if as_json:
        print_json(shown)
    else:
        click.echo("\n".join(_lines(shown)))


@partner.command(epilog="Example:  customer360 partner rotate northwind --overlap 48")
@CLIENT
@click.option(
    "--overlap", type=click.IntRange(0, 24 * 90), default=24, show_default=True, help="Hours that old keys stay good."
)
@DAYS
@JSON
@with_settings
def rotate(client: str, overlap: int, days: int, as_json: bool, given: Given) -> None:
    """Give a partner a new key, and let the old ones end after a while."""
    with _register(given.settings(beside_demo=True)) as (_, register):
        if register.entries().get(client, {}).get("issuer"):
            raise Failed(f"{client} has tokens of an issuer of its own, and no key")
        _told(register, client, register.new_key(client, days, overlap * 3600), as_json)


@partner.command(epilog="Example:  customer360 partner revoke northwind")
@click.argument("client", metavar="CLIENT", required=False)
@click.option("--key", "key", metavar="ID", help="Only this key of the partner's.")
@click.option("--token", "token", metavar="JTI", help="Instead of a client: one token, by its id.")
@click.option("--undo", is_flag=True, help="Let the client in again; it needs a new key (rotate).")
@with_settings
def revoke(client: str | None, key: str | None, token: str | None, undo: bool, given: Given) -> None:
    """Let a client in no more, with whatever it shows; or one of its keys, or one token of anybody's."""
    settings = given.settings(beside_demo=True)
    if bool(client) == bool(token) or (token and (key or undo)) or (key and undo):
        raise click.UsageError("say which CLIENT (with --key or --undo, if you like), or which --token")
    with _register(settings) as (_, register):
        if token:
            register.revoke_token(token, _longest(settings))
        elif key:
            register.revoke_key(str(client), key)
        else:
            register.revoke(str(client), undo=undo)


@partner.command("import", epilog="Example:  customer360 partner import partners.toml")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def imported(source: Path, given: Given) -> None:
    """Take in partners of a file as `export` writes it: those in it are added or changed, others stay."""
    with _register(given.settings(beside_demo=True)) as (policy, register):
        entries = tables(source)
        _put(policy, register, entries)
    click.echo(f"{len(entries)} partners", err=True)


@partner.command("export", epilog="Example:  customer360 partner export > partners.toml")
@with_settings
def exported(given: Given) -> None:
    """Print all partners as a file (TOML), without keys: those are in no file."""
    with _register(given.settings(beside_demo=True)) as (_, register):
        click.echo(as_toml(register.entries()), nl=False)


partner.add_command(attempt)


@contextmanager
def _register(settings: Settings) -> Iterator[tuple[Policy, Register]]:
    try:
        policy, register = registered(settings)
        with closing(register.store):
            yield policy, register
    except Unknown as error:
        raise Failed(f"there is no {error.args[0]!r} in the register, or it is revoked") from error
    except sqlite3.Error as error:
        raise Failed(f"the register in {settings.state_dir} cannot be used: {error}") from error


def _put(policy: Policy, register: Register, entries: Mapping[str, Any]) -> None:
    """Raises Failed for what does not fit the policy or the graph."""
    try:
        partners = {client: register.checked(client, entry) for client, entry in entries.items()}
    except BadPolicy as fault:
        raise Failed(str(fault)) from fault
    for problem in problems(the_graph(), Policy(policy.roles, partners, policy.scopes)):
        raise Failed(problem)
    register.put(entries)


def _entry(said: Mapping[str, Any]) -> dict[str, Any]:
    """The table that the flags say."""
    keys: dict[str, list[str]] = {}
    for word in said["keys"]:
        relation, equals, key = word.partition("=")
        if not equals or not key:
            raise click.UsageError(f"--key takes RELATION=KEY, not {word!r}")
        keys.setdefault(relation, []).append(key)
    limits = {name: said[name] for name in LIMITS if said[name] is not None}
    plain = {name: said[name] for name in ("issuer", "clients", "disclosure") if said[name]}
    listed = {name: list(said[name]) for name in ("scopes", "purposes") if said[name]}
    entry = {"title": said["title"], "role": said["role"], "keys": keys, **listed, **plain}
    return entry | ({"limits": limits} if limits else {})


def _longest(settings: Settings) -> int:
    """Seconds that any token may still be good."""
    return max(
        settings.number("auth.max_ttl"), *(settings.number(f"issuers.{n}.max_ttl") for n in settings.issuers()), 0
    )


def _told(register: Register, client: str, new: tuple[str, Key] | None, as_json: bool) -> None:
    """The key alone on standard output, so that it can be piped to where it belongs; the rest beside it."""
    if as_json:
        print_json(_shown(register, client) | ({"secret": new[0]} if new else {}))
        return
    if new:
        click.echo(new[0])
        click.echo(f"This is the key of {client}, shown this once; good until {_moment(new[1].expires)}.", err=True)
    click.echo("\n".join(_lines(_shown(register, client))), err=True)


def _shown(register: Register, client: str) -> dict[str, Any]:
    revoked, now = register.revoked(client), time.time()
    keys = [
        {"id": key.id, "made": _moment(key.made), "expires": _moment(key.expires), "good": key.expires > now}
        for key in register.keys_of(client)
    ]
    entry = register.entries()[client]
    return {"client": client, **entry, "revoked": _moment(revoked) if revoked else None, "key": keys}


def _lines(shown: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown.items():
        if name != "key" and value not in (None, {}):
            yield f"{name:12} {_words(value)}"
    for key in shown["key"]:
        yield f"key          {key['id']}, {'good until' if key['good'] else 'ended'} {key['expires']}"


def _words(value: Any) -> str:
    """As the flags of `add` say it."""
    match value:
        case dict():
            return ", ".join(f"{name}={one}" for name, some in value.items() for one in _several(some))
        case list():
            return ", ".join(map(str, value))
    return str(value)


def _several(some: Any) -> list[Any]:
    return some if isinstance(some, list) else [some]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
