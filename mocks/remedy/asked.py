"""What a query asks for: qualification, fields, order and page, from its parameters.

Chosen: without `limit`, or with 0, a page has 100 rows (the server's configured maximum is not pinned down), and never
more than 1,000; a parameter that is unknown is ignored, but `expand` is refused: associations are not offered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from mocks.remedy import qualification
from mocks.remedy.errors import ARError, bad_value, no_field
from mocks.remedy.forms import Form
from mocks.remedy.qualification import Node
from mocks.remedy.search import Sort

DEFAULT_ROWS = 100
MOST_ROWS = 1_000
VALUES = re.compile(r"values\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. `fields` are names as they were given, each with the form's own name."""

    wanted: Node | None
    fields: Sequence[tuple[str, str]]
    sort: Sort
    limit: int
    offset: int


def read(form: Form, params: QueryParams) -> Asked:
    """Raises `ARError`."""
    if "expand" in params:
        raise ARError(400, 10_000, "Associations are not defined on this form", form.name)
    return Asked(
        wanted=qualification.parse(params.get("q", ""), form.field),
        fields=fields(form, params),
        sort=_sort(form, params.get("sort", "")),
        limit=min(_whole(params, "limit", DEFAULT_ROWS) or DEFAULT_ROWS, MOST_ROWS),
        offset=_whole(params, "offset", 0),
    )


def fields(form: Form, params: QueryParams) -> Sequence[tuple[str, str]]:
    """The fields of `values(…)`; all, when there is no such parameter. An unknown one is an error."""
    if "fields" not in params:
        return [(name, name) for name in form.fields]
    found = VALUES.fullmatch(params["fields"].strip())
    if found is None:
        raise bad_value("fields", params["fields"])
    names = [name.strip() for name in found[1].split(",")]
    return [(name, _known(form, name)) for name in names if name]


def _known(form: Form, name: str) -> str:
    own = form.field(name)
    if own not in form.fields:
        raise no_field(form.name, name)
    return own


def _sort(form: Form, text: str) -> Sort:
    return tuple(_sorted(form, part.strip()) for part in text.split(",") if part.strip())


def _sorted(form: Form, text: str) -> tuple[str, bool]:
    name, dot, direction = text.rpartition(".")
    if not dot:
        return _known(form, text), False
    if direction.lower() not in ("asc", "desc"):
        raise bad_value("sort", text)
    return _known(form, name), direction.lower() == "desc"


def _whole(params: QueryParams, name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad_value(name, text)
    return int(text)
