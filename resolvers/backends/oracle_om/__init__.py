"""Oracle Fusion Order Management: who ordered what, in which state, for how much. Read over its REST interface.

Row-match queries need `REST-Framework-Version` 2 or later: it is always stated (4, or `options["framework_version"]`).
Settings it knows: `username` and `password` for Basic; or, in `options`, `token_url` (a path of the same host),
`client_id`, `client_secret` and perhaps `scope` for Bearer; `api_version` (11.13.18.05, or `latest`).
"""

from __future__ import annotations

from resolvers.backends.oracle_om.adapter import OracleOM
from resolvers.backends.oracle_om.records import (
    Address,
    BuyingParty,
    ChangedOrder,
    FoundOrders,
    Hold,
    Line,
    Money,
    OrderPage,
    OrderTotal,
    Packed,
    Parties,
    Party,
    SalesOrder,
    Shipment,
    Waiting,
)

__all__ = [
    "Address",
    "BuyingParty",
    "ChangedOrder",
    "FoundOrders",
    "Hold",
    "Line",
    "Money",
    "OracleOM",
    "OrderPage",
    "OrderTotal",
    "Packed",
    "Parties",
    "Party",
    "SalesOrder",
    "Shipment",
    "Waiting",
]
