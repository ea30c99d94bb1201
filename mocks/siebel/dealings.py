"""The business components of sales and service: opportunities, their products, campaigns, their members, and assets.

Field names are Oracle's where its reference has them. From memory, unverified: `Opportunity Product` and all its
fields; of Campaign `Campaign Number`, `Media Type`, `Start Date`, `Status` and `Description`; of its members all but
`Response Id`; of an asset all but `Asset Number`, `Install Date`, `Comments` and `Name`. `Order Number` of an
opportunity and of an asset is an extension, as installations have it that hand won business to another order system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from mocks.siebel.clock import Clock, day
from mocks.siebel.components import Component, Field, by_name
from mocks.world.assets import Asset, Assets
from mocks.world.campaigns import Campaign, Campaigns, Member
from mocks.world.deals import DealLine, Deals, Opportunity
from mocks.world.model import World

Known = Callable[[str], Iterable[Any]]


class Product(NamedTuple):
    """A product of an opportunity, with what it hangs below."""

    deal: Opportunity
    line: DealLine

    @property
    def row_id(self) -> str:
        return f"{self.deal.row_id}P{self.line.at}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rows that are only read. `known`: fields whose value leads to the rows; by all others everybody is looked at."""

    component: Component
    known: dict[str, Known]
    everything: Callable[[], Iterator[Any]]


def shelves(world: World) -> dict[tuple[str, str], Shelf]:
    """By business object and business component."""
    deals, assets, campaigns = world.part(Deals), world.part(Assets), world.part(Campaigns)
    return {
        ("Opportunity", "Opportunity"): _opportunities(world, deals),
        ("Opportunity", "Opportunity Product"): _products(world, deals),
        ("Campaign", "Campaign"): _campaigns(campaigns),
        ("Campaign", "Campaign Members"): _members(world, campaigns),
        ("Asset Management", "Asset Mgmt - Asset"): _assets(world, assets),
    }


def _opportunities(world: World, deals: Deals) -> Shelf:
    def owner(field: str) -> Callable[[Opportunity], str]:
        return lambda deal: str(getattr(world.customer(deal.customer), field) or "")

    component = _component(
        "Opportunity",
        _text("Id", lambda deal: deal.row_id),
        _text("Name", lambda deal: deal.name),
        _text("Account", owner("account_name")),
        _text("Account Id", owner("siebel_account_id")),
        _text("Sales Stage", lambda deal: deal.stage),
        _text("Sales Method", lambda deal: deal.method),
        _text("Primary Revenue Amount", lambda deal: f"{deal.amount}"),
        _day("Primary Revenue Close Date", lambda deal: deal.closes_on),
        _text("Primary Revenue Win Probability", lambda deal: f"{deal.probability}"),
        _text("Primary Sales Rep Login", lambda deal: _login(deal.owner)),
        _text("Key Contact First Name", owner("first_name")),
        _text("Key Contact Last Name", owner("last_name")),
        _text("Key Contact Id", owner("siebel_contact_id")),
        _text("Description", lambda deal: deal.description),
        _text("Currency Code", lambda deal: deal.currency),
        _text("Order Number", lambda deal: deal.order_number),
        _moment("Created", lambda deal: deal.created),
        _moment("Updated", lambda deal: deal.updated),
        children=("Opportunity Product",),
    )

    def of_contact(row_id: str) -> Iterable[Opportunity]:
        index = world.by_contact_id(row_id)
        return () if index is None else deals.of_customer(index)

    def of_order(number: str) -> Iterator[Opportunity]:
        order = world.order_by_number(number)
        return (one for one in deals.of_customer(order.customer) if one.order_number == number) if order else iter(())

    known: dict[str, Known] = {
        "Id": lambda row_id: _one(deals.by_row_id(row_id)),
        "Account Id": deals.of_account,
        "Key Contact Id": of_contact,
        "Order Number": of_order,
    }
    return Shelf(component, known, lambda: (one for at in world.customers() for one in deals.of_customer(at)))


def _products(world: World, deals: Deals) -> Shelf:
    component = _component(
        "Opportunity Product",
        _text("Id", lambda product: product.row_id),
        _text("Opportunity Id", lambda product: product.deal.row_id),
        _text("Product", lambda product: product.line.name),
        _text("Product Part Number", lambda product: product.line.sku),
        _text("Quantity", lambda product: f"{product.line.quantity}"),
        _text("Price", lambda product: f"{product.line.unit_price}"),
        _text("Extended Amount", lambda product: f"{product.line.amount}"),
        _text("Currency Code", lambda product: product.deal.currency),
    )

    def of_deal(row_id: str) -> list[Product]:
        deal = deals.by_row_id(row_id)
        return _lines(deal) if deal else []

    def by_id(row_id: str) -> Iterator[Product]:
        return (one for one in of_deal(row_id.rpartition("P")[0]) if one.row_id == row_id)

    def everything() -> Iterator[Product]:
        return (one for at in world.customers() for deal in deals.of_customer(at) for one in _lines(deal))

    return Shelf(component, {"Id": by_id, "Opportunity Id": of_deal}, everything)


