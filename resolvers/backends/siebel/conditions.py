"""What contacts and accounts are found by: each condition as Siebel is asked for it, and as it is meant.

    name        each word, by white space, is in First, Middle or Last Name, whatever its case
    row_ids     Id is one of these
    unsuppressed  none of the flags by which somebody asked to be left alone is set
    email       is the same address once both are in one spelling (`normalise`)
    phone       is the same work or cellular number, likewise
    since       Created is in [from, before): as rows show it, so in the first of two hours of one name
    city, tier  City and Account Type Code are this text, whatever its case

Where Siebel's language can only say more than is meant (a quote or a wildcard in a text, a telephone number, the hour
that autumn repeats), whoever asks compares the rows. What nobody can meet (no word, no address, no number) is None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Generic, TypeVar

from resolvers import normalise
from resolvers.backends.base import Columns, Unusable
from resolvers.backends.siebel import records, searchspec
from resolvers.backends.siebel.records import Account, Contact

R = TypeVar("R", Contact, Account)

LONGEST_NAME = 200  # characters; what is longer nobody has
LONGEST_TEXT = 100
LONGEST_WORD = 40  # of a word that is searched for; of a longer one, its beginning


@dataclass(frozen=True, slots=True)
class Condition(Generic[R]):
    """What Siebel is asked for ("": not at all), whether that is exactly what is meant, and what is meant."""

    spec: str
    exact: bool
    fits: Callable[[R], bool]


def among(row_ids: Sequence[str]) -> Condition[Any] | None:
    """One of these rows; None, which nobody can meet, when none of them is a row id."""
    ids = frozenset(one for one in row_ids if searchspec.ROW_ID.fullmatch(one))
    if not ids:
        return None
    return Condition(
        searchspec.any_of(searchspec.equal("Id", one) for one in sorted(ids)), True, lambda row: row.row_id in ids
    )


def of_contact(
    row_ids: Sequence[str] | None,
    unsuppressed: bool,
    email: str | None,
    phone: str | None,
    least: datetime | None,
    limit: datetime | None,
    zone: tzinfo,
) -> list[Condition[Contact]] | None:
    return _all(
        [
            *([] if row_ids is None else [among(row_ids)]),
            *(map(_unset, records.SUPPRESSED) if unsuppressed else ()),
            *([] if email is None else [addressed(email)]),
            *([] if phone is None else [called(phone)]),
            *([] if least is None else [since(least, zone)]),
            *([] if limit is None else [before(limit, zone)]),
        ]
    )


def of_account(row_ids: Sequence[str] | None, city: str | None, tier: str | None) -> list[Condition[Account]] | None:
    return _all(
        [
            *([] if row_ids is None else [among(row_ids)]),
            *([] if city is None else [in_city(city)]),
            *([] if tier is None else [of_tier(tier)]),
        ]
    )


def _all(conditions: Sequence[Condition[R] | None]) -> list[Condition[R]] | None:
    known = [one for one in conditions if one is not None]
    return known if len(known) == len(conditions) else None


def _unset(flag: str) -> Condition[Contact]:
    """Rows without this flag: Siebel writes `N`, or nothing. What a row says is read with the facts of its customer."""
    return Condition(searchspec.any_of([f"[{flag}] IS NULL", f"[{flag}] = 'N'"]), True, lambda row: True)


def named(text: str) -> list[Condition[Contact]] | None:
    """One condition for each word, the longest first."""
    if len(text) > LONGEST_NAME:
        return None
    return [_word(word) for word in sorted(set(text.split()), key=lambda word: (-len(word), word))] or None


def addressed(text: str) -> Condition[Contact] | None:
    address = normalise.email(text)
    if address is None:
        return None
    spec = searchspec.equal("Email Address", address, fold=True)
    exact = searchspec.literal(address)
    return Condition(spec, exact, lambda contact: normalise.email(contact.email or "") == address)


def called(text: str) -> Condition[Contact] | None:
    number = normalise.phone(text)
    if number is None:
        return None
    return Condition(written_somehow(number), False, lambda contact: number in map(normalise.phone, contact.phones))


def written_somehow(number: str) -> str:
    return searchspec.any_of(searchspec.digits(field, number) for field in records.CONTACT["phones"])


def since(at: datetime, zone: tzinfo) -> Condition[Contact]:
    """Created at or after a moment."""
    second, exact = _second(at), not records.repeated(at, zone)
    asked = second if exact else second - timedelta(hours=1)
    spec = f"[Created] >= '{records.wall_clock(asked, zone)}'"
    return Condition(spec, exact, lambda contact: contact.since is not None and contact.since >= at)


def before(at: datetime, zone: tzinfo) -> Condition[Contact]:
    second, exact = _second(at), not records.repeated(at, zone)
    asked = second if exact else second + timedelta(hours=1)
    spec = f"[Created] < '{records.wall_clock(asked, zone)}'"
    return Condition(spec, exact, lambda contact: contact.since is not None and contact.since < at)


def in_city(text: str) -> Condition[Account] | None:
    return _same("City", text, lambda account: account.address.city if account.address else None)


def of_tier(text: str) -> Condition[Account] | None:
    return _same("Account Type Code", text, lambda account: account.tier)


def _same(field: str, text: str, read: Callable[[Account], str | None]) -> Condition[Account] | None:
    wanted = text.strip()
    if not 0 < len(wanted) <= LONGEST_TEXT:
        return None
    spec = searchspec.equal(field, wanted, fold=True)
    return Condition(
        spec, searchspec.literal(wanted), lambda account: (read(account) or "").casefold() == wanted.casefold()
    )


def _word(word: str) -> Condition[Contact]:
    part = word[:LONGEST_WORD]
    spec = searchspec.any_of(searchspec.contains(field, part) for field in records.CONTACT["name"])
    exact = part == word and searchspec.literal(word)
    return Condition(spec, exact, lambda contact: word.casefold() in (contact.name or "").casefold())


def contact_columns(
    name: str | None, email: str | None, phone: str | None, moment: datetime | None, order: str
) -> Columns:
    """Columns that a search cannot do without, whoever asks."""
    asked = {"name": name, "email": email, "phones": phone, "since": moment}
    sorted_by = {"NAME": {"name"}, "SINCE": {"since"}}.get(order, set())
    return frozenset({*sorted_by, *(one for one, value in asked.items() if value)})


def account_columns(city: str | None, tier: str | None) -> Columns:
    """Columns that a search cannot do without, whoever asks."""
    return frozenset({*(["address"] if city else []), *(["tier"] if tier else [])})


def _second(at: datetime) -> datetime:
    """Siebel keeps whole seconds: the first that is not before this moment."""
    if at.tzinfo is None:
        raise Unusable("A moment needs its offset from UTC.")
    whole = at.replace(microsecond=0)
    try:
        return whole if whole == at else whole + timedelta(seconds=1)
    except OverflowError:
        return whole
