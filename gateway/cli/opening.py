"""The gateway itself, for commands that need one opened. What it is made of takes seconds to import; other commands do
without it."""

from __future__ import annotations

import sqlite3
from zoneinfo import ZoneInfoNotFoundError

from gateway.app import App, open_app
from gateway.cli.commands import Failed
from gateway.cli.lines import made_folder
from gateway.settings import Settings


def opened(settings: Settings) -> App:
    """The app these settings make. Raises `Failed` or `SettingsError`, in one line, when they make none."""
    made_folder(settings.state_dir)
    try:
        return open_app(settings)
    except (OSError, ValueError, TypeError, ZoneInfoNotFoundError, sqlite3.Error) as error:
        told = " ".join(str(part) for part in error.args) if isinstance(error, KeyError) else str(error)
        raise Failed(f"the gateway cannot be opened: {told}") from error
