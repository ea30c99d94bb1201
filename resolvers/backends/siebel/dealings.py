"""The questions about what is sold, what customers have, and who was told of what. As in `adapter`: one searchspec for
a batch of keys, batches side by side.

Settings (`Connection.options`): `opportunity_path`, `opportunity_product_path`, `asset_path`, `campaign_path`,
`campaign_member_path`: business object and component, since which of these are exposed is each installation's choice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from msgspec.json import Decoder

from resolvers.backends.base import (
    Adapter,
    Bears,
    Columns,
    Connection,
    Gap,
    Key,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.siebel import deals, searchspec
from resolvers.backends.siebel.batches import MOST_KEYS, batched
from resolvers.backends.siebel.deals import (
    Asset,
    AssetPage,
    Campaign,
    CampaignMember,
    Opportunity,
    OpportunityPage,
    OpportunityProduct,
)
from resolvers.backends.siebel.listing import ASSETS_OF, OPPORTUNITIES_OF, Listing
from resolvers.backends.siebel.pages import Component, Pages
from resolvers.backends.siebel.records import Record, Row
from resolvers.backends.siebel.replies import Page

W = TypeVar("W", bound=Row)
R = TypeVar("R", bound=Record)

LONGEST_NUMBER = 100
PER_PARENT = "one request for each 40 parents, at most five where they have hundreds; parents with more have their own"

OPPORTUNITIES = Component(
    "Opportunity",
    deals.OpportunityRow,
    Decoder(Page[deals.OpportunityRow]),
    deals.OPPORTUNITY,
    deals.OpportunityRow.record,
)
PRODUCTS = Component(
    "Opportunity Product",
    deals.ProductRow,
    Decoder(Page[deals.ProductRow]),
    {**deals.PRODUCT, "opportunity_id": ("Opportunity Id",)},
    deals.ProductRow.record,
    "Opportunity/Opportunity Product",
)
ASSETS = Component(
    "Asset Mgmt - Asset",
    deals.AssetRow,
    Decoder(Page[deals.AssetRow]),
    deals.ASSET,
    deals.AssetRow.record,
    "Asset Management/Asset Mgmt - Asset",
)
CAMPAIGNS = Component(
    "Campaign", deals.CampaignRow, Decoder(Page[deals.CampaignRow]), deals.CAMPAIGN, deals.CampaignRow.record
)
MEMBERS = Component(
    "Campaign Members",
    deals.MemberRow,
    Decoder(Page[deals.MemberRow]),
    deals.MEMBER,
    deals.MemberRow.record,
    "Campaign/Campaign Members",
)


class Dealings(Adapter):
    """The half of Siebel that sells and looks after what was sold; `Siebel` is the whole."""

    name = "siebel"
    title = "Siebel CRM"
    bears = Bears(at_once=8)  # it names no number: beyond its pool of tasks it just answers late

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._pages = Pages(self.name, connection)
        self._deals = _placed(OPPORTUNITIES, connection, "opportunity_path")
        self._deal_products = _placed(PRODUCTS, connection, "opportunity_product_path")
        self._owned = _placed(ASSETS, connection, "asset_path")
        self._campaigns = _placed(CAMPAIGNS, connection, "campaign_path")
        self._members = _placed(MEMBERS, connection, "campaign_member_path")

    @operation(Opportunity, limit=MOST_KEYS, columns=deals.OPPORTUNITY)
    async def opportunities(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> dict[Key, Opportunity | Gap]:
        """Opportunities by row id. What is no row id is not sent, and not there."""
        found = await self._equal(wire, self._deals, "Id", _row_ids(keys), columns, lambda one: one.row_id)
        return _single(found)

    @operation(list[Opportunity], limit=MOST_KEYS, columns=deals.OPPORTUNITY)
    async def opportunities_by_order(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[Opportunity] | Gap]:
        """Those that led to each order, by its number; empty for an order that none led to."""
        numbers = [key for key in keys if isinstance(key, str) and 0 < len(key) <= LONGEST_NUMBER]
        asked = columns | {"order_number"}
        found = await self._equal(wire, self._deals, "Order Number", numbers, asked, lambda one: one.order_number)
        return {key: found.get(str(key), []) for key in keys}

    @operation(OpportunityPage, limit=MOST_KEYS, columns=deals.OPPORTUNITY, calls=PER_PARENT)
    async def opportunities_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[str] | None = None
    ) -> Mapping[Key, OpportunityPage | Gap]:
        """A page of each account's opportunities, by row id of the account: those that close last first.

        first, after: page length, and (close date, row id) of the last one seen, for which each key has its own call
        """
        listing = Listing(self._pages, self._deals, OPPORTUNITIES_OF, columns)
        return await listing.pages(wire, _row_ids(keys), keys, first, after, OpportunityPage)

    @operation(list[OpportunityProduct], limit=MOST_KEYS, columns=deals.PRODUCT)
    async def opportunity_products(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[OpportunityProduct] | Gap]:
        """What each opportunity is for, by row id of the opportunity; empty for one without products."""
        asked = columns | {"opportunity_id"}
        found = await self._equal(
            wire, self._deal_products, "Opportunity Id", _row_ids(keys), asked, lambda one: one.opportunity_id
        )
        return {key: found.get(str(key), []) for key in keys}

    @operation(Asset, limit=MOST_KEYS, columns=deals.ASSET)
    async def assets(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, accounts: tuple[str, ...] | None = None
    ) -> dict[Key, Asset | Gap]:
        """Assets by row id. What is no row id is not sent, and not there. `accounts`: only theirs; None: anybody's."""
        return _single(await self._things(wire, "Id", _row_ids(keys), columns, accounts, lambda one: one.row_id))

    @operation(list[Asset], limit=MOST_KEYS, columns=deals.ASSET)
    async def assets_by_serial(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, accounts: tuple[str, ...] | None = None
    ) -> dict[Key, list[Asset] | Gap]:
        """Every asset with this serial number, exactly as written: makers choose their numbers for themselves.
        `accounts` as for `assets`."""
        numbers = [key for key in keys if isinstance(key, str) and 0 < len(key) <= LONGEST_NUMBER]
        asked = columns | {"serial_number"}
        found = await self._things(wire, "Serial Number", numbers, asked, accounts, lambda one: one.serial_number)
        return {key: found.get(str(key), []) for key in keys}

    @operation(AssetPage, limit=MOST_KEYS, columns=deals.ASSET, calls=PER_PARENT)
    async def assets_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[str] | None = None
    ) -> Mapping[Key, AssetPage | Gap]:
        """A page of what each account has of us, by row id of the account: the newest first.

        first, after: page length, and (install date, row id) of the last one seen, for which each key has its own call
        """
        listing = Listing(self._pages, self._owned, ASSETS_OF, columns)
        return await listing.pages(wire, _row_ids(keys), keys, first, after, AssetPage)

    @operation(Campaign, limit=MOST_KEYS, columns=deals.CAMPAIGN)
    async def campaigns(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> dict[Key, Campaign | Gap]:
        """Campaigns by row id."""
        found = await self._equal(wire, self._campaigns, "Id", _row_ids(keys), columns, lambda one: one.row_id)
        return _single(found)

    @operation(list[CampaignMember], limit=MOST_KEYS, columns=deals.MEMBER)
    async def campaign_members_of(
        self, wire: Wire, keys: Sequence[Key], columns: Columns
    ) -> dict[Key, list[CampaignMember] | Gap]:
        """The campaigns each contact was on the list of, by row id of the contact."""
        asked = columns | {"contact_id"}
        found = await self._equal(wire, self._members, "Contact Id", _row_ids(keys), asked, lambda one: one.contact_id)
        return {key: found.get(str(key), []) for key in keys}

    async def _things(
        self,
        wire: Wire,
        field: str,
        values: Iterable[str],
        columns: Columns,
        accounts: tuple[str, ...] | None,
        value: Callable[[Asset], str | None],
    ) -> dict[str, list[Asset] | Gap]:
        """Assets of which one field is one of these values, of these accounts if any are named; no accounts, no row."""
        if accounts is None:
            return await self._equal(wire, self._owned, field, values, columns, value)
        if not (owners := _row_ids(accounts)):
            return {one: [] for one in values}
        owned = searchspec.any_of(searchspec.equal("Owner Account Id", owner) for owner in owners)
        terms = {one: f"({searchspec.equal(field, one)} AND {owned})" for one in values}
        return await self._by_value(
            wire,
            self._owned,
            terms,
            columns | {"account_id"},
            lambda asset: {value(asset)} if asset.account_id in owners else set(),
        )

    async def _equal(
        self,
        wire: Wire,
        component: Component[W, R],
        field: str,
        values: Iterable[str],
        columns: Columns,
        value: Callable[[R], str | None],
    ) -> dict[str, list[R] | Gap]:
        """Rows of which one field is one of these values."""
        terms = {one: searchspec.equal(field, one) for one in values}
        return await self._by_value(wire, component, terms, columns, lambda row: {value(row)})

    async def _by_value(
        self,
        wire: Wire,
        component: Component[W, R],
        terms: Mapping[str, str],
        columns: Columns,
        values: Callable[[R], Collection[str | None]],
    ) -> dict[str, list[R] | Gap]:
        """Rows by a value they have. Siebel may find more than was meant: `values` says what a row really has."""
        fields = self._pages.fields(component, columns)

        async def ask(batch: list[str]) -> dict[str, list[R] | Gap]:
            found = await self._pages.all(wire, component, searchspec.any_of(terms[value] for value in batch), fields)
            if found is not None:
                return {value: [one for one in found if value in values(one)] for value in batch}
            if len(batch) == 1:
                return {batch[0]: Unusable("Too many rows resemble this value to look through them.")}
            halves = batch[: len(batch) // 2], batch[len(batch) // 2 :]
            one, other = await asyncio.gather(*(ask(half) for half in halves))
            return one | other

        return await batched(terms, ask)


def _single(found: Mapping[str, list[R] | Gap]) -> dict[Key, R | Gap]:
    """By row id there is one row, or none."""
    return {key: rows if isinstance(rows, Gap) else rows[0] for key, rows in found.items() if rows != []}


def _placed(component: Component[W, R], connection: Connection, option: str) -> Component[W, R]:
    path = connection.options.get(option)
    return replace(component, path=path) if path else component


def _row_ids(keys: Iterable[Any]) -> list[str]:
    return [key for key in keys if isinstance(key, str) and searchspec.ROW_ID.fullmatch(key)]
