"""Everything that came of a question: the answer, what was logged, and what the systems were asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that came of a question."""

    body: bytes
    headers: str
    logged: str
    log: Sequence[Mapping[str, Any]]
    status: int
    answer: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", json.loads(self.body))

    @property
    def data(self) -> Any:
        return self.answer.get("data")

    @property
    def refused(self) -> str:
        """The code of a refusal; empty for an answer."""
        return "" if "data" in self.answer else str(self.answer["errors"][0]["extensions"]["code"])

    @property
    def requests(self) -> str:
        """What the systems were asked, as text."""
        return json.dumps(self.log, ensure_ascii=False)

    @property
    def everything(self) -> str:
        """As text: the body, its strings unescaped where any is escaped, and all headers."""
        body = self.body.decode()
        return "\n".join([body, *(strings(self.answer) if "\\" in body else ()), self.headers])


def strings(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield name
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)
        case str():
            yield value
