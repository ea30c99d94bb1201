"""The questions that scenarios ask, as front ends do; each customer is looked up by a key that needs no system."""

from __future__ import annotations

WHOLE = """
query Whole($key: String!) {
  customer(by: { key: { system: "oracle_om.party", key: $key } }) {
    name email tier
    tickets(first: 5) { nodes { number subject status worklog { at text } } }
    orders(first: 5) {
      nodes {
        number status placedAt total { amount currency } holds { name }
        lines { sku quantity product { name stock { plant quantity unit } content { kind title } } }
      }
    }
  }
}
"""
"""All five systems: the customer with orders × lines × product × stock, tickets with their work logs, content."""

WITHOUT_SAP = """
query WithoutSap($key: String!) {
  customer(by: { key: { system: "oracle_om.party", key: $key } }) {
    name tier
    tickets(first: 3) { nodes { number status } }
    orders(first: 3) { nodes { number status total { amount } lines { sku quantity } } }
  }
}
"""

AVAILABILITY = """
query Availability($skus: [String!]!, $quantity: Decimal!, $on: Date!) {
  productsBySku(skus: $skus) { sku availability(quantity: $quantity, on: $on) { sufficient quantity } }
}
"""

TICKETS = """
query Tickets($key: String!, $first: Int!) {
  customer(by: { key: { system: "oracle_om.party", key: $key } }) {
    tickets(first: $first) { nodes { number subject status } }
  }
}
"""

TICKETS_AND_ORDERS = """
query TicketsAndOrders($key: String!) {
  customer(by: { key: { system: "oracle_om.party", key: $key } }) {
    tickets(first: 3) { nodes { number worklog { at text } } }
    orders(first: 3) { nodes { number status } }
  }
}
"""

WRITES = "{ __schema { mutationType { fields { name } } } }"
