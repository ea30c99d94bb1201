"""What a help desk writes down: its words, and the shapes of a ticket, of its history and of who calls.

The rules by which they are drawn are in `mocks.world.tickets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

URGENCIES = ("1-Critical", "2-High", "3-Medium", "4-Low")
IMPACTS = ("1-Extensive/Widespread", "2-Significant/Large", "3-Moderate/Limited", "4-Minor/Localized")
PRIORITIES = ("Critical", "High", "Medium", "Low")
STATUSES = ("New", "Assigned", "In Progress", "Pending", "Resolved", "Closed", "Cancelled")
SLM_STATUSES = (
    "No Service Target Assigned",
    "Within Time Limit",
    "Service Targets Warning",
    "Service Targets Breached",
    "All Service Targets Breached",
)
HOURS = {"Critical": 4, "High": 8, "Medium": 24, "Low": 72}
URGENCY_WEIGHTS = dict(zip(URGENCIES, (20, 15, 10, 0), strict=True))
IMPACT_WEIGHTS = dict(zip(IMPACTS, (9, 5, 3, 0), strict=True))
DAY = timedelta(days=1)

# up to an age in days: the percentage of each status
AGES: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (1, (("New", 50), ("Assigned", 30), ("In Progress", 20))),
    (7, (("New", 5), ("Assigned", 20), ("In Progress", 30), ("Pending", 15), ("Cancelled", 5), ("Resolved", 25))),
    (30, (("Assigned", 5), ("In Progress", 10), ("Pending", 10), ("Cancelled", 5), ("Closed", 20), ("Resolved", 50))),
    (99_999, (("In Progress", 2), ("Pending", 2), ("Resolved", 2), ("Cancelled", 6), ("Closed", 88))),
)
REASONS = {"Pending": "Client Action Required", "Resolved": "No Further Action Required", "Closed": "Customer Accepted"}
SUBJECTS = {
    "order": (
        "Parcel has not arrived",
        "Delivered to the wrong address",
        "Invoice does not match the order",
        "Please move the delivery by a week",
        "Tracking number does not work",
        "Colis jamais reçu, numéro de suivi erroné",
    ),
    "line": (
        "One item is missing from the parcel",
        "Wrong quantity delivered",
        "Arrived damaged, please replace",
        "Lieferung unvollständig, bitte nachliefern",
    ),
    "product": (
        "How is this assembled?",
        "Spare part needed",
        "Data sheet wanted",
        "Is this certified for outdoor use?",
        "Bruksanvisning på svenska saknas",
    ),
    "": ("Cannot log in to the shop", "Change of address", "Please call back", "Newsletter cannot be unsubscribed"),
}
HOSTILE = (
    "O'Hara\" OR '1'='1",
    "100% of the screws_are missing",
    "50%_off * really?",
    "C#-7 & CO: <b>cable</b> broken; DROP",
    "🚚💥 parcel soaked 📦👩‍👩‍👧",
    "الطرد لم يصل بعد",
    "החבילה לא הגיעה",
    "Étagère abîmée – Größe ÅÄÖ",
    "[URGENT] rack [a-z] bent",
    "Backslash \\ in C:\\Temp\\",
    "$NULL$ and $USER$",
    '"quoted" and ""doubled""',
    "荷物が届きません",
    "field 'Status' = \"Closed\" printed on the label",
)
NOTES = ("Customer called twice today.", "Came in by e-mail.", "Sounded upset.", "Has sent photographs.")
PUBLIC = ("We are looking into it.", "Your replacement is on its way.", "Could you send us a picture?", "Thank you!")
INTERNAL = ("Carrier says it was signed for.", "Check the credit limit first.", "Third complaint this year.")
GROUPS = ("Service Desk", "Logistics Support", "Billing Support", "Product Support")
AGENTS = ("Allen Allbrook", "Mary Mann", "Søren Kjær", "Zofia Łuczak", "Bob Baxter")
SOURCES = ("Phone", "Phone", "Email", "Web", "Self Service", "Chat")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One incident. Texts are "" where nothing is recorded; `customer` is the world's index, None for a stranger."""

    ordinal: int
    number: str
    entry_id: str
    customer: int | None
    person_id: str
    customer_number: str
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    summary: str
    notes: str
    status: str
    status_reason: str
    urgency: str
    impact: str
    source: str
    group: str
    assignee: str
    resolution: str
    submitted_at: datetime
    modified_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    target: str
    due_at: datetime | None
    vendor_number: str = ""

    @property
    def weight(self) -> int:
        return URGENCY_WEIGHTS[self.urgency] + IMPACT_WEIGHTS[self.impact]

    @property
    def priority(self) -> str:
        return priority(self.urgency, self.impact)

    def slm_status(self, now: datetime) -> str:
        """Met or running: within the limit; missed: breached. What is open warns in the last quarter of its time."""
        if self.due_at is None:
            return SLM_STATUSES[0]
        left = self.due_at - (self.resolved_at or now)
        if left < timedelta(0):
            return SLM_STATUSES[3]
        return SLM_STATUSES[2 if self.resolved_at is None and left * 4 < self.due_at - self.submitted_at else 1]


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about: an order's number, a SKU, both, or neither ("")."""

    order_number: str = ""
    sku: str = ""


@dataclass(frozen=True, slots=True)
class WorkLog:
    """One entry in a ticket's history. `author` is an agent or the customer."""

    number: str
    incident: str
    at: datetime
    author: str
    text: str
    internal: bool
    kind: str = "General Information"


@dataclass(frozen=True, slots=True)
class Requester:
    """Somebody as the help desk knows them: perhaps without customer number, perhaps spelled differently."""

    person_id: str
    customer_number: str
    email: str
    phone: str


def priority(urgency: str, impact: str) -> str:
    return _ranked(URGENCY_WEIGHTS[urgency] + IMPACT_WEIGHTS[impact])


def _ranked(weight: int) -> str:
    return PRIORITIES[sum(weight < least for least in (24, 18, 10))]
