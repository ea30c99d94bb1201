"""The questions we put to the ledger. Everything plural; nothing travels but the columns asked for, and keys.

Settings (`Connection.options`): `certificate_id` (the `kid` of what we sign), `audience` (of what we sign, when the
token endpoint is called something else than we call it), `timezone` (of the account's moments; UTC), `currency` (of an
account that has only one), and the names of the company's own fields: `order_field`, `line_field`, `last_four_field`,
`customer_field`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from resolvers.backends.base import (
    Adapter,
    Ambiguous,
    BackendError,
    Bears,
    Columns,
    Connection,
    Deadline,
    Garbled,
    Key,
    Send,
    Wire,
    operation,
)
from resolvers.backends.netsuite import language, records
from resolvers.backends.netsuite.records import (
    Balance,
    ChangedInvoice,
    CreditMemo,
    Debtor,
    Invoice,
    InvoiceLine,
    InvoicePage,
    Payment,
    ReceiptPage,
    Sales,
)
from resolvers.backends.netsuite.rows import Reading, Row
from resolvers.backends.netsuite.session import Session

R = TypeVar("R")

KEYS = 500  # a list has a thousand literals at most
PARENTS = 40
LONGEST_PAGE = 1_000
MOST_PAGES = 100  # a query gives a hundred thousand rows at most
BULK_PATIENCE = 120.0
PAGES = "one request for each 1,000 rows"
PER_PARENT = "pages of many: one request, and one for each who lacks rows when there were more than 1,000"
INVOICES = "FROM transaction t"
LINKS = "FROM nexttransactionlink l INNER JOIN transaction t ON t.id = l.nextdoc"
LINES = "FROM transactionline tl INNER JOIN transaction t ON t.id = tl.transaction"
NEWEST = "t.trandate DESC, t.id DESC"


class NetSuite(Adapter):
    """NetSuite, as an integration that may see every transaction.

    Keys are document numbers and order numbers, exactly as NetSuite has them, or its own ids; a key with control
    characters in it is `Unusable`, one that cannot exist is not there. A number that two invoices have is `Ambiguous`.
    A row that cannot be read costs its own key.
    """

    name: ClassVar[str] = "netsuite"
    title: ClassVar[str] = "NetSuite ERP"
    bears = Bears(at_once=5)  # of fifteen that an account has for everybody; five is all of a shared one

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        self._session = Session(self.name, connection)
        self._columns = language.Columns(connection.options)
        self._reading = Reading(self.name, self._columns.currency)
        self._zone = _zone(connection.options.get("timezone") or "UTC")

    # what can be asked

    @operation(Invoice, limit=KEYS, columns=records.INVOICE, calls=PAGES)
    async def invoices(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, debtors: tuple[str, ...] = ()
    ) -> Mapping[Key, Any]:
        """Invoices by number.

        debtors:  only those made out to any of these, by NetSuite's own id; none: to anybody
        """
        asked, refused = language.usable(keys)
        found = await self._invoices(wire, "transaction.tranid", asked, columns, debtors)
        several = Ambiguous("invoices share this number")
        return refused | {key: rows[0] if len(rows) == 1 else several for key, rows in found.items()}

    @operation(list[Invoice], limit=KEYS, columns=records.INVOICE, calls=PAGES)
    async def invoices_of_orders(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, debtors: tuple[str, ...] = ()
    ) -> Mapping[Key, Any]:
        """All invoices of each order by its number, oldest first; an empty list for an order that has none. `debtors`
        as for `invoices`."""
        asked, refused = language.usable(keys)
        found = await self._invoices(wire, records.ORDER, asked, columns, debtors)
        return _all(keys) | refused | {key: _whole(rows) for key, rows in found.items()}

    @operation(InvoicePage, limit=PARENTS, columns=records.INVOICE, calls=PER_PARENT)
    async def invoices_of_debtors(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, Any]:
        """A page of each debtor's invoices by NetSuite's own id of them, newest first; empty for who has none.

        first:  page length
        after:  (issued_on in ISO 8601, id) of the last invoice seen. It belongs to one debtor, so each key then has a
                request of its own, for exactly first + 1 rows
        `id` and `issued_on` always come.
        """
        asked = self._wire_columns(NetSuite.invoices_of_debtors, columns, "transaction.id", "transaction.trandate")
        read = partial(self._newest, wire, ("CustInvc", self._reading.invoice), asked, first + 1)
        rows = await self._latest(read, language.numbers(keys), first, after)
        return {key: _page(rows.get(str(key), ()), first, InvoicePage) for key in keys}

    @operation(ReceiptPage, limit=PARENTS, columns=records.RECEIPT, calls=PER_PARENT)
    async def receipts_of_debtors(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, first: int = 20, after: Sequence[Any] | None = None
    ) -> Mapping[Key, Any]:
        """A page of each debtor's payments, newest first, each as a whole; otherwise as for invoices. `id` and
        `paid_on` always come."""
        asked = self._wire_columns(NetSuite.receipts_of_debtors, columns, "transaction.id", "transaction.trandate")
        read = partial(self._newest, wire, ("CustPymt", self._reading.receipt), asked, first + 1)
        rows = await self._latest(read, language.numbers(keys), first, after)
        return {key: _page(rows.get(str(key), ()), first, ReceiptPage) for key in keys}

    @operation(list[InvoiceLine], limit=KEYS, columns=records.LINE, calls=PAGES)
    async def lines_of_invoices(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """The goods on each invoice by NetSuite's own id of it, in the invoice's sequence; freight, discount and tax
        are lines of other kinds and not among them."""
        place = "transactionline.transaction"
        condition = "tl.mainline = 'F' AND tl.taxline = 'F' AND tl.item IS NOT NULL AND "
        asked = self._wire_columns(NetSuite.lines_of_invoices, columns)
        source = (LINES, condition, "tl.transaction, tl.linesequencenumber")
        found = await self._by(wire, source, place, language.numbers(keys), asked, self._reading.line)
        return _all(keys) | {key: _whole(rows) for key, rows in found.items()}

    @operation(list[Payment], limit=KEYS, columns=records.PAYMENT, calls=PAGES)
    async def payments_of_invoices(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """What was paid for each invoice by NetSuite's own id of it, oldest first."""
        asked = self._wire_columns(NetSuite.payments_of_invoices, columns)
        return await self._settled(wire, "CustPymt", keys, asked, self._reading.payment)

    @operation(list[CreditMemo], limit=KEYS, columns=records.CREDIT, calls=PAGES)
    async def credits_of_invoices(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """What was credited of each invoice by NetSuite's own id of it, oldest first."""
        asked = self._wire_columns(NetSuite.credits_of_invoices, columns)
        return await self._settled(wire, "CustCred", keys, asked, self._reading.credit)

    @operation(Balance, limit=KEYS, columns=records.DEBTOR, calls=PAGES)
    async def balances(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Any]:
        """What each debtor owes, by NetSuite's own id of them."""
        asked = self._wire_columns(NetSuite.balances, columns)
        source = ("FROM customer c", "", "c.id")
        found = await self._by(
            wire, source, "customer.id", language.numbers(keys), asked, self._reading.balance, owner="c"
        )
        return {key: rows[0] for key, rows in found.items()}

    @operation(list[Sales], limit=KEYS, columns=records.SALES, calls=PAGES)
    async def sales_of_debtors(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, since: date
    ) -> Mapping[Key, Any]:
        """What each debtor was billed, by NetSuite's own id of them: one record for each currency, an empty list for
        who never was. Invoices that were rejected or voided do not count; credit memos are deducted.

        since:  the first day that `billed_since` and `invoices_since` cover
        """
        ids = language.numbers(keys)
        source = (f"{INVOICES}{self._columns.joined((records.CURRENCY,), 't')}", language.BILLED, "t.entity")
        found = await self._summed(wire, source, ids, language.sums(columns, since)) if ids else {}
        return _all(keys) | {key: _whole(rows) for key, rows in found.items()}

    async def debtors_changed_since(
        self, deadline: Deadline, since: datetime | None = None
    ) -> AsyncIterator[list[Debtor]]:
        """Everybody whose record changed at or after `since` (all, when None), oldest change first, 1,000 at a time.

        The greatest `updated` seen is the `since` for next time. Raises BackendError.
        """
        wire = self.wire(deadline, patience=max(BULK_PATIENCE, self.connection.attempt_timeout))
        account = self._columns.place(records.ACCOUNT)
        told = f"TO_CHAR(c.lastmodifieddate, '{language.SECOND}') AS updated"
        columns = ("c.id AS id", f"{account} AS accountnumber", "c.email", "c.phone", "c.altname", told)
        select = f"SELECT {', '.join(columns)} FROM customer c"  # noqa: S608 - names are checked, values quoted
        order = " ORDER BY c.lastmodifieddate, c.id"
        where = "" if since is None else f" WHERE c.lastmodifieddate >= {self._local(since)}"
        while True:
            body = await self._session.query(wire, f"{select}{where}{order}", LONGEST_PAGE, 0)
            page = self._reading.page(body, LONGEST_PAGE)
            debtors = [self._debtor(row) for row in self._reading.rows(page.items)]
            yield debtors
            if not page.has_more:
                return
            last = self._local(debtors[-1].updated)
            condition = f"c.lastmodifieddate > {last} OR (c.lastmodifieddate = {last} AND c.id > {debtors[-1].id})"
            where = f" WHERE ({condition})"

    async def invoices_changed_since(
        self, deadline: Deadline, since: datetime | None = None
    ) -> AsyncIterator[list[ChangedInvoice]]:
        """Invoices that changed at or after `since` (all, when None), oldest change first, 1,000 at a time: their keys,
        states and days alone. As for debtors otherwise."""
        wire = self.wire(deadline, patience=max(BULK_PATIENCE, self.connection.attempt_timeout))
        wanted = ("id", "status", "order_number", "issued_on", "due_on", "settled_on")
        shown = self._columns.selected(NetSuite.invoices.wire_columns(wanted))
        select = f"SELECT {shown}, TO_CHAR(t.lastmodifieddate, '{language.SECOND}') AS updated {INVOICES}"
        where = "" if since is None else f" AND t.lastmodifieddate >= {self._local(since)}"
        while True:
            query = f"{select} WHERE t.type = 'CustInvc'{where} ORDER BY t.lastmodifieddate, t.id"
            page = self._reading.page(await self._session.query(wire, query, LONGEST_PAGE, 0), LONGEST_PAGE)
            changed = [
                ChangedInvoice(self._reading.invoice(row), self._moment(row)) for row in self._reading.rows(page.items)
            ]
            yield changed
            if not page.has_more:
                return
            last, place = changed[-1].invoice, self._local(changed[-1].updated)
            where = f" AND (t.lastmodifieddate > {place} OR (t.lastmodifieddate = {place} AND t.id > {last.id}))"

    # how it is asked

    async def _invoices(
        self, wire: Wire, place: str, keys: Sequence[str], columns: Columns, debtors: Sequence[str] = ()
    ) -> dict[str, list[Invoice | BackendError]]:
        asked = self._wire_columns(NetSuite.invoices, columns, "transaction.id")
        ids = language.numbers(debtors)
        if debtors and not ids:
            return {}
        mine = f"{language.among('t.entity', ids, numeric=True)} AND " if ids else ""
        source = (INVOICES, f"t.type = 'CustInvc' AND {mine}", "t.id")
        return await self._by(wire, source, place, keys, asked, self._reading.invoice, numeric=False)

    async def _settled(
        self, wire: Wire, kind: str, keys: Sequence[Key], asked: Sequence[str], make: Callable[[Row], R]
    ) -> Mapping[Key, Any]:
        condition = f"t.type = '{kind}' AND l.linktype = 'Payment' AND "
        source = (LINKS, condition, "l.previousdoc, t.trandate, t.id")
        place = "nexttransactionlink.previousdoc"
        found = await self._by(wire, source, place, language.numbers(keys), asked, make)
        return _all(keys) | {key: _whole(rows) for key, rows in found.items()}

    async def _by(
        self,
        wire: Wire,
        source: tuple[str, str, str],
        place: str,
        keys: Sequence[str],
        asked: Sequence[str],
        make: Callable[[Row], R],
        *,
        numeric: bool = True,
        owner: str = "t",
    ) -> dict[str, list[R | BackendError]]:
        """Records by key, from all pages there are. source: what stands in FROM, conditions, order."""
        found: dict[str, list[R | BackendError]] = defaultdict(list)
        tables, condition, order = source
        if not keys:
            return found
        where = f"{condition}{language.among(self._columns.place(place), keys, numeric=numeric)}"
        sql = (
            f"{self._select(place, asked)} {tables}{self._columns.joined(asked, owner)} WHERE {where} ORDER BY {order}"
        )
        async for items in self._pages(wire, sql):
            for key, record in self._reading.keyed(items, make, frozenset(keys)):
                found[key].append(record)
        return found

    async def _summed(
        self, wire: Wire, source: tuple[str, str, str], keys: Sequence[str], sums: Sequence[str]
    ) -> dict[str, list[Sales | BackendError]]:
        """One row for each key and currency."""
        tables, condition, place = source
        code = self._columns.selected((records.CURRENCY,))
        shown = ", ".join((f"{place} AS key", *filter(None, (code,)), *sums))
        groups = ", ".join((place, *filter(None, (code.partition(" AS ")[0],))))
        where = f"{condition} AND {language.among(place, keys, numeric=True)}"
        sql = f"SELECT {shown} {tables} WHERE {where} GROUP BY {groups} ORDER BY {groups}"
        found: dict[str, list[Sales | BackendError]] = defaultdict(list)
        async for items in self._pages(wire, sql):
            for key, record in self._reading.keyed(items, self._reading.sales, frozenset(keys)):
                found[key].append(record)
        return found

    async def _pages(self, wire: Wire, sql: str) -> AsyncIterator[Sequence[Any]]:
        for number in range(MOST_PAGES):
            body = await self._session.query(wire, sql, LONGEST_PAGE, number * LONGEST_PAGE)
            page = self._reading.page(body, LONGEST_PAGE)
            yield page.items
            if not page.has_more:
                return
        raise Garbled(self.name, "more rows than a query gives")

    async def _latest(
        self, read: Any, keys: Sequence[str], first: int, after: Sequence[Any] | None
    ) -> dict[str, list[Any]]:
        """The first pages of all together, and of those who lack rows by itself; behind a place, each by itself."""
        rows: dict[str, list[Any]] = {}
        short = keys
        if after is None:
            rows, more = await read(keys, "") if keys else ({}, False)
            short = [key for key in keys if more and len(rows.get(key, ())) <= first]
        place = language.behind(after)
        return rows | await self._each(short, lambda key: self._alone(read, key, place))

    async def _newest(
        self,
        wire: Wire,
        wanted: tuple[str, Callable[[Row], R]],
        asked: Sequence[str],
        most: int,
        keys: Sequence[str],
        behind: str,
    ) -> tuple[dict[str, list[R | BackendError]], bool]:
        """The newest documents of a type of several debtors, or of one; and whether there are more."""
        limit = LONGEST_PAGE if len(keys) > 1 else most
        place, (kind, make) = "transaction.entity", wanted
        where = f"t.type = '{kind}' AND {language.among('t.entity', keys, numeric=True)}{behind}"
        tables = f"{INVOICES}{self._columns.joined(asked, 't')}"
        sql = f"{self._select(place, asked)} {tables} WHERE {where} ORDER BY {NEWEST}"
        page = self._reading.page(await self._session.query(wire, sql, limit, 0), limit)
        found: dict[str, list[R | BackendError]] = defaultdict(list)
        for key, document in self._reading.keyed(page.items, make, frozenset(keys)):
            found[key].append(document)
        return found, page.has_more

    async def _alone(self, read: Any, key: str, behind: str) -> list[Any]:
        rows, _ = await read([key], behind)
        return list(rows.get(key, ()))

    async def _each(self, keys: Iterable[str], ask: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
        """Each key by itself, side by side as the connection allows; a failure is its own key's answer."""

        async def one(key: str) -> Any:
            try:
                return await ask(key)
            except BackendError as error:
                return [error]

        async with asyncio.TaskGroup() as group:
            tasks = {key: group.create_task(one(key)) for key in keys}
        return {key: task.result() for key, task in tasks.items()}

    def _wire_columns(self, asking: Any, columns: Columns, *always: str) -> list[str]:
        wanted = {name for column in columns for name in (column, column.partition(".")[0])}
        return list(dict.fromkeys([*always, *asking.wire_columns(wanted)]))

    def _select(self, place: str, asked: Sequence[str]) -> str:
        shown = self._columns.selected(asked)
        return f"SELECT {self._columns.place(place)} AS key{', ' if shown else ''}{shown}"

    def _local(self, at: datetime) -> str:
        return language.moment(at.astimezone(self._zone))

    def _debtor(self, row: Row) -> Debtor:
        return Debtor(row.id or "", row.accountnumber, row.email, row.phone, row.altname, self._moment(row))

    def _moment(self, row: Row) -> datetime:
        """When a row was changed, which has to say so."""
        try:
            at = datetime.fromisoformat(row.updated or "")
        except ValueError as error:
            raise Garbled(self.name, "a moment that is none") from error
        if not language.is_id(row.id or "") or at.tzinfo is not None:
            raise Garbled(self.name, "a row without an id, or a moment with an offset")
        return at.replace(tzinfo=self._zone).astimezone(UTC)


def _all(keys: Sequence[Key]) -> dict[Key, Any]:
    return {key: [] for key in keys}


def _whole(rows: Sequence[Any]) -> Any:
    """All of them, or the first failure: a list with a gap in it would be taken for the whole."""
    return next((row for row in rows if isinstance(row, BackendError)), list(rows))


def _page(rows: Sequence[Any], first: int, make: Callable[[list[Any], bool], Any]) -> Any:
    found = _whole(rows[:first])
    return found if isinstance(found, BackendError) else make(found, len(rows) > first)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"netsuite: there is no time zone {name!r}") from error
