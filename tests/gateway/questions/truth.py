"""How the rows of the made-up company stand to a caller, as the world itself has it: no word of the gateway's is taken.

A row may stand in several ways where the world alone does not decide it, as for a customer whom two systems hold twice;
then whatever any of them shows may be shown. Of a relation that is not in here, any row may have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gateway.engine.graph import Graph
from gateway.policy.grants import subsets
from gateway.policy.rules import Relations
from mocks.world import Customer, World
from mocks.world.tickets import Tickets
from resolvers.ids import parsed
from tests.company import Company

Keys = Mapping[str, Sequence[str]]
Row = tuple[str, str]
"""A type, and the key by which the world finds the row."""
Known = dict[str, bool | None]
"""Relation → whether it holds; None: it may."""


@dataclass
class Truth:
    """One caller: the id of the customer they are, and their keys by relation."""

    company: Company
    graph: Graph
    me: str
    keys: Keys
    people: Mapping[str, Sequence[int]]
    told: dict[str, list[Relations]] = field(default_factory=dict)

    def held(self, kind: str, id: str) -> list[Relations]:
        """Every set of relations that may hold for this row."""
        if id not in self.told:
            bound = [name for owner, name in self.graph.bindings.relations if owner == kind]
            known = self._known(kind, id)
            certain = frozenset(name for name in bound if known.get(name))
            open_ = [name for name in bound if known.get(name) is None]
            self.told[id] = [certain | more for more in subsets(open_)]
        return self.told[id]

    def _known(self, kind: str, id: str) -> Known:
        found = parsed(id)
        facts: Mapping[str, Callable[[str], Known]] = {
            "Customer": lambda _: self._customer(self.people.get(id, ())),
            "Order": self._order,
            "Ticket": self._ticket,
        }
        return facts[kind](found[1]) if found and kind in facts else {}

    def _customer(self, rows: Sequence[int]) -> Known:
        """`rows`: those that the gateway takes for one person."""
        people = [self.world.customer(i) for i in rows]
        return {
            "own": self.me in {self.id_of(i) for i in rows},
            "consenting": _agreed(people),
            "own-region": _agreed_on({one.region in self.keys.get("own-region", ()) for one in people}),
        }

    def _buyer(self, index: int) -> Known:
        return self._customer(self.people[self.id_of(index)]) if index in self._known_people else {}

    def _order(self, number: str) -> Known:
        order = self.world.order_by_number(number)
        if order is None:
            return {}
        carriers = {line.carrier for line in order.lines}
        return self._buyer(order.customer) | {
            "own-channel": order.source_system in self.keys.get("own-channel", ()),
            "carried-by-me": not carriers.isdisjoint(self.keys.get("carried-by-me", ())),
        }

    def _ticket(self, number: str) -> Known:
        """Who wrote is recognised by what they wrote: nothing is certain of that."""
        ordinal = self.desk.by_number(number)
        if ordinal is None:
            return {}
        assigned = self.desk.ticket(ordinal).assignee in self.keys.get("assigned", ())
        mine = self._buyer(self.desk.ticket(ordinal).customer)
        return {name: None if holds else holds for name, holds in mine.items()} | {"assigned": assigned}

    @property
    def world(self) -> World:
        return self.company.world

    @cached_property
    def desk(self) -> Tickets:
        return self.world.part(Tickets)

    @cached_property
    def _known_people(self) -> Mapping[int, str]:
        return {i: id for id, rows in self.people.items() for i in rows}

    def id_of(self, index: int) -> str:
        return self._known_people[index]


def people_of(company: Company) -> Mapping[str, Sequence[int]]:
    """Id of the graph → the rows of the world that it stands for."""
    found: dict[str, list[int]] = defaultdict(list)
    for index in known(company.world):
        found[company.id_of(index)].append(index)
    return found


def known(world: World) -> Iterator[int]:
    """Customers that any system knows by a key of its own."""
    for index in world.customers():
        person = world.customer(index)
        if person.siebel_contact_id or person.party_number:
            yield index


def _agreed(people: Sequence[Customer]) -> bool:
    rows = [one for one in people if one.siebel_contact_id]
    return bool(rows) and not any(
        one.suppress_emails or one.suppress_calls or one.suppress_mailings or one.suppress_faxes for one in rows
    )


def _agreed_on(said: set[bool]) -> bool | None:
    return said.pop() if len(said) == 1 else None if said else False
