"""Addresses that servers of ours listen on: taken before anything is started, or refused with a way out."""

from __future__ import annotations

import errno
import socket

from gateway.cli.commands import Failed


def bound(host: str, port: int) -> socket.socket:
    """The listening socket, ours before anything else is started. Raises `Failed`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except UnicodeError as error:
        raise Failed(f"{host!r} is no address to listen on") from error
    except OSError as error:
        raise not_bound(error, host, port, "the gateway", "listen.port=PORT") from error


def not_bound(error: OSError, host: str, port: int, what: str, setting: str) -> Failed:
    """Why an address cannot be listened on, and how to choose another."""
    hint = f"choose another: --set {setting}"
    if error.errno == errno.EADDRINUSE:
        return Failed(f"port {port} on {host}, for {what}, is taken. Stop what listens there, or {hint}")
    return Failed(f"cannot listen on {host} port {port}, for {what}: {error.strerror or error}; {hint}")
