"""Why something is shown or not, in words: for `who-sees`, for `explain`, and for `extensions.absent[].why`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import CallerError, Code, Refusal
from gateway.policy.grants import Decision, Grants, Sight, Verdict, subsets
from gateway.policy.rules import Relations, deciding
from schema import Category

UNSEEN = "does not see it"
UNSAID = "no line allows it"


def sentence(
    grants: Grants,
    category: Category,
    row: Category | None,
    possible: Container[str] | None = None,
    shown: Callable[[Sight], Sight] = lambda sight: sight,
) -> str:
    """What these callers see of a coordinate of this category, on rows that are there for them. `possible`: relations
    that a row can have to them; None: all. `shown`: what the coordinate makes of a sight (`masking.shown_at`)."""
    named = {name for one in (category, row) if one for name in grants.decide(one).relations}
    relations = {name for name in named if possible is None or name in possible}
    there = [held for held in subsets(relations) if row is None or grants.decide(row).sees(held)]
    sights = {held: shown(grants.decide(category).on(held)) for held in there}
    return _worded(sights, whole=len(there) == 2 ** len(relations))


def in_words(decision: Decision) -> str:
    """What is seen of something, on which rows."""
    return _worded({held: decision.on(held) for held in subsets(decision.relations)}, whole=True)


def _worded(sights: Mapping[Relations, Sight], *, whole: bool) -> str:
    if all(sight.verdict is Verdict.WITHHELD for sight in sights.values()):
        return UNSEEN
    if whole and len(set(sights.values())) == 1:
        return f"{_sees(next(iter(sights.values())))}, on every row"
    return "; ".join(sorted(_conditions(sights), key=lambda part: part.endswith("others")))


@dataclass(frozen=True, slots=True)
class Line:
    """What the rows show of which exactly these `relations` hold, of those that decide anything; and by which line."""

    relations: tuple[str, ...]
    sight: Sight
    rule: str

    def __str__(self) -> str:
        sees = UNSEEN if self.sight.verdict is Verdict.WITHHELD else _sees(self.sight)
        rows = _named(frozenset(self.relations)) if self.relations else "on rows without any such relation"
        return f"{sees} {rows}: {self.rule}"


def lines(grants: Grants, category: Category) -> Iterator[Line]:
    """For every set of relations that decides anything, the line that does."""
    decision = grants.decide(category)
    for held in subsets(decision.relations):
        yield Line(tuple(sorted(held)), decision.on(held), rule(grants, category, held))


def rule(grants: Grants, category: Category, held: Relations = frozenset()) -> str:
    """The line that decides about rows of which these relations hold."""
    return deciding(grants.rules, category, held)[2] or UNSAID


def _sees(sight: Sight) -> str:
    return f"sees it masked ({sight.kind})" if sight.kind else "sees it"


def _conditions(sights: Mapping[Relations, Sight]) -> Iterator[str]:
    """One part for each way of seeing it, under the fewest relations that it takes."""
    for sight in dict.fromkeys(sights.values()):
        if sight.verdict is not Verdict.WITHHELD:
            ways = [held for held, one in sights.items() if one == sight]
            least = [way for way in ways if not any(other < way for other in ways)]
            yield f"{_sees(sight)}, {' or '.join(map(_named, least))}"


def _named(way: Relations) -> str:
    return f"on rows that are {' and '.join(sorted(way))}" if way else "on all others"


def why(grants: Grants, purpose: str | None, entry: Mapping[str, Any], disclosure: str, key: bytes) -> dict[str, Any]:
    """`why` of one absence, as far as the client may be told: the line that decides and what it would take ("full"), or
    a reference that the privacy officer can look up ("reference"). The category alone stands beside it ("category")."""
    reference = ref(entry["coordinate"], entry.get("category", ""), purpose, key)
    if disclosure != "full" or not entry.get("category"):
        return {"ref": reference}
    category = Category(entry["category"])
    lacking = grants.decide(category).relations
    told = {"rule": rule(grants, category), "needs": needs(category, purpose, lacking)}
    return told | {"requestable": not lacking, "ref": reference}


def not_allowed(named: Mapping[str, str], grants: Grants, purpose: str | None, disclosure: str, key: bytes) -> Refusal:
    """The refusal of an operation that names what no row shows: coordinate → category. One error for each."""
    return Refusal([_not_allowed(at, category, grants, purpose, disclosure, key) for at, category in named.items()])


def _not_allowed(
    coordinate: str, category: str, grants: Grants, purpose: str | None, disclosure: str, key: bytes
) -> CallerError:
    entry = {"coordinate": coordinate, "category": category}
    told: dict[str, Any] = {"coordinate": coordinate}
    if disclosure != "reference" and category:
        told["category"] = category
    if disclosure != "category":
        told["why"] = why(grants, purpose, entry, disclosure, key)
    message = f"{coordinate} is not among what you need to know" + (f" for {purpose}" if purpose else "")
    return CallerError(message, Code.NOT_ALLOWED, extensions=told)


def needs(category: Category, purpose: str | None, relations: Collection[str]) -> dict[str, Any]:
    """What seeing it depends on."""
    told: dict[str, Any] = {"category": category.value, "purpose": purpose}
    if others := sorted(set(relations) - {"consenting"}):
        told["relation"] = others
    if "consenting" in relations:
        told["consent"] = True
    return told


def ref(coordinate: str, category: str, purpose: str | None, key: bytes) -> str:
    """Says nothing to who does not have our key; the same for everybody who misses the same for the same purpose."""
    return hashlib.blake2b(f"{coordinate} {category} {purpose}".encode(), digest_size=5, key=key[:64]).hexdigest()


def referred(
    reference: str, coordinates: Iterable[str], purposes: Iterable[str], key: bytes
) -> Iterator[tuple[str, str, str | None]]:
    """What a reference stands for: coordinate, category ("": of none) and purpose."""
    for coordinate in coordinates:
        for category in ("", *Category):
            for purpose in (None, *purposes):
                if ref(coordinate, category, purpose, key) == reference:
                    yield coordinate, category, purpose


def with_reasons(
    absent: Sequence[Mapping[str, Any]], grants: Grants, purpose: str | None, disclosure: str, key: bytes
) -> list[dict[str, Any]]:
    """Absences with as much of their reason as the client may be told. `key`: what references are made with."""
    told = []
    for entry in absent:
        if entry["reason"] in ("WITHHELD", "MASKED"):
            reason = {} if disclosure == "category" else {"why": why(grants, purpose, entry, disclosure, key)}
            kept = {name: value for name, value in entry.items() if name != "category" or disclosure != "reference"}
            told.append(kept | reason)
        else:
            told.append(dict(entry))
    return told
