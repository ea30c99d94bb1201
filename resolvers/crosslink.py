"""Fills the cross-reference from what the systems themselves say, through their adapters: `customer360 crossref sync`.

Siebel's accounts bring the customer number (CSN) and name the contact to ask first, its contacts bring what people are
matched by, Oracle's buying parties bring the number their orders are under, Remedy's requesters bring a customer number
or else the address or telephone they were called from, NetSuite's customers a customer number or else an address,
HubSpot's contacts a customer number or else what they are matched by, Discourse's accounts an address. Incremental:
each system is asked for what changed since the newest change taken in; rows seen twice change nothing. A system that an
operator takes off is left alone here too, before its next page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from resolvers import normalise
from resolvers.backends.base import Adapter, BackendError, Deadline, Unavailable
from resolvers.backends.discourse import Discourse, User
from resolvers.backends.hubspot import Contact as Subscriber
from resolvers.backends.hubspot import HubSpot
from resolvers.backends.netsuite import Debtor, NetSuite
from resolvers.backends.oracle_om import BuyingParty, OracleOM
from resolvers.backends.remedy import Remedy, Requester
from resolvers.backends.siebel import Account, Contact, Siebel
from resolvers.crossref import Claim, Crossref
from resolvers.people import ACCOUNT, CONTACT, DEBTOR, MEMBER, PARTY, REQUESTER, SUBSCRIBER

MARKS = frozenset({"row_id", "number", "contact_id", "updated"})
PATIENCE = 3600.0  # seconds for one system; each call in between has its own, much shorter, time


@dataclass(frozen=True, slots=True)
class Taken:
    """What one system added: rows read, customers that were new, and the newest change among them. `failed`: why it
    could not be read to its end."""

    system: str
    rows: int
    new: int
    until: str | None
    failed: str = ""


async def sync(
    crossref: Crossref, backends: Mapping[str, Adapter], off: Callable[[str], bool] = lambda _: False
) -> list[Taken]:
    """Take in what changed everywhere. A system that fails costs its own part: what it said before that stays, and
    the next sync goes on from there. `off` says whether a system may not be asked any more."""
    siebel, oracle = cast(Siebel, backends["siebel"]), cast(OracleOM, backends["oracle_om"])
    remedy, netsuite = cast(Remedy, backends["remedy"]), cast(NetSuite, backends["netsuite"])
    hubspot, discourse = cast(HubSpot, backends["hubspot"]), cast(Discourse, backends["discourse"])
    deadline = Deadline(PATIENCE)
    steps: list[tuple[str, Callable[[datetime | None], AsyncIterator[Sequence[Any]]], Callable[[Any], Claim]]] = [
        (ACCOUNT, lambda since: siebel.accounts_changed_since(deadline, since, MARKS), of_account),
        (CONTACT, lambda since: siebel.contacts_changed_since(deadline, since), of_contact),
        (PARTY, lambda since: oracle.parties_changed_since(deadline, since), of_party),
        (REQUESTER, lambda since: remedy.requesters_changed_since(deadline, since), of_requester),
        (DEBTOR, lambda since: netsuite.debtors_changed_since(deadline, since), of_debtor),
        (SUBSCRIBER, lambda since: hubspot.contacts_changed_since(deadline, since), of_subscriber),
        (MEMBER, lambda since: discourse.users_changed_since(deadline, since), of_member),
    ]
    return [await _take(crossref, system, pages, claim, off) for system, pages, claim in steps]


async def _take(
    crossref: Crossref,
    system: str,
    pages: Callable[[datetime | None], AsyncIterator[Sequence[Any]]],
    claim: Callable[[Any], Claim],
    off: Callable[[str], bool],
) -> Taken:
    since = crossref.progress(system)
    newest = datetime.fromisoformat(since) if since else None
    rows = new = 0
    try:
        async for page in _while_on(system.partition(".")[0], pages(newest), off):
            new += crossref.merge(made for made in map(claim, page) if made.keys)
            rows += len(page)
            newest = max(_moments(newest, page), default=None)
    except BackendError as error:
        return Taken(system, rows, new, since, str(error))
    if newest:
        crossref.taken_in(system, newest.isoformat())
    return Taken(system, rows, new, newest.isoformat() if newest else None)


async def _while_on(
    backend: str, pages: AsyncIterator[Sequence[Any]], off: Callable[[str], bool]
) -> AsyncIterator[Sequence[Any]]:
    """The pages, as long as nobody has taken the system off. Raises Unavailable before one that may not be read."""
    while not off(backend):
        try:
            yield await anext(pages)
        except StopAsyncIteration:
            return
    raise Unavailable(backend, "switched off by its operator")


def _moments(newest: datetime | None, page: Iterable[Any]) -> Iterable[datetime]:
    return (moment for moment in (newest, *(row.updated for row in page)) if moment)


def of_account(account: Account) -> Claim:
    """An account, and its primary contact: asked first when the account has a customer number."""
    rank = 0 if account.number else 1
    keys = [(ACCOUNT, account.row_id, rank)]
    if account.contact_id:
        keys.append((CONTACT, account.contact_id, rank))
    return Claim(tuple(keys), account.number)


def of_contact(contact: Contact) -> Claim:
    keys = [(ACCOUNT, contact.account_id, 2)] if contact.account_id else []
    phones = filter(None, map(normalise.phone, contact.phones))
    email = normalise.email(contact.email) if contact.email else None
    return Claim((*keys, (CONTACT, contact.row_id, 2)), None, email, tuple(phones), contact.name)


def of_party(party: BuyingParty) -> Claim:
    return Claim(((PARTY, party.number, 0),), party.number)


def of_requester(requester: Requester) -> Claim:
    """Known by Remedy's own Person ID; a ticket without one cannot be followed to a customer."""
    keys = ((REQUESTER, requester.person_id, 0),) if requester.person_id else ()
    email = normalise.email(requester.email) if requester.email else None
    phone = normalise.phone(requester.phone) if requester.phone else None
    return Claim(keys, requester.customer_number, email, (phone,) if phone else (), requester.name)


def of_debtor(debtor: Debtor) -> Claim:
    """A customer of the ledger. One that is there twice has the same number twice, and both records stay theirs."""
    email = normalise.email(debtor.email) if debtor.email else None
    phone = normalise.phone(debtor.phone) if debtor.phone else None
    return Claim(((DEBTOR, debtor.id, 2),), debtor.account, email, (phone,) if phone else (), debtor.name)


def of_subscriber(contact: Subscriber) -> Claim:
    """A contact of the marketing system; most bear the customer number."""
    email = normalise.email(contact.email) if contact.email else None
    phone = normalise.phone(contact.phone) if contact.phone else None
    return Claim(((SUBSCRIBER, contact.id, 0),), contact.number, email, (phone,) if phone else (), contact.name)


def of_member(user: User) -> Claim:
    """An account of the community, which knows an address and a name that somebody chose."""
    return Claim(((MEMBER, user.username, 0),), None, normalise.email(user.email) if user.email else None)
