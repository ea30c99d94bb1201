"""People and partners who may see some rows and not others, and what of the world is theirs; asked for over HTTP, so that
everything a caller gets to see can be compared: status, headers, body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.auth.tokens import dev_tokens
from mocks.world.billing import Billing
from mocks.world.helpdesk import Ticket
from mocks.world.ledger import Invoice
from mocks.world.model import Order
from mocks.world.tickets import Tickets
from resolvers.ids import global_id
from tests.company import Company

NOBODY = global_id("Customer", "aaaaaaaaaaaaaaaa")


@dataclass(frozen=True, slots=True)
class Told:
    """All that a caller gets of one answer, but for how many more they may ask this minute."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    def without(self, written: str) -> Told:
        """The same, but for what the caller wrote themself."""
        return Told(self.status, self.headers, self.body.replace(written, "…"))


@dataclass(frozen=True, slots=True)
class Caller:
    company: Company
    token: str
    include: str = ""

    async def ask(self, query: str, **variables: Any) -> Told:
        return await self.sent(json.dumps({"query": query, "variables": variables}).encode())

    async def sent(self, body: bytes) -> Told:
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "x-request-id": "test-request",
            **({"x-include": self.include} if self.include else {}),
        }
        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
        scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
        coming = iter([{"type": "http.request", "body": body, "more_body": False}])
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(coming)

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        await self.company.app.asgi(scope, receive, send)
        start, *rest = told
        named = {name.decode(): value.decode() for name, value in start["headers"] if name != b"ratelimit"}
        return Told(start["status"], named, b"".join(one.get("body", b"") for one in rest).decode())

    async def asked(self, query: str, **variables: Any) -> tuple[Told, list[Any]]:
        """The answer, and what the systems were asked for it: operation, columns, and how many keys."""
        await self.company.forget()
        told = await self.ask(query, **variables)
        entries = await self.company.asked()
        calls = [(one["system"], one["operation"], sorted(one["columns"]), len(one["keys"])) for one in entries]
        return told, sorted(call for call in calls if call[1] != "login")


def caller(company: Company, role: str, include: str = "", **who: Any) -> Caller:
    tokens = dev_tokens(company.app.settings, company.app.policy.roles)
    return Caller(company, tokens.mint(role, **who), include)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A caller for whom some rows are there and others are not: how they come in, and which order, ticket and customer
    are theirs (None: they see none at all, or all of them)."""

    name: str
    role: str
    who: Callable[[Company], dict[str, Any]]
    order: Callable[[Company, Order], bool] | None = None
    ticket: Callable[[Company, Ticket], bool] | None = None
    customer: int | None = None
    invoice: Callable[[Company, Invoice], bool] | None = None

    def enters(self, company: Company, include: str = "") -> Caller:
        return caller(company, self.role, include, **self.who(company))


def _region_of(company: Company, index: int | None) -> str | None:
    return None if index is None else company.world.customer(index).region


def owing(company: Company, invoice: Invoice) -> int | None:
    debtor = Billing(company.world).debtor(invoice.debtor)
    return debtor.customer if debtor else None


REGION, MECHANIC = "EMEA", 0
"""A region that accounts have, and the ticket whose assignee asks."""


def mechanic(company: Company) -> str:
    desk = Tickets(company.world)
    return next(one.assignee for one in map(desk.ticket, range(len(desk))) if one.assignee)


EVERYBODY = [
    Somebody(
        "customer",
        "customer",
        lambda company: {"customer": company.id_of(0)},
        lambda _, order: order.customer == 0,
        lambda _, ticket: ticket.customer == 0,
        0,
        lambda company, invoice: owing(company, invoice) == 0,
    ),
    Somebody(
        "another customer",
        "customer",
        lambda company: {"customer": company.id_of(6)},
        lambda _, order: order.customer == 6,
        lambda _, ticket: ticket.customer == 6,
        6,
        lambda company, invoice: owing(company, invoice) == 6,
    ),
    Somebody(
        "carrier",
        "partner_carrier",
        lambda _: {"client": "parcelline"},
        lambda _, order: any(line.carrier == "UPS" for line in order.lines),
    ),
    Somebody(
        "reseller",
        "partner_reseller",
        lambda _: {"client": "northwind"},
        lambda _, order: order.source_system == "PARTNER",
    ),
    Somebody(
        "technician",
        "technician",
        lambda company: {"keys": {"assigned": (mechanic(company),)}},
        None,
        lambda company, ticket: ticket.assignee == mechanic(company),
    ),
    Somebody(
        "account manager",
        "account_manager",
        lambda _: {"keys": {"own-region": (REGION,)}},
        None,
        lambda company, ticket: _region_of(company, ticket.customer) == REGION,
        None,
        lambda company, invoice: _region_of(company, owing(company, invoice)) == REGION,
    ),
]


@dataclass(slots=True)
class Rows:
    """Rows of the world by whose they are, and keys of the same shape that nobody has."""

    company: Company
    orders: list[Order] = field(init=False)
    tickets: list[Ticket] = field(init=False)
    invoices: list[Invoice] = field(init=False)

    def __post_init__(self) -> None:
        world, desk = self.company.world, Tickets(self.company.world)
        self.orders = [order for i in world.customers() for order in world.orders_of(i)]
        self.tickets = [desk.ticket(i) for i in range(len(desk))]
        ledger = Billing(world)
        self.invoices = [one for at in range(world.order_count()) for one in ledger.bill_at(at).invoices]

    def orders_of(self, somebody: Somebody, theirs: bool) -> Iterator[str]:
        assert somebody.order
        return (one.number for one in self.orders if somebody.order(self.company, one) is theirs)

    def tickets_of(self, somebody: Somebody, theirs: bool) -> Iterator[str]:
        assert somebody.ticket
        known = self.company.app.pipeline.facts["crossref"]
        people = known.customers("remedy.person", [one.person_id for one in self.tickets])
        return (
            one.number
            for one in self.tickets
            if somebody.ticket(self.company, one) is theirs and one.person_id in people
        )

    def invoices_of(self, somebody: Somebody, theirs: bool) -> Iterator[str]:
        assert somebody.invoice
        return (one.number for one in self.invoices if somebody.invoice(self.company, one) is theirs)

    def unused(self, number: str) -> str:
        """A number of the same length and shape that no order, no ticket and no invoice has."""
        taken = {one.number for some in (self.orders, self.tickets, self.invoices) for one in some}
        for step in range(1, 10_000):
            digits = str(int(number[-6:]) + 7919 * step)[-6:].rjust(6, "0")
            if (made := number[:-6] + digits) not in taken:
                return made
        raise AssertionError(number)
