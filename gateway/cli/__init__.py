"""The `customer360` command. One module per group of commands; only this package may import `mocks`.

Exit codes: 0 done, 1 it failed or the answer is no, 2 the command line is wrong. Errors are one line, not a traceback.
"""

from __future__ import annotations

import click

from gateway.cli.audit import audit
from gateway.cli.backend import backend
from gateway.cli.check import check
from gateway.cli.crossref import crossref
from gateway.cli.demo import demo
from gateway.cli.docs import docs
from gateway.cli.explain import explained
from gateway.cli.graph import sdl, seen_by, sources
from gateway.cli.index import index
from gateway.cli.lines import Commands
from gateway.cli.mocks import mocks
from gateway.cli.partner import partner
from gateway.cli.policy import policy
from gateway.cli.serve import serve
from gateway.cli.settings import settings
from gateway.cli.token import token

__all__ = ["main"]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="customer-graph", prog_name="customer360")
def main() -> None:
    """One question, every old system: a customer graph over the systems a company already has."""


for command in (
    demo,
    serve,
    mocks,
    token,
    partner,
    backend,
    crossref,
    index,
    explained,
    seen_by,
    sources,
    policy,
    audit,
    sdl,
    docs,
    check,
    settings,
):
    main.add_command(command)
