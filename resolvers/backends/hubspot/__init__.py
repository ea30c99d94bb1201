"""HubSpot: campaigns, what became of each e-mail, and who agreed to what.

Acts as a service: `connection.password` is the token of a private app. `connection.options`: `subscriptions` (which
kind of e-mail serves which purpose), `per_ten_seconds` (100) and `searches_per_second` (5), the plan's own limits, and
`timezone` of the account, at whose midnight the day's limit begins anew. What this adapter chose:

* campaigns are read fifty at a time, contacts and subscriptions a hundred; an answer in parts (207) costs only the
  inputs that have an error in it, and an input that is just not there has none;
* consent is asked of the subscriptions, not of the contact's own properties, which follow them late. Subscriptions go
  by address, so the contact's address is asked for first;
* HubSpot has no campaigns of a contact. They are made of two histories: e-mail events by recipient, which only the
  older interface has, and behaviour events by contact;
* a campaign says what it is for in two properties of the company's own, `product_line` and `product_skus`;
* contacts are learned from the list at first, and by last change from then on.
"""

from __future__ import annotations

from resolvers.backends.hubspot.adapter import HubSpot
from resolvers.backends.hubspot.history import place
from resolvers.backends.hubspot.records import Campaign, CampaignPage, Consent, Contact, Metrics, Touch, TouchPage

__all__ = ["Campaign", "CampaignPage", "Consent", "Contact", "HubSpot", "Metrics", "Touch", "TouchPage", "place"]
