"""Documents and bodies that somebody would send to hurt: each fits into 64 KB, and into a fraction of that where it can.

`DOCUMENTS` are questions to the customer graph, by what they try; `BODIES` are request bodies that are no such thing.
A name in `SERVED` is big but honest work, and is answered; all others are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import (
    build_schema,
    get_introspection_query,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

MOST = 65_536
SDL = Path(__file__).parents[2] / "schema" / "customer_graph.graphql"


@dataclass(frozen=True, slots=True)
class Hostile:
    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None

    @property
    def body(self) -> bytes:
        named = {"operationName": self.operation} if self.operation else {}
        return json.dumps({"query": self.query, "variables": self.variables} | named, ensure_ascii=False).encode()


def repeated(count: int, text: Callable[[int], str], between: str = " ") -> str:
    return between.join(text(i) for i in range(count))


def nested(depth: int, opening: str, inside: str, closing: str) -> str:
    return opening * depth + inside + closing * depth


def chain(length: int, spread: str = "...F{n}", last: str = "viewer { name }", on: str = "Query") -> str:
    """Fragments F0 … Fn, each spreading the next."""
    links = (f"fragment F{i} on {on} {{ {spread.format(n=i + 1)} }}" for i in range(length))
    return " ".join([*links, f"fragment F{length} on {on} {{ {last} }}"])


def deep_overlap(depth: int, width: int) -> str:
    """The same path, `width` times side by side at every level."""
    inner = "number"
    for _ in range(depth):
        inner = repeated(width, lambda _, inner=inner: f"customer {{ orders {{ nodes {{ {inner} }} }} }}")
    return f'{{ order(number: "1") {{ {inner} }} }}'


def fragment_overlap(count: int) -> str:
    """Fragments on one type, each with the same fields and a spread of all that follow."""
    spreads = lambda i: repeated(count - i - 1, lambda k: f"...F{i + k + 1}")  # noqa: E731
    fragments = repeated(
        count, lambda i: f"fragment F{i} on Customer {{ orders {{ nodes {{ number status }} }} {spreads(i)} }}"
    )
    return f'{{ customer(by: {{id: "1"}}) {{ {repeated(count, lambda i: f"...F{i}")} }} }} {fragments}'


def many_operations(count: int, fragments: int) -> str:
    """Every operation reaches every fragment."""
    spreads = repeated(fragments, lambda i: f"...F{i}")
    whole = repeated(fragments, lambda i: f"fragment F{i} on Query {{ a{i}: viewer {{ name }} }}")
    return repeated(count, lambda i: f"query Q{i} {{ ...All }}") + f" fragment All on Query {{ {spreads} }} {whole}"


def types_of(inside: str) -> str:
    return f"{{ __schema {{ types {{ {inside} }} }} }}"


def everything(fields: int, root: str = 'customer(by: {id: "nobody"})', depth: int = 9) -> str:
    """As many different fields as that, lists within lists: what a document that may be served can cost to prepare."""
    graph, left = build_schema(SDL.read_text()), [fields]

    def below(kind: Any, levels: int) -> str:
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if is_abstract_type(named):
            return f"{{ {' '.join(f'... on {one} {below(one, levels)}' for one in graph.get_possible_types(named))} }}"
        left[0] -= 1
        several = sorted(named.fields.items(), key=lambda one: not is_leaf_type(get_named_type(one[1].type)))
        told = [f"{name} {below(one.type, levels - 1)}" for name, one in several if room(one, levels)]
        return f"{{ __typename {' '.join(told)} }}"

    def room(one: Any, levels: int) -> bool:
        free = not any(map(is_required_argument, one.args.values()))
        left[0] -= 1 if free and left[0] > 0 else 0
        return free and left[0] > 0 and (levels > 0 or is_leaf_type(get_named_type(one.type)))

    return f"{{ {root} {below(graph.query_type.fields[root.partition('(')[0]].type, depth)} }}"  # type: ignore[union-attr]


USED = "{ " + repeated(20, lambda i: f"a{i}: customersById(ids: [{'$v ' * 90}]) {{ id }}") + " }"
TYPE = "kind name description fields(includeDeprecated: true) { name description args { name type { name } } type { name } }"

SERVED = {
    "introspection by every client's tool": Hostile(get_introspection_query()),
    "comments as long as the body": Hostile("#" + "x" * 60_000 + "\n{ viewer { name } }"),
    "blanks as long as the body": Hostile(" \t\n," * 9000 + "{ viewer { name } }"),
    "a field selected a thousand times": Hostile("{ viewer { " + "name " * 1000 + "} }"),
    "a fragment spread a thousand times": Hostile("{ viewer { " + "...V " * 1000 + "} } fragment V on Viewer { name }"),
    "a text of escapes": Hostile('{ order(number: "' + "\\u0041" * 9000 + '") { id } }'),
    "a block of quotes": Hostile('{ order(number: """' + ' \\""" \n ' * 5000 + '""") { id } }'),
    "a thousand keys in a literal": Hostile(
        f"{{ customersById(ids: [{repeated(1000, lambda i: chr(34) + str(i) + chr(34))}]) {{ id }} }}"
    ),
    "a list of nulls": Hostile("query($i: [ID!]!) { customersById(ids: $i) { id } }", {"i": [None] * 9000}),
    "keys of every kind": Hostile("query($i: [ID!]!) { customersById(ids: $i) { id } }", {"i": [{}] * 9000}),
    "8,000 customers who do not exist": Hostile(
        "query($i: [ID!]!) { customersById(ids: $i) { id name email } }", {"i": [f"{i:x}" for i in range(8000)]}
    ),
    "5,000 products that do not exist": Hostile(
        "query($i: [String!]!) { productsBySku(skus: $i) { sku name stock { plant } } }",
        {"i": [f"{i:x}" for i in range(5000)]},
    ),
    "an order number of 60,000 letters": Hostile(
        "query($n: String!) { order(number: $n) { id } }", {"n": "9" * 60_000}
    ),
    "null bytes in a value": Hostile("query($n: String!) { order(number: $n) { id } }", {"n": "\0" * 5000}),
    "an alias of 60,000 letters": Hostile("{ " + "a" * 60_000 + ": viewer { name } }"),
    "inline fragments 190 deep": Hostile("{ " + nested(190, "... { ", "viewer { name }", " }") + " }"),
    "introspection as often as asked": Hostile(
        "query($n: String!) { "
        + repeated(
            6,
            lambda i: (
                f"a{i}: __type(name: $n) {{ name {repeated(4, lambda k: f'b{k}: fields {{ name type {{ fields {{ name }} }} }}')} }}"
            ),
        )
        + " }",
        {"n": "Query"},
    ),
    "introspection two lists deep": Hostile(
        types_of(
            "fields { args { type { name } } type { fields { name description args { name description type { name kind ofType { name kind } } } type { name kind ofType { name kind } } } } }"
        )
    ),
    "twenty types in full, by a variable and a fragment": Hostile(
        f"query($n: String!, $d: Boolean!) {{ {repeated(20, lambda i: f'a{i}: __type(name: $n) {{ ...T }}')} }} "
        f"fragment T on __Type {{ {TYPE.replace('includeDeprecated: true', 'includeDeprecated: $d')} }}",
        {"n": "Query", "d": True},
    ),
    "all descriptions 25 times": Hostile(types_of(f"fields {{ {repeated(25, lambda i: f'a{i}: description')} }}")),
    "all defaults 90 times": Hostile(
        types_of(f"fields {{ args {{ {repeated(90, lambda i: f'a{i}: defaultValue')} }} }}")
    ),
    "all kinds 95 times": Hostile(types_of(repeated(95, lambda i: f"a{i}: kind"))),
    "what can be where, 30 times": Hostile(
        types_of(repeated(30, lambda i: f"a{i}: possibleTypes {{ name fields {{ name }} }}"))
    ),
    "whether a list takes one of its fields": Hostile(
        types_of("fields { type { isOneOf ofType { isOneOf } } } inputFields { type { isOneOf ofType { isOneOf } } }")
    ),
    "a thousand fields of a customer who does not exist": Hostile(everything(990)),
    "a thousand fields of an order that does not exist": Hostile(everything(990, 'order(number: "none")')),
    "a thousand fields of anything that is not found": Hostile(everything(990, 'node(id: "none")', 3)),
    "the same variable 1,800 times": Hostile(f"query($v: ID!) {USED}", {"v": "1"}),
    "95 variables that decide": Hostile(
        f"query({repeated(95, lambda i: f'$v{i}: Boolean!')}) {{ viewer {{ {repeated(95, lambda i: f'name @skip(if: $v{i})')} }} }}",
        {f"v{i}": bool(i % 2) for i in range(95)},
    ),
    "3,900 keys, and no more are read": Hostile(
        "query($i: [ID!]!) { customersById(ids: $i) { id name } }", {"i": [f"{i:x}" for i in range(3900)]}
    ),
    "3,900 objects that are no keys": Hostile(
        "query($i: [ID!]!) { customersById(ids: $i) { id name } }", {"i": [{}] * 3900}
    ),
    "1,900 keys that a variable has by default": Hostile(
        f"query($i: [ID!] = [{'1 ' * 1900}]) {{ customersById(ids: $i) {{ id }} }}"
    ),
    "keys of 4,000 digits": Hostile(
        "query($i: [ID!]!) { customersById(ids: $i) { id } }", {"i": [10**4000 + i for i in range(15)]}
    ),
    "a number that is a text of an exponent": Hostile(
        "query($n: String!) { order(number: $n) { id } }", {"n": "1e999999999"}
    ),
    "a search for 20,000 words": Hostile(
        "query($t: String!) { search(text: $t) { __typename } }", {"t": "ab " * 20_000}
    ),
    "a search for 60,000 brackets": Hostile(
        "query($t: String!) { search(text: $t) { __typename } }", {"t": "(" * 60_000}
    ),
    "a search for nothing": Hostile("query($t: String!) { search(text: $t) { __typename } }", {"t": " " * 60_000}),
    "a place in a list of 60,000 letters": Hostile(
        "query($a: String) { customers(after: $a) { nodes { id } } }", {"a": "QUJD" * 15_000}
    ),
    "an address with 30,000 dots": Hostile(
        "query($e: String) { customer(by: {email: $e}) { id } }", {"e": "a" * 20_000 + "@" + "b." * 20_000}
    ),
    "a telephone number of 60,000 signs": Hostile(
        "query($p: String) { customer(by: {phone: $p}) { id } }", {"p": "+1 (617) 555-" * 4500}
    ),
    "an id of 60,000 letters": Hostile("query($i: ID!) { node(id: $i) { id } }", {"i": "QUJD" * 15_000}),
    "pairs of surrogates, as escapes": Hostile('{ order(number: "' + "\\ud83d\\ude00" * 4000 + '") { id } }'),
    "letters of four bytes": Hostile('{ order(number: "' + "\U0001f600" * 15_000 + '") { id } }'),
    "escapes of the longest kind": Hostile('{ order(number: "' + "\\u{10FFFF}" * 5500 + '") { id } }'),
    "a block of lines that go in and out": Hostile(
        '{ order(number: """' + "".join("\n" + " " * (i % 40) + "x" for i in range(2000)) + '""") { id } }'
    ),
    "a block of nothing but lines": Hostile('{ order(number: """' + "\n" * 30_000 + '""") { id } }'),
    "3,900 comments": Hostile("#\n" * 3900 + "{ viewer { name } }"),
}

