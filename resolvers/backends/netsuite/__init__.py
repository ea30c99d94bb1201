"""NetSuite: what was invoiced, paid and credited, and who owes what. Read with SuiteQL over its REST services.

The record service has no question for several keys, so nothing is asked of it.
"""

from __future__ import annotations

from resolvers.backends.netsuite.adapter import NetSuite
from resolvers.backends.netsuite.records import (
    Balance,
    CreditMemo,
    Debtor,
    Invoice,
    InvoiceLine,
    InvoicePage,
    Money,
    Payment,
    Sales,
)

__all__ = [
    "Balance",
    "CreditMemo",
    "Debtor",
    "Invoice",
    "InvoiceLine",
    "InvoicePage",
    "Money",
    "NetSuite",
    "Payment",
    "Sales",
]
