"""One customer and what each system calls them: which rows become one, and which stay two."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolvers.crossref import SOON, Claim, Crossref


@pytest.fixture
def crossref() -> Crossref:
    return Crossref(":memory:", b"secret")


def row(
    key: str, number: str | None = None, email: str | None = None, phone: str | None = None, name: str = "Ada"
) -> Claim:
    return Claim((("crm", key, 0 if number else 1),), number, email, (phone,) if phone else (), name)


def party(number: str) -> Claim:
    return Claim((("orders", number.lstrip("0"), 0),), number)


def test_a_shared_customer_number_makes_one_customer_leading_zeros_aside(crossref: Crossref) -> None:
    crossref.merge([row("1-A", "000100"), party("100")])

    assert crossref.count() == 1
    assert crossref.customers("orders", ["100"]) == {"100": crossref.customers("crm", ["1-A"])["1-A"]}


def test_a_row_without_a_number_joins_the_one_with_its_email(crossref: Crossref) -> None:
    crossref.merge([row("1-A", "100", "ada@example.test"), row("1-B", None, "ada@example.test")])

    (customer,) = set(crossref.customers("crm", ["1-A", "1-B"]).values())
    assert crossref.keys([customer]) == {customer: (customer, {"crm": ("1-A", "1-B")})}


def test_order_of_arrival_does_not_matter(crossref: Crossref) -> None:
    crossref.merge([row("1-B", None, "ada@example.test")])
    before = crossref.customers("crm", ["1-B"])["1-B"]
    crossref.merge([row("1-A", "100", "ada@example.test")])

    assert crossref.count() == 1
    assert crossref.keys([before])[before].keys["crm"] == ("1-A", "1-B")


def test_two_numbers_stay_two_customers_whatever_they_share(crossref: Crossref) -> None:
    crossref.merge([row("1-A", "100", "a@example.test", "4930123"), row("1-B", "200", "a@example.test", "4930123")])

    assert crossref.count() == 2


def test_an_email_that_two_have_joins_nobody(crossref: Crossref) -> None:
    crossref.merge([row("1-A", "100", "a@example.test"), row("1-B", "200", "a@example.test")])
    crossref.merge([row("1-C", None, "a@example.test")])

    assert crossref.count() == 3


@pytest.mark.parametrize(("name", "customers"), [("Ada", 1), ("Bob", 2)])
def test_a_telephone_joins_only_with_the_name(crossref: Crossref, name: str, customers: int) -> None:
    crossref.merge([row("1-A", "100", None, "4930123"), row("1-B", None, None, "4930123", name)])

    assert crossref.count() == customers


def test_ids_given_out_stay_good_when_two_customers_turn_out_to_be_one(crossref: Crossref) -> None:
    crossref.merge([row("1-A"), party("100")])
    old = [crossref.customers("crm", ["1-A"])["1-A"], crossref.customers("orders", ["100"])["100"]]
    crossref.merge([row("1-A", "100")])

    known = crossref.keys(old)
    assert known[old[0]] == known[old[1]]
    assert known[old[0]].keys == {"crm": ("1-A",), "orders": ("100",)}


def test_seeing_a_row_twice_changes_nothing(crossref: Crossref) -> None:
    claims = [row("1-A", "100", "a@example.test"), row("1-B", None, "a@example.test"), party("100")]

    assert crossref.merge(claims) == 1
    assert crossref.merge(claims) == 0
    assert crossref.count() == 1


def test_no_personal_value_is_kept(tmp_path: Path) -> None:
    crossref = Crossref(tmp_path / "x.sqlite", b"secret")
    crossref.merge([row("1-A", "100", "canary@example.test", "4930123456", "Canary Name")])
    crossref.close()

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"1-A" in kept
    for value in (b"canary", b"Canary", b"4930123456"):
        assert value not in kept


def test_a_batch_that_fails_leaves_nothing_behind(crossref: Crossref) -> None:
    def claims() -> object:
        yield row("1-A")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - our own, raised above
        crossref.merge(claims())  # type: ignore[arg-type]

    assert crossref.count() == 0


def test_what_we_write_is_known_at_once_and_what_another_writes_soon(tmp_path: Path) -> None:
    now = [0.0]
    ours = Crossref(tmp_path / "x.sqlite", b"secret", clock=lambda: now[0])
    another = Crossref(tmp_path / "x.sqlite", b"secret")
    ours.merge([row("1-A", "100")])
    (customer,) = ours.customers("crm", ["1-A"]).values()
    assert ours.keys([customer])[customer].keys == {"crm": ("1-A",)}

    another.merge([party("100")])
    now[0] += SOON
    assert ours.keys([customer])[customer].keys == {"crm": ("1-A",), "orders": ("100",)}
    ours.merge([Claim((("crm", "1-A", 0), ("help", "P1", 0)))])
    assert set(ours.keys([customer])[customer].keys) == {"crm", "orders", "help"}


def test_an_id_that_is_no_longer_one_leads_to_the_other_customer(tmp_path: Path) -> None:
    now = [0.0]
    ours = Crossref(tmp_path / "x.sqlite", b"secret", clock=lambda: now[0])
    another = Crossref(tmp_path / "x.sqlite", b"secret")
    ours.merge([row("1-A", "100"), row("1-B")])
    first, second = (ours.customers("crm", [key])[key] for key in ("1-A", "1-B"))
    assert ours.keys([first, second]).keys() == {first, second}

    another.merge([Claim((("crm", "1-A", 0), ("crm", "1-B", 1)))])
    now[0] += SOON
    (one,) = {known.customer for known in ours.keys([first, second]).values()}
    assert ours.keys([first])[first].keys == ours.keys([second])[second].keys == {"crm": ("1-A", "1-B")}
    assert one == ours.current([second])[second]


def test_memory_has_an_end_and_answers_do_not_depend_on_it() -> None:
    crossref = Crossref(":memory:", b"secret", most=3)
    crossref.merge(row(f"1-{one}") for one in range(9))
    ids = {key: crossref.customers("crm", [key])[key] for key in (f"1-{one}" for one in range(9))}

    for _ in range(2):
        for key, customer in ids.items():
            assert crossref.keys([customer])[customer].keys == {"crm": (key,)}
        assert crossref.keys([*ids.values(), "nobody"]).keys() == set(ids.values())
