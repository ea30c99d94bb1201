"""The JSON this Siebel answers with. Three shapes for a read, two for a write; every value is a string.

    read, uniformresponse=y        {"items": [{…}, …], "Link": [{…}]}        Link of a row: always a list
    read of several rows           {"items": [{…}, …], "Link": {…}}
    search that finds one          {"items": {…}, "Link": {…}}
    one row by its id              {…}
    insert, upsert of one          {"items": {…, "Link": {…}}}
    … of a list                    [{…}, …]

The facts leave open what a write echoes: here the row id and the fields that were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from mocks.siebel.asked import Asked
from mocks.siebel.matching import Row

Record = dict[str, Any]
Link = dict[str, str]


def record(row: Row, asked: Asked, collection: str, name: str) -> Record:
    """`collection`: absolute address of the collection the row was read from."""
    values: Record = {field: row(field) for field in asked.fields}
    if asked.dense:
        values = {field: value for field, value in values.items() if value}
    here = f"{collection}/{quote(row('Id'))}"
    children = [link("child", f"{here}/{quote(child)}", child) for child in asked.links]
    return values | {"Link": [link("self", here, name), link("canonical", here, name), *children]}


def collection(records: Sequence[Record], asked: Asked, address: str, name: str) -> Record:
    here = link("self", f"{address}?PageSize={asked.size}&StartRowNum={asked.start}", name)
    if asked.uniform:
        return {"items": list(records), "Link": [here]}
    return {"items": records[0] if len(records) == 1 else list(records), "Link": here}


def single(found: Record, asked: Asked, address: str, name: str) -> Record:
    return {"items": [found], "Link": [link("self", address, name)]} if asked.uniform else found


def stored(row_id: str, sent: dict[str, str], address: str, name: str) -> Record:
    return {"Id": row_id, **sent, "Link": link("self", f"{address}/{quote(row_id)}", name)}


def link(rel: str, href: str, name: str) -> Link:
    return {"rel": rel, "href": href, "name": name}


def address(base: str, segments: Iterable[str]) -> str:
    return "/".join([base, *(quote(segment, safe="") for segment in segments)])
