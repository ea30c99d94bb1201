"""Tickets agree with the world they are drawn from, with each other, and with themselves tomorrow."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mocks.world import World, open_world
from mocks.world.helpdesk import HOSTILE, IMPACT_WEIGHTS, URGENCY_WEIGHTS
from mocks.world.tickets import MANY_TICKETS, Ticket, Tickets

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
SUPERSTORE = Path(__file__).parent.parent / "data" / "superstore.csv"


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=600, now=NOW)


@pytest.fixture(scope="module")
def tickets(world: World) -> Tickets:
    return Tickets(world)


@pytest.fixture(scope="module")
def rows(tickets: Tickets) -> list[Ticket]:
    return [tickets.ticket(ordinal) for ordinal in range(len(tickets))]


def test_the_same_world_has_the_same_tickets(tickets: Tickets, rows: list[Ticket]) -> None:
    again = Tickets(open_world(customers=600, now=NOW))
    assert [again.ticket(one.ordinal) for one in rows] == rows
    assert [again.about(one.ordinal) for one in rows] == [tickets.about(one.ordinal) for one in rows]
    assert again.worklogs(5) == tickets.worklogs(5)


def test_a_larger_world_has_the_same_tickets_and_more(tickets: Tickets, rows: list[Ticket]) -> None:
    larger = Tickets(open_world(customers=700, now=NOW))
    assert len(larger) > len(tickets)
    assert [larger.ticket(one.ordinal) for one in rows] == rows


def test_there_are_four_tickets_for_five_customers(world: World, tickets: Tickets) -> None:
    counts = [len(tickets.of_customer(index)) for index in world.customers()]
    assert sum(counts) == len(tickets)
    assert 0.7 < len(tickets) / len(world) < 0.95
    assert counts.count(0) > len(world) * 0.4
    assert counts[MANY_TICKETS] == 30


def test_one_ticket_has_a_long_history(tickets: Tickets) -> None:
    last = tickets.of_customer(MANY_TICKETS)[-1]
    assert len(tickets.worklogs(last)) == 40
    assert all(len(tickets.worklogs(one)) < 7 for one in range(len(tickets)) if one != last)


def test_no_two_tickets_share_a_number_or_an_entry_id(rows: list[Ticket], tickets: Tickets) -> None:
    assert len({one.number for one in rows}) == len({one.entry_id for one in rows}) == len(rows)
    assert all(one.number != one.entry_id for one in rows)
    assert all(tickets.by_number(one.number) == one.ordinal for one in rows)
    assert all(tickets.by_entry_id(one.entry_id) == one.ordinal for one in rows)


@pytest.mark.parametrize("number", ["", "INC", "INC1", "INC00000000000x", "000000000001", "INC９00000000001", "WLG0"])
def test_what_is_no_number_finds_nothing(tickets: Tickets, number: str) -> None:
    assert tickets.by_number(number) is None
    assert tickets.by_person(number) is None
    assert tickets.worklog(number) is None


def test_a_ticket_about_an_order_is_its_customers_and_not_older(
    world: World, tickets: Tickets, rows: list[Ticket]
) -> None:
    about = [(one, tickets.about(one.ordinal)) for one in rows]
    for ticket, link in about:
        if not link.order_number:
            continue
        order = world.order_by_number(link.order_number)
        assert order is not None
        assert order.customer == ticket.customer
        assert order.placed_at <= ticket.submitted_at
        assert not link.sku or link.sku in {line.sku for line in order.lines}
    kinds = Counter((bool(link.order_number), bool(link.sku)) for _, link in about)
    assert min(kinds.values()) > 20
    assert len(kinds) == 4


def test_every_sku_is_a_product(world: World, tickets: Tickets, rows: list[Ticket]) -> None:
    skus = {tickets.about(one.ordinal).sku for one in rows} - {""}
    assert all(world.by_sku(sku) is not None for sku in skus)


def test_each_index_finds_what_reading_everything_finds(tickets: Tickets, rows: list[Ticket]) -> None:
    about = [tickets.about(one.ordinal) for one in rows]
    for sku in {link.sku for link in about} - {""}:
        assert tickets.of_sku(sku) == [at for at, link in enumerate(about) if link.sku == sku]
    for number in {link.order_number for link in about} - {""}:
        assert tickets.of_order(number) == [at for at, link in enumerate(about) if link.order_number == number]
    for number in {one.customer_number for one in rows} - {""}:
        assert tickets.of_customer_number(number) == [one.ordinal for one in rows if one.customer_number == number]
    assert tickets.of_sku("nothing") == tickets.of_order("nothing") == tickets.of_customer_number("") == []


def test_priority_is_impact_and_urgency_added_up(rows: list[Ticket]) -> None:
    for one in rows:
        weight = URGENCY_WEIGHTS[one.urgency] + IMPACT_WEIGHTS[one.impact]
        assert one.weight == weight
        assert one.priority == (
            "Critical" if weight >= 24 else "High" if weight >= 18 else "Medium" if weight >= 10 else "Low"
        )
    assert len({one.priority for one in rows}) == 4


def test_dates_follow_each_other_and_none_is_ahead_of_the_day(tickets: Tickets, rows: list[Ticket]) -> None:
    for one in rows:
        dates = [one.submitted_at, one.resolved_at, one.closed_at, one.modified_at]
        known = [date for date in dates if date is not None]
        assert known == sorted(known)
        assert known[-1] <= MIDNIGHT
        assert all(date.microsecond == 0 and date.tzinfo is UTC for date in known)
        assert (one.resolved_at is not None) == (one.status in ("Resolved", "Closed")) == bool(one.resolution)
        assert (one.closed_at is not None) == (one.status == "Closed")
        logs = [log.at for log in tickets.worklogs(one.ordinal)]
        assert logs == sorted(logs)
        assert all(one.submitted_at <= at <= one.modified_at for at in logs)
    assert {one.status for one in rows} == {
        "New",
        "Assigned",
        "In Progress",
        "Pending",
        "Resolved",
        "Closed",
        "Cancelled",
    }


def test_a_target_runs_out_while_nobody_does_anything(rows: list[Ticket]) -> None:
    waiting = next(one for one in rows if one.due_at and not one.resolved_at)
    assert waiting.due_at is not None
    span = waiting.due_at - waiting.submitted_at
    assert waiting.slm_status(waiting.submitted_at) == "Within Time Limit"
    assert waiting.slm_status(waiting.due_at - span / 10) == "Service Targets Warning"
    assert waiting.slm_status(waiting.due_at + timedelta(seconds=1)) == "Service Targets Breached"


def test_what_is_done_is_met_or_missed_for_good(rows: list[Ticket]) -> None:
    done = [one for one in rows if one.resolved_at and one.due_at]
    said = Counter(one.slm_status(NOW) for one in done)
    assert set(said) == {"Within Time Limit", "Service Targets Breached"}
    assert said["Within Time Limit"] > said["Service Targets Breached"] > 20
    assert [one.slm_status(NOW + timedelta(days=900)) for one in done] == [one.slm_status(NOW) for one in done]
    assert {one.slm_status(NOW) for one in rows if not one.due_at} == {"No Service Target Assigned"}
    assert all(one.due_at is None for one in rows if one.status == "Cancelled")


def test_some_requesters_are_known_by_e_mail_alone_and_some_by_telephone(world: World, rows: list[Ticket]) -> None:
    assert all(not one.customer_number.startswith("0") for one in rows)
    for one in rows:
        assert one.customer is not None
        customer = world.customer(one.customer)
        assert one.customer_number in ("", customer.number.lstrip("0"))
        assert one.email.lower() in ("", customer.email.lower())
        assert one.phone in ("", customer.phone, customer.mobile)
    known = Counter((bool(one.customer_number), bool(one.email), bool(one.phone)) for one in rows)
    assert known[False, True, True] > 20
    assert known[False, False, True] > 5
    assert any(one.email != one.email.lower() and not one.customer_number for one in rows)


def test_who_is_in_one_system_only_calls_too(world: World, rows: list[Ticket]) -> None:
    callers = [world.customer(one.customer) for one in rows if one.customer is not None]
    assert any(who.siebel_contact_id is None for who in callers)
    assert any(who.party_id is None for who in callers)


def test_every_free_text_has_a_canary_of_its_own(tickets: Tickets, rows: list[Ticket]) -> None:
    logs = [log for one in rows for log in tickets.worklogs(one.ordinal)]
    texts = [one.notes for one in rows] + [log.text for log in logs]
    canaries = [text[text.index("CANARY-") :] for text in texts]
    assert len(set(canaries)) == len(canaries)
    assert all(("CANARY-worklog-" in log.text) == log.internal for log in logs)
    assert all(tickets.worklog(log.number) == log for log in logs)


def test_subjects_hold_what_query_languages_trip_over(tickets: Tickets) -> None:
    subjects = [tickets.ticket(one).summary for one in tickets.of_customer(MANY_TICKETS)]
    assert subjects[: len(HOSTILE)] == list(HOSTILE)
    assert all(any(mark in text for text in HOSTILE) for mark in "'\"%_*?#&[]\\$🚚طח")


def test_customers_of_a_sales_file_call_as_well() -> None:
    world = open_world(SUPERSTORE)
    tickets = Tickets(world)
    rows = [tickets.ticket(one) for one in range(len(tickets))]
    assert 500 < len(rows) < 800
    assert max(one.modified_at for one in rows) <= world.now
    assert all(tickets.by_number(one.number) == one.ordinal for one in rows)
    order = next(link for one in rows if (link := tickets.about(one.ordinal).order_number))
    assert tickets.of_order(order)


def test_a_world_of_one_customer_has_tickets() -> None:
    assert len(Tickets(open_world(customers=1, now=NOW))) == 3


class Watched:
    """A world that counts what it is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.asked[name] += 1
        return getattr(self._world, name)

    def __len__(self) -> int:
        return len(self._world)


@pytest.mark.parametrize("customers", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_opening_looks_at_each_customer_once_at_most_and_makes_no_ticket(customers: int) -> None:
    """So that a hundred thousand cost seconds, on any machine: tickets are made when they are asked for."""
    world = Watched(open_world(customers=customers, now=NOW))
    tickets = Tickets(world)  # type: ignore[arg-type]  # delegates what it does not define
    assert len(tickets) > customers * 7 // 10
    assert world.asked["customer"] <= customers
    assert world.asked.keys() <= {"seed", "now", "customers", "customer"}
    assert tickets.ticket.cache_info().currsize == tickets.about.cache_info().currsize == 0
