"""What is told about the schema: all that graphql-core tells of it, to everybody of what is shown to them, and no more
than anybody can use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    get_introspection_query,
    get_named_type,
    introspection_from_schema,
    introspection_types,
    is_leaf_type,
    parse,
)

from gateway.engine.graph import Graph
from gateway.engine.introspection import PER_NAME, introspected
from gateway.engine.limits import Limits
from gateway.engine.operation import admit, variables
from gateway.engine.plan import Introspection, Told
from gateway.errors import Refusal
from gateway.policy.grants import Grants, bits
from schema import Category
from tests.company import Company
from tests.gateway.agree import Bench
from tests.gateway.library import bindings, build, traffic

LIBRARY = build()._schema
BENCH = Bench(Graph.build(build(), bindings()), build, traffic)
EVERYTHING = dict.fromkeys(
    (
        "descriptions",
        "specified_by_url",
        "directive_is_repeatable",
        "schema_description",
        "input_value_deprecation",
        "experimental_directive_deprecation",
    ),
    True,
)
TYPES = "__schema { types"


def answered(schema: GraphQLSchema, text: str, given: dict[str, Any] | None = None) -> Told:
    """As the plan engine tells it."""
    asked = admit(schema, text, Limits(aliases=500)).operation(None)
    found = Introspection(asked.node, asked.fragments)
    return introspected(schema, found, variables(schema, asked, given or {}))


def told(schema: GraphQLSchema, text: str, given: dict[str, Any] | None = None) -> Any:
    found = answered(schema, text, given)
    assert not found.wrong
    return found.data


def code(schema: GraphQLSchema, text: str, given: dict[str, Any] | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        told(schema, text, given)
    return str(refused.value.code)


class Curious:
    """Writes questions about a schema: fields once and again, under aliases, through fragments, on conditions."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.fragments: list[str] = []

    def question(self) -> str:
        roots = [f"__schema {self.selected('__Schema', 3)}"]
        for name in self.dice.sample(("Author", "Query", "AuthorBy", "__Type", "Nowhere", "String"), 2):
            roots.append(f'{name}: __type(name: "{name}") {self.selected("__Type", 2)}')
        roots.append(f"t: __type(name: $name) {self.selected('__Type', 2)}")
        return f"query($yes: Boolean!, $no: Boolean = false, $name: String!) {{ {' '.join(roots)} }} " + " ".join(
            self.fragments
        )

    def selected(self, owner: str, depth: int) -> str:
        kind = introspection_types[owner]
        assert isinstance(kind, GraphQLObjectType)
        fields = {name: one for name, one in kind.fields.items() if name != "isOneOf"}
        names = [name for name, one in fields.items() if depth or is_leaf_type(get_named_type(one.type))]
        chosen = self.dice.choices(names, k=self.dice.randint(1, 6))
        items = ["__typename", *self.items(kind, chosen, depth)]
        if self.dice.random() < 0.2:
            self.fragments.append(f"fragment F{len(self.fragments)} on {owner} {{ {' '.join(items)} }}")
            items = [f"...F{len(self.fragments) - 1} {self.condition()}"]
        elif self.dice.random() < 0.2:
            items = [f"... on {owner} {self.condition()} {{ {' '.join(items)} }}", "__typename"]
        return f"{{ {' '.join(items)} }}"

    def items(self, kind: GraphQLObjectType, names: list[str], depth: int) -> Iterator[str]:
        for number, name in enumerate(names):
            field = kind.fields[name]
            below = get_named_type(field.type)
            also = self.dice.choice(("", "(includeDeprecated: true)", "(includeDeprecated: $yes)"))
            inside = "" if is_leaf_type(below) else self.selected(below.name, depth - 1)
            yield f"a{number}: {name}{also if field.args else ''} {self.condition()} {inside}"

    def condition(self) -> str:
        return self.dice.choice(("", "", "", "", "@include(if: $yes)", "@skip(if: $no)", "@include(if: $no)"))


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_asked_about_a_schema_graphql_core_tells_the_same(seed: int) -> None:
    text, given = Curious(seed).question(), {"yes": bool(seed % 3), "name": "Book"}
    by_core = execute_sync(LIBRARY, parse(text), variable_values=given)
    assert by_core.errors is None
    found = told(LIBRARY, text, given)
    assert found == by_core.data
    assert str(found) == str(by_core.data)  # in the same order, too


def test_of_input_objects_it_is_told_whether_they_take_one_of_their_fields_and_of_nothing_else() -> None:
    """Strawberry answers for graphql-core here, and not as the specification says."""
    found = told(LIBRARY, "{ __schema { types { name kind isOneOf fields { type { isOneOf } } } } }")["__schema"][
        "types"
    ]
    assert {one["name"] for one in found if one["isOneOf"]} == {"AuthorBy"}
    assert {one["kind"] for one in found if one["isOneOf"] is not None} == {"INPUT_OBJECT"}
    assert {field["type"]["isOneOf"] for one in found for field in one["fields"] or ()} == {None}


def test_fields_asked_for_twice_are_merged() -> None:
    text = "{ __schema { queryType { name } } __schema { queryType { kind ...F } } } fragment F on __Type { name description }"
    assert told(LIBRARY, text) == execute_sync(LIBRARY, parse(text)).data


