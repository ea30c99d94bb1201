"""Customers by what is on record about them: the CRM finds rows, the cross-reference tells whose they are.

Which system evaluates what, so that nothing is ever read to its end in secret:

* `name`, `email`, `phone`, `since` and the order: Siebel's contacts. They lead the list;
* `city` and `tier`: Siebel's accounts. Alone, they lead the list, in the accounts' own order; beside a name, an e-mail
  address or a telephone number they are compared with the accounts of the contacts found, 500 at the most;
* `channel`: Oracle's orders, and only to narrow what a name, an address or a number has found.

A customer of whom the CRM has several rows is listed once: at the first of those that meet the conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Columns, Gap, Operation, Outcome, Unusable
from resolvers.backends.oracle_om import OracleOM
from resolvers.backends.siebel import By, Siebel, position, standing
from resolvers.binding import Ask, resolves
from resolvers.paging import Page
from resolvers.people import ACCOUNT, CONTACT, PARTY, carrying, keys_of, known_rows
from resolvers.relations import consenting
from resolvers.rows import Person
from schema import Category

OF_ACCOUNTS = frozenset({"city", "tier"})
NARROWING = OF_ACCOUNTS | {"channel"}
SELECTIVE = frozenset({"name", "email", "phone"})
MOST_ROWS = 100  # of the CRM, in one page
MOST_PAGES = 5
MOST_SIBLINGS = 40  # row ids in one question
MOST_ORDERS = 100

Place = tuple[str, ...]


@resolves(
    schema.Query,
    "customers",
    source=(Siebel.find_contacts, Siebel.find_accounts),
    pushes=("own", "consenting"),
    asks=(Category.IDENTITY,),
)
async def customers(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Page]]:
    if refused := paging.refused(ask, 1):
        return refused
    try:
        return [Outcome(await found(ask, paging.given(ask), paging.rows_of(ask)))]
    except Gap as gap:
        return [Outcome(error=gap)]


async def found(ask: Ask, wanted: Mapping[str, Any], columns: Columns) -> Page:
    """A page of customers. Raises the Gap that kept us from knowing."""
    listing = _listing(ask, wanted, columns)
    if keys_of(ask, listing.system, None) == ():
        return paging.none(ask)
    after, narrowed = paging.opened(ask), {key: wanted[key] for key in NARROWING & wanted.keys() - listing.meets}
    if "consenting" in ask.predicates:
        narrowed["consenting"] = True
    first, place, total = ask.arguments["first"], after, None
    rows: list[_Row] = []
    for turn in range(MOST_PAGES):
        counted = turn == 0 and not narrowed and paging.counts(ask)
        page, more, count = await listing.read(ask, MOST_ROWS if narrowed else first - len(rows), place, counted)
        total = count if counted else total
        rows += await _narrowed(ask, await listing.each_once(ask, page), narrowed)
        place = page[-1].place if page else place
        if not more or len(rows) >= first:
            return _page(ask, rows, first, more, place, total)
    raise Unusable("Hundreds of customers are nearly like this, and too few of them fit: a fuller `name` may find them")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the CRM that meets the conditions: where it stands, and whose it is."""

    key: str
    place: Place
    person: Person


