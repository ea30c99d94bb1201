"""A client of the partner hub in this process."""

from __future__ import annotations

from typing import Any

import httpx

from mocks import partner_hub
from tests.mocks.siebel_world import Desk


class HubClient:
    """Logged in at the first request."""

    def __init__(self, world: Any, **settings: Any) -> None:
        self.desk = Desk(partner_hub.create(world, **settings))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.desk), base_url="http://hub.example")

    async def login(self) -> HubClient:
        form = {"grant_type": "client_credentials"}
        reply = await self.http.post("/oauth/token", data=form, auth=(partner_hub.CLIENT, partner_hub.SECRET))
        assert reply.status_code == 200, reply.text
        self.http.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        return self

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(f"/v1/{path}", params=query)

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        reply = await self.get("inventory/items", **query)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["results"]
        return found
