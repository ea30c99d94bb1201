"""A plan in words: what would be asked of whom, column by column, and what this caller would not be shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gateway.engine.graph import Graph
from gateway.engine.guard import prepared
from gateway.engine.limits import Limits
from gateway.engine.operation import admit, conditions, variables
from gateway.engine.plan import Gap, Gate, Inline, Leaf, Rows, Selection
from gateway.engine.planner import plan
from gateway.engine.views import Views, named_in_vain, ungranted
from gateway.policy import Grants
from gateway.policy.reasons import not_allowed
from resolvers.backends.base import Columns
from resolvers.binding import Binding


@dataclass(frozen=True, slots=True)
class Step:
    """One question per level, however many rows the level has (and per chunk of the system's own maximum).

    coordinates:  the fields the answer is for
    rule:         a row rule that decides first, or when the question is not needed
    asks:         `system.operation` with the wire columns; empty: the gateway answers by itself
    per:          most keys in one call
    calls:        what bounds the requests for so many keys, where one is not enough
    """

    depth: int
    path: str
    coordinates: tuple[str, ...]
    asks: tuple[tuple[str, tuple[str, ...], int, str], ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    steps: tuple[Step, ...]
    gaps: tuple[Gap, ...]
    code: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """For people."""
        yield "What is asked, in the order it can be:"
        for number, step in enumerate(self.steps, 1):
            yield f"{number:3}. {'  ' * step.depth}{', '.join(step.coordinates)}{step.rule and f'  [{step.rule}]'}"
            for question, columns, per, calls in step.asks:
                asked = (
                    f"{question}({', '.join(columns) or 'key only'}), ≤ {per} {'key' if per == 1 else 'keys'} a call"
                )
                yield f"     {'  ' * step.depth}  → {asked}{calls and f'; {calls}'}"
        yield ""
        yield "What is not shown:" if self.gaps else "Everything asked for is shown."
        for gap in sorted(self.gaps, key=lambda gap: gap.path):
            kind = f"{gap.reason.lower()}{f' ({gap.mask})' if gap.mask else ''}"
            yield f"  {gap.path}: {kind}, {gap.coordinate}{f' is {gap.category}' if gap.category else ''}"

    def as_json(self) -> dict[str, Any]:
        return {"steps": [asdict(step) for step in self.steps], "absent": [asdict(gap) for gap in self.gaps]}


def explain(
    graph: Graph,
    grants: Grants,
    text: str,
    raw: Mapping[str, Any],
    limits: Limits,
    operation_name: str | None = None,
    ceiling: int | None = None,
) -> Explanation:
    """The plan of one operation for callers with these grants and this ceiling. Raises `Refusal` as the endpoint
    would."""
    view = Views.over(graph).of(ceiling)
    operation = admit(view.schema, text, limits).operation(operation_name)
    values = variables(view.schema, operation, raw)
    chosen = plan(graph, operation, grants, conditions(operation, values))
    guarded = prepared(chosen, values).guarded
    if view.partial and (named := named_in_vain(ungranted(graph, view, operation, grants, chosen), guarded.values())):
        raise not_allowed(named, grants, None, "full", b"")
    steps = tuple(step for root in chosen.steps for step in _steps(root, 0, guarded))
    code = tuple(text for root in chosen.steps for text in shapes(root))
    return Explanation(steps, (*chosen.gaps, *guarded.values()), code)


def _steps(rows: Rows, depth: int, guarded: Mapping[int, Gap]) -> Iterator[Step]:
    if isinstance(rows, Gate):
        rule = f"row rule: {', '.join(one.name for one in rows.relations)}"
        yield Step(depth, rows.path, (rows.coordinate,), (), rule)
        yield from _steps(rows.fullest, depth, guarded)
        return
    for facet in rows.facets:
        fields = tuple(sorted({at for _, at in facet.fields}))
        rule = "" if facet.fresh else "unless fetched on the way here"
        yield Step(depth, rows.path, fields, _asks(facet.binding, facet.columns), rule)
    for branch in rows.branches:
        if id(branch.edge) in guarded:
            continue
        if branch.edge is not None:
            yield Step(depth, branch.path, (branch.coordinate,), _asks(branch.edge.binding, branch.edge.columns))
        for below in branch.below.values():
            if below is not None:
                yield from _steps(below, depth + 1, guarded)


def _asks(binding: Binding, columns: Columns) -> tuple[tuple[str, tuple[str, ...], int, str], ...]:
    return tuple(
        (
            f"{operation.backend}.{operation.name}",
            tuple(operation.wire_columns({_known(column, operation.columns) for column in columns})),
            operation.limit,
            operation.calls,
        )
        for operation in binding.source
    )


def _known(column: str, known: Mapping[str, Any]) -> str:
    """The record's own name of a column, without the page or match it travels in (`nodes.placed_at`: `placed_at`)."""
    steps = column.split(".")
    return next((name for i in range(len(steps)) if (name := ".".join(steps[i:])) in known), column)


def shapes(rows: Rows) -> Iterator[str]:
    """The generated functions of a plan, outermost first: `customer360 explain --code`."""
    if isinstance(rows, Gate):
        yield from shapes(rows.fullest)
        return
    if rows.shape is not None:
        yield "\n".join((f"# {rows.path or 'the answer'}: {rows.type}", *_legend(rows), *_listing(rows), ""))
    for branch in rows.branches:
        for below in branch.below.values():
            if isinstance(below, Selection | Gate):
                yield from shapes(below)


def _legend(rows: Selection) -> Iterator[str]:
    """What the function's short names stand for."""
    yield "#   r   a row"
    for place, facet in enumerate(rows.facets):
        asked = ", ".join(f"{operation.backend}.{operation.name}" for operation in facet.binding.source)
        yield f"#   f{place:<2} the row's record from {asked or 'the gateway itself'}; None when there is none"
    for place, branch in enumerate(rows.branches):
        yield f"#   c{place:<2} the value of {branch.coordinate}, computed apart"
    for name, made in getattr(rows.shape, "__globals__", {}).items():
        value = made if re.fullmatch("t[0-9]+", name) else getattr(made, "__wrapped__", None)
        kinds = sorted({leaf.kind for leaf in _leaves(rows) if leaf.coerce == value})
        if re.fullmatch("t[0-9]+", name):
            yield f"#   {name:<3} writes a value of {', '.join(kinds)}"
        elif re.fullmatch("s[0-9]+", name) and kinds:
            yield f"#   {name:<3} makes a value of {', '.join(kinds)} from anything else"
        elif re.fullmatch("m[0-9]+", name):
            yield f"#   {name:<3} shows a part: {getattr(value, '__name__', 'mask')}"


def _leaves(rows: Selection) -> Iterator[Leaf]:
    for one in rows.fields:
        if isinstance(one, Leaf):
            yield one
        elif isinstance(one, Inline):
            yield from _leaves(one.selection)


def _listing(rows: Selection) -> Iterator[str]:
    """The function as it was generated, a line for each field."""
    function = ast.parse(str(rows.shape and rows.shape.__doc__)).body[0]
    match function:
        case ast.FunctionDef(args=takes, body=[ast.Return(ast.ListComp(ast.Dict(keys, values), [over]))]):
            yield f"def shape({ast.unparse(takes)}):"
            yield "    return ["
            yield "        {"
            for key, value in zip(keys, values, strict=True):
                yield f"            {key and ast.unparse(key)}: {ast.unparse(value)},"
            yield "        }"
            yield f"       {ast.unparse(over)}"
            yield "    ]"
        case _:
            yield ast.unparse(function)