@dataclass(frozen=True, slots=True)
class _Listing:
    """The rows that lead a list: of contacts or of accounts. `meets`: conditions these rows are found by. `carries`:
    whether what they show is fetched with them; not before it is known what all rows of a customer say."""

    system: str
    operation: Operation[Any]
    conditions: Mapping[str, Any]
    meets: frozenset[str]
    place: Callable[[Any], Place]
    descending: bool
    columns: Columns
    carries: bool = True

    async def read(
        self, ask: Ask, first: int, after: Place | None, counted: bool
    ) -> tuple[list[_Row], bool, int | None]:
        """One page: its rows, whether there are more, and how many there are on all pages."""
        columns = self.columns | {"total"} if counted else self.columns
        own = keys_of(ask, self.system, None)
        page = await self._asked(ask, columns, row_ids=own, first=first, after=after)
        return self._rows(ask, page), page.has_next, page.total

    async def each_once(self, ask: Ask, rows: Sequence[_Row]) -> list[_Row]:
        """Without rows of customers who are listed already: another row of theirs that fits stands before."""
        siblings = {
            key: row.person.key for row in rows for key in row.person.keys.get(self.system, ()) if key != row.key
        }
        fitting = list(rows)
        for start in range(0, len(siblings), MOST_SIBLINGS):
            some = tuple(sorted(siblings))[start : start + MOST_SIBLINGS]
            fitting += self._rows(ask, await self._asked(ask, self.columns, row_ids=some, first=MOST_SIBLINGS))
        first: dict[str, Place] = {}
        for row in sorted(fitting, key=lambda row: standing(row.place), reverse=self.descending):
            first.setdefault(row.person.key, row.place)
        return [row for row in rows if first[row.person.key] == row.place]

    async def _asked(self, ask: Ask, columns: Columns, **more: Any) -> Any:
        (outcome,) = await ask.load(self.operation, [""], columns, **self.conditions, **more)
        if outcome.error:
            raise outcome.error
        return outcome.value

    def _rows(self, ask: Ask, page: Any) -> list[_Row]:
        records: Sequence[Any] = page.contacts if self.system == CONTACT else page.accounts
        people = known_rows(ask, self.system, records)
        return [
            _Row(one.row_id, self.place(one), self._person(people[one.row_id], one))
            for one in records
            if one.row_id in people
        ]

    def _person(self, person: Person, row: Any) -> Person:
        return carrying(person, self.system, row) if self.carries else person


def _listing(ask: Ask, wanted: Mapping[str, Any], columns: Columns) -> _Listing:
    """Which rows lead. Raises Unusable for what no system can evaluate."""
    sort: schema.CustomerSort | None = ask.arguments.get("orderBy")
    if SELECTIVE.isdisjoint(wanted):
        if wanted and wanted.keys() <= OF_ACCOUNTS and sort is None:
            conditions = {key: wanted[key] for key in OF_ACCOUNTS & wanted.keys()}
            shown = frozenset(column for column in columns if column.partition(".")[0] in ("address", "tier"))
            carries = "consenting" not in ask.predicates
            return _Listing(
                ACCOUNT,
                Siebel.find_accounts,
                conditions,
                OF_ACCOUNTS,
                lambda one: (one.row_id,),
                False,
                shown if carries else frozenset(),
                carries,
            )
        if alone := NARROWING & wanted.keys():
            raise Unusable(_together(min(alone), wanted, sort))
    by, descending = _order(ask, sort)
    since = wanted.get("since") or {}
    conditions = {key: wanted[key] for key in SELECTIVE & wanted.keys()} | {
        "since_from": since.get("from"),
        "since_before": since.get("before"),
        "order": by,
        "descending": descending,
        "unsuppressed": "consenting" in ask.predicates,
    }
    carries = "consenting" not in ask.predicates
    shown = (columns if carries else frozenset()) | {"account_id"}
    return _Listing(
        CONTACT,
        Siebel.find_contacts,
        conditions,
        frozenset(),
        lambda one: position(one, by),
        descending,
        shown,
        carries,
    )


def _order(ask: Ask, sort: schema.CustomerSort | None) -> tuple[By, bool]:
    """By name, unless asked otherwise; in no order that means anything for who may not see names."""
    if sort is None:
        return "NAME" if Category.IDENTITY in ask.askable else "ID", False
    return "SINCE" if sort.name.startswith("SINCE") else "NAME", sort.name.endswith("DESC")


def _together(alone: str, wanted: Mapping[str, Any], sort: schema.CustomerSort | None) -> str:
    if alone == "channel":
        return (
            "No system can list customers by `channel`: give `name`, `email` or `phone` as well, or ask for "
            "`orders(filter: {channel: …})` and their `customer`"
        )
    other = "`since`" if "since" in wanted else "`orderBy`" if sort else "`channel`"
    return (
        f"`{alone}` is on record with accounts and {other} is not, and no system evaluates both: leave one out, or "
        "give `name`, `email` or `phone` as well"
    )


