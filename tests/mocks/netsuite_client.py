"""A client of the NetSuite mock: signs in as the real one wants it, and puts queries."""

from __future__ import annotations

import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeyFlexible

from mocks.netsuite import CERTIFICATE_ID, CLIENT_ID, PRIVATE_KEY, TOKEN_PATH

BASE = "https://1234567-sb1.suitetalk.api.netsuite.com"
SUITEQL = "/services/rest/query/v1/suiteql"
RECORD = "/services/rest/record/v1"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def own_key() -> ECKey:
    return ECKey.import_key(f"-----BEGIN PRIVATE KEY-----\n{PRIVATE_KEY}\n-----END PRIVATE KEY-----")


def statement(key: KeyFlexible | None = None, alg: str = "ES256", kid: str = CERTIFICATE_ID, **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": CLIENT_ID, "scope": ["rest_webservices"], "aud": BASE + TOKEN_PATH, "iat": now, "exp": now + 300}
    header = {"typ": "JWT", "alg": alg, "kid": kid}
    return jwt.encode(header, usual | claims, key or own_key(), [alg])


class Client:
    """Speaks HTTP with one mock in this process."""

    def __init__(self, app: Any) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
        self.token = ""

    async def sign_in(self, signed: str | None = None, **more: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_assertion_type": BEARER}
        reply = await self.http.post(TOKEN_PATH, data=form | {"client_assertion": signed or statement()} | more)
        if reply.status_code == 200:
            self.token = reply.json()["access_token"]
        return reply

    async def query(self, sql: str, *, prefer: str = "transient", **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Prefer": prefer} if prefer else {})
        return await self.http.post(SUITEQL, params=parameters, json={"q": sql}, headers=headers)

    async def rows(self, sql: str, **parameters: Any) -> list[dict[str, str]]:
        reply = await self.query(sql, **parameters)
        assert reply.status_code == 200, reply.text
        return [{name: value for name, value in row.items() if name != "links"} for row in reply.json()["items"]]

    async def get(self, path: str, accept: str = "application/json", **parameters: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        return await self.http.get(RECORD + path, params=parameters, headers=headers)


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["o:errorDetails"][0]["o:errorCode"]
