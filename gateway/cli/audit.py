"""`customer360 audit`: what the trail says, and how somebody is forgotten in it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from gateway.cli import audit_proof
from gateway.cli.audit_people import found_out
from gateway.cli.audit_proof import the_trail
from gateway.cli.commands import Failed
from gateway.cli.graph import the_graph
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.standing import standing
from gateway.errors import Refusal
from gateway.policy import BadPolicy
from gateway.policy.reasons import rule
from gateway.settings import Settings
from gateway.trail import store
from gateway.trail.reading import Place, places_of, record
from gateway.trail.record import ALERT, moment
from gateway.trail.replay import Replayed, grants_of, policy_of, replayed
from gateway.trail.vault import Vault
from schema import Category

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
MOST = 1000


@click.group()
def audit() -> None:
    """Who has seen whom: read the trail, check it, hand it out, forget somebody, and decide once more."""


for command in (audit_proof.verify, audit_proof.heads, audit_proof.export):
    audit.add_command(command)


@audit.command("who-saw", epilog="Example:  customer360 audit who-saw Q3VzdG9tZXI6YWJj --json")
@click.argument("customer", metavar="CUSTOMER")
@click.option("--since", type=click.DateTime(), help="Not before this moment (UTC).")
@click.option("--most", type=click.IntRange(1), default=MOST, show_default=True, help="Most records, the newest.")
@click.option(
    "--offline", is_flag=True, help="Ask no system: leave out what was seen of their orders and the like alone."
)
@JSON
@with_settings
def who_saw(customer: str, since: datetime | None, most: int, offline: bool, as_json: bool, given: Given) -> None:
    """Print who was shown anything of a customer: when, in which role and with which client, for what, which
    categories, and by which line of the policy.

    CUSTOMER is an id of the graph, SYSTEM=KEY as `identities` spells it, or an e-mail address. An answer about an order
    need not have named who placed it; so the systems are asked what is theirs today, and records of that are found too.
    """
    settings = given.settings(beside_demo=True)
    people = asyncio.run(found_out(settings, customer, offline=offline))
    with the_trail(settings) as db:
        tags = Vault(settings.key("audit.key")).tags(db, people.ids)
        told = [_told(db, place) for place in places_of(db, tags, most) if _after(place, since)]
    if as_json:
        print_json({"customer": people.ids[0], "complete": not people.missing, "accesses": told})
    else:
        click.echo("\n".join(map(_line, told)) or "nobody")
    if people.missing:
        raise Failed(f"records of what is theirs may be missing: {people.missing}")


@audit.command(epilog="Example:  customer360 audit alerts")
@JSON
@with_settings
def alerts(as_json: bool, given: Given) -> None:
    """Print who read of far more people in an hour than others in their role. Exit code 1 when anybody did."""
    with the_trail(given.settings(beside_demo=True)) as db:
        rows = db.execute("SELECT chain, seq FROM entry WHERE kind = ? ORDER BY at", (ALERT,)).fetchall()
        found = [record(db, *row) for row in rows]
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        usual = "nobody else in that role" if one["usual"] is None else f"others {one['usual']:g}"
        click.echo(f"{one['at']}  {one['who']} as {one['role']}: {one['people']} people in an hour; {usual}")
    if found:
        raise SystemExit(1)


@audit.command(epilog="Example:  customer360 audit forget Q3VzdG9tZXI6YWJj")
@click.argument("customer", metavar="CUSTOMER")
@click.option(
    "--offline", is_flag=True, help="Ask no system what is theirs: records of orders alone keep their orders."
)
@with_settings
def forget(customer: str, offline: bool, given: Given) -> None:
    """Destroy what leads from a customer to the records about them. The records stay, and verify; nobody can tell any
    more whom they are about."""
    settings = given.settings(beside_demo=True)
    people = asyncio.run(found_out(settings, customer, offline=offline))
    if people.missing:
        raise Failed(f"nothing was forgotten: {people.missing}; --offline forgets the customer alone")
    with _writing(settings) as db:
        with store.changing(db):
            gone = Vault(settings.key("audit.key")).forget(db, people.ids)
        if not _emptied(db):
            raise Failed("forgotten; but a reader of the store keeps its log, where the key still is: try again")
    click.echo(f"{gone} ids forgotten", err=True)


@audit.command(epilog="Example:  customer360 audit replay w1.52bcc9:4")
@click.argument("event", metavar="EVENT")
@click.option("--all", "everything", is_flag=True, help="Also coordinates of which both policies decide alike.")
@JSON
@with_settings
def replay(event: str, everything: bool, as_json: bool, given: Given) -> None:
    """Decide a recorded question once more, by the policy of then and by today's, and print where they differ.

    Exit code 1 when they do. EVENT is a record's name, CHAIN:NUMBER, as `who-saw` and `Query.accessLog` tell it."""
    chain, colon, number = event.rpartition(":")
    if not colon or not number.isdecimal():
        raise click.UsageError(f"{event!r} is no CHAIN:NUMBER")
    with the_trail(given.settings(beside_demo=True)) as db:
        try:
            told = record(db, chain, int(number))
            if "document" not in told:
                raise click.UsageError(f"{event} is no question, but a record of the kind {told['kind']}")
            rows = replayed(db, told, the_graph(), standing(given))
        except LookupError as error:
            raise Failed(f"{error.args[0]} is not in the trail") from error
        except (Refusal, BadPolicy) as error:
            raise Failed(f"the question of {event} cannot be decided any more: {error}") from error
    _print_replay(told, [row for row in rows if everything or row.changed], as_json)
    if any(row.changed for row in rows):
        raise SystemExit(1)


