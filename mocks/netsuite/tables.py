"""The tables and columns of SuiteQL that this account has, and their rows: text, numbers, dates as `YYYY-MM-DD`.

Column names are SuiteQL's, which are not those of the records; `custbody_…` and `custcol_…` are this company's own
fields. On sales, quantities and amounts of lines are negative, for they are credits to the books (from memory, and seen
in public queries, as are `balancesearch`, `overduebalancesearch` and links of type `Payment`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mocks.world.billing import Document
from mocks.world.ledger import Bill, Billed, Credit, Debtor, Invoice, Payment
from mocks.world.model import World
from mocks.world.places import CURRENCIES

TERMS = ("Net 30", "Net 60", "Immediate", "2/10 Net 30")
MEANS = ("Visa", "Mastercard", "Bank transfer", "Check", "Direct debit")
FIRST_ITEM = 500
LINES_EACH = 100

TABLES: Mapping[str, Mapping[str, str]] = {
    "transaction": {
        **dict.fromkeys(("id", "entity", "currency", "terms", "paymentmethod"), "INTEGER"),
        **dict.fromkeys(("tranid", "type", "recordtype", "status", "otherrefnum", "memo"), "TEXT"),
        **dict.fromkeys(("trandate", "duedate", "closedate", "createddate", "lastmodifieddate"), "DATE"),
        **dict.fromkeys(("foreigntotal", "foreignamountunpaid", "foreignamountpaid"), "REAL"),
        **dict.fromkeys(("foreignpaymentamountunused", "foreignpaymentamountused"), "REAL"),
        **dict.fromkeys(("posting", "voided", "custbody_order_number", "custbody_last_four"), "TEXT"),
    },
    "transactionline": {
        **dict.fromkeys(("transaction", "id", "uniquekey", "linesequencenumber", "item"), "INTEGER"),
        **dict.fromkeys(("mainline", "taxline", "itemtype", "memo", "custcol_order_line"), "TEXT"),
        **dict.fromkeys(("quantity", "rate", "foreignamount"), "REAL"),
    },
    "nexttransactionlink": {
        **dict.fromkeys(("previousdoc", "nextdoc"), "INTEGER"),
        **dict.fromkeys(("linktype", "previoustype", "nexttype"), "TEXT"),
        "foreignamount": "REAL",
    },
    "customer": {
        **dict.fromkeys(("id", "currency", "terms"), "INTEGER"),
        **dict.fromkeys(("entityid", "altname", "companyname", "firstname", "lastname", "isperson"), "TEXT"),
        **dict.fromkeys(("email", "phone", "accountnumber", "isinactive", "comments"), "TEXT"),
        **dict.fromkeys(("datecreated", "lastmodifieddate"), "DATE"),
        **dict.fromkeys(("creditlimit", "balancesearch", "overduebalancesearch"), "REAL"),
    },
    "currency": {"id": "INTEGER", "name": "TEXT", "symbol": "TEXT"},
    "term": {"id": "INTEGER", "name": "TEXT"},
    "item": {"id": "INTEGER", "itemid": "TEXT", "displayname": "TEXT"},
}
LINKS = {"previoustransactionlink": "nexttransactionlink"}
"""Tables that are others under another name: the same links, seen from their other end."""

TYPES = {Invoice: "CustInvc", Payment: "CustPymt", Credit: "CustCred"}
RECORDS = {"CustInvc": "invoice", "CustPymt": "customerpayment", "CustCred": "creditmemo"}
TITLES = {"CustInvc": "Invoice", "CustPymt": "Payment", "CustCred": "Credit Memo"}
STATUSES = {
    "CustInvc": {"A": "Open", "B": "Paid In Full"},
    "CustPymt": {"C": "Deposited"},
    "CustCred": {"A": "Open", "B": "Fully Applied"},
}
Row = dict[str, Any]


def currencies(world: World) -> list[str]:
    """In the sequence of their ids, from 1."""
    used = {world.customer(index).currency for index in range(min(len(world), 50))}
    return [*CURRENCIES, *sorted(used - CURRENCIES.keys())]


def status_of(document: Document) -> str:
    match document:
        case Invoice():
            return "A" if document.open else "B"
        case Payment():
            return "C"
        case Credit():
            return "B"


def transaction(document: Document, known: list[str]) -> Row:
    kind = TYPES[type(document)]
    row: Row = {
        "id": document.id,
        "tranid": document.number,
        "type": kind,
        "recordtype": RECORDS[kind],
        "status": status_of(document),
        "trandate": document.day,
        "entity": document.debtor,
        "currency": known.index(document.currency) + 1,
        "foreigntotal": document.total,
        "createddate": document.day,
        "lastmodifieddate": document.modified,
        "posting": "T",
        "voided": "F",
        "custbody_order_number": document.order,
    }
    return row | _own(document)


def _own(document: Document) -> Row:
    match document:
        case Invoice():
            return {
                "duedate": document.due,
                "closedate": document.settled_on,
                "terms": TERMS.index(document.terms) + 1,
                "otherrefnum": document.purchase_order or None,
                "foreignamountunpaid": document.open,
                "foreignamountpaid": document.total - document.open,
                "memo": document.memo,
            }
        case Payment():
            return {
                "paymentmethod": MEANS.index(document.means) + 1,
                "custbody_last_four": document.last_four or None,
                "foreignpaymentamountunused": Decimal(0),
                "foreignpaymentamountused": document.total,
                "memo": document.memo,
            }
        case Credit():
            return {
                "foreignpaymentamountunused": Decimal(0),
                "foreignpaymentamountused": document.total,
                "memo": document.reason,
            }


def lines(invoice: Invoice, world: World) -> Iterator[Row]:
    """The main line, then one for each item; then what is added or taken off."""
    yield _line(invoice, 0, mainline="T", foreignamount=invoice.total, memo=invoice.memo)
    for line in invoice.lines:
        yield _line(invoice, line.number, **_billed(line, world))
    extras = (("Discount", -invoice.discount, "Discount"), ("ShipItem", invoice.freight, "Freight"))
    at = len(invoice.lines)
    for kind, amount, title in extras:
        if amount:
            at += 1
            yield _line(invoice, at, itemtype=kind, memo=title, foreignamount=-amount)
    if invoice.tax:
        yield _line(invoice, at + 1, itemtype="TaxItem", taxline="T", memo="Tax", foreignamount=-invoice.tax)


def _billed(line: Billed, world: World) -> Row:
    index = world.by_sku(line.sku)
    return {
        "item": None if index is None else FIRST_ITEM + index,
        "itemtype": "InvtPart",
        "memo": line.description,
        "quantity": -line.quantity,
        "rate": line.price,
        "foreignamount": -line.amount,
        "custcol_order_line": line.order_line,
    }


def _line(invoice: Invoice, at: int, **own: Any) -> Row:
    fixed = {"transaction": invoice.id, "id": at, "uniquekey": invoice.id * LINES_EACH + at, "linesequencenumber": at}
    return {"mainline": "F", "taxline": "F"} | fixed | own


def links(bill: Bill) -> Iterator[Row]:
    settling: tuple[Payment | Credit, ...] = (*bill.payments, *bill.credits)
    for document in settling:
        for part in document.applied:
            yield {
                "previousdoc": part.invoice,
                "nextdoc": document.id,
                "linktype": "Payment",
                "previoustype": "CustInvc",
                "nexttype": TYPES[type(document)],
                "foreignamount": part.amount,
            }


def customer(debtor: Debtor, known: list[str]) -> Row:
    """Without the balances, which are worked out when somebody asks."""
    return {
        "id": debtor.id,
        "entityid": debtor.number,
        "altname": debtor.name or None,
        "companyname": debtor.company or None,
        "firstname": debtor.first_name or None,
        "lastname": debtor.last_name or None,
        "isperson": "F" if debtor.company else "T",
        "email": debtor.email or None,
        "phone": debtor.phone or None,
        "accountnumber": debtor.account or None,
        "currency": known.index(debtor.currency) + 1,
        "terms": TERMS.index(debtor.terms) + 1,
        "creditlimit": debtor.credit_limit,
        "isinactive": "F",
        "datecreated": debtor.created,
        "lastmodifieddate": debtor.modified,
        "comments": debtor.notes,
    }


def stored(value: Any) -> Any:
    """As the database keeps it: midnight is the day itself, so that days and moments compare as text."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
