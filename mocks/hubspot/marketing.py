"""Campaigns, their assets, reports and e-mails.

Properties have to be asked for; without any there is just the name. Beside HubSpot's own, campaigns here have two of
the company's: `product_line` and `product_skus`, values parted by semicolons as in any field of several choices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from mocks.control import note
from mocks.hubspot import asked
from mocks.hubspot.asked import iso
from mocks.hubspot.errors import invalid, not_found
from mocks.world.audience import Audience
from mocks.world.mailings import Campaign, Email

CAMPAIGNS = "/marketing/v3/campaigns"
MOST_CAMPAIGNS = 50
ASSETS = ("EMAIL", "MARKETING_EMAIL", "FORM", "LANDING_PAGE", "SOCIAL_BROADCAST")
CONTACTS = ("contactFirstTouch", "contactLastTouch", "influencedContacts")


def properties(one: Campaign) -> dict[str, str]:
    """All of them; values are always texts."""
    return {
        "hs_name": one.name,
        "hs_campaign_status": one.status,
        "hs_start_date": one.starts.isoformat(),
        "hs_end_date": one.ends.isoformat(),
        "hs_notes": one.notes,
        "hs_audience": one.audience,
        "hs_currency_code": one.currency,
        "hs_owner": one.owner,
        "hs_utm": one.guid,
        "hs_object_id": str(700_000 + one.number),
        "product_line": one.line,
        "product_skus": ";".join(one.skus),
    }


class Marketing:
    """The marketing paths."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._campaigns = audience.campaigns

    async def listed(self, request: Request) -> dict[str, Any]:
        wanted = asked.names(request)
        note(request, "campaigns.list", wanted)
        start, length = asked.after(request.query_params.get("after")), asked.limit(request, 50, 100)
        part = request.query_params.get("name", "").casefold()
        rows = [one for one in self._campaigns.all if part in one.name.casefold()]
        sort = request.query_params.get("sort", "hs_name")
        key = {"hs_name": _by_name, "createdAt": _by_created, "updatedAt": _by_updated}.get(sort.lstrip("-"))
        if key is None:
            raise invalid(f"Cannot sort by {sort[:40]!r}")
        rows.sort(key=key, reverse=sort.startswith("-"))
        shown = [self._shown(one, wanted) for one in rows]
        return {"total": len(rows), **asked.page(shown, start, length, CAMPAIGNS)}

    async def one(self, request: Request) -> dict[str, Any]:
        wanted, guid = asked.names(request), request.path_params["guid"]
        note(request, "campaigns.one", wanted, [guid])
        return {**self._shown(self._known(guid), wanted), "assets": {}}

    async def batch(self, request: Request) -> tuple[int, dict[str, Any]]:
        wanted = asked.names(request)
        guids = asked.ids(await asked.body(request), MOST_CAMPAIGNS)
        note(request, "campaigns.batch", wanted, guids)
        found = {guid: self._campaigns.by_guid[guid] for guid in guids if guid in self._campaigns.by_guid}
        shuffled = sorted(found.values(), key=lambda one: one.guid[::-1])  # their order is not promised
        shown = [{**self._shown(one, wanted), "assets": {}} for one in shuffled]
        return batch(shown, [guid for guid in guids if guid not in found], "campaign")

    async def assets(self, request: Request) -> dict[str, Any]:
        guid, kind = request.path_params["guid"], request.path_params["kind"]
        note(request, "campaigns.assets", [kind], [guid])
        one = self._known(guid)
        if kind not in ASSETS:
            raise invalid(f"Unsupported asset type {kind[:40]!r}")
        emails = self._campaigns.emails_of(one) if kind.endswith("EMAIL") else ()
        dated = "startDate" in request.query_params and "endDate" in request.query_params
        rows = [
            {"id": email.id, "name": email.name, **({"metrics": self._metrics(email)} if dated else {})}
            for email in emails
        ]
        return asked.page(rows, 0, 100, "")

    async def metrics(self, request: Request) -> dict[str, Any]:
        guid = request.path_params["guid"]
        note(request, "campaigns.metrics", ["metrics"], [guid])
        one = self._known(guid)
        reached = 0 if one.status == "planned" else 40 + one.number * 7 % 300
        return {
            "sessions": reached * 3,
            "newContactsFirstTouch": reached // 9,
            "newContactsLastTouch": reached // 11,
            "influencedContacts": reached,
        }

    async def contacts(self, request: Request) -> dict[str, Any]:
        guid, kind = request.path_params["guid"], request.path_params["kind"]
        note(request, "campaigns.contacts", [kind], [guid])
        one = self._known(guid)
        if kind not in CONTACTS:
            raise invalid(f"Unsupported contact type {kind[:40]!r}")
        start, length = asked.after(request.query_params.get("after")), asked.limit(request, 100, 100)
        rows: list[dict[str, Any]] = []
        following = None
        for index in self._audience.members(one, start):
            if len(rows) == length:
                following = asked.token(index)
                break
            rows.append({"id": self._audience.contact_id(index)})
        return {"results": rows, **({"paging": {"next": {"after": following}}} if following else {})}

    async def revenue(self, request: Request) -> dict[str, Any]:
        guid = request.path_params["guid"]
        note(request, "campaigns.revenue", ["revenue"], [guid])
        one = self._known(guid)
        return {"revenueAmount": float(one.budget * 3), "currencyCode": one.currency, "dealsNumber": 3, "dealAmount": 0}

    async def budget(self, request: Request) -> dict[str, Any]:
        guid = request.path_params["guid"]
        note(request, "campaigns.budget", ["budget"], [guid])
        one = self._known(guid)
        items = [{"id": "1", "name": "All of it", "amount": float(one.budget), "order": 0}]
        return {"budgetItems": items, "budgetTotal": float(one.budget), "currencyCode": one.currency, "spendTotal": 0.0}

    async def emails(self, request: Request) -> dict[str, Any]:
        note(request, "emails.list", ["campaign", "allEmailCampaignIds"])
        start, length = asked.after(request.query_params.get("after")), asked.limit(request, 10, 100)
        rows = [self._email(one) for one in self._campaigns.emails]
        return {"total": len(rows), **asked.page(rows, start, length, "/marketing/v3/emails")}

    async def statistics(self, request: Request) -> dict[str, Any]:
        note(request, "emails.statistics", ["statistics"])
        begin, end = asked.moment(request, "startTimestamp"), asked.moment(request, "endTimestamp")
        if begin is None or end is None:
            raise invalid("Some required fields were not set: [startTimestamp, endTimestamp]")
        sent = [one for one in self._campaigns.emails if one.sent_at and begin <= one.sent_at < end]
        counters = {"sent": len(sent) * 100, "delivered": len(sent) * 98, "open": len(sent) * 50}
        return {
            "aggregate": {"counters": counters},
            "emails": [int(one.id) for one in sent],
            "campaignAggregations": {},
        }

    def _email(self, one: Email) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": one.name,
            "subject": one.subject,
            "state": "PUBLISHED" if one.sent_at else "DRAFT",
            "type": "BATCH_EMAIL",
            "isPublished": one.sent_at is not None,
            "campaign": one.campaign.guid,
            "campaignName": one.campaign.name,
            "campaignUtm": one.campaign.guid,
            "allEmailCampaignIds": [str(one.sending)],
            "primaryEmailCampaignId": str(one.sending),
            "publishDate": iso(one.sent_at) if one.sent_at else None,
            "createdAt": iso(one.campaign.created),
            "updatedAt": iso(one.campaign.updated),
        }

    def _known(self, guid: str) -> Campaign:
        found = self._campaigns.by_guid.get(guid)
        if found is None:
            raise not_found(f"Campaign with id {guid[:60]} not found")
        return found

    def _shown(self, one: Campaign, wanted: Iterable[str]) -> dict[str, Any]:
        known = properties(one)
        shown = {name: known.get(name) for name in wanted} or {"hs_name": one.name}
        times = {"createdAt": iso(one.created), "updatedAt": iso(one.updated)}
        return {"id": one.guid, "properties": shown, **times, "businessUnits": []}

    def _metrics(self, email: Email) -> dict[str, int]:
        return {"SENT": 100, "DELIVERED": 98, "OPEN": 50 + email.sending % 9, "CLICK": 16}


def batch(results: list[dict[str, Any]], unknown: list[str], kind: str) -> tuple[int, dict[str, Any]]:
    """200, or 207 with an error for what is not there, beside what is."""
    shown: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": "2024-03-04T10:00:00.000Z",
        "completedAt": "2024-03-04T10:00:00.120Z",
    }
    if not unknown:
        return 200, shown
    told = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": unknown},
    }
    return 207, {**shown, "numErrors": 1, "errors": [told]}


def _by_name(one: Campaign) -> str:
    return one.name


def _by_created(one: Campaign) -> str:
    return iso(one.created)


def _by_updated(one: Campaign) -> str:
    return iso(one.updated)
