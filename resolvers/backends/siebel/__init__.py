"""Siebel CRM over REST: contacts and accounts, by row id, customer number, e-mail address or telephone number;
opportunities, assets and campaign lists by what they hang on.

Siebel has no IN operator and no escape for quotes; it pages by offset, at most 100 rows at a time, and takes a request
line of 4 kB at the least. It signals nothing when it is busy: it just answers late, so we ask it little at once.
"""

from __future__ import annotations

from resolvers.backends.siebel.adapter import Siebel
from resolvers.backends.siebel.deals import (
    Asset,
    AssetPage,
    Campaign,
    CampaignMember,
    Money,
    Opportunity,
    OpportunityPage,
    OpportunityProduct,
)
from resolvers.backends.siebel.finding import By, position, standing
from resolvers.backends.siebel.records import Account, AccountPage, Address, Contact, ContactPage

__all__ = [
    "Account",
    "AccountPage",
    "Address",
    "Asset",
    "AssetPage",
    "By",
    "Campaign",
    "CampaignMember",
    "Contact",
    "ContactPage",
    "Money",
    "Opportunity",
    "OpportunityPage",
    "OpportunityProduct",
    "Siebel",
    "position",
    "standing",
]
