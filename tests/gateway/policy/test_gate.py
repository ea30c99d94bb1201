"""What a policy says that we do not understand, or that does not fit the graph, stops the start, by name and place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import strawberry

import schema
from gateway.app import create_app
from gateway.engine.consistent import problems
from gateway.engine.graph import Graph
from gateway.policy import BadPolicy, Policy
from resolvers.backends.base import Connection, Outcome
from resolvers.binding import Ask, Bindings, resolves
from resolvers.whole import bindings
from schema.classification import Category, Commercial, Financial, Inherited, Logistics, Public, edge, entity
from schema.coverage import classify
from tests.company import configured
from tests.gateway import library

ROLES = """
[everyone]
[[everyone.rule]]
purpose = ["marketing"]
unless = ["consenting"]
forbid = ["identity"]

[seller]
title = "Sells."
group = "staff"
purposes = ["marketing", "service"]
any = ["public", "presence"]
[[seller.rule]]
purpose = ["service"]
when = ["own-region"]
allow = ["identity"]
mask = { contact = "domain" }

[carrier]
title = "Carries."
group = "partner"
purposes = ["fulfilment"]
any = ["public"]
"""
PARTNERS = """
[parcels]
title = "Parcels"
role = "carrier"
keys = { carried-by-me = ["UPS"] }
"""
GRAPH = Graph.build(schema.build(), bindings())


def read(folder: Path, roles: str = ROLES, partners: str = PARTNERS) -> Policy:
    (folder / "roles.toml").write_text(roles)
    (folder / "partners.toml").write_text(partners)
    return Policy.read(folder / "roles.toml", folder / "partners.toml")


def test_what_is_understood_and_fits_starts(tmp_path: Path) -> None:
    assert list(problems(GRAPH, read(tmp_path))) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('allow = ["identity"]', 'allow = ["identify"]', r"\[seller\] rule 1 allow names an unknown category 'identify'"),
        ('forbid = ["identity"]', 'forbid = ["identify"]', r"\[everyone\] rule 1 forbid names an unknown category"),
        ('any = ["public", "pr', 'any = ["publik", "pr', r"\[seller\] any names an unknown category 'publik'"),
        ('allow = ["identity"]', 'allow = ["inherited"]', r"\[seller\] rule 1 allow names an unknown category 'inherited'"),
        ("contact =", "kontact =", r"\[seller\] rule 1 mask names an unknown category 'kontact'"),
        ('"domain"', '"domains"', r"\[seller\] rule 1 mask contact is 'domains'; known are amount_band"),
        ('purpose = ["service"]', 'purpose = ["audit"]', r"\[seller\] rule 1 purpose is 'audit'; known are marketing, service"),
        ('purpose = ["marketing"]', 'purpose = ["marketting"]', r"\[everyone\] rule 1 purpose is 'marketting', which no role has"),
        ('purpose = ["service"]', "purpose = []", r"\[seller\] rule 1 never applies: its list of purposes is empty"),
        ('when = ["own-region"]', 'when = ["own"]\nunless = ["own"]', r"\[seller\] rule 1 never applies: it wants 'own'"),
        ('when = ["own-region"]', 'wenn = ["own-region"]', r"\[seller\] rule 1 has an unknown key 'wenn'"),
        ('allow = ["identity"]\nmask = { contact = "domain" }', "", r"\[seller\] rule 1 says nothing"),
        ('group = "staff"', 'group = "stuff"', r"\[seller\] group is 'stuff'"),
        ("[[seller.rule]]", "[[seler.rule]]", r"\[seler\] lacks 'group'"),
        ("[everyone]\n", '[everyone]\nany = ["public"]\n', r"\[everyone\] has an unknown key 'any'"),
    ],
)  # fmt: skip
def test_a_line_that_names_something_unknown_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in ROLES
    with pytest.raises(BadPolicy, match=rf"^roles\.toml: {told}"):
        read(tmp_path, ROLES.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('role = "carrier"', 'role = "courier"', r"\[parcels\] role is 'courier'; known are carrier"),
        ('role = "carrier"', 'role = "seller"', r"\[parcels\] role is 'seller'; known are carrier"),
        ('title = "Parcels"', 'title = "Parcels"\nclient = "x"', r"\[parcels\] has an unknown key 'client'"),
        ('title = "Parcels"', 'title = "P"\npurposes = ["audit"]', r"\[parcels\] purposes is 'audit'; known are fulfilment"),
        ('title = "Parcels"', 'title = "P"\nscopes = ["orders:all"]', r"\[parcels\] scopes is 'orders:all'; known are "),
    ],
)  # fmt: skip
def test_a_client_that_names_something_unknown_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in PARTNERS
    with pytest.raises(BadPolicy, match=rf"^partners\.toml: {told}"):
        read(tmp_path, partners=PARTNERS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("roles", "partners", "told"),
    [
        (ROLES.replace("own-region", "own-reggion"), PARTNERS, "roles.toml: [seller] rule 1 names the relation 'own-reggion'"),
        (ROLES.replace("consenting", "agreeing"), PARTNERS, "roles.toml: [everyone] rule 1 names the relation 'agreeing'"),
        (ROLES, PARTNERS.replace("carried", "caried"), "partners.toml: [parcels] keys names the relation 'caried-by-me'"),
    ],
)  # fmt: skip
def test_a_relation_that_no_rows_have_is_a_problem(tmp_path: Path, roles: str, partners: str, told: str) -> None:
    assert next(problems(GRAPH, read(tmp_path, roles, partners))).startswith(told)


def test_the_start_is_refused_for_a_problem(tmp_path: Path) -> None:
    policy = read(tmp_path, partners="")
    adapters = {"shelves": library.Shelves(Connection("http://shelves"), library.Index())}

    with pytest.raises(BadPolicy, match="names the relation 'consenting', which no rows have; known are own"):
        create_app(library.build(), library.bindings(), adapters, policy, configured(tmp_path))


# -- what we compute tells of what it is computed from ----------------------------------------------------------------


@strawberry.type
class Cost:
    amount: Inherited[int]


@strawberry.type(directives=[entity(Category.LOGISTICS)])
class Parcel:
    id: Public[strawberry.ID]
    weight: Logistics[int]
    price: Financial[int]
    cost: Financial[Cost]

    @edge(Category.FINANCIAL)
    def worth(self) -> int | None:
        """Computed."""


@strawberry.type
class Purse:
    @edge(Category.FINANCIAL)
    def left(self) -> int | None:
        """Computed."""


@strawberry.type
class Pocket:
    @edge(Category.FINANCIAL)
    def left(self) -> int | None:
        """Computed."""


@strawberry.type(directives=[entity(Category.PRESENCE)])
class Sender:
    id: Public[strawberry.ID]
    purse: Logistics[Purse]
    pocket: Commercial[Pocket]

    @edge(Category.COMMERCIAL)
    def spent(self) -> int | None:
        """Computed."""

    @edge(Category.FINANCIAL)
    def last(self) -> Parcel | None:
        """Another row."""


@strawberry.type
class Query:
    @edge(Category.PRESENCE)
    def sender(self) -> Sender | None:
        """Somebody."""


async def nothing(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
    return [Outcome(None) for _ in parents]


def bound(owner: type, field: str, **more: Any) -> Any:
    async def batch(parents: Sequence[Any], ask: Ask) -> Sequence[Outcome[Any]]:
        return await nothing(parents, ask)

    return resolves(owner, field, **more)(batch)


def told(
    folder: Path, granted: str, *inputs: str, owner: type = Sender, field: str = "spent", **more: Any
) -> list[str]:
    """The problems of a graph in which one field is computed, for a role that is granted these categories."""
    plain = [(Query, "sender"), (Sender, "spent"), (Sender, "last"), (Parcel, "worth")]
    plain += [(Purse, "left"), (Pocket, "left")]
    found = [bound(kind, name) for kind, name in plain if (kind, name) != (owner, field)]
    found.append(bound(owner, field, derived=True, inputs=inputs, **more))
    graph = Graph.build(
        classify(strawberry.Schema(query=Query, types=[Parcel])),
        Bindings(one for batch in found for one in batch.__bound__),
    )
    roles = f'[seller]\ntitle = "Sells."\ngroup = "staff"\npurposes = ["marketing"]\n{granted}\n'
    return [problem for problem in problems(graph, read(folder, roles, "")) if "which no rows have" not in problem]


def would_read(said: list[str]) -> bool:
    return any("would read from Sender.spent what Parcel.price does not show" in problem for problem in said)


def seller(*categories: str, also: str = "") -> str:
    return f"any = {[*categories]}{also}".replace("'", '"')


def test_a_computed_value_that_shows_more_than_its_inputs_is_a_problem(tmp_path: Path) -> None:
    said = told(tmp_path, seller("public", "presence", "commercial", "logistics"), "Parcel.price")

    assert said[0] == "seller for marketing would read from Sender.spent what Parcel.price does not show them"


def test_so_is_one_made_of_rows_that_are_not_there_for_the_reader(tmp_path: Path) -> None:
    """Who may see any price, but no parcel, learns nothing of prices either."""
    said = told(tmp_path, seller("public", "presence", "commercial", "financial"), "Parcel.price")

    assert said[0] == "seller for marketing would read from Sender.spent what Parcel.price does not show them"
    granted = seller("public", "commercial", "financial", "logistics")
    assert not would_read(told(tmp_path, granted, "Parcel.price"))


def test_so_is_one_whose_inputs_are_masked_or_shown_on_fewer_rows(tmp_path: Path) -> None:
    masked = '\n[[seller.rule]]\nmask = { financial = "amount_band" }'
    fewer = '\n[[seller.rule]]\nwhen = ["own"]\nallow = ["financial"]'
    graph = ("public", "logistics", "commercial")

    assert would_read(told(tmp_path, seller(*graph, also=masked), "Parcel.price"))
    assert would_read(told(tmp_path, seller(*graph, also=fewer), "Parcel.price"))


def test_a_scope_that_reaches_it_reaches_what_it_is_made_of(tmp_path: Path) -> None:
    said = told(tmp_path, seller("public", "presence"), "Parcel.price")

    assert said == [
        "the scope customers.value:read reaches Sender.spent and not Parcel.price, which it is derived from"
    ]


def test_one_that_shows_as_much_on_its_own_row_is_none(tmp_path: Path) -> None:
    granted = seller("public", "financial")

    assert told(tmp_path, granted, "Parcel.price", owner=Parcel, field="worth") == []


def test_one_that_leaves_out_what_its_reader_may_not_see_is_none(tmp_path: Path) -> None:
    """It asks before it uses: `Binding.asks`. Of an input that it does not ask about, it is as before."""
    granted = seller("public", "presence", "commercial")
    asks = (Category.FINANCIAL, Category.LOGISTICS)

    assert told(tmp_path, granted, "Parcel.price", asks=asks) == []
    assert would_read(told(tmp_path, granted, "Parcel.price", asks=(Category.FINANCIAL,)))


def test_a_value_inside_another_is_read_by_who_is_let_in_there(tmp_path: Path) -> None:
    """Who sees prices, and no parcels, does not read what only who sees parcels is led to."""
    granted = seller("public", "presence", "commercial", "financial")

    def reads(owner: type) -> bool:
        said = told(tmp_path, granted, "Parcel.price", owner=owner, field="left")
        return any(one.startswith("seller for marketing would read from") for one in said)

    assert not reads(Purse)
    assert reads(Pocket)


def test_one_made_of_many_says_why_it_tells_of_none(tmp_path: Path) -> None:
    granted = seller("public", "presence", "commercial")

    assert told(tmp_path, granted, "Parcel.price", aggregate="A sum of hundreds.") == []


def test_one_without_inputs_or_with_inputs_there_are_not_is_a_problem(tmp_path: Path) -> None:
    granted = seller("public", "presence")

    assert told(tmp_path, granted) == ["Sender.spent is derived and does not say from what: name its inputs"]
    assert told(tmp_path, granted, "Parcel.prize") == [
        "Sender.spent is derived from Parcel.prize, which the graph does not have"
    ]


def test_an_input_that_inherits_says_nothing_by_itself(tmp_path: Path) -> None:
    """It would count as seen by everybody."""
    assert told(tmp_path, seller("public", "presence", "commercial"), "Cost.amount") == [
        "Sender.spent is derived from Cost.amount, which inherits: name the field that leads to it"
    ]


def test_every_derived_field_of_ours_names_its_inputs() -> None:
    assert list(problems(GRAPH, Policy.read())) == []
    assert [one for one in GRAPH.bindings.fields.values() if one.derived]
