"""Where each edge of the customer graph gets its values."""

from __future__ import annotations

from resolvers import (
    access,
    billing,
    community,
    content,
    customer,
    finding,
    guidance,
    inventory,
    marketing,
    order_to_cash,
    order_to_cash_lines,
    order_to_cash_sets,
    orders,
    outlook,
    partners,
    query,
    relations,
    sales,
    search,
    shipping,
    subjects,
    support,
    support_queue,
    timeline,
    viewer,
)
from resolvers.binding import Bindings


def bindings() -> Bindings:
    """Everything bound for the customer graph."""
    domains = (
        customer,
        finding,
        orders,
        order_to_cash,
        order_to_cash_lines,
        order_to_cash_sets,
        shipping,
        billing,
        inventory,
        content,
        support,
        sales,
        partners,
        outlook,
        guidance,
        support_queue,
        marketing,
        community,
        timeline,
    )
    return Bindings.of((*domains, search, relations, subjects, access, query, viewer))
