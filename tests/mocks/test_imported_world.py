"""A company made of a real sales file: what the file says is kept, what it lacks follows stated rules."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mocks.world import SUPERSTORE, BadWorld, Order, World, open_world
from mocks.world.index import spellings

DATA = Path(__file__).parent.parent / "data" / "superstore.csv"
SMALL = """\
[columns]
order = "no"
placed_on = "day"
customer = "who"
sku = "what"
quantity = "n"
amount = "sum"
"""
OPTIONAL = (
    *("customer_name", "segment", "country", "region", "state", "city", "street", "postal_code", "product_name"),
    *("group", "discount", "shipped_on", "ship_mode", "email", "phone", "currency", "unit", "channel"),
)
EVERYTHING = (
    SMALL
    + "".join(f'{name} = "{name}"\n' for name in OPTIONAL)
    + '[file]\npostal_code_width = 5\n[carriers]\nfast = "DHL"\n'
)
HEADER = "no,day,who,what,n,sum"


def _opened(
    folder: Path, *lines: str, mapping: str = SMALL, header: str = HEADER, now: datetime | None = None
) -> World:
    file, toml = folder / "sales.csv", folder / "map.toml"
    file.write_text("\n".join((header, *lines)) + "\n", "utf-8")
    toml.write_text(mapping, "utf-8")
    return open_world(file, toml, now=now)


def _refused(folder: Path, *lines: str, mapping: str = SMALL, header: str = HEADER) -> str:
    with pytest.raises(BadWorld) as caught:
        _opened(folder, *lines, mapping=mapping, header=header)
    return str(caught.value).replace(str(folder), "")


def _columns(**given: str) -> tuple[str, str]:
    """A header and one line with every column; those not given are empty."""
    usual = {"no": "A1", "day": "2020-05-01", "who": "C-1", "what": "P-1", "n": "1", "sum": "1"}
    names = [*usual, *OPTIONAL]
    return ",".join(names), ",".join({**usual, **given}.get(name, "") for name in names)


@pytest.fixture(scope="module")
def superstore() -> World:
    return open_world(DATA)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def orders(superstore: World) -> list[Order]:
    return [order for index in superstore.customers() for order in superstore.orders_of(index)]


def _found(world: World, number: str) -> Order:
    order = world.order_by_number(number)
    assert order is not None
    return order


def test_superstore_is_whole(superstore: World, orders: list[Order]) -> None:
    assert (len(superstore), superstore.order_count(), len(superstore.products())) == (793, 5_009, 1_862)
    assert len(orders) == 5_009
    assert sum(len(order.lines) for order in orders) == 9_994


def test_claire_gute_has_her_order_with_its_two_lines(superstore: World) -> None:
    order = _found(superstore, "CA-2016-152156")
    customer = superstore.customer(order.customer)
    assert f"{customer.first_name} {customer.last_name}" == "Claire Gute"
    assert [(line.sku, line.quantity, line.amount) for line in order.lines] == [
        ("FUR-BO-10001798", Decimal(2), Decimal("261.96")),
        ("FUR-CH-10000454", Decimal(3), Decimal("731.94")),
    ]
    assert order.total == Decimal("993.90")
    assert order.currency == "USD"
    assert order.placed_at == datetime(2016, 11, 8, tzinfo=UTC)
    assert order.lines[0].shipped_on == datetime(2016, 11, 11, tzinfo=UTC)
    assert order.lines[0].carrier == "UPS"
    assert order.ship_to is not None
    assert (order.ship_to.city, order.ship_to.state) == ("Henderson", "Kentucky")


def test_the_clock_follows_the_file_unless_it_is_set(superstore: World) -> None:
    assert superstore.now == datetime(2018, 1, 6, tzinfo=UTC)
    later = datetime(2020, 1, 1, tzinfo=UTC)
    assert open_world(DATA, now=later).now == later


def test_what_had_not_happened_by_now_is_left_out() -> None:
    world = open_world(DATA, now=datetime(2015, 12, 31, 12, tzinfo=UTC))
    numbers = {order.number for index in world.customers() for order in world.orders_of(index)}
    assert {number.split("-")[1] for number in numbers} == {"2014", "2015"}
    open_lines = [line for index in world.customers() for order in world.orders_of(index) for line in order.lines]
    assert {"CLOSED", "SHIPPED", "AWAIT_SHIP"} == {line.status for line in open_lines}
    assert all((line.shipped_on is None) == (line.status == "AWAIT_SHIP") for line in open_lines)
    with pytest.raises(BadWorld, match="nothing in it had happened"):
        open_world(DATA, now=datetime(2000, 1, 1, tzinfo=UTC))


def test_every_line_of_the_file_is_a_line_of_its_order(orders: list[Order], rows: list[dict[str, str]]) -> None:
    said = defaultdict(list)
    for row in rows:
        amount = Decimal(row["Sales"]).quantize(Decimal("0.01"))
        name = row["Product Name"].strip(" ")
        said[row["Order ID"]].append((row["Product ID"], Decimal(row["Quantity"]), amount, name))
    told = {
        order.number: [(line.sku, line.quantity, line.amount, line.description) for line in order.lines]
        for order in orders
    }
    assert told == said
    assert sum(1 for lines in told.values() if max(Counter(sku for sku, *_ in lines).values()) > 1) == 8


def test_a_unit_price_is_the_amount_by_the_quantity_to_six_places(orders: list[Order]) -> None:
    for order in orders:
        for line in order.lines:
            assert abs(line.unit_price - line.amount / line.quantity) <= Decimal("0.0000005")


def test_customers_have_one_home_and_orders_go_where_they_went(
    superstore: World, orders: list[Order], rows: list[dict[str, str]]
) -> None:
    city = {row["Order ID"]: (row["City"], row["Postal Code"].zfill(5)) for row in rows}
    moved = 0
    for order in orders:
        assert order.ship_to is not None
        assert (order.ship_to.city, order.ship_to.postal_code) == city[order.number]
        moved += order.ship_to != superstore.customer(order.customer).address
    assert moved > 1_000


def test_keys_are_derived_and_unique(superstore: World, orders: list[Order]) -> None:
    people = [superstore.customer(index) for index in superstore.customers()]
    claire = people[0]
    assert (claire.number, claire.party_number) == ("0000012520", "12520")
    for name in ("number", "email", "phone", "siebel_contact_id", "siebel_account_id", "party_id", "integration_id"):
        assert len({getattr(row, name) for row in people}) == 793, name
    for row in people:
        assert row.email.endswith("@example.com")
        assert "555-01" in row.phone
        assert superstore.by_email(row.email.upper()) == [row.index]
        assert all(superstore.by_phone(text) == [row.index] for text in spellings(row.phone))
        assert superstore.by_contact_id(row.siebel_contact_id or "") == row.index
        assert superstore.by_account_id(row.siebel_account_id or "") == row.index
        assert superstore.by_party_number(row.party_number or "") == row.index
        assert len(str(row.party_id)) == 15
    assert {len(str(order.header_id)) for order in orders} == {15, 18}
    assert all(superstore.order_by_header(order.header_id) == order for order in orders[::37])
    assert superstore.order_by_header(1) is None
    assert superstore.order_by_number("") is None


def test_names_come_apart_and_together_again(superstore: World, rows: list[dict[str, str]]) -> None:
    names = {f"{row.first_name} {row.last_name}".strip(" ") for row in map(superstore.customer, superstore.customers())}
    assert names == {row["Customer Name"] for row in rows}
    assert "Corey-Lock" in names
    assert "Roy Französisch" in names


def test_products_with_several_names_are_called_by_the_usual_one_and_have_all_in_their_text(
    superstore: World, rows: list[dict[str, str]]
) -> None:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        names[row["Product ID"]][row["Product Name"].strip(" ")] += 1
    assert sum(len(said) > 1 for said in names.values()) == 32
    for sku, said in names.items():
        product = superstore.product(superstore.by_sku(sku) or 0)
        usual = said.most_common(1)[0][0]
        assert usual.startswith(product.names["EN"])
        assert len(product.names["EN"]) <= 40
        assert all(name in product.text for name in said)
        assert len(product.group) <= 9


def test_curly_quotes_and_hard_spaces_are_kept(superstore: World) -> None:
    texts = "".join(superstore.product(index).text for index in superstore.products())
    assert "“" in texts
    assert "\xa0" in texts


def test_the_same_file_gives_the_same_company_and_more_of_it_changes_nothing(tmp_path: Path) -> None:
    lines = DATA.read_text("utf-8").splitlines(keepends=True)
    shorter = tmp_path / "short.csv"
    shorter.write_text("".join(lines[:3_001]), "utf-8")
    now = datetime(2018, 1, 6, tzinfo=UTC)
    short, whole = open_world(shorter, now=now), open_world(DATA, now=now)
    assert len(short) < len(whole)
    for index in short.customers():
        one, other = short.customer(index), whole.customer(index)
        for name in ("number", "email", "phone", "party_id", "siebel_contact_id", "siebel_account_id"):
            assert getattr(one, name) == getattr(other, name)
        assert all(whole.order_by_number(order.number) is not None for order in short.orders_of(index))
    assert open_world(DATA).customer(7) == whole.customer(7)


def test_a_file_of_six_columns_is_enough(tmp_path: Path) -> None:
    world = _opened(tmp_path, "A1,2020-05-01,Bob,P-1,2,10", "A1,2020-05-01,Bob,P-1,1,5.005")
    order = _found(world, "A1")
    assert [line.amount for line in order.lines] == [Decimal("10.00"), Decimal("5.00")]
    assert [line.number for line in order.lines] == ["1", "2"]
    bob = world.customer(order.customer)
    assert (bob.first_name, bob.last_name, bob.email) == ("", "Bob", "bob.bob@example.com")
    assert len(bob.number) == 10
    assert order.status == "DOO_PROCESSING"
    assert {line.status for line in order.lines} == {"AWAIT_SHIP"}
    assert world.product(0).names == {"EN": "P-1"}
    assert world.now == datetime(2020, 5, 2, tzinfo=UTC)


def test_every_column_that_is_there_is_used(tmp_path: Path) -> None:
    header, line = _columns(
        customer_name="Åsa  af Ö'", segment="S", country="Sweden", region="EMEA", state="BD", city="Luleå",
        street="Ön 1", postal_code="742", product_name="x" * 50, group="a-b c", discount="0.5", n="1.5", sum="-3",
        shipped_on="2020-05-03", ship_mode="fast", email="A@b.example", phone="+46 1", currency="SEK", unit="KG",
        channel="FAX",
    )  # fmt: skip
    world = _opened(tmp_path, line, mapping=EVERYTHING, header=header)
    order, customer, product = _found(world, "A1"), world.customer(0), world.product(0)
    assert (customer.first_name, customer.last_name) == ("Åsa", " af Ö'")
    assert (customer.segment, customer.region, customer.currency) == ("S", "EMEA", "SEK")
    assert customer.address == order.ship_to
    assert (customer.address.street, customer.address.postal_code) == ("Ön 1", "00742")
    assert (customer.email, customer.phone, customer.channel) == ("A@b.example", "+46 1", "FAX")
    [sold] = order.lines
    assert (sold.quantity, sold.amount, sold.unit_price, sold.list_price) == tuple(
        map(Decimal, ("1.5", "-3.00", "-2.00", "-4.00"))
    )
    assert (sold.carrier, sold.unit, order.source_system, order.currency) == ("DHL", "KG", "FAX", "SEK")
    assert (product.names["EN"], product.group, product.list_price) == ("x" * 40, "ABC", Decimal("4.00"))
    assert world.by_email("a@B.example") == [0]


def test_lines_close_a_fortnight_after_they_shipped(tmp_path: Path) -> None:
    header, first = _columns(shipped_on="2020-05-03")
    second = _columns(shipped_on="2020-05-10", what="P-2")[1]

    def states(day: int) -> tuple[str, list[str]]:
        now = datetime(2020, 5, 1, tzinfo=UTC) + timedelta(days=day - 1)
        order = _found(_opened(tmp_path, first, second, mapping=EVERYTHING, header=header, now=now), "A1")
        return order.status, [line.status for line in order.lines]

    assert states(1) == ("DOO_PROCESSING", ["AWAIT_SHIP", "AWAIT_SHIP"])
    assert states(5) == ("DOO_PROCESSING", ["SHIPPED", "AWAIT_SHIP"])
    assert states(17) == ("PARTIALLY_CLOSE", ["CLOSED", "SHIPPED"])
    assert states(24) == ("CLOSED", ["CLOSED", "CLOSED"])


def test_what_shipped_before_it_was_ordered_shipped_that_day(tmp_path: Path) -> None:
    header, line = _columns(shipped_on="2020-04-01")
    order = _found(_opened(tmp_path, line, mapping=EVERYTHING, header=header), "A1")
    assert order.lines[0].shipped_on == order.placed_at == datetime(2020, 5, 1, tzinfo=UTC)


def test_numbers_are_hashed_when_the_digits_of_the_ids_do_not_tell_customers_apart(tmp_path: Path) -> None:
    world = _opened(tmp_path, "A1,2020-05-01,X-1,P,1,1", "A2,2020-05-01,Y-1,P,1,1")
    numbers = {world.customer(index).number for index in world.customers()}
    assert len(numbers) == 2
    assert all(len(number) == 10 and number[0] != "0" for number in numbers)


def test_ids_that_become_the_same_in_an_address_are_kept_apart(tmp_path: Path) -> None:
    ids = ("a-b", "ab", "A B", "ÄÖ", "!")
    world = _opened(tmp_path, *(f"A{at},2020-05-01,{who},P,1,1" for at, who in enumerate(ids)))
    emails = {world.customer(index).email for index in world.customers()}
    assert len(emails) == 5


def test_a_value_over_two_lines_spaces_around_and_empty_lines_are_read(tmp_path: Path) -> None:
    world = _opened(tmp_path, "", " A1 ,2020-05-01 ,Bob,P-1, 1,1", "  ", 'A2,2020-05-01,"two\nlines",P-1,1,1')
    assert world.order_count() == 2
    assert world.order_by_number("A1") is not None
    assert world.customer(1).integration_id == "two\nlines"


def test_other_delimiters_encodings_and_dates_are_read(tmp_path: Path) -> None:
    layout = '[file]\ndelimiter = ";"\nencoding = "cp1252"\ndates = "%d.%m.%Y %H:%M %z"\n'
    (tmp_path / "m.toml").write_text(SMALL + layout, "utf-8")
    text = HEADER.replace(",", ";") + "\r\nA1;31.12.2020 23:30 -0100;Müller;P;1;1\r\n"
    (tmp_path / "s.csv").write_bytes(text.encode("cp1252"))
    world = open_world(tmp_path / "s.csv", tmp_path / "m.toml")
    assert _found(world, "A1").placed_at == datetime(2021, 1, 1, 0, 30, tzinfo=UTC)
    assert world.customer(0).last_name == "Müller"


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    assert _opened(tmp_path, "A1,2020-05-01,Bob,P-1,1,1", header="\ufeff" + HEADER).order_count() == 1


GOOD = "A1,2020-05-01,Bob,P-1,1,1"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("A2,2020-13-01,Bob,P,1,1", "line 3, column “day”: '2020-13-01' is no date of the form %Y-%m-%d"),
        ("A2,,Bob,P,1,1", "line 3, column “day”: '' is no date of the form %Y-%m-%d"),
        ("A2,1066-10-14,Bob,P,1,1", "line 3, column “day”: '1066-10-14' is a date outside 1900 to 2199"),
        ("A2,9999-12-31,Bob,P,1,1", "line 3, column “day”: '9999-12-31' is a date outside 1900 to 2199"),
        ("A2,2020-05-01,Bob,P,1,12abc", "line 3, column “sum”: '12abc' is no number: digits, and a point if need be"),
        ('A2,2020-05-01,Bob,P,1,"1,5"', "line 3, column “sum”: '1,5' is no number: digits, and a point if need be"),
        ("A2,2020-05-01,Bob,P,1,NaN", "line 3, column “sum”: 'NaN' is no number: digits, and a point if need be"),
        ("A2,2020-05-01,Bob,P,1,1e99", "line 3, column “sum”: '1e99' is no number: digits, and a point if need be"),
        ("A2,2020-05-01,Bob,P,1,", "line 3, column “sum”: '' is no number: digits, and a point if need be"),
        ("A2,2020-05-01,Bob,P,1,٣", "line 3, column “sum”: '٣' is no number: digits, and a point if need be"),
        ("A2,2020-05-01,Bob,P,0,1", "line 3, column “n”: '0' is no quantity: nothing was sold"),
        (",2020-05-01,Bob,P,1,1", "line 3, column “no”: '' is no name"),
        ("A2,2020-05-01,,P,1,1", "line 3, column “who”: '' is no name"),
        ("A2,2020-05-01,Bob,,1,1", "line 3, column “what”: '' is no SKU: 1 to 40 characters"),
        (f"A2,2020-05-01,Bob,{'P' * 41},1,1", "40 characters"),
        ("A2,2020-05-01,Bob,P,1", "line 3: has 5 fields, the header has 6"),
        ("A2,2020-05-01,Bob,P,1,1,1", "line 3: has 7 fields, the header has 6"),
        ('A2,2020-05-01,"Bob,P,1,1', "line 3: cannot be split into fields"),
        ("A1,2020-05-01,Eve,P,1,1", "line 3, column “who”: order A1 has customer Eve here, and Bob on line 2"),
    ],
)
def test_a_bad_line_is_refused_by_file_line_and_column(tmp_path: Path, line: str, complaint: str) -> None:
    refused = _refused(tmp_path, GOOD, line)
    assert refused.startswith("/sales.csv")
    assert complaint in refused


def test_the_line_named_is_where_the_row_begins(tmp_path: Path) -> None:
    assert "line 5" in _refused(tmp_path, 'A1,2020-05-01,"a', 'b",P-1,1,1', "", "A2,2020-05-01,Bob,P,1,\n\n")


def test_two_skus_that_sap_takes_for_one_are_refused(tmp_path: Path) -> None:
    refused = _refused(tmp_path, "A1,2020-05-01,Bob,0012,1,1", "A2,2020-05-01,Bob,12,1,1")
    assert refused == "/sales.csv, line 3, column “what”: SAP cannot tell SKU 12 from 0012 on line 2"


def test_two_currencies_in_an_order_are_refused(tmp_path: Path) -> None:
    header, one = _columns(currency="SEK")
    other = _columns(currency="USD")[1]
    assert "currency USD here, and SEK on line 2" in _refused(tmp_path, one, other, mapping=EVERYTHING, header=header)
    bad = _columns(currency="kr")[1]
    assert "'kr' is no currency" in _refused(tmp_path, bad, mapping=EVERYTHING, header=header)


@pytest.mark.parametrize("discount", ["1.01", "-0.1", "20%"])
def test_a_discount_that_is_no_share_is_refused(tmp_path: Path, discount: str) -> None:
    header, line = _columns(discount=discount)
    assert "column “discount”" in _refused(tmp_path, line, mapping=EVERYTHING, header=header)


def test_what_was_given_away_has_a_price_of_nothing(tmp_path: Path) -> None:
    header, line = _columns(discount="1", sum="0")
    order = _found(_opened(tmp_path, line, mapping=EVERYTHING, header=header), "A1")
    assert (order.lines[0].list_price, order.total) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("no,day,who,what,n", "line 1, column “sum”: the column for amount is missing; there are no, day, who, "),
        (HEADER + ",sum", "line 1, column “sum”: the column for amount is there more than once"),
    ],
)
def test_a_bad_header_is_refused(tmp_path: Path, header: str, complaint: str) -> None:
    assert complaint in _refused(tmp_path, "x", header=header)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.csv").write_bytes(content)
    with pytest.raises(BadWorld, match=r"empty\.csv: is empty"):
        open_world(tmp_path / "empty.csv")


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    assert _refused(tmp_path) == "/sales.csv: has a header and no sales"


def test_bytes_that_are_no_text_are_refused_by_line(tmp_path: Path) -> None:
    lines = DATA.read_bytes().splitlines(keepends=True)[:5]
    (tmp_path / "latin.csv").write_bytes(b"".join(lines) + "é".encode("latin-1"))
    with pytest.raises(BadWorld, match=r"latin\.csv, line 6: is not utf-8"):
        open_world(tmp_path / "latin.csv")
    (tmp_path / "nul.csv").write_bytes(b"".join(lines) + b"\0,\n")
    with pytest.raises(BadWorld, match=r"nul\.csv, line 6: "):
        open_world(tmp_path / "nul.csv")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWorld, match=r"none\.csv: No such file"):
        open_world(tmp_path / "none.csv")
    with pytest.raises(BadWorld, match="Is a directory"):
        open_world(tmp_path)
    with pytest.raises(BadWorld, match=r"none\.toml: No such file"):
        open_world(DATA, tmp_path / "none.toml")
    with pytest.raises(BadWorld, match="without a sales file"):
        open_world(None, SUPERSTORE)


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ("", "missing required field `columns`"),
        ("[columns]\norder = 1", "Expected `str`"),
        (SMALL + 'colour = "c"', "unknown field `colour`"),
        (SMALL + "[fiel]", "unknown field `fiel`"),
        ("[columns", "map.toml"),
        (SMALL + '[file]\ndelimiter = ";;"', "delimiter is one character"),
        (SMALL + '[file]\nencoding = "klingon"', "no encoding 'klingon'"),
        (SMALL + '[file]\nencoding = "hex"', "no encoding 'hex'"),
        (SMALL + '[defaults]\ncurrency = "$"', "currency is three capitals"),
    ],
)
def test_a_bad_mapping_is_refused(tmp_path: Path, mapping: str, complaint: str) -> None:
    assert complaint in _refused(tmp_path, GOOD, mapping=mapping)


def test_stock_and_promises_exist_for_what_was_sold(superstore: World) -> None:
    with_stock = [index for index in superstore.products() if superstore.stock_of(index)]
    assert 1_600 < len(with_stock) < 1_862
    index = with_stock[0]
    plant = superstore.product(index).plants[0]
    assert superstore.promised(index, plant, superstore.now) >= 0
    assert superstore.promised(index, "9999", superstore.now) == 0
    assert all(product.plants == tuple(sorted(product.plants)) for product in map(superstore.product, with_stock))


def test_a_row_that_is_not_there_is_an_error(superstore: World) -> None:
    for ask in (superstore.customer, superstore.orders_of, superstore.product, superstore.stock_of):
        for index in (-1, 99_999):
            with pytest.raises(IndexError):
                ask(index)
