"""Oracle Fusion Cloud Order Management: the sales orders hub, as its REST interface behaves.

`/fscmRestApi/resources/{11.13.18.05|latest}/salesOrdersForOrderHub`, its items and their children; `q`, `finder`,
`fields`, `expand`, `orderBy`, `limit`, `offset`, `totalResults`, `onlyData`, `links`; `REST-Framework-Version` 1 to 9;
the same for the list `shipmentLines`;
Basic and Bearer (`POST /oauth2/v1/token`, client credentials). Reads only.

What the documentation leaves open, and what this mock does:

* `holds`: HoldName, HoldCodeId, HoldComments, ApplyDate, ReleaseFlag. A released hold stays in the list.
* also from memory: ActualShipDate and ShippingCarrier on lines, Comments and SourceTransactionRevisionNumber on the
  header, the attributes of ship-to, bill-to and charges. `payments` is there and always empty.
* totals: QP_TOTAL_LIST_PRICE, _ADJUSTMENTS, _NET_PRICE, _SHIP_CHARGE, _TAX and, primary, QP_TOTAL_PAY_NOW (the grand
  total). Drafts have none, because they have not been priced.
* a child collection that comes along with its parent has 25 rows at most.
* `shipmentLines`: one row for so much of an order line as is in one parcel, from when it is packed (line status Y,
  staged) or shipped (C). `Order`, `OrderLine`, `Item`, the quantities and line statuses are in public code; that
  carrier, shipping method, tracking number and buyer stand on the row (`Carrier`, `ShippingMethod`, `TrackingNumber`,
  `SoldToCustomerNumber`), and that it can be queried by these, is from memory. Lists by neither order nor tracking
  number read all orders.
* queries and lists give the newest revision. An older one (here: of one order in twenty) is found by its HeaderId only,
  its status is DOO_REFERENCE, and its HeaderId is the one before the newest.
* `q` in version 1: `=` with a `%` in it means LIKE. In 2+: strings in single quotes, `''` for a quote in them, three-
  valued logic, and `LIKE` knows `%` and `_`. A child's attribute is queried by its path, `lines.ProductNumber='x'`:
  orders with such a line, each with all its lines. Oracle documents that for this REST framework ("Query a Collection"
  in the REST API for HCM; public code has `workers?q=workRelationships.assignments.AssignmentNumber=…`), but that this
  resource's lines can be queried so is from memory.
* 400: unknown attribute in `q` or `orderBy`, unknown child in `expand`, bad `limit` or `offset`, unknown framework
  version. Unknown names in `fields` are passed over. A `limit` above 500 is 500. `expand=all` means all children, one
  level deep.
* a request line beyond 8,190 bytes gives 414, as web servers in front of it do.
* `If-None-Match` with the item's ETag gives 304.
* `OPS.GUEST` may log in, but lacks the privilege to see orders: 403.
"""

from __future__ import annotations

from mocks.oracle_om.access import CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME
from mocks.oracle_om.app import TITLE, create

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "PASSWORD", "TITLE", "USERNAME", "create"]
