"""Records, as the REST record service shows them: camel case, JSON numbers, references with links and `refName`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mocks.netsuite import tables
from mocks.netsuite.errors import bad_parameter, bad_search, not_there
from mocks.netsuite.formats import from_account
from mocks.world.billing import Billing, Document
from mocks.world.ledger import Billed, Credit, Debtor, Invoice, Payment

Record = dict[str, Any]
KINDS: Mapping[str, type] = {"invoice": Invoice, "customerpayment": Payment, "creditmemo": Credit, "customer": Debtor}
SUBLISTS: Mapping[str, tuple[str, ...]] = {
    "invoice": ("item",),
    "customerpayment": ("apply",),
    "creditmemo": ("apply",),
    "customer": (),
}
CLAUSE = re.compile(
    r"\s*(\w+)\s+(IS|START_WITH|CONTAIN|ON_OR_AFTER|AFTER|ON_OR_BEFORE|BEFORE|ANY_OF)\s+"
    r'("[^"]*"|\[[\d, ]*\]|[\d.]+)\s*'
)


class Records:
    """One ledger's records. `base`: the address of the record service."""

    def __init__(self, billing: Billing) -> None:
        self._billing = billing

    def found(self, kind: str, key: str) -> Document | Debtor:
        """Raises Problem 404."""
        whole = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else -1
        record: Document | Debtor | None
        if kind == "customer":
            record = self._billing.debtor(whole)
        else:
            ordinal = self._billing.ordinal_of(whole)
            bill = () if ordinal is None else self._billing.bill_at(ordinal).documents
            record = next((one for one in bill if one.id == whole and isinstance(one, KINDS[kind])), None)
        if record is None:
            raise not_there(kind, key)
        return record

    def shown(self, kind: str, record: Any, base: str, *, whole: bool = False, simple: bool = False) -> Record:
        """whole: sublists are expanded. simple: the status is its text alone."""
        here = f"{base}/{kind}/{record.id}"
        links = {"links": [{"rel": "self", "href": here}], "id": str(record.id)}
        if isinstance(record, Debtor):
            return links | self._debtor(record)
        status = tables.STATUSES[tables.TYPES[type(record)]][tables.status_of(record)]
        debtor = self._billing.debtor(record.debtor)
        body = links | {
            "tranId": record.number,
            "tranDate": record.day.isoformat(),
            "createdDate": _moment(datetime(record.day.year, record.day.month, record.day.day)),
            "lastModifiedDate": _moment(record.modified),
            "entity": _reference(base, "customer", record.debtor, debtor.name if debtor else ""),
            "currency": {"links": [], "id": self._currency(record.currency), "refName": record.currency},
            "status": status if simple else {"id": status, "refName": status},
            "custbody_order_number": record.order,
        }
        body |= _own(record)
        for name in SUBLISTS[kind]:
            place = {"links": [{"rel": "self", "href": f"{here}/{name}"}]}
            body[name] = self.sublist(record, name) if whole else place
        return body

    def sublist(self, record: Any, name: str) -> Record:
        if isinstance(record, Invoice) and name == "item":
            items = [_item(line, self._billing) for line in record.lines]
        elif isinstance(record, Payment | Credit) and name == "apply":
            applied = ((str(one.invoice), float(one.amount)) for one in record.applied)
            items = [{"doc": {"id": invoice}, "apply": True, "amount": amount} for invoice, amount in applied]
        else:
            raise not_there(name, str(record.id))
        page = {"count": len(items), "totalResults": len(items), "hasMore": False, "offset": 0}
        return {"links": [], "items": items, **page}

    def listed(self, kind: str, query: str) -> list[int]:
        """Ids of the records that meet a `q`. Raises Problem for what cannot be evaluated."""
        conditions = [_condition(part) for part in query.split(" AND ")] if query.strip() else []
        return [one.id for one in self._candidates(kind, conditions) if all(_meets(one, *part) for part in conditions)]

    def _candidates(self, kind: str, conditions: Iterable[tuple[str, str, Any]]) -> Iterable[Any]:
        """Of an entity when one is named, else all there are."""
        billing, world = self._billing, self._billing.world
        entities = next((value for name, sign, value in conditions if name == "entity" and sign == "ANY_OF"), None)
        debtors = (
            (one for index in world.customers() for one in billing.debtors_of(index))
            if entities is None
            else (one for identity in entities if (one := billing.debtor(identity)))
        )
        if kind == "customer":
            return debtors
        documents = (one for debtor in debtors for bill in billing.bills_of(debtor) for one in bill.documents)
        return (one for one in documents if isinstance(one, KINDS[kind]))

    def _debtor(self, debtor: Debtor) -> Record:
        open_, overdue = self._billing.balance(debtor)
        told: Record = {
            "entityId": debtor.number,
            "accountNumber": debtor.account or None,
            "altName": debtor.name or None,
            "companyName": debtor.company or None,
            "firstName": debtor.first_name or None,
            "lastName": debtor.last_name or None,
            "isPerson": not debtor.company,
            "email": debtor.email or None,
            "phone": debtor.phone or None,
            "currency": {"links": [], "id": self._currency(debtor.currency), "refName": debtor.currency},
            "creditLimit": float(debtor.credit_limit),
            "balance": float(open_),
            "overdueBalance": float(overdue),
            "dateCreated": _moment(debtor.created),
            "lastModifiedDate": _moment(debtor.modified),
            "comments": debtor.notes,
        }
        return {name: value for name, value in told.items() if value is not None}

    def _currency(self, code: str) -> str:
        return str(tables.currencies(self._billing.world).index(code) + 1)


