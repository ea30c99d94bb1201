"""Everything there is, read through the gateway by somebody who is granted every category: each value with the rows and
categories it was shown under. A new field, type or system is in here without a line.

From the rows of the world that are known by id, every other row that anything leads to is found and read as well. What
a row rule compares is found by asking: which systems, and which of their columns, are asked for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

import msgspec
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from gateway.auth import Principal
from gateway.engine.graph import Graph
from gateway.pipeline import Pipeline
from gateway.policy import Policy, Role
from gateway.policy.grants import Grants
from gateway.policy.rules import Rule
from gateway.question import Options, Question
from mocks.world.content import Content
from mocks.world.supply import Partners
from mocks.world.tickets import Tickets
from resolvers.ids import global_id
from schema import Category
from tests.company import Company
from tests.gateway.questions.company import rows_of
from tests.gateway.questions.subjects import EVERYTHING
from tests.gateway.questions.truth import known
from tests.gateway.questions.values import Rows, Values, literal
from tests.gateway.questions.ways import making
from tests.gateway.questions.weather import Answers

Place = tuple[str, str, Category]
"""Type and id of a row, and the category of a value there."""

Known = tuple[
    dict[str, set[Place]], dict[str, list[tuple[str, str]]], dict[str, dict[str, None]], dict[str, set[tuple[str, str]]]
]

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType

T = TypeVar("T")

ALL = Principal("all", EVERYTHING.name)
LONGEST = 100
"""Rows of a page."""
MOST_FIELDS = 1_900
"""Of one question, a little less than are served; and rows, as many as a question may begin at."""
AT_A_TIME = 20
SAMPLES = 12
"""Rows of a kind that are looked into for what a rule has to know, in the order of their ids, whoever came upon them
first: some do without a system that others have to ask, such as parcels that their carrier still knows."""
TEXTS = ("String", "DateTime", "Decimal")
"""Scalars whose values are told apart by their text; a day is the beginning of many moments."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of so many that the work is divided into."""

    number: int
    all: int

    def of(self, some: Sequence[T]) -> Sequence[T]:
        return some[self.number :: self.all]


PARTS = tuple(Part(number, 2) for number in range(2))
"""As many as there are processes on a small machine."""


