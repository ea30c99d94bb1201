"""What we hope to sell and what customers have of us: Siebel, one question for a whole level of customers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import schema
from resolvers import paging
from resolvers.backends.base import Ambiguous, Columns, Outcome
from resolvers.backends.siebel import Asset, Opportunity, Siebel
from resolvers.binding import Ask, resolves
from resolvers.ids import parsed
from resolvers.paging import Page
from resolvers.people import ACCOUNT, OF_CUSTOMER, by_ids, keys_of, known
from resolvers.rows import Deal, Item, Person, Sale, Thing

LINKS = {"owner": "account_id", "order_number": "order_number", "sku": "sku"}
"""What an edge of an opportunity or an asset needs, and the attribute of the record that has it."""

Row = Deal | Thing
Place = tuple[str, str]


@resolves(schema.Query, "opportunity", source=(Siebel.opportunities,))
async def opportunity(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Deal]]:
    at = parsed(ask.arguments["id"])
    if at is None or at[0] != "Opportunity":
        return [Outcome()]
    return await deal_named(at[1], ask, ask.columns)


@resolves(schema.Query, "asset", source=(Siebel.assets_by_serial,), pushes=("own",))
async def asset(parents: Sequence[None], ask: Ask) -> Sequence[Outcome[Thing]]:
    """By a number that is not the row's key: where its rows are there under a relation only, that is asked of nobody
    when there is none, so that what is somebody else's costs what nothing costs."""
    own = keys_of(ask, ACCOUNT, None)
    columns = with_links(ask.columns) | {"row_id"}
    (found,) = await ask.load(Siebel.assets_by_serial, [ask.arguments["serialNumber"]], columns, accounts=own)
    if found.error:
        return [Outcome(error=found.error)]
    rows = [Thing(one.row_id, one, linked_in(ask.columns)) for one in found.value or ()]
    if not rows and "Asset" in ask.judged:
        return [Outcome(Thing(_nowhere(ask.arguments["serialNumber"]), None, linked_in(ask.columns)))]
    if len(rows) > 1:
        return [Outcome(error=Ambiguous(f"{len(rows)} assets match"))]
    return [Outcome(rows[0] if rows else None)]