def _print_replay(told: Mapping[str, Any], rows: Sequence[Replayed], as_json: bool) -> None:
    if as_json:
        print_json({"record": told, "coordinates": [asdict(row) | {"changed": row.changed} for row in rows]})
        return
    client = f" with {told['client']}" if told["client"] else ""
    click.echo(f"{told['at']}  {told['who'] or 'a customer'} as {told['role']}{client}, for {told['purpose']}")
    for row in rows:
        click.echo(f"{row.coordinate} ({row.category}): recorded {' and '.join(row.recorded) or '-'}")
        click.echo(f"  then {row.then}\n  now  {row.now}")
    if not rows:
        click.echo("today's policy decides as the one of then did")


# -- what the commands share ------------------------------------------------------------------------------------------


@contextmanager
def _writing(settings: Settings) -> Iterator[sqlite3.Connection]:
    try:
        with closing(store.opened(settings.state_dir, settings.seconds("audit.patience_ms"))) as db:
            yield db
    except sqlite3.Error as error:
        raise Failed(f"the trail in {settings.state_dir} cannot be written: {error}") from error


def _emptied(db: sqlite3.Connection) -> bool:
    """The log of changes still has what was deleted, until it is emptied; readers may hold that up for a moment."""
    for _ in range(50):
        if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
            return True
        time.sleep(0.1)
    return False


def _after(place: Place, since: datetime | None) -> bool:
    return since is None or place[0] >= since.replace(tzinfo=UTC).timestamp() * 1000


def _told(db: sqlite3.Connection, place: Place) -> dict[str, Any]:
    told = record(db, place[1], place[2])
    return {
        "event": f"{place[1]}:{place[2]}",
        "at": moment(place[0]),
        "who": told["who"],
        "themself": "caller" in told,
        "role": told["role"],
        "client": told["client"],
        "purpose": told["purpose"],
        "operation": told["operation"],
        "categories": _shown(told),
        "masked": sorted(told["masked"]),
        "why": _why(db, told),
        "sources": told["sources"],
    }


def _shown(told: Mapping[str, Any]) -> list[str]:
    return sorted({*told["read"], *told["beside"]} - {"public"})


def _why(db: sqlite3.Connection, told: Mapping[str, Any]) -> dict[str, str]:
    """By category, the line of the policy of then. Under relations, the line for rows of which all of them hold."""
    try:
        grants = grants_of(told, policy_of(db, told))
    except (LookupError, BadPolicy):
        return {}
    names = sorted({*_shown(told), *told["masked"]} & set(Category))
    return {name: rule(grants, Category(name), frozenset(grants.decide(Category(name)).relations)) for name in names}


def _line(told: Mapping[str, Any]) -> str:
    who = "the customer" if told["themself"] else told["who"]
    client = f" with {told['client']}" if told["client"] else ""
    lines: Iterable[str] = sorted(set(told["why"].values()))
    masked = f"; in part {', '.join(told['masked'])}" if told["masked"] else ""
    shown = f"{', '.join(told['categories']) or 'nothing whole'}{masked}"
    what = f" ({told['operation']})" if told["operation"] else ""
    return (
        f"{told['at']}  {who} as {told['role']}{client}, for {told['purpose']}{what}: {shown}\n"
        f"    because {'; '.join(lines) or 'of a policy that is not kept any more'}; event {told['event']}"
    )
