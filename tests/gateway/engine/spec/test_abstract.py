"""Interfaces, interfaces of interfaces, unions: which type a record has is for the record to say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])]

SDL = """
    interface Being { name: String }
    interface Mammal implements Being { name: String mother: Mammal }
    interface Pet implements Being { name: String owner: Person }
    type Dog implements Being & Mammal & Pet { name: String barks: Boolean mother: Mammal owner: Person }
    type Cat implements Being & Mammal & Pet { name: String meows: Boolean mother: Mammal owner: Person }
    type Person implements Being & Mammal { name: String pets: [Pet] friends: [Being] mother: Mammal circles: [[Being!]] }
    type Stone { weight: Int }
    union Owned = Dog | Cat | Stone
    type Query { liz: Person being: Being pet: Pet owned: [Owned] one: Owned! only: Only }
    interface Only { n: Int }
    type Single implements Only { n: Int }
"""


def world() -> Row:
    odie = Row("Dog", name="Odie", barks=True)
    garfield = Row("Cat", name="Garfield", meows=False, mother=Row("Cat", name="Mum", meows=True))
    john = Row("Person", name="John", pets=[odie, garfield], circles=[[odie], []])
    liz = Row("Person", name="Liz", pets=[garfield], friends=[john, odie, None], mother=Row("Dog", name="Wolf"))
    return Row(
        liz=liz,
        being=liz,
        pet=garfield,
        owned=[odie, Row("Stone", weight=3), None, garfield],
        one=Row("Stone", weight=4),
        only=Row("Single", n=1),
    )


DOCUMENTS = {
    "a union": "{ owned { __typename ... on Dog { name barks } ... on Stone { weight } } }",
    "a union by a fragment of an interface": "{ owned { ... on Pet { name owner { name } } ... on Stone { weight } } }",
    "a union by a fragment of an interface of an interface": "{ owned { ... on Being { name } ... on Mammal { mother { name } } } }",
    "only what a type is called": "{ owned { __typename } being { t: __typename } one { __typename } }",
    "an interface": "{ liz { friends { name __typename } } }",
    "an interface by inline fragments": "{ liz { friends { name ... on Dog { barks } ... on Person { pets { name } } } } }",
    "an interface by named fragments": """
        { liz { friends { ...N ...D ...M } } }
        fragment N on Being { name } fragment D on Dog { barks name } fragment M on Mammal { mother { ...MM } }
        fragment MM on Mammal { __typename ...N ... on Cat { meows } }""",
    "fields that mean different things by type": "{ owned { ... on Dog { x: barks } ... on Cat { x: meows } ... on Stone { y: weight } } }",
    "the same key under two types": "{ liz { pets { ... on Dog { z: name } ... on Cat { z: name } ... on Pet { z: name } } } }",
    "a type that can never be": "{ liz { ... on Being { ... on Mammal { ... on Person { name } } } } }",
    "an interface with one type": "{ only { n __typename ... on Single { n m: n } } }",
    "lists of lists of an interface": "{ being { ... on Person { circles { name } friends { ... on Person { circles { __typename name } } } } } }",
    "keys in the order of the document, per type": "{ owned { ... on Stone { weight } __typename ... on Dog { name } ... on Pet { name t: __typename } } }",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_every_record_is_shown_as_what_it_is(document: str, edges: bool) -> None:
    told = await Spec(SDL, {"query": world()}).told(document, edges=edges)

    assert told != REFUSED
    assert told[1] == []


@pytest.mark.parametrize("strange", [None, "Nobody", "Stone", "Pet", "Int", 7, "Query"], ids=str)
@pytest.mark.parametrize("asked", ["name", "__typename", "name owner { name }"])
async def test_a_record_of_no_possible_type_costs_its_own_position(strange: Any, asked: str, edges: bool) -> None:
    record = Row(None, name="?")
    record.graph_type = strange
    pets = [Row("Dog", name="Odie"), record, Row("Cat", name="Garfield")]
    root = Row(liz=Row("Person", pets=pets), pet=record)

    data, failed = await Spec(SDL, {"query": root}).told(
        f"{{ liz {{ pets {{ {asked} }} }} pet {{ {asked} }} }}", edges=edges
    )

    assert failed == [("liz", "pets", 1), ("pet",)]
    assert data["liz"]["pets"][1] is None
    assert None not in (data["liz"]["pets"][0], data["liz"]["pets"][2])


async def test_a_record_of_no_possible_type_breaks_what_promised_it(edges: bool) -> None:
    told = await Spec(SDL, {"query": Row(one=Row("Person"))}).told("{ one { __typename } }", edges=edges)

    assert told == (None, [("one",)])


async def test_one_type_may_fail_while_the_others_do_not(edges: bool) -> None:
    pets = [Row("Dog", name=RuntimeError()), Row("Cat", name="ok"), Row("Dog", name="ok")]

    told = await Spec(SDL, {"query": Row(liz=Row("Person", pets=pets))}).told(
        "{ liz { pets { ... on Dog { name } ... on Cat { name meows } } } }", edges=edges
    )

    assert told == (
        {"liz": {"pets": [{"name": None}, {"name": "ok", "meows": None}, {"name": "ok"}]}},
        [("liz", "pets", 0, "name")],
    )
