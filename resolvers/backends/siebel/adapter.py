"""The questions we put to Siebel. Each is one searchspec per batch of keys; batches travel side by side.

Settings (`Connection.options`): `timezone` (IANA name of Siebel's wall clock; UTC), `view_mode` (whose rows the login
sees; All), `token_url` with `client_id`, `client_secret` and `scope` (Bearer instead of Basic), `root`
(/siebel/v1.0/data).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from resolvers import normalise
from resolvers.backends.base import (
    Adapter,
    BackendError,
    Columns,
    Connection,
    Deadline,
    Gap,
    Garbled,
    Key,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.siebel import records, searchspec
from resolvers.backends.siebel.pages import ACCOUNTS, CONTACTS, Component, Pages, Search
from resolvers.backends.siebel.records import Account, AccountRow, Contact, ContactRow

W = TypeVar("W", ContactRow, AccountRow)
R = TypeVar("R", Contact, Account)
T = TypeVar("T")

MOST_KEYS = 40
LONGEST_SEARCH = 3000  # characters, encoded; with fields and path the request line stays below 4 kB
LONGEST_NUMBER = 100

CONTACT_MARKS = frozenset({"row_id", "account_id", "name", "email", "phones", "updated"})
ACCOUNT_MARKS = frozenset({"row_id", "number", "updated"})

Batch = Callable[[list[str]], Awaitable[dict[str, T]]]


class Siebel(Adapter):
    """Answers are `Contact`s and `Account`s; look-ups by what several rows may share answer with lists of them."""

    name = "siebel"
    title = "Siebel CRM"

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._pages = Pages(self.name, connection)

    # what can be asked

    @operation(Contact, limit=MOST_KEYS, columns=records.CONTACT)
    async def contacts(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> dict[str, Contact | Gap]:
        """Contacts by row id. What is no row id is not sent, and not there."""
        return await self._by_id(wire, CONTACTS, keys, columns)

    @operation(Account, limit=MOST_KEYS, columns=records.ACCOUNT)
    async def accounts(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> dict[str, Account | Gap]:
        """Accounts by row id. What is no row id is not sent, and not there."""
        return await self._by_id(wire, ACCOUNTS, keys, columns)

    @operation(list[Contact], limit=MOST_KEYS, columns=records.CONTACT)
    async def contacts_by_email(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[Contact] | Gap]:
        """Everybody with this e-mail address, whatever its case; an empty list for nobody, or for what is none."""
        addresses = _spelled(keys, normalise.email)
        terms = {one: searchspec.equal("Email Address", one, fold=True) for one in addresses.values()}
        found = await self._by_value(wire, CONTACTS, terms, columns | {"email"}, _addresses)
        return {key: found[addresses[key]] if key in addresses else [] for key in keys}

    @operation(list[Contact], limit=MOST_KEYS, columns=records.CONTACT)
    async def contacts_by_phone(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[Contact] | Gap]:
        """Everybody with this work or cellular number, however it is written; an empty list for nobody, or for what is
        none. A number that hundreds of others resemble is `Unusable`."""
        numbers = _spelled(keys, normalise.phone)
        terms = {number: _written_somehow(number) for number in numbers.values()}
        found = await self._by_value(wire, CONTACTS, terms, columns | {"phones"}, _numbers)
        return {key: found[numbers[key]] if key in numbers else [] for key in keys}

    @operation(list[Account], limit=MOST_KEYS, columns=records.ACCOUNT)
    async def accounts_by_number(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[Account] | Gap]:
        """Every account with this customer number (CSN), exactly as written, leading zeros included."""
        numbers = _spelled(keys, _customer_number)
        terms = {number: searchspec.equal("CSN", number) for number in numbers.values()}
        found = await self._by_value(wire, ACCOUNTS, terms, columns | {"number"}, lambda account: {account.number})
        return {key: found[numbers[key]] if key in numbers else [] for key in keys}

    def contacts_changed_since(
        self, deadline: Deadline, since: datetime | None, columns: Columns = CONTACT_MARKS
    ) -> AsyncIterator[list[Contact]]:
        """All contacts changed at or after a moment (None: all there are), a page at a time, by row id."""
        return self._pages.changed(self.wire(deadline), CONTACTS, since, columns)

    def accounts_changed_since(
        self, deadline: Deadline, since: datetime | None, columns: Columns = ACCOUNT_MARKS
    ) -> AsyncIterator[list[Account]]:
        """All accounts changed at or after a moment (None: all there are), a page at a time, by row id."""
        return self._pages.changed(self.wire(deadline), ACCOUNTS, since, columns)

    # how it is asked

    async def _by_id(
        self, wire: Wire, component: Component[W, R], keys: Iterable[Key], columns: Columns
    ) -> dict[str, R | Gap]:
        ids = [key for key in keys if isinstance(key, str) and searchspec.ROW_ID.fullmatch(key)]
        terms = {row_id: searchspec.equal("Id", row_id) for row_id in ids}
        fields = component.fields(columns)

        async def ask(batch: list[str]) -> dict[str, R | Gap]:
            spec = searchspec.any_of(terms[row_id] for row_id in batch)
            found = await self._pages.page(wire, component, Search(spec, fields, size=len(batch), sorted=False))
            self._check_ids([row.row_id for row in found], batch)
            return {row.row_id: self._pages.record(component, row) for row in found}

        return await _batched(terms, ask)

    async def _by_value(
        self,
        wire: Wire,
        component: Component[W, R],
        terms: Mapping[str, str],
        columns: Columns,
        values: Callable[[R], Collection[str | None]],
    ) -> dict[str, list[R] | Gap]:
        """Rows by a value they have. Siebel may find more than was meant: `values` says what a row really has."""
        fields = component.fields(columns)

        async def ask(batch: list[str]) -> dict[str, list[R] | Gap]:
            found = await self._pages.all(wire, component, searchspec.any_of(terms[value] for value in batch), fields)
            if found is not None:
                return {value: [one for one in found if value in values(one)] for value in batch}
            if len(batch) == 1:
                return {batch[0]: Unusable("Too many rows resemble this value to look through them.")}
            halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
            one, other = await asyncio.gather(*(ask(half) for half in halves))
            return one | other

        return await _batched(terms, ask)

    def _check_ids(self, found: list[str], asked: list[str]) -> None:
        if strange := set(found) - set(asked):
            raise Garbled(self.name, f"{len(strange)} rows nobody asked for")
        if len(set(found)) != len(found):
            raise Garbled(self.name, "two rows with one Id")


async def _batched(terms: Mapping[str, str], ask: Batch[T | Gap]) -> dict[str, T | Gap]:
    """Batches side by side. One that fails costs its own keys; when all fail, so does the question."""

    async def attempt(batch: list[str]) -> dict[str, T | Gap] | BackendError:
        try:
            return await ask(batch)
        except BackendError as error:
            return error

    batches = list(searchspec.packed(terms, MOST_KEYS, LONGEST_SEARCH))
    answers = await asyncio.gather(*(attempt(batch) for batch in batches))
    failures = [answer for answer in answers if isinstance(answer, BackendError)]
    if failures and len(failures) == len(batches):
        raise failures[0]
    found: dict[str, T | Gap] = {}
    for batch, answer in zip(batches, answers, strict=True):
        found |= dict.fromkeys(batch, answer) if isinstance(answer, BackendError) else answer
    return found


def _spelled(keys: Iterable[Key], spell: Callable[[str], str | None]) -> dict[Key, str]:
    """Keys → what to search for; without those that cannot be searched for."""
    spelled = {key: spell(key) for key in keys if isinstance(key, str)}
    return {key: value for key, value in spelled.items() if value is not None}


def _customer_number(text: str) -> str | None:
    number = text.strip()
    return number if 0 < len(number) <= LONGEST_NUMBER else None


def _addresses(contact: Contact) -> set[str | None]:
    return {normalise.email(contact.email or "")}


def _numbers(contact: Contact) -> set[str | None]:
    return {normalise.phone(phone) for phone in contact.phones}


def _written_somehow(number: str) -> str:
    return searchspec.any_of(searchspec.digits(field, number) for field in records.CONTACT["phones"])
