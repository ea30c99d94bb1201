"""What Siebel knows of sales and service, in our words, and the wire records it is read from.

As in `records`: on the wire every value is a text, and what is empty or was not asked for is None. From memory,
unverified, are `Opportunity Product` and its fields, the fields of an asset but its number, install date and comments,
and those of a campaign and its members that the mock's `dealings` names; `Order Number` is an extension field of the
installation. Which business components stand for these things is a setting of the connection.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec

from resolvers.backends.siebel.records import Columns, Record, Row, moment, text
from schema import CampaignStatus, OpportunityStatus

NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
CURRENCY = "Currency Code"
CAMPAIGN_STATUS = {
    "planned": CampaignStatus.PLANNED,
    "active": CampaignStatus.IN_PROGRESS,
    "launched": CampaignStatus.IN_PROGRESS,
    "suspended": CampaignStatus.PAUSED,
    "completed": CampaignStatus.COMPLETED,
}
"""Siebel's words, whatever their case [mem]."""

OPPORTUNITY: Columns = {
    "row_id": ("Id",),
    "account_id": ("Account Id",),
    "name": ("Name",),
    "stage": ("Sales Stage",),
    "status": ("Sales Stage",),
    "amount": ("Primary Revenue Amount", CURRENCY),
    "probability": ("Primary Revenue Win Probability",),
    "closes_on": ("Primary Revenue Close Date",),
    "sales_rep": ("Primary Sales Rep Login",),
    "description": ("Description",),
    "order_number": ("Order Number",),
}
PRODUCT: Columns = {
    "row_id": ("Id",),
    "sku": ("Product Part Number",),
    "name": ("Product",),
    "quantity": ("Quantity",),
    "unit_price": ("Price", CURRENCY),
    "amount": ("Extended Amount", CURRENCY),
}
ASSET: Columns = {
    "row_id": ("Id",),
    "account_id": ("Owner Account Id",),
    "number": ("Asset Number",),
    "serial_number": ("Serial Number",),
    "sku": ("Product Part Number",),
    "name": ("Product Name",),
    "quantity": ("Quantity",),
    "status": ("Status",),
    "since": ("Install Date",),
    "warranty_until": ("Warranty End Date",),
    "order_number": ("Order Number",),
    "notes": ("Comments",),
}
CAMPAIGN: Columns = {
    "row_id": ("Id",),
    "number": ("Campaign Number",),
    "name": ("Name",),
    "source_code": ("Source Code",),
    "media": ("Media Type",),
    "status": ("Status",),
    "starts_on": ("Start Date",),
    "ends_on": ("End Date",),
    "offer": ("Primary Offer Name",),
    "description": ("Description",),
}
MEMBER: Columns = {
    "row_id": ("Id",),
    "campaign_id": ("Campaign Id",),
    "contact_id": ("Contact Id",),
    "listed_at": ("Created",),
    "attempts": ("Dial Attempts",),
    "response": ("Response Type",),
    "responded_at": ("Response Date",),
    "comments": ("Comments",),
}


class Money(msgspec.Struct, frozen=True):
    """An exact amount, digits as Siebel gave them, in an ISO 4217 currency."""

    amount: Decimal
    currency: str


class Opportunity(Record, frozen=True):
    """`order_number`: of the order it led to. `probability`: percent."""

    account_id: str | None = None
    name: str | None = None
    stage: str | None = None
    amount: Money | None = None
    probability: int | None = None
    closes_on: date | None = None
    sales_rep: str | None = None
    description: str | None = None
    order_number: str | None = None

    @property
    def status(self) -> OpportunityStatus | None:
        """By the words companies name their last stages with, `09 - Closed/Won`; any other stage is open."""
        if self.stage is None:
            return None
        words = set(re.split(r"[^a-z]+", self.stage.lower()))
        if "won" in words:
            return OpportunityStatus.WON
        return OpportunityStatus.LOST if "lost" in words else OpportunityStatus.OPEN