REFUSED = {
    # -- the parser
    "20,000 comments": Hostile("#\n" * 20_000 + "{ viewer { name } }"),
    "escapes beyond all letters": Hostile('{ order(number: "' + "\\u{110000}" * 5000 + '") { id } }'),
    "selections 10,000 deep": Hostile(nested(10_000, "{a", "", "}")),
    "lists 20,000 deep": Hostile("{ customersById(ids: " + "[" * 20_000 + "]" * 20_000 + ") { id } }"),
    "lists 150 deep": Hostile("{ customersById(ids: " + nested(150, "[", '"1"', "]") + ") { id } }"),
    "input objects 150 deep": Hostile("{ customer(by: " + nested(150, "{key: ", '"1"', "}") + ") { id } }"),
    "list types 150 deep": Hostile("query($a: " + nested(150, "[", "ID", "]") + ") { customersById(ids: $a) { id } }"),
    "braces that never close": Hostile("{ a" * 15_000),
    "only closing braces": Hostile("}" * 60_000),
    "a text that never ends": Hostile('{ order(number: "' + "a" * 60_000),
    "a block that never ends": Hostile('{ order(number: """' + "a\n" * 20_000),
    "a name of 60,000 letters": Hostile("{ " + "a" * 60_000 + " }"),
    "a number of 60,000 digits": Hostile("{ customer(by: {id: " + "9" * 60_000 + "}) { id } }"),
    "a float of 60,000 digits": Hostile("{ customer(by: {id: 0." + "9" * 60_000 + "}) { id } }"),
    "half of a surrogate pair, 5,000 times": Hostile('{ order(number: "' + "\\ud800" * 5000 + '") { id } }'),
    "null bytes": Hostile("{ viewer\0 { name } }"),
    "a byte order mark amid the text": Hostile("{ viewer { name } }" + "\ufeff" * 10_000 + "x"),
    "punctuation": Hostile("!$&()...:=@[]{|}" * 4000),
    "nothing": Hostile(""),
    "a schema": Hostile("type Query { a: Int } extend type Query { b: Int } " * 60),
    "spreads and nothing else": Hostile("{ " + "...A " * 13_000 + "}"),
    # -- how much
    "2,000 aliases": Hostile("{ " + repeated(2000, lambda i: f"a{i}: __typename") + " }"),
    "aliases under a field": Hostile("{ viewer { " + repeated(600, lambda i: f"a{i}: name") + " } }"),
    "aliases by fragments": Hostile(
        "{ "
        + repeated(50, lambda i: f"a{i}: viewer {{ ...V }}")
        + " } fragment V on Viewer { a: name b: role c: client }"
    ),
    "root fields through a fragment": Hostile(
        "{ ...R } fragment R on Query { " + repeated(90, lambda i: f"a{i}: viewer {{ name }}") + " }"
    ),
    "3,000 directives on a field": Hostile("{ viewer " + "@a" * 3000 + " { name } }"),
    "10,000 directives on a field": Hostile("{ viewer " + "@a" * 10_000 + " { name } }"),
    "the same directive a thousand times": Hostile("{ viewer " + "@skip(if: false)" * 600 + " { name } }"),
    "500 conditions": Hostile("{ viewer { " + "name @include(if: true) " * 500 + "} }"),
    "300 variables that decide": Hostile(
        f"query({repeated(300, lambda i: f'$v{i}: Boolean!')}) {{ viewer {{ {repeated(300, lambda i: f'name @skip(if: $v{i})')} }} }}",
        {f"v{i}": False for i in range(300)},
    ),
    "1,300 operations": Hostile(repeated(1300, lambda i: f"query Q{i} {{ a }}")),
    "600 valid operations": Hostile(repeated(600, lambda i: f"query Q{i} {{ viewer {{ name }} }}")),
    "600 operations of the same name": Hostile(repeated(600, lambda _: "query Q { viewer { name } }")),
    "1,000 variables, unused": Hostile(f"query({repeated(1000, lambda i: f'$v{i}: Int')}) {{ viewer {{ name }} }}"),
    "500 variables, undefined": Hostile(
        "{ "
        + repeated(20, lambda i: f"a{i}: customersById(ids: [{repeated(25, lambda k: f'$v{i}x{k}')}]) {{ id }}")
        + " }"
    ),
    "1,300 variables of unknown types": Hostile(
        f"query({repeated(1300, lambda i: f'$v{i}: T{i}')}) {{ viewer {{ name }} }}"
    ),
    # -- fragments
    "fragments that double 60 times": Hostile("{ ...F0 } " + chain(60, "...F{n} ...F{n}")),
    "fragments that double under aliases": Hostile(
        "{ ...F0 } " + chain(12, "a: node(id: 1) {{ id }} b: node(id: 1) {{ id }} ...F{n} ...F{n}")
    ),
    "fields that double 18 times": Hostile(
        '{ order(number: "1") { customer { ...F0 } } } '
        + chain(
            18,
            "a: orders {{ nodes {{ customer {{ ...F{n} }} }} }} b: orders {{ nodes {{ customer {{ ...F{n} }} }} }}",
            "id",
            "Customer",
        )
    ),
    "nothing that doubles 60 times": Hostile("{ ...F0 } " + chain(60, "...F{n} ...F{n}", "...Nowhere")),
    "a chain of 400 fragments": Hostile("{ ...F0 } " + chain(400)),
    "a chain of 190 fragments, deeper and deeper": Hostile("{ ...F0 } " + chain(190, "... {{ ...F{n} }}")),
    "a fragment that spreads itself": Hostile("{ ...A } fragment A on Query { viewer { name } ...A }"),
    "a ring of 300 fragments": Hostile("{ ...F0 } " + chain(300, last="...F0")),
    "300 fragments, each spreading all": Hostile(
        "{ ...F0 } " + repeated(60, lambda i: f"fragment F{i} on Query {{ {repeated(60, lambda k: f'...F{k}')} }}")
    ),
    "500 unused fragments": Hostile(
        "{ viewer { name } } " + repeated(500, lambda i: f"fragment F{i} on Query {{ viewer {{ name }} }}")
    ),
    "500 fragments of the same name": Hostile("{ ...F } " + "fragment F on Query { viewer { name } } " * 500),
    "60 operations times 60 fragments": Hostile(many_operations(60, 60)),
    "150 operations times 150 fragments": Hostile(many_operations(150, 150)),
    # -- fields that may conflict
    "overlapping fields, 4 wide and 4 deep": Hostile(deep_overlap(4, 4)),
    "overlapping fields, 2 wide and 6 deep": Hostile(deep_overlap(6, 2)),
    "overlapping fields, 350 wide": Hostile(deep_overlap(1, 350)),
    "overlapping fragments, 20": Hostile(fragment_overlap(20)),
    "overlapping fragments, 40": Hostile(fragment_overlap(40)),
    "one name for 600 fields": Hostile("{ viewer { " + "x: name x: role " * 300 + "} }"),
    "arguments that conflict, 300 times": Hostile(
        "{ " + repeated(300, lambda i: f'order(number: "{i}") {{ id }}') + " }"
    ),
    "arguments of 100 values, compared": Hostile(
        "{ " + repeated(18, lambda _: f"customersById(ids: [{'1 ' * 190}]) {{ id }}") + " }"
    ),
    # -- names that nobody knows
    "1,900 unknown fields": Hostile("{ " + repeated(1900, lambda i: f"custmer{i}") + " }"),
    "unknown fields almost known": Hostile("{ " + repeated(1900, lambda i: "customerMatchez") + " }"),
    "unknown arguments": Hostile(
        "{ " + repeated(18, lambda _: f"viewer({repeated(60, lambda k: f'nam{k}: 1')}) {{ name }}") + " }"
    ),
    "unknown types": Hostile("{ " + repeated(600, lambda i: f"... on Custmer{i} {{ id }}") + " }"),
    "unknown input fields": Hostile(f"{{ customer(by: {{{repeated(1200, lambda i: f'emial{i}: 1')}}}) {{ id }} }}"),
    "unknown enum values": Hostile(
        "{ " + repeated(18, lambda _: f"customersById(ids: [{repeated(190, lambda k: f'E{k}')}]) {{ id }}") + " }"
    ),
    "an input field given 1,200 times": Hostile("{ customer(by: {" + "id: 1 " * 1200 + "}) { id } }"),
    "an argument given 1,200 times": Hostile("{ order(" + 'number: "1" ' * 1200 + ") { id } }"),
    # -- introspection
    "introspection of 90 types at once": Hostile(
        "{ "
        + repeated(90, lambda i: f'a{i}: __type(name: "Customer") {{ ...T }}')
        + " } fragment T on __Type { "
        + TYPE
        + " }"
    ),
    "introspection by aliases": Hostile(
        types_of(repeated(60, lambda i: f"a{i}: fields {{ type {{ fields {{ name description args {{ name }} }} }} }}"))
    ),
    "introspection round and round": Hostile(
        types_of("fields { type { fields { type { fields { type { fields { name } } } } } } }")
    ),
    "introspection through fragments": Hostile(
        "{ __schema { types { ...F0 } } } "
        + chain(30, "ofType {{ ...F{n} }} interfaces {{ ...F{n} }}", "name", "__Type")
    ),
    "2,000 fields about the schema": Hostile(
        f"{{ __schema {{ {repeated(95, lambda i: f'a{i}: queryType {{ ...T }}')} }} }} "
        f"fragment T on __Type {{ {'name kind description __typename ' * 5} }}"
    ),
    "all types of all fields, 90 times": Hostile(
        types_of(f"fields {{ type {{ {repeated(90, lambda i: f'a{i}: name')} }} }}")
    ),
    "all names of all types of all fields": Hostile(
        types_of(f"fields {{ type {{ fields {{ {repeated(20, lambda i: f'a{i}: name')} }} }} }}")
    ),
    # -- variables
    "5,000 variables that nobody declared": Hostile("{ viewer { name } }", {f"v{i}": 1 for i in range(5000)}),
    "16,000 lists of nothing": Hostile("query($i: [ID!]!) { customersById(ids: $i) { id } }", {"i": [[]] * 16_000}),
    "20,000 keys of a digit": Hostile("query($i: [ID!]!) { customersById(ids: $i) { id } }", {"i": [1] * 20_000}),
    "lists 60 deep and 200 wide": Hostile(
        "query($i: [ID!]!) { customersById(ids: $i) { id } }",
        {"i": json.loads(nested(60, "[" + "1," * 200, "1", "]"))},
    ),
    "a variable in 1,800 wrong places": Hostile(f"query($v: [[Int]]) {USED}", {"v": []}),
    "300 defaults that do not fit": Hostile(
        f"query({repeated(300, lambda i: f'$v{i}: Int = {{a: 1}}')}) {{ viewer {{ name }} }}"
    ),
    "300 variables of types almost known": Hostile(
        f"query({repeated(300, lambda i: f'$v{i}: CustomerConnectio{i}')}) {{ viewer {{ name }} }}"
    ),
    "1e400 where a number belongs": Hostile("{ customers(first: 1e400) { nodes { id } } }"),
    "60,000 digits where a number belongs": Hostile("{ customers(first: " + "9" * 60_000 + ") { nodes { id } } }"),
    "1,300 lists of nothing in a literal": Hostile("{ customersById(ids: [" + "[] " * 1300 + "]) { id } }"),
    "1,300 objects of nothing in a literal": Hostile("{ customersById(ids: [" + "{} " * 1300 + "]) { id } }"),
    "lists in lists in a literal": Hostile("{ customersById(ids: [" + "[[[1]]] " * 450 + "]) { id } }"),
    # -- names
    "an operation's name of 50,000 letters": Hostile("query A { viewer { name } }", operation="b" * 50_000),
    "50 operations of long names, none of them asked for": Hostile(
        repeated(50, lambda i: f"query {'Q' * 1000}{i} {{ viewer {{ name }} }}"), operation="R"
    ),
    "900 fragments that are nowhere": Hostile(
        f"{{ {repeated(900, lambda i: f'...Fragmen{i}')} }} fragment Fragment on Query {{ viewer {{ name }} }}"
    ),
    "190 directives that nobody knows": Hostile(f"{{ viewer {repeated(190, lambda i: f'@skipp{i}')} {{ name }} }}"),
    "a hundred arguments that nobody knows": Hostile(
        f"{{ {repeated(20, lambda i: f'a{i}: orders(filterr: 1, fisrt: 1, aftr: 2, ordrBy: 1, fltr: 1) {{ nodes {{ id }} }}')} }}"
    ),
    "variables 60 deep": Hostile(
        "query($b: CustomerBy!) { customer(by: $b) { id } }", {"b": json.loads(nested(60, '{"key":', "1", "}"))}
    ),
    "5,000 unknown members": Hostile(
        "query($b: CustomerBy!) { customer(by: $b) { id } }", {"b": {f"k{i}": 1 for i in range(5000)}}
    ),
    "an object where a text belongs": Hostile(
        "query($n: String!) { order(number: $n) { id } }", {"n": {f"k{i}": 1 for i in range(4500)}}
    ),
    "a number of 4,000 digits": Hostile(
        "query($n: Int!) { customer(by: {id: 1}) { orders(first: $n) { nodes { id } } } }", {"n": 10**4000}
    ),
    "rows by the million": Hostile(
        "{ customersById(ids: ["
        + '"1" ' * 90
        + "]) { orders(first: 100) { nodes { tickets(first: 100) { nodes { id } } } } } }"
    ),
}

