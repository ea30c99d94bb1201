"""Creating, changing and deleting rows, with as much workflow as callers meet.

Chosen where the facts are silent: an incident that is created needs names, summary, impact, urgency, status, reported
source and service type; a change to In Progress needs an assignee, to Pending a status reason, to Resolved a resolution
and a status reason (10001 to 10003); resolving and closing set their dates. Company and group have defaults. A new
incident is due as the service target of its priority says. Rows can be deleted, as an administrator may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mocks.remedy.cases import Creation, Reference, Store
from mocks.remedy.errors import ARError, bad_value, no_entry, no_field, required
from mocks.remedy.forms import CREATE, CREATED_AS, FORMS, HELP_DESK, INCIDENT, LOG, WORK_LOG, Form
from mocks.remedy.values import Value, taken
from mocks.world.helpdesk import HOURS, About, Ticket, WorkLog

Body = Mapping[str, Any]
NEEDED = ("First_Name", "Last_Name", "Description", "Impact", "Urgency", "Status", "Reported Source", "Service_Type")
NEEDED_BY_STATUS = {
    "In Progress": (10_001, "assignee"),
    "Pending": (10_002, "status_reason"),
    "Resolved": (10_003, "resolution", "status_reason"),
}
LABELS = {field.attribute: name for name, field in INCIDENT.items() if field.attribute}
LOG_FIELDS = frozenset(
    {"Incident Number", "Detailed Description", "Description", "Work Log Type", "View Access", "Secure Work Log"}
    | {"Work Log Submitter", "Work Log Date"}
)


class Writer:
    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, form: Form, body: Body, user: str) -> Reference:
        """A new row; its reference. Raises `ARError`."""
        if form.name == CREATE:
            return self._creation(body)
        return self._log(body, user) if form.name == WORK_LOG else self._incident(form, body)

    def change(self, form: Form, reference: Reference, body: Body) -> None:
        if form.name == WORK_LOG:
            log = self._store.worklogs.row(reference)
            changed = _attributes(form, body)
            if "internal" in changed:
                changed["internal"] = changed["internal"] != "Public"
            self._store.worklogs.write(log.number, replace(log, **changed))
        elif form.name == CREATE:
            raise ARError(403, 353, "You have no access to form", form.name)
        else:
            self._change_incident(form, reference, body)

    def delete(self, form: Form, reference: Reference) -> None:
        match form.name:
            case _ if form.name == WORK_LOG:
                self._store.worklogs.write(self._store.worklogs.row(reference).number, None)
            case _ if form.name == CREATE:
                self._store.creations.write(str(reference), None)
            case _:
                self._store.incidents.write(self._store.incidents.row(reference).ticket.number, None)

    # incidents

    def _creation(self, body: Body) -> str:
        values = _values(FORMS[CREATE], body)
        if missing := next((name for name in NEEDED if values.get(name) is None), None):
            raise required(missing)
        known = {of: values[name] for name, of in CREATED_AS.items() if values.get(name) is not None}
        number = self._new(known)
        key = self._store.next_id("")
        self._store.creations.write(key, Creation(key, number, values))
        return key

    def _incident(self, form: Form, body: Body) -> str:
        values = _values(form, body)
        for name in ("First Name", "Last Name", "Description", "Impact", "Urgency", "Status"):
            if values.get(name) is None:
                raise required(name)
        for name in values:
            if not form.fields[name].attribute:
                raise ARError(400, 10_004, "The field is set by the server", name)
        return self._new({name: value for name, value in values.items() if value is not None})

    def _new(self, values: Mapping[str, Value]) -> str:
        sent: dict[str, Any] = {INCIDENT[name].attribute: value for name, value in values.items()}
        about = About(str(sent.pop("order_number", "")), str(sent.pop("sku", "")))
        now = self._now()
        ticket = _workflow(replace(self._blank(now), **sent), now, set(sent))
        hours = HOURS[ticket.priority]
        target: dict[str, Any] = {"target": f"Resolve within {hours} hours", "due_at": now + timedelta(hours=hours)}
        ticket = replace(ticket, **{name: value for name, value in target.items() if name not in sent})
        self._store.incidents.write(ticket.number, self._store.case(ticket, about))
        return ticket.number

    def _blank(self, now: datetime) -> Ticket:
        names = ("customer_number", "first_name", "last_name", "company", "email", "phone", "summary", "notes")
        rest = ("status_reason", "assignee", "resolution", "target")
        texts = dict.fromkeys((*names, *rest, "person_id"), "")
        keys = {"number": self._store.next_id("INC"), "entry_id": self._store.next_id("INC")}
        said = {"status": "New", "urgency": "4-Low", "impact": "4-Minor/Localized", "source": "Web"}
        times = {"submitted_at": now, "modified_at": now, "resolved_at": None, "closed_at": None, "due_at": None}
        group = {"group": "Service Desk", "customer": None, "ordinal": -1}
        return Ticket(**texts, **keys, **said, **times, **group)  # type: ignore[arg-type]  # gathered by kind of default

    def _change_incident(self, form: Form, reference: Reference, body: Body) -> None:
        case = self._store.incidents.row(reference)
        changed = _attributes(form, body)
        about = About(
            changed.pop("order_number", case.about.order_number) or "", changed.pop("sku", case.about.sku) or ""
        )
        ticket = _workflow(replace(case.ticket, **changed), self._now(), set(changed))
        if not ticket.summary:
            raise required("Description")
        self._store.incidents.write(ticket.number, self._store.case(ticket, about))

    # work logs

    def _log(self, body: Body, user: str) -> str:
        if strange := next((name for name in body if name not in LOG_FIELDS), None):
            raise (
                ARError(400, 10_004, "The field is set by the server", strange)
                if strange in LOG
                else no_field(WORK_LOG, strange)
            )
        values = {name: taken(name, LOG[name], given) for name, given in body.items()}
        incident = str(values.get("Incident Number") or "").upper()
        if self._store.incidents.find(incident) is None:
            raise no_entry(HELP_DESK, incident) if incident else required("Incident Number")
        at = values.get("Work Log Date")
        log = WorkLog(
            number=self._store.next_id("WLG"),
            incident=incident,
            at=at if isinstance(at, datetime) else self._now(),
            author=str(values.get("Work Log Submitter") or user),
            text=str(values.get("Detailed Description") or ""),
            internal=values.get("View Access") != "Public",
            kind=str(values.get("Work Log Type") or "General Information"),
        )
        self._store.worklogs.write(log.number, log)
        return log.number

    def _now(self) -> datetime:
        return self._store.world.now.replace(microsecond=0)


def _values(form: Form, body: Body) -> dict[str, Value]:
    """Values by the form's own names. Raises for a field that is none."""
    found = {}
    for name, given in body.items():
        own = form.field(name)
        if own not in form.fields:
            raise no_field(form.name, name)
        found[own] = taken(own, form.fields[own], given)
    return found


def _attributes(form: Form, body: Body) -> dict[str, Any]:
    """What a change does to the row. Nothing is "" there for a text, None for a moment."""
    changed: dict[str, Any] = {}
    for name, value in _values(form, body).items():
        field = form.fields[name]
        if not field.attribute:
            raise ARError(400, 10_004, "The field is set by the server", name)
        if value is None and field.kind == "selection" and field.attribute != "status_reason":
            raise bad_value(name, value)
        changed[field.attribute] = "" if value is None and field.kind != "moment" else value
    return changed


def _workflow(ticket: Ticket, now: datetime, changed: set[str]) -> Ticket:
    """What filters do before a row is stored."""
    if "status" in changed:
        number, *needed = NEEDED_BY_STATUS.get(ticket.status, (0,))
        if missing := next((name for name in needed if not getattr(ticket, str(name))), None):
            raise ARError(400, int(number), f"Required for status {ticket.status}", LABELS[str(missing)])
        done = ticket.status in ("Resolved", "Closed")
        resolved = (ticket.resolved_at or now) if done else None
        closed = (ticket.closed_at or now) if ticket.status == "Closed" else None
        ticket = replace(ticket, resolved_at=resolved, closed_at=closed)
    return replace(ticket, modified_at=now)
