"""Where each edge of the customer graph gets its values."""

from __future__ import annotations

from resolvers import (
    billing,
    community,
    content,
    customer,
    finding,
    inventory,
    marketing,
    orders,
    query,
    relations,
    search,
    support,
)
from resolvers.binding import Bindings

__all__ = ["Bindings", "bindings"]


def bindings() -> Bindings:
    """Everything bound for the customer graph."""
    return Bindings.of(
        (
            customer,
            finding,
            orders,
            billing,
            inventory,
            content,
            support,
            marketing,
            community,
            search,
            relations,
            query,
        )
    )
