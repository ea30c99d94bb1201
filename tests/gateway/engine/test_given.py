"""Days, moments and exact numbers, as callers give them: read as documented, or refused with a place and a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest
import strawberry
from graphql import GraphQLSchema

from gateway.engine.limits import Limits
from gateway.engine.operation import admit, variables
from gateway.errors import Code, Refusal
from schema import Category
from schema.classification import edge
from schema.coverage import classify, core


def schema() -> GraphQLSchema:
    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def day(self, of: Annotated[date, Category.PUBLIC]) -> int | None: ...
        @edge(Category.PUBLIC)
        def moment(self, of: Annotated[datetime, Category.PUBLIC]) -> int | None: ...
        @edge(Category.PUBLIC)
        def clock(self, of: Annotated[time, Category.PUBLIC]) -> int | None: ...
        @edge(Category.PUBLIC)
        def number(self, of: Annotated[Decimal, Category.PUBLIC]) -> int | None: ...

    return core(classify(strawberry.Schema(Query)))


SCHEMA = schema()
KINDS = {"day": "Date", "moment": "DateTime", "clock": "Time", "number": "Decimal"}
HOW = {
    "day": 'Write a day, like "2026-11-26".',
    "moment": 'Write a moment with its offset from UTC, like "2026-11-26T14:40:00+01:00".',
    "clock": 'Write a time of day, like "14:40:00".',
    "number": 'Write a number of at most 60 digits, like "261.96".',
}


def as_literal(field: str, text: str) -> Any:
    """What is wrong with it; None: nothing."""
    problems = admit(SCHEMA, f"{{\n  {field}(of: {text}) }}", Limits()).problems
    assert len(problems) < 2
    return problems[0] if problems else None


def as_variable(field: str, value: Any) -> Any:
    """What it is read as, or what is wrong with it."""
    text = f"query (\n  $of: {KINDS[field]}!) {{ {field}(of: $of) }}"
    try:
        return variables(SCHEMA, admit(SCHEMA, text, Limits()).operation(None), {"of": value}).coerced["of"]
    except Refusal as refusal:
        (error,) = refusal.errors
        return error


GOOD: list[tuple[str, str, Any]] = [
    ("day", '"2026-11-26"', date(2026, 11, 26)),
    ("day", '"20261126"', date(2026, 11, 26)),
    ("day", '"2026-W48-4"', date(2026, 11, 26)),
    ("moment", '"2026-11-26T14:40:00+01:00"', datetime(2026, 11, 26, 13, 40, tzinfo=UTC)),
    ("moment", '"2026-11-26t14:40:00.5z"', datetime(2026, 11, 26, 14, 40, 0, 500_000, tzinfo=UTC)),
    ("moment", '"20261126T1440+0100"', datetime(2026, 11, 26, 13, 40, tzinfo=UTC)),
    ("moment", '"0001-01-02T00:00:00Z"', datetime(1, 1, 2, tzinfo=UTC)),
    ("moment", '"9999-12-30T23:00:00Z"', datetime(9999, 12, 30, 23, tzinfo=UTC)),
    ("clock", '"14:40"', time(14, 40)),
    ("clock", '"14:40:00+01:00"', time(14, 40, tzinfo=timezone(timedelta(hours=1)))),
    ("number", '"261.96"', Decimal("261.96")),
    ("number", '"-.5"', Decimal("-0.5")),
    ("number", '"5."', Decimal(5)),
    ("number", '"1e3"', Decimal(1000)),
    ("number", "261.96", Decimal("261.96")),
    ("number", "-3", Decimal(-3)),
    ("number", "0.1", Decimal("0.1")),
]
BAD = {
    "day": [
        *('"2026-02-30"', '"yesterday"', '""', '"2026-11-26T14:40:00Z"', '" 2026-11-26"', '"２０２６-11-26"', '"2026-11-26\\n"'),
        *("20261126", "2026.5", "true", "X"),
    ],
    "moment": [
        *('"2026-11-26T14:40:00"', '"2026-11-26"', '"2026-11-26 14:40:00Z"', '"2026-11-26T25:00Z"', '"2026-11-26T14:40+25:00"'),
        *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"', '"0000-01-01T00:00Z"', '"٢٠٢٦-11-26T00:00Z"'),
        *('"2026-11-26T14:40:00Zulu"', "1", "NOW", "false"),
    ],
    "clock": ['"25:00"', '"noon"', "12", "NOON", '"١٢:٠٠"'],
    "number": [
        *('"1_000"', '"NaN"', '"sNaN"', '"Infinity"', '"-inf"', '"٣"', '"１"', '"1 "', '""', '"."', '"1e"', '"0x1"', '"1,5"'),
        *('"1e999999999"', f'"{"9" * 61}"', "1e400", "NaN", "Infinity", "true", "_1"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("field", "text", "read"), GOOD)
def test_what_is_written_as_documented_is_read(field: str, text: str, read: Any) -> None:
    assert as_literal(field, text) is None
    assert as_variable(field, msgspec.json.decode(text)) == read


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in BAD.items() for text in texts])
def test_anything_else_is_refused_at_its_place(field: str, text: str) -> None:
    told = as_literal(field, text)

    assert told["message"].startswith(f"{KINDS[field]} cannot represent value: {text[:40]}")
    assert told["message"].endswith(f". {HOW[field]}")
    assert told["locations"] == [{"line": 2, "column": len(field) + 8}]
    assert told["extensions"] == {"code": Code.VALIDATION}


@pytest.mark.parametrize("field", KINDS)
@pytest.mark.parametrize("text", ['["2026-11-26", 1]', "{a: 1}", "{}", f"[{'1, ' * 1000}]"])
def test_nor_is_a_list_or_an_object(field: str, text: str) -> None:
    told = as_literal(field, text)
    assert told["message"].startswith(f"Expected value of type '{KINDS[field]}', found: ")
    assert len(told["message"]) < 600
    assert told["locations"] == [{"line": 2, "column": len(field) + 8}]
    assert HOW[field] in as_variable(field, [1, 2])["message"]


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in BAD.items() for text in texts])
def test_nor_is_it_taken_as_a_variable(field: str, text: str) -> None:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        value = text  # a word, which JSON knows as a text only
    told = as_variable(field, value)

    assert told["message"].startswith(f"Variable '$of' has invalid value: {KINDS[field]} cannot represent value: ")
    assert told["message"].endswith(f". {HOW[field]}")
    assert told["locations"] == [{"line": 2, "column": 3}]
    assert told["extensions"] == {"code": Code.BAD_VARIABLE}


@pytest.mark.parametrize(
    "value", ["9" * 10_000, ["9"] * 3000, {"a": "9" * 3000}, int("9" * 4000), float("inf"), float("nan")]
)
@pytest.mark.parametrize("field", KINDS)
def test_what_is_long_is_not_told_back_in_full(field: str, value: Any) -> None:
    assert len(as_variable(field, value)["message"]) < 300
    assert len(as_literal(field, f'"{"9" * 10_000}"')["message"]) < 300


def test_a_type_of_the_same_name_that_somebody_brings_reads_as_they_please() -> None:
    anything = strawberry.scalar(name="Date", serialize=str, parse_value=str)

    @strawberry.type
    class Query:
        @edge(Category.PUBLIC)
        def day(self, of: Annotated[Any, Category.PUBLIC]) -> int | None: ...

    config = strawberry.schema.config.StrawberryConfig(scalar_map={Any: anything})
    assert (
        admit(core(classify(strawberry.Schema(Query, config=config))), '{ day(of: "whenever") }', Limits()).problems
        == ()
    )
