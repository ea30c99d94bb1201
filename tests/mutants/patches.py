"""Engines that are wrong on purpose: each a small edit that some test must notice.

A patch whose old text no longer occurs exactly once fails its test: whoever changes the line says what is to be wrong
there now.
"""

from __future__ import annotations

from dataclasses import dataclass

ENGINE = (
    "tests/gateway/engine/test_once_wrong.py",
    "tests/gateway/engine/test_another_graph.py",
    "tests/gateway/engine/test_mutations.py",
    "tests/gateway/engine/test_misbehaving_resolvers.py",
    "tests/gateway/engine/spec/test_selections.py",
    "tests/gateway/engine/spec/test_lists.py",
    "tests/gateway/engine/spec/test_abstract.py",
    "tests/gateway/engine/spec/test_executor.py",
    "tests/gateway/engine/spec/test_mutations.py",
    "tests/gateway/engine/spec/test_coercion.py",
    "tests/gateway/engine/spec/test_arguments.py",
    "tests/gateway/engine/spec/test_nonnull.py",
)
CURSORS = ("tests/gateway/engine/test_cursors.py",)
ROWS = ("tests/gateway/engine/test_too_many_rows.py",)
TOPMOST = ("tests/gateway/engine/test_topmost.py",)


@dataclass(frozen=True, slots=True)
class Patch:
    """`tests`: those that are to notice, quickest first."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ENGINE


PATCHES = [
    # -- planner ----------------------------------------------------------------------------------------------------
    Patch(
        "of merged fields only the first is looked at",
        "gateway/engine/planner.py",
        "self.conditions, self.operation.node, owner, group\n",
        "self.conditions, self.operation.node, owner, group[:1]\n",
    ),
    Patch(
        "conditions are always true",
        "gateway/engine/planner.py",
        "VariableValues({}, dict(conditions))",
        "VariableValues({}, dict.fromkeys(conditions, True))",
    ),
    Patch(
        "mutations are done all at once",
        "gateway/engine/planner.py",
        "if root is self.graph.mutation else [ours]",
        "if root is None else [ours]",
    ),
    Patch(
        "writing is granted like reading",
        "gateway/engine/planner.py",
        "if owner is self.graph.mutation and sight is not SEEN:",
        "if owner is None and sight is not SEEN:",
    ),
    Patch(
        "who writes is shown what was kept from before",
        "gateway/engine/planner.py",
        "        graph = graph.live\n",
        "        pass\n",
    ),
    Patch(
        "records of an interface are taken for its first type",
        "gateway/engine/planner.py",
        "is_abstract_type(self.graph.position(owner, node.name.value).named),",
        "False,",
    ),
    Patch(
        "a withheld promise is a silent null",
        "gateway/engine/planner.py",
        "return Blank(key, at.coordinate, at.slot.non_null, gap)",
        "return Blank(key, at.coordinate, False, gap)",
    ),
    Patch(
        "the facets of rows under a rule use what the row brought along",
        "gateway/engine/gating.py",
        "facets = tuple(replace(facet, fresh=True) for facet in selection.facets)",
        "facets = selection.facets",
    ),
    # -- run --------------------------------------------------------------------------------------------------------
    Patch(
        "a mutation reads what was loaded before the write",
        "gateway/engine/run.py",
        "                self.context.forget()\n",
        "                pass\n",
    ),
    Patch(
        "a mutation goes on after the answer is lost",
        "gateway/engine/run.py",
        "                self.collector.lost(step.type, row.cause)\n                return None\n",
        "                self.collector.lost(step.type, row.cause)\n                lost = True\n                continue\n",
    ),
    Patch(
        "forbidden arguments are used",
        "gateway/engine/run.py",
        "if id(edge) in self.prepared.guarded:",
        "if id(edge) in ():",
    ),
    Patch(
        "relations hold for everybody",
        "gateway/engine/run.py",
        "for name, told in facts.items() if self.viewer.holds(name, told[i]))",
        "for name, told in facts.items())",
    ),
    Patch(
        "a row that cannot be judged is a row that does not exist",
        "gateway/engine/run.py",
        "            answers[i] = Broken(frame.only((i,)))\n",
        "            answers[i] = VANISHED\n",
    ),
    Patch(
        "a row is told while nobody knows whether something of it has to be hidden",
        "gateway/engine/run.py",
        'concealing(partial(self.hidden, gate), gate.looks, held, unknown) if unknown else "":',
        '"":',
        ("tests/gateway/engine/test_once_they_disagreed.py",),
    ),
    Patch(
        "a value is told while nobody knows whether what it is worked out of has to be hidden",
        "gateway/engine/planner.py",
        "            self.notes.looks.update((place.path, one) for one in askable)\n",
        "",
        ("tests/gateway/engine/test_once_they_disagreed.py",),
    ),
    Patch(
        "a failure where a value is promised is a silent null",
        "gateway/engine/run.py",
        "return [Broken(places.only((i,))) if branch.slot.non_null else None for i in picks]",
        "return [None for i in picks]",
    ),
    Patch(
        "too few outcomes go unnoticed",
        "gateway/engine/outcomes.py",
        "    if len(found) != parents:\n",
        "    if len(found) > parents:\n",
    ),
    Patch(
        "facet records are taken by the wrong row",
        "gateway/engine/run.py",
        "        for i, outcome in zip(missing, found, strict=True):\n            records[i] = outcome.value\n",
        "        for i, outcome in zip(reversed(missing), found, strict=True):\n            records[i] = outcome.value\n",
    ),
    Patch(
        "every field is asked of its resolver row by row",
        "gateway/engine/run.py",
        "found: Sequence[Outcome[Any]] = await batch(parents, ask)",
        "found: Sequence[Outcome[Any]] = [one for p in parents for one in await batch([p], ask)]",
    ),
    # -- complete ---------------------------------------------------------------------------------------------------
    Patch(
        "lists are cut at the wrong place",
        "gateway/engine/complete.py",
        "            start = end\n",
        "            start = end - 1 if end else end\n",
    ),
    Patch(
        "a row that vanished is a null in a list of promised rows",
        "gateway/engine/complete.py",
        "return [row for row in below[start:end] if row is not VANISHED]",
        "return [None if row is VANISHED else row for row in below[start:end]]",
    ),
    Patch(
        "a promised row may be null",
        "gateway/engine/complete.py",
        'return self.broken(Missing("null where a value was promised"), frame, i, pattern)',
        "return None",
    ),
    Patch(
        "a broken row is left out of its list",
        "gateway/engine/complete.py",
        "                return below[i]\n",
        "                below[i] = VANISHED\n",
    ),
    Patch(
        "what comes after a broken row is told as well",
        "gateway/engine/complete.py",
        "                self.collector.drop(items.only(range(i + 1, end)))\n",
        "",
    ),
    Patch(
        "rows of several types change places",
        "gateway/engine/complete.py",
        "        for i, row in zip(picks, found, strict=True):\n            answers[i] = row\n",
        "        for i, row in zip(reversed(picks), found, strict=True):\n            answers[i] = row\n",
    ),
    Patch(
        "an absence stays where the null came from",
        "gateway/engine/complete.py",
        "                self.collector.land(self.branch.coordinate, frame.only((i,)), value.cause)\n",
        "                pass\n",
    ),
    Patch(
        "a list of lists loses its null lists",
        "gateway/engine/complete.py",
        "            if value is None or value.__class__ is Broken:\n                cut.append(value)\n",
        "            if value is None or value.__class__ is Broken:\n                cut.append([])\n",
    ),
    # -- frame ------------------------------------------------------------------------------------------------------
    Patch(
        "rows that are left out keep their number",
        "gateway/engine/frame.py",
        "index += number not in self.gone",
        "index += 1",
    ),
    Patch(
        "items are numbered through all lists",
        "gateway/engine/frame.py",
        "yield (*path, index)",
        "yield (*path, number)",
    ),
    # -- shape and mend ---------------------------------------------------------------------------------------------
    Patch(
        "aliases are forgotten",
        "gateway/engine/shape.py",
        'f"{one.key!r}: {self.value(type_name, one, row)}"',
        "f\"{getattr(one, 'attribute', one.key)!r}: {self.value(type_name, one, row)}\"",
    ),
    Patch(
        "Int has no limits",
        "gateway/engine/shape.py",
        ".__class__ is int and -2147483648 <= {v} <= 2147483647",
        ".__class__ is int",
    ),
    Patch(
        "Float is anything",
        "gateway/engine/shape.py",
        ".__class__ is float and -inf < {v} < inf",
        ".__class__ is float",
    ),
    Patch(
        "true is a number",
        "gateway/engine/shape.py",
        '"({v} := {source}).__class__ is bool"',
        '"isinstance(({v} := {source}), int)"',
    ),
    Patch(
        "a scalar may turn a value into null",
        "gateway/engine/shape.py",
        "if found is None or found is Undefined:",
        "if found is Undefined:",
    ),
    Patch(
        "an enum shows its values instead of their names",
        "gateway/engine/shape.py",
        "name = self[value] = self._coerce(present(value))",
        "name = self[value] = self._coerce(present(value)) and value",
    ),
    Patch(
        "a broken value is an ordinary one",
        "gateway/engine/shape.py",
        "    if value is None or value.__class__ is Broken:\n        raise Missing\n",
        "    if value is None:\n        raise Missing\n",
    ),
    Patch(
        "a promise takes the null that breaks it",
        "gateway/engine/mend.py",
        "if completed.__class__ is Broken and not slot.non_null:",
        "if completed.__class__ is Broken:",
    ),
    Patch(
        "what comes after a broken field is told as well",
        "gateway/engine/mend.py",
        "                    self.collector.drop(self.place(*steps, later.key))\n",
        "                    pass\n",
    ),
    Patch(
        "a failed facet fails once more",
        "gateway/engine/mend.py",
        "if one.origin != OWN and self.number in facets[one.origin].failed:",
        "if False:",
    ),
    Patch(
        "bad rows are blamed on the first",
        "gateway/engine/mend.py",
        "            self.number = start\n",
        "            self.number = 0\n",
    ),
    Patch(
        "a nullable item breaks its list",
        "gateway/engine/mend.py",
        "            if found.__class__ is Broken:\n                return found\n",
        "            if found.__class__ is Broken or found is None:\n                return found\n",
    ),
    # -- collect ----------------------------------------------------------------------------------------------------
    Patch(
        "an error is listed at the last position it hit",
        "gateway/engine/collect.py",
        "_, path, gap = min(hits",
        "_, path, gap = max(hits",
    ),
    Patch(
        "some rows are all rows",
        "gateway/engine/collect.py",
        "return len(paths) >= (self._asked(cause, landed) or len(paths) + 1)",
        "return True",
        TOPMOST,
    ),
    Patch(
        "an absence is listed below another",
        "gateway/engine/collect.py",
        "at = tops[0]",
        "at = tops[-1]",
    ),
    Patch(
        "all rows of one type are all rows",
        "gateway/engine/collect.py",
        " and not self._shown(cause.pattern)",
        "",
        TOPMOST,
    ),
    Patch(
        "what one type has lost takes along what lies below another",
        "gateway/engine/missing.py",
        '(path + ".*" * depth, one.coordinate) in self.gone',
        'path + ".*" * depth in {at for at, _ in self.gone}',
        TOPMOST,
    ),
    Patch(
        "what is lost takes nothing along",
        "gateway/engine/collect.py",
        "    if not gone or all(",
        "    if gone or all(",
        TOPMOST,
    ),
    Patch(
        "what was asked in vain counts",
        "gateway/engine/collect.py",
        "        if not landed:\n            return sum(count for _, count in asked)\n",
        "        if asked:\n            return sum(count for _, count in asked)\n",
    ),
    Patch(
        "positions inside lists stay patterns",
        "gateway/engine/collect.py",
        '    elif steps[0] == "*" and at is not None:\n',
        "    elif at is None:\n",
    ),
    # -- guard, cursors, foresee ------------------------------------------------------------------------------------
    Patch(
        "defaults of a document are nobody's arguments",
        "gateway/engine/guard.py",
        "    return given(default.literal, values)\n",
        "    return Undefined\n",
    ),
    Patch(
        "arguments inside lists are not looked at",
        "gateway/engine/guard.py",
        "        for item in value if isinstance(value, list) else (value,):\n            yield from _inside(kind.of_type, item)\n",
        "        for item in ():\n            yield from _inside(kind.of_type, item)\n",
    ),
    Patch(
        "pages inside pages do not multiply",
        "gateway/engine/guard.py",
        "        size *= sizes.get",
        "        size += sizes.get",
        ROWS,
    ),
    Patch(
        "cursors open under other arguments",
        "gateway/engine/cursors.py",
        "if name not in PAGING}",
        "if name in PAGING and name not in PAGING}",
        CURSORS,
    ),
    Patch(
        "cursors open for another viewer",
        "gateway/engine/cursors.py",
        "(self.coordinate.encode(), told, self.viewer.encode())",
        "(self.coordinate.encode(), told)",
        CURSORS,
    ),
    Patch(
        "the yardstick foresees no masks",
        "gateway/engine/foresee.py",
        '            yield Gap(path, coordinate, "MASKED"',
        '            yield from () if mask else Gap(path, coordinate, "MASKED"',
    ),
    Patch(
        "loads are kept from one write to the next",
        "resolvers/context.py",
        'asked for again."""\n        self._loaders.clear()\n',
        'asked for again."""\n        self._loaders.copy()\n',
    ),
]
