"""Need to know: what each role and each partner sees, for which purpose. Read from TOML; what is not listed there is
withheld.

    reading.py   TOML → rules; what is not understood stops the start
    rules.py     a line of policy, and which line decides
    scopes.py    a token's scopes, and how far they reach
    partners.py  partners' clients
    grants.py    the rules of one subject for one purpose, compiled to truth tables
    cedar.py     the same rules as Cedar policies, for who would rather ask another engine
    masks.py     how a part of a value is shown
    reasons.py   why something is not shown, in sentences and for `extensions`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gateway.auth import SCOPE, Principal
from gateway.engine.lru import Lru
from gateway.errors import BadPolicy, CallerError, Code, Refusal
from gateway.policy import reading, scopes
from gateway.policy.grants import BITS, NOTHING, SEEN, WITHHELD, Decision, Grants, Sight, Verdict
from gateway.policy.partners import CLIENTS, DISCLOSURES, Partner
from gateway.policy.partners import partner as read_partner
from gateway.policy.rules import Rule
from gateway.policy.scopes import SCOPES, Reach, Scope
from schema import Category

__all__ = [
    "NOTHING",
    "SEEN",
    "WITHHELD",
    "BadPolicy",
    "Decision",
    "Grants",
    "Partner",
    "Policy",
    "Role",
    "Rule",
    "Sight",
    "Verdict",
]

ROLES = Path(__file__).with_name("roles.toml")
PARTNERS = Path(__file__).with_name("partners.toml")
EVERYONE = "everyone"
MOST_NARROWED = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Role:
    """What a role is, and what it sees by purpose; the first purpose is the one it has when nobody says. `rules`: the
    lines of its own table, for all purposes."""

    name: str
    title: str
    group: str
    purposes: tuple[str, ...]
    by_purpose: Mapping[str, Grants] = field(repr=False)
    clients: str = "redact"
    disclosure: str = "category"
    rules: tuple[Rule, ...] = field(default=(), repr=False)

    @property
    def grants(self) -> Grants:
        """What it sees when nobody says for which purpose."""
        return self.by_purpose[self.purposes[0]]


@dataclass(frozen=True, slots=True)
class Policy:
    """`common`: the lines that bind every role, whatever its own say. `narrowed`: grants under a ceiling, each made
    once."""

    roles: Mapping[str, Role]
    partners: Mapping[str, Partner] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    common: tuple[Rule, ...] = ()
    narrowed: Lru[tuple[Grants, Reach], Grants] = field(default_factory=lambda: Lru(MOST_NARROWED), repr=False)

    @classmethod
    def read(cls, roles: Path = ROLES, partners: Path | None = PARTNERS, reaches: Path = SCOPES) -> Policy:
        """Raises BadPolicy for anything that is not understood. `reaches`: the file of scopes."""
        policy, faults = cls.understood(roles, partners, reaches)
        for fault in faults:
            raise fault
        return policy

    @classmethod
    def understood(cls, roles: Path, partners: Path | None, reaches: Path = SCOPES) -> tuple[Policy, list[BadPolicy]]:
        """What can be understood of the files, and what cannot: the first fault of every table. Partners are looked at
        once all roles are understood."""
        faults: list[BadPolicy] = []
        found = dict(_attempt(faults, reading.tables, roles) or {})
        common = _attempt(faults, _common, f"{roles.name}: [{EVERYONE}]", found.pop(EVERYONE, {})) or ()
        read = (
            (name, _attempt(faults, _role, f"{roles.name}: [{name}]", name, one, common)) for name, one in found.items()
        )
        made = {name: role for name, role in read if role}
        if not faults:
            faults += _unheard_of(common, made)
        known = _attempt(faults, scopes.read, reaches) or {}
        if faults or partners is None:
            return cls(made, {}, known, common), faults
        listed = _attempt(faults, reading.tables, partners) or {}
        where = partners.name
        clients = (
            (name, _attempt(faults, read_partner, f"{where}: [{name}]", name, one, made, known))
            for name, one in listed.items()
        )
        return cls(made, {name: one for name, one in clients if one}, known, common), faults

    def role(self, principal: Principal) -> Role | None:
        return self.roles.get(principal.role)

    def purpose(self, principal: Principal, wanted: str | None = None) -> str | None:
        """What the caller asks for: what their token is bound to, else what their role is for. `X-Purpose` (`wanted`)
        chooses among these, and widens nothing. Raises NOT_ALLOWED."""
        allowed = self.purposes(principal)
        if wanted and wanted not in allowed:
            said = ", ".join(allowed) or "none"
            problem = CallerError(f"You may not ask for the purpose {wanted!r}; yours: {said}", Code.NOT_ALLOWED)
            raise Refusal((problem,))
        return wanted or (allowed[0] if allowed else None)

    def purposes(self, principal: Principal) -> tuple[str, ...]:
        role, partner = self.role(principal), self.partners.get(principal.client or "")
        allowed = role.purposes if role else ()
        if partner:
            allowed = tuple(purpose for purpose in allowed if purpose in partner.purposes)
        return allowed if principal.purpose is None else tuple(one for one in allowed if one == principal.purpose)

    def grants(self, principal: Principal, purpose: str | None = None) -> Grants:
        """What this caller may see for a purpose (None: their usual one); nothing for a role nobody has written down,
        or a partner's client in another role than theirs."""
        role, partner = self.role(principal), self.partners.get(principal.client or "")
        if role is None or (partner and partner.role != role.name):
            return NOTHING
        return self._under(role.by_purpose.get(purpose or self.purpose(principal) or "", NOTHING), principal)

    def scopes_of(self, principal: Principal) -> frozenset[str]:
        """What the caller's token is for; of a registered partner, as far as its entry in the register goes."""
        partner = self.partners.get(principal.client or "")
        if partner is None or SCOPE in partner.scopes:
            return principal.scopes
        return partner.scopes if SCOPE in principal.scopes else principal.scopes & partner.scopes

    def reach(self, principal: Principal) -> Reach:
        """The categories that the caller's scopes reach: a ceiling over what their role shows, never a grant."""
        held = self.scopes_of(principal)
        return scopes.ALL if SCOPE in held else scopes.reach(self.scopes, held)

    def _under(self, grants: Grants, principal: Principal) -> Grants:
        reach = self.reach(principal)
        if reach == scopes.ALL:
            return grants
        key = grants, reach
        return self.narrowed.get(key) or self.narrowed.put(key, reach.over(grants))

    def ceiling(self, principal: Principal) -> int | None:
        """Categories that a client may name which is refused for what it may not have: all it could ever be shown, for
        any purpose it may have. None: the client names what it likes, and finds nulls in the places of the rest."""
        role, partner = self.role(principal), self.partners.get(principal.client or "")
        if role is not None and ((partner.clients if partner else "") or role.clients) == "redact":
            return None
        ceiling = BITS[Category.PUBLIC]
        for purpose in self.purposes(principal):
            ceiling |= self.grants(principal, purpose).ever
        return ceiling

    def disclosure(self, principal: Principal) -> str:
        """How much of a reason this caller is told."""
        role, partner = self.role(principal), self.partners.get(principal.client or "")
        return (partner.disclosure if partner else "") or (role.disclosure if role else "reference")

    def keys(self, principal: Principal) -> Mapping[str, frozenset[str]]:
        """The caller's own keys by relation: what a row's fact must be among. A partner's are in the register, never in
        the token; everybody else's are what the token's issuer says."""
        partner = self.partners.get(principal.client or "")
        given = partner.keys if partner else principal.keys
        keys = {relation: frozenset(one) for relation, one in given.items()}
        return keys | ({"own": frozenset({principal.customer})} if principal.customer else {})

    @property
    def relations(self) -> Iterator[tuple[str, str]]:
        """Every relation that a rule or a partner's key names, with the place."""
        for role in self.roles.values():
            for grants in role.by_purpose.values():
                yield from ((relation, rule.where) for rule in grants.rules for relation in rule.relations)
        for one in self.partners.values():
            yield from ((relation, f"{one.where} keys") for relation in one.keys)


