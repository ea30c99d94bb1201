"""The fictional company every mock server draws from, so that they agree with each other."""

from __future__ import annotations

from mocks.world.model import Address, Customer, Hold, Line, Order, Product, Stock, World

__all__ = ["Address", "Customer", "Hold", "Line", "Order", "Product", "Stock", "World"]
