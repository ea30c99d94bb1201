"""`extensions.cost`: what an answer could have come to, by its plan, and what it did; in fields, the values (and
objects, and nulls) that stand under a response key. And the limit on its values alone, for which objects do not count.

Estimated before anything is asked, from the same sizes as the limit on rows (`guard.possible_rows`): a page has as many
rows as `first` says, a list by keys as many as there are keys, any other list one. So an answer comes to more only
where lists have no length of their own, such as the lines of an order. What is withheld is a null: one field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.engine.guard import Prepared, list_length
from gateway.engine.plan import Branch, Field, Gate, Inline, Plan, Rows, Selection


@dataclass(frozen=True, slots=True)
class _Estimate:
    """`objects`: whether they count as well."""

    prepared: Prepared
    objects: bool = True

    def rows(self, rows: Rows | None, pending: int) -> int:
        """Fields of one row. `pending`: how many rows the next list has."""
        match rows:
            case None:
                return 0
            case Gate():
                return max(self.rows(case.selection, pending) for case in rows.cases.values() if case)
            case Selection():
                return sum(self.own(one) + self.below(one, pending) for one in rows.fields)

    def own(self, one: Field) -> int:
        composite = isinstance(one, Inline) or (isinstance(one, Branch) and one.leaf is None)
        return int(self.objects or not composite)

    def below(self, one: Field, pending: int) -> int:
        match one:
            case Inline():
                count, left = (pending, 1) if one.slot.depth else (1, pending)
                return count * self.rows(one.selection, left)
            case Branch():
                pending = self.brought(one, pending)
                count, left = (pending, 1) if one.slot.depth else (min(pending, 1), pending)
                return count * max((self.rows(rows, left) for rows in one.below.values()), default=0)
        return 0

    def brought(self, branch: Branch, pending: int) -> int:
        """How many rows an edge brings; none when it will not be asked."""
        if branch.edge is None:
            return pending
        arguments = self.prepared.arguments.get(id(branch.edge))
        unasked = arguments is None or id(branch.edge) in self.prepared.guarded
        return 0 if unasked or arguments is None else list_length(arguments)


def cost(plan: Plan, prepared: Prepared, data: Any) -> Mapping[str, int]:
    return {"estimated": estimated(plan, prepared), "actual": actual(data)}


def estimated(plan: Plan, prepared: Prepared) -> int:
    ours = sum(_Estimate(prepared).rows(step, 1) for step in plan.steps)
    return ours + len(plan.order) - sum(len(step.fields) for step in plan.steps)


def possible_values(plan: Plan, prepared: Prepared) -> int:
    """How many scalars and enums the answer could have, the answer about the schema not counted."""
    return sum(_Estimate(prepared, objects=False).rows(step, 1) for step in plan.steps)


def too_many_values(values: int, most: int) -> str:
    return f"The answer could have {values} values; at most {most} are served. Ask for shorter pages or fewer fields"


def actual(data: Any) -> int:
    """Response keys, all of them."""
    if isinstance(data, dict):
        return len(data) + sum(map(actual, data.values()))
    return sum(map(actual, data)) if isinstance(data, list) else 0