@dataclass(slots=True)
class Harvest:
    """found: value → where; spelled: coordinate → every value it was seen with; ids: type → rows
    facts: relation → what is asked of whom to know whether it holds
    others: rows that somebody else reads
    answers: what systems said to those who ask without being watched"""

    graph: Graph
    rows: Rows
    found: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    spelled: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    facts: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    others: frozenset[str] = frozenset()
    answers: Answers = field(default_factory=dict)

    @classmethod
    def kept(cls, company: Company, known: Known) -> Harvest:
        """As somebody else has gathered it."""
        return cls(company.app.graph, rows_of(company), *known)

    @property
    def known(self) -> Known:
        return dict(self.found), dict(self.spelled), dict(self.ids), dict(self.facts)

    @classmethod
    async def of_rows(cls, company: Company, part: Part) -> Harvest:
        """What is told of a part of the rows that the world knows by itself, and of whatever they lead to. What two parts
        lead to, both read."""
        pipeline = replace(company.app.pipeline, trail=None)  # nobody has been told anything
        known = _known(company)
        others = frozenset(id for ids in known.values() for id in {*ids} - {*part.of(ids)})
        harvest = cls(pipeline.prepared.graph, rows_of(company), others=others)
        harvest.ids.update({kind: dict.fromkeys(ids) for kind, ids in known.items()})
        asking = under(pipeline, Policy({EVERYTHING.name: EVERYTHING}))
        await harvest.roots(asking, part)
        await harvest.all_rows(asking)
        return harvest

    @classmethod
    async def of_facts(cls, company: Company, known: Known, part: Part) -> Harvest:
        """A part of what row rules ask, of rows that are known."""
        harvest = cls(company.app.graph, rows_of(company), ids=known[2])
        await harvest.all_facts(company, part)
        return harvest

    # -- rows -----------------------------------------------------------------------------------------------------

    async def roots(self, pipeline: Pipeline, part: Part) -> None:
        """What is told without saying what of: lists of rows, and what is worked out of many. Some cannot be."""
        query = self.graph.query
        free = [name for name, one in query.fields.items() if not any(map(is_required_argument, one.args.values()))]
        for name in part.of(free):
            after: str | None = ""
            while after is not None:
                answer = await told(pipeline, f"{{ {self.whole(query, name, after)} }}")
                self.note(query, answer["data"], Category.PUBLIC, (query.name, ""))
                after = behind(answer["data"][name])

    async def all_rows(self, pipeline: Pipeline) -> None:
        done: dict[str, int] = {}
        while waiting := {kind: ids for kind, ids in self.ids.items() if len(ids) > done.get(kind, 0)}:
            for kind, ids in list(waiting.items()):
                some = [id for id in list(ids)[done.get(kind, 0) :] if id not in self.others]
                done[kind] = len(ids)
                size = self.together(kind)
                for start in range(0, len(some), size):
                    await self.gather(pipeline, kind, some[start : start + size])

    def together(self, kind: str) -> int:
        """How many rows one question may ask about."""
        words = self.everything(self.graph.holder(kind)).split()
        return max(min(MOST_FIELDS // sum(word[0].isalpha() for word in words), AT_A_TIME), 1)

    async def gather(self, pipeline: Pipeline, kind: str, ids: Sequence[str]) -> None:
        """Rows by their ids, and the ids of the rows that hang on them."""
        owner, numbers = self.graph.holder(kind), range(len(ids))
        named = ", ".join(f"$i{number}: ID!" for number in numbers)
        asked = " ".join(f"n{number}: node(id: $i{number}) {{ ...All }}" for number in numbers)
        text = f"query({named}) {{ {asked} }} fragment All on {kind} {{ {self.everything(owner)} }}"
        given = {f"i{number}": id for number, id in enumerate(ids)}
        answer = await told(pipeline, text, **given)
        assert "errors" not in answer, answer["errors"]
        for id, row in zip(ids, answer["data"].values(), strict=True):
            self.note(owner, row, Category.PUBLIC, (kind, id))
            for name, page in (row or {}).items():
                await self.on(pipeline, owner, id, name, page)

    async def on(self, pipeline: Pipeline, owner: GraphQLObjectType, id: str, name: str, page: Any) -> None:
        """All further pages of a list of a row."""
        while (after := behind(page)) is not None:
            text = (
                f"query($id: ID!) {{ node(id: $id) {{ ... on {owner.name} {{ {self.whole(owner, name, after)} }} }} }}"
            )
            answer = await told(pipeline, text, id=id)
            assert "errors" not in answer, answer["errors"]
            self.note(owner, answer["data"]["node"], Category.PUBLIC, (owner.name, id))
            page = answer["data"]["node"][name]

    def everything(self, owner: Composite) -> str:
        """All there is of a row itself, and the ids of the rows it leads to; of each kind, where there are several."""
        if not isinstance(owner, GraphQLObjectType):
            kinds = self.graph.schema.get_possible_types(owner)
            return " ".join(["__typename", *(f"... on {one.name} {{ {self.everything(one)} }}" for one in kinds)])
        return " ".join(filter(None, (self.whole(owner, name) for name in owner.fields)))

    def whole(self, owner: GraphQLObjectType, name: str, after: str = "") -> str:
        definition = owner.fields[name]
        target = get_named_type(definition.type)
        arguments = self.arguments(f"{owner.name}.{name}", definition, after)
        if is_leaf_type(target):
            return f"{name}{arguments}"
        assert isinstance(target, Composite)
        if self.graph.row_category(target.name) is not None:
            below = "id" if self.has_node(target) else self.everything(target)
        elif isinstance(target, GraphQLObjectType) and "pageInfo" in target.fields:
            row = get_named_type(target.fields["nodes"].type)
            below = f"nodes {{ {'id' if self.has_node(row) else self.everything(row)} }} pageInfo {{ hasNextPage endCursor }}"
        else:
            below = self.everything(target)
        return f"{name}{arguments} {{ {below} }}"

    def has_node(self, kind: Any) -> bool:
        return "Node" in {one.name for one in kind.interfaces}

    def arguments(self, at: str, definition: Any, after: str) -> str:
        """What has to be given; and pages as long as they may be."""
        values, paged = Values(self.rows, Random(0)), "after" in definition.args
        written = [
            f"{name}: {literal(one.type, LONGEST if name == 'first' else values.of(f'{at}({name}:)', one.type))}"
            for name, one in definition.args.items()
            if is_required_argument(one) or (paged and name == "first")
        ]
        written += [f"after: {json.dumps(after)}"] if after else []
        return f"({', '.join(written)})" if written else ""

    def note(
        self, owner: GraphQLObjectType, row: Mapping[str, Any] | None, above: Category, at: tuple[str, str]
    ) -> None:
        for name, value in (row or {}).items():
            if name in ("__typename", "pageInfo"):
                continue
            definition = owner.fields[name]
            category = self.graph.categories[f"{owner.name}.{name}"]
            category = above if category is Category.INHERITED else category
            target = get_named_type(definition.type)
            for one in flat(value):
                if isinstance(target, Composite):
                    self.below(target, one, category, at)
                elif isinstance(one, str) and target.name in TEXTS:
                    self.found[one].add((*at, category))
                    self.spelled[f"{owner.name}.{name}"].append((at[1], one))

    def below(self, target: Composite, row: Mapping[str, Any], category: Category, at: tuple[str, str]) -> None:
        """A value of the row, or the id of another row, to be read later. What is one of several kinds is told under
        the category of what makes it one of its own."""
        if not isinstance(target, GraphQLObjectType):
            kind = self.graph.holder(row["__typename"])
            self.note(kind, row, making(self.graph, target, kind) or category, at)
        elif self.graph.row_category(target.name) is not None and self.has_node(target):
            self.ids[target.name].setdefault(row["id"])
        else:
            self.note(target, row, category, at)

    # -- row rules ------------------------------------------------------------------------------------------------

    async def all_facts(self, company: Company, part: Part) -> None:
        """Rows that show more under a relation: what is asked because somebody has to know whether it holds."""
        for kind, relation in part.of(sorted(self.graph.bindings.relations)):
            usual = frozenset({Category.PUBLIC, self.graph.row_category(kind) or Category.PUBLIC})
            more = self.more(kind, usual)
            rule = Rule("ruled", when=frozenset({relation}), allow=frozenset(Category))
            ids = sorted(self.ids[kind]) if more else []
            for id in ids[:: max(len(ids) // SAMPLES, 1)]:
                asked = Question(
                    f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {more} }} }} }}", None, {"id": id}
                )
                ruled = await self.asked(company, asked, [Rule("usual", allow=usual), rule])
                others = await self.asked(company, asked, [Rule("all", allow=frozenset(Category))])
                self.facts[relation] |= ruled - others

    def more(self, kind: str, usual: frozenset[Category]) -> str:
        """Something of a row that those who see only the usual do not see."""
        owner = self.graph.holder(kind)
        found = (name for name in owner.fields if self.graph.categories[f"{kind}.{name}"] not in usual)
        return next((self.whole(owner, name) for name in found), "")

    async def asked(self, company: Company, question: Question, rules: Sequence[Rule]) -> set[tuple[str, str]]:
        """What the systems are asked for an answer under these rules."""
        role = Role("asker", "Asks.", "staff", ("asking",), {"asking": Grants.compiled(rules)})
        pipeline = under(company.app.pipeline, Policy({role.name: role}))
        await company.forget()
        keys = {name: ("nobody in particular",) for _, name in self.graph.bindings.relations}
        await pipeline(question, Principal("asker", role.name, keys=keys), Options())
        return asked_of(await company.asked())


