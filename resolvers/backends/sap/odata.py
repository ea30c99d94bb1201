"""OData v2 as SAP Gateway speaks it: how a question is written, what counts as an answer, and reading it to its end.

401, 403, 404, other 4xx, 3xx    Refused      404 here is a service or a set that is not there
429                              Throttled    with Retry-After, in seconds or as a date
5xx                              Unavailable
200, but HTML, Atom, not JSON    Garbled      also: pages that lead elsewhere, in a circle or on for ever
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Generic, TypeVar
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import msgspec

from resolvers.backends.base import Connection, Garbled, Refused, Reply, Request, Throttled, Unavailable, Wire
from resolvers.backends.base.length import at_most
from resolvers.backends.base.quoting import quoted
from resolvers.backends.sap.materials import Numbered
from resolvers.backends.sap.records import Results, Wrapped

R = TypeVar("R")
N = TypeVar("N", bound=Numbered)
Shape = msgspec.json.Decoder[Wrapped[Results[R]]]

PREFIX = "/sap/opu/odata/sap/"
LONGEST_TARGET = 6000
"""Characters of path and query. One published client caps at 8192; proxies on the way want some of that."""
AROUND = 200
"""Characters of a request besides what is asked and about what: more than its prefix, and options that all have."""
MOST_VALUES = 50
MOST_PAGES = 100
SAFE = b"'(),/$:"
LINK_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Root:
    """Where the services of one system are, and how it wants to be asked.

    `base_url` is the address that `/sap/opu/odata/sap/` follows. The client goes into the query and into a header:
    links that SAP gives us back do not always repeat it. A cloud tenant has just one: set the option to "" there.
    """

    base_url: str
    client: str
    authorization: str

    @classmethod
    def of(cls, connection: Connection) -> Root:
        credentials = f"{connection.username}:{connection.password}".encode()
        client = connection.options.get("sap-client", "100")
        return cls(connection.base_url.rstrip("/"), client, f"Basic {b64encode(credentials).decode()}")

    @property
    def identity(self) -> tuple[tuple[str, str], ...]:
        return (("Authorization", self.authorization), *self.chosen_client.items())

    @property
    def chosen_client(self) -> dict[str, str]:
        return {"sap-client": self.client} if self.client else {}

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return (*self.identity, ("Accept", "application/json"))

    @property
    def always(self) -> dict[str, str]:
        """Options of every read."""
        return {"$format": "json", **self.chosen_client}

    def get(self, resource: str, options: Mapping[str, str]) -> Request:
        """A read of a resource, named from the service on."""
        query = written({**options, **self.always})
        return Request("GET", f"{PREFIX}{resource}?{query}", self.headers)

    def following(self, wire: Wire, asked: Request, link: str) -> Request:
        """The next page, verbatim; but only of this very system: our credentials go nowhere else."""
        try:
            target = self._within(urljoin(self.base_url + asked.target, quote(link, safe=LINK_SAFE)))
        except ValueError as error:
            raise Garbled(wire.system, "its next page lies outside its own services") from error
        return Request("GET", target, self.headers)

    def _within(self, address: str) -> str:
        url, home = urlsplit(address), urlsplit(self.base_url)
        path = url.path.removeprefix(home.path)
        if _origin(url) != _origin(home) or not url.path.startswith(home.path + PREFIX) or _climbs(path):
            raise ValueError(address)
        return f"{path}?{url.query}"


def written(options: Mapping[str, str]) -> str:
    """Options as a query string; a blank is %20, since SAP's own CAP server takes `+` for a plus."""
    return "&".join(f"{quoted(name, b'$-')}={quoted(value, SAFE)}" for name, value in options.items())


