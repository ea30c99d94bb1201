"""The forms this server knows, field by field, and which of their fields can be looked up quickly.

Names are the recorded ones. Four fields are a company's own, named as custom fields are: `Customer Number__c`,
`Order Number__c`, `Product SKU__c` tell who and what an incident is about, `Service Target__c` names its service target
(the moment it is due is `Required Resolution DateTime`). Field ids other than 1000000161 are from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mocks.remedy.cases import Case, Creation
from mocks.remedy.values import Field, Value
from mocks.world.helpdesk import IMPACTS, PRIORITIES, SLM_STATUSES, STATUSES, URGENCIES, WorkLog

HELP_DESK = "HPD:Help Desk"
INTERFACE = "HPD:IncidentInterface"
CREATE = "HPD:IncidentInterface_Create"
WORK_LOG = "HPD:WorkLog"

CUSTOMER_NUMBER, ORDER_NUMBER, SKU = "Customer Number__c", "Order Number__c", "Product SKU__c"


def _codes(labels: tuple[str, ...], step: int = 1, first: int = 0) -> dict[str, int]:
    return {label: first + step * at for at, label in enumerate(labels)}


STATUS = _codes(STATUSES)
URGENCY = _codes(URGENCIES, 1000, 1000)
IMPACT = _codes(IMPACTS, 1000, 1000)
PRIORITY = _codes(PRIORITIES)
SLM = _codes(SLM_STATUSES)
SOURCE = _codes(
    ("Direct Input", "Email", "Fax", "Self Service", "Phone", "Voice Mail", "Walk In", "Web", "Other", "Chat"),
    1000,
    1000,
)
REASON = _codes(
    ("Client Action Required", "Client Hold", "Monitoring Incident", "No Further Action Required", "Customer Accepted"),
    1000,
    1000,
)
SERVICE = _codes(("User Service Restoration", "User Service Request", "Infrastructure Restoration"))
ACCESS = _codes(("Internal", "Public"))
YES_NO = _codes(("No", "Yes"))
IDS = {
    "1": "Entry ID",
    "2": "Submitter",
    "3": "Submit Date",
    "6": "Last Modified Date",
    "7": "Status",
    "1000000000": "Description",
    "1000000161": "Incident Number",
    "1000000162": "Urgency",
    "1000000163": "Impact",
    "1000000164": "Priority",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form. `key` is the field that its rows are told apart by, which is not always what addresses name."""

    name: str
    fields: Mapping[str, Field[Any]]
    key: str

    def field(self, name: str) -> str:
        """The field's name, when it was given by its id."""
        return IDS[name] if name in IDS and IDS[name] in self.fields else name


def _of(kind: Any, attribute: str, codes: Mapping[str, int] | None = None, *, fixed: bool = False) -> Field[Case]:
    """A field that is an attribute of the ticket."""

    def read(case: Case) -> Value:
        value: Value = getattr(case.ticket, attribute)
        return None if value == "" else value

    return Field(kind, read, codes or {}, "" if fixed else attribute)


def _text(read: Callable[[Case], str], attribute: str = "") -> Field[Case]:
    return Field("text", lambda case: read(case) or None, {}, attribute)


