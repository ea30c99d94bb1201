"""GraphQL over HTTP to the letter: the audit suite of its reference implementation (npm: graphql-http), all of it.

It needs Node.js and npm. Without them the test is skipped, loudly; with REQUIRE_ALL=1, as in CI, it fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.tokens import dev_tokens
from tests.company import Company
from tests.gateway.serving import serving

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "audit"
MISSING = "Node.js 18 or newer and npm are needed to audit GraphQL over HTTP (Debian: apt-get install nodejs npm)"
KNOWN = 61
"""Audits in the version that is locked: fewer would mean that some did not run."""


@pytest.fixture
async def audits() -> None:
    """The suite, as its lock file has it."""
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("REQUIRE_ALL"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    if not installed():
        await told("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def installed() -> bool:
    """Whether what the lock file names is there already: npm keeps a copy of it beside what it has installed."""
    copy, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    return copy.is_file() and copy.stat().st_mtime >= lock.stat().st_mtime


async def told(*line: str) -> str:
    """What a program says, run in the folder of the audit."""
    process = await asyncio.create_subprocess_exec(
        *line, cwd=FOLDER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), 240)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, f"{line[0]}: {errors.decode()}"
    return out.decode()


@pytest.mark.usefixtures("audits")
@pytest.mark.parametrize("role", ["support_agent", "partner_supplier"])
async def test_every_audit_of_graphql_over_http_passes(company: Company, role: str) -> None:
    token = dev_tokens(company.app.settings, company.app.policy.roles).mint(role)
    async with serving(company.app.asgi) as port:
        found: list[dict[str, Any]] = json.loads(
            await told("node", "audit.mjs", f"http://127.0.0.1:{port}/graphql", token)
        )

    failed = [f"{audit['status']}: {audit['name']}: {audit['reason']}" for audit in found if audit["status"] != "ok"]
    assert failed == []
    assert len(found) >= KNOWN
