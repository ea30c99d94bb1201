"""What is found plainly right is right: graphql-core is asked about each document too, whatever is done to its text."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from graphql import GraphQLError, GraphQLSchema, GraphQLSyntaxError, build_schema, validate

from gateway.engine.parsing import parsed
from gateway.engine.sound import Soundness, soundness
from gateway.engine.validation import Endless, problems
from tests.bench import questions
from tests.gateway.engine import torture
from tests.gateway.engine.torture_documents import document
from tests.gateway.hostile import DOCUMENTS, SDL

SOUND, MERGING, DOUBTFUL = Soundness.SOUND, Soundness.MERGING, Soundness.DOUBTFUL
PARTS = re.compile(r'"[^"]*"|[\w$]+|\.\.\.|[^\s\w]')
COMPANY = build_schema(SDL.read_text())
TORTURE = torture.graph().schema

WRONG = {
    "a field that is nowhere": "{ node(id: 1) { nothing } }",
    "a field of another type": "{ node(id: 1) { note } }",
    "a leaf with a selection": "{ node(id: 1) { id { x } } }",
    "an object without one": "{ node(id: 1) }",
    "an argument that is nowhere": "{ node(id: 1, of: 2) { id } }",
    "an argument twice": "{ node(id: 1, id: 1) { id } }",
    "an argument that is missing": "{ node { id } }",
    "an argument of another type": "{ number(x: true) }",
    "null where none may be": "{ node(id: null) { id } }",
    "an argument of a leaf that has none": "{ gamma { id(x: 1) } }",
    "a choice that is none": '{ alpha(by: {id: 1}) { betas(by: {colour: PINK}) { id } } }',
    "a member that is nowhere": "{ alpha(by: {id: 1, x: 2}) { id } }",
    "a member twice": "{ alpha(by: {id: 1}) { betas(by: {size: 1, size: 1}) { id } } }",
    "two of one": '{ alpha(by: {id: 1, name: "x"}) { id } }',
    "none of one": "{ alpha(by: {}) { id } }",
    "a variable that is nowhere": "{ node(id: $i) { id } }",
    "a variable that is nowhere, in a fragment": "{ ...F } fragment F on Query { node(id: $i) { id } }",
    "a variable that is nowhere, under a condition": "{ gamma { id @skip(if: $s) } }",
    "a variable that is not used": "query($i: ID) { gamma { id } }",
    "a variable twice": "query($i: ID!, $i: ID!) { node(id: $i) { id } }",
    "a variable of an unknown type": "query($i: Id) { node(id: $i) { id } }",
    "a variable of an output type": "query($i: Alpha) { node(id: $i) { id } }",
    "a variable of another type": "query($i: Int!) { node(id: $i) { id } }",
    "a variable that may be null": "query($i: ID) { node(id: $i) { id } }",
    "a variable in a list, that may be null": "query($i: ID) { alphas(ids: [1, $i]) { id } }",
    "a variable in a member, of another type": "query($c: ID) { alpha(by: {id: 1}) { betas(by: {colour: $c}) { id } } }",
    "a default of another type": "query($i: ID! = 1.5) { node(id: $i) { id } }",
    "an unknown fragment": "{ ...F }",
    "a fragment that is not used": "{ gamma { id } } fragment F on Query { gamma { id } }",
    "two fragments, one name": "{ ...F } fragment F on Query { gamma { id } } fragment F on Query { gamma { id } }",
    "a fragment that spreads itself": "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
    "a fragment on a leaf": "{ ...F } fragment F on String { x }",
    "a fragment on nothing": "{ ... on Delta { id } }",
    "a fragment that never fits": "{ gamma { ... on Beta { id } } }",
    "a spread that never fits": "{ gamma { ...F } } fragment F on Beta { id }",
    "an unknown directive": "{ gamma { id @hide } }",
    "a directive twice": "{ gamma { id @skip(if: true) @skip(if: true) } }",
    "a directive without its argument": "{ gamma { id @skip } }",
    "a directive where none may be": "query @skip(if: true) { gamma { id } }",
    "a directive on a variable": "query($i: ID! @skip(if: true)) { node(id: $i) { id } }",
    "a directive on a fragment": "{ ...F } fragment F on Query @skip(if: true) { gamma { id } }",
    "two operations, one name": "query A { gamma { id } } query A { gamma { id } }",
    "two operations, one without a name": "query A { gamma { id } } { gamma { id } }",
    "an operation there is none of": "subscription { gamma { id } }",
    "a definition of a type": "{ gamma { id } } type A { b: Int }",
    "two fields of one key": "{ gamma { id: note id } }",
    "two fields of one key, in a fragment": "{ gamma { id ...F } } fragment F on Gamma { id: note }",
    "two fields of one key, below": "{ gamma { up { name } } gamma { up { name: id } } }",
    "other arguments of one key": "{ node(id: 1) { id } node(id: 2) { id } }",
    "other types of one key": "{ any { ... on Alpha { x: code } ... on Beta { x: name } } }",
    "too deep about the schema": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
}  # fmt: skip

RIGHT = {
    "{ gamma { id id i: id note } }": SOUND,
    "{ any { ... on Alpha { id } ... on Beta { id } ... on Gamma { __typename id } __typename } }": SOUND,
    "query($i: ID!, $n: Int, $s: Boolean!) { alpha(by: {id: $i}) { id @skip(if: $s) betas(first: $n) { size } } }": SOUND,
    "query A($i: ID = 1) { ...F } query B($i: ID!) { ...F } fragment F on Query { beta(id: $i) { ...G } } fragment G on Named { id }": SOUND,
    "query($c: Colour) { alpha(by: {filter: {both: [{colour: $c}, {size: 2}]}}) { id } }": SOUND,
    "{ gamma { id } gamma { note } }": MERGING,
    "mutation { bump(id: 1) must(id: 2) }": SOUND,
    "{ __type(name: \"Alpha\") { name } }": DOUBTFUL,
    "query($i: ID!) { alpha(by: {id: $i}) { id } }": SOUND,
}  # fmt: skip


def said_by_core(schema: GraphQLSchema, text: str) -> list[GraphQLError] | None:
    """None: it took too long to find out."""
    try:
        return problems(schema, parsed(text, located=True))
    except Endless:
        return None


def held_against_core(schema: GraphQLSchema, text: str) -> tuple[Soundness, bool]:
    """What is found, and whether the document is valid."""
    found, said = soundness(schema, parsed(text)), said_by_core(schema, text)
    if found is SOUND:
        assert not said, text
    if found is MERGING and said is not None:
        alone = problems(schema, parsed(text, located=True), merging=True)
        assert [str(one) for one in alone] == [str(one) for one in said], text
    return found, not said


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_not_found_right(text: str) -> None:
    assert validate(TORTURE, parsed(text))
    found, _ = held_against_core(TORTURE, text)
    assert found is not SOUND


@pytest.mark.parametrize(("text", "expected"), RIGHT.items())
def test_what_is_right_is_found_so_when_it_is_plain(text: str, expected: Soundness) -> None:
    assert held_against_core(TORTURE, text) == (expected, True)


@pytest.mark.parametrize("name", ["SMALL", "WHOLE", "TWICE", "HUNDRED", "CONSENT", "ORDER"])
def test_what_is_asked_every_day_is_found_right_in_one_walk(name: str) -> None:
    assert held_against_core(COMPANY, getattr(questions, name)) == (SOUND, True)


def test_whatever_strangers_send_is_found_right_only_when_it_is() -> None:
    texts = [one.query for one in DOCUMENTS.values() if readable(one.query)]
    sound = [text for text in texts if soundness(COMPANY, parsed(text)) is SOUND]
    assert len(sound) > 20
    assert [text for text in sound if said_by_core(COMPANY, text)] == []


def test_no_change_to_a_right_document_is_overlooked() -> None:
    """A token dropped, doubled, or put in another's place: most are wrong then, each in its own way."""
    found = Counter(held_against_core(TORTURE, text) for seed in range(12) for text in changed(seed))
    assert found[SOUND, True] > 8
    assert found[MERGING, True] > 15
    assert found[MERGING, False]
    assert found[DOUBTFUL, False] > 40
    assert found[DOUBTFUL, True] < found.total() / 50


def changed(seed: int) -> Iterator[str]:
    draw = random.Random(seed)
    text = document(TORTURE, seed).text
    yield text
    for _ in range(30):
        parts = PARTS.findall(text)
        place, other = draw.randrange(len(parts)), draw.randrange(len(parts))
        parts[place : place + 1] = draw.choice([[], [parts[place]] * 2, [parts[other]]])
        if readable(again := " ".join(parts).replace("$ ", "$")):
            yield again


def readable(text: str) -> bool:
    try:
        return bool(parsed(text, 4000))
    except GraphQLSyntaxError:
        return False
