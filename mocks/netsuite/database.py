"""Where SuiteQL is evaluated: an SQLite database with the rows that a query can be about, and no others.

A query that names keys (ids, document numbers, entities, orders) gets a database of its own with what belongs to these;
it is gone with the answer, or soon after when that is much. One that names none is about everything: for those, all
customers, or all documents, are put into a database once, when first asked for, giving way to others on the way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Set
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

from mocks.netsuite import formats, tables
from mocks.netsuite.errors import bad_search
from mocks.netsuite.suiteql import Query
from mocks.netsuite.tables import LINKS, TABLES, Row
from mocks.world.billing import Billing
from mocks.world.ledger import Debtor

BREATH = 200
DOCUMENTS = frozenset({"transaction", "transactionline", "nexttransactionlink"})
MOST_ROWS = 100_000
MANY, MOST_KEPT = 100, 4
ORDERS_KEPT = 2_048
Values = Iterable[str]
Insertion = tuple[str, list[Any]]


class Database:
    """Answers queries over one ledger."""

    def __init__(self, billing: Billing) -> None:
        self._billing = billing
        self._world = billing.world
        self._currencies = tables.currencies(self._world)
        self._documents = lru_cache(ORDERS_KEPT)(self._inserted)
        self._whole: dict[str, asyncio.Task[sqlite3.Connection]] = {}
        self._kept: OrderedDict[tuple[frozenset[int], frozenset[str]], sqlite3.Connection] = OrderedDict()

    async def answer(self, query: Query, limit: int, offset: int) -> tuple[list[dict[str, str]], int]:
        """One page as SuiteQL gives it, text by lower-case name without what is null; and how many rows there are in
        all. Raises Problem."""
        used = {LINKS.get(table, table) for table in query.tables.values()}
        documents = bool(used & DOCUMENTS)
        found = self._ordinals(query) if documents else None
        if documents:
            database = await self._all("documents", used) if found is None else self._some(found, used)
        elif "customer" in used:
            debtors = self._debtors(query)
            database = await self._all("customers", used) if debtors is None else self._few((), debtors, used)
        else:
            database = self._few((), (), used)
        rows, total = _page(database, query, limit, offset)
        return [dict(_told(query.names, row)) for row in rows], total

    # -- what is wanted -------------------------------------------------------------------------------------------

    def _ordinals(self, query: Query) -> set[int] | None:
        """Orders whose documents the answer can be about; None: any."""
        for table, column, values in query.keys:
            if (by := self._by(LINKS.get(table, table), column)) is not None:
                return {at for value in values for at in by(value)}
        return None

    def _by(self, table: str, column: str) -> Callable[[str], Iterable[int]] | None:
        billing = self._billing
        match table, column:
            case ("transaction", "id") | ("transactionline", "transaction"):
                return lambda value: _some(billing.ordinal_of(_whole(value)))
            case ("nexttransactionlink", "previousdoc" | "nextdoc"):
                return lambda value: _some(billing.ordinal_of(_whole(value)))
            case "transaction", "tranid":
                return lambda value: _some(billing.ordinal_of_number(value))
            case "transaction", "custbody_order_number":
                return lambda value: _some(billing.ordinal_of_order(value))
            case ("transaction", "entity") | ("customer", "id"):
                return self._of_debtor
            case _:
                return None

    def _of_debtor(self, value: str) -> Iterable[int]:
        debtor = self._billing.debtor(_whole(value))
        return self._world.ordinals_of(debtor.customer) if debtor else ()

    def _debtors(self, query: Query) -> list[Debtor] | None:
        billing, world = self._billing, self._world
        for _, column, values in query.keys:
            match column:
                case "id":
                    return [one for value in values if (one := billing.debtor(_whole(value)))]
                case "accountnumber":
                    return self._named(_some(world.by_party_number(value)) for value in values)
                case "email":
                    return self._named(world.by_email(value) for value in values)
        return None

    def _named(self, found: Iterable[Iterable[int]]) -> list[Debtor]:
        return [one for index in dict.fromkeys(chain(*found)) for one in self._billing.debtors_of(index)]

    # -- what is put in -------------------------------------------------------------------------------------------

    def _some(self, ordinals: set[int], used: set[str]) -> sqlite3.Connection:
        """Who has many documents is asked about page by page: theirs are kept for the next one."""
        if len(ordinals) < MANY:
            return self._few(ordinals, None, used)
        kept = frozenset(ordinals), frozenset(used)
        if kept not in self._kept:
            self._kept[kept] = self._few(ordinals, None, used)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[kept]

    def _few(self, ordinals: Iterable[int], debtors: Iterable[Debtor] | None, used: set[str]) -> sqlite3.Connection:
        database = self._empty(":memory:")
        for ordinal in sorted(ordinals):
            for statement, values in self._documents(ordinal, frozenset(used & DOCUMENTS)):
                database.execute(statement, values)
        if debtors is None and "customer" in used:
            rows = database.execute("SELECT DISTINCT entity FROM [transaction]").fetchall()
            debtors = [one for (identity,) in rows if (one := self._billing.debtor(identity))]
        _fill(database, (("customer", tables.customer(one, self._currencies)) for one in debtors or ()))
        self._static(database, used)
        return database

    async def _all(self, which: str, used: set[str]) -> sqlite3.Connection:
        if which not in self._whole or self._whole[which].cancelled():
            self._whole[which] = asyncio.create_task(self._make(which))
        database = await asyncio.shield(self._whole[which])  # who gives up waiting does not make it start anew
        self._static(database, used)
        return database

    async def _make(self, which: str) -> sqlite3.Connection:
        database = self._empty("")  # a file of its own, gone with us
        database.execute("CREATE INDEX changed ON customer (lastmodifieddate, id)")
        customers = self._world.customers()
        for index in customers:
            if index % BREATH == 0 or which == "documents":
                await asyncio.sleep(0)
            debtors = self._billing.debtors_of(index)
            _fill(database, (("customer", tables.customer(one, self._currencies)) for one in debtors))
            for ordinal in self._world.ordinals_of(index) if which == "documents" else ():
                _fill(database, self._bill(ordinal, set(DOCUMENTS)))
        return database

    def _bill(self, ordinal: int, used: Set[str]) -> Iterator[tuple[str, Row]]:
        bill = self._billing.bill_at(ordinal)
        for document in bill.documents:
            yield "transaction", tables.transaction(document, self._currencies)
        if "transactionline" in used:
            yield from (("transactionline", row) for one in bill.invoices for row in tables.lines(one, self._world))
        if "nexttransactionlink" in used:
            yield from (("nexttransactionlink", row) for row in tables.links(bill))

    def _inserted(self, ordinal: int, used: frozenset[str]) -> list[Insertion]:
        return [_insertion(table, row) for table, row in self._bill(ordinal, used)]

    def _static(self, database: sqlite3.Connection, used: set[str]) -> None:
        """Small tables, and those that a query seldom joins: put in when first used."""
        rows: dict[str, Callable[[], Iterable[Row]]] = {
            "currency": lambda: _listed(self._currencies, 1, "name", "symbol"),
            "term": lambda: _listed(tables.TERMS, 1, "name"),
            "item": lambda: _listed((self._sku(i) for i in self._world.products()), tables.FIRST_ITEM, "itemid"),
        }
        for table in used & rows.keys():
            if database.execute(f"SELECT 1 FROM [{table}]").fetchone() is None:  # noqa: S608 - a table of ours
                _fill(database, ((table, row) for row in rows[table]()))

    def _sku(self, index: int) -> str:
        return self._world.product(index).sku

    # -- functions ------------------------------------------------------------------------------------------------

    def _empty(self, path: str) -> sqlite3.Connection:
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode=OFF")
        for table, columns in TABLES.items():
            told = ", ".join(f"[{name}] {'TEXT' if kind == 'DATE' else kind}" for name, kind in columns.items())
            database.execute(f"CREATE TABLE [{table}] ({told})")
        pure: dict[str, tuple[int, Callable[..., Any]]] = {
            "account_date": (1, formats.to_account),
            "to_char": (-1, formats.to_char),
            "to_date": (-1, formats.to_date),
            "to_timestamp": (-1, formats.to_date),
            "nvl": (2, lambda value, other: other if value is None else value),
            "trunc": (1, lambda value: value[:10] if isinstance(value, str) else value),
        }
        functions: dict[str, tuple[int, Callable[..., Any]]] = {
            "sysdate": (0, lambda: formats.kept(self._world.now.replace(tzinfo=None))),
            "displayed": (3, self._displayed),
            "balancesearch": (1, lambda identity: self._balance(identity, 0)),
            "overduebalancesearch": (1, lambda identity: self._balance(identity, 1)),
        }
        for name, (arguments, function) in (pure | functions).items():
            database.create_function(name, arguments, function, deterministic=name in pure)
        database.create_aggregate("sum", 1, _Sum)  # type: ignore[arg-type]  # its step takes what SQLite has
        return database

    def _balance(self, identity: int, which: int) -> float | None:
        debtor = self._billing.debtor(identity)
        return float(self._billing.balance(debtor)[which]) if debtor else None

    def _displayed(self, column: str, kind: str | None, value: Any) -> str | None:
        if value is None:
            return None
        match column:
            case "status":
                titles, states = tables.TITLES, tables.STATUSES
                return f"{titles[kind or '']} : {states[kind or ''][value]}"
            case "type":
                return tables.TITLES[value]
            case "entity":
                debtor = self._billing.debtor(value)
                return f"{debtor.number} {debtor.name}".strip() if debtor else None
            case "item":
                return self._sku(value - tables.FIRST_ITEM)
        listed = {"currency": self._currencies, "terms": tables.TERMS, "paymentmethod": tables.MEANS}
        return str(listed[column][value - 1])


class _Sum:
    """Sums without a float's error."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, value: float | None) -> None:
        if value is not None:
            self._sum = (self._sum or Decimal(0)) + Decimal(repr(value))

    def finalize(self) -> float | None:
        return None if self._sum is None else float(self._sum)