@resolves(schema.Customer, "opportunities", source=(Siebel.opportunities_of,), passes_on=OF_CUSTOMER)
async def opportunities(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    return await _pages(people, ask, Siebel.opportunities_of, "closes_on", Deal)


@resolves(schema.Customer, "owns", source=(Siebel.assets_of,), passes_on=OF_CUSTOMER)
async def owns(people: Sequence[Person], ask: Ask) -> Sequence[Outcome[Page]]:
    return await _pages(people, ask, Siebel.assets_of, "since", Thing)


@resolves(
    schema.Opportunity,
    *("name", "stage", "status", "amount", "probability", "closesOn", "salesRep", "description"),
    carried="opportunity",
    source=(Siebel.opportunities,),
)
async def deal(deals: Sequence[Deal], ask: Ask) -> Sequence[Outcome[Opportunity]]:
    return await ask.load(Siebel.opportunities, [one.key for one in deals])


@resolves(schema.Opportunity, "lines", source=(Siebel.opportunity_products,))
async def lines(deals: Sequence[Deal], ask: Ask) -> Sequence[Outcome[Any]]:
    return await ask.load(Siebel.opportunity_products, [one.key for one in deals])


@resolves(schema.OpportunityLine, "product", needs=("sku",))
async def product_wanted(lines: Sequence[Any], ask: Ask) -> Sequence[Outcome[Item]]:
    return [Outcome(Item(line.sku) if line.sku else None) for line in lines]


@resolves(schema.Opportunity, "order", needs=("order_number",), source=(Siebel.opportunities,))
async def order_won(deals: Sequence[Deal], ask: Ask) -> Sequence[Outcome[Sale]]:
    return _sales(await _links(deals, ask, "order_number"))


@resolves(schema.Opportunity, "customer", needs=("owner",), source=(Siebel.opportunities,))
async def buyer(deals: Sequence[Deal], ask: Ask) -> Sequence[Outcome[Person]]:
    return await owners(deals, ask)


@resolves(
    schema.Asset,
    *("number", "serialNumber", "quantity", "status", "since", "warrantyUntil", "notes"),
    carried="asset",
    source=(Siebel.assets,),
)
async def thing(things: Sequence[Thing], ask: Ask) -> Sequence[Outcome[Asset]]:
    return await ask.load(Siebel.assets, [one.key for one in things])


@resolves(schema.Asset, "product", needs=("sku",), source=(Siebel.assets,))
async def product_owned(things: Sequence[Thing], ask: Ask) -> Sequence[Outcome[Item]]:
    found = await _links(things, ask, "sku")
    return [Outcome(Item(one.value) if one.value else None, one.error) for one in found]


@resolves(schema.Asset, "order", needs=("order_number",), source=(Siebel.assets,))
async def order_of(things: Sequence[Thing], ask: Ask) -> Sequence[Outcome[Sale]]:
    return _sales(await _links(things, ask, "order_number"))


@resolves(schema.Asset, "customer", needs=("owner",), source=(Siebel.assets,))
async def owner(things: Sequence[Thing], ask: Ask) -> Sequence[Outcome[Person]]:
    return await owners(things, ask)


async def deal_named(row_id: str, ask: Ask, columns: Columns) -> list[Outcome[Deal]]:
    """One opportunity by its key. Where it is there under a relation only, that is asked about the key itself."""
    if "Opportunity" in ask.judged:
        return [Outcome(Deal(row_id))]
    (found,) = await ask.load(Siebel.opportunities, [row_id], with_links(columns) | {"row_id"})
    return [Outcome(Deal(row_id, found.value, linked_in(columns)) if found.value else None, found.error)]


async def thing_named(row_id: str, ask: Ask, columns: Columns) -> list[Outcome[Thing]]:
    """One asset, likewise."""
    if "Asset" in ask.judged:
        return [Outcome(Thing(row_id))]
    (found,) = await ask.load(Siebel.assets, [row_id], with_links(columns) | {"row_id"})
    return [Outcome(Thing(row_id, found.value, linked_in(columns)) if found.value else None, found.error)]


async def owners(rows: Sequence[Row], ask: Ask) -> list[Outcome[Person]]:
    """Whose account each row hangs on, as far as they are customers of ours."""
    links = await _links(rows, ask, "owner")
    people = known(ask, ACCOUNT, {link.value for link in links if link.value})
    return [Outcome(people.get(link.value or ""), link.error) for link in links]


async def owned_by(things: Sequence[Thing], ask: Ask, customers: frozenset[str]) -> list[Outcome[Person]]:
    """Whose things these are, as far as they are these customers': nobody else's are asked for."""
    mine = {key: person for person in by_ids(ask, sorted(customers)) if person for key in person.keys.get(ACCOUNT, ())}
    columns, accounts = frozenset({"account_id"}), tuple(sorted(mine))
    found = await ask.load(Siebel.assets, [one.key for one in things], columns, accounts=accounts)
    return [Outcome(mine.get((one.value and one.value.account_id) or ""), one.error) for one in found]


def with_links(columns: Columns) -> Columns:
    return columns | {LINKS[need] for need in linked_in(columns)}


def linked_in(columns: Columns) -> Columns:
    return columns & LINKS.keys()


async def _links(rows: Sequence[Row], ask: Ask, need: str) -> list[Outcome[str]]:
    """One link key of each row: carried, or asked for those that do not carry it."""
    attribute = LINKS[need]
    operation: Any = Siebel.opportunities if rows and isinstance(rows[0], Deal) else Siebel.assets
    unknown = [row.key for row in rows if need not in row.linked]
    asked = await ask.load(operation, unknown, frozenset({attribute}))
    found: dict[str, Outcome[Any]] = dict(zip(unknown, asked, strict=True))
    told = [found[row.key] if row.key in found else Outcome(_record(row)) for row in rows]
    return [Outcome(getattr(one.value, attribute) if one.value else None, one.error) for one in told]


def _nowhere(serial: str) -> str:
    """A row id that the CRM does not have, for a thing that does not exist."""
    return f"0-{hashlib.blake2b(serial.encode(), digest_size=5).hexdigest().upper()}"


def _record(row: Row) -> Opportunity | Asset | None:
    return row.opportunity if isinstance(row, Deal) else row.asset


def _sales(links: Sequence[Outcome[str]]) -> list[Outcome[Sale]]:
    return [Outcome(Sale(one.value) if one.value else None, one.error) for one in links]


async def _pages(
    people: Sequence[Person], ask: Ask, operation: Any, dated: str, row: Callable[[str, Any, Columns], Row]
) -> Sequence[Outcome[Page]]:
    """A first page for many customers is one question; a later page belongs to one customer."""
    if refused := paging.refused(ask, len(people)):
        return refused
    columns = with_links(paging.rows_of(ask)) | {"row_id", dated}
    accounts = [person.keys.get(ACCOUNT, ()) for person in people]
    return await paging.merged(
        people, accounts, ask, operation, columns, lambda person, pages: _merged(person, ask, pages, dated, row)
    )


def _merged(
    person: Person, ask: Ask, pages: Sequence[Any], dated: str, row: Callable[[str, Any, Columns], Row]
) -> Page:
    """One customer's page; when the CRM knows them under several accounts, theirs are merged."""
    first = ask.arguments["first"]
    records = {one.row_id: one for page in pages for one in page.rows}
    places = {key: _place(one, dated) for key, one in records.items()}
    latest = sorted(records, key=lambda key: _standing(places[key]), reverse=True)
    more = any(page.has_next for page in pages) or len(latest) > first
    linked = linked_in(paging.rows_of(ask))
    rows = [row(key, records[key], linked) for key in latest[:first]]
    return _made(person, ask, rows, more, places)


def _made(person: Person, ask: Ask, rows: Sequence[Row], more: bool, places: Mapping[str, Place]) -> Page:
    behind = ask.arguments.get("after") is not None
    seal = lambda one: paging.sealed(ask, person.id, places[one.key])  # noqa: E731 - as pages take it
    return Page(rows, more, behind, seal, paging.whole(ask, rows, more))


def _place(record: Any, dated: str) -> Place:
    """As the CRM sorts: by its own wall clock, of which a moment here carries the offset."""
    at = getattr(record, dated)
    wall = at.replace(tzinfo=None) if at is not None and hasattr(at, "tzinfo") else at
    return (wall.isoformat() if wall else "", record.row_id)


def _standing(place: Place) -> tuple[bool, str, str]:
    """What has no date comes first, going down."""
    return (not place[0], *place)
