"""The questions we put to HubSpot. What was chosen on the way is in the package's docstring."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from resolvers.backends.base import (
    Adapter,
    Bears,
    Columns,
    Connection,
    Deadline,
    Gap,
    Garbled,
    Key,
    Pace,
    Send,
    Unusable,
    Wire,
    operation,
)
from resolvers.backends.hubspot import records
from resolvers.backends.hubspot.history import History, Position, Sendings
from resolvers.backends.hubspot.line import Line, failed
from resolvers.backends.hubspot.records import (
    Batch,
    Campaign,
    CampaignPage,
    Consent,
    Contact,
    Metrics,
    Row,
    Rows,
    Status,
    Subscribers,
    TouchPage,
)
from schema.marketing import CampaignStatus, ConsentPurpose

MOST_CAMPAIGNS = 50
MOST_CONTACTS = 100
MOST_STATUSES = 100
LISTED = 100
FOUND = 200
MOST_FOUND = 9_800
TEN_SECONDS = 100
SEARCHES = 5
LONGEST_SEARCH = 200
NOBODY = "nobody@example.invalid"
CAMPAIGNS = "/marketing/v3/campaigns"
CONTACTS = "/crm/v3/objects/contacts"
STATUSES = "/communication-preferences/v4/statuses/batch/read"
GUID = re.compile(r"[0-9A-Fa-f-]{1,64}")
CONTACT_ID = re.compile(r"[0-9]{1,20}")
TOUCHES = "one for the addresses, two for each contact, and the list of e-mails every ten minutes"


class HubSpot(Adapter):
    """Answers are `Campaign`s, pages of `Touch`es and lists of `Consent`s, these two by contact id."""

    name = "hubspot"
    title = "HubSpot"
    bears = Bears(at_once=8, stretches=((TEN_SECONDS, 10.0),))  # of the smaller plans

    def __init__(self, connection: Connection, transport: Send) -> None:
        super().__init__(connection, transport)
        most = _number(connection, "per_ten_seconds", TEN_SECONDS)
        self.pace = Pace(connection.per_second, ((most, 10.0),))
        self._line = Line(
            self.name, connection, Pace(0, ((_number(connection, "searches_per_second", SEARCHES), 1.0),))
        )
        self._history = History(self._line, Sendings(self._line))
        self._purposes = _purposes(connection.options.get("subscriptions", ""))

    # campaigns

    @operation(Campaign, limit=MOST_CAMPAIGNS, columns=records.CAMPAIGN)
    async def campaigns(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Campaign | Gap]:
        """Campaigns by guid, fifty at a time. What is no guid is not sent, and not there."""
        guids = [key for key in dict.fromkeys(keys) if isinstance(key, str) and GUID.fullmatch(key)]
        if not guids:
            return {}
        found, errors = await self._batch(wire, f"{CAMPAIGNS}/batch/read", guids, query=_properties(columns))
        return {guid: self._campaign(row, columns) for guid, row in found.items()} | errors

    @operation(Metrics, limit=1, columns=records.METRICS)
    async def campaign_metrics(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, Metrics | Gap]:
        """What a campaign came to; HubSpot tells of one at a time."""
        guids = [key for key in keys if isinstance(key, str) and GUID.fullmatch(key)]
        return {guid: await self._line.get(wire, f"{CAMPAIGNS}/{guid}/reports/metrics", Metrics) for guid in guids}

    @operation(CampaignPage, limit=1, columns=records.CAMPAIGN | {"has_next": ()})
    async def find_campaigns(
        self, wire: Wire, keys: Sequence[Key], columns: Columns, *, first: int = 20
    ) -> Mapping[Key, CampaignPage | Gap]:
        """Campaigns with a text (the key) in their name, whatever its case, the one changed last first."""
        answers: dict[Key, CampaignPage | Gap] = {}
        for key in keys:
            if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_SEARCH or not key.isprintable():
                answers[key] = Unusable(f"A campaign is searched for by 1 to {LONGEST_SEARCH} characters of its name.")
                continue
            asked = {"name": key.strip(), "limit": str(first), "sort": "-updatedAt", **_properties(columns)}
            page = await self._line.get(wire, CAMPAIGNS, Rows, asked)
            told = [self._campaign(row, columns) for row in page.results[:first]]
            if gap := next((one for one in told if isinstance(one, Gap)), None):
                raise gap
            listed = [one for one in told if isinstance(one, Campaign)]
            answers[key] = CampaignPage(listed, page.paging is not None)
        return answers

    # contacts

    @operation(TouchPage, limit=MOST_CAMPAIGNS, columns=records.TOUCH, calls=TOUCHES)
    async def touches(
        self,
        wire: Wire,
        keys: Sequence[Key],
        columns: Columns,
        *,
        first: int = 20,
        after: tuple[str, ...] | None = None,
    ) -> Mapping[Key, TouchPage | Gap]:
        """What happened with a contact, newest first, behind the place `after`. Whom HubSpot does not know, nothing."""
        try:
            behind = _position(after)
        except Unusable as error:
            return dict.fromkeys(keys, error)
        emails, errors = await self._emails(wire, keys)

        async def one(contact: str) -> TouchPage | Gap:
            try:
                return await self._history.page(wire, contact, emails[contact], columns, first, behind)
            except Gap as gap:
                return gap

        pages = await asyncio.gather(*map(one, emails))
        nothing: dict[Key, TouchPage | Gap] = {key: TouchPage([], False) for key in keys}
        return nothing | errors | dict(zip(emails, pages, strict=True))

    @operation(list[Consent], limit=MOST_CONTACTS, columns=records.CONSENT)
    async def consents(self, wire: Wire, keys: Sequence[Key], columns: Columns) -> Mapping[Key, list[Consent] | Gap]:
        """What a contact agreed to, by kind of e-mail; an empty list when nothing is on record. Two requests, whether
        there are such contacts or not: who is unknown takes as long as who is known."""
        contacts, errors = await self._emails(wire, keys)
        emails = list(dict.fromkeys(email for email in contacts.values() if email))
        said = await self._statuses(wire, emails or [NOBODY]) if keys else {}
        nothing: dict[Key, list[Consent] | Gap] = {key: [] for key in keys}
        return nothing | errors | {one: said.get(email, []) for one, email in contacts.items() if email}

    async def contacts_changed_since(
        self, deadline: Deadline, since: datetime | None = None
    ) -> AsyncIterator[list[Contact]]:
        """Contacts that changed at or after `since`, oldest change first; all, in no order, when None. Up to 200 at a
        time. The greatest `updated` seen is the `since` for next time. Raises BackendError."""
        wire = self.wire(deadline)
        if since is None:
            asked = {"limit": str(LISTED), "properties": ",".join(records.MARKS)}
            while True:
                page = await self._line.get(wire, CONTACTS, Rows, asked)
                yield [self._contact(row) for row in page.results]
                if page.paging is None or page.paging.next is None:
                    return
                asked["after"] = page.paging.next.after
        async for rows in self._changed(wire, since):
            yield [self._contact(row) for row in rows]

    # how it is asked

    async def _changed(self, wire: Wire, since: datetime) -> AsyncIterator[list[Row]]:
        """A search gives no more than 10,000 rows: then it begins anew at the last change seen."""
        after = ""
        while True:
            least = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(_milliseconds(since))}
            body: dict[str, Any] = {
                "filterGroups": [{"filters": [least]}],
                "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
                "properties": records.MARKS,
                "limit": FOUND,
            }
            page = await self._line.search(wire, f"{CONTACTS}/search", Rows, body | ({"after": after} if after else {}))
            yield page.results
            if page.paging is None or page.paging.next is None or not page.results:
                return
            after = page.paging.next.after
            if after.isdecimal() and int(after) >= MOST_FOUND:
                last = page.results[-1].updated
                if _milliseconds(last) == _milliseconds(since):
                    raise Garbled(self.name, f"more than {MOST_FOUND} contacts changed at the same moment")
                since, after = last, ""

    async def _emails(self, wire: Wire, keys: Sequence[Key]) -> tuple[dict[str, str | None], dict[Key, Gap]]:
        """The address of each contact that is there; and the errors of the others that have one."""
        ids = [key for key in dict.fromkeys(keys) if isinstance(key, str) and CONTACT_ID.fullmatch(key)]
        if not ids:
            return {}, {}
        found, errors = await self._batch(wire, f"{CONTACTS}/batch/read", ids, body={"properties": ["email"]})
        return {one: row.properties.get("email") or None for one, row in found.items()}, errors

    async def _batch(
        self,
        wire: Wire,
        path: str,
        keys: Sequence[str],
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Row], dict[Key, Gap]]:
        asked = {**(body or {}), "inputs": [{"id": key} for key in keys]}
        answer = await self._line.post(wire, path, Batch, asked, query)
        found = {row.id: row for row in answer.results}
        if strange := found.keys() - set(keys):
            raise Garbled(self.name, f"{len(strange)} rows nobody asked for")
        errors: dict[Key, Gap] = dict(failed(self.name, answer.errors, set(keys) - found.keys()).items())
        return found, errors

    async def _statuses(self, wire: Wire, emails: Sequence[str]) -> dict[str, list[Consent] | Gap]:
        """By address, as it was asked for."""
        answer = await self._line.post(wire, STATUSES, Subscribers, {"inputs": emails}, {"channel": "EMAIL"})
        spelled = {email.casefold(): email for email in emails}
        found: dict[str, list[Consent] | Gap] = {}
        for one in answer.results:
            if one.email.casefold() not in spelled:
                raise Garbled(self.name, "the subscriptions of somebody nobody asked about")
            found[spelled[one.email.casefold()]] = self._consents(one.statuses)
        return found | failed(self.name, answer.errors, set(emails) - found.keys())

    # what it says

    def _consents(self, statuses: Iterable[Status]) -> list[Consent] | Gap:
        told = []
        for one in statuses:
            state = records.SAID.get(one.status)
            if state is None:
                return Garbled(self.name, f"a subscription that is {one.status[:40]!r}")
            told.append(Consent(self._purposes.get(one.kind, ConsentPurpose.OTHER), state, one.name, one.at))
        return told

    def _campaign(self, row: Row, columns: Columns) -> Campaign | Gap:
        told = row.properties
        try:
            return Campaign(
                row.id,
                name=told.get("hs_name") if "name" in columns else None,
                status=_status(told.get("hs_campaign_status")) if "status" in columns else None,
                starts_on=_day(told.get("hs_start_date")) if "starts_on" in columns else None,
                ends_on=_day(told.get("hs_end_date")) if "ends_on" in columns else None,
                line=(told.get("product_line") or None) if "line" in columns else None,
                skus=_choices(told.get("product_skus")) if "skus" in columns else None,
            )
        except ValueError:
            return Garbled(self.name, "a campaign with a date that is none")

    def _contact(self, row: Row) -> Contact:
        told = row.properties
        name = " ".join(filter(None, (told.get("firstname"), told.get("lastname"))))
        number, email, phone = (told.get(one) or None for one in ("customer_number", "email", "phone"))
        return Contact(row.id, number, email, phone, name or None, row.updated)


def _properties(columns: Columns) -> dict[str, str]:
    wanted = HubSpot.campaigns.wire_columns(columns)
    return {"properties": ",".join(wanted)} if wanted else {}


def _status(word: str | None) -> CampaignStatus | None:
    return records.STATUS.get(word, CampaignStatus.OTHER) if word else None


def _day(text: str | None) -> date | None:
    """A date, or the day of a moment. Raises ValueError."""
    return date.fromisoformat(text[:10]) if text else None


def _choices(text: str | None) -> list[str]:
    return [one for one in (text or "").split(";") if one]


def _position(after: tuple[str, ...] | None) -> Position | None:
    if after is None:
        return None
    try:
        at, key = after
        return datetime.fromisoformat(at), key
    except ValueError as error:
        raise Unusable("This is not a place in a list of touches") from error


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _number(connection: Connection, name: str, usual: int) -> int:
    text = connection.options.get(name, "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"hubspot: {name} is a whole number, not {text!r}")
    return int(text) if text else usual


def _purposes(text: str) -> dict[int, ConsentPurpose]:
    """`1001=MARKETING,1002=NEWSLETTER`: which kind of e-mail serves which purpose."""
    found: dict[int, ConsentPurpose] = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        number, _, purpose = one.partition("=")
        if not number.isdecimal() or purpose not in ConsentPurpose.__members__:
            raise ValueError(f"hubspot: subscriptions are like 1001=MARKETING, not {one!r}")
        found[int(number)] = ConsentPurpose[purpose]
    return found
