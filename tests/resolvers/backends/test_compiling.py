"""How rows are read is written out for each selection: what is plain on the spot, the rest by functions that know it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolvers.backends.base import Garbled
from resolvers.backends.base.compiling import Writer
from resolvers.backends.oracle_om.translate import Translation
from resolvers.backends.oracle_om.wire import LineRow, OrderRow
from resolvers.backends.remedy import records
from resolvers.backends.remedy.rows import MOMENT, Names, Reading, Values


class Lamp(msgspec.Struct):
    colour: str
    watts: int | None = None


def test_a_function_makes_what_was_written_and_keeps_its_text() -> None:
    write = Writer(unknown="grey")
    read = write.function("R", f"[{write.record(Lamp, {'colour': 'r or unknown'})} for r in R]")
    assert read(["red", ""]) == [Lamp("red"), Lamp("grey")]
    assert read.__doc__ == "def read(R):\n    return [Lamp(colour=r or unknown) for r in R]\n"


def test_two_values_of_one_name_are_told_apart_and_one_value_is_named_once() -> None:
    write, one, other = Writer(), ["one"], ["other"]
    assert [write.name("known", each) for each in (one, other, one)] == ["known", "known2", "known"]
    assert write.function("R", "(known, known2)")(()) == (one, other)


NAMES = Names({"order_field": "Their Order__c"})


def test_the_columns_asked_for_are_read_and_no_others_looked_at() -> None:
    reading = Reading("remedy", NAMES, frozenset({"number", "status", "order_number"}))
    (found,) = reading.incidents([(None, {"Incident Number": "INC1", "Status": "New", "Their Order__c": "4711"})])
    assert (found.number, found.status and found.status.name, found.order_number) == ("INC1", "NEW", "4711")
    assert "Description" not in str(reading.incidents.__doc__)
    assert "'Their Order__c'" in str(reading.incidents.__doc__)


VALUES = st.none() | st.text(max_size=3) | st.integers() | st.booleans() | st.lists(st.none(), max_size=1)


@given(st.dictionaries(st.sampled_from(["Incident Number", "Status", "Description", "Priority"]), VALUES))
def test_whatever_a_field_holds_it_is_read_as_a_value_by_itself_is(row: Mapping[str, Any]) -> None:
    reading, values = (
        Reading("remedy", NAMES, frozenset({"subject", "status", "word", "priority"})),
        Values("remedy", NAMES),
    )

    def by_itself() -> tuple[Any, ...]:
        texts = [values.text(row, name) for name in (records.SUBJECT, "Status", "Priority")]
        return (values.key(row, records.NUMBER), *texts)

    try:
        number, subject, word, priority = by_itself()
    except Garbled:
        with pytest.raises(Garbled):
            reading.incidents([(None, row)])
    else:
        (found,) = reading.incidents([(None, row)])
        assert (found.number, found.subject, found.word) == (number, subject, word)
        assert (found.status is None, found.priority is None) == (word is None, priority is None)


MOMENTS = st.text("0123456789-:T.+Z ,W", min_size=28, max_size=28) | st.builds(
    lambda text, at, mark: text[:at] + mark + text[at + 1 :],
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: f"{at.isoformat()[:19]:0>19}.000+0000"),
    st.integers(0, 27),
    st.sampled_from("0159-:T.+Z ,W٣"),
)


@given(MOMENTS)
@example("2022-W25-2T11:08:05.000+0000")
@example("2022-06-21T11:08:05.000+00:0")
@example("2022-06-21T11:08:05.000-0030")
def test_a_moment_that_looks_as_usual_is_one_by_the_pattern_too(text: str) -> None:
    values = Values("remedy", NAMES)
    try:
        found = values.moment({"at": text}, "at")
    except Garbled:
        return
    assert MOMENT.fullmatch(text)
    assert found == datetime.fromisoformat(text)


def test_what_an_order_was_not_asked_for_is_not_passed_on_though_it_came() -> None:
    line = LineRow(fulfill_line_id=1, product_number="LAMP", ordered_quantity=Decimal(2), shipping_carrier="FedEx")
    row = OrderRow(header_id=1, order_number="4711", source_transaction_system="EDI", lines=[line])
    (order,) = Translation("oracle_om", ("HeaderId", "OrderNumber", "lines.ProductNumber")).orders([row])
    assert (order.number, order.channel) == ("4711", None)
    assert order.lines is not None
    assert [(one.sku, one.quantity, one.carrier) for one in order.lines] == [("LAMP", None, None)]
