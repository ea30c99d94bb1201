"""`customer360 policy register`: a record of processing (GDPR, Art. 30), made from the policy itself: which kinds of
data who receives, for which purpose, on which rows, and masked or whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from gateway.auth import Principal
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.standing import standing
from gateway.policy import ROLES, Grants, Policy
from gateway.policy.reasons import sentence
from schema import Category

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Processing:
    """One kind of data that one recipient gets for one purpose. `how`: on which rows, and whether only in part."""

    purpose: str
    category: str
    why: str
    recipient: str
    kind: str
    title: str
    how: str


@click.command("register", epilog="Example:  customer360 policy register --json > processing.json")
@click.option("--roles", type=FILE, default=ROLES, help="Roles; those of the gateway if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
def processing(roles: Path, as_json: bool, given: Given) -> None:
    """Print the record of processing: purpose by purpose, which data is disclosed to whom, and on which rows.

    Partners are those of the register of this folder, each as far as its role, purposes and scopes go.
    """
    known = standing(given)
    policy = known if roles == ROLES else Policy(Policy.read(roles, None).roles, known.partners, known.scopes)
    found = sorted(entries(policy), key=lambda one: (one.purpose, one.category, one.recipient))
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        click.echo("\n".join(lines(found)))


def entries(policy: Policy) -> Iterator[Processing]:
    for role in policy.roles.values():
        for purpose, grants in role.by_purpose.items():
            yield from _disclosed(purpose, grants, role.name, "role", role.title)
    for partner in policy.partners.values():
        asking = Principal("", partner.role, partner.client)
        for purpose in policy.purposes(asking):
            grants = policy.grants(asking, purpose)
            yield from _disclosed(purpose, grants, partner.client, "partner", partner.title)


def _disclosed(purpose: str, grants: Grants, recipient: str, kind: str, title: str) -> Iterator[Processing]:
    for category in grants.categories:
        if category is not Category.PUBLIC:
            how = sentence(grants, category, None)
            yield Processing(purpose, category.value, category.why, recipient, kind, title, how)


def lines(found: list[Processing]) -> Iterator[str]:
    """For people: a heading for each purpose, and below it for each kind of data."""
    above: tuple[str, str] = ("", "")
    for one in found:
        if one.purpose != above[0]:
            yield f"{chr(10) if above[0] else ''}For {one.purpose}:"
        if (one.purpose, one.category) != above:
            yield f"  {one.category}. {one.why}"
        above = (one.purpose, one.category)
        yield f"    {one.recipient:20} {one.how}"
