"""Who the seeded company's customers are, derived from seed and number alone.

Who is who, by number (the first rows are `cast.CAST`; the rest follows this pattern in every hundred):

    31  entered twice: row 57 of the same hundred is the same person. In even hundreds the second row was never given a
        customer number and nothing of its own (same e-mail in capitals, same telephone written differently): it can
        be merged. In odd hundreds it has its own number, party and orders: by e-mail the two are ambiguous.
    42  shares a telephone with row 44: two people of one household, each with an own e-mail.
    else: four in a hundred exist in Siebel only (half of them without a number), four in the order system only.

Row ids, party ids and telephone numbers are permutations of the number, so they are unique and can be turned back.
The order system numbers a party by the customer number without its leading zeros. Telephone numbers are made up.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta

from mocks.world.cast import CAST, Figure
from mocks.world.dice import Dice, Scramble, base36, unbase36
from mocks.world.model import Address, Customer
from mocks.world.places import PLACES, WEIGHTS, Place, Town

MOST_CUSTOMERS = 10_000_000
NUMBER_BASE = 1_000_000
PARTY_BASE = 300_000_010_000_000
MOBILE = "77"
MARKED = frozenset({31, 42, 44, 57})

CHANNELS = ("WEB", "WEB", "WEB", "STORE", "STORE", "PARTNER", "PHONE", "EDI")
TIERS = ("Bronze", "Bronze", "Silver", "Silver", "Gold", "Platinum", "")
SEGMENTS = ("Consumer", "Consumer", "Corporate", "Home Office", "Public Sector")
OWNERS = ("Lisa Jones", "Tom Adeyemi", "Kirsten Høj", "Wei Chen", "María-José Peña", "Ole Brandt", "")
JOBS = ("Head of Purchasing", "Buyer", "Office Manager", "Geschäftsführerin", "CTO", "Facility Manager", "", "", "")
COMPANIES = ("{last} & Co.", "{last} Group", "{last} {town}", "{town} Trading", "{first} {last} Ltd.", "{last} Works")
DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
REMARKS = ("Prefers to be called in the morning.", "Complained about a late delivery.", "Negotiates hard.", "VIP.")


class People:
    """Rows of customers. `anchor`: nothing about them is dated later."""

    def __init__(self, seed: int, anchor: datetime) -> None:
        self._seed = seed
        self._anchor = anchor
        self._contact = Scramble(36**5, seed, "contact")
        self._account = Scramble(36**5, seed, "account")
        self._party = Scramble(MOST_CUSTOMERS, seed, "party")
        self._phone = Scramble(MOST_CUSTOMERS, seed, "phone")
        self._mobile = Scramble(MOST_CUSTOMERS, seed, "mobile")

    def index_of_contact(self, row_id: str) -> int | None:
        return _numbered(self._contact, row_id)

    def index_of_account(self, row_id: str) -> int | None:
        return _numbered(self._account, row_id)

    @staticmethod
    def index_of_party(number: str) -> int | None:
        return int(number) - NUMBER_BASE if number.isascii() and number.isdecimal() and len(number) < 10 else None

    def order_count(self, index: int) -> int:
        """How many orders this customer has placed; none who is not in the order system."""
        if index < len(CAST):
            return self._cast_orders(CAST[index])
        slot = index % 100
        if slot == 57 and index // 100 % 2 == 0:
            return 0
        dice = Dice(self._seed, "orders", index)
        placed = dice.between(1, 10)
        return 0 if slot not in MARKED and dice.below(100) < 6 else placed

    @staticmethod
    def _cast_orders(figure: Figure) -> int:
        return 0 if figure.only == "siebel" else 2 if figure.orders is None else figure.orders

    def customer(self, index: int) -> Customer:
        if index < len(CAST):
            return self._cast(index, CAST[index])
        if index % 100 == 57:
            return self._repeated(index)
        if index % 100 == 44:
            return self._flatmate(index)
        row = self._drawn(index)
        if index % 100 not in MARKED:
            lot = Dice(self._seed, "systems", index).below(100)
            if lot < 4 and row.party_id is not None:
                return _not_in_crm(row)
            if lot % 2 and row.party_id is None:
                return replace(row, number="", integration_id="")
        return row

    def _cast(self, index: int, figure: Figure) -> Customer:
        place = next(place for place in PLACES if place.country == figure.country)
        row = self._drawn(index, place)
        said = ((name, getattr(figure, name)) for name in ("email", "phone", "mobile", "language"))
        named = {name: value for name, value in said if value is not None}
        whole = f"{figure.first} {figure.last}".strip()
        account = whole if figure.account is None else figure.account
        row = replace(row, first_name=figure.first, last_name=figure.last, account_name=account, **named)
        if figure.bare:
            row = replace(row, job_title="", address=NOWHERE, language="", tier="", segment="", region="")
            row = replace(row, birth_date=None, integration_id="")
        if figure.email is None and figure.only != "oracle_om":
            row = replace(row, email=_email(figure.first, figure.last, index, DOMAINS[0]))
        return _not_in_crm(row) if figure.only == "oracle_om" else row

    def _repeated(self, index: int) -> Customer:
        """The same person as row 31 of this hundred, entered a second time."""
        first = self._drawn(index - 26)
        own = self._drawn(index)
        again = replace(
            own,
            first_name=first.first_name,
            last_name=first.last_name,
            account_name=first.account_name,
            address=first.address,
            currency=first.currency,
            region=first.region,
            language="",
            birth_date=None,
            since=max(own.since, first.since),
            updated=max(own.updated, first.since),
            duplicate_of=first.index,
        )
        if index // 100 % 2:
            return replace(again, email=first.email)
        shouted = _shouted(first.email)
        return replace(again, number="", integration_id="", email=shouted, phone=_rewritten(first.phone), mobile="")

    def _flatmate(self, index: int) -> Customer:
        """Lives with row 42 of this hundred, and shares the telephone."""
        other = self._drawn(index - 2)
        own = self._drawn(index, self._place(index - 2))
        phone = _rewritten(other.phone) if index // 100 % 2 else other.phone
        email = _email(own.first_name, other.last_name, index, DOMAINS[0])
        return replace(own, last_name=other.last_name, email=email, phone=phone, address=other.address)

    def _drawn(self, index: int, place: Place | None = None) -> Customer:
        """A row with nothing special about it."""
        dice = Dice(self._seed, "person", index)
        place = place or self._place(index)
        town = dice.pick(place.towns)
        first, last = dice.pick(place.first), dice.pick(place.last)
        segment = dice.pick(SEGMENTS)
        company = dice.pick(COMPANIES).format(first=first, last=last, town=town.name)
        needed = index % 100 in MARKED
        days = dice.between(30, 3600)
        since = self._anchor - timedelta(days=days, seconds=dice.below(86_400))
        number = NUMBER_BASE + index
        ordered = self.order_count(index) > 0
        return Customer(
            index=index,
            number=f"{number:010d}",
            first_name=first,
            last_name=last,
            account_name=f"{first} {last}" if segment == "Consumer" else company,
            job_title="" if segment == "Consumer" else dice.pick(JOBS),
            email=_email(first, last, index, dice.pick(DOMAINS)) if dice.chance(92) or needed else "",
            phone=_phone(dice, place, town.area, self._phone.key(index)) if dice.chance(88) or needed else "",
            mobile=_phone(dice, place, MOBILE, self._mobile.key(index)) if dice.chance(55) else "",
            address=_address(dice, place, town) if dice.chance(96) or needed else NOWHERE,
            language=place.language if dice.chance(70) else "",
            tier=dice.pick(TIERS),
            segment=segment,
            region=place.region,
            since=since,
            updated=since + _whole_seconds((self._anchor - since) * (1 - dice.share() ** 2)),
            birth_date=_birthday(dice) if segment == "Consumer" and dice.chance(60) else None,
            channel=dice.pick(CHANNELS),
            sales_owner=dice.pick(OWNERS),
            carrier=dice.pick(place.carriers),
            currency=place.currency,
            suppress_emails=dice.chance(15),
            suppress_calls=dice.chance(25),
            suppress_mailings=dice.chance(20),
            suppress_faxes=dice.chance(50),
            siebel_contact_id=f"1-{base36(self._contact.key(index))}",
            siebel_account_id=f"1-{base36(self._account.key(index))}",
            integration_id=f"ERP-{number:010d}",
            party_id=PARTY_BASE + self._party.key(index) if ordered else None,
            party_number=str(number) if ordered else None,
            duplicate_of=None,
            notes=f"{dice.pick(REMARKS)} CANARY-customer_notes-{index}",
        )

    def _place(self, index: int) -> Place:
        lot = Dice(self._seed, "place", index).below(100)
        for place, weight in zip(PLACES, WEIGHTS, strict=True):
            lot -= weight
            if lot < 0:
                return place
        return PLACES[0]

    def elsewhere(self, dice: Dice, country: str) -> Address:
        """Another address in the same country, for goods that go to a site."""
        place = next((place for place in PLACES if place.country == country), PLACES[0])
        return _address(dice, place, dice.pick(place.towns))


NOWHERE = Address("", "", "", "", "")


def _numbered(scramble: Scramble, row_id: str) -> int | None:
    if not row_id.startswith("1-"):
        return None
    key = unbase36(row_id[2:])
    return None if key is None or key >= 36**5 else scramble.number(key)


def _not_in_crm(row: Customer) -> Customer:
    """What the order system alone knows of somebody: a name, a number, and where goods went."""
    row = replace(row, email="", phone="", mobile="", job_title="", language="", integration_id="")
    return replace(row, siebel_contact_id=None, siebel_account_id=None)


def _address(dice: Dice, place: Place, town: Town) -> Address:
    postal = "".join(
        str(dice.below(10)) if mark == "#" else "ABDEFGHJLN"[dice.below(10)] if mark == "@" else mark
        for mark in town.postal
    )
    street = f"{dice.pick(place.streets)} {dice.between(1, 199)}"
    return Address(street, town.name, town.state, postal if dice.chance(97) else "", place.country)


def _email(first: str, last: str, index: int, domain: str) -> str:
    return f"{plain(first) or 'customer'}.{plain(last) or 'name'}.{index}@{domain}"


def plain(name: str) -> str:
    """Letters a to z: what is left of a name without its accents (nothing, for many scripts)."""
    if name.isascii() and name.isalpha():
        return name.lower()
    bare = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("Ł", "L").replace("ł", "l"))
    return "".join(letter for letter in bare.lower() if letter.isascii() and letter.isalpha())


def _shouted(email: str) -> str:
    name, _, domain = email.partition("@")
    return f"{name.upper()}@{domain.title()}"


def _rewritten(phone: str) -> str:
    """The same number in the other common form, 00 and digits alone."""
    return "00" + "".join(filter(str.isdigit, phone.replace("(0)", ""))).removeprefix("00")


def _phone(dice: Dice, place: Place, area: str, key: int) -> str:
    """One of the ways people write a number; the digits of `key` make it unique within country and area."""
    own = f"{key:07d}"
    match dice.below(5):
        case 0:
            trunk = "(0)" if place.trunk else ""
            return f"+{place.code} {trunk}{area} {own[:3]}-{own[3:]}"
        case 1:
            return f"00{place.code} {area} {own}"
        case 2:
            return f"+{place.code}{area}{own}"
        case 3:
            return f"+{place.code} ({area}) {own[:3]} {own[3:5]} {own[5:]}"
        case _:
            return f"+{place.code} {area}/{own[:3]}.{own[3:]}"


def _whole_seconds(span: timedelta) -> timedelta:
    """The CRM dates rows to the second."""
    return timedelta(seconds=span // timedelta(seconds=1))


def _birthday(dice: Dice) -> date:
    return date(1940, 1, 1) + timedelta(days=dice.below(24_000))
