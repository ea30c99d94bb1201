"""Sync: the whole space page by page, in all languages, then what changed since; deletions only as what changed.

A token says where its reader stands; it is text of ours, and only this mock can read it. `limit` sets the page size
(100 unless told, which is chosen here). The links are http, as in one recording: a client has to know better.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from mocks.contentful import model
from mocks.contentful.errors import bad, unknown
from mocks.contentful.query import LONGEST_PAGE, USUAL_PAGE, number, once
from mocks.contentful.render import item
from mocks.contentful.rows import ENVIRONMENT, SPACE, Row, Store, moment

KINDS = frozenset({"all", "Entry", "Asset", "Deletion", "DeletedEntry", "DeletedAsset"})
KNOWN = frozenset({"initial", "type", "content_type", "limit", "sync_token", "access_token"})


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is read (`kind`, `of`), from which row on, and from which moment on (empty: all there is)."""

    kind: str
    of: str
    limit: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_PAGE)]
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    since: str = ""


def page(store: Store, pairs: Sequence[tuple[str, str]], host: str) -> dict[str, Any]:
    """One page of a sync. `host` is where its links lead."""
    token = _asked(once(pairs))
    changed = _changed(store, token)
    part = changed[token.skip : token.skip + token.limit]
    shown = [item(one, model.EVERY) if isinstance(one, Row) else {"sys": one} for one in part]
    reached = token.skip + len(part)
    if reached < len(changed):
        return _answer(shown, "nextPageUrl", msgspec.structs.replace(token, skip=reached), host)
    done = msgspec.structs.replace(token, skip=0, since=moment(store.world.now))
    return _answer(shown, "nextSyncUrl", done, host)


def _asked(given: Mapping[str, str]) -> Token:
    for name in given:
        if name not in KNOWN:
            raise unknown(name)
    if "sync_token" in given:
        return _read(given["sync_token"])
    if given.get("initial") not in ("true", "1"):
        raise bad("initial or sync_token is required")
    kind, of = given.get("type", "all"), given.get("content_type", "")
    if kind not in KINDS:
        raise bad(f"Unknown type: {kind}")
    if of and kind != "Entry":
        raise bad("content_type goes with type=Entry")
    if of:
        model.content_type(of)
    limit = number(given, "limit", USUAL_PAGE, LONGEST_PAGE)
    return Token(kind, of, limit or USUAL_PAGE)


def _changed(store: Store, token: Token) -> list[Row | dict[str, Any]]:
    """Rows, and the `sys` of those that are gone."""
    rows = [*store.entries.values(), *store.assets.values()]
    kept = [row for row in rows if token.kind in ("all", row.sys["type"]) and token.of in ("", row.of.id)]
    found = [row for row in kept if row.sys["updatedAt"] > token.since]
    gone = store.deleted if token.since or token.kind not in ("all", "Entry", "Asset") else []
    kinds = {"all": ("DeletedEntry", "DeletedAsset"), "Deletion": ("DeletedEntry", "DeletedAsset")}
    wanted = kinds.get(token.kind, (token.kind, f"Deleted{token.kind}"))
    return [*found, *(sys for sys in gone if sys["type"] in wanted and sys["deletedAt"] > token.since)]


def _answer(shown: list[dict[str, Any]], name: str, token: Token, host: str) -> dict[str, Any]:
    text = base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")
    url = f"http://{host}/spaces/{SPACE}/environments/{ENVIRONMENT}/sync?sync_token={text}"
    return {"sys": {"type": "Array"}, "items": shown, name: url}


def _read(text: str) -> Token:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Token)
    except (ValueError, msgspec.MsgspecError) as error:
        raise bad("The sync token is not valid") from error
