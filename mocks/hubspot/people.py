"""Contacts of the CRM (batch read, search, list), what happened with each, and what each agreed to.

The search knows the comparisons of dates and texts that incremental readers use (EQ, GT, GTE, LT, LTE, HAS_PROPERTY),
all of them at once, sorts by `lastmodifieddate` alone, shows at most 200 rows a page and 10,000 in all. Events: e-mail
events per recipient are the older interface, newest first, with an offset that names the place; page visits and forms
are behaviour events per contact. Names and words where the facts are silent are chosen here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request

from mocks.control import note
from mocks.hubspot import asked
from mocks.hubspot.asked import epoch, iso
from mocks.hubspot.errors import invalid, not_found
from mocks.hubspot.marketing import batch
from mocks.world.audience import Audience, Changes, Subscription, Touch
from mocks.world.dice import digest
from mocks.world.model import World

MOST_CONTACTS = 100
MOST_FOUND = 10_000
MOST_STATUSES = 100
PORTAL, APP = 62515, 113
PAUSE_AFTER = 500
USUAL = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
EVENTS = {"VISIT": "e_visited_page", "FORM": "e_submitted_form"}
EMAIL_TYPES = frozenset(
    {"SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "DEFERRED", "DROPPED", "SPAMREPORT", "UNSUBSCRIBE", "STATUSCHANGE"}
)
COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "EQ": lambda one, other: one == other,
    "GT": lambda one, other: one > other,
    "GTE": lambda one, other: one >= other,
    "LT": lambda one, other: one < other,
    "LTE": lambda one, other: one <= other,
    "HAS_PROPERTY": lambda one, other: bool(one),
}


class People:
    """The paths about contacts."""

    def __init__(self, world: World, audience: Audience) -> None:
        self._world = world
        self._audience = audience
        self._changes = Changes(audience, world)
        self._gathering: asyncio.Task[None] | None = None

    # -- contacts -----------------------------------------------------------------------------------------------------

    async def batch(self, request: Request) -> tuple[int, dict[str, Any]]:
        told = await asked.body(request)
        wanted, given = _texts(told, "properties"), asked.ids(told, MOST_CONTACTS)
        by_email = told.get("idProperty") == "email"
        note(request, "contacts.batch", wanted, given)
        find = self._audience.index_of_email if by_email else self._audience.index_of
        found = {one: index for one in given if (index := find(one)) is not None}
        shuffled = sorted(found.values(), key=lambda index: digest("order", index))
        return batch(
            [self._contact(index, wanted) for index in shuffled], [one for one in given if one not in found], "CONTACT"
        )

    async def listed(self, request: Request) -> dict[str, Any]:
        wanted = asked.names(request)
        note(request, "contacts.list", wanted)
        start, length = asked.after(request.query_params.get("after")), asked.limit(request, 10, 100)
        self._begin()
        rows: list[dict[str, Any]] = []
        for index in range(start, len(self._world)):
            if self._audience.contact_id(index) is None:
                continue
            if len(rows) == length:
                return {"results": rows, "paging": {"next": {"after": asked.token(index)}}}
            rows.append(self._contact(index, wanted))
        return {"results": rows}

    async def search(self, request: Request) -> dict[str, Any]:
        told = await asked.body(request)
        wanted, groups = _texts(told, "properties"), told.get("filterGroups") or []
        filters = [one for group in groups for one in group.get("filters", ())] if isinstance(groups, list) else []
        note(request, "contacts.search", wanted, [str(one.get("value", "")) for one in filters])
        if len(groups) > 1:
            raise invalid("This search takes one filter group")
        length = told.get("limit", 10)
        if type(length) is not int or not 1 <= length <= 200:
            raise invalid("limit is 1 to 200")
        start = _offset(told.get("after"))
        if start + length > MOST_FOUND:
            raise invalid(f"The search gives no more than {MOST_FOUND} results")
        await self._gathered()
        rows = [index for index in self._changes.since(_least(filters)) if self._fits(index, filters)]
        if (told.get("sorts") or [{}])[0].get("direction") == "DESCENDING":
            rows.reverse()
        shown = [self._contact(index, wanted) for index in rows[start : start + length]]
        more = {"paging": {"next": {"after": str(start + length)}}} if start + length < len(rows) else {}
        return {"total": len(rows), "results": shown, **more}

    def _begin(self) -> None:
        if self._gathering is None:
            self._gathering = asyncio.ensure_future(self._gather())

    async def _gathered(self) -> None:
        self._begin()
        if self._gathering is not None:
            await asyncio.shield(self._gathering)

    async def _gather(self) -> None:
        for at, _ in enumerate(self._changes.gather()):
            if at % PAUSE_AFTER == 0:
                await asyncio.sleep(0)

    def _fits(self, index: int, filters: Iterable[Mapping[str, Any]]) -> bool:
        known = self._properties(index)
        for one in filters:
            compare = COMPARED.get(str(one.get("operator")))
            if compare is None:
                raise invalid(f"Invalid operator {str(one.get('operator'))[:40]!r}")
            name = str(one.get("propertyName"))
            if name in ("lastmodifieddate", "createdate"):
                moment = _milliseconds(one.get("value"))
                value, other = f"{_at(known[name]):020.3f}", f"{moment / 1000:020.3f}"
            else:
                value, other = known.get(name) or "", str(one.get("value", ""))
            if not compare(value, other):
                return False
        return True

    def _contact(self, index: int, wanted: Iterable[str]) -> dict[str, Any]:
        known = self._properties(index)
        names = [*dict.fromkeys((*wanted, "createdate", "hs_object_id", "lastmodifieddate"))] if wanted else USUAL
        return {
            "id": known["hs_object_id"],
            "properties": {name: known.get(name) for name in names},
            "createdAt": known["createdate"],
            "updatedAt": known["lastmodifieddate"],
            "archived": False,
        }

    def _properties(self, index: int) -> dict[str, str | None]:
        one = self._world.customer(index)
        statuses = {each.id: each.status for each in self._audience.subscriptions(index)}
        out = [status == "UNSUBSCRIBED" for status in statuses.values()]
        return {
            "hs_object_id": self._audience.contact_id(index),
            "email": one.email.lower(),
            "firstname": one.first_name,
            "lastname": one.last_name,
            "phone": one.phone or None,
            "company": one.account_name or None,
            "customer_number": one.number if self._audience.numbered(index) else None,
            "hs_email_optout": "true" if all(out) else "false",
            "notes": f"CANARY-hubspot_notes-{index}",
            "createdate": iso(one.since),
            "lastmodifieddate": iso(self._audience.modified(index)),
        }

    # -- what happened ------------------------------------------------------------------------------------------------

    async def events(self, request: Request) -> dict[str, Any]:
        params = request.query_params
        note(request, "events", ["events"], [params.get("objectId", "")])
        if params.get("objectType", "").lower() != "contact" or "objectId" not in params:
            raise invalid("objectType and objectId are needed: this account has events of contacts alone")
        index = self._audience.index_of(params["objectId"])
        if index is None:
            raise not_found("The object does not exist")
        kind, newest = params.get("eventType"), params.get("sort", "-occurredAt").startswith("-")
        begin, end = asked.moment(request, "occurredAfter"), asked.moment(request, "occurredBefore")
        rows = [
            touch
            for touch in self._audience.touches(index)
            if touch.kind in EVENTS
            and (kind is None or EVENTS[touch.kind] == kind)
            and (begin is None or touch.at > begin)
            and (end is None or touch.at < end)
        ]
        rows = rows[::-1] if newest else rows
        start, length = asked.after(params.get("after")), asked.limit(request, 100, 1000)
        return asked.page([self._event(one, params["objectId"]) for one in rows], start, length, "/events/v3/events")

    async def event_types(self, request: Request) -> dict[str, Any]:
        note(request, "events.types", ["eventTypes"])
        return {"eventTypes": sorted(EVENTS.values())}

    async def email_events(self, request: Request) -> dict[str, Any]:
        params = request.query_params
        recipient, kind = params.get("recipient", ""), params.get("eventType")
        note(request, "email.events", ["events"], [recipient])
        if not recipient:
            raise invalid("recipient is needed: this account answers for one at a time")
        if kind is not None and kind not in EMAIL_TYPES:
            raise invalid(f"Unknown eventType {kind[:40]!r}")
        index = self._audience.index_of_email(recipient)
        begin, end = asked.milliseconds(request, "startTimestamp"), asked.milliseconds(request, "endTimestamp")
        rows = [
            touch
            for touch in reversed(self._audience.touches(index) if index is not None else ())
            if touch.kind not in EVENTS
            and (kind is None or touch.kind == kind)
            and ("campaignId" not in params or params["campaignId"] == str(touch.email.sending))
            and (begin is None or touch.at >= begin)
            and (end is None or touch.at <= end)
        ]
        start, length = asked.after(params.get("offset")), asked.limit(request, 100, 1000)
        shown = [self._email_event(one, recipient) for one in rows[start : start + length]]
        return {
            "events": shown,
            "hasMore": start + length < len(rows),
            "offset": asked.token(start + len(shown)),
        }

    def _event(self, one: Touch, contact: str) -> dict[str, Any]:
        properties = {"hs_url": one.url, "hs_campaign_guid": one.email.campaign.guid}
        if one.kind == "FORM":
            properties["hs_form_id"] = str(uuid.UUID(int=digest("form", one.email.campaign.line, size=16)))
        return {
            "id": str(uuid.UUID(int=digest("event", one.key, size=16))),
            "objectType": "CONTACT",
            "objectId": contact,
            "eventType": EVENTS[one.kind],
            "occurredAt": iso(one.at),
            "properties": {**properties, "hs_ip": f"CANARY-event_ip-{one.key}"},
        }

    def _email_event(self, one: Touch, recipient: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": str(uuid.UUID(int=digest("event", one.key, size=16))),
            "created": epoch(one.at),
            "type": one.kind,
            "recipient": recipient,
            "portalId": PORTAL,
            "appId": APP,
            "emailCampaignId": one.email.sending,
        }
        if one.kind != "SENT":
            shown["sentBy"] = {"id": f"sent-{one.email.sending}", "created": epoch(one.sent)}
        if one.kind in ("OPEN", "CLICK"):
            shown["ipAddress"] = f"CANARY-event_ip-{one.key}"
        if one.kind == "CLICK":
            shown["url"] = one.url
        return shown

    # -- what was agreed to -------------------------------------------------------------------------------------------

    async def statuses(self, request: Request) -> dict[str, Any]:
        email = request.path_params["email"]
        note(request, "statuses.one", ["statuses"], [email])
        _channel(request)
        index = self._audience.index_of_email(email)
        if index is None:
            raise not_found("No subscriber has this address")
        rows = [self._status(one, email) for one in self._audience.subscriptions(index)]
        return {
            "status": "COMPLETE",
            "results": rows,
            "startedAt": iso(self._world.now),
            "completedAt": iso(self._world.now),
        }

    async def statuses_batch(self, request: Request) -> tuple[int, dict[str, Any]]:
        emails = asked.ids(await asked.body(request), MOST_STATUSES, of="")
        note(request, "statuses.batch", ["statuses"], emails)
        _channel(request)
        found = {one: index for one in emails if (index := self._audience.index_of_email(one)) is not None}
        rows = [
            {
                "subscriberIdString": email,
                "statuses": [self._status(s, email) for s in self._audience.subscriptions(at)],
            }
            for email, at in found.items()
        ]
        return batch(rows, [one for one in emails if one not in found], "subscriber")

    def _status(self, one: Subscription, email: str) -> dict[str, Any]:
        said = one.at is not None
        return {
            "businessUnitId": 0,
            "channel": "EMAIL",
            "legalBasis": "CONSENT_WITH_NOTICE" if said else None,
            "legalBasisExplanation": one.explanation if said else None,
            "setStatusSuccessReason": None,
            "source": one.source,
            "status": one.status,
            "subscriberIdString": email,
            "subscriptionId": one.id,
            "subscriptionName": one.name,
            "timestamp": iso(one.at or self._world.now),
        }


def _channel(request: Request) -> None:
    if request.query_params.get("channel") != "EMAIL":
        raise invalid("channel is needed, and EMAIL is the only one")


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    given = told.get(name) or []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise invalid(f"{name} is a list of names")
    return given


def _offset(given: Any) -> int:
    text = str(given or "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise invalid("after is not a place in this search")
    return int(text)


def _least(filters: Iterable[Mapping[str, Any]]) -> float:
    """The earliest change that can be meant, in epoch seconds: where looking begins."""
    return max(
        (
            _milliseconds(one.get("value")) / 1000 - 1
            for one in filters
            if one.get("propertyName") == "lastmodifieddate" and one.get("operator") in ("GT", "GTE", "EQ")
        ),
        default=0.0,
    )


def _milliseconds(value: Any) -> float:
    text = str(value)
    if text.isascii() and text.isdecimal() and len(text) < 15:
        return float(text)
    try:
        return _at(text) * 1000
    except ValueError:
        raise invalid("a date is compared with a number of milliseconds or ISO 8601") from None


def _at(text: str | None) -> float:
    return asked.read(text or "").timestamp()
