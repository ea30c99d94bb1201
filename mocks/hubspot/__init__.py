"""HubSpot: the marketing system. Campaigns, contacts, what became of each e-mail, and who agreed to what. Read-only.

    /marketing/v3/campaigns[/{guid}[/assets/{type}|/reports/metrics|/reports/contacts/{type}|/reports/revenue|
        /budget/totals]], POST …/batch/read; the same below /marketing/campaigns/2026-03 and …/2026-09
    /marketing/v3/emails, …/statistics/list
    /crm/v3/objects/contacts, POST …/batch/read, …/search
    /events/v3/events, …/event-types; /email/public/v1/events (by recipient)
    /communication-preferences/v4/statuses/{email}, POST …/batch/read

`create(world)` limits as the largest plans do (`LARGEST`), `limits=Limits()` as the smaller ones; None never says too
many. Tokens are not given out here and do not expire, so `expire-login` does nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.hubspot.access import LARGEST, NARROW_TOKEN, TOKEN, Access, Limits
from mocks.hubspot.errors import Refusal
from mocks.hubspot.marketing import Marketing
from mocks.hubspot.people import People
from mocks.world.audience import Audience
from mocks.world.model import World

__all__ = ["LARGEST", "NARROW_TOKEN", "TITLE", "TOKEN", "Limits", "create"]

TITLE = "HubSpot marketing (campaigns, contacts, events, subscriptions)"
CAMPAIGN_ROOTS = ("/marketing/v3/campaigns", "/marketing/campaigns/2026-03", "/marketing/campaigns/2026-09")
Handler = Callable[[Request], Awaitable[dict[str, Any] | tuple[int, dict[str, Any]]]]


def create(world: World, limits: Limits | None = LARGEST) -> Starlette:
    """The account of a world's company."""
    audience = Audience(world)
    marketing, people, access = Marketing(audience), People(world, audience), Access(limits)

    def route(path: str, made: Handler, scope: str, method: str = "GET", search: bool = False) -> Route:
        return Route(path, _served(made, access, scope, search), methods=[method])

    campaigns = [
        route(f"{root}{path}", made, scope, method)
        for root in CAMPAIGN_ROOTS
        for path, made, scope, method in _campaigns(marketing)
    ]
    contacts, preferences = "crm.objects.contacts.read", "communication_preferences.read"
    statuses = "/communication-preferences/v4/statuses"
    routes = [
        *campaigns,
        route("/marketing/v3/emails", marketing.emails, "content"),
        route("/marketing/v3/emails/statistics/list", marketing.statistics, "content"),
        route("/crm/v3/objects/contacts", people.listed, contacts),
        route("/crm/v3/objects/contacts/batch/read", people.batch, contacts, "POST"),
        route("/crm/v3/objects/contacts/search", people.search, contacts, "POST", search=True),
        route("/events/v3/events", people.events, "business-intelligence"),
        route("/events/v3/events/event-types", people.event_types, "business-intelligence"),
        route("/email/public/v1/events", people.email_events, "marketing-email"),
        route(f"{statuses}/batch/read", people.statuses_batch, preferences, "POST"),
        route(f"{statuses}/{{email}}", people.statuses, preferences),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _elsewhere})
    app.state.consent = audience
    return app


def _campaigns(marketing: Marketing) -> list[tuple[str, Handler, str, str]]:
    read = "marketing.campaigns.read"
    return [
        ("", marketing.listed, read, "GET"),
        ("/batch/read", marketing.batch, read, "POST"),
        ("/{guid}", marketing.one, read, "GET"),
        ("/{guid}/assets/{kind}", marketing.assets, read, "GET"),
        ("/{guid}/reports/metrics", marketing.metrics, read, "GET"),
        ("/{guid}/reports/contacts/{kind}", marketing.contacts, read, "GET"),
        ("/{guid}/reports/revenue", marketing.revenue, "marketing.campaigns.revenue.read", "GET"),
        ("/{guid}/budget/totals", marketing.budget, "marketing.campaigns.revenue.read", "GET"),
    ]


def _served(made: Handler, access: Access, scope: str, search: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            headers = access.admit(request, scope, search)
            told = await made(request)
        except Refusal as refusal:
            return refusal.response(headers)
        status, body = told if isinstance(told, tuple) else (200, told)
        return JSONResponse(body, status, headers)

    return endpoint


async def _elsewhere(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: ("NOT_FOUND", "resource not found"), 405: ("METHOD_NOT_ALLOWED", "Method Not Allowed")}
    category, said = words.get(status, ("INTERNAL_ERROR", "internal error"))
    return Refusal(status, category, said).response({})
