"""Insert, upsert and delete. A Siebel knows no idempotency key: a repeated insert is a second row.

Where the facts are silent: an insert that names an Id or a Person UId somebody has is SBL-EAI-04383; an upsert finds
its row by Id, else by Integration Id, else is SBL-EAI-04397 (no user key), and inserts under an Id it does not find; a
required field left out is SBL-DAT-00498 [from memory]; a list is checked for form as a whole, then written row by row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mocks.siebel.clock import parsed
from mocks.siebel.components import DEFAULT_ORGANIZATION, Component
from mocks.siebel.refusal import Refusal, bad_field
from mocks.siebel.search import Search
from mocks.siebel.searchspec import Compare, Field, Text
from mocks.siebel.store import Reference, Store, Values

MOST = 100
ROW_ID = re.compile(r"[0-9A-Z]{1,10}-[0-9A-Z]{1,10}")


@dataclass(frozen=True, slots=True)
class Written:
    """One row after a write. `sent` is what the caller gave; `before` is None for a new row."""

    row_id: str
    sent: Values
    values: Values
    before: Values | None

    @property
    def changed(self) -> bool:
        return self.before is None or any(self.before[field] != value for field, value in self.sent.items())


class Writer:
    def __init__(self, store: Store, search: Search) -> None:
        self._store = store
        self._search = search

    async def insert(self, component: Component, bodies: list[Any]) -> list[Written]:
        written = []
        for sent in [checked(component, body) for body in bodies]:
            await self._must_be_new(component, sent)
            written.append(self._keep(component, self._new(component, sent)))
        return written

    async def upsert(self, component: Component, bodies: list[Any]) -> list[Written]:
        rows = [checked(component, body) for body in bodies]
        return [self._keep(component, await self._upserted(component, sent)) for sent in rows]

    def delete(self, component: Component, row_ids: list[str]) -> None:
        for row_id in row_ids:
            if self._store.reference(component, row_id) is None:
                text = f"No rows retrieved corresponding to the business component '{component.name}'"
                raise Refusal(400, text, "SBL-EAI-04378")
        for row_id in row_ids:
            self._store.write(component, row_id, None)

    def _keep(self, component: Component, row: Written) -> Written:
        if row.changed:
            self._store.write(component, row.row_id, row.values)
        return row

    async def _upserted(self, component: Component, sent: Values) -> Written:
        found = await self._existing(component, sent)
        return self._new(component, sent) if found is None else self._changed(component, found, sent)

    async def _existing(self, component: Component, sent: Values) -> Reference | None:
        if row_id := sent.get("Id"):
            return self._store.reference(component, row_id)
        if not (key := sent.get("Integration Id")):
            raise Refusal(500, f"No user key can be used for the '{component.name}' instance", "SBL-EAI-04397")
        found = await self._search.find(component, Compare(Field("Integration Id"), "=", Text(key)))
        if len(found) > 1:
            raise Refusal(500, f"Several rows have the Integration Id '{key}'", "SBL-EAI-04397")
        return found[0] if found else None

    async def _must_be_new(self, component: Component, sent: Values) -> None:
        taken = sent.get("Id") and self._store.reference(component, sent["Id"]) is not None
        if not taken and (key := sent.get("Person UId")):
            taken = bool(await self._search.find(component, Compare(Field("Person UId"), "=", Text(key))))
        if taken:
            raise Refusal(500, f"An instance of '{component.name}' with that user key already exists", "SBL-EAI-04383")

    def _new(self, component: Component, sent: Values) -> Written:
        for field in component.required:
            if not sent.get(field):
                raise Refusal(400, f"'{field}' is a required field. Please enter a value", "SBL-DAT-00498")
        row_id = sent.get("Id") or self._store.next_id(component)
        now = self._store.clock.moment(self._store.world.now)
        blank = {name: "N" if field.kind == "flag" else "" for name, field in component.fields.items()}
        given = {"Created": now, "Updated": now, "Status": "Active", "Account Status": "Active"}
        given |= {"Primary Organization Id": DEFAULT_ORGANIZATION, "Person UId": row_id}
        known = {field: value for field, value in given.items() if field in blank}
        return Written(row_id, sent, blank | known | sent | {"Id": row_id}, None)

    def _changed(self, component: Component, found: Reference, sent: Values) -> Written:
        row = self._store.row(component, found)
        before = {field: row(field) for field in component.fields}
        now = self._store.clock.moment(self._store.world.now)
        return Written(row("Id"), sent, before | {"Updated": now} | sent, before)


def checked(component: Component, body: Any) -> Values:
    """The fields of one row as sent, or a refusal. `Link`, which answers carry, may come back and is ignored."""
    if not isinstance(body, dict):
        raise Refusal(400, "A record is a JSON object of fields")
    sent = {field: value for field, value in body.items() if field != "Link"}
    for field, value in sent.items():
        _check(component, field, value)
    return sent


def _check(component: Component, field: str, value: Any) -> None:
    known = component.fields.get(field)
    if known is None:
        raise bad_field(component.name, field)
    if not isinstance(value, str):
        raise Refusal(400, f"The value of '{field}' is not a string")
    if known.readonly:
        raise Refusal(400, f"'{field}' is read-only")
    if field == "Id" and not ROW_ID.fullmatch(value):
        raise Refusal(400, f"'{value}' is no row id")
    if known.kind == "flag" and value not in ("Y", "N"):
        raise Refusal(500, f"The value '{value}' of '{field}' is not in its picklist", "SBL-DAT-00225")
    if known.kind.startswith("date") and value:
        parsed(value)
