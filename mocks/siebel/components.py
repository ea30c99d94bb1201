"""The business components this Siebel shows, field by field, and what each field holds for a customer of the world.

Field names are those of the business component reference, plus, from memory: the system fields `Created` and `Updated`
and `Integration Id` on Account, `Preferred Language Code` on Contact, and the primary address joined into Account
(documented is the child collection `Business Address`, also here).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mocks.siebel.clock import Clock, day
from mocks.world.model import Customer

Read = Callable[[Any, Clock], str]
"""What a field holds for a row: here, for a customer of the world."""

DEFAULT_ORGANIZATION = "0-R9NH"  # the row every Siebel is delivered with

# Siebel's own language codes; a language that has none here is kept as the world writes it.
LANGUAGES = {
    "ar-SA": "ARA",
    "cs-CZ": "CSY",
    "da-DK": "DAN",
    "de-DE": "DEU",
    "el-GR": "ELL",
    "en-GB": "ENG",
    "en-US": "ENU",
    "es-ES": "ESN",
    "fi-FI": "FIN",
    "fr-FR": "FRA",
    "he-IL": "HEB",
    "hu-HU": "HUN",
    "it-IT": "ITA",
    "ja-JP": "JPN",
    "ko-KR": "KOR",
    "nb-NO": "NOR",
    "nl-NL": "NLD",
    "pl-PL": "PLK",
    "pt-BR": "PTB",
    "pt-PT": "PTG",
    "ru-RU": "RUS",
    "sv-SE": "SVE",
    "th-TH": "THA",
    "tr-TR": "TRK",
    "zh-CN": "CHS",
    "zh-TW": "CHT",
}


@dataclass(frozen=True, slots=True)
class Field:
    """kind: text, flag (Y/N), date or datetime."""

    name: str
    read: Read
    kind: str = "text"
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    key: Callable[[Customer], str | None]
    fields: dict[str, Field]
    required: tuple[str, ...] = ()
    children: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        return {name: field.kind for name, field in self.fields.items()}


def _text(read: Callable[[Customer], str | None]) -> Read:
    return lambda customer, _: read(customer) or ""


def _flag(read: Callable[[Customer], bool]) -> Read:
    return lambda customer, _: "Y" if read(customer) else "N"


def _same(text: str) -> Read:
    return lambda customer, clock: text


def by_name(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


NOTHING = _same("")
CREATED = Field("Created", lambda customer, clock: clock.moment(customer.since), "datetime", readonly=True)
UPDATED = Field("Updated", lambda customer, clock: clock.moment(customer.updated), "datetime", readonly=True)

CONTACT = Component(
    "Contact",
    lambda customer: customer.siebel_contact_id,
    by_name(
        Field("Id", _text(lambda customer: customer.siebel_contact_id)),
        Field("First Name", _text(lambda customer: customer.first_name)),
        Field("Middle Name", NOTHING),
        Field("Last Name", _text(lambda customer: customer.last_name)),
        Field("M/M", NOTHING),
        Field("M/F", NOTHING),
        Field("Job Title", _text(lambda customer: customer.job_title)),
        Field("Email Address", _text(lambda customer: customer.email)),
        Field("Work Phone #", _text(lambda customer: customer.phone)),
        Field("Cellular Phone #", _text(lambda customer: customer.mobile)),
        Field("Home Phone #", NOTHING),
        Field("Fax Phone #", NOTHING),
        Field("Birth Date", lambda customer, _: day(customer.birth_date), "date"),
        Field("Account", NOTHING, readonly=True),
        Field("Account Id", _text(lambda customer: customer.siebel_account_id)),
        Field("Primary Account Name", NOTHING, readonly=True),
        Field("Primary Organization Id", _same(DEFAULT_ORGANIZATION)),
        Field("Person UId", _text(lambda customer: customer.siebel_contact_id)),
        Field("Integration Id", _text(lambda customer: customer.integration_id)),
        Field("Status", _same("Active")),
        CREATED,
        UPDATED,
        Field("Suppress All Emails", _flag(lambda customer: customer.suppress_emails), "flag"),
        Field("Suppress All Calls", _flag(lambda customer: customer.suppress_calls), "flag"),
        Field("Suppress All Mailings", _flag(lambda customer: customer.suppress_mailings), "flag"),
        Field("Suppress All Faxes", _flag(lambda customer: customer.suppress_faxes), "flag"),
        Field("Employee Number", NOTHING),
        Field("Preferred Language Code", _text(lambda customer: LANGUAGES.get(customer.language, customer.language))),
    ),
    required=("First Name", "Last Name"),
)

ADDRESS = (
    Field("Street Address", _text(lambda customer: customer.address.street), readonly=True),
    Field("City", _text(lambda customer: customer.address.city), readonly=True),
    Field("State", _text(lambda customer: customer.address.state), readonly=True),
    Field("Postal Code", _text(lambda customer: customer.address.postal_code), readonly=True),
    Field("Country", _text(lambda customer: customer.address.country), readonly=True),
)
PLACES = tuple(field.name for field in ADDRESS)

ACCOUNT = Component(
    "Account",
    lambda customer: customer.siebel_account_id,
    by_name(
        Field("Id", _text(lambda customer: customer.siebel_account_id)),
        Field("Name", _text(lambda customer: customer.account_name)),
        Field("Location", _text(lambda customer: customer.address.city)),
        Field("Account Status", _same("Active")),
        Field("Account Type Code", _text(lambda customer: customer.tier)),
        Field("Type", _text(lambda customer: customer.segment)),
        Field("Main Phone Number", _text(lambda customer: customer.phone)),
        Field("Main Fax Number", NOTHING),
        Field("Currency Code", _text(lambda customer: customer.currency)),
        Field("Home Page", NOTHING),
        Field("DUNS Number", NOTHING),
        Field("CSN", _text(lambda customer: customer.number)),
        Field("Parent Account Id", NOTHING),
        Field("Primary Contact Id", _text(lambda customer: customer.siebel_contact_id)),
        Field("Primary Address Id", NOTHING, readonly=True),
        Field("Price List", NOTHING),
        Field("Region", _text(lambda customer: customer.region)),
        Field("Primary Organization Id", _same(DEFAULT_ORGANIZATION)),
        Field("Description", _text(lambda customer: customer.notes)),
        Field("Alias", NOTHING),
        Field("Integration Id", NOTHING),
        CREATED,
        UPDATED,
        *ADDRESS,
    ),
    required=("Name",),
    children=("Business Address", "Contact"),
)

BUSINESS_ADDRESS = Component(
    "Business Address",
    lambda customer: None,
    by_name(Field("Id", NOTHING), *ADDRESS),
)

EXPOSED = {component.name: component for component in (CONTACT, ACCOUNT)}
HIDDEN = frozenset({"Quote", "Service Request"})  # business objects this Siebel has but does not show to REST
