"""What a caller must not find anywhere, told from the rules as written and from everything there is.

Three nets, none of which asks the engine what it decided:

* by value: whatever no rule shows this caller on any row, sought in bodies, headers, log lines and questions to systems;
* by position: each value of an answer, and each row, by its coordinate and by how that row stands to the caller. Dates,
  numbers and words that many rows share are no canaries, and are caught here;
* by what is asked: systems and columns that are there for others only.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from graphql import GraphQLEnumType, GraphQLSchema, StringValueNode, Visitor, get_named_type, parse, visit

from gateway.engine.frame import Path
from gateway.policy.grants import SEEN, Grants
from gateway.policy.masks import BANDS, FITS, MASKS, WITHIN
from gateway.policy.rules import Relations, deciding
from mocks.serve import MOCKS
from resolvers.ids import parsed
from schema import Category
from tests.gateway.questions.askable import Askable
from tests.gateway.questions.documents import MARK
from tests.gateway.questions.harvest import Harvest, asked_of
from tests.gateway.questions.text import Asked
from tests.gateway.questions.truth import Truth

CANARY = re.compile(r"CANARY-[a-z_]+")
SHORTEST = 7
"""A shorter value may stand somewhere by chance."""

Begun = Mapping[str, Mapping[int, Set[str]]]
"""Beginning → length → values."""


@dataclass
class Nets:
    """For one caller: the rules of their role for one purpose, and how each row stands to them."""

    harvest: Harvest
    grants: Grants
    truth: Truth
    sights: dict[tuple[Category, str, str], bool] = field(default_factory=dict)
    decided: dict[tuple[Category, Relations], tuple[str, str]] = field(default_factory=dict)

    # -- by value -------------------------------------------------------------------------------------------------

    def shows(self, category: Category, kind: str, id: str) -> bool:
        """Whether this category of this row is shown whole, as the row may stand."""
        key = category, kind, id
        if key not in self.sights:
            self.sights[key] = "allow" in self.effects(category, self.truth.held(kind, id))
        return self.sights[key]

    def effects(self, category: Category, held: Iterable[Relations]) -> set[str]:
        if category is Category.INHERITED:
            return {"allow"}
        return {self.decision(category, some)[0] for some in held}

    def decision(self, category: Category, held: Relations) -> tuple[str, str]:
        """The effect on a category for rows with these relations, and the kind of mask."""
        if (category, held) not in self.decided:
            self.decided[category, held] = deciding(self.grants.rules, category, held)[:2]
        return self.decided[category, held]

    @cached_property
    def shown(self) -> set[str]:
        return {value for value, at in self.harvest.found.items() if any(self.shows(c, k, i) for k, i, c in at)}

    @cached_property
    def secrets(self) -> set[str]:
        """Values that are shown nowhere, and long enough not to be anything else."""
        known = {str(band) for band in BANDS} | set(_words(self.harvest.graph.schema)) | set(MOCKS)
        return {value for value in self.harvest.found if len(value) >= SHORTEST} - self.shown - known

    @cached_property
    def withheld(self) -> set[str]:
        """Those that are secrets whoever they are about."""
        ever = {category for category in Category if SEEN in self.grants.decide(category).table}
        return {value for value in self.secrets if not any(c in ever for _, _, c in self.harvest.found[value])}

    @cached_property
    def beginnings(self) -> Begun:
        return begun(self.secrets)

    @cached_property
    def unread(self) -> Begun:
        """What this caller may neither read nor look up by."""
        return begun(
            one
            for one in self.withheld - self.given
            if {why for _, _, why in self.harvest.found[one]} != {Category.LINKAGE}
        )

    @cached_property
    def canaries(self) -> set[str]:
        """The kinds of canary that may be heard; all others are in what this caller, or nobody, is shown."""
        return {kind for value in self.shown for kind in CANARY.findall(value)}

    def leaked(self, told: str, asked: Asked) -> list[str]:
        """Secrets in a text: not those that the caller said, nor a part of something that is shown anyhow, such as
        the number of an article in a text about it."""
        found = sorted(inside(told, self.beginnings))
        said = spoken(asked) if found else ""
        found = [one for one in found if one not in said]
        wholes = [one for one in self.shown if len(one) > SHORTEST] if found else []
        strange = set(CANARY.findall(told)) - self.canaries
        return [*(one for one in found if not any(one in whole for whole in wholes)), *strange]

    @cached_property
    def given(self) -> set[str]:
        """What this caller may look up by, read or not: an argument's category is its own."""
        usable = [
            at for at, category in self.harvest.graph.categories.items() if SEEN in self.grants.decide(category).table
        ]
        return {value for at in usable for value in self.harvest.rows.get(at, ()) if isinstance(value, str)}

    # -- by position ----------------------------------------------------------------------------------------------

    def misplaced(self, data: Any, coordinates: Mapping[Path, str]) -> list[str]:
        """Values and rows that the rules do not show there."""
        found = []
        for path, coordinate in coordinates.items():
            value = at(data, path)
            if value is None or isinstance(value, dict) or (isinstance(value, list) and _holds_rows(value)):
                continue
            category, held = self.category(path, coordinates), self.held(data, path, coordinates)
            if not self.fits(value, category, held, self.beside(coordinate)):
                found.append(f"{'.'.join(map(str, path))} ({coordinate}): {value!r}")
        found += [f"the row {id}" for id in marked(data) if not self.there(id)]
        return found

    def beside(self, coordinate: str) -> bool:
        """Whether it belongs to an object, beside the one number of it that some masks are for."""
        owner, _, name = coordinate.partition(".")
        scalar = get_named_type(self.harvest.graph.holder(owner).fields[name].type).name
        inherited = self.harvest.graph.categories[coordinate] is Category.INHERITED
        return inherited and not any(scalar in FITS[kind] for kind in WITHIN)

    def fits(self, value: Any, category: Category, held: Sequence[Relations] | None, beside: bool) -> bool:
        if held is None:
            decision = self.grants.decide(category)
            effects = {sight.verdict.value for sight in decision.table}
            shown, kinds = "seen" in effects, {sight.kind for sight in decision.table if sight.kind}
        else:
            effects = self.effects(category, held)
            shown = "allow" in effects
            kinds = {self.decision(category, some)[1] for some in held} - {""}
        values = value if isinstance(value, list) else [value]
        return shown or (bool(kinds) and all(any(_is_masked(kind, one, beside) for kind in kinds) for one in values))

    def there(self, id: str) -> bool:
        """Whether a row exists for this caller."""
        kind = kind_of(id)
        category = self.harvest.graph.row_category(kind)
        return category is None or self.shows(category, kind, id)

    def category(self, path: Path, coordinates: Mapping[Path, str]) -> Category:
        """That of the nearest field upwards that has one of its own."""
        for end in range(len(path), 0, -1):
            coordinate = coordinates.get(path[:end])
            if coordinate and self.harvest.graph.categories[coordinate] is not Category.INHERITED:
                return self.harvest.graph.categories[coordinate]
        return Category.PUBLIC

    def held(self, data: Any, path: Path, coordinates: Mapping[Path, str]) -> list[Relations] | None:
        """How the row may stand that a value belongs to; None where no mark tells which row that is."""
        for end in range(len(path) - 1, 0, -1):
            owner = at(data, path[:end])
            kind = coordinates.get(path[: end + 1], "").partition(".")[0]
            if isinstance(owner, dict) and self.harvest.graph.row_category(kind) is not None:
                return self.truth.held(kind, owner[MARK]) if MARK in owner else None
        return None

    # -- by what is asked -----------------------------------------------------------------------------------------

    @cached_property
    def askable(self) -> Askable:
        return Askable.of(self.harvest, self.grants)

    def overasked(self, log: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
        """Systems, and their columns, that have nothing for this caller."""
        asked = asked_of(log)
        return [one for one in asked if one[0] not in self.askable.systems or one in self.askable.withheld]

    def looked_up(self, requests: str, asked: Asked) -> list[str]:
        """What the caller said and may not read, and that was looked for all the same. Keys are links between systems;
        the text of a search goes to every system that has something for the caller, whatever it says."""
        if re.search(r"\bsearch\(", asked.text):
            return []
        return [one for one in sorted(inside("\n".join(values_of(asked)), self.unread)) if one in requests]


def _words(schema: GraphQLSchema) -> Iterator[str]:
    """The choices of all enums: words of the schema, which say nothing of any row."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLEnumType):
            yield from kind.values


def begun(values: Iterable[str]) -> Begun:
    """Values by their beginnings, so that many are sought at once; and, as many begin alike, by how long they are."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for value in values:
        found[value[:SHORTEST]][len(value)].add(value)
    return {start: dict(lengths) for start, lengths in found.items()}


def inside(text: str, values: Begun) -> set[str]:
    """Those of the values that stand anywhere in a text."""
    places = [at for at in range(len(text) - SHORTEST + 1) if text[at : at + SHORTEST] in values]
    words = (
        (text[at : at + length], some) for at in places for length, some in values[text[at : at + SHORTEST]].items()
    )
    return {word for word, some in words if word in some}


def spoken(asked: Asked) -> str:
    return f"{asked.text} {json.dumps(asked.variables, ensure_ascii=False)}"


def values_of(asked: Asked) -> list[str]:
    """Every text that a caller gave as a value, in the document or beside it: names of fields are not."""
    found = [one for one in _texts(asked.variables)]

    class Search(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: object) -> None:
            found.append(node.value)

    if '"' in asked.text:  # or there is none in it
        visit(parse(asked.text), Search())
    return found


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = None if data is None else data[step]
    return data


def marked(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from marked(item)
    elif isinstance(value, dict):
        if isinstance(value.get(MARK), str):
            yield value[MARK]
        for inner in value.values():
            yield from marked(inner)


def kind_of(id: str) -> str:
    found = parsed(id)
    return found[0] if found else ""


def _holds_rows(value: Sequence[Any]) -> bool:
    return any(isinstance(item, dict | list) or item is None for item in value)


def _is_masked(kind: str, value: Any, beside: bool) -> bool:
    """A masked value stays as it is when it is masked again, and what stands beside the one number of an object does."""
    if kind in WITHIN and beside:
        return True
    if not isinstance(value, str):
        return False
    readings: dict[str, Any] = {"amount_band": Decimal, "year": _moment}
    try:
        read = readings.get(kind, str)(value)
    except (ValueError, ArithmeticError):
        return False
    return bool(MASKS[kind](read) == read)


def _moment(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
