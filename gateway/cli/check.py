"""`customer360 check`: whether this gateway could start, and with flags, whether it runs and its systems are there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import click
import httpx

from gateway.auth.issuers import Issuer, issuers
from gateway.auth.jwks import read
from gateway.cli.lines import Given, print_json, with_settings
from gateway.cli.opening import opened
from gateway.policy import Policy
from gateway.settings import Settings
from gateway.traffic.transport import Transport, close_transports, open_transports
from resolvers.backends.base import Request

PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    good: bool
    told: str


@click.command(epilog="Example:  customer360 check --systems --json")
@click.option(
    "--systems",
    is_flag=True,
    help="Also whether each system answers at its address (any answer will do), and each issuer its keys.",
)
@click.option("--running", is_flag=True, help="Also whether the gateway runs and is ready.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_settings
@click.pass_context
def check(ctx: click.Context, systems: bool, running: bool, as_json: bool, given: Given) -> None:
    """Check settings, policy and graph as a start would. Exit code 1 when something is wrong."""
    settings = given.settings(beside_demo=True)
    findings = asyncio.run(_findings(settings, systems, running))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.good else 'BAD'} {finding.what}: {finding.told}")
    ctx.exit(0 if all(finding.good for finding in findings) else 1)


async def _findings(settings: Settings, systems: bool, running: bool) -> list[Finding]:
    findings = [*await _startable(settings)]
    if systems:
        transports = open_transports(settings.connections(), way=settings.text("traffic.transport"))
        findings += [await _system(settings, name, transport) for name, transport in transports.items()]
        await close_transports(transports)
        findings += [await _issuer(issuer) for issuer in issuers(settings, Policy.read(partners=None).roles)]
    if running:
        findings.append(await _running(settings))
    return findings


async def _startable(settings: Settings) -> Iterator[Finding]:
    """Opening the app is the check: every hole in graph, policy or settings refuses it, by name."""
    app = opened(settings)
    partners = len(app.policy.partners)
    await app.stop()
    graph = f"{len(app.graph.categories)} coordinates, each with its category and its resolver"
    told: Mapping[str, str] = {
        "settings": f"{len(settings.rows)} read",
        "graph": graph,
        "policy": f"{len(app.policy.roles)} roles, {partners} partners in the register",
    }
    return (Finding(what, True, text) for what, text in told.items())


async def _system(settings: Settings, name: str, transport: Transport) -> Finding:
    url = settings.text(f"backends.{name}.base_url")
    try:
        reply = await transport(Request("GET", "/"), PATIENCE)
        return Finding(name, True, f"{url} answers ({reply.status})")
    except (TimeoutError, ConnectionError) as error:
        return Finding(name, False, f"{url} does not answer: {error}")


async def _issuer(issuer: Issuer) -> Finding:
    try:
        known = read(await issuer.keys.fetch(), issuer.algorithm)
        return Finding(f"issuer {issuer.name}", True, f"{len(known)} keys for {issuer.algorithm}")
    except (OSError, ValueError) as error:
        return Finding(f"issuer {issuer.name}", False, f"its keys cannot be had: {error or type(error).__name__}")
    finally:
        await issuer.keys.aclose()


async def _running(settings: Settings) -> Finding:
    url = f"http://{settings.text('listen.host')}:{settings.number('listen.port')}"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            reply = await client.get(f"{url}/ready")
    except httpx.HTTPError:
        return Finding("gateway", False, f"nothing answers at {url}: start it with `customer360 serve` or `demo`")
    return Finding(
        "gateway", reply.status_code == 200, f"{url} is {'ready' if reply.status_code == 200 else 'not ready'}"
    )
