"""`customer360 partner try`: ask a question as a partner would, and see why the answer is what it is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from gateway.app import App, registered
from gateway.auth import SCOPE, Principal
from gateway.cli.commands import Failed
from gateway.cli.explain import a_text, refused, the_variables
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.opening import opened
from gateway.engine.explain import Explanation, explain
from gateway.errors import Refusal
from gateway.policy import Policy
from gateway.question import Options, Question
from gateway.settings import Settings
from schema import Category

TRYING = "partner-try"
"""Who asks, in the trail: not the partner."""


@click.command("try", epilog="""Example:  customer360 partner try northwind '{ products { nodes { name } } }'""")
@click.argument("client", metavar="CLIENT")
@click.argument("query", metavar="QUERY|@FILE|-")
@click.option("--variables", default="{}", metavar="JSON", help="Variables of the query, as a JSON object.")
@click.option("--operation", metavar="NAME", help="Which operation, when the document has several.")
@click.option("--purpose", metavar="P", help="What for; the partner's usual purpose if left out.")
@click.option("--scope", "scopes", multiple=True, help="As if with a token for no more than this; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: answer, errors, explanation.")
@with_settings
def attempt(
    client: str,
    query: str,
    variables: str,
    operation: str | None,
    purpose: str | None,
    scopes: tuple[str, ...],
    as_json: bool,
    given: Given,
) -> None:
    """Ask the systems a question as this partner, and explain the answer: what was asked, what is not shown, and what
    it would take. Exit code 1 when the partner would be refused."""
    question = Question(a_text(query), operation, the_variables(variables))
    told = asyncio.run(_tried(given, client, question, purpose, frozenset(scopes or {SCOPE})))
    if as_json:
        print_json(told)
    else:
        click.echo("\n".join(_lines(told)))
    if told["refused"] or told["revoked"]:
        raise Failed("the partner would be refused")


async def _tried(
    given: Given, client: str, question: Question, purpose: str | None, scopes: frozenset[str]
) -> dict[str, Any]:
    settings = given.settings(beside_demo=True)
    app = opened(settings)
    try:
        partner = app.policy.partners.get(client)
        if partner is None:
            raise Failed(f"there is no partner {client!r}; there are {', '.join(app.policy.partners) or 'none'}")
        principal = Principal(TRYING, partner.role, client, scopes=scopes)
        answer = await _answer(app, question, principal, purpose)
        return _let_in(settings, client) | answer | _explained(app, question, principal, purpose)
    finally:
        await app.stop()


def _let_in(settings: Settings, client: str) -> dict[str, Any]:
    """Whether the question would be heard at all."""
    _, register = registered(settings)
    with closing(register.store):
        entry, revoked = register.entries()[client], register.revoked(client)
        keys = [key for key in register.keys_of(client) if key.expires > time.time()]
    since = datetime.fromtimestamp(revoked, UTC).isoformat() if revoked else None
    return {"revoked": since, "keys": None if entry.get("issuer") else len(keys)}


async def _answer(app: App, question: Question, principal: Principal, purpose: str | None) -> dict[str, Any]:
    try:
        body = await app.pipeline(question, principal, Options(request_id="try", purpose=purpose))
        return {"refused": [], "answer": json.loads(body)}
    except Refusal as refusal:
        return {"refused": [dict(error) for error in refusal.errors], "answer": None}


def _explained(app: App, question: Question, principal: Principal, purpose: str | None) -> dict[str, Any]:
    """As the person who asks may know it, who sees more than the partner: the whole schema, and every reason."""
    policy = app.policy
    held = policy.scopes_of(principal)
    told = {"role": principal.role, "purposes": list(policy.purposes(principal)), "scopes": sorted(held)}
    try:
        grants = policy.grants(principal, purpose)
        limits = app.pipeline.prepared.limits
        plan = explain(app.graph, grants, question.query, question.variables, limits, question.operation_name)
    except Refusal:
        return told
    return told | {"plan": plan.as_json(), "takes": _takes(policy, plan, principal), "lines": list(plan.lines())}


def _takes(policy: Policy, plan: Explanation, principal: Principal) -> dict[str, str]:
    """What it would take to see what is withheld, by coordinate."""
    return {
        gap.coordinate: _needed(policy, Category(gap.category), principal)
        for gap in plan.gaps
        if gap.category and gap.reason == "WITHHELD"
    }


def _needed(policy: Policy, category: Category, principal: Principal) -> str:
    role = policy.roles[principal.role]
    ever = [purpose for purpose, grants in role.by_purpose.items() if grants.decide(category).ever]
    if not ever:
        return f"{role.name} sees nothing that is {category.value}"
    if SCOPE not in policy.scopes_of(principal) and not policy.grants(principal, ever[0]).decide(category).ever:
        names = [name for name, scope in policy.scopes.items() if category in scope.categories]
        return f"a scope that reaches {category.value}: {' or '.join(names)}"
    relations = role.by_purpose[ever[0]].decide(category).relations
    return f"the purpose {' or '.join(ever)}" + (f", on rows that are {' and '.join(relations)}" if relations else "")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"As {told['role']}, for {', '.join(told['purposes'])}, with the scopes {', '.join(told['scopes'])}."
    if told["revoked"]:
        yield f"Revoked since {told['revoked']}: whatever they show is refused. `partner revoke --undo` ends that."
    elif told["keys"] == 0:
        yield "They have no good key: `partner rotate` makes one."
    yield ""
    for error in told["refused"]:
        yield f"Refused: {refused(error)}"
    if told["answer"] is not None:
        yield json.dumps(told["answer"], ensure_ascii=False, indent=2)
    yield ""
    yield from told.get("lines", ())
    for coordinate, needed in told.get("takes", {}).items():
        yield f"  {coordinate} would take {needed}"
