"""Keys we make ourselves: generated once, kept in a file that only its owner can read, shared by all our processes."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from gateway.catalogue import SettingsError

SHORTEST = 32


def given_key(name: str, text: str) -> bytes:
    """A key from the settings, as it stands there (UTF-8), if it is long enough to be one."""
    key = text.encode()
    if len(key) < SHORTEST:
        raise SettingsError(f"{name}: a key has at least {SHORTEST} bytes, this one has {len(key)}")
    return key


def kept_key(path: Path) -> bytes:
    """The key in a file, made at first use. Two processes that start together agree on one."""
    try:
        if not path.exists():
            _create(path)
        return given_key(str(path), path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: this key file cannot be used: {error}") from error


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # a link, unlike a rename, never replaces a key that is there already
    finally:
        draft.unlink()
