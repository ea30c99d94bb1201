"""A partner's client: who it is to us, and the most that its tokens and keys may be for.

One table, the same in `partners.toml`, in the register (`gateway/store`) and in what is imported and exported:

    title       who they are
    role        one of roles.toml of the group "partner"
    keys        relation = what our systems call them there; without one under a relation they have no rows of it
    scopes      the most that their tokens may be for (scopes.toml); all that the role sees, if left out
    issuer      who issues their tokens: the NAME of `issuers.NAME.*` in the settings; without one, they have our keys
    purposes    fewer than the role's, when the contract says so
    clients     "reject" or "redact", when it is not the role's (see roles.toml)
    disclosure  likewise
    limits      { per_minute, at_once, rows, values }: requests; rows and values of one answer; else as the settings say
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.auth import SCOPE
from gateway.errors import BadPolicy
from gateway.policy import reading
from gateway.policy.scopes import Scope

if TYPE_CHECKING:
    from gateway.policy import Role

CLIENTS = ("redact", "reject")
DISCLOSURES = ("full", "category", "reference")
LIMITS = ("per_minute", "at_once", "rows", "values")
NEEDED = ("title", "role", "keys")
KNOWN = ("purposes", "scopes", "issuer", "clients", "disclosure", "limits")


@dataclass(frozen=True, slots=True)
class Partner:
    """`keys`: what our systems call them, by relation. `purposes`: all of the role's, or fewer. `limits`: requests,
    rows, values, as far as agreed. `where`: the place in the file. What is empty is as role or settings have it."""

    client: str
    title: str
    role: str
    keys: Mapping[str, tuple[str, ...]]
    purposes: tuple[str, ...]
    scopes: frozenset[str] = frozenset({SCOPE})
    issuer: str = ""
    where: str = "partners.toml"
    clients: str = ""
    disclosure: str = ""
    limits: tuple[tuple[str, int], ...] = ()


def partner(where: str, client: str, table: object, roles: Mapping[str, Role], known: Mapping[str, Scope]) -> Partner:
    """Raises BadPolicy for anything that is not understood."""
    found = reading.table(where, table, NEEDED, KNOWN)
    role = roles[
        reading.one_of(f"{where} role", found["role"], (r.name for r in roles.values() if r.group == "partner"))
    ]
    keys = reading.table(f"{where} keys", found["keys"], (), found["keys"])
    purposes = reading.texts(f"{where} purposes", found.get("purposes", list(role.purposes)))
    for purpose in purposes:
        reading.one_of(f"{where} purposes", purpose, role.purposes)
    return Partner(
        client,
        reading.text(f"{where} title", found["title"]),
        role.name,
        {relation: reading.texts(f"{where} keys {relation}", one) for relation, one in keys.items()},
        purposes,
        frozenset(
            reading.one_of(f"{where} scopes", scope, (*known, SCOPE))
            for scope in reading.texts(f"{where} scopes", found.get("scopes", [SCOPE]))
        ),
        reading.text(f"{where} issuer", found.get("issuer", "")),
        where,
        reading.one_of(f"{where} clients", found["clients"], CLIENTS) if "clients" in found else "",
        reading.one_of(f"{where} disclosure", found["disclosure"], DISCLOSURES) if "disclosure" in found else "",
        tuple(sorted(_limits(f"{where} limits", found.get("limits", {})).items())),
    )


def _limits(where: str, given: Any) -> Mapping[str, int]:
    found = reading.table(where, given, (), LIMITS)
    for name, number in found.items():
        if type(number) is not int or not 0 < number < 10**6:
            raise BadPolicy(f"{where} {name} is {number!r}, not a whole number from 1")
    return found
