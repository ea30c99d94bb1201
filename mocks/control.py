"""What every mock has beside its wire format: a request log, faults to order, a ledger of writes (CONTRACTS §6)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request


def note(request: Request, operation: str, columns: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
    """Tell the request log what a request asked for, in the system's own words."""
    request.scope["mock.asked"] = {"operation": operation, "columns": sorted(columns), "keys": list(keys)}


def wrote(request: Request, entry: dict[str, object]) -> None:
    """Put a write into the ledger (`GET /_mock/ledger`)."""
    request.scope["mock.ledger"].append(entry)
