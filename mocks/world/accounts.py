"""Customers of an imported sales file: who bought, and what the CRM would know of them.

The rules are in `mocks.world.imported`; here they are carried out for numbers, names, addresses and ways to reach them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from mocks.world.dice import Dice, base36, spread
from mocks.world.model import Address, Customer
from mocks.world.people import OWNERS, TIERS, plain
from mocks.world.purchases import Purchase
from mocks.world.salesfile import SalesMapping, Sold

PARTY_BASE = 300_000_010_000_000
ROW_IDS = 36**5
PARTIES = 10_000_000
TEN_DIGITS = 10
HASHED_BASE = 1_000_000_000
AREAS = tuple(str(area) for area in range(201, 990) if area % 100 != 11 and str(area)[1] != "9")
FICTION = len(AREAS) * 100
PHONES_AT_MOST = 60_000


def accounts(bought: Sequence[Purchase], ids: Mapping[str, int], mapping: SalesMapping, seed: int) -> list[Customer]:
    """One row for each customer id, in the sequence of `ids`; everybody in `bought` has bought something."""
    by_customer: list[list[Purchase]] = [[] for _ in ids]
    for purchase in bought:
        by_customer[purchase.customer].append(purchase)
    keys = _Keys(list(ids))
    return [_account(name, at, by_customer[at], keys, mapping, seed) for name, at in ids.items()]


class _Keys:
    """What the systems call each customer id."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.numbers = _numbers(ids)
        self.contacts = spread(ids, ROW_IDS, "contact")
        self.accounts = spread(ids, ROW_IDS, "account")
        self.parties = spread(ids, PARTIES, "party")
        self.phones = spread(ids[:PHONES_AT_MOST], FICTION, "phone")
        self.tags = _tags(ids)


def _account(
    name: str, index: int, bought: Sequence[Purchase], keys: _Keys, mapping: SalesMapping, seed: int
) -> Customer:
    dice = Dice(seed, "account", name)
    sold = [one for purchase in bought for one in purchase.sold]
    first, last = _split(_usual(sold, "customer_name") or name)
    channel = Counter(purchase.channel for purchase in bought).most_common(1)[0][0]
    carriers = Counter(one.text("ship_mode") for one in sold).most_common(1)[0][0]
    days = [purchase.day for purchase in bought]
    number = keys.numbers[name]
    return Customer(
        index=index,
        number=number,
        first_name=first,
        last_name=last,
        account_name=f"{first} {last}".strip(" "),
        job_title="",
        email=_usual(sold, "email") or _email(first, last, keys.tags[name]),
        phone=_usual(sold, "phone") or _phone(keys.phones.get(name)),
        mobile="",
        address=_home(bought),
        language=mapping.defaults.language,
        tier=dice.pick(TIERS),
        segment=_usual(sold, "segment"),
        region=_usual(sold, "region"),
        since=min(days),
        updated=max(days),
        birth_date=None,
        channel=channel,
        sales_owner=dice.pick(OWNERS),
        carrier=mapping.carriers.get(carriers, carriers),
        currency=Counter(one.currency for one in sold).most_common(1)[0][0],
        suppress_emails=dice.chance(15),
        suppress_calls=dice.chance(25),
        suppress_mailings=dice.chance(20),
        suppress_faxes=dice.chance(50),
        siebel_contact_id=f"1-{base36(keys.contacts[name])}",
        siebel_account_id=f"1-{base36(keys.accounts[name])}",
        integration_id=name,
        party_id=PARTY_BASE + keys.parties[name],
        party_number=number.lstrip("0"),
        duplicate_of=None,
        notes=f"{name} in the sales file. CANARY-customer_notes-{index}",
    )


def _usual(sold: Sequence[Sold], word: str) -> str:
    """The most frequent text of a column, the first of equally frequent ones; "" without the column."""
    found = Counter(text for one in sold if (text := one.text(word)))
    return found.most_common(1)[0][0] if found else ""


def _home(bought: Sequence[Purchase]) -> Address:
    """Where most orders went; of several such places, where the latest of their orders did."""
    often = Counter(purchase.ship_to for purchase in bought)
    most = max(often.values())
    return max((one for one in bought if often[one.ship_to] == most), key=lambda one: one.day).ship_to


def _numbers(ids: Sequence[str]) -> dict[str, str]:
    digits = {name: "".join(mark for mark in name if mark in "0123456789").lstrip("0") for name in ids}
    if len(set(digits.values())) == len(digits) and all(1 <= len(text) <= TEN_DIGITS for text in digits.values()):
        return {name: text.zfill(TEN_DIGITS) for name, text in digits.items()}
    hashed = spread(ids, 9 * HASHED_BASE, "number")
    return {name: str(HASHED_BASE + number) for name, number in hashed.items()}


def _tags(ids: Sequence[str]) -> dict[str, str]:
    """The id as it can stand in an e-mail address; with a hash where nothing is left of it, or two become the same."""
    tags = {name: "".join(mark for mark in name.lower() if mark.isascii() and mark.isalnum()) for name in ids}
    often = Counter(tags.values())
    hashed = spread(ids, ROW_IDS, "tag")
    return {
        name: tag if tag and often[tag] == 1 else f"{tag}.{base36(hashed[name]).lower()}".lstrip(".")
        for name, tag in tags.items()
    }


def _split(name: str) -> tuple[str, str]:
    """The first word, and the rest; put together with a space they are the name again."""
    first, space, last = name.partition(" ")
    return (first, last) if space else ("", first)


def _email(first: str, last: str, tag: str) -> str:
    return ".".join(part for part in (plain(first), plain(last), tag) if part) + "@example.com"


def _phone(key: int | None) -> str:
    """One of the numbers reserved for fiction, +1 AREA 555-0100 … 0199."""
    return "" if key is None else f"+1 {AREAS[key // 100]} 555-01{key % 100:02d}"