class OpportunityProduct(Record, frozen=True):
    opportunity_id: str | None = None
    sku: str | None = None
    name: str | None = None
    quantity: Decimal | None = None
    unit_price: Money | None = None
    amount: Money | None = None


class Asset(Record, frozen=True):
    """One thing a customer has of us. `since`: when it was installed."""

    account_id: str | None = None
    number: str | None = None
    serial_number: str | None = None
    sku: str | None = None
    name: str | None = None
    quantity: Decimal | None = None
    status: str | None = None
    since: datetime | None = None
    warranty_until: date | None = None
    order_number: str | None = None
    notes: str | None = None


class Campaign(Record, frozen=True):
    """`line` and `skus`: never known; Siebel's campaigns name an offer, and no products."""

    number: str | None = None
    name: str | None = None
    source_code: str | None = None
    media: str | None = None
    status: CampaignStatus | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    offer: str | None = None
    description: str | None = None
    line: str | None = None
    skus: list[str] | None = None


class CampaignMember(Record, frozen=True):
    """One contact on the list of one campaign. `response`, `responded_at`: None until they answer."""

    campaign_id: str | None = None
    contact_id: str | None = None
    listed_at: datetime | None = None
    attempts: int | None = None
    response: str | None = None
    responded_at: datetime | None = None
    comments: str | None = None


class OpportunityPage(msgspec.Struct, frozen=True):
    rows: list[Opportunity]
    has_next: bool


class AssetPage(msgspec.Struct, frozen=True):
    rows: list[Asset]
    has_next: bool


class OpportunityRow(Row, frozen=True):
    account_id: str = msgspec.field(name="Account Id", default="")
    name: str = msgspec.field(name="Name", default="")
    stage: str = msgspec.field(name="Sales Stage", default="")
    amount: str = msgspec.field(name="Primary Revenue Amount", default="")
    currency: str = msgspec.field(name=CURRENCY, default="")
    probability: str = msgspec.field(name="Primary Revenue Win Probability", default="")
    closes_on: str = msgspec.field(name="Primary Revenue Close Date", default="")
    sales_rep: str = msgspec.field(name="Primary Sales Rep Login", default="")
    description: str = msgspec.field(name="Description", default="")
    order_number: str = msgspec.field(name="Order Number", default="")

    def record(self, zone: tzinfo) -> Opportunity:
        """Raises ValueError, naming the field, for what cannot be read; so do the others."""
        return Opportunity(
            row_id=self.row_id,
            account_id=text(self.account_id),
            name=text(self.name),
            stage=text(self.stage),
            amount=_money("Primary Revenue Amount", self.amount, self.currency),
            probability=_percent("Primary Revenue Win Probability", self.probability),
            closes_on=_day("Primary Revenue Close Date", self.closes_on, zone),
            sales_rep=text(self.sales_rep),
            description=text(self.description),
            order_number=text(self.order_number),
        )


class ProductRow(Row, frozen=True):
    opportunity_id: str = msgspec.field(name="Opportunity Id", default="")
    sku: str = msgspec.field(name="Product Part Number", default="")
    name: str = msgspec.field(name="Product", default="")
    quantity: str = msgspec.field(name="Quantity", default="")
    unit_price: str = msgspec.field(name="Price", default="")
    amount: str = msgspec.field(name="Extended Amount", default="")
    currency: str = msgspec.field(name=CURRENCY, default="")

    def record(self, zone: tzinfo) -> OpportunityProduct:
        return OpportunityProduct(
            row_id=self.row_id,
            opportunity_id=text(self.opportunity_id),
            sku=text(self.sku),
            name=text(self.name),
            quantity=_number("Quantity", self.quantity),
            unit_price=_money("Price", self.unit_price, self.currency),
            amount=_money("Extended Amount", self.amount, self.currency),
        )


