"""Cedar's opinion of the policy files: what each caller sees of each category, asked of an engine that is not ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cedarpy

from gateway.policy import SEEN, WITHHELD, Policy, Sight, Verdict, cedar
from gateway.policy.cedar import SEE, masking
from gateway.policy.masks import MASKS
from gateway.policy.rules import Relations
from schema import Category

PUBLISHED = [category for category in Category if category is not Category.INHERITED]


class Cell(NamedTuple):
    """`who`: a role's name, or `client:` and a partner's."""

    who: str
    purpose: str
    category: Category
    held: Relations


@dataclass(frozen=True, slots=True)
class Cedar:
    policies: cedarpy.PolicySet
    entities: cedarpy.Entities
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, policy: Policy) -> Cedar:
        text = cedar.policies(policy)
        valid = cedarpy.validate_policies(text, cedar.vocabulary())
        assert valid.validation_passed, valid.errors
        entities = cedarpy.Entities.from_json_str(json.dumps(cedar.entities(policy)))
        return cls(cedarpy.PolicySet.from_str(text), entities, _kinds(text))

    def sights(self, cells: Sequence[Cell]) -> list[Sight]:
        """One for each cell. That not two masks apply at once is asserted."""
        seen = self.allowed((cell, SEE) for cell in cells)
        left = [cell for cell, whole in zip(cells, seen, strict=True) if not whole]
        asked = [(cell, kind) for cell in left for kind in self.kinds]
        told = self.allowed((cell, masking(kind)) for cell, kind in asked)
        masks: dict[Cell, str] = {}
        for (cell, kind), allowed in zip(asked, told, strict=True):
            if allowed:
                assert masks.setdefault(cell, kind) == kind, f"{cell} is masked twice"
        return [
            SEEN if whole else Sight(Verdict.MASKED, masks[cell]) if cell in masks else WITHHELD
            for cell, whole in zip(cells, seen, strict=True)
        ]

    def sight(self, cell: Cell) -> Sight:
        return self.sights([cell])[0]

    def allowed(self, asked: Iterable[tuple[Cell, str]]) -> list[bool]:
        requests = [_request(cell, action) for cell, action in asked]
        answers = cedarpy.is_authorized_batch(requests, self.policies, self.entities)
        assert not any(answer.diagnostics.errors for answer in answers)
        return [answer.allowed for answer in answers]


def _request(cell: Cell, action: str) -> dict[str, object]:
    _, client, name = cell.who.rpartition("client:")
    return {
        "principal": {"type": "Client" if client else "Role", "id": name},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Category", "id": cell.category.value},
        "context": {"purpose": cell.purpose, "relations": sorted(cell.held)},
    }


def _kinds(text: str) -> tuple[str, ...]:
    """Masks that any line speaks of; nobody is allowed the others."""
    return tuple(kind for kind in MASKS if f'Action::"{masking(kind)}"' in text)