DOCUMENTS: Mapping[str, Hostile] = SERVED | REFUSED


def _bodies() -> Iterator[tuple[str, bytes]]:
    deep = 30_000
    yield "arrays 30,000 deep", b'{"query":"{a}","variables":' + b"[" * deep + b"]" * deep + b"}"
    yield "objects 10,000 deep", b'{"query":"{a}","variables":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}"
    yield "arrays that never close", b"[" * 60_000
    yield "one key 9,000 times", b"{" + b'"a":1,' * 9000 + b'"query":"{a}"}'
    pairs = ",".join(f'"{i:x}":1' for i in range(6000))
    yield "6,000 keys and the last one twice", f'{{{pairs},"query":"{{a}}","1":1,"1":1}}'.encode()
    yield (
        "12,000 small objects, one of them wrong",
        b'{"query":"{a}","variables":{"a":[' + b"{}," * 12_000 + b'{"a":1,"a":2}]}}',
    )
    yield "numbers of 4,000 digits", b'{"query":"{a}","variables":{"a":[' + b",".join([b"9" * 4000] * 15) + b"]}}x"
    yield "floats beyond all range", b'{"query":"{a}","variables":{"a":[' + b"1e9999," * 8000 + b"1]}}"
    yield "floats of 30,000 digits", b'{"query":"{a}","variables":{"a":1.' + b"3" * 60_000 + b"}}x"
    yield "escapes", b'{"query":"' + b"\\u0041" * 10_000 + b'"'
    yield "half pairs", b'{"query":"' + b"\\ud83d" * 10_000 + b'"}'
    yield "bad UTF-8 at the end", b'{"query":"' + b"a" * 60_000 + b'\xff"}'
    yield "a byte order mark", b'\xef\xbb\xbf{"query":"{viewer{name}}"}'
    yield "null bytes around", b'\0{"query":"{viewer{name}}"}\0'
    yield "UTF-16", '{"query":"{viewer{name}}"}'.encode("utf-16")
    yield "a batch of 2,000", b"[" + b",".join([b'{"query":"{viewer{name}}"}'] * 2000) + b"]"
    yield "blanks and nothing else", b" " * 60_000
    yield "texts that never end", b'{"query":"{a}' + b"\\" * 60_001
    yield "a query that is a number", b'{"query":1e5}'
    yield "variables that are a text", b'{"query":"{viewer{name}}","variables":"' + b"x" * 60_000 + b'"}'
    yield "an operation name that is a list", b'{"query":"{viewer{name}}","operationName":[' + b"1," * 30_000 + b"1]}"
    yield "more than is read", b'{"query":"{viewer{name}}","x":"' + b"x" * MOST + b'"}'


BODIES: Mapping[str, bytes] = dict(_bodies())
