"""From any key of a customer to the customer: through the cross-reference, and through the systems that can search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from msgspec import structs

from resolvers import normalise
from resolvers.backends.base import Outcome, Unavailable, Unusable
from resolvers.backends.netsuite import NetSuite
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.remedy import Remedy
from resolvers.backends.siebel import Account, Contact, Siebel
from resolvers.binding import Ask
from resolvers.crossref import Claim, Crossref
from resolvers.ids import global_id, parsed
from resolvers.rows import Person

CONTACT, ACCOUNT, PARTY, REQUESTER = "siebel.contact", "siebel.account", "oracle_om.party", "remedy.person"
DEBTOR = "netsuite.customer"
SUBSCRIBER, MEMBER = "hubspot.contact", "discourse.user"
OF_CUSTOMER = ("own", "consenting", "own-region")
"""Relations of a customer that whatever is theirs has too; see `resolvers.relations`."""

MOST_MATCHES = 20
SYSTEMS = (CONTACT, ACCOUNT, PARTY, REQUESTER, DEBTOR, SUBSCRIBER, MEMBER)


def crossref(ask: Ask) -> Crossref:
    return cast(Crossref, ask.context.facts["crossref"])


def by_ids(ask: Ask, ids: Sequence[str]) -> list[Person | None]:
    """Customers by id of the graph, in order; None for an id that names none. Where they are there under a relation
    only (see `Ask.judged`), one who does not exist is asked about like everybody else."""
    keys = [_key(one) for one in ids]
    asked = [key for key in keys if key]
    if "Customer" in ask.judged:
        today = crossref(ask).current(asked)
        return [Person(today[key], Unread(crossref(ask), today[key])) if key else None for key in keys]
    known = crossref(ask).keys(asked)
    return [Person(*known[key]) if key in known else None for key in keys]


class Unread(Mapping[str, tuple[str, ...]]):
    """The keys of a customer of whom it is not known yet whether they are there for the caller: read when they are
    needed, so that nobody is told by how long it took. Of who does not exist there are none."""

    def __init__(self, known: Crossref, customer: str) -> None:
        self._known, self._customer = known, customer

    @cached_property
    def _keys(self) -> Mapping[str, tuple[str, ...]]:
        found = self._known.keys([self._customer])
        return found[self._customer].keys if found else {}

    def __getitem__(self, system: str) -> tuple[str, ...]:
        return self._keys[system]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def nobody(key: str) -> Person:
    """In place of a customer who does not exist, where that must not be told from one who is somebody else's."""
    return Person(key, {})


def current_id(crossref: Crossref, customer: str) -> str:
    """A customer's id as rows have it today: an old one still works after two customers turned out to be one."""
    key = _key(customer)
    return global_id("Customer", crossref.current([key])[key]) if key else customer


def keys_of(ask: Ask, system: str, customer: str | None) -> tuple[str, ...] | None:
    """Keys in one system that rows are limited to: those of the customer asked for, as far as a row rule allows, or
    of whom the rule leaves. None: of nobody in particular; empty: nobody's."""
    own = ask.predicates.get("own")
    named = [customer] if customer is not None else sorted(own) if own is not None else None
    if named is None:
        return None
    people = [person for person in by_ids(ask, named) if person and (own is None or person.id in own)]
    return tuple(dict.fromkeys(key for person in people for key in person.keys.get(system, ())))


def _key(text: str) -> str | None:
    """The cross-reference's own id inside an id of the graph; None for what is no customer's id."""
    at = parsed(text)
    return at[1] if at and at[0] == "Customer" else None


def by_native(ask: Ask, system: str, keys: Iterable[str]) -> dict[str, Person]:
    """Customers by their key in one system."""
    found = crossref(ask).customers(system, keys)
    known = crossref(ask).keys(list(found.values()))
    return {key: Person(*known[customer]) for key, customer in found.items()}


async def candidates(ask: Ask, by: Mapping[str, Any]) -> tuple[str, list[Person]]:
    """What was looked up by, and everybody it could mean; with the records that the search itself returned.

    Raises the `Gap` that kept us from knowing.
    """
    ((way, value),) = by.items()
    match way:
        case "id":
            found = _mine(ask, value) if "own" in ask.predicates else by_ids(ask, [value])
        case "email":
            address = _usable(normalise.email(value), "an e-mail address")
            found = await _by_search(ask, Siebel.contacts_by_email, address, email=address)
        case "phone":
            number = _usable(normalise.phone(value), "a telephone number")
            found = await _by_search(ask, Siebel.contacts_by_phone, number, phone=number)
        case "orderNumber":
            found = await _by_link(ask, OracleOM.parties_of_orders, value, PARTY, "party_number", "parties")
        case "invoiceNumber":
            found = await _by_link(ask, NetSuite.invoices, value, DEBTOR, "debtor_id", "debtors")
        case "ticketNumber":
            found = await _by_link(ask, Remedy.incidents, value, REQUESTER, "person_id", "people")
        case "serialNumber":
            found = await _by_thing(ask, value)
        case _:
            found = _by_key(ask, value["system"], value["key"])
    return way, [person for person in found if person and _is_mine(ask, person)]


