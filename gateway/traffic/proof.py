"""Whether the systems behind a gateway are our own mocks: each is asked to obey a control call (CONTRACTS §6).

An address proves nothing: a tunnel to a real system ends on this machine too. One that has obeyed once is known for the
life of this process; one that does not answer counts only at the address where its mock usually is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gateway.settings import Settings
from gateway.strict_json import NotJson, read_json
from resolvers.backends.base import Request, Send, Unreadable

SECONDS = 2.0
CONTROL = "/_mock/requests?since=1000000000"


@dataclass(slots=True)
class Proof:
    """`usual`: systems whose address is the one that dev mode has by itself."""

    lines: Mapping[str, Send]
    secret: str = field(repr=False)
    usual: Collection[str] = ()
    proven: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settings: Settings, lines: Mapping[str, Send]) -> Proof:
        usual = [name for name in lines if settings.origins[f"backends.{name}.base_url"] == "default"]
        return cls(lines, settings.text("mocks.secret"), usual)

    async def stranger(self) -> str | None:
        """The name of one that is not known to be a mock; None when there is none."""
        unknown = sorted(self.lines.keys() - self.proven)
        found = await asyncio.gather(*(self._obeys(name) for name in unknown))
        self.proven.update(name for name, good in zip(unknown, found, strict=True) if good)
        silent = [name for name, good in zip(unknown, found, strict=True) if good is None]
        return next((name for name in unknown if name not in self.proven and name not in silent), None)

    async def _obeys(self, name: str) -> bool | None:
        """None: nobody is there, and nobody else but its mock is known to come there."""
        request = Request("GET", CONTROL, (("x-mock-secret", self.secret),) if self.secret else ())
        try:
            reply = await self.lines[name](request, SECONDS)
            said = read_json(reply.body) if reply.status == 200 else None
        except (TimeoutError, ConnectionError):
            return None if name in self.usual else False
        except (Unreadable, NotJson):
            return False
        return isinstance(said, dict) and isinstance(said.get("requests"), list)