def _page(database: sqlite3.Connection, query: Query, limit: int, offset: int) -> tuple[list[tuple[Any, ...]], int]:
    """Without ORDER BY the database does as it likes: here every other page comes from the other end."""
    if not query.ordered:
        found = _run(database, query.sql)[:MOST_ROWS]
        return (found[::-1] if offset // limit % 2 else found)[offset : offset + limit], len(found)
    ((total,),) = _run(database, f"SELECT COUNT(*) FROM ({query.sql})")  # noqa: S608 - written by `suiteql`
    return _run(database, f"{query.sql} LIMIT {limit} OFFSET {offset}"), min(total, MOST_ROWS)


def _run(database: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    try:
        return database.execute(sql).fetchall()
    except sqlite3.Error as error:
        raise bad_search("Invalid or unsupported search") from error


def _told(names: list[str], row: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    for name, value in zip(names, row, strict=True):
        if value is not None:
            yield name, value if isinstance(value, str) else formats.plain(value)


def _fill(database: sqlite3.Connection, rows: Iterable[tuple[str, Row]]) -> None:
    for table, row in rows:
        database.execute(*_insertion(table, row))


def _insertion(table: str, row: Row) -> Insertion:
    names = ", ".join(f"[{name}]" for name in row)
    places = ", ".join("?" * len(row))
    statement = f"INSERT INTO [{table}] ({names}) VALUES ({places})"  # noqa: S608 - tables and columns of ours
    return statement, [tables.stored(value) for value in row.values()]


def _listed(values: Iterable[str], first: int, *columns: str) -> Iterator[Row]:
    for identity, value in enumerate(values, start=first):
        yield {"id": identity} | dict.fromkeys(columns, value)


def _some(found: int | None) -> tuple[int, ...]:
    return () if found is None else (found,)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
