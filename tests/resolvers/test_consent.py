"""Two systems on record about one consent: the less permissive counts, and what is not known is no."""

from __future__ import annotations

from itertools import product

import pytest

from resolvers.backends.base import Outcome, Unavailable
from resolvers.consent import FLAGS, PURPOSES, Record, Statement, agreed, by_channel
from schema.marketing import ConsentChannel, ConsentPurpose, ConsentState

GRANTED, REFUSED, UNSAID = ConsentState.GRANTED, ConsentState.REFUSED, ConsentState.UNSAID
MARKETING, NEWSLETTER = ConsentPurpose.MARKETING, ConsentPurpose.NEWSLETTER
DOWN: Record = Outcome([], Unavailable("hubspot", "gone"))
NOTHING: Record = Outcome([])


def crm(*states: ConsentState) -> Record:
    """The four flags of a contact, the last one said for those that are left out."""
    told = (*states, *states[-1:] * 4)[:4]
    return Outcome([Statement("siebel", channel, None, told[at]) for at, channel in enumerate(FLAGS.values())])


def subscribed(state: ConsentState, purpose: ConsentPurpose = MARKETING) -> Record:
    return Outcome([Statement("hubspot", ConsentChannel.EMAIL, purpose, state)])


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        (crm(GRANTED), subscribed(GRANTED), True),
        (crm(GRANTED), subscribed(UNSAID), True),
        (crm(GRANTED), NOTHING, True),
        (crm(GRANTED), subscribed(REFUSED, NEWSLETTER), True),
        (crm(GRANTED), subscribed(REFUSED), False),
        (crm(GRANTED, GRANTED, GRANTED, REFUSED), subscribed(GRANTED), False),
        (crm(UNSAID), subscribed(GRANTED), False),
        (NOTHING, subscribed(GRANTED), False),
        (NOTHING, NOTHING, False),
        (crm(REFUSED), DOWN, False),
        (DOWN, subscribed(REFUSED), False),
        (NOTHING, DOWN, False),
    ],
)
def test_marketing_needs_a_yes_of_the_crm_and_no_no_of_either(one: Record, other: Record, value: bool) -> None:
    assert agreed(one, other) == Outcome(value)


@pytest.mark.parametrize(("one", "other"), [(crm(GRANTED), DOWN), (DOWN, subscribed(GRANTED)), (DOWN, DOWN)])
def test_what_cannot_be_told_is_not_known(one: Record, other: Record) -> None:
    fact = agreed(one, other)
    assert fact.value is None
    assert isinstance(fact.error, Unavailable)


def test_a_part_of_somebody_s_rows_is_enough_for_a_no_and_too_little_for_a_yes() -> None:
    half: Record = Outcome([*(crm(GRANTED).value or ())], Unavailable("siebel", "gone"))
    assert agreed(half, subscribed(GRANTED)).value is None
    assert agreed(half, subscribed(REFUSED)) == Outcome(False)


@pytest.mark.parametrize(("flag", "said"), list(product(ConsentState, ConsentState)))
def test_allowed_when_somebody_says_yes_and_nobody_says_no(flag: ConsentState, said: ConsentState) -> None:
    (row,) = by_channel(crm(flag), subscribed(said), ConsentChannel.EMAIL, MARKETING).value or ()
    assert row.allowed is (GRANTED in (flag, said) and REFUSED not in (flag, said))
    (other,) = by_channel(crm(flag), subscribed(said), ConsentChannel.EMAIL, NEWSLETTER).value or ()
    assert other.allowed is (flag is GRANTED)


def test_there_is_a_row_for_each_channel_and_purpose_and_one_more_purpose_for_what_has_no_name() -> None:
    rows = by_channel(crm(GRANTED), NOTHING, None, None).value or ()
    assert [(one.channel, one.purpose) for one in rows] == list(product(ConsentChannel, PURPOSES))
    strange = (
        by_channel(crm(GRANTED), subscribed(REFUSED, ConsentPurpose.OTHER), ConsentChannel.EMAIL, None).value or ()
    )
    assert [(one.purpose, one.allowed) for one in strange] == [
        *((p, True) for p in PURPOSES),
        (ConsentPurpose.OTHER, False),
    ]


def test_nothing_is_said_while_one_of_them_cannot_say() -> None:
    for one, other in ((DOWN, subscribed(GRANTED)), (crm(GRANTED), DOWN)):
        told = by_channel(one, other, None, None)
        assert (told.value, type(told.error)) == (None, Unavailable)