INCIDENT: dict[str, Field[Case]] = {
    "Entry ID": _of("text", "entry_id", fixed=True),
    "Incident Number": _of("text", "number", fixed=True),
    "Submitter": _text(lambda case: "remedy.gateway" if case.ticket.customer is None else "appadmin"),
    "Submit Date": _of("moment", "submitted_at", fixed=True),
    "Last Modified Date": _of("moment", "modified_at", fixed=True),
    "Status": _of("selection", "status", STATUS),
    "Status_Reason": _of("selection", "status_reason", REASON),
    "Urgency": _of("selection", "urgency", URGENCY),
    "Impact": _of("selection", "impact", IMPACT),
    "Priority": Field("selection", lambda case: case.ticket.priority, PRIORITY),
    "Priority Weight": Field("integer", lambda case: case.ticket.weight),
    "Description": _of("text", "summary"),
    "Detailed Decription": _of("text", "notes"),
    "Resolution": _of("text", "resolution"),
    "First Name": _of("text", "first_name"),
    "Last Name": _of("text", "last_name"),
    "Company": _of("text", "company"),
    "Contact Company": _of("text", "company", fixed=True),
    "Internet E-mail": _of("text", "email"),
    "Phone Number": _of("text", "phone"),
    "Person ID": _of("text", "person_id"),
    "Assigned Group": _of("text", "group"),
    "Assignee": _of("text", "assignee"),
    "Assigned Support Company": _text(lambda case: "Calbro Services"),
    "Assigned Support Organization": _text(lambda case: "Customer Care"),
    "Reported Source": _of("selection", "source", SOURCE),
    "Service Type": Field("selection", lambda case: "User Service Restoration", SERVICE),
    "Reported Date": _of("moment", "submitted_at", fixed=True),
    "Last Resolved Date": _of("moment", "resolved_at", fixed=True),
    "Closed Date": _of("moment", "closed_at", fixed=True),
    "Required Resolution DateTime": _of("moment", "due_at"),
    "SLM Status": Field("selection", lambda case: case.ticket.slm_status(case.now), SLM, live=True),
    "Vendor Ticket Number": _of("text", "vendor_number"),
    "Customer Login ID": _text(lambda case: ""),
    **{f"Product Categorization Tier {tier}": _text(lambda case: "") for tier in (1, 2, 3)},
    **{f"Categorization Tier {tier}": _text(lambda case: "") for tier in (1, 2, 3)},
    "InstanceId": _text(lambda case: f"IDG{case.ticket.number}"),
    CUSTOMER_NUMBER: _of("text", "customer_number"),
    ORDER_NUMBER: _text(lambda case: case.about.order_number, "order_number"),
    SKU: _text(lambda case: case.about.sku, "sku"),
    "Service Target__c": _of("text", "target"),
}
REQUEST_ID = _text(lambda case: f"{case.ticket.entry_id}|{case.ticket.entry_id}")


def _log(kind: Any, read: Callable[[WorkLog], Value], codes: Mapping[str, int] | None = None, name: str = "") -> Any:
    return Field(kind, read, codes or {}, name)


LOG: dict[str, Field[WorkLog]] = {
    "Work Log ID": _log("text", lambda log: log.number),
    "Incident Number": _log("text", lambda log: log.incident),
    "Submitter": _log("text", lambda log: log.author or None),
    "Submit Date": _log("moment", lambda log: log.at),
    "Last Modified Date": _log("moment", lambda log: log.at),
    "Work Log Submitter": _log("text", lambda log: log.author or None),
    "Work Log Submit Date": _log("moment", lambda log: log.at),
    "Work Log Date": _log("moment", lambda log: log.at),
    "Work Log Type": _log("text", lambda log: log.kind, None, "kind"),
    "Description": _log("text", lambda log: "."),
    "Detailed Description": _log("text", lambda log: log.text or None, None, "text"),
    "View Access": _log("selection", lambda log: "Internal" if log.internal else "Public", ACCESS, "internal"),
    "Secure Work Log": _log("selection", lambda log: "No", YES_NO),
}

CREATED_AS = {
    "First_Name": "First Name",
    "Last_Name": "Last Name",
    "Description": "Description",
    "Detailed_Decription": "Detailed Decription",
    "Impact": "Impact",
    "Urgency": "Urgency",
    "Status": "Status",
    "Status_Reason": "Status_Reason",
    "Resolution": "Resolution",
    "Reported Source": "Reported Source",
    "Company": "Company",
    "Person ID": "Person ID",
    "Internet E-mail": "Internet E-mail",
    "Phone Number": "Phone Number",
    "Assigned Group": "Assigned Group",
    "Assignee": "Assignee",
    "Vendor Ticket Number": "Vendor Ticket Number",
    CUSTOMER_NUMBER: CUSTOMER_NUMBER,
    ORDER_NUMBER: ORDER_NUMBER,
    SKU: SKU,
}
"""The create form's name of a field → the incident's."""


def _sent(name: str, kind: Any, codes: Mapping[str, int] | None = None) -> Field[Creation]:
    return Field(kind, lambda row: row.values.get(name), codes or {}, name)


CREATION: dict[str, Field[Creation]] = {
    **{name: _sent(name, INCIDENT[of].kind, INCIDENT[of].codes) for name, of in CREATED_AS.items()},
    "Service_Type": _sent("Service_Type", "selection", SERVICE),
    "Login_ID": _sent("Login_ID", "text"),
    "z1D_Action": _sent("z1D_Action", "text"),
    "Request ID": Field("text", lambda row: row.number),
    "Incident Number": Field("text", lambda row: row.incident),
}

FORMS: Mapping[str, Form] = {
    HELP_DESK: Form(HELP_DESK, INCIDENT, "Incident Number"),
    INTERFACE: Form(INTERFACE, {"Request ID": REQUEST_ID, **INCIDENT}, "Incident Number"),
    WORK_LOG: Form(WORK_LOG, LOG, "Work Log ID"),
    CREATE: Form(CREATE, CREATION, "Request ID"),
}
