"""The trail of a gateway, from its settings. The file is opened when the first record is written: a gateway whose trail
cannot be written starts all the same, and answers what is public."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gateway.policy import ROLES
from gateway.policy.scopes import SCOPES
from gateway.settings import Settings
from gateway.trail.book import Book
from gateway.trail.chain import Signer
from gateway.trail.reading import Reader
from gateway.trail.record import POLICY, Referred, members
from gateway.trail.trail import Trail
from gateway.trail.upkeep import Upkeep
from gateway.trail.vault import Vault
from gateway.trail.writer import Writer


def open_trail(settings: Settings) -> Trail:
    relaxed = settings.text("audit.mode") == "relaxed"
    book = Book(
        settings.state_dir,
        Signer.kept(settings.state_dir),
        Vault(settings.key("audit.key")),
        settings.number("audit.segment_records"),
        settings.seconds("audit.patience_ms"),
        settings.seconds("audit.sign_ms"),
    )
    people, times = settings.number("audit.bulk_people"), settings.number("audit.bulk_times")
    upkeep = Upkeep(book, settings.number("audit.retention_days"), people, times)
    writer = Writer(book.write, settings.number("audit.queue"), relaxed, upkeep, book.signing)
    return Trail(writer, policy_of(ROLES, SCOPES), upkeep, book.close)


def open_reader(settings: Settings) -> Reader:
    """For resolvers, who read beside the writer."""
    return Reader(settings.state_dir, Vault(settings.key("audit.key")))


def policy_of(roles: Path, scopes: Path) -> Referred:
    """Files of a policy, and what they are known by together."""
    texts = {"roles": roles.read_text(encoding="utf-8"), "scopes": scopes.read_text(encoding="utf-8")}
    body = members(texts)
    return Referred(POLICY, hashlib.sha256(body).hexdigest(), body)