def _is_mine(ask: Ask, person: Person) -> bool:
    """Row rules come first: who may only see themself is never told that others match too. A system that can compare is
    only asked for rows of theirs, so it does not even answer differently."""
    own = ask.predicates.get("own")
    return own is None or person.id in own


def _mine(ask: Ask, customer: str) -> list[Person | None]:
    """The caller themself, when it is them who is asked for. Nobody else is looked up."""
    today = current_id(crossref(ask), customer)
    return [one for one in by_ids(ask, sorted(ask.predicates["own"])) if one and one.id == today]


def _usable(value: str | None, what: str) -> str:
    if value is None:
        raise Unusable(f"This is not {what}")
    return value


async def _by_search(ask: Ask, operation: Any, value: str, **condition: str) -> list[Person | None]:
    contacts = await _contacts(ask, operation, value, condition)
    people = known_rows(ask, CONTACT, contacts)
    return [*_distinct(carrying(people[one.row_id], CONTACT, one) for one in contacts if one.row_id in people)]


async def _contacts(ask: Ask, operation: Any, value: str, condition: Mapping[str, str]) -> Sequence[Contact]:
    columns, own = ask.columns | {"account_id"}, keys_of(ask, CONTACT, None)
    outcome: Outcome[Any]
    if own is None:
        (outcome,) = await ask.load(operation, [value], columns)
    else:
        (outcome,) = await ask.load(
            Siebel.find_contacts, [""], columns, **condition, row_ids=own, order="ID", first=MOST_MATCHES
        )
    if outcome.error:
        raise outcome.error
    found: Any = outcome.value if own is None else outcome.value and outcome.value.contacts
    return found or ()


def known_rows(ask: Ask, system: str, rows: Sequence[Contact] | Sequence[Account]) -> dict[str, Person]:
    """Customers by the row ids of what the CRM has just told us: one we had not heard of becomes a customer."""
    people = by_native(ask, system, [row.row_id for row in rows])
    strangers = [row for row in rows if row.row_id not in people]
    if strangers and _makes_known(ask):
        _welcome(ask, [claim(row) for row in strangers])
        people |= by_native(ask, system, [row.row_id for row in strangers])
    return people


def _makes_known(ask: Ask) -> bool:
    """Who may see only some rows, or only themself, makes nobody known."""
    return not ask.predicates and ask.context.facts["caller"].customer is None


def _welcome(ask: Ask, strangers: Sequence[Claim]) -> None:
    """Rows entered since the last sync become customers at once, unless a sync is writing just now."""
    if not crossref(ask).merge_now(strangers):
        raise Unavailable("crossref", "is being written")


def carrying(person: Person, system: str, row: Contact | Account) -> Person:
    """The record found is the one to show only when it is under the customer's first key there."""
    if person.keys[system][0] != row.row_id:
        return person
    return structs.replace(person, **{"contact" if isinstance(row, Contact) else "account": row})


def claim(row: Contact | Account) -> Claim:
    """A row entered since the last sync becomes a customer at once; the next sync learns the rest."""
    if isinstance(row, Account):
        return Claim(((ACCOUNT, row.row_id, 1),))
    keys = [(ACCOUNT, row.account_id, 2)] if row.account_id else []
    return Claim((*keys, (CONTACT, row.row_id, 2)))


async def _by_link(ask: Ask, operation: Any, key: str, system: str, attribute: str, limit: str) -> list[Person | None]:
    """Through something of theirs: a row of another system that names them by its own key of them."""
    own = keys_of(ask, system, None)
    if own == ():
        return []
    (outcome,) = await ask.load(operation, [key], frozenset({attribute}), **({limit: own} if own else {}))
    if outcome.error:
        raise outcome.error
    native = getattr(outcome.value, attribute, outcome.value)
    return [*known(ask, system, [native]).values()] if native else []


async def _by_thing(ask: Ask, serial: str) -> list[Person | None]:
    """Everybody who has something of ours with this serial number."""
    own = keys_of(ask, ACCOUNT, None)
    if own == ():
        return []
    (outcome,) = await ask.load(Siebel.assets_by_serial, [serial], frozenset({"account_id"}), accounts=own)
    if outcome.error:
        raise outcome.error
    return [*_distinct(known(ask, ACCOUNT, (one.account_id for one in outcome.value or () if one.account_id)).values())]


def known(ask: Ask, system: str, keys: Iterable[str]) -> dict[str, Person]:
    """Customers by a key that their own system has just told us: one we had not heard of becomes a customer."""
    wanted = list(dict.fromkeys(keys))
    found = by_native(ask, system, wanted)
    strangers = [key for key in wanted if key not in found]
    if strangers and _makes_known(ask):
        _welcome(ask, [Claim(((system, key, 0),), key if system == PARTY else None) for key in strangers])
        found |= by_native(ask, system, strangers)
    return found


def _by_key(ask: Ask, system: str, key: str) -> list[Person | None]:
    if system not in SYSTEMS:
        raise Unusable(f"There is no system {system!r}: spell it as `identities` does")
    own = keys_of(ask, system, None)
    return [*by_native(ask, system, [key] if own is None or key in own else []).values()]


def _distinct(people: Iterable[Person]) -> list[Person]:
    first: dict[str, Person] = {}
    for person in people:
        if person.key not in first or person.contact:
            first[person.key] = person
    return list(first.values())
