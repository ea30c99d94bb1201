"""A SAP that says what it is told to say, for tests of the adapter."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from resolvers.backends.base import Call, Connection, Deadline, Outcome, Reply, Request
from resolvers.backends.sap import Sap

BASE = "https://s4.example/erp"
JSON = {"content-type": "application/json;charset=utf-8"}
EVERYTHING = frozenset(Sap.products.columns)
LEVELS = frozenset(Sap.stock.columns)
Answer = Callable[[Request], Reply]


def said(body: Any, status: int = 200, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, content)


def results(*rows: Any, **more: Any) -> Reply:
    return said({"d": {"results": list(rows), **more}})


def stock(material: str, quantity: Any = "1", **changed: Any) -> dict[str, Any]:
    return {
        "Material": material,
        "Plant": "1010",
        "StorageLocation": "101A",
        "InventoryStockType": "01",
        "InventorySpecialStockType": "",
        "MaterialBaseUnit": "PC",
        "MatlWrhsStkQtyInMatlBaseUnit": quantity,
        **changed,
    }


class Scripted:
    """A transport that answers as it is told: one answer after the other, the last one for ever."""

    def __init__(self, *answers: Reply | Answer) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    async def __call__(self, request: Request, timeout: float) -> Reply:  # noqa: ASYNC109 - the seam's name for it
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Reply) else answer(request)


def adapter(transport: Any, **options: str) -> Sap:
    return Sap(Connection(BASE, "user", "word", options=options), transport)


async def ask(
    operation: str, keys: list[Any], *answers: Reply | Answer, columns: frozenset[str] = frozenset(), **args: Any
) -> tuple[dict[Any, Outcome[Any]], list[Request]]:
    line = Scripted(*answers)
    call = Call("sap", operation, tuple(keys), columns, tuple(sorted(args.items())))
    return await adapter(line).perform(call, Deadline(5)), line.asked


async def one_error(operation: str, answer: Reply | Answer, columns: frozenset[str]) -> BaseException | None:
    return (await ask(operation, ["X"], answer, columns=columns))[0]["X"].error
