"""The register of partners, in the store: who they are, their keys, and what has been revoked.

A gateway works with a snapshot and looks once a second, when it is asked something, whether somebody has written. So
what a command does is so for every worker within two seconds (`EVERY`, and the time of a reading). When the store
cannot be read, sqlite3.Error goes to the caller: somebody whose revocation we could not see is not let in.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.auth import SCOPE, Principal
from gateway.policy import BadPolicy, Partner, Policy
from gateway.policy.partners import partner
from gateway.store import Store
from gateway.store.keys import ISSUER, Key, made, presented

LOG = logging.getLogger("gateway.store")

EVERY = 1.0
DAY = 86_400
WHERE = "register: [{}]"


class Unknown(LookupError):
    """There is no such partner, or key."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`gone`: clients that were revoked. `tokens`: ids (jti) of single tokens that were."""

    partners: Mapping[str, Partner]
    keys: Mapping[str, Key] = field(repr=False)
    gone: frozenset[str]
    tokens: frozenset[str]


class Register(Mapping[str, Partner]):
    """Partners by client id, as they are now; it stands where `Policy.partners` does. `policy` says what an entry may
    hold."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._policy = policy
        self._clock = clock
        self._ticks = ticks
        self._version = -1
        self._look_at = 0.0
        self._snapshot = Snapshot({}, {}, frozenset(), frozenset())

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Snapshot:
        if (tick := self._ticks()) >= self._look_at:
            if (version := self.store.version) != self._version:
                self._snapshot, self._version = self._read(), version
            self._look_at = tick + EVERY
        return self._snapshot

    def __getitem__(self, client: str) -> Partner:
        return self.now.partners[client]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now.partners)

    def __len__(self) -> int:
        return len(self.now.partners)

    def holder(self, text: str) -> Principal:
        """Whom an opaque key speaks for. Raises ValueError or LookupError for one that is not good."""
        shown, now = presented(text), self.now
        key = now.keys[shown.id]
        if not key.opens(shown.secret, self._clock()):
            raise ValueError("not the key, or no longer")
        one = now.partners[key.client]
        return Principal(one.client, one.role, one.client, scopes=frozenset({SCOPE}), token_id=key.id, issuer=ISSUER)

    def refuses(self, principal: Principal) -> bool:
        """Whether what this caller has shown was revoked."""
        now = self.now
        return principal.client in now.gone or principal.token_id in now.tokens

    def entries(self) -> dict[str, dict[str, Any]]:
        """Every partner's table, as it is imported and exported."""
        rows = self.store.db.execute("SELECT client, entry FROM partner ORDER BY client")
        return {client: json.loads(entry) for client, entry in rows}

    def keys_of(self, client: str) -> list[Key]:
        rows = self.store.db.execute("SELECT * FROM key WHERE client = ? ORDER BY made, id", (client,))
        return [Key(*row) for row in rows]

    def revoked(self, client: str) -> int | None:
        """When a client was revoked. Raises `Unknown`."""
        row = self.store.db.execute("SELECT revoked FROM partner WHERE client = ?", (client,)).fetchone()
        if row is None:
            raise Unknown(client)
        moment: int | None = row[0]
        return moment

    def _read(self) -> Snapshot:
        db, now = self.store.db, int(self._clock())
        db.execute("BEGIN")
        try:
            keys = {row[0]: Key(*row) for row in db.execute("SELECT * FROM key")}
            gone = frozenset(one for (one,) in db.execute("SELECT client FROM partner WHERE revoked IS NOT NULL"))
            tokens = frozenset(one for (one,) in db.execute("SELECT token FROM revoked WHERE until > ?", (now,)))
            return Snapshot(dict(self._understood()), keys, gone, tokens)
        finally:
            db.execute("COMMIT")

    def _understood(self) -> Iterator[tuple[str, Partner]]:
        """An entry that this gateway does not understand is nobody's: it may have been written by a newer one."""
        for client, entry in self.entries().items():
            try:
                yield client, self.checked(client, entry)
            except BadPolicy as fault:
                LOG.error("left out of the register: %s", fault)

    def checked(self, client: str, entry: Mapping[str, Any]) -> Partner:
        """Raises BadPolicy for an entry that is not understood."""
        return partner(WHERE.format(client), client, dict(entry), self._policy.roles, self._policy.scopes)

    # -- writing --------------------------------------------------------------------------------------------------

    def put(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Add partners, or change what stands of them. Raises BadPolicy, and then nothing is changed."""
        for client, entry in entries.items():
            self.checked(client, entry)
        with self.store.change() as db:
            db.executemany(
                "INSERT INTO partner (client, entry, added) VALUES (?, ?, ?)"
                " ON CONFLICT (client) DO UPDATE SET entry = excluded.entry",
                [(name, json.dumps(one, ensure_ascii=False), int(self._clock())) for name, one in entries.items()],
            )
        self._stale()

    def begin(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """The same once in the store's life, and never over what is there."""
        with self.store.change() as db:
            first = db.execute("INSERT OR IGNORE INTO done VALUES ('begun')").rowcount
        if first:
            self.put({name: one for name, one in entries.items() if name not in self.entries()})

    def new_key(self, client: str, days: int, overlap: int | None = None) -> tuple[str, Key]:
        """A key for `days`. overlap: seconds that the ones there are stay good; None: as long as they were to be.
        Raises `Unknown`."""
        if self.revoked(client) is not None:
            raise Unknown(client)
        now = int(self._clock())
        text, key = made(client, now, now + days * DAY)
        with self.store.change() as db:
            if overlap is not None:
                db.execute(
                    "UPDATE key SET expires = min(expires, ?) WHERE client = ? AND expires > ?",
                    (now + overlap, client, now),
                )
            row = (key.id, client, key.digest, key.made, key.expires)
            db.execute("INSERT INTO key VALUES (?, ?, ?, ?, ?)", row)
            db.execute("DELETE FROM key WHERE expires < ?", (now - 90 * DAY,))
        self._stale()
        return text, key

    def revoke(self, client: str, *, undo: bool = False) -> None:
        """Nothing that the client shows is good any more: tokens of its issuer, and keys, which are gone for good.
        Raises `Unknown`."""
        self.revoked(client)
        with self.store.change() as db:
            moment = None if undo else int(self._clock())
            db.execute("UPDATE partner SET revoked = ? WHERE client = ?", (moment, client))
            db.execute("DELETE FROM key WHERE client = ?", (client,))
        self._stale()

    def revoke_key(self, client: str, key: str) -> None:
        with self.store.change() as db:
            found = db.execute("DELETE FROM key WHERE client = ? AND id = ?", (client, key)).rowcount
        self._stale()
        if not found:
            raise Unknown(key)

    def revoke_token(self, token: str, seconds: int) -> None:
        """One token by its id (jti), whoever issued it, for as long as it could still be good."""
        now = int(self._clock())
        with self.store.change() as db:
            db.execute("DELETE FROM revoked WHERE until <= ?", (now,))
            db.execute("INSERT OR REPLACE INTO revoked VALUES (?, ?)", (token, now + seconds))
        self._stale()

    def _stale(self) -> None:
        """What this connection writes does not change `Store.version`, which counts others' writing."""
        self._version, self._look_at = -1, 0.0
