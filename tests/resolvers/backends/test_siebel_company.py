"""The adapter and the mock on the company all mocks agree on: everybody in it is found, as what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mocks import siebel as mock
from mocks.world.model import Customer
from mocks.world.seeded import SeededWorld
from resolvers import normalise
from resolvers.backends.base import Call, Connection, Deadline, Reply, Request
from resolvers.backends.siebel import Siebel

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Company:
    def __init__(self, size: int) -> None:
        self.world = SeededWorld(size, now=NOW)
        self._line = httpx.ASGITransport(mock.create(self.world))
        self.siebel = Siebel(Connection("http://crm.example", mock.USERNAME, mock.PASSWORD), self._send)

    async def _send(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's own
        url = f"http://crm.example{request.target}"
        outgoing = httpx.Request(request.method, url, headers=list(request.headers), content=request.body)
        reply = await self._line.handle_async_request(outgoing)
        return Reply(reply.status_code, dict(reply.headers.items()), await reply.aread())

    def known(self) -> list[Customer]:
        """Everybody who is in Siebel."""
        everybody = (self.world.customer(index) for index in self.world.customers())
        return [one for one in everybody if one.siebel_contact_id]

    async def ask(self, operation: str, keys: list[Any]) -> dict[Any, Any]:
        columns = frozenset(getattr(Siebel, operation).columns)
        found = await self.siebel.perform(Call("siebel", operation, tuple(keys), columns), Deadline(30))
        assert not [outcome.error for outcome in found.values() if outcome.error]
        return {key: outcome.value for key, outcome in found.items()}


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(400)


def spelled(spell: Any, *texts: str) -> set[str]:
    return {found for text in texts if (found := spell(text))}


async def test_everybody_is_who_the_world_says(company: Company) -> None:
    known = company.known()
    contacts = await company.ask("contacts", [one.siebel_contact_id for one in known])
    accounts = await company.ask("accounts", [one.siebel_account_id for one in known])
    for one in known:
        contact, account = contacts[one.siebel_contact_id], accounts[one.siebel_account_id]
        names = [part for part in (one.first_name.strip(), one.last_name.strip()) if part]
        assert contact.name == (" ".join(names) or None)
        assert contact.email == (one.email.strip() or None)
        assert contact.language == (one.language or None)
        assert contact.since == one.since.replace(microsecond=0)
        assert contact.updated == one.updated.replace(microsecond=0)
        assert contact.account_id == account.row_id
        assert account.number == (one.number or None)
        assert account.tier == (one.tier or None)
        assert (account.address.city if account.address else "") == one.address.city
        assert account.contact_id == contact.row_id


async def test_everybody_is_found_by_their_address(company: Company) -> None:
    wanted: dict[str, set[str | None]] = {}
    for one in company.known():
        for address in spelled(normalise.email, one.email):
            wanted.setdefault(address, set()).add(one.siebel_contact_id)
    found = await company.ask("contacts_by_email", list(wanted))
    assert {address: {contact.row_id for contact in contacts} for address, contacts in found.items()} == wanted
    assert any(len(contacts) > 1 for contacts in found.values())


async def test_everybody_is_found_by_their_numbers(company: Company) -> None:
    wanted: dict[str, set[str | None]] = {}
    for one in company.known():
        for number in spelled(normalise.phone, one.phone, one.mobile):
            wanted.setdefault(number, set()).add(one.siebel_contact_id)
    found = await company.ask("contacts_by_phone", list(wanted))
    assert {number: {contact.row_id for contact in contacts} for number, contacts in found.items()} == wanted
    assert any(len(contacts) > 1 for contacts in found.values())


async def test_every_written_number_and_address_can_be_read(company: Company) -> None:
    for one in company.known():
        assert not one.email.strip() or normalise.email(one.email)
        assert all(normalise.phone(text) for text in (one.phone, one.mobile) if text)


async def test_everybody_is_found_by_their_customer_number(company: Company) -> None:
    numbers = {one.number: one.siebel_account_id for one in company.known() if one.number}
    found = await company.ask("accounts_by_number", list(numbers))
    assert {number: [account.row_id for account in accounts] for number, accounts in found.items()} == {
        number: [row_id] for number, row_id in numbers.items()
    }


async def test_a_sync_reads_everybody_once(company: Company) -> None:
    contacts = [one.row_id async for page in company.siebel.contacts_changed_since(Deadline(30), None) for one in page]
    accounts = [one.row_id async for page in company.siebel.accounts_changed_since(Deadline(30), None) for one in page]
    assert sorted(contacts) == sorted(str(one.siebel_contact_id) for one in company.known())
    assert sorted(accounts) == sorted(str(one.siebel_account_id) for one in company.known())


async def test_a_later_sync_reads_what_changed(company: Company) -> None:
    changed = sorted(company.known(), key=lambda one: one.updated)[-25:]
    since = changed[0].updated.replace(microsecond=0)
    pages = [page async for page in company.siebel.contacts_changed_since(Deadline(30), since)]
    assert {one.row_id for page in pages for one in page} == {one.siebel_contact_id for one in changed}
