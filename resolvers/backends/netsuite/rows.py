"""From SuiteQL's rows of text to records. What does not fit is `Garbled`: for its own key, when the row has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from resolvers.backends.base import BackendError, Garbled
from resolvers.backends.netsuite.records import (
    Balance,
    CreditMemo,
    Invoice,
    InvoiceLine,
    Money,
    Payment,
    Receipt,
    Sales,
)
from schema.billing import InvoiceStatus

R = TypeVar("R")

STATUSES = {
    "A": InvoiceStatus.OPEN,
    "B": InvoiceStatus.PAID,
    "D": InvoiceStatus.PENDING_APPROVAL,
    "E": InvoiceStatus.REJECTED,
    "V": InvoiceStatus.VOIDED,
}
LARGEST = 20  # digits before the point, or zeros behind it: no amount of money has more


class Page(msgspec.Struct, frozen=True):
    """One page of an answer."""

    items: list[msgspec.Raw]
    has_more: bool = msgspec.field(name="hasMore")
    count: int


class Row(msgspec.Struct, frozen=True):
    """A row of any of our queries. All values come as text; what is null is left out. `key`: what it was asked by."""

    id: str | None = None
    key: str | None = None
    tranid: str | None = None
    status: str | None = None
    trandate: date | None = None
    duedate: date | None = None
    closedate: date | None = None
    entity: str | None = None
    symbol: str | None = None
    memo: str | None = None
    foreigntotal: Decimal | None = None
    foreignamountunpaid: Decimal | None = None
    foreignamount: Decimal | None = None
    custbody_order_number: str | None = None
    custbody_last_four: str | None = None
    custcol_order_line: str | None = None
    linesequencenumber: str | None = None
    item: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    paymentmethod: str | None = None
    balancesearch: Decimal | None = None
    overduebalancesearch: Decimal | None = None
    billed: Decimal | None = None
    billedsince: Decimal | None = None
    invoices: Decimal | None = None
    invoicessince: Decimal | None = None
    laston: date | None = None
    accountnumber: str | None = None
    email: str | None = None
    phone: str | None = None
    altname: str | None = None
    updated: str | None = None


class Reading:
    """Reads the rows of one system. `currency`: of an account that has only one; "": each row says its own."""

    def __init__(self, system: str, currency: str = "") -> None:
        self._system = system
        self._currency = currency

    def page(self, body: bytes, most: int) -> Page:
        """Raises Garbled for a page that cannot be one: of another length than it says, or longer than asked for."""
        try:
            page = msgspec.json.decode(body, type=Page)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._garbled(f"{type(error).__name__}") from error
        if page.count != len(page.items) or page.count > most or (page.has_more and not page.items):
            raise self._garbled(f"a page of {len(page.items)} rows that says it has {page.count}, of {most} at most")
        return page

    def keyed(
        self, items: Iterable[msgspec.Raw], make: Callable[[Row], R], asked: frozenset[str]
    ) -> Iterator[tuple[str, R | BackendError]]:
        """Records by the key they were asked by; a row that cannot be read costs its own key."""
        for item in items:
            key, row = self._row(item)
            if key not in asked:
                raise self._garbled("a row that nobody asked for")
            yield key, row if isinstance(row, BackendError) else self._tried(make, row)

    def rows(self, items: Iterable[msgspec.Raw]) -> list[Row]:
        """All of them, or Garbled."""
        found = [self._row(item)[1] for item in items]
        for row in found:
            if isinstance(row, BackendError):
                raise row
        return [row for row in found if isinstance(row, Row)]

    def _row(self, item: msgspec.Raw) -> tuple[str, Row | BackendError]:
        try:
            row = msgspec.json.decode(item, type=Row)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return self._key(item), self._garbled(f"{type(error).__name__}: a row that does not fit")
        return row.key or "", row

    def _key(self, item: msgspec.Raw) -> str:
        try:
            found: Any = msgspec.json.decode(item)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ""
        key = found.get("key") if isinstance(found, dict) else None
        return key if isinstance(key, str) else ""

    def _tried(self, make: Callable[[Row], R], row: Row) -> R | BackendError:
        try:
            return make(row)
        except BackendError as error:
            return error

    # -- records --------------------------------------------------------------------------------------------------

    def invoice(self, row: Row) -> Invoice:
        if not row.id:
            raise self._garbled("an invoice without an id")
        return Invoice(
            id=row.id,
            number=row.tranid,
            status=self._status(row.status),
            word=row.status or None,
            issued_on=row.trandate,
            due_on=row.duedate,
            settled_on=row.closedate,
            total=self._money(row.foreigntotal, row),
            open=self._money(row.foreignamountunpaid, row),
            currency=self._code(row),
            debtor_id=row.entity,
            order_number=row.custbody_order_number,
        )

    def line(self, row: Row) -> InvoiceLine:
        """Sales are credits to the books: their quantities and amounts are negative there."""
        return InvoiceLine(
            number=row.linesequencenumber,
            order_line=row.custcol_order_line,
            sku=row.item,
            quantity=None if row.quantity is None else self._finite(-row.quantity),
            unit_price=self._money(row.rate, row),
            amount=None if row.foreignamount is None else self._money(-row.foreignamount, row),
        )

    def payment(self, row: Row) -> Payment:
        return Payment(
            number=row.tranid,
            paid_on=row.trandate,
            amount=self._money(row.foreignamount, row),
            means=row.paymentmethod,
            last_four=row.custbody_last_four,
        )

    def receipt(self, row: Row) -> Receipt:
        if not row.id:
            raise self._garbled("a payment without an id")
        return Receipt(
            id=row.id,
            number=row.tranid,
            paid_on=row.trandate,
            amount=self._money(row.foreigntotal, row),
            means=row.paymentmethod,
            last_four=row.custbody_last_four,
        )

    def credit(self, row: Row) -> CreditMemo:
        amount = self._money(row.foreignamount, row)
        return CreditMemo(number=row.tranid, issued_on=row.trandate, amount=amount, reason=row.memo)

    def balance(self, row: Row) -> Balance:
        return Balance(
            open=None if row.balancesearch is None else self._finite(row.balancesearch),
            overdue=None if row.overduebalancesearch is None else self._finite(row.overduebalancesearch),
            currency=self._code(row),
        )

    def sales(self, row: Row) -> Sales:
        return Sales(
            billed=None if row.billed is None else self._finite(row.billed),
            billed_since=None if row.billedsince is None else self._finite(row.billedsince),
            invoices=self._count(row.invoices),
            invoices_since=self._count(row.invoicessince),
            last_on=row.laston,
            currency=self._code(row),
        )

    def _count(self, number: Decimal | None) -> int | None:
        if number is None:
            return None
        if self._finite(number) < 0 or number != int(number):
            raise self._garbled("a count that is none")
        return int(number)

    def _status(self, letter: str | None) -> InvoiceStatus | None:
        """`A`, or `CustInvc:A`."""
        return None if letter is None else STATUSES.get(letter.rpartition(":")[2], InvoiceStatus.OTHER)

    def _money(self, amount: Decimal | None, row: Row) -> Money | None:
        if amount is None:
            return None
        code = self._code(row)
        if code is None:
            raise self._garbled("an amount without a currency")
        return Money(self._finite(amount), code)

    def _code(self, row: Row) -> str | None:
        code = row.symbol or self._currency or None
        if code is not None and not (len(code) == 3 and code.isascii() and code.isupper()):
            raise self._garbled("a currency that is no ISO 4217 code")
        return code

    def _finite(self, number: Decimal) -> Decimal:
        if not number.is_finite() or (number and abs(number.adjusted()) > LARGEST):
            raise self._garbled("an amount that is none")
        return number + 0  # no negative nought

    def _garbled(self, why: str) -> Garbled:
        return Garbled(self._system, why)
