"""The questions we put to Siebel. Each is one searchspec per batch of keys; batches travel side by side.

Settings (`Connection.options`): `timezone` (IANA name of Siebel's wall clock; UTC), `view_mode` (whose rows the login
sees; All), `token_url` with `client_id`, `client_secret` and `scope` (Bearer instead of Basic), `root`
(/siebel/v1.0/data).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from resolvers import normalise
from resolvers.backends.base import (
    Columns,
    Deadline,
    Gap,
    Garbled,
    Key,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.siebel import conditions, finding, records, searchspec
from resolvers.backends.siebel.batches import MOST_KEYS, batched
from resolvers.backends.siebel.dealings import Dealings
from resolvers.backends.siebel.finding import By, Finding
from resolvers.backends.siebel.pages import ACCOUNTS, CONTACTS, Component, Search
from resolvers.backends.siebel.records import Account, AccountPage, AccountRow, Contact, ContactPage, ContactRow

W = TypeVar("W", ContactRow, AccountRow)
R = TypeVar("R", Contact, Account)

FINDING = "one request, at most five where Siebel finds more than is meant, one more to count behind a cursor"
LONGEST_NUMBER = 100

CONTACT_MARKS = frozenset({"row_id", "account_id", "name", "email", "phones", "updated"})
ACCOUNT_MARKS = frozenset({"row_id", "number", "updated"})


class Siebel(Dealings):
    """Answers are `Contact`s and `Account`s; look-ups by what several rows may share answer with lists of them. What is
    sold, owned and campaigned for is asked for in `dealings`."""

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
        terms = {number: conditions.written_somehow(number) for number in numbers.values()}
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

    @operation(ContactPage, limit=1, columns=records.FOUND_CONTACT, calls=FINDING)
    async def find_contacts(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        row_ids: tuple[str, ...] | None = None,
        unsuppressed: bool = False,
        name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        since_from: datetime | None = None,
        since_before: datetime | None = None,
        order: By = "NAME",
        descending: bool = False,
        first: int = 20,
        after: Sequence[str] | None = None,
    ) -> dict[Key, ContactPage | Gap]:
        """A page of the contacts that meet all conditions (see `conditions`), of all contacts when there are none. The
        key is "". Nobody, for a name without a word, or what is no address or no number.

        row_ids:  only these rows, at most 40
        unsuppressed:  only rows without any of the four suppress flags
        since_from, since_before:  moments with offset; the first is included, the second is not
        order, descending:  NAME: by last name, first name and row id; SINCE: by Created and row id; ID: by row id; all
                 of it reversed
        first:   page length
        after:   `position` of the last contact seen, in the same order
        Column `total`: how many contacts there are on all pages, by Siebel's own count; that is a second call when
        there is an `after`. None when the rows had to be compared here: for a quote, `*` or `?` in a text, for a
        number, for an hour that autumn repeats. Columns that are searched or sorted by always come. Unusable: a moment
        without offset, conditions too long for a request, a text that hundreds of others resemble.
        """
        if "" not in keys:
            return {}
        try:
            met = conditions.of_contact(row_ids, unsuppressed, email, phone, since_from, since_before, self._pages.zone)
            words = [] if name is None else conditions.named(name)
            if met is None or words is None:
                return {"": ContactPage([], False, 0 if "total" in columns else None)}
            needed = conditions.contact_columns(name, email, phone, since_from or since_before, order)
            sequence = finding.sorted_by(order, descending)
            looking = Finding(self._pages, CONTACTS, columns | needed, sequence, met, words)
            return {"": ContactPage(*await looking.page(wire, first, after))}
        except Unusable as error:
            return {"": error}

    @operation(AccountPage, limit=1, columns=records.FOUND_ACCOUNT, calls=FINDING)
    async def find_accounts(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        row_ids: tuple[str, ...] | None = None,
        city: str | None = None,
        tier: str | None = None,
        first: int = 20,
        after: Sequence[str] | None = None,
    ) -> dict[Key, AccountPage | Gap]:
        """A page of the accounts of this city and this tier, whatever their case, by row id; of all accounts when
        neither is given. The key is "". None, for a text that is blank.

        row_ids: only these rows, at most 40
        after:   (row id,) of the last account seen
        `first`, column `total`, and Unusable as for contacts.
        """
        if "" not in keys:
            return {}
        try:
            met = conditions.of_account(row_ids, city, tier)
            if met is None:
                return {"": AccountPage([], False, 0 if "total" in columns else None)}
            needed = conditions.account_columns(city, tier)
            looking = Finding(self._pages, ACCOUNTS, columns | needed, finding.BY_ID, met)
            return {"": AccountPage(*await looking.page(wire, first, after))}
        except Unusable as error:
            return {"": error}

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
        fields = self._pages.fields(component, columns)

        async def ask(batch: list[str]) -> dict[str, R | Gap]:
            spec = searchspec.any_of(terms[row_id] for row_id in batch)
            found = await self._pages.page(wire, component, Search(spec, fields, size=len(batch), sort=""))
            self._check_ids([row.row_id for row in found], batch)
            return {row.row_id: self._pages.record(component, row) for row in found}

        return await batched(terms, ask)

    def _check_ids(self, found: list[str], asked: list[str]) -> None:
        if strange := set(found) - set(asked):
            raise Garbled(self.name, f"{len(strange)} rows nobody asked for")
        if len(set(found)) != len(found):
            raise Garbled(self.name, "two rows with one Id")


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
