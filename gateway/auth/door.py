"""Whom a bearer token speaks for, whoever issued it: a dev token, or one of an issuer in the settings.

Everything that is wrong with one gets the same 401. Only an issuer whose keys nobody here has ever seen, and who cannot
be reached, is told apart (503): its tokens may be good, and are worth trying again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.auth import Principal
from gateway.auth.compact import WRONG, Compact, opened
from gateway.auth.issuers import Issuer, Partnered
from gateway.auth.jwks import Unreachable
from gateway.auth.tokens import Tokens
from gateway.errors import Code, HttpProblem, Unauthenticated


@dataclass(frozen=True, slots=True)
class Believer:
    """`dev`: None out of dev mode, when no dev token is good, whoever signed it. `issuers`: by the `iss` of tokens."""

    dev: Tokens | None
    issuers: Mapping[str, Issuer]
    partners: Mapping[str, Partnered]

    async def __call__(self, token: str) -> Principal:
        """Raises `Unauthenticated`, or a 503."""
        try:
            return await self._believed(opened(token))
        except Unreachable as error:
            later = {"Retry-After": str(math.ceil(error.after))}
            told = "The issuer of this token cannot be reached: try again later."
            raise HttpProblem(503, told, later, Code.BACKEND_UNAVAILABLE) from error
        except WRONG as error:
            raise Unauthenticated from error

    async def _believed(self, token: Compact) -> Principal:
        issuer = token.claims["iss"]
        if self.dev is not None and issuer == self.dev.issuer:
            return self.dev.believed(token)
        return await self.issuers[issuer].believed(token, self.partners)

    async def aclose(self) -> None:
        for issuer in self.issuers.values():
            await issuer.keys.aclose()
