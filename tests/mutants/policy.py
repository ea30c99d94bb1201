"""Policies that are wrong on purpose: what decides who sees what, from the lines of the file to the last comparison with a
row's fact. Each is one small slip, and the named tests have to notice.
"""

from __future__ import annotations

from tests.mutants.patches import Patch

CELLS = "tests/gateway/policy/test_cedar.py::test_every_cell_of_every_role_is_decided_alike"
CEDAR = (CELLS, "tests/gateway/policy/test_cedar.py")
SENTENCES = ("tests/gateway/policy/test_sentences.py",)
SCOPES = ("tests/gateway/policy/test_scopes.py",)
HOLDS = ("tests/gateway/policy/test_it_holds.py",)
VIEWS = ("tests/gateway/test_views.py",)
LIBRARY = ("tests/gateway/engine/test_another_graph.py", "tests/gateway/engine/test_once_wrong.py")
STANDING = ("tests/gateway/test_standing.py",)
FRESH = ("tests/gateway/traffic/test_freshness.py",)
CACHE = ("tests/gateway/traffic/test_cache.py",)
NOT_YOURS = ("tests/principals/test_not_yours.py",)
SENT = ("tests/principals/test_same_time.py::test_what_the_systems_send_does_not_tell_them_apart_either",)
CROSSINGS = ("tests/principals/test_crossings.py::test_nobody_gets_anybody_elses_answer",)
LISTS = ("tests/journeys/test_finding.py::test_a_customer_s_lists_hold_what_is_theirs_and_count_nothing_else",)
CURSORS = ("tests/principals/test_not_yours.py::test_a_cursor_of_somebody_else_is_no_cursor", *HOLDS)

