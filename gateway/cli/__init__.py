"""The `customer360` command. One module per group of commands; only this package may import `mocks`.

Exit codes: 0 done, 1 it failed or the answer is no, 2 the command line is wrong. Errors are one line, not a traceback.
"""

from __future__ import annotations

import click

from gateway.cli.commands import Commands, Place

__all__ = ["PLACES", "main"]

PLACES = {  # in the order in which one comes to need them
    "demo": Place("demo", "demo", "Start the mock systems and the gateway, with all for a first question."),
    "serve": Place("serve", "serve", "Run the gateway until Ctrl-C or SIGTERM."),
    "mocks": Place("mocks", "mocks", "Run the mock systems until Ctrl-C or SIGTERM."),
    "token": Place("token", "token", "Print a dev token."),
    "partner": Place("partner", "partner", "Add partners, give them keys, try what they see, and revoke."),
    "backend": Place("backend", "backend", "Switch systems off and on."),
    "crossref": Place("crossref", "crossref", "Build and inspect the cross-reference: who is who in which system."),
    "index": Place("index", "index", "Build and inspect the index of orders: keys, states and times."),
    "explain": Place("explain", "explained", "Print the plan of a question: calls, columns, what is withheld and why."),
    "who-sees": Place("graph", "seen_by", "Say who sees a coordinate, such as Customer.email."),
    "sources": Place("graph", "sources", "Say where every field comes from, and how old it may be."),
    "policy": Place("policy", "policy", "Check the policy files, compare them, print them for Cedar."),
    "audit": Place("audit", "audit", "Who has seen whom: read the trail, check it, hand it out, forget somebody."),
    "sdl": Place("graph", "sdl", "Print the schema as SDL, each coordinate with its category."),
    "docs": Place("docs", "docs", "Write the reference of the graph as HTML."),
    "check": Place("check", "check", "Check settings, policy and graph as a start would."),
    "settings": Place("settings", "settings", "Print every setting with its value and origin."),
}


@click.group(
    cls=Commands,
    places=PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="customer-graph", prog_name="customer360")
def main() -> None:
    """One question, every old system: a customer graph over the systems a company already has."""
