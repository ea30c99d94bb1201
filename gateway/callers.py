"""Authorize: who asks → what they may name and see, by which keys rows are theirs, and how long they may take."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from gateway.auth import Principal
from gateway.auth.delegation import Delegation
from gateway.engine.operation import View
from gateway.engine.viewer import Viewer
from gateway.engine.views import Views
from gateway.policy import Grants, Partner, Policy
from gateway.question import Options
from gateway.standing import Standing, Standings, remembered, who
from resolvers.context import Caller
from schema import Category


class Asking(msgspec.Struct, frozen=True):
    """Somebody who asks, as far as answering them goes.

    view:       what they may name
    grants:     what they may see, for their purpose
    seconds:    their whole time
    disclosed:  how much of a reason they are told: "full", "category" or "reference"
    informed:   whether they need to know how the gateway works: only they hear systems by their names
    called:     what our systems call them, by relation, as far as that decides anything for them
    alike:      the same for whoever sees the same rows in the same way
    partner:    their entry in the register, if they are a partner's client
    """

    principal: Principal
    options: Options
    view: View
    grants: Grants
    viewer: Viewer
    seconds: float
    disclosed: str
    informed: bool
    called: Mapping[str, frozenset[str]]
    alike: str
    partner: Partner | None = None
    categories: list[str] = msgspec.field(default_factory=list)

    def wants(self, extension: str) -> bool:
        """Whether they asked for it, and may have it."""
        return extension in self.options.include and (self.informed or extension == "sources")

    @property
    def caller(self) -> Caller:
        """In the words the graph uses to tell them who they are. What they are called by a relation that decides
        nothing for them says nothing of what they see, and is left out."""
        who, purpose = self.principal, self.viewer.purpose
        return Caller(who.subject, who.role, who.client, purpose, who.customer, self.categories, self.called)


@dataclass(slots=True)
class Callers:
    """Made once per app.

    deadlines:  seconds, by group of role
    label_key:  what opaque names of systems, and references, are made with
    current:    a caller's own key under a relation → the one that facts of rows use today
    known:      what was decided of callers a moment ago
    delegation: what systems that act on behalf of callers are told; None when there are none
    """

    policy: Policy
    views: Views
    deadlines: Mapping[str, float]
    label_key: bytes
    current: Callable[[str], str]
    delegation: Delegation | None = None
    known: Standings = field(default_factory=remembered)
    ticks: Callable[[], float] = time.monotonic

    def asking(self, principal: Principal, options: Options) -> Asking:
        """Raises `Refusal` (NOT_ALLOWED) for a purpose that is not theirs."""
        stand = self.standing(principal, options.purpose)
        subject = self.delegation.subject(principal, stand.purpose) if self.delegation else None
        return Asking(
            principal,
            options,
            stand.view,
            stand.grants,
            Viewer(stand.keys, stand.purpose, subject),
            self.seconds(principal, options),
            "full" if stand.informed and "policy" in options.include else stand.disclosed,
            stand.informed,
            stand.called,
            stand.alike,
            stand.partner,
            stand.categories,
        )

    def standing(self, principal: Principal, wanted: str | None) -> Standing:
        """What is decided of them, for the purpose they want; anew when that may have changed."""
        partner, key, now = self.policy.partners.get(principal.client or ""), who(principal, wanted), self.ticks()
        known = self.known.get(key)
        if known is not None and known.holds(self.policy, partner, now):
            return known
        purpose = self.policy.purpose(principal, wanted)
        grants = self.policy.grants(principal, purpose)
        view, keys = self.view(principal), self.keys(principal)
        deciding, viewer = grants.relations, Viewer(keys)
        stand = Standing(
            self.policy,
            partner,
            purpose,
            grants,
            view,
            keys,
            self.policy.disclosure(principal),
            runs_it(grants),
            [category.value for category in grants.categories],
            {relation: viewer.known_as(relation) for relation in keys if relation in deciding},
            f"{grants.digest} {viewer.known}",
            now,
        )
        return self.known.put(key, stand)

    def on_behalf(self, asking: Asking) -> Callable[[str], str] | None:
        """What systems that act on behalf of this caller are told of them, signed for one of them."""
        if self.delegation is None:
            return None
        return self.delegation.statement(asking.principal, asking.viewer.purpose, asking.options.request_id)

    def view(self, principal: Principal) -> View:
        return self.views.of(self.policy.ceiling(principal))

    def keys(self, principal: Principal) -> Mapping[str, frozenset[str]]:
        """What our systems call the caller today, by relation."""
        keys = self.policy.keys(principal)
        return {name: frozenset(map(self.current, some)) if name == "own" else some for name, some in keys.items()}

    def seconds(self, principal: Principal, options: Options) -> float:
        allowed = self.deadlines[self.group(principal)]
        return min(allowed, options.deadline_ms / 1000) if options.deadline_ms else allowed

    def group(self, principal: Principal) -> str:
        role = self.policy.role(principal)
        return role.group if role else "partner"

    def informed(self, principal: Principal) -> bool:
        return runs_it(self.policy.grants(principal))

    def names(self, asking: Asking) -> Callable[[str], str]:
        """System → what this caller hears it called."""
        return str if asking.informed else self.label

    def label(self, system: str) -> str:
        """Stable, and it says nothing."""
        return "system-" + hashlib.blake2b(system.encode(), digest_size=3, key=self.label_key[:64]).hexdigest()

    def classes(self) -> Iterator[tuple[Grants, View]]:
        """Every class of callers there is: what it is granted, and what it may name."""
        known = [Principal("", role) for role in self.policy.roles]
        known += [Principal("", partner.role, client=partner.client) for partner in self.policy.partners.values()]
        for one in known:
            for purpose in self.policy.purposes(one):
                yield self.policy.grants(one, purpose), self.view(one)


def runs_it(grants: Grants) -> bool:
    return grants.decide(Category.OPERATIONS).sees()