POLICY = [
    # -- lines of the file ------------------------------------------------------------------------------------------
    Patch(
        "a line that forbids is one among others",
        "gateway/policy/rules.py",
        "        if category in rule.forbid:\n",
        "        if category in rule.forbid and not rule.when:\n",
        CEDAR,
    ),
    Patch(
        "what is forbidden is not",
        "gateway/policy/rules.py",
        "speaking = [rule for rule in rules if rule.speaks_of(category) and rule.applies(held)]",
        "speaking = [rule for rule in rules if category in {*rule.allow, *rule.mask} and rule.applies(held)]",
        CEDAR,
    ),
    Patch(
        "a mask beats a grant",
        "gateway/policy/rules.py",
        "    for rule in speaking:\n        if category in rule.allow:\n",
        "    for rule in speaking:\n        if category in rule.mask:\n            return 'mask', rule.mask[category], rule.where\n"
        "        if category in rule.allow:\n",
        CEDAR,
    ),
    Patch(
        "one of several relations is enough",
        "gateway/policy/rules.py",
        "return self.when <= held and",
        "return (not self.when or bool(self.when & held)) and",
        CEDAR,
    ),
    Patch(
        "unless is not heard",
        "gateway/policy/rules.py",
        " and self.unless.isdisjoint(held)",
        "",
        CEDAR,
    ),
    Patch(
        "a line is good for every purpose",
        "gateway/policy/rules.py",
        "return self.purposes is None or purpose in self.purposes",
        "return True",
        CEDAR,
    ),
    Patch(
        "what binds everybody binds nobody",
        "gateway/policy/__init__.py",
        "    rules = (*common, *own)\n",
        "    rules = own\n",
        (*SENTENCES, *CEDAR),
    ),
    Patch(
        "a masked value is seen",
        "gateway/policy/grants.py",
        'return SEEN if effect == "allow" else',
        'return SEEN if effect in ("allow", "mask") else',
        CEDAR,
    ),
    Patch(
        "relations change places",
        "gateway/policy/grants.py",
        "                place |= 1 << bit\n",
        "                place |= 1 << (len(self.relations) - 1 - bit)\n",
        CEDAR,
    ),
    Patch(
        "grants are equal whatever they decide",
        "gateway/policy/grants.py",
        "    identity: tuple[Decision, ...] = field(init=False, repr=False)\n",
        "    identity: tuple[Decision, ...] = field(init=False, compare=False, repr=False)\n",
        (*HOLDS, *SCOPES),
    ),
    # -- callers ----------------------------------------------------------------------------------------------------
    Patch(
        "X-Purpose widens",
        "gateway/policy/__init__.py",
        "        if wanted and wanted not in allowed:\n",
        "        if wanted and wanted not in self.roles[principal.role].purposes:\n",
        HOLDS,
    ),
    Patch(
        "a token's purpose is a wish",
        "gateway/policy/__init__.py",
        "return allowed if principal.purpose is None else tuple(one for one in allowed if one == principal.purpose)",
        "return allowed",
        HOLDS,
    ),
    Patch(
        "a partner has all purposes of the role",
        "gateway/policy/__init__.py",
        "allowed = tuple(purpose for purpose in allowed if purpose in partner.purposes)",
        "pass",
        HOLDS,
    ),
    Patch(
        "a partner's client may come in another role",
        "gateway/policy/__init__.py",
        "if role is None or (partner and partner.role != role.name):",
        "if role is None:",
        HOLDS,
    ),
    Patch(
        "a partner says itself what it is called",
        "gateway/policy/__init__.py",
        "given = partner.keys if partner else principal.keys",
        "given = principal.keys or (partner.keys if partner else {})",
        HOLDS,
    ),
    Patch(
        "a token may name another customer as its own",
        "gateway/policy/__init__.py",
        'return keys | ({"own": frozenset({principal.customer})} if principal.customer else {})',
        'return ({"own": frozenset({principal.customer})} if principal.customer else {}) | keys',
        HOLDS,
    ),
    Patch(
        "scopes are no ceiling",
        "gateway/policy/__init__.py",
        "        if reach == scopes.ALL:\n",
        "        if reach:\n",
        SCOPES,
    ),
    Patch(
        "grants under one ceiling are taken for those under another",
        "gateway/policy/__init__.py",
        "        key = grants, reach\n",
        "        key = grants, scopes.ALL\n",
        SCOPES,
    ),
    # -- masks ------------------------------------------------------------------------------------------------------
    Patch(
        "a mask that does not fit shows the whole",
        "gateway/engine/masking.py",
        "        return UNFIT if sight.verdict is Verdict.MASKED else None\n",
        "        return None\n",
        HOLDS,
    ),
    Patch(
        "objects are never too much for a mask",
        "gateway/engine/masking.py",
        "    return mask if fits_within(graph, named, mask[0]) else UNFIT\n",
        "    return mask\n",
        HOLDS,
    ),
    Patch(
        "masks are told of and not put on",
        "gateway/engine/planner.py",
        "MASKS[mask[0]] if mask else None",
        "None",
        LIBRARY,
    ),
    Patch(
        "four of five characters are the last four",
        "gateway/policy/masks.py",
        "if len(value) > 7 else",
        "if len(value) > 3 else",
        HOLDS,
    ),
    Patch(
        "a band tells its lower end and a little more",
        "gateway/policy/masks.py",
        "size = max((band for band in BANDS if band <= abs(value)), default=0)",
        "size = max((band for band in BANDS if band <= abs(value)), default=0) and int(abs(value)) // 10 * 10",
        HOLDS,
    ),
    # -- deciding once ----------------------------------------------------------------------------------------------
    Patch(
        "a withheld field is planned",
        "gateway/engine/planner.py",
        "        if sight.verdict is Verdict.WITHHELD:\n            return self.blank(owner, key, place.at(key), name)",
        "        if sight is None:\n            return self.blank(owner, key, place.at(key), name)",
        LIBRARY,
    ),
    Patch(
        "rows exist by any of the categories they need",
        "gateway/engine/judging.py",
        "return all(self.decide(category).sees(held) for category in self._needed(kind, carried))",
        "return any(self.decide(category).sees(held) for category in self._needed(kind, carried))",
        HOLDS,
    ),
    Patch(
        "no row rule binds tickets",
        "gateway/engine/judging.py",
        "if (kind, name) in self.graph.bindings.relations)",
        'if (kind, name) in self.graph.bindings.relations and kind != "Ticket")',
        NOT_YOURS,
    ),
    Patch(
        "pages are shown whose rows nobody can leave out",
        "gateway/engine/judging.py",
        "        if is_abstract_type(named) or any(kind is named for kind in rows):\n            return None\n",
        "        return None\n",
        HOLDS,
    ),
    Patch(
        "one looks up by what one sees of some rows",
        "gateway/engine/judging.py",
        "        return all(\n            decision.sees(some | pushed)",
        "        return any(\n            decision.sees(some | pushed)",
        HOLDS,
    ),
    Patch(
        "a resolver is not told of the rules it has to apply",
        "gateway/engine/run.py",
        "{relation: self.viewer.known_as(relation) for relation in edge.pushed} if edge and edge.pushed else NOTHING",
        "NOTHING",
        LISTS,
    ),
    Patch(
        "what rows show is fetched with the facts",
        "gateway/engine/columns.py",
        "        return rows.needs\n",
        "        return rows.needs | columns_of(rows.fullest)\n",
        HOLDS,
    ),
    Patch(
        "a rule that differs for some rows is a rule for all",
        "gateway/engine/gating.py",
        "    if not names:\n        return shown[0][0]\n",
        "    if names is not None and len(shown) == len(cases):\n        return shown[-1][0]\n    if not names:\n        return shown[0][0]\n",
        LIBRARY,
    ),
    Patch(
        "a row that is there under a relation only is looked up first",
        "gateway/engine/judging.py",
        "        return not self.exists(kind, pushed, carried) and self.may_exist(kind, pushed, carried)\n",
        "        return False\n",
        NOT_YOURS,
    ),
    Patch(
        "plans are shared by callers with other grants",
        "gateway/prepare.py",
        "return view.id, operation.digest, operation.name, tuple(bits.items()), grants\n",
        "return view.id, operation.digest, operation.name, tuple(bits.items())\n",
        CROSSINGS,
    ),
    # -- rows -------------------------------------------------------------------------------------------------------
    Patch(
        "not knowing is yes",
        "gateway/engine/viewer.py",
        "        if fact.error is not None or fact.value is None:\n            return False\n",
        "        if fact.error is not None or fact.value is None:\n            return fact.error is not None\n",
        LIBRARY,
    ),
    Patch(
        "any key is the caller's",
        "gateway/engine/viewer.py",
        "return not keys.isdisjoint(self.known_as(relation))",
        "return bool(keys)",
        LIBRARY,
    ),
    Patch(
        "consent is taken for granted",
        "resolvers/consent.py",
        "    if refused or (not crm.error and not crm.value):\n",
        "    if refused:\n",
        HOLDS,
    ),
    Patch(
        "one contact row that agreed speaks for the others",
        "resolvers/consent.py",
        "        for one in record.value or ()\n",
        "        for one in (record.value or ())[:4]\n",
        HOLDS,
    ),
    Patch(
        "the fact of a channel is asked of every order",
        "resolvers/relations.py",
        'frozenset({"channel"}), channels=mine)',
        'frozenset({"channel"}))',
        SENT,
    ),
    Patch(
        "carriers find the orders of others",
        "resolvers/orders.py",
        '        rules["carriers"] = tuple(sorted(mine))\n',
        '        rules["carriers"] = ()\n',
        HOLDS,
    ),
    Patch(
        "a customer's lists may be anybody's",
        "resolvers/people.py",
        "people = [person for person in by_ids(ask, named) if person and (own is None or person.id in own)]",
        "people = [person for person in by_ids(ask, named) if person]",
        LISTS,
    ),
    Patch(
        "a search asks nobody whose an order is",
        "resolvers/search.py",
        "    return not keys.isdisjoint({known} if isinstance(known, str) else known or ())\n",
        "    return bool(keys)\n",
        NOT_YOURS,
    ),
    Patch(
        "kinds that the caller may not see are looked for",
        "resolvers/query.py",
        "if asked is None or asked[0] not in ask.types:",
        "if asked is None:",
        HOLDS,
    ),
    # -- what is kept, and what is told -----------------------------------------------------------------------------
    Patch(
        "whose a row is may be a minute old",
        "gateway/app.py",
        'Ages(by_category, _at_most(_age(settings, "cache.ownership")))',
        'Ages(by_category, _age(settings, "cache.ownership"))',
        FRESH,
    ),
    Patch(
        "rows that a system left out for us may be as old as their values",
        "gateway/engine/planner.py",
        "bool(pushed) or fresh.gated(below)",
        "fresh.gated(below)",
        (*FRESH, *HOLDS),
    ),
    Patch(
        "one caller's question is answered with another's answer",
        "gateway/traffic/cache.py",
        "return call.backend, call.operation, call.columns, call.args, call.subject, call.credential",
        "return call.backend, call.operation, call.columns, call.subject, call.credential",
        (*CACHE, *CROSSINGS),
    ),
    Patch(
        "what was decided under some scopes holds under others",
        "gateway/standing.py",
        "known = principal.role, principal.client, principal.purpose, principal.scopes,",
        "known = principal.role, principal.client, principal.purpose,",
        STANDING,
    ),
    Patch(
        "what was decided of a partner holds whatever its contract says now",
        "gateway/standing.py",
        "return self.policy is policy and self.partner is partner and",
        "return self.policy is policy and",
        STANDING,
    ),
    Patch(
        "cursors are good for everybody who holds them",
        "gateway/callers.py",
        'f"{grants.digest} {viewer.known}",',
        '"",',
        CURSORS,
    ),
    Patch(
        "cursors are good for everybody of the role",
        "gateway/callers.py",
        'f"{grants.digest} {viewer.known}",',
        "grants.digest,",
        CURSORS,
    ),
    Patch(
        "everybody hears what the systems are called",
        "gateway/callers.py",
        "return str if asking.informed else self.label",
        "return str",
        ("tests/journeys/test_one_question.py::test_who_does_not_run_the_systems_does_not_hear_their_names",),
    ),
    Patch(
        "everybody is told which line decided",
        "gateway/callers.py",
        '"full" if stand.informed and "policy" in options.include else stand.disclosed',
        '"full"',
        HOLDS,
    ),
    Patch(
        "everybody is shown the calls that were made",
        "gateway/callers.py",
        'return extension in self.options.include and (self.informed or extension == "sources")',
        "return extension in self.options.include",
        HOLDS,
    ),
    Patch(
        "a partner may name all there is",
        "gateway/callers.py",
        "return self.views.of(self.policy.ceiling(principal))",
        "return self.views.whole",
        VIEWS,
    ),
    Patch(
        "a policy that does not fit the graph is used all the same",
        "gateway/app.py",
        "        raise BadPolicy(problem)\n",
        "        problem.strip()\n",
        HOLDS,
    ),
]
