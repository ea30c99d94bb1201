"""The partner hub: what suppliers have, what they were told we need, what they promise, and our orders with them.

It takes ten requests a second from everybody here together, and has no endless patience for bursts. Items are asked for
fifty at a time (that several can be named in one request is this hub's own; the real interfaces it follows take one).
"""

from __future__ import annotations

from resolvers.backends.partner_hub.adapter import PartnerHub
from resolvers.backends.partner_hub.records import (
    Acknowledgement,
    Commitment,
    Expected,
    Forecast,
    LineAcknowledgement,
    Money,
    PurchaseLine,
    PurchaseOrder,
    Supplies,
    Supply,
    Transaction,
)

__all__ = [
    "Acknowledgement",
    "Commitment",
    "Expected",
    "Forecast",
    "LineAcknowledgement",
    "Money",
    "PartnerHub",
    "PurchaseLine",
    "PurchaseOrder",
    "Supplies",
    "Supply",
    "Transaction",
]
