"""What scalars and enums accept and give: on the way in, as literals and as variables, and on the way out."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any

import pytest
from graphql import Undefined

from tests.gateway.engine.spec.told import REFUSED, Row, Spec

pytestmark = pytest.mark.anyio
both_ways = pytest.mark.parametrize("edges", [False, True], ids=["records", "resolvers"])


NAN, INF = float("nan"), float("inf")


class Word(str):
    """A word with its own way of being printed."""

    def __str__(self) -> str:
        return "printed"


class Opaque:
    """Of no type that a schema could have."""

    def __repr__(self) -> str:
        return "Opaque"


class Colour(Enum):
    RED = "red"
    BLUE = 2
    NONE = None


class Level(IntEnum):
    LOW = 1
    HIGH = 2


OUT: dict[str, list[Any]] = {
    "Int": [
        *(0, -1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 1.0, 1.5, 1e300, NAN, INF, Decimal(3), Decimal("3.5")),
        *(True, False, Fraction(4, 2), Level.HIGH, "7", "7.5", "x", "", Word("7"), [1], {}, Opaque()),
    ],
    "Float": [
        *(0, 1, 1.5, True, "1.5", "x", "", Decimal("1.5"), NAN, INF, -INF, 2**40, 10**400, 1e308, -0.0),
        *(Fraction(1, 3), [1.0], Opaque(), Level.LOW, Word("1.5")),
    ],
    "String": ["", "x", Word("kept"), 1, 1.5, True, NAN, Decimal("1.5"), b"x", [1], {}, Opaque(), Colour.RED],
    "ID": [
        "",
        "x",
        1,
        1.0,
        1.5,
        2**60,
        True,
        NAN,
        Decimal("1.5"),
        b"x",
        [1],
        Opaque(),
        Word("kept"),
        Level.LOW,
    ],
    "Boolean": [True, False, 0, 1, 1.0, 0.0, NAN, "true", "", Decimal(0), [True], Opaque(), Level.LOW],
}


@pytest.mark.parametrize("kind", OUT)
@both_ways
async def test_a_value_goes_out_as_its_type_says_or_not_at_all(kind: str, edges: bool) -> None:
    for wrapping in (kind, f"[{kind}]", f"[{kind}!]!"):
        fields = " ".join(f"v{i}: {wrapping}" for i in range(len(OUT[kind])))
        each = " ".join(f"v{i}" for i in range(len(OUT[kind])))
        values = {f"v{i}": value if wrapping == kind else [value] for i, value in enumerate(OUT[kind])}
        asked = Spec(f"type Query {{ o: O }} type O {{ {fields} }}", {"query": Row(o=Row(**values))})

        alone = range(len(OUT[kind])) if wrapping == kind else ()
        assert all([await asked.told(f"{{ o {{ v{i} }} }}", edges=edges) != REFUSED for i in alone])
        assert await asked.told(f"{{ o {{ {each} }} }}", edges=edges) != REFUSED


IN = {
    "Int": ["1", "-1", "2147483648", "1.0", "1.5", '"1"', "true", "null", "[1]", "{}", "A"],
    "Float": ["1", "1.5", "1e3", "1e400", '"1"', "true", "null", "[1.5]", "9007199254740993"],
    "String": ['"x"', '""', "1", "true", "null", "A", '"""block"""', '["x"]', "1.5"],
    "ID": ['"x"', "1", "1.5", "true", "null", "A", "99999999999999999999"],
    "Boolean": ["true", "false", "0", '"true"', "null", "A", "[true]"],
    "Colour": ["RED", "BLUE", "NONE", "GREEN", '"RED"', "1", "null", "[RED]"],
}
SENT: list[Any] = [None, True, False, 0, 1, -1, 1.0, 1.5, 2**31, 2**53, "", "x", "1", "RED", "BLUE", "GREEN", [], [1]]
SENT += [["x", None], {}, {"a": 1}, INF, NAN, [[1]], "NONE"]


def echo(kind: str) -> Spec:
    """Shows what came in, in Python's words."""
    sdl = f"enum Colour {{ RED BLUE NONE }} type Query {{ echo(x: {kind}): String }}"
    return Spec(
        sdl,
        {"query": Row(echo=lambda **given: repr(sorted(given.items())))},
        enums={"Colour": {"RED": "r", "BLUE": 2, "NONE": None}},
    )


