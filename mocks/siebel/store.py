"""The rows of this Siebel: the world's customers, and on top of them what callers wrote.

A row is found by a *reference*: the world's index of a customer, or the row id of a written row. A written row hides
the world's row of the same id; a deleted one is None. A business address is its account, seen differently.
"""

from __future__ import annotations

from collections.abc import Iterator

from mocks.siebel.clock import Clock
from mocks.siebel.components import ACCOUNT, BUSINESS_ADDRESS, CONTACT, PLACES, Component
from mocks.siebel.matching import Row
from mocks.world.model import Customer, World

Reference = int | str
Values = dict[str, str]

ACCOUNT_NAMES = ("Account", "Primary Account Name")
SUPPRESSED = tuple(field for field in CONTACT.fields if field.startswith("Suppress All "))
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Store:
    """`version` changes with every write, so that a search can tell whether its answer still holds."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.version = 0
        self._written: dict[str, dict[str, Values | None]] = {CONTACT.name: {}, ACCOUNT.name: {}}
        self._given = 36**4

    def reference(self, component: Component, row_id: str) -> Reference | None:
        written = self._written[component.name]
        if row_id in written:
            return None if written[row_id] is None else row_id
        return self.indexed(component, row_id)

    def indexed(self, component: Component, row_id: str) -> int | None:
        """The world's own row of that id, whatever was written since."""
        return self.world.by_contact_id(row_id) if component is CONTACT else self.world.by_account_id(row_id)

    def row(self, component: Component, reference: Reference) -> Row:
        if component is BUSINESS_ADDRESS:
            return _address_of(self.row(ACCOUNT, reference))
        if isinstance(reference, int):
            return self.original(component, self.world.customer(reference))
        values = self._written[component.name][reference] or {}
        return self._joined(component, lambda field: values.get(field, ""))

    def original(self, component: Component, customer: Customer) -> Row:
        """A row as the world has it."""
        return self._joined(component, lambda field: component.fields[field].read(customer, self.clock))

    def _joined(self, component: Component, own: Row) -> Row:
        """A row with what it borrows from others: a contact its account's name, an account its address's id."""

        def read(field: str) -> str:
            if component is CONTACT and field in ACCOUNT_NAMES:
                return self._account_name(own("Account Id"))
            if component is ACCOUNT and field == "Primary Address Id":
                return address_id(own)
            return own(field)

        return read

    def _account_name(self, row_id: str) -> str:
        account = self.reference(ACCOUNT, row_id) if row_id else None
        return "" if account is None else self.row(ACCOUNT, account)("Name")

    def founded(self, component: Component, index: int, row_id: str | None) -> bool:
        """Whether the world's row of this id is this customer's: several may share an account."""
        return row_id is not None and self.indexed(component, row_id) == index

    def hides(self, component: Component, row_id: str) -> bool:
        """Whether the world's row of this id was written over, or deleted."""
        return row_id in self._written[component.name]

    def owns(self, component: Component, index: int, row_id: str | None) -> bool:
        """Whether the world's row of this id is this customer's, and still stands."""
        return row_id is not None and not self.hides(component, row_id) and self.founded(component, index, row_id)

    def written(self, component: Component) -> Iterator[str]:
        """Row ids of the written rows that were not deleted."""
        return (row_id for row_id, values in self._written[component.name].items() if values is not None)

    def write(self, component: Component, row_id: str, values: Values | None) -> None:
        """None deletes."""
        self._written[component.name][row_id] = values
        self.version += 1

    def say(self, row_id: str, agreed: bool) -> bool:
        """A contact has told our staff whether they may be reached, or is none. Theirs is a flag against each way."""
        found = self.reference(CONTACT, row_id)
        if found is None:
            return False
        row = self.row(CONTACT, found)
        told = dict.fromkeys(SUPPRESSED, "N" if agreed else "Y")
        self.write(CONTACT, row_id, {field: row(field) for field in CONTACT.fields} | told)
        return True

    def next_id(self, component: Component) -> str:
        """A row id nobody has: `88-` and a counter to the base of 36."""
        while True:
            self._given += 1
            row_id = f"88-{_base36(self._given)}"
            if row_id not in self._written[component.name] and self.indexed(component, row_id) is None:
                return row_id


def address_id(account: Row) -> str:
    """The account's id with an A behind it; "" when no part of the address is known."""
    return account("Id") + "A" if any(account(place) for place in PLACES) else ""


def _address_of(account: Row) -> Row:
    return lambda field: address_id(account) if field == "Id" else account(field)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits
