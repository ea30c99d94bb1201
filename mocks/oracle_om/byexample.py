"""`q` in framework version 1: query by example, `OrderNumber=123;BuyingPartyId=5`.

`;` is the only conjunction, and it means and. Values need no quotes, but may have them (then a `;` in them is text).
`%` is a wildcard after LIKE, and after `=` too.
"""

from __future__ import annotations

import re

from mocks.oracle_om.catalogue import Kind, Resource
from mocks.oracle_om.condition import All, Compare, Condition, Like
from mocks.oracle_om.literal import Literal, typed
from mocks.oracle_om.problem import queryable, unparsable

CRITERION = re.compile(
    r"""\s*(?P<name>[A-Za-z_][\w.]*)\s*(?P<sign><=|>=|<>|!=|=|<|>|\bLIKE\b)\s*"""
    r"""(?P<value>'(?:[^']|'')*'|"[^"]*"|[^;'"\s]*(?:\s+[^;'"\s]+)*)\s*(?:;|$)""",
    re.IGNORECASE,
)


def parse(q: str, resource: Resource) -> Condition:
    """Raises Problem (400) for whatever is not a list of criteria on queryable attributes of the resource."""
    parts, at = [], 0
    while at < len(q):
        match = CRITERION.match(q, at)
        if match is None:
            raise unparsable(q)
        parts.append(_criterion(match, resource))
        at = match.end()
    if not parts:
        raise unparsable(q)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _criterion(match: re.Match[str], resource: Resource) -> Condition:
    name = queryable(match["name"], resource, "/q")
    kind, sign, text = resource.attributes[name].kind, match["sign"].upper(), _unquoted(match["value"].strip())
    if sign == "LIKE" or (sign == "=" and kind is Kind.TEXT and "%" in text):
        return Like(name, str(typed(Literal(text, True), name, kind, pattern=True)), any_one=False)
    return Compare(name, sign, typed(Literal(text, kind in (Kind.TEXT, Kind.MOMENT)), name, kind))


def _unquoted(value: str) -> str:
    if value[:1] == "'":
        return value[1:-1].replace("''", "'")
    return value[1:-1] if value[:1] == '"' else value