def _lines(deal: Opportunity) -> list[Product]:
    return [Product(deal, line) for line in deal.lines]


def _campaigns(campaigns: Campaigns) -> Shelf:
    component = _component(
        "Campaign",
        _text("Id", lambda campaign: campaign.row_id),
        _text("Campaign Number", lambda campaign: campaign.number),
        _text("Name", lambda campaign: campaign.name),
        _text("Source Code", lambda campaign: campaign.source_code),
        _text("Media Type", lambda campaign: campaign.means),
        _text("Status", lambda campaign: campaign.status),
        _day("Start Date", lambda campaign: campaign.starts_on),
        _day("End Date", lambda campaign: campaign.ends_on),
        _text("Offer Number", lambda campaign: f"OFR-{campaign.number}"),
        _text("Primary Offer Name", lambda campaign: campaign.offer),
        _text("DNIS", lambda campaign: ""),
        _text("Description", lambda campaign: campaign.description),
    )

    def everything() -> Iterator[Campaign]:
        return (campaigns.campaign(at) for at in range(len(campaigns)))

    return Shelf(component, {"Id": lambda row_id: _one(campaigns.by_row_id(row_id))}, everything)


def _members(world: World, campaigns: Campaigns) -> Shelf:
    component = _component(
        "Campaign Members",
        _text("Id", lambda member: member.row_id),
        _text("Campaign Id", lambda member: member.campaign.row_id),
        _text("Contact Id", lambda member: member.contact_id),
        _text("Dial Attempts", lambda member: f"{member.attempts}"),
        _moment("Created", lambda member: member.listed_at),
        _text("Response Id", lambda member: f"{member.row_id}R" if member.answer else ""),
        _text("Response Type", lambda member: member.answer or ""),
        Field("Response Date", lambda member, clock: _moment_or(clock, member.answered_at), "datetime", readonly=True),
        _text("Comments", lambda member: member.remark),
    )

    def of_contact(row_id: str) -> Iterable[Member]:
        index = world.by_contact_id(row_id)
        return () if index is None else campaigns.members_of(index)

    def of_campaign(row_id: str) -> Iterator[Member]:
        campaign = campaigns.by_row_id(row_id)
        for at in world.customers() if campaign else ():
            if campaign and (member := campaigns.member(at, campaign.ordinal)):
                yield member

    known: dict[str, Known] = {
        "Id": lambda row_id: _one(campaigns.member_by_row_id(row_id)),
        "Contact Id": of_contact,
        "Campaign Id": of_campaign,
    }
    return Shelf(component, known, lambda: (one for at in world.customers() for one in campaigns.members_of(at)))


def _assets(world: World, assets: Assets) -> Shelf:
    def owner(field: str) -> Callable[[Asset], str]:
        return lambda asset: str(getattr(world.customer(asset.customer), field) or "")

    component = _component(
        "Asset Mgmt - Asset",
        _text("Id", lambda asset: asset.row_id),
        _text("Asset Number", lambda asset: asset.number),
        _text("Serial Number", lambda asset: asset.serial),
        _text("Name", lambda asset: asset.name),
        _text("Product Name", lambda asset: asset.name),
        _text("Product Part Number", lambda asset: asset.sku),
        _text("Quantity", lambda asset: f"{asset.quantity}"),
        _text("Owner Account Id", owner("siebel_account_id")),
        _text("Owner Contact Id", owner("siebel_contact_id")),
        _text("Status", lambda asset: asset.status),
        _moment("Install Date", lambda asset: asset.installed),
        _day("Warranty End Date", lambda asset: asset.warranty_until),
        _text("Order Number", lambda asset: asset.order_number),
        _text("Comments", lambda asset: asset.comments),
    )

    known: dict[str, Known] = {
        "Id": lambda row_id: _one(assets.by_row_id(row_id)),
        "Asset Number": lambda number: _one(assets.by_number(number)),
        "Serial Number": lambda serial: _one(assets.by_serial(serial)),
        "Owner Account Id": assets.of_account,
    }
    return Shelf(component, known, lambda: (one for at in world.customers() for one in assets.of_customer(at)))


def _component(name: str, *fields: Field, children: tuple[str, ...] = ()) -> Component:
    return Component(name, lambda _: None, by_name(*fields), children=children)


def _text(name: str, read: Callable[[Any], str]) -> Field:
    return Field(name, lambda row, clock: read(row), readonly=True)


def _day(name: str, read: Callable[[Any], date | None]) -> Field:
    return Field(name, lambda row, clock: day(read(row)), "date", readonly=True)


def _moment(name: str, read: Callable[[Any], Any]) -> Field:
    return Field(name, lambda row, clock: clock.moment(read(row)), "datetime", readonly=True)


def _moment_or(clock: Clock, at: Any) -> str:
    return clock.moment(at) if at else ""


def _one(row: Any) -> tuple[Any, ...]:
    return () if row is None else (row,)


def _login(name: str) -> str:
    """The login of whom the world calls by name: `Lisa Jones` is LJONES."""
    first, _, last = name.partition(" ")
    return f"{first[:1]}{last}".upper().replace(" ", "") if last else first.upper()
