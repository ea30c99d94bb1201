"""Why something is shown or not, in words: for `who-sees`, for `explain`, and for `extensions.absent[].why`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.errors import CallerError, Code, Refusal
from gateway.policy.grants import Grants, Sight, Verdict, subsets
from gateway.policy.rules import Relations, deciding
from schema import Category


def sentence(grants: Grants, category: Category, row: Category | None) -> str:
    """What these callers see of a coordinate of this category, on rows that are there for them."""
    relations = {name for one in (category, row) if one for name in grants.decide(one).relations}
    there = [held for held in subsets(relations) if row is None or grants.decide(row).sees(held)]
    sights = {held: grants.decide(category).on(held) for held in there}
    if all(sight.verdict is Verdict.WITHHELD for sight in sights.values()):
        return "does not see it"
    whole = len(there) == 2 ** len(relations)
    if whole and len(set(sights.values())) == 1:
        return f"{_sees(next(iter(sights.values())))}, on every row"
    return "; ".join(sorted(_conditions(sights), key=lambda part: part.endswith("others")))


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


def why(grants: Grants, purpose: str | None, entry: Mapping[str, Any], disclosure: str) -> dict[str, Any]:
    """`why` of one absence, as far as the client may be told: the line that decides and what it would take ("full"), or
    a reference that the privacy officer can look up ("reference"). The category alone stands beside it ("category")."""
    reference = ref(entry["coordinate"], entry.get("category", ""), purpose)
    if disclosure != "full" or not entry.get("category"):
        return {"ref": reference}
    category = Category(entry["category"])
    _, _, where = deciding(grants.rules, category, frozenset())
    lacking = grants.decide(category).relations
    needs: dict[str, Any] = {"category": category.value, "purpose": purpose}
    if others := sorted(set(lacking) - {"consenting"}):
        needs["relation"] = others
    if "consenting" in lacking:
        needs["consent"] = True
    return {"rule": where or "no line allows it", "needs": needs, "requestable": not lacking, "ref": reference}


def not_allowed(named: Mapping[str, str], grants: Grants, purpose: str | None, disclosure: str) -> Refusal:
    """The refusal of an operation that names what no row shows: coordinate → category. One error for each."""
    return Refusal([_not_allowed(at, category, grants, purpose, disclosure) for at, category in named.items()])


def _not_allowed(coordinate: str, category: str, grants: Grants, purpose: str | None, disclosure: str) -> CallerError:
    entry = {"coordinate": coordinate, "category": category}
    told: dict[str, Any] = {"coordinate": coordinate}
    if disclosure != "reference" and category:
        told["category"] = category
    if disclosure != "category":
        told["why"] = why(grants, purpose, entry, disclosure)
    message = f"{coordinate} is not among what you need to know" + (f" for {purpose}" if purpose else "")
    return CallerError(message, Code.NOT_ALLOWED, extensions=told)


def ref(coordinate: str, category: str, purpose: str | None) -> str:
    """Says nothing by itself; the same for everybody who misses the same for the same purpose."""
    return hashlib.blake2b(f"{coordinate} {category} {purpose}".encode(), digest_size=5).hexdigest()


def with_reasons(
    absent: Sequence[Mapping[str, Any]], grants: Grants, purpose: str | None, disclosure: str
) -> list[dict[str, Any]]:
    """Absences with as much of their reason as the client may be told."""
    told = []
    for entry in absent:
        if entry["reason"] in ("WITHHELD", "MASKED"):
            reason = {} if disclosure == "category" else {"why": why(grants, purpose, entry, disclosure)}
            kept = {key: value for key, value in entry.items() if key != "category" or disclosure != "reference"}
            told.append(kept | reason)
        else:
            told.append(dict(entry))
    return told
