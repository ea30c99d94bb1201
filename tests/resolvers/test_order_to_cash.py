"""The rules of an order's way to cash: every word of the graph has a meaning, and states add up as the table says."""

from __future__ import annotations

from enum import Enum

import pytest

from resolvers.order_to_cash_rules import TABLES, adds_up
from schema import InvoiceStatus, LineStatus, OpportunityStatus, OrderStatus, ShipmentStatus, StepState, TicketStatus
from schema.marketing import TouchKind

WORDS: dict[str, type[Enum]] = {
    "entered": OrderStatus,
    "allocated": LineStatus,
    "unpacked": LineStatus,
    "unbilled": LineStatus,
    "fulfilled": ShipmentStatus,
    "billed": InvoiceStatus,
    "serviced": TicketStatus,
    "sold": OpportunityStatus,
    "interest": TouchKind,
}


@pytest.mark.parametrize("table", WORDS)
def test_every_word_has_a_meaning_and_no_meaning_is_made_up(table: str) -> None:
    assert TABLES[table].keys() == set(WORDS[table].__members__)
    assert set(TABLES[table].values()) <= set(StepState.__members__)


def test_every_table_of_the_file_is_used() -> None:
    assert TABLES.keys() == WORDS.keys() | {"adds_up", "days"}
    assert TABLES["adds_up"].keys() <= WORDS.keys()


@pytest.mark.parametrize(
    ("states", "all_of_them", "any_of_them"),
    [
        ("", "NONE", "NONE"),
        ("CANCELED", "CANCELED", "CANCELED"),
        ("CANCELED NONE", "NONE", "NONE"),
        ("DONE", "DONE", "DONE"),
        ("DONE CANCELED", "DONE", "DONE"),
        ("DONE WAITING", "PARTIAL", "DONE"),
        ("DONE BLOCKED", "BLOCKED", "DONE"),
        ("WAITING IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS"),
        ("OTHER WAITING", "WAITING", "WAITING"),
        ("OTHER DONE", "PARTIAL", "DONE"),
    ],
)
def test_states_add_up(states: str, all_of_them: str, any_of_them: str) -> None:
    told = [StepState[one] for one in states.split()]

    assert adds_up(told, "all") is StepState[all_of_them]
    assert adds_up(told, "any") is StepState[any_of_them]
