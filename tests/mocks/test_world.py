"""The seeded company: the same every time, of any size, and full of what breaks programs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from mocks.world import BadWorld, Customer, Order, World, open_world
from mocks.world.dice import Dice, Scramble, base36, spread, unbase36
from mocks.world.index import TextIndex, spellings

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
BRIEF = range(0, 1_000, 7)


@pytest.fixture(scope="module")
def world() -> World:
    return open_world(customers=1_000, seed=7, now=NOW)


@pytest.fixture(scope="module")
def orders(world: World) -> list[Order]:
    return [order for index in world.customers() for order in world.orders_of(index)]


@pytest.fixture(scope="module")
def people(world: World) -> list[Customer]:
    return [world.customer(index) for index in world.customers()]


def test_a_thousand_customers_are_ready_at_once() -> None:
    begun = time.perf_counter()
    open_world(customers=1_000)
    assert time.perf_counter() - begun < 3


def test_the_same_seed_and_day_give_the_same_company(world: World) -> None:
    again = open_world(customers=1_000, seed=7, now=NOW + timedelta(hours=3))
    assert [again.customer(index) for index in BRIEF] == [world.customer(index) for index in BRIEF]
    assert [again.orders_of(index) for index in BRIEF] == [world.orders_of(index) for index in BRIEF]
    assert all(again.stock_of(index) == world.stock_of(index) for index in world.products())


def test_another_seed_gives_another_company(world: World) -> None:
    other = open_world(customers=1_000, seed=8, now=NOW)
    assert sum(other.customer(index) == world.customer(index) for index in world.customers()) == 0


def test_a_larger_world_begins_with_the_smaller_one(world: World) -> None:
    larger = open_world(customers=1_500, seed=7, now=NOW)
    assert all(larger.customer(index) == world.customer(index) for index in BRIEF)
    assert all(larger.orders_of(index) == world.orders_of(index) for index in BRIEF)


@pytest.mark.parametrize("customers", [1, 2, 5, 30, 58])
def test_a_tiny_world_is_whole(customers: int) -> None:
    world = open_world(customers=customers, now=NOW)
    assert len(world) == customers == len(world.customers())
    for index in world.customers():
        for order in world.orders_of(index):
            assert world.order_by_number(order.number) == order


@pytest.mark.parametrize("customers", [0, -1, 10_000_001])
def test_a_world_of_an_impossible_size_is_refused(customers: int) -> None:
    with pytest.raises(BadWorld, match="customers"):
        open_world(customers=customers)


def test_a_now_without_an_offset_is_refused() -> None:
    with pytest.raises(BadWorld, match="offset"):
        open_world(now=datetime(2026, 1, 1))
    assert open_world(customers=1, now=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=9)))).now.tzinfo is UTC


def test_the_clock_is_live_unless_it_is_given() -> None:
    assert abs(open_world(customers=1).now - datetime.now(UTC)) < timedelta(seconds=5)
    assert open_world(customers=1, now=NOW).now == NOW


def test_rows_that_are_not_there_are_an_error_and_keys_that_are_not_are_none(world: World) -> None:
    for ask in (world.customer, world.orders_of, world.product, world.stock_of):
        for index in (-1, 1_000_000):
            with pytest.raises(IndexError):
                ask(index)
    for key in ("", "1-", "1-ZZZZZZZZZZZZZ", "2-ABC", "1-abc", "x", "1-0A", "١", "1-ZZZZZ"):
        assert world.by_contact_id(key) is None
        assert world.by_account_id(key) is None
        assert world.by_party_number(key) is None
        assert world.order_by_number(key) is None
        assert world.by_sku(key) is None
        assert world.by_email(key) == []
        assert world.by_phone(key) == []
    for header in (-1, 0, 300_000_100_000_001, 10**30):
        assert world.order_by_header(header) is None


def test_every_key_finds_its_row(world: World, people: list[Customer]) -> None:
    for row in people:
        assert row == world.customer(row.index)
        if row.siebel_contact_id is not None:
            assert world.by_contact_id(row.siebel_contact_id) == row.index
        if row.siebel_account_id is not None:
            assert world.by_account_id(row.siebel_account_id) == row.index
        if row.party_number is not None:
            assert world.by_party_number(row.party_number) == row.index
        if row.email:
            assert row.index in world.by_email(row.email.swapcase())
        for number in spellings(row.phone) | spellings(row.mobile):
            assert row.index in world.by_phone(number)


def test_every_order_is_found_by_its_number_and_header(world: World, orders: list[Order]) -> None:
    assert len(orders) == world.order_count() == len({order.number for order in orders})
    for order in orders[::11]:
        assert world.order_by_number(order.number) == order == world.order_by_header(order.header_id)


def test_keys_differ_per_system_and_are_unique(people: list[Customer], orders: list[Order]) -> None:
    rows = [row for row in people if row.siebel_contact_id is not None]
    assert len({row.siebel_contact_id for row in rows} | {row.siebel_account_id for row in rows}) >= 2 * len(rows) - 2
    parties = [row for row in people if row.party_id is not None]
    assert len({row.party_id for row in parties}) == len(parties)
    assert all(len(str(row.party_id)) == 15 for row in parties)
    assert all(row.party_number == row.number.lstrip("0") for row in parties)
    assert all(len(row.number) in (0, 10) for row in people)
    assert {len(str(order.header_id)) for order in orders} == {15, 18}
    line_ids = [key for order in orders for line in order.lines for key in (line.line_id, line.fulfill_line_id)]
    assert len(set(line_ids)) == len(line_ids)
    long = [order.header_id for order in orders if order.header_id > 2**53]
    assert all(int(float(key)) != key for key in long)


def test_a_party_is_who_has_ordered(world: World, people: list[Customer]) -> None:
    for row in people:
        assert (row.party_id is None) == (row.party_number is None) == (world.orders_of(row.index) == ())


def test_some_customers_exist_in_one_system_only(people: list[Customer]) -> None:
    crm_only = [row for row in people if row.party_id is None]
    orders_only = [row for row in people if row.siebel_contact_id is None]
    assert 20 <= len(crm_only) <= 120
    assert 10 <= len(orders_only) <= 80
    assert all(row.siebel_account_id is None and not row.email and not row.phone for row in orders_only)
    assert not {row.index for row in crm_only} & {row.index for row in orders_only}


def test_a_pair_in_a_hundred_is_the_same_person_half_of_them_can_be_merged(
    world: World, people: list[Customer]
) -> None:
    pairs = [(people[row.duplicate_of], row) for row in people if row.duplicate_of is not None]
    assert len(pairs) == 10
    for first, again in pairs:
        assert (first.first_name, first.last_name) == (again.first_name, again.last_name)
        assert set(world.by_email(first.email)) == {first.index, again.index}
        assert first.siebel_contact_id != again.siebel_contact_id
    mergeable = [(first, again) for first, again in pairs if not again.number]
    assert len(mergeable) == 5
    for first, again in mergeable:
        assert again.party_id is None
        assert first.email != again.email
        assert first.phone != again.phone
        assert spellings(first.phone) & spellings(again.phone)
    for first, again in pairs:
        if again.number:
            assert first.number != again.number
            assert world.orders_of(first.index)
            assert world.orders_of(again.index)


def test_two_people_share_a_telephone(world: World, people: list[Customer]) -> None:
    for hundred in range(0, 1_000, 100):
        one, other = people[hundred + 42], people[hundred + 44]
        assert one.email != other.email
        [number] = {text for text in spellings(one.phone) & spellings(other.phone) if not text.startswith("00")}
        assert {one.index, other.index} <= set(world.by_phone(number))


def test_otherwise_no_two_people_share_an_address_or_telephone(people: list[Customer]) -> None:
    emails = Counter(row.email.lower() for row in people if row.email and row.duplicate_of is None)
    assert set(emails.values()) == {1}


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0, "Ada Okafor"),
        (6, "Scarlett O'Hara\" OR '1'='1"),
        (7, "Fitzwilliam D'Arcy"),
        (8, "Percy 100%"),
        (9, "Star* Wild*Card"),
        (10, "Who? What?"),
        (12, "Zoë 🚀 Rocket👩‍👩‍👧"),
        (13, "ليلى حداد"),
        (16, "Back\\slash C:\\Temp\\"),
        (19, "Jennifer Null"),
    ],
)
def test_the_cast_is_where_it_always_is(people: list[Customer], index: int, name: str) -> None:
    assert f"{people[index].first_name} {people[index].last_name}" == name


def test_values_are_missing_here_and_there(people: list[Customer]) -> None:
    for name in ("email", "phone", "mobile", "job_title", "language", "tier", "sales_owner", "number"):
        empty = sum(not getattr(row, name) for row in people)
        assert 0 < empty < len(people), name
    assert any(row.address.city == "" for row in people)
    assert any(row.birth_date is None for row in people)


def test_customers_live_in_many_countries_and_pay_in_many_currencies(people: list[Customer]) -> None:
    assert len({row.address.country for row in people}) > 10
    assert {"USD", "EUR", "JPY", "KWD"} <= {row.currency for row in people}
    assert any(row.address.postal_code.startswith("0") for row in people)


def test_one_customer_has_250_orders_and_one_order_has_60_lines(world: World, orders: list[Order]) -> None:
    assert max(Counter(order.customer for order in orders).values()) == 250 == len(world.orders_of(1))
    sizes = Counter(len(order.lines) for order in orders)
    assert sizes[60] == 1
    assert set(sizes) == {1, 2, 3, 4, 5, 6, 60}
    assert 4 <= len(orders) / 1_000 <= 6


def test_orders_come_oldest_first_and_nothing_is_dated_after_now(
    world: World, orders: list[Order], people: list[Customer]
) -> None:
    for row in people:
        placed = [order.placed_at for order in world.orders_of(row.index)]
        assert placed == sorted(placed)
        assert all(row.since <= at for at in placed)
        assert row.since <= row.updated <= NOW
    for order in orders:
        moments = [order.placed_at, order.updated_at, *(hold.applied_at for hold in order.holds)]
        moments += [line.shipped_on for line in order.lines if line.shipped_on is not None]
        assert all(order.placed_at <= at <= NOW for at in moments)
        assert order.updated_at == max(moments)


def test_money_adds_up_to_the_smallest_coin(orders: list[Order]) -> None:
    coins = {"JPY": 0, "KWD": -3}
    for order in orders:
        for line in order.lines:
            assert abs(line.amount - line.quantity * line.unit_price) < Decimal(1).scaleb(coins.get(order.currency, -2))
            assert -line.amount.as_tuple().exponent <= -coins.get(order.currency, -2)  # type: ignore[operator]
        assert order.total == sum(line.amount for line in order.lines) - order.discount + order.freight + order.tax
    assert len({(order.currency, order.total) for order in orders}) > len(orders) * 0.99


def _states(order: Order) -> set[str]:
    return {line.status for line in order.lines}


def test_line_and_order_status_agree(orders: list[Order]) -> None:
    done = {"SHIPPED", "CLOSED"}
    for order in orders:
        states = _states(order)
        match order.status:
            case "DOO_DRAFT" | "DOO_SUBMITTED":
                assert states == {"ENTERED"}
            case "CANCELED":
                assert states == {"CANCELED"}
            case "DOO_PROCESSING" | "OPEN":
                assert not states & (done | {"ENTERED", "CANCELED"})
            case "PARTIALLY_CLOSE":
                assert states & done
                assert states - done
            case _:
                assert states <= done | {"CANCELED"}
        for line in order.lines:
            assert (line.shipped_on is not None) == (line.status in done)
            assert (line.quantity == 0) == (line.status == "CANCELED" and order.status != "CANCELED")
        assert not order.holds or order.status in ("DOO_SUBMITTED", "DOO_PROCESSING", "OPEN")


def test_old_orders_are_mostly_closed_and_young_ones_mostly_not(orders: list[Order]) -> None:
    old = [order.status for order in orders if NOW - order.placed_at > timedelta(days=60)]
    young = [order.status for order in orders if NOW - order.placed_at < timedelta(days=2)]
    assert old.count("CLOSED") > 0.85 * len(old)
    assert young.count("CLOSED") == 0
    assert len(young) > 20
    assert {order.status for order in orders} >= {"DOO_DRAFT", "CANCELED", "PARTIALLY_CLOSE", "XX_RETURN_REVIEW"}
    assert sum(1 for order in orders if order.holds) > 20


def test_every_line_names_a_product(world: World, orders: list[Order]) -> None:
    for order in orders:
        for line in order.lines:
            index = world.by_sku(line.sku)
            assert index is not None
            assert world.product(index).unit == line.unit


def test_every_restricted_text_has_a_canary_of_its_own(people: list[Customer], orders: list[Order]) -> None:
    texts = [row.notes for row in people] + [order.notes for order in orders if order.notes]
    texts += [reason for order in orders for reason in {hold.reason for hold in order.holds}]
    canaries = [text[text.index("CANARY-") :] for text in texts]
    assert len(set(canaries)) == len(canaries)
    assert {canary.split("-")[1] for canary in canaries} == {"customer_notes", "order_notes", "hold_reason"}


def test_the_catalogue_has_what_sap_can_hold_and_queries_trip_over(world: World) -> None:
    products = [world.product(index) for index in world.products()]
    assert len(products) >= 500
    assert all(len(product.sku) <= 40 and 1 <= len(product.names) <= 2 for product in products)
    assert all(len(name) <= 40 for product in products for name in product.names.values())
    assert len({product.sku.lstrip("0") if product.sku.isdecimal() else product.sku for product in products}) == len(
        products
    )
    numeric = [product.sku for product in products if product.sku.isdecimal()]
    assert any(sku.startswith("0") for sku in numeric)
    assert any(not sku.startswith("0") for sku in numeric)
    assert any("'" in product.sku for product in products)
    assert any("EN" not in product.names for product in products)
    assert any("DE" not in product.names for product in products)
    assert any(product.discontinued for product in products)
    assert any(not product.text for product in products)
    assert len({plant for product in products for plant in product.plants}) == 6
    assert all(world.by_sku(product.sku) == product.index for product in products)


def test_stock_lies_in_the_plants_of_the_product(world: World) -> None:
    rows = []
    for index in world.products():
        product = world.product(index)
        for row in world.stock_of(index):
            assert row.plant in product.plants
            assert row.storage_location[:3] == row.plant[:3]
            assert row.quantity >= 0
            assert product.unit in ("KG", "M", "L") or row.quantity == int(row.quantity)
            rows.append(row)
    assert {row.type for row in rows} == {"01", "02", "03", "04", "07"}
    assert {row.special for row in rows} == {"", "E", "K", "Q"}
    assert any(row.special_customer for row in rows)
    assert any(row.quantity == 0 for row in rows)
    assert any(not world.stock_of(index) for index in world.products() if world.product(index).plants)
    assert any(not world.product(index).plants for index in world.products())


def _promises(world: World, days: int) -> Iterator[tuple[int, str, Decimal]]:
    for index in world.products():
        for plant in world.product(index).plants:
            yield index, plant, world.promised(index, plant, NOW + timedelta(days=days))


def test_a_promise_is_stock_less_demand_and_grows_with_time(world: World) -> None:
    today, later = list(_promises(world, 0)), list(_promises(world, 90))
    for (index, plant, now), (_, _, then) in zip(today, later, strict=True):
        rows = [row for row in world.stock_of(index) if (row.plant, row.type, row.special) == (plant, "01", "")]
        assert 0 <= now <= sum(row.quantity for row in rows)
        assert now <= then
        assert now == then or not world.product(index).discontinued
    assert any(now < then for (_, _, now), (_, _, then) in zip(today, later, strict=True))
    assert world.promised(0, "9999", NOW) == 0
    assert list(_promises(world, 0)) == today


def test_what_is_not_there_yet_is_not_promised_in_the_past(world: World) -> None:
    assert list(_promises(world, -4_000)) == list(_promises(world, 0))


def test_a_scramble_is_undone() -> None:
    for size in (1, 2, 10, 36**2, 9_973):
        scramble = Scramble(size, "test", size)
        keys = [scramble.key(number) for number in range(size)]
        assert sorted(keys) == list(range(size))
        assert [scramble.number(key) for key in keys] == list(range(size))


def test_base36_and_back() -> None:
    for number in (0, 1, 35, 36, 36**5 - 1):
        assert unbase36(base36(number)) == number
    assert [unbase36(text) for text in ("", "0A", "a", "-1", " 1", "Ä", "A" * 13)] == [None] * 7


def test_dice_are_even_and_repeatable() -> None:
    counts = Counter(Dice("even", at).below(6) for at in range(6_000))
    assert all(850 < count < 1_150 for count in counts.values())
    long = Dice("long")
    drawn = Counter(long.below(10) for _ in range(20_000))
    assert all(1_800 < count < 2_200 for count in drawn.values())
    assert [Dice("x").below(100) for _ in range(3)] == [Dice("x").below(100)] * 3


def test_names_that_collide_are_spread() -> None:
    found = spread([f"name {at}" for at in range(10)], 10, "test")
    assert sorted(found.values()) == list(range(10))
    assert dict(list(spread([f"name {at}" for at in range(12)], 20, "test").items())[:10]) == spread(
        [f"name {at}" for at in range(10)], 20, "test"
    )


def test_an_index_finds_all_rows_of_a_text() -> None:
    index = TextIndex([("a", 1), ("b", 2), ("a", 3), ("a", 3), ("", 4)])
    assert index.candidates("a") == [1, 3]
    assert index.candidates("c") == []
    assert index.candidates("") == [4]
    assert TextIndex([]).candidates("a") == []


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("+49 (0)30 1234-567", {"490301234567", "49301234567"}),
        ("0049 30 1234567", {"0049301234567", "49301234567"}),
        ("+49 30 1234567 ext. 12", {"4930123456712", "49301234567"}),
        ("", set()),
        ("none", set()),
    ],
)
def test_a_telephone_number_is_found_as_written_and_internationally(written: str, found: set[str]) -> None:
    assert spellings(written) == found


@pytest.mark.long
def test_a_hundred_thousand_customers_are_ready_in_a_minute() -> None:
    begun = time.perf_counter()
    world = open_world(customers=100_000)
    assert time.perf_counter() - begun < 60
    assert world.order_count() > 400_000


def test_when_orders_were_placed_is_known_without_making_them(world: World) -> None:
    for index in BRIEF:
        orders = [(order.placed_at, order.number, order.header_id) for order in world.orders_of(index)]
        assert [tuple(one) for one in world.placed_by(index)] == orders
