"""The policy as it stands in this folder: roles of the files, and the partners of the register where there is one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

from gateway.app import registered
from gateway.cli.commands import Failed
from gateway.cli.lines import Given
from gateway.policy import Policy
from gateway.store import FILE


def standing(given: Given) -> Policy:
    """Where no gateway has begun yet, the partners are those that dev mode begins with."""
    settings = given.settings(beside_demo=True)
    if not (settings.state_dir / FILE).exists():
        return Policy.read()
    try:
        policy, register = registered(settings)
        with closing(register.store):
            return replace(policy, partners=dict(register))
    except sqlite3.Error as error:
        raise Failed(f"the register in {settings.state_dir} cannot be used: {error}") from error
