"""Cedar reads the same policy files as we do, and comes to the same decision in every cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.auth import Principal
from gateway.policy import NOTHING, SEEN, WITHHELD, Grants, Policy, Role, Rule, Sight, Verdict, cedar
from gateway.policy.grants import subsets
from gateway.policy.masks import MASKS
from resolvers.whole import bindings
from schema import Category
from tests.gateway.policy.second_opinion import PUBLISHED, Cedar, Cell

POLICY = Policy.read()
KNOWN = frozenset(name for _, name in bindings().relations)
PURPOSES = sorted({purpose for role in POLICY.roles.values() for purpose in role.purposes})
STRANGER = "somebody nobody has written down"


def named(role: Role) -> frozenset[str]:
    """Relations that any line on a role speaks of."""
    return frozenset(name for rule in (*POLICY.common, *role.rules) for name in rule.relations)


def differences(cells: list[Cell], expected: list[Sight]) -> list[tuple[Cell, Sight, Sight]]:
    told = Cedar.of(POLICY).sights(cells)
    return [(cell, ours, theirs) for cell, ours, theirs in zip(cells, expected, told, strict=True) if ours != theirs]


def sets(role: Role) -> Iterator[frozenset[str]]:
    """Relations that can hold at once: of those the role's lines name, every set, with and without all the others."""
    for held in subsets(named(role)):
        yield from {held, held | (KNOWN - named(role))}


def decided(grants: Grants, category: Category, held: frozenset[str]) -> Sight:
    return grants.decide(category).on(held)


def test_every_cell_of_every_role_is_decided_alike() -> None:
    """For the purposes that a role does not have, too: they show nothing."""
    found = [
        (Cell(role.name, purpose, category, held), decided(role.by_purpose.get(purpose, NOTHING), category, held))
        for role in POLICY.roles.values()
        for purpose in (*PURPOSES, "unheard-of")
        for category in PUBLISHED
        for held in sets(role)
    ]

    assert differences([cell for cell, _ in found], [sight for _, sight in found]) == []
    print(f"\n{len(found):,} cells, {len(POLICY.roles)} roles")


@pytest.mark.long
@pytest.mark.parametrize("name", POLICY.roles)
def test_relations_that_no_line_names_change_nothing(name: str) -> None:
    role = POLICY.roles[name]
    cells = [
        Cell(name, purpose, category, held)
        for purpose in role.purposes
        for category in PUBLISHED
        for held in subsets(KNOWN | named(role))
    ]

    assert differences(cells, [decided(role.by_purpose[c.purpose], c.category, c.held) for c in cells]) == []


def test_every_partner_s_client_is_decided_as_its_role_for_its_own_purposes() -> None:
    cells = [
        Cell(f"client:{partner.client}", purpose, category, held)
        for partner in POLICY.partners.values()
        for purpose in PURPOSES
        for category in PUBLISHED
        for held in sets(POLICY.roles[partner.role])
    ]

    assert differences(cells, [decided(granted(c.who, c.purpose), c.category, c.held) for c in cells]) == []


def granted(who: str, purpose: str) -> Grants:
    partner = POLICY.partners[who.removeprefix("client:")]
    principal = Principal("machine", partner.role, client=partner.client)
    return POLICY.grants(principal, purpose) if purpose in POLICY.purposes(principal) else NOTHING


def test_who_is_written_down_nowhere_sees_nothing_for_either() -> None:
    cells = [Cell(STRANGER, purpose, category, KNOWN) for purpose in PURPOSES for category in PUBLISHED]

    assert POLICY.grants(Principal("x", STRANGER)) == NOTHING
    assert differences(cells, [WITHHELD] * len(cells)) == []


def test_a_partner_with_fewer_purposes_has_no_others(tmp_path: Path) -> None:
    (tmp_path / "partners.toml").write_text(
        '[few]\ntitle = "x"\nrole = "partner_carrier"\nkeys = {}\npurposes = []\n'
        '[all]\ntitle = "x"\nrole = "partner_carrier"\nkeys = {}\n'
    )
    policy = Policy.read(partners=tmp_path / "partners.toml")
    carried = frozenset({"carried-by-me"})
    told = Cedar.of(policy).sights(
        [Cell(f"client:{one}", "fulfilment", Category.DELIVERY, carried) for one in ("few", "all")]
    )

    assert told == [WITHHELD, SEEN]


# -- any policy there could be ----------------------------------------------------------------------------------------

WORDS = ("own", "assigned", 'say "own"\\\n')
SOME = [Category.IDENTITY, Category.CONTACT, Category.FINANCIAL]
several = st.frozensets(st.sampled_from(SOME), max_size=2)
relations = st.frozensets(st.sampled_from(WORDS), max_size=2)
purposes = st.none() | st.frozensets(st.sampled_from(["service", "billing", "audit"]), max_size=2)
masks = st.dictionaries(st.sampled_from(SOME), st.sampled_from(["initial", "year"]), max_size=2)
lines = st.lists(st.tuples(purposes, relations, relations, several, masks, several), max_size=4)


def rules(where: str, drawn: list[tuple[object, ...]]) -> tuple[Rule, ...]:
    return tuple(Rule(f"{where} {number}", *one) for number, one in enumerate(drawn))  # type: ignore[arg-type]


@settings(max_examples=60)
@given(lines, lines)
def test_lines_of_any_kind_mean_the_same_to_both(
    everyone: list[tuple[object, ...]], own: list[tuple[object, ...]]
) -> None:
    """Forbidding, masking twice, `when` against `unless`, no purpose at all, words in quotes."""
    common, mine = rules("everyone", everyone), rules("mine", own)
    asked = ("service", "billing")
    grants = {one: Grants.compiled(rule for rule in (*common, *mine) if rule.serves(one)) for one in asked}
    policy = Policy({"me": Role("me", "", "staff", asked, grants, rules=mine)}, common=common)
    cells = [Cell("me", p, c, held) for p in (*asked, "audit") for c in SOME for held in subsets(WORDS)]

    told = Cedar.of(policy).sights(cells)

    assert told == [grants.get(cell.purpose, NOTHING).decide(cell.category).on(cell.held) for cell in cells]


def test_the_second_opinion_is_one(tmp_path: Path) -> None:
    """A line that only one of the two has read makes a difference."""
    text = Path(str(cedar.__file__)).with_name("roles.toml").read_text()
    (tmp_path / "roles.toml").write_text(text.replace('contact = "domain"', 'contact = "initial"'))
    other = Cedar.of(Policy.read(tmp_path / "roles.toml"))
    cell = Cell("marketer", "marketing", Category.CONTACT, frozenset({"consenting"}))

    assert Cedar.of(POLICY).sight(cell) == Sight(Verdict.MASKED, "domain")
    assert other.sight(cell) == Sight(Verdict.MASKED, "initial")


def test_every_mask_is_an_action_and_every_line_has_an_id_of_its_own() -> None:
    text = cedar.policies(POLICY)
    ids = [line for line in text.splitlines() if line.startswith("@id(")]

    assert all(f'"mask:{kind}"' in cedar.vocabulary() for kind in MASKS)
    assert len(set(ids)) == len(ids) == text.count(";\n")


def test_the_entities_are_the_partners_each_in_its_role() -> None:
    found = json.loads(str(cedarpy.Entities.from_json_str(json.dumps(cedar.entities(POLICY)))))

    assert {one["uid"]["id"] for one in found} >= POLICY.partners.keys()