def together(parts: Sequence[Known]) -> Known:
    """What all parts found; what several did, once."""
    found: dict[str, set[Place]] = defaultdict(set)
    spelled: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    ids: dict[str, dict[str, None]] = defaultdict(dict)
    facts: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in parts:
        for value, places in one[0].items():
            found[value] |= places
        for coordinate, seen in one[1].items():
            spelled[coordinate] |= dict.fromkeys(seen)
        for kind, rows in one[2].items():
            ids[kind] |= rows
        for relation, asked in one[3].items():
            facts[relation] |= asked
    return dict(found), {at: list(seen) for at, seen in spelled.items()}, dict(ids), dict(facts)


def under(pipeline: Pipeline, policy: Policy) -> Pipeline:
    """The same for callers under another policy."""
    return replace(pipeline, callers=replace(pipeline.callers, policy=policy))


async def told(pipeline: Pipeline, text: str, **variables: Any) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(await pipeline(Question(text, None, variables), ALL, Options()))
    return answer


def behind(page: Any) -> str | None:
    """The cursor behind which a list goes on; None where it does not, and for what is no list."""
    info = page.get("pageInfo") if isinstance(page, dict) else None
    return info["endCursor"] if info and info["hasNextPage"] else None


def asked_of(log: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(entry["system"], column) for entry in log for column in ("", *entry["columns"])}


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from flat(item)
    elif value is not None:
        yield value


def _known(company: Company) -> Mapping[str, list[str]]:
    """What the world knows by itself."""
    world = company.world
    desk, articles, partners = world.part(Tickets), world.part(Content), world.part(Partners)
    people = list(known(world))
    skus = [world.product(index).sku for index in world.products()]
    return {
        "Customer": sorted({company.id_of(index) for index in people}),
        "Order": [global_id("Order", order.number) for index in people for order in world.orders_of(index)],
        "Product": [global_id("Product", sku) for sku in skus],
        "ContentItem": sorted({global_id("ContentItem", one.id) for sku in skus for one in articles.of_sku(sku)}),
        "Ticket": [global_id("Ticket", desk.ticket(ordinal).number) for ordinal in range(len(desk))],
        "PurchaseOrder": [
            global_id("PurchaseOrder", one.number)
            for supplier in partners.suppliers
            for one in partners.orders_of(supplier)
        ],
    }