def literal(text: str) -> str:
    """A string literal. Doubling the quote is all there is to escape."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def any_of(name: str, values: Sequence[str]) -> str:
    """OData v2 has no `in`."""
    return " or ".join([f"{name} eq {literal(value)}" for value in values])


def selection(columns: Iterable[str]) -> dict[str, str]:
    """Dotted columns as `$select`, and the `$expand` that those below a navigation need."""
    paths = [column.replace(".", "/") for column in dict.fromkeys(columns)]
    opened = dict.fromkeys(path.rpartition("/")[0] for path in paths if "/" in path)
    return {"$select": ",".join(paths), **({"$expand": ",".join(opened)} if opened else {})}


@dataclass(slots=True)
class Query(Generic[N]):
    """What is asked of a set about some materials: `number` is the property they are named by, `also` a further test
    that rows have to pass, `shape` what the answer is decoded to. `_rest`: the part of its address that is the same for
    all materials."""

    root: Root
    resource: str
    number: str
    shape: Shape[N]
    options: Mapping[str, str]
    also: str = ""
    _rest: str = field(init=False)

    def __post_init__(self) -> None:
        self._rest = written({**self.options, **self.root.always})

    def request(self, materials: Sequence[str]) -> Request:
        one_of = any_of(self.number, materials)
        test = f"({one_of}) and {self.also}" if self.also else one_of
        target = f"{PREFIX}{self.resource}?$filter={quoted(test, SAFE)}&{self._rest}"
        return Request("GET", target, self.root.headers)

    def portions(self, materials: Sequence[str]) -> Iterator[list[str]]:
        """Materials in as few requests as their number and their length allow."""
        if 0 < len(materials) <= MOST_VALUES and self._at_most(materials) <= LONGEST_TARGET:
            yield list(materials)  # however much of it has to be encoded, so that nothing need be measured
            return
        room = LONGEST_TARGET - len(self.request(()).target)
        portion: list[str] = []
        used = 0
        for material in materials:
            size = len(quoted(f"{any_of(self.number, [material])} or ", SAFE))
            if portion and (used + size > room or len(portion) == MOST_VALUES):
                yield portion
                portion, used = [], 0
            portion.append(material)
            used += size
        if portion:
            yield portion

    def _at_most(self, materials: Sequence[str]) -> int:
        """How long such a request can get, whatever stands in it. A quote is doubled, and never encoded."""
        told = "".join((self.resource, self.also, *materials))
        return AROUND + len(self._rest) + at_most(told) + len(materials) * at_most(f"{self.number} eq '' or ")


async def rows(wire: Wire, root: Root, request: Request, shape: Shape[R]) -> list[R]:
    """All entities of a set, its pages followed to their end. A row that earlier pages had already is not repeated."""
    found: list[R] = []
    visited: set[str] = set()
    while request.target not in visited and len(visited) < MOST_PAGES:
        visited.add(request.target)
        page = wire.decode(accepted(wire.system, await wire.send(request)).body, shape).d
        earlier = {row for row in found if _addressed(row)}
        found += [row for row in page.results if row not in earlier] if earlier else page.results
        if not page.next:
            _complete(wire, page, len(visited))
            return found
        request = root.following(wire, request, page.next)
    raise Garbled(wire.system, f"its pages do not end, {len(visited)} read")


def accepted(system: str, reply: Reply) -> Reply:
    """A successful answer in JSON; anything else is raised as what it means."""
    if reply.status == 429:
        raise Throttled(system, _said(reply), retry_after(reply))
    if reply.status >= 500:
        raise Unavailable(system, _said(reply), retry_after(reply))
    if not 200 <= reply.status < 300:
        raise Refused(system, _said(reply))
    kind = reply.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Garbled(system, f"{reply.status} of type {kind!r}")
    return reply


def retry_after(reply: Reply) -> float | None:
    """Seconds to wait, if the answer says so in either of HTTP's two forms."""
    text = reply.headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, math.ceil((aware - datetime.now(UTC)).total_seconds()))


class _Code(msgspec.Struct):
    code: str


class _Error(msgspec.Struct):
    error: _Code


def _said(reply: Reply) -> str:
    """Status and SAP's code for our log. Its message stays out: it repeats what people typed."""
    try:
        code = msgspec.json.decode(reply.body, type=_Error).error.code[:60]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        code = "no code"
    return f"status {reply.status}, {code}"


def _complete(wire: Wire, page: Results[R], pages: int) -> None:
    if pages == 1 and page.count is not None and str(page.count) != str(len(page.results)):
        raise Garbled(wire.system, f"{len(page.results)} rows where it counts {str(page.count)[:20]}")


def _addressed(row: object) -> bool:
    """Whether a row says which one it is: only then is an equal row of another page the same row, seen twice."""
    return bool(getattr(getattr(row, "identity", None), "uri", ""))


def _origin(url: SplitResult) -> tuple[str, str | None, int | None, bool]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.hostname, port, "@" in url.netloc


def _climbs(path: str) -> bool:
    plain = unquote(unquote(path))
    return "\\" in plain or any(part.partition(";")[0] in (".", "..") for part in plain.split("/"))
