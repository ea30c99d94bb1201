"""What partners write to the hub: promises, and acknowledgements of purchase orders.

An acknowledgement is taken at once and looked at later: until then its transaction is Processing and reads show what
was before; then it is Success, or Failure with an `errors` entry for each value nobody knows. All or nothing. The hub
knows no idempotency key: what is sent twice is two transactions.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mocks.partner_hub.problem import Problem
from mocks.world.model import World
from mocks.world.supply import Bucket, Commitment, Partners, PurchaseLine, PurchaseOrder

CODES = frozenset({"Accepted", "Backordered", "Rejected"})
Error = dict[str, str]


@dataclass(frozen=True, slots=True)
class Transaction:
    """`done_at`: on the monotonic clock."""

    key: str
    done_at: float
    errors: tuple[Error, ...]
    orders: tuple[PurchaseOrder, ...]

    @property
    def status(self) -> str:
        if time.monotonic() < self.done_at:
            return "Processing"
        return "Failure" if self.errors else "Success"


class Exchange:
    def __init__(self, partners: Partners, world: World, lag: float) -> None:
        self._partners = partners
        self._world = world
        self._lag = lag
        self._transactions: dict[str, Transaction] = {}
        self._orders: dict[str, list[Transaction]] = {}
        self._promises: dict[str, list[tuple[float, Commitment]]] = {}

    # promises

    def promised(self, forecast_id: str, bucket: Bucket) -> Commitment | None:
        """The newest promise for a week that has been looked at."""
        now = time.monotonic()
        written = [one for at, one in self._promises.get(forecast_id, ()) if at <= now]
        return written[-1] if written else bucket.committed

    def promise(self, forecast_id: str, bucket: Bucket, body: Any) -> Commitment:
        quantity = body.get("quantity") if isinstance(body, dict) else None
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
            raise Problem(400, "quantity is a whole number from 0")
        remark = str(body.get("remark", ""))[:200]
        made = Commitment(bucket.begins, bucket.ends, quantity, self._world.now, remark)
        self._promises.setdefault(forecast_id, []).append((time.monotonic() + self._lag, made))
        return made

    # acknowledgements

    def order(self, one: PurchaseOrder) -> PurchaseOrder:
        """As it stands, with what has been acknowledged since."""
        done = [taken for taken in self._orders.get(one.number, ()) if taken.status == "Success"]
        if not done:
            return one
        return next(order for order in done[-1].orders if order.number == one.number)

    def transaction(self, key: str) -> Transaction:
        if key not in self._transactions:
            raise Problem(404, "There is no such transaction")
        return self._transactions[key]

    def acknowledge(self, body: Any) -> Transaction:
        entries = body.get("acknowledgements") if isinstance(body, dict) else None
        if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
            raise Problem(400, "acknowledgements is a list of at least one")
        errors: list[Error] = []
        orders = [order for entry in entries if (order := self._entry(entry, errors))]
        taken = Transaction(secrets.token_hex(12), time.monotonic() + self._lag, tuple(errors), tuple(orders))
        self._transactions[taken.key] = taken
        for order in orders:
            self._orders.setdefault(order.number, []).append(taken)
        return taken

    def _entry(self, entry: dict[str, Any], errors: list[Error]) -> PurchaseOrder | None:
        number = str(entry.get("purchaseOrderNumber", ""))
        found = self._partners.order(number)
        party = entry.get("sellingParty")
        if found is None or not isinstance(party, dict) or party.get("partyId") != found.supplier.partner_id:
            errors.append(_unknown("purchaseOrderNumber", number))
            return None
        lines = {line.supply.part_number: line for line in self.order(found).lines}
        for item in entry.get("items") or ():
            self._item(item if isinstance(item, dict) else {}, lines, errors)
        changed = tuple(sorted(lines.values(), key=lambda line: line.number))
        return replace(found, state="Acknowledged", changed_at=self._world.now, lines=changed)

    def _item(self, item: dict[str, Any], lines: dict[str, PurchaseLine], errors: list[Error]) -> None:
        part = str(item.get("vendorProductIdentifier", ""))
        if part not in lines:
            errors.append(_unknown("vendorProductIdentifier", part))
            return
        said = item.get("itemAcknowledgements")
        first = said[0] if isinstance(said, list) and said and isinstance(said[0], dict) else {}
        code, amount = first.get("acknowledgementCode"), (first.get("acknowledgedQuantity") or {}).get("amount")
        if code not in CODES or not isinstance(amount, int) or amount < 0:
            errors.append(_unknown("itemAcknowledgements", str(code)))
            return
        ships = _day(str(first.get("scheduledShipDate", "")))
        reason = str(first.get("rejectionReason", ""))
        lines[part] = replace(lines[part], acknowledged=amount, code=code, ships_on=ships, reason=reason)


def _unknown(field: str, value: str) -> Error:
    return {"code": "InvalidInput", "message": f"Unknown {field}", "details": value[:100]}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
