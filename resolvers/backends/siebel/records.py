"""What Siebel knows, in our words, and the wire records it is read from.

On Siebel's wire every value is a string: flags are Y and N, empty is "" or left out, moments are `MM/DD/YYYY HH:MM:SS`
on its own wall clock. Here flags are booleans, empty is None, and moments carry their offset. A column that was not
asked for is None too. Of an hour that autumn repeats, a moment is taken to be in the first.

Field names are those of Siebel's business component reference; from memory are `Preferred Language Code`, the system
field `Updated` of Account, and the primary address joined into Account (the documented way to it is one child request
per account).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo

import msgspec

MOMENT = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2}))?")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
LANGUAGES: Mapping[str, str] = {
    "ARA": "ar-SA",
    "CHS": "zh-CN",
    "CHT": "zh-TW",
    "CSY": "cs-CZ",
    "DAN": "da-DK",
    "DEU": "de-DE",
    "ELL": "el-GR",
    "ENG": "en-GB",
    "ENU": "en-US",
    "ESN": "es-ES",
    "FIN": "fi-FI",
    "FRA": "fr-FR",
    "HEB": "he-IL",
    "HUN": "hu-HU",
    "ITA": "it-IT",
    "JPN": "ja-JP",
    "KOR": "ko-KR",
    "NLD": "nl-NL",
    "NOR": "nb-NO",
    "PLK": "pl-PL",
    "PTB": "pt-BR",
    "PTG": "pt-PT",
    "RUS": "ru-RU",
    "SVE": "sv-SE",
    "THA": "th-TH",
    "TRK": "tr-TR",
}

Columns = Mapping[str, tuple[str, ...]]
CONTACT: Columns = {
    "row_id": ("Id",),
    "account_id": ("Account Id",),
    "name": ("First Name", "Middle Name", "Last Name"),
    "job_title": ("Job Title",),
    "email": ("Email Address",),
    "phone": ("Work Phone #", "Cellular Phone #"),
    "phones": ("Work Phone #", "Cellular Phone #"),
    "language": ("Preferred Language Code",),
    "birth_date": ("Birth Date",),
    "integration_id": ("Integration Id",),
    "since": ("Created",),
    "updated": ("Updated",),
    "suppress_emails": ("Suppress All Emails",),
    "suppress_calls": ("Suppress All Calls",),
    "suppress_mailings": ("Suppress All Mailings",),
    "suppress_faxes": ("Suppress All Faxes",),
}
ACCOUNT: Columns = {
    "row_id": ("Id",),
    "number": ("CSN",),
    "name": ("Name",),
    "tier": ("Account Type Code",),
    "segment": ("Type",),
    "region": ("Region",),
    "currency": ("Currency Code",),
    "phone": ("Main Phone Number",),
    "status": ("Account Status",),
    "contact_id": ("Primary Contact Id",),
    "notes": ("Description",),
    "updated": ("Updated",),
    "address": ("Street Address", "City", "State", "Postal Code", "Country"),
    "address.lines": ("Street Address",),
    "address.city": ("City",),
    "address.region": ("State",),
    "address.postal_code": ("Postal Code",),
    "address.country": ("Country",),
}
SUPPRESSED = ("Suppress All Emails", "Suppress All Calls", "Suppress All Mailings", "Suppress All Faxes")

FOUND_CONTACT: Columns = {**CONTACT, "total": ("Total-Record-Count",)}
FOUND_ACCOUNT: Columns = {**ACCOUNT, "total": ("Total-Record-Count",)}
"""`total` is no field of a row, but the header that says how many rows there are."""


class Address(msgspec.Struct, frozen=True, gc=False):
    lines: list[str]
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None


class Record(msgspec.Struct, frozen=True):
    """Anything that has a row id."""

    row_id: str


class Contact(Record, frozen=True, gc=False):
    """A person. `phone` is the work number, else the cellular one; `phones` are both, as written in the CRM.
    `first_name` and `last_name` come with `name`: exactly what Siebel sorts by, "" for none."""

    account_id: str | None = None
    name: str | None = None
    job_title: str | None = None
    email: str | None = None
    phones: tuple[str, ...] = ()
    language: str | None = None
    birth_date: date | None = None
    integration_id: str | None = None
    since: datetime | None = None
    updated: datetime | None = None
    suppress_emails: bool | None = None
    suppress_calls: bool | None = None
    suppress_mailings: bool | None = None
    suppress_faxes: bool | None = None
    first_name: str = ""
    last_name: str = ""

    @property
    def phone(self) -> str | None:
        return self.phones[0] if self.phones else None


class Account(Record, frozen=True, gc=False):
    """A customer account. `number` is the customer number (CSN), leading zeros kept. `address` is None when none of the
    parts that were asked for is recorded."""

    number: str | None = None
    name: str | None = None
    tier: str | None = None
    segment: str | None = None
    region: str | None = None
    currency: str | None = None
    phone: str | None = None
    status: str | None = None
    contact_id: str | None = None
    notes: str | None = None
    updated: datetime | None = None
    address: Address | None = None


class ContactPage(msgspec.Struct, frozen=True):
    """A page of a search. `total`: how many there are on all its pages, when it was asked for and Siebel can count."""

    contacts: list[Contact]
    has_next: bool
    total: int | None = None


class AccountPage(msgspec.Struct, frozen=True):
    """A page of a search, as for contacts."""

    accounts: list[Account]
    has_next: bool
    total: int | None = None


class Row(msgspec.Struct, frozen=True):
    """Anything as on the wire."""

    row_id: str = msgspec.field(name="Id")


class ContactRow(Row, frozen=True, gc=False):
    """A Contact as on the wire."""

    account_id: str = msgspec.field(name="Account Id", default="")
    first_name: str = msgspec.field(name="First Name", default="")
    middle_name: str = msgspec.field(name="Middle Name", default="")
    last_name: str = msgspec.field(name="Last Name", default="")
    job_title: str = msgspec.field(name="Job Title", default="")
    email: str = msgspec.field(name="Email Address", default="")
    work_phone: str = msgspec.field(name="Work Phone #", default="")
    cellular_phone: str = msgspec.field(name="Cellular Phone #", default="")
    language: str = msgspec.field(name="Preferred Language Code", default="")
    birth_date: str = msgspec.field(name="Birth Date", default="")
    integration_id: str = msgspec.field(name="Integration Id", default="")
    created: str = msgspec.field(name="Created", default="")
    updated: str = msgspec.field(name="Updated", default="")
    suppress_emails: str = msgspec.field(name="Suppress All Emails", default="")
    suppress_calls: str = msgspec.field(name="Suppress All Calls", default="")
    suppress_mailings: str = msgspec.field(name="Suppress All Mailings", default="")
    suppress_faxes: str = msgspec.field(name="Suppress All Faxes", default="")

    def record(self, zone: tzinfo) -> Contact:
        """Raises ValueError, naming the field, for what cannot be read. Most fields were not asked for, and are ""."""
        names = [name for one in (self.first_name, self.middle_name, self.last_name) if (name := one.strip())]
        birth = moment("Birth Date", self.birth_date, zone) if self.birth_date else None
        return Contact(
            row_id=self.row_id,
            account_id=self.account_id.strip() or None,
            name=" ".join(names) or None,
            job_title=self.job_title.strip() or None,
            email=self.email.strip() or None,
            phones=tuple([phone for one in (self.work_phone, self.cellular_phone) if (phone := one.strip())]),
            language=_language(self.language) if self.language else None,
            birth_date=birth and birth.date(),
            integration_id=self.integration_id.strip() or None,
            since=moment("Created", self.created, zone) if self.created else None,
            updated=moment("Updated", self.updated, zone) if self.updated else None,
            suppress_emails=flag("Suppress All Emails", self.suppress_emails) if self.suppress_emails else None,
            suppress_calls=flag("Suppress All Calls", self.suppress_calls) if self.suppress_calls else None,
            suppress_mailings=flag("Suppress All Mailings", self.suppress_mailings) if self.suppress_mailings else None,
            suppress_faxes=flag("Suppress All Faxes", self.suppress_faxes) if self.suppress_faxes else None,
            first_name=self.first_name,
            last_name=self.last_name,
        )


class AccountRow(Row, frozen=True, gc=False):
    """An Account as on the wire."""

    number: str = msgspec.field(name="CSN", default="")
    name: str = msgspec.field(name="Name", default="")
    tier: str = msgspec.field(name="Account Type Code", default="")
    segment: str = msgspec.field(name="Type", default="")
    region: str = msgspec.field(name="Region", default="")
    currency: str = msgspec.field(name="Currency Code", default="")
    phone: str = msgspec.field(name="Main Phone Number", default="")
    status: str = msgspec.field(name="Account Status", default="")
    contact_id: str = msgspec.field(name="Primary Contact Id", default="")
    notes: str = msgspec.field(name="Description", default="")
    updated: str = msgspec.field(name="Updated", default="")
    street: str = msgspec.field(name="Street Address", default="")
    city: str = msgspec.field(name="City", default="")
    state: str = msgspec.field(name="State", default="")
    postal_code: str = msgspec.field(name="Postal Code", default="")
    country: str = msgspec.field(name="Country", default="")

    def record(self, zone: tzinfo) -> Account:
        """Raises ValueError, naming the field, for what cannot be read."""
        return Account(
            row_id=self.row_id,
            number=text(self.number),
            name=text(self.name),
            tier=text(self.tier),
            segment=text(self.segment),
            region=text(self.region),
            currency=text(self.currency),
            phone=text(self.phone),
            status=text(self.status),
            contact_id=text(self.contact_id),
            notes=text(self.notes),
            updated=moment("Updated", self.updated, zone),
            address=self._address(),
        )

    def _address(self) -> Address | None:
        lines = [line for part in self.street.splitlines() if (line := part.strip())]
        places = (text(self.city), text(self.state), text(self.postal_code), text(self.country))
        return Address(lines, *places) if lines or any(places) else None


def wall_clock(at: datetime, zone: tzinfo) -> str:
    """A moment in a Siebel searchspec."""
    return written(_local(at, zone))


def written(at: datetime) -> str:
    """What Siebel's wall clock shows, as it writes it. (`%Y` has no leading zeros everywhere.)"""
    return f"{at:%m/%d}/{at.year:04d} {at:%H:%M:%S}"


def repeated(at: datetime, zone: tzinfo) -> bool:
    """Whether it is in the hour that autumn repeats, of which the wall clock does not say which one it is."""
    local = _local(at, zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _local(at: datetime, zone: tzinfo) -> datetime:
    """At the very ends of the calendar there is no other clock than the moment's own."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def text(value: str) -> str | None:
    return value.strip() or None


def flag(field: str, value: str) -> bool | None:
    match value:
        case "Y" | "N":
            return value == "Y"
        case "":
            return None
    raise ValueError(f"{field} is neither Y nor N")


def moment(field: str, value: str, zone: tzinfo) -> datetime | None:
    if not value:
        return None
    found = MOMENT.fullmatch(value)
    if not found:
        raise ValueError(f"{field} is no date as Siebel writes them")
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError as error:
        raise ValueError(f"{field} is no day or time there is") from error


def _language(value: str) -> str | None:
    """BCP 47: Siebel's own three letters translated; a tag as it is; anything else is nothing we could pass on."""
    code = value.strip()
    return LANGUAGES.get(code) or (code if LANGUAGE_TAG.fullmatch(code) else None)
