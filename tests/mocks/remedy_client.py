"""A service desk agent at a keyboard: asks the mock in this process, as the control desk lets it be asked."""

from __future__ import annotations

from typing import Any

import httpx

from mocks import remedy
from mocks.control import controlled
from mocks.world import World

ENTRY = "/api/arsys/v1/entry/"
HELP_DESK, INTERFACE = "HPD:Help Desk", "HPD:IncidentInterface"
CREATE, WORK_LOG = "HPD:IncidentInterface_Create", "HPD:WorkLog"
NEW: dict[str, Any] = {
    "First_Name": "Allen",
    "Last_Name": "Allbrook",
    "Description": "Router drops line",
    "Detailed_Decription": "Since Monday",
    "Impact": "3-Moderate/Limited",
    "Urgency": "2-High",
    "Status": "New",
    "Reported Source": "Web",
    "Service_Type": "User Service Restoration",
    "z1D_Action": "CREATE",
}


class Client:
    def __init__(self, world: World, **settings: Any) -> None:
        self.app = controlled({"remedy": remedy.create(world, **settings)}, open_control=True)["remedy"]
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://itsm.example")

    async def log_in(self, username: str = remedy.USERNAME, password: str = remedy.PASSWORD) -> httpx.Response:
        reply = await self.http.post("/api/jwt/login", data={"username": username, "password": password})
        if reply.status_code == 200:
            self.http.headers["Authorization"] = f"AR-JWT {reply.text}"
        return reply

    async def query(self, q: str = "", form: str = HELP_DESK, **params: Any) -> httpx.Response:
        if "authorization" not in self.http.headers:
            await self.log_in()
        told = {"q": q, **params} if q else params
        return await self.http.get(ENTRY + form, params=told)

    async def values(self, q: str = "", form: str = HELP_DESK, **params: Any) -> list[dict[str, Any]]:
        reply = await self.query(q, form, **params)
        assert reply.status_code == 200, reply.text
        return [entry["values"] for entry in reply.json()["entries"]]

    async def column(self, name: str, q: str = "", form: str = HELP_DESK, **params: Any) -> list[Any]:
        rows = await self.values(q, form, fields=f"values({name})", limit=1000, **params)
        return [row[name] for row in rows]

    async def create(self, form: str = CREATE, values: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        if "authorization" not in self.http.headers:
            await self.log_in()
        body = {"values": (NEW if values is None else values) | more}
        return await self.http.post(ENTRY + form, params={"fields": "values(Incident Number)"}, json=body)

    async def change(self, entry_id: str, form: str = HELP_DESK, **values: Any) -> httpx.Response:
        return await self.http.put(f"{ENTRY}{form}/{entry_id}", json={"values": values})

    async def merge(self, form: str, values: dict[str, Any], q: str = "", **options: Any) -> httpx.Response:
        if "authorization" not in self.http.headers:
            await self.log_in()
        body = {"values": values, "mergeOptions": options, "qualification": q}
        return await self.http.post(f"/api/arsys/v1/mergeEntry/{form}", json=body)

    async def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.http.get("/_mock/requests")).json()["requests"]
        return found


def refusal(reply: httpx.Response) -> tuple[int, int]:
    """Status, and the number of the one message."""
    (message,) = reply.json()
    assert set(message) == {"messageType", "messageText", "messageAppendedText", "messageNumber"}
    return reply.status_code, message["messageNumber"]