class AssetRow(Row, frozen=True):
    account_id: str = msgspec.field(name="Owner Account Id", default="")
    number: str = msgspec.field(name="Asset Number", default="")
    serial_number: str = msgspec.field(name="Serial Number", default="")
    sku: str = msgspec.field(name="Product Part Number", default="")
    name: str = msgspec.field(name="Product Name", default="")
    quantity: str = msgspec.field(name="Quantity", default="")
    status: str = msgspec.field(name="Status", default="")
    since: str = msgspec.field(name="Install Date", default="")
    warranty_until: str = msgspec.field(name="Warranty End Date", default="")
    order_number: str = msgspec.field(name="Order Number", default="")
    comments: str = msgspec.field(name="Comments", default="")

    def record(self, zone: tzinfo) -> Asset:
        return Asset(
            row_id=self.row_id,
            account_id=text(self.account_id),
            number=text(self.number),
            serial_number=text(self.serial_number),
            sku=text(self.sku),
            name=text(self.name),
            quantity=_number("Quantity", self.quantity),
            status=text(self.status),
            since=moment("Install Date", self.since, zone),
            warranty_until=_day("Warranty End Date", self.warranty_until, zone),
            order_number=text(self.order_number),
            notes=text(self.comments),
        )


class CampaignRow(Row, frozen=True):
    number: str = msgspec.field(name="Campaign Number", default="")
    name: str = msgspec.field(name="Name", default="")
    source_code: str = msgspec.field(name="Source Code", default="")
    media: str = msgspec.field(name="Media Type", default="")
    status: str = msgspec.field(name="Status", default="")
    starts_on: str = msgspec.field(name="Start Date", default="")
    ends_on: str = msgspec.field(name="End Date", default="")
    offer: str = msgspec.field(name="Primary Offer Name", default="")
    description: str = msgspec.field(name="Description", default="")

    def record(self, zone: tzinfo) -> Campaign:
        return Campaign(
            row_id=self.row_id,
            number=text(self.number),
            name=text(self.name),
            source_code=text(self.source_code),
            media=text(self.media),
            status=_standing(self.status),
            starts_on=_day("Start Date", self.starts_on, zone),
            ends_on=_day("End Date", self.ends_on, zone),
            offer=text(self.offer),
            description=text(self.description),
        )


class MemberRow(Row, frozen=True):
    campaign_id: str = msgspec.field(name="Campaign Id", default="")
    contact_id: str = msgspec.field(name="Contact Id", default="")
    created: str = msgspec.field(name="Created", default="")
    attempts: str = msgspec.field(name="Dial Attempts", default="")
    response: str = msgspec.field(name="Response Type", default="")
    responded: str = msgspec.field(name="Response Date", default="")
    comments: str = msgspec.field(name="Comments", default="")

    def record(self, zone: tzinfo) -> CampaignMember:
        attempts = _number("Dial Attempts", self.attempts)
        return CampaignMember(
            row_id=self.row_id,
            campaign_id=text(self.campaign_id),
            contact_id=text(self.contact_id),
            listed_at=moment("Created", self.created, zone),
            attempts=None if attempts is None else int(attempts),
            response=text(self.response),
            responded_at=moment("Response Date", self.responded, zone),
            comments=text(self.comments),
        )


def _standing(value: str) -> CampaignStatus | None:
    """A word that a company made up is OTHER."""
    return CAMPAIGN_STATUS.get(value.strip().lower(), CampaignStatus.OTHER) if value.strip() else None


def _number(field: str, value: str) -> Decimal | None:
    if not value.strip():
        return None
    if not NUMBER.fullmatch(value.strip()):
        raise ValueError(f"{field} is no plain number")
    return Decimal(value.strip())


def _money(field: str, value: str, currency: str) -> Money | None:
    """An amount without a currency means nothing."""
    amount = _number(field, value)
    if amount is None:
        return None
    if not currency.strip():
        raise ValueError(f"{field} has no currency")
    return Money(amount, currency.strip())


def _percent(field: str, value: str) -> int | None:
    number = _number(field, value)
    if number is None:
        return None
    if not 0 <= number <= 100:
        raise ValueError(f"{field} is not 0 to 100")
    return int(number)


def _day(field: str, value: str, zone: tzinfo) -> date | None:
    at = moment(field, value, zone)
    return at.date() if at else None
