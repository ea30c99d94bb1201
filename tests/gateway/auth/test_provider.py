"""Tokens of a real authorization server (npm: oidc-provider), as its clients get them: client credentials, rotation.

It needs Node.js and npm. Without them the test is skipped, loudly; with REQUIRE_ALL=1, as in CI, it fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth.compact import decoded
from gateway.auth.door import Believer
from gateway.auth.issuers import issuers
from gateway.errors import Unauthenticated
from tests.company import Company, Founding
from tests.gateway.questions.shared import shared

pytestmark = [pytest.mark.anyio, pytest.mark.alone]  # an issuer gives its keys within two seconds, or not for thirty

FOLDER = Path(__file__).parent / "provider"
MISSING = "Node.js 18 or newer and npm are needed to run an OAuth server (Debian: apt-get install nodejs npm)"
CLIENTS = [
    ["desk", "desk-secret", "graphql"],
    ["stranger", "stranger-secret", "graphql"],
    ["northstar", "northstar-secret", "orders.basic:read"],
]
SOMEBODY = '{ order(number: "411180277") { status customer { name } } }'


@dataclass
class Provider:
    """The server, and what it is told on its standard input."""

    url: str
    algorithm: str
    process: asyncio.subprocess.Process

    async def told(self, line: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n".encode())
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), 20))

    async def token(self, client: str, scope: str = "graphql") -> str:
        async with httpx.AsyncClient(trust_env=False, auth=(client, f"{client}-secret")) as http:
            form = {"grant_type": "client_credentials", "scope": scope}
            reply = await http.post(f"{self.url}/token", data=form)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The server's packages, as its lock file has them; installed by one process of a test run."""
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("REQUIRE_ALL"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    shared(tmp_path_factory, "provider-packages", installed)


def installed() -> None:
    copy, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if not (copy.is_file() and copy.stat().st_mtime >= lock.stat().st_mtime):
        line = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        subprocess.run(line, cwd=FOLDER, stdout=subprocess.DEVNULL, timeout=240, check=True)  # noqa: S603 - our own


@asynccontextmanager
async def provided(algorithm: str) -> AsyncIterator[Provider]:
    process = await asyncio.create_subprocess_exec(
        "node",
        "provider.mjs",
        algorithm,
        "customer360",
        json.dumps(CLIENTS),
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield Provider(json.loads(line)["url"], algorithm, process)
    finally:
        assert process.stdin
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)


@pytest.fixture(scope="module", params=["RS256", "ES256"])
async def provider(request: pytest.FixtureRequest, packages: None) -> AsyncIterator[Provider]:
    async with provided(request.param) as one:
        yield one


@pytest.fixture
async def company(founding: Founding, tmp_path: Path, provider: Provider) -> AsyncIterator[Company]:
    at = "issuers.real."
    opened = founding.open(
        tmp_path,
        **{
            f"{at}url": provider.url,
            f"{at}keys_url": f"{provider.url}/jwks",
            f"{at}algorithm": provider.algorithm,
            f"{at}roles": ["support_agent"],
        },
    )
    yield opened
    await opened.app.stop()


async def asked(company: Company, token: str, query: str = SOMEBODY) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(company.app.asgi), base_url="http://gateway") as client:
        return await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})


async def test_its_tokens_are_good_here(company: Company, provider: Provider) -> None:
    reply = await asked(company, await provider.token("desk"))
    assert (reply.status_code, bool(reply.json()["data"]["order"]["customer"]["name"])) == (200, True)


async def test_it_changes_its_keys_and_nobody_notices(company: Company, provider: Provider) -> None:
    now = [0.0]
    (issuer,) = issuers(company.app.settings, company.app.policy.roles)
    issuer.keys.clock = lambda: now[0]
    believe = Believer(None, {issuer.url: issuer}, {})
    first = await provider.token("desk")
    await believe(first)

    assert await provider.told("rotate") == {"keys": ["key-2", "key-1"]}
    second = await provider.token("desk")
    assert second.split(".")[0] != first.split(".")[0]
    now[0] += 30
    for token in (first, second) * 10:
        assert (await believe(token)).role == "support_agent"

    assert await provider.told("forget") == {"keys": ["key-2"]}
    now[0] += 601
    await believe(second)
    if issuer.keys.asking:
        await issuer.keys.asking
    with pytest.raises(Unauthenticated):
        await believe(first)
    await believe.aclose()


async def test_a_partner_s_client_is_let_in_with_its_scopes_until_it_is_revoked(
    company: Company, provider: Provider
) -> None:
    register: Any = company.app.policy.partners
    token = await provider.token("northstar", "orders.basic:read")
    assert (await asked(company, token)).status_code == 401
    entry = {"title": "N.", "role": "partner_reseller", "keys": {"own-channel": ["PARTNER"]}, "issuer": "real"}
    register.put({"northstar": entry})
    told = (await asked(company, token, "{ viewer { role client } }")).json()
    assert told["data"]["viewer"] == {"role": "partner_reseller", "client": "northstar"}

    claims = json.loads(decoded(token.split(".")[1]))
    register.revoke_token(claims["jti"], 600)
    assert (await asked(company, token)).status_code == 401
    another = await provider.token("northstar", "orders.basic:read")
    assert (await asked(company, another)).status_code == 200
    register.revoke("northstar")
    assert (await asked(company, another)).status_code == 401


async def test_a_client_of_its_own_is_nobody_here(company: Company, provider: Provider) -> None:
    assert (await asked(company, await provider.token("stranger"))).status_code == 401


async def test_a_token_changed_on_the_way_is_not_good(company: Company, provider: Provider) -> None:
    token = await provider.token("desk")
    header, claims, signature = token.split(".")
    assert (await asked(company, f"{header}.{claims}.{signature[::-1]}")).status_code == 401
    assert (await asked(company, token)).status_code == 200
