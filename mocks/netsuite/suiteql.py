"""SuiteQL, read as far as clients of this kind use it, and written anew for the database that evaluates it (SQLite).

    SELECT item, …  FROM table [alias] {[INNER | LEFT [OUTER]] JOIN table [alias] ON condition}
    [WHERE condition] [GROUP BY …] [HAVING …] [ORDER BY …]

Expressions are SQL's own, with `BUILTIN.DF(column)`, `TO_CHAR`, `TO_DATE`, `NVL`, `TRUNC`, `SYSDATE`. A literal that
a date column is compared with has to be in the account's date format. No subselects, no `*` but in `COUNT(*)`. What is
refused: text that is not of this language, tables that do not exist and columns that are not exposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mocks.netsuite.errors import bad_search
from mocks.netsuite.formats import from_account
from mocks.netsuite.tables import LINKS, TABLES

TOKEN = re.compile(
    r"\s+|(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign><>|!=|<=|>=|\|\||[=<>(),.*+\-/])",
    re.ASCII,
)
LONGEST = 1_000_000
CLAUSES = ("SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER")
WORDS = frozenset(
    {
        *("AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END"),
        *("AS", "ASC", "DESC", "BY", "DISTINCT", "ESCAPE", "NULLS", "FIRST", "LAST"),
    }
)
JOINING = frozenset({"JOIN", "INNER", "LEFT", "OUTER"})
FUNCTIONS = frozenset(
    {
        *("TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "NVL", "COALESCE", "TRUNC", "ROUND", "ABS", "UPPER", "LOWER"),
        *("LENGTH", "SUBSTR", "SUM", "COUNT", "MIN", "MAX", "AVG"),
    }
)
DISPLAYED = frozenset({"status", "type", "entity", "currency", "terms", "paymentmethod", "item"})
BALANCES = frozenset({"balancesearch", "overduebalancesearch"})
COMPARED = frozenset({"=", "<>", "!=", "<", "<=", ">", ">="})
MOST_LITERALS = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else ""


@dataclass(frozen=True, slots=True)
class Column:
    alias: str
    table: str
    name: str


@dataclass(slots=True)
class Query:
    """What was asked: SQL for SQLite, names of the answer's columns, and what narrows it down to a few rows.

    keys:  (table, column, values) that every row of the answer meets
    """

    sql: str = ""
    names: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    keys: list[tuple[str, str, list[str]]] = field(default_factory=list)
    ordered: bool = False


def read(text: str) -> Query:
    """Raises Problem for what cannot be evaluated."""
    if len(text) > LONGEST:
        raise bad_search("The query is too long")
    return _Reader(list(_tokens(text))).query()


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise bad_search(f"Invalid or unsupported search: unexpected character at {at}")
        at = found.end()
        if found.lastgroup:
            yield Token(found.lastgroup, found[0])


class _Reader:
    """One query. Its parts are found by the words that begin them, outside all brackets."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._parts = _clauses(tokens)
        self._found = Query()

    def query(self) -> Query:
        found, parts = self._found, self._parts
        source = self._source(parts["FROM"])
        where = self._expression(parts["WHERE"])
        found.keys = [key for part in _conjuncts(parts["WHERE"]) if (key := self._key(part))]
        selected = self._selected(parts["SELECT"])
        rest = [f"{name} BY {self._expression(parts[name][1:])}" for name in ("GROUP", "ORDER") if parts[name]]
        rest[1:1] = [f"HAVING {self._expression(parts['HAVING'])}"] if parts["HAVING"] else []
        found.ordered = bool(parts["ORDER"])
        condition = f"WHERE {where}" if where else ""
        found.sql = f"SELECT {selected} FROM {source} {condition} {' '.join(rest)}"  # noqa: S608 - written by us
        return found

    # -- FROM -----------------------------------------------------------------------------------------------------

    def _source(self, tokens: Sequence[Token]) -> str:
        pieces = _split(tokens, "JOIN")
        for piece in pieces:  # aliases first: conditions may name any of them
            self._name(piece)
        sql = [self._table(pieces[0])]
        for before, piece in pairwise(pieces):
            how = "LEFT JOIN" if {token.word for token in before[-2:]} & {"LEFT"} else "JOIN"
            at = next((at for at, token in enumerate(piece) if token.word == "ON"), None)
            if at is None:
                raise bad_search("Invalid or unsupported search: JOIN without ON")
            condition = [token for token in piece[at + 1 :] if token.word not in JOINING]
            sql.append(f"{how} {self._table(piece)} ON {self._expression(condition)}")
        return " ".join(sql)

    def _name(self, piece: Sequence[Token]) -> None:
        table = piece[0].text.lower() if piece and piece[0].kind == "name" else ""
        if table not in TABLES and table not in LINKS:
            raise bad_search(f"Record '{table or '?'}' was not found")
        end = next((at for at, token in enumerate(piece) if token.word == "ON"), len(piece))
        words = [token.word for token in piece[1:end]]
        named = [word for word in words if word not in {"AS", *JOINING}]
        if "" in words or len(named) > 1:
            raise bad_search("Invalid or unsupported search: a table, and what it is called")
        self._found.tables[_alias(piece)] = table

    def _table(self, piece: Sequence[Token]) -> str:
        alias = _alias(piece)
        table = self._found.tables[alias]
        return f'"{LINKS.get(table, table)}" AS "{alias}"'

    # -- SELECT ---------------------------------------------------------------------------------------------------

    def _selected(self, tokens: Sequence[Token]) -> str:
        distinct = bool(tokens) and tokens[0].word == "DISTINCT"
        items = [self._item(item) for item in _split(tokens[distinct:], ",")]
        return ("DISTINCT " if distinct else "") + ", ".join(items)

    def _item(self, tokens: Sequence[Token]) -> str:
        named = len(tokens) > 2 and tokens[-2].word == "AS"
        value = tokens[:-2] if named else tokens
        column = self._column(value)
        expressions = sum(name.startswith("expr") for name in self._found.names)
        self._found.names.append(
            tokens[-1].text.lower() if named else column.name if column else f"expr{expressions + 1}"
        )
        sql = self._expression(value)
        if not sql:
            raise bad_search("Invalid or unsupported search: nothing is selected")
        told = f"account_date({sql})" if column and _type(column) == "DATE" else sql
        return f'{told} AS "{self._found.names[-1]}"' if named else told

    # -- expressions ----------------------------------------------------------------------------------------------

    def _expression(self, tokens: Sequence[Token]) -> str:
        written: list[str] = []
        at = 0
        while at < len(tokens):
            text, used = self._term(tokens, at)
            written.append(text)
            at += used
        return " ".join(written)

    def _term(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """What stands here, for SQLite, and how many tokens it took."""
        token = tokens[at]
        if token.kind != "name":
            return self._sign(tokens, at), 1
        if token.word == "BUILTIN":
            return self._displayed(tokens, at)
        if token.word in WORDS:
            return token.word, 1
        if token.word == "SYSDATE":
            return "sysdate()", 1
        if at + 1 < len(tokens) and tokens[at + 1].text == "(":
            return _function(token), 1
        return self._named(tokens, at)

    def _sign(self, tokens: Sequence[Token], at: int) -> str:
        token = tokens[at]
        if token.kind == "text" and self._dated(tokens, at):
            return f"'{from_account(token.text[1:-1])}'"
        if token.text == "*" and not (at and tokens[at - 1].text == "("):
            raise bad_search("Invalid or unsupported search: name the columns")
        return token.text

    def _named(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """A column; or, where rows are sorted, a name that was given to what is selected."""
        length = 3 if at + 1 < len(tokens) and tokens[at + 1].text == "." else 1
        if column := self._column(tokens[at : at + length]):
            return self._written(column), length
        if tokens[at].text.lower() in self._found.names:
            return f'"{tokens[at].text.lower()}"', 1
        raise bad_search(f"Field '{tokens[min(at + length, len(tokens)) - 1].text}' for record was not found")

    def _written(self, column: Column) -> str:
        self._found.columns.append(column)
        if column.name in BALANCES:
            return f'{column.name}("{column.alias}".id)'
        return f'"{column.alias}"."{column.name}"'

    def _displayed(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """`BUILTIN.DF(column)`: the value as people read it."""
        if [token.word or token.text for token in tokens[at + 1 : at + 4]] != [".", "DF", "("]:
            raise bad_search("Invalid or unsupported search: BUILTIN has DF alone")
        end = next((n for n in range(at, len(tokens)) if tokens[n].text == ")"), len(tokens))
        column = self._column(tokens[at + 4 : end])
        if column is None:
            raise bad_search("Invalid or unsupported search: DF takes a column")
        value = self._written(column)
        if column.name not in DISPLAYED or "link" in column.table:
            return value, end - at + 1
        kind = f'"{column.alias}"."type"' if column.name == "status" else "NULL"
        return f"displayed('{column.name}', {kind}, {value})", end - at + 1

    def _dated(self, tokens: Sequence[Token], at: int) -> Column | None:
        """The date column that the literal at this place is compared with."""
        if at < 2 or tokens[at - 1].text not in COMPARED:
            return None
        length = 3 if at > 3 and tokens[at - 3].text == "." else 1
        column = self._column(tokens[at - 1 - length : at - 1])
        return column if column and _type(column) == "DATE" else None

    def _column(self, tokens: Sequence[Token]) -> Column | None:
        tables = self._found.tables
        match [token.text.lower() for token in tokens]:
            case [alias, ".", name] if alias in tables and name in _columns(tables[alias]):
                return Column(alias, tables[alias], name)
            case [name] if tokens[0].kind == "name":
                owners = [alias for alias, table in tables.items() if name in _columns(table)]
                return Column(owners[0], tables[owners[0]], name) if owners else None
            case _:
                return None

    # -- what narrows it down -------------------------------------------------------------------------------------

    def _key(self, tokens: Sequence[Token]) -> tuple[str, str, list[str]] | None:
        length = 3 if len(tokens) > 1 and tokens[1].text == "." else 1
        column, rest = self._column(tokens[:length]), tokens[length:]
        if column is None or not rest:
            return None
        if rest[0].text == "=" and len(rest) == 2 and rest[1].kind in ("text", "number"):
            return column.table, column.name, [_plain(rest[1])]
        if rest[0].word == "IN" and all(token.kind in ("text", "number", "sign") for token in rest[1:]):
            values = [_plain(token) for token in rest[1:] if token.kind != "sign"]
            if len(values) > MOST_LITERALS:
                raise bad_search("ORA-01795: maximum number of expressions in a list is 1000")
            return column.table, column.name, values
        return None


def _function(token: Token) -> str:
    if token.word not in FUNCTIONS:
        raise bad_search(f"Invalid or unsupported search: function {token.text}")
    return token.text.lower()


def _clauses(tokens: Sequence[Token]) -> Mapping[str, Sequence[Token]]:
    found: dict[str, list[Token]] = {name: [] for name in CLAUSES}
    current, depth, seen = "", 0, -1
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.word in CLAUSES:
            if depth or CLAUSES.index(token.word) <= seen:
                raise bad_search(f"Invalid or unsupported search: {token.word} is not expected here")
            current, seen = token.word, CLAUSES.index(token.word)
        elif not current or depth < 0:
            raise bad_search("Invalid or unsupported search: it begins with SELECT")
        else:
            found[current].append(token)
    if depth or not found["SELECT"] or not found["FROM"]:
        raise bad_search("Invalid or unsupported search: it is not complete")
    return found


def _split(tokens: Sequence[Token], at: str) -> list[list[Token]]:
    """Pieces between the places, outside all brackets, where a sign or word stands."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth and (token.word or token.text) == at:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _conjuncts(tokens: Sequence[Token]) -> list[list[Token]]:
    """Conditions that all have to hold; none are told apart where there is an OR."""
    if len(_split(tokens, "OR")) > 1:
        return []
    return [_bare(piece) for piece in _split(tokens, "AND")]


def _bare(tokens: list[Token]) -> list[Token]:
    return tokens[1:-1] if len(tokens) > 2 and tokens[0].text == "(" and len(_split(tokens[1:-1], ")")) == 1 else tokens


def _alias(piece: Sequence[Token]) -> str:
    named = [token for token in piece[1:3] if token.kind == "name" and token.word not in {"AS", "ON", *JOINING}]
    return (named[0] if named else piece[0]).text.lower()


def _columns(table: str) -> Mapping[str, str]:
    return TABLES[LINKS.get(table, table)]


def _type(column: Column) -> str:
    return _columns(column.table)[column.name]


def _plain(token: Token) -> str:
    return token.text[1:-1].replace("''", "'") if token.kind == "text" else token.text