# -- what the leading rows do not tell ----------------------------------------------------------------------------


async def _narrowed(ask: Ask, rows: list[_Row], narrowed: Mapping[str, Any]) -> list[_Row]:
    if rows and not OF_ACCOUNTS.isdisjoint(narrowed):
        fits = await _accounts_that_fit(ask, rows, narrowed)
        rows = [row for row in rows if row.person.key in fits]
    if rows and "channel" in narrowed:
        bought = await _bought(ask, rows, narrowed["channel"])
        rows = [row for row in rows if not bought.isdisjoint(row.person.keys.get(PARTY, ()))]
    return await _consenting(ask, rows) if rows and "consenting" in narrowed else rows


async def _consenting(ask: Ask, rows: Sequence[_Row]) -> list[_Row]:
    """Siebel has left out rows that say no; a customer may have others that do."""
    facts = await consenting([row.person for row in rows], ask)
    for fact in facts:
        if fact.error:
            raise fact.error
    return [row for row, fact in zip(rows, facts, strict=True) if fact.value]


async def _accounts_that_fit(ask: Ask, rows: Sequence[_Row], narrowed: Mapping[str, Any]) -> set[str]:
    """Customers whose account, the one that the graph shows, is of this town and this tier."""
    columns = frozenset({*(["address.city"] if "city" in narrowed else []), *(["tier"] if "tier" in narrowed else [])})
    accounts = {row.person.key: row.person.keys[ACCOUNT][0] for row in rows if row.person.keys.get(ACCOUNT)}
    asked = list(dict.fromkeys(accounts.values()))
    answers = dict(zip(asked, await ask.load(Siebel.accounts, asked, columns), strict=True))
    for outcome in answers.values():
        if outcome.error:
            raise outcome.error
    return {person for person, key in accounts.items() if _fits(answers[key].value, narrowed)}


def _fits(account: Any, narrowed: Mapping[str, Any]) -> bool:
    if account is None:
        return False
    has = {"city": account.address.city if account.address else None, "tier": account.tier}
    return all(_folded(has[key]) == _folded(narrowed[key]) for key in OF_ACCOUNTS & narrowed.keys())


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()


async def _bought(ask: Ask, rows: Sequence[_Row], channel: str) -> set[str]:
    """Parties with an order through this channel, of those these customers are."""
    parties = tuple(dict.fromkeys(party for row in rows for party in row.person.keys.get(PARTY, ())))
    bought: set[str] = set()
    after: Place | None = None
    for _ in range(MOST_PAGES):
        left = tuple(party for party in parties if party not in bought)
        if not left:
            return bought
        columns = frozenset({"party_number", "number", "placed_at"})
        (outcome,) = await ask.load(
            OracleOM.find, [""], columns, parties=left, channels=(channel,), first=MOST_ORDERS, after=after
        )
        if outcome.error:
            raise outcome.error
        page = outcome.value
        if page is None:
            return bought
        bought |= {order.party_number for order in page.orders if order.party_number}
        if not page.has_next:
            return bought
        last = page.orders[-1]
        after = (last.placed_at.isoformat() if last.placed_at else "", last.number or "")
    raise Unusable("Too many orders came through this `channel` to look through them: a fuller `name` narrows them")


# -- the page -----------------------------------------------------------------------------------------------------


def _page(ask: Ask, rows: Sequence[_Row], first: int, more: bool, end: Place | None, total: int | None) -> Page:
    shown = rows[:first]
    places = {row.person.key: row.place for row in shown}
    ends = shown[-1].place if len(rows) > first else end
    return Page(
        [row.person for row in shown],
        more or len(rows) > first,
        ask.arguments.get("after") is not None,
        lambda person: paging.sealed(ask, "", places[person.key]),
        total,
        None if ends is None else lambda: paging.sealed(ask, "", ends),
    )