def chosen(record: Record, fields: str | None) -> Record:
    """`fields=tranId,total`: these, and what identifies the record."""
    if not fields:
        return record
    wanted = {*fields.split(","), "links", "id"}
    if strange := wanted - record.keys():
        raise bad_parameter("fields", f"Invalid field name: {sorted(strange)[0][:40]}.")
    return {name: value for name, value in record.items() if name in wanted}


def _own(record: Document) -> Record:
    match record:
        case Invoice():
            return {
                "dueDate": record.due.isoformat(),
                "subtotal": float(record.subtotal),
                "discountTotal": float(-record.discount),
                "shippingCost": float(record.freight),
                "taxTotal": float(record.tax),
                "total": float(record.total),
                "amountPaid": float(record.total - record.open),
                "amountRemaining": float(record.open),
                "amountRemainingTotalBox": float(record.open),
                "otherRefNum": record.purchase_order,
                "memo": record.memo,
            }
        case Payment():
            return {"total": float(record.total), "payment": float(record.total), "memo": record.memo} | (
                {"custbody_last_four": record.last_four} if record.last_four else {}
            )
        case Credit():
            total = float(record.total)
            return {"total": total, "applied": total, "unapplied": 0.0, "memo": record.reason}


def _item(line: Billed, billing: Billing) -> Record:
    index = billing.world.by_sku(line.sku)
    return {
        "line": line.number,
        "item": {"id": str(tables.FIRST_ITEM + (index or 0)), "refName": line.sku},
        "description": line.description,
        "quantity": float(line.quantity),
        "rate": float(line.price),
        "amount": float(line.amount),
        "custcol_order_line": line.order_line,
    }


def _reference(base: str, kind: str, identity: int, name: str) -> Record:
    return {"links": [{"rel": "self", "href": f"{base}/{kind}/{identity}"}], "id": str(identity), "refName": name}


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _condition(text: str) -> tuple[str, str, Any]:
    found = CLAUSE.fullmatch(text)
    if not found:
        raise bad_search("Invalid expression in q")
    name, sign, value = found.groups()
    if sign == "ANY_OF":
        return name, sign, [int(one) for one in value.strip("[]").split(",") if one.strip()]
    if sign.endswith(("AFTER", "BEFORE")):
        return name, sign, from_account(value.strip('"'))
    return name, sign, value.strip('"')


def _meets(record: Any, name: str, sign: str, value: Any) -> bool:
    match name:
        case "entity":
            return sign == "ANY_OF" and getattr(record, "debtor", None) in value
        case "id":
            return record.id in value if sign == "ANY_OF" else str(record.id) == value
        case "tranId" | "entityId":
            return _text(record.number, sign, value)
        case "tranDate" | "lastModifiedDate":
            return _time(str(tables.stored(record.day if name == "tranDate" else record.modified)), sign, value)
        case _:
            raise bad_search(f"Field '{name}' for record was not found")


def _text(own: str, sign: str, value: str) -> bool:
    known = {"IS": own == value, "START_WITH": own.startswith(value), "CONTAIN": value in own}
    if sign not in known:
        raise bad_search(f"Operator {sign} is not for text")
    return known[sign]


def _time(own: str, sign: str, value: str) -> bool:
    known = {"ON_OR_AFTER": own >= value, "AFTER": own > value, "ON_OR_BEFORE": own <= value, "BEFORE": own < value}
    if sign not in known:
        raise bad_search(f"Operator {sign} is not for dates")
    return known[sign]