@pytest.mark.parametrize("wrapping", ["{}", "{}!", "[{}]", "[{}!]!", "[[{}]]"])
@pytest.mark.parametrize("kind", IN)
async def test_a_literal_comes_in_as_its_type_says_or_is_refused(kind: str, wrapping: str) -> None:
    asked = echo(wrapping.format(kind))
    for literal in IN[kind]:
        for written in (literal, f"[{literal}]", f"[[{literal}]]"):
            await asked.told(f"{{ echo(x: {written}) }}")
    await asked.told("{ echo }")


@pytest.mark.parametrize("wrapping", ["{}", "{}!", "[{}]", "[{}!]!"])
@pytest.mark.parametrize("kind", IN)
async def test_a_variable_comes_in_as_its_type_says_or_is_refused(kind: str, wrapping: str) -> None:
    declared = wrapping.format(kind)
    asked = echo(declared)
    for value in SENT:
        await asked.told(f"query ($x: {declared}) {{ echo(x: $x) }}", {"x": value})
    await asked.told(f"query ($x: {declared}) {{ echo(x: $x) }}", {})


ENUM = "enum E { RED BLUE NONE } type Query { o: O } type O { e: E l: [E!] }"


@pytest.mark.parametrize(
    "value",
    ["r", 2, None, "RED", "red", Colour.RED, Colour.BLUE, True, 2.0, Decimal(2), [], {}, Opaque(), "x"],
    ids=str,
)
@both_ways
async def test_an_enum_goes_out_by_name_or_not_at_all(value: Any, edges: bool) -> None:
    asked = Spec(
        ENUM,
        {"query": Row(o=Row(e=value, l=["r", value, "r"]))},
        enums={"E": {"RED": "r", "BLUE": 2, "NONE": Colour.BLUE}},
    )

    assert await asked.told("{ o { e l } }", edges=edges) != REFUSED
    assert await asked.told("{ o { e } }", edges=edges) == await asked.told("{ o { e } }", edges=edges)


@both_ways
async def test_an_enum_may_stand_for_values_that_cannot_be_looked_up(edges: bool) -> None:
    asked = Spec(
        ENUM, {"query": Row(o=Row(e=["a"], l=[["a"], {"b": 1}]))}, enums={"E": {"RED": ["a"], "BLUE": {"b": 1}}}
    )

    assert await asked.told("{ o { e l } }", edges=edges) == ({"o": {"e": "RED", "l": ["RED", "BLUE"]}}, [])


def odd_out(value: Any) -> Any:
    """Odd numbers only; 3 is lost on the way, 5 is not defined."""
    if not isinstance(value, int) or value % 2 == 0:
        raise ValueError("even")
    return {3: None, 5: Undefined}.get(value, f"odd {value}")


def odd_in(value: Any) -> Any:
    if not isinstance(value, int) or value % 2 == 0:
        raise ValueError("even")
    return value * 100


@pytest.mark.parametrize("value", [1, 2, 3, 5, None, "x", [1]], ids=str)
@pytest.mark.parametrize("wrapping", ["Odd", "Odd!", "[Odd]", "[Odd!]"])
@both_ways
async def test_a_custom_scalar_may_refuse_on_the_way_out(value: Any, wrapping: str, edges: bool) -> None:
    asked = Spec(
        f"scalar Odd type Query {{ o: O }} type O {{ v: {wrapping} after: Int }}",
        {"query": Row(o=Row(v=[1, value, 7] if "[" in wrapping else value, after=1))},
        {"Odd": (odd_out, odd_in)},
    )

    assert await asked.told("{ o { v after } }", edges=edges) != REFUSED


@pytest.mark.parametrize("value", [1, 2, None, "x", [1], [1, 2], {"a": 1}, True], ids=str)
@pytest.mark.parametrize("kind", ["Odd", "Odd!", "[Odd]"])
async def test_a_custom_scalar_may_refuse_on_the_way_in(value: Any, kind: str) -> None:
    asked = Spec(
        f"scalar Odd type Query {{ echo(x: {kind}): String }}",
        {"query": Row(echo=lambda **given: repr(given))},
        {"Odd": (odd_out, odd_in)},
    )
    literal = json.dumps(value).replace('"a"', "a")

    await asked.told(f"{{ echo(x: {literal}) }}")
    await asked.told(f"query ($x: {kind}) {{ echo(x: $x) }}", {"x": value})


async def test_a_custom_scalar_may_hold_variables() -> None:
    asked = Spec(
        "scalar Any type Query { echo(x: Any): String n: Int }",
        {"query": Row(echo=lambda **given: repr(given))},
        {"Any": (str, lambda value: value)},
    )

    told = await asked.told("query ($v: Int) { echo(x: {a: [1, $v], b: $v}) }", {"v": 4})

    assert told != REFUSED
    assert "4" in told[0]["echo"]
