"""BMC Remedy / Helix ITSM: who called, about what, and what became of it. Read over AR System's REST interface."""

from __future__ import annotations

from resolvers.backends.remedy.adapter import Remedy
from resolvers.backends.remedy.records import Incident, IncidentPage, Requester, Sla, WorkLogEntry

__all__ = ["Incident", "IncidentPage", "Remedy", "Requester", "Sla", "WorkLogEntry"]