@pytest.mark.anyio
async def test_everybody_is_told_all_that_any_tool_asks_for_of_what_is_shown_to_them(company: Company) -> None:
    """GraphiQL, Apollo, Relay, GraphQL Code Generator and graphql-inspector ask with some of these options, nine levels
    of lists and promises deep."""
    views = {view.id: view for _, view in company.app.pipeline.callers.classes()}
    assert len(views) > 3
    for view in views.values():
        text = get_introspection_query(**EVERYTHING, type_depth=9)
        assert told(view.schema, text) == introspection_from_schema(view.schema, **EVERYTHING, one_of=False), view.id
        assert told(view.schema, get_introspection_query())["__schema"]["types"]


@pytest.mark.anyio
async def test_the_longest_question_of_any_tool_takes_little_more_than_half_of_what_is_told(company: Company) -> None:
    """Room for a graph whose fields have more arguments than ours."""
    views = {view.id: view for _, view in company.app.pipeline.callers.classes()}
    for view in views.values():
        text = f'{{ a: __type(name: "Query") {{ name }} {get_introspection_query(**EVERYTHING)[28:]}'
        again = text.replace("__schema", "b: __schema", 1)
        assert told(view.schema, again)


def test_many_times_that_is_not_told_however_it_is_asked() -> None:
    fields = " ".join(f"a{i}: fields {{ name type {{ fields {{ name }} }} }}" for i in range(40))
    assert code(LIBRARY, f"{{ {TYPES} {{ {fields} }} }} }}") == "LIMIT"
    spread = "...F " * 20 + "} } } fragment F on __Type { "
    named = " ".join(f"b{i}: possibleTypes {{ name }} c{i}: name d{i}: kind" for i in range(100))
    assert code(LIBRARY, f"{{ {TYPES} {{ {spread}{named} }}") == "LIMIT"


def test_what_is_told_of_one_type_again_and_again_is_counted_each_time() -> None:
    names = " ".join(f"a{i}: name" for i in range(300))
    asked = f"{{ {TYPES} {{ fields {{ type {{ ofType {{ {names} }} }} }} }} }} }}"
    assert code(LIBRARY, asked) == "LIMIT"
    assert PER_NAME > 10


@pytest.mark.parametrize("width", [3, 40])
def test_what_was_told_or_was_too_much_to_tell_leaves_little_for_the_garbage_collector(width: int) -> None:
    fields = " ".join(f"a{i}: fields {{ name type {{ fields {{ name }} }} }}" for i in range(width))
    text = f"{{ {TYPES} {{ {fields} }} }} }}"
    asked = admit(LIBRARY, text, Limits()).operation(None)
    found, values = Introspection(asked.node, asked.fragments), variables(LIBRARY, asked, {})
    gc.collect()
    gc.disable()
    try:
        with suppress(Refusal):
            introspected(LIBRARY, found, values)
        assert gc.collect() < 500
    finally:
        gc.enable()


def test_a_null_where_an_argument_must_be_yes_or_no_is_told_only_when_it_matters() -> None:
    asked = "query($b: Boolean = true, $n: String!) { __type(name: $n) { fields(includeDeprecated: $b) { name } } }"
    assert answered(LIBRARY, asked, {"b": None, "n": "Author"}).data == {"__type": {"fields": None}}
    assert told(LIBRARY, asked, {"b": None, "n": "Nowhere"}) == {"__type": None}


NULLS = {
    "beside": 'query($n: String = "Query", $b: Boolean = true) { __type(name: $n) { name } t: __type(name: "Book") { name fields(includeDeprecated: $b) { name } } }',
    "inside lists": "query($b: Boolean = true) { __schema { types { name fields { name args(includeDeprecated: $b) { name } } } } }",
    "the whole": "query($b: Boolean = true) { a: __type(name: 1) { name } __schema { directives { name args(includeDeprecated: $b) { name } } } }",
}  # fmt: skip


@pytest.mark.parametrize("name", NULLS)
def test_an_argument_that_is_no_good_costs_its_own_field_as_graphql_core_has_it(name: str) -> None:
    text = NULLS[name].replace("1)", '"Book")')
    given = {key: None for key in ("n", "b") if f"${key}:" in text}
    by_core = execute_sync(LIBRARY, parse(text), variable_values=given)

    found = answered(LIBRARY, text, given)

    assert found.data == by_core.data
    assert [one.path for one in found.wrong] == [tuple(one.path or ()) for one in by_core.errors or ()]
    assert {one.message for one in found.wrong} == {one.message for one in by_core.errors or ()}


@pytest.mark.anyio
@pytest.mark.parametrize("name", NULLS)
async def test_both_engines_say_of_it_what_they_say_of_any_other_argument(name: str) -> None:
    text = NULLS[name].replace("1)", '"Book")').replace("{", "{ x: __typename ", 1)
    given = {key: None for key in ("n", "b") if f"${key}:" in text}

    told = await BENCH.agreed(text, Grants(bits(Category)), given)

    assert (told.data is None) is (name == "the whole")
    assert {one["extensions"]["code"] for one in told.errors} == {"BAD_VARIABLE"}
    first = told.errors[0]
    assert first["extensions"]["coordinate"] in ("Query.__type", "__Field.args", "__Directive.args")
    assert {one["reason"] for one in told.absent} == {"NOT_LOADED"}
    if name == "beside":
        assert told.data == {"x": "Query", "__type": None, "t": {"name": "Book", "fields": None}}
        assert [(one["path"], one["rows"]) for one in told.absent] == [("__type", "ALL"), ("t.fields", "ALL")]
