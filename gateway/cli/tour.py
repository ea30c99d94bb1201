"""What somebody needs who has just started a demo: addresses, tokens for a few roles, and one question to paste."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.auth.tokens import dev_tokens
from gateway.policy import Policy
from gateway.settings import Settings

SHOWN = ("support_agent", "warehouse", "finance", "marketer", "auditor")
QUESTION = Path(__file__).with_name("tour.graphql").read_text(encoding="utf-8")
WHO = "query Who($by: CustomerBy!) { customer(by: $by) { id } }"


@dataclass(frozen=True, slots=True)
class Tour:
    """`customer`: the id of the one the question asks about; None when the systems could not say who that is."""

    url: str
    mocks: Mapping[str, str]
    secret: str
    tokens: Mapping[str, str]
    hours: int
    customers: int
    variables: Mapping[str, Any]
    customer: str | None
    name: str
    dev_secret: str = ""

    @property
    def page(self) -> str:
        """Where to begin. Browsers send nobody what stands behind the #."""
        return opening(self.url, self.dev_secret)

    def as_json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "page": self.page,
            "mocks": self.mocks,
            "secret": self.secret,
            "devSecret": self.dev_secret,
            "graphiql": self.graphiql,
            "tokens": self.tokens,
            "customer": self.customer,
            "query": QUESTION,
            "variables": self.variables,
        }

    @property
    def graphiql(self) -> str:
        """The part behind # lets in who started this; browsers send it to nobody."""
        return f"{self.url}/graphiql#dev={self.dev_secret}"

    def as_text(self) -> str:
        return "\n".join((*self._addresses(), *self._tokens(), *self._question()))

    def _addresses(self) -> list[str]:
        lines = [f"\nReady: {self.customers:,} customers in {len(self.mocks)} systems. Ctrl-C ends it.\n"]
        lines += [f"Open this in a browser, it takes a minute:\n\n  {self.page}\n"]
        lines += [f"  {'GraphiQL':14}{self.graphiql}\n"]
        lines += [f"  {name:14}{url}" for name, url in {"gateway": f"{self.url}/graphql", **self.mocks}.items()]
        example = next(iter(self.mocks.values()), "")
        control = f"curl -s -H 'X-Mock-Secret: {self.secret}' {example}/_mock/requests"
        return [*lines, "\nWhat a system was asked (and faults, with POST to /_mock/faults):\n", f"  {control}\n"]

    def _tokens(self) -> list[str]:
        told = f"Tokens, good for {self.hours} h on this machine (more: customer360 token --role ROLE):\n"
        return [told, *(f"  {role.upper()}={token}" for role, token in self.tokens.items()), ""]

    def _question(self) -> list[str]:
        query = " ".join(line.strip() for line in QUESTION.splitlines() if not line.lstrip().startswith("#"))
        body = json.dumps({"query": query, "variables": self.variables}, ensure_ascii=False)
        return [
            f"Ask about {self.name}, as a support agent; then with another token:\n",
            f"  curl -s {self.url}/graphql \\",
            f"    -H 'Authorization: Bearer {next(iter(self.tokens.values()))}' \\",
            "    -H 'Content-Type: application/json' \\",
            f"    -d {shlex.quote(body)}\n",
        ]


def opening(url: str, dev_secret: str) -> str:
    """The address of the front page, for who has the secret of this start."""
    return f"{url}/#dev={dev_secret}" if dev_secret else f"{url}/"


async def prepared(settings: Settings, url: str, world: Mapping[str, Any], dev_secret: str = "") -> Tour:
    """Mint the tokens, and ask the gateway itself who the sample customer is: the demo's own first question."""
    tokens = dev_tokens(settings, Policy.read().roles)
    lifetime = settings.number("auth.max_ttl")
    minted = {role: tokens.mint(role, ttl=lifetime) for role in SHOWN}
    sample = world.get("sample") or {}
    variables = {"by": {"orderNumber": sample.get("order", "1")}}
    customer = await _who(url, minted[SHOWN[0]], variables)
    if customer:
        minted["customer"] = tokens.mint("customer", customer=customer, ttl=lifetime)
    return Tour(
        url=url,
        mocks=world["urls"],
        secret=settings.text("mocks.secret"),
        tokens=minted,
        hours=lifetime // 3600,
        customers=world["customers"],
        variables=variables,
        customer=customer,
        name=sample.get("name", "somebody"),
        dev_secret=dev_secret,
    )


async def _who(url: str, token: str, variables: Mapping[str, Any]) -> str | None:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            headers = {"Authorization": f"Bearer {token}"}
            reply = await client.post(f"{url}/graphql", json={"query": WHO, "variables": variables}, headers=headers)
            return str(reply.json()["data"]["customer"]["id"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
