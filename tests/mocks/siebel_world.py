"""A company of a handful of customers, and a client that asks its Siebel as SADMIN."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx

from mocks import siebel
from mocks.world.kept import Kept
from mocks.world.model import Address, Customer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JANE = Customer(
    index=0,
    number="0001000000",
    first_name="Jane",
    last_name="Doe",
    account_name="Doe & Co.",
    job_title="Buyer",
    email="Jane.Doe@example.com",
    phone="+49 (0)30 1234-567",
    mobile="0049 171 5550100",
    address=Address("Hauptstraße 1", "Berlin", "", "01234", "Germany"),
    language="de-DE",
    tier="Gold",
    segment="Corporate",
    region="EMEA",
    since=datetime(2019, 7, 4, 22, 30, 5, tzinfo=UTC),
    updated=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
    birth_date=date(1980, 5, 17),
    channel="WEB",
    sales_owner="Lisa Jones",
    carrier="UPS",
    currency="EUR",
    suppress_emails=True,
    suppress_calls=False,
    suppress_mailings=False,
    suppress_faxes=True,
    siebel_contact_id="1-C0",
    siebel_account_id="1-A0",
    integration_id="ERP-0",
    party_id=300000010000000,
    party_number="1000000",
    duplicate_of=None,
    notes="CANARY-customer_notes-0",
)
NOWHERE = Address("", "", "", "", "")


def another(index: int, **facts: Any) -> Customer:
    """A customer with nothing but keys, and what is given."""
    blank = {name: "" for name in ("job_title", "phone", "mobile", "language", "tier", "segment", "region")}
    keys = {"siebel_contact_id": f"1-C{index}", "siebel_account_id": f"1-A{index}", "integration_id": f"ERP-{index}"}
    named = {"first_name": "N", "last_name": f"No. {index}", "email": f"n{index}@example.com", "account_name": ""}
    number = {"number": f"{1_000_000 + index:010d}", "index": index, "birth_date": None, "address": NOWHERE}
    return replace(JANE, **{**blank, **keys, **named, **number, **facts})


class SmallWorld(Kept):
    """As much of a world as Siebel needs."""

    now = NOW
    seed = 1

    def __init__(self, *people: Customer) -> None:
        super().__init__()
        self._people = people

    def __len__(self) -> int:
        return len(self._people)

    def customers(self) -> range:
        return range(len(self._people))

    def customer(self, index: int) -> Customer:
        return self._people[index]

    def by_email(self, email: str) -> list[int]:
        return [one.index for one in self._people if one.email.lower() == email.lower()]

    def by_phone(self, digits: str) -> list[int]:
        return [one.index for one in self._people if digits in (_digits(one.phone), _digits(one.mobile))]

    def by_contact_id(self, row_id: str) -> int | None:
        return next((one.index for one in self._people if one.siebel_contact_id == row_id), None)

    def by_account_id(self, row_id: str) -> int | None:
        return next((one.index for one in self._people if one.siebel_account_id == row_id), None)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"Siebel has no business with {name}")


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


def town(*more: Customer) -> SmallWorld:
    """Jane, a namesake with quotes, someone with wildcards, someone Siebel does not know, and others."""
    people = (
        JANE,
        another(1, first_name="Scarlett", last_name="O'Hara\" OR '1'='1", email="o'hara@example.com"),
        another(2, first_name="Star*", last_name="Wild?Card", email="star*@example.com", account_name="A*B"),
        another(3, siebel_contact_id=None, siebel_account_id=None, email="", integration_id=""),
        another(4, first_name="jane", last_name="DOE", email="JANE.DOE@EXAMPLE.COM", phone="0049301234567"),
        another(5, first_name="", last_name="", email="", number=""),
    )
    return SmallWorld(*people, *more)


class Desk:
    """Wraps the mock as the control desk does, and remembers what it was told."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.asked: list[dict[str, Any]] = []
        self.ledger: list[dict[str, Any]] = []
        self.logins = 0
        self.targets: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        told = {"mock.asked": self.asked, "mock.ledger": self.ledger, "mock.login": self.logins}
        self.targets.append(f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}")
        await self._app({**scope, **told}, receive, send)


class Client:
    """SADMIN at a keyboard: paths below /siebel/v1.0/data."""

    def __init__(self, world: Any, **settings: Any) -> None:
        self.desk = Desk(siebel.create(world, **settings))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.desk),
            base_url="http://crm.example",
            auth=(siebel.USERNAME, siebel.PASSWORD),
            headers={"Content-Type": "application/json"},
        )

    async def get(self, path: str, *, mode: str | None = "All", **query: str) -> httpx.Response:
        params = query if mode is None else {"ViewMode": mode, **query}
        return await self.http.get(f"/siebel/v1.0/data/{path}", params=params)

    async def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Rows of a search; an empty list for none."""
        reply = await self.get(path, uniformresponse="y", **query)
        if reply.status_code == 404:
            assert reply.json() == {"ERROR": "There is no data for the requested resource"}
            return []
        assert reply.status_code == 200, reply.text
        items: list[dict[str, Any]] = reply.json()["items"]
        return items

    async def ids(self, path: str, **query: str) -> list[str]:
        return [row["Id"] for row in await self.rows(path, fields="Id", PageSize="100", **query)]

    async def send(self, method: str, path: str, body: Any) -> httpx.Response:
        return await self.http.request(method, f"/siebel/v1.0/data/{path}", json=body)