def _attempt(faults: list[BadPolicy], read: Callable[..., T], *given: object) -> T | None:
    try:
        return read(*given)
    except BadPolicy as fault:
        faults.append(fault)
        return None


def _unheard_of(common: Iterable[Rule], roles: Mapping[str, Role]) -> Iterator[BadPolicy]:
    """A line for everyone that names a purpose nobody has would bind nobody."""
    known = sorted({purpose for role in roles.values() for purpose in role.purposes})
    for rule in common:
        for purpose in sorted((rule.purposes or frozenset()) - {*known}):
            yield BadPolicy(f"{rule.where} purpose is {purpose!r}, which no role has; known are {', '.join(known)}")


def _common(where: str, table: object) -> tuple[Rule, ...]:
    return reading.rules(where, reading.table(where, table, (), {"rule"}), None)


def _role(where: str, name: str, table: object, common: tuple[Rule, ...]) -> Role:
    found = reading.table(where, table, ("title", "group", "purposes"), ("any", "rule", "clients", "disclosure"))
    purposes = reading.texts(f"{where} purposes", found["purposes"])
    if not purposes:
        raise BadPolicy(f"{where} has no purpose")
    own = reading.rules(where, found, purposes)
    rules = (*common, *own)
    return Role(
        name,
        reading.text(f"{where} title", found["title"]),
        reading.one_of(f"{where} group", found["group"], ("staff", "partner")),
        purposes,
        {one: Grants.compiled(rule for rule in rules if rule.serves(one)) for one in purposes},
        reading.one_of(f"{where} clients", found.get("clients", "redact"), CLIENTS),
        reading.one_of(f"{where} disclosure", found.get("disclosure", "category"), DISCLOSURES),
        own,
    )
