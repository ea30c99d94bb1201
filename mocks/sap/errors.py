"""How SAP Gateway says no: a status, a code and a message in an error body, JSON or XML as the request wanted it.

From memory: `innererror.application` and `Error_Resolution`, and the code of an unknown service (/IWFND/MED/170).
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import msgspec

METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
NOT_FOUND = "/IWBEP/CM_MGW_RT/020"
INVALID = "/IWBEP/CM_MGW_RT/021"


class ODataError(Exception):
    """An answer other than what was asked for; `status` and `code` are SAP's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def not_found(segment: str) -> ODataError:
    return ODataError(404, NOT_FOUND, f"Resource not found for the segment '{segment}'.")


def json(error: ODataError, service: str) -> bytes:
    details = [{"code": error.code, "message": error.message, "severity": "error", "target": ""}]
    inner = {
        "application": {
            "component_id": "",
            "service_namespace": "/SAP/",
            "service_id": service,
            "service_version": "0001",
        },
        "transactionid": secrets.token_hex(16).upper(),
        "timestamp": f"{datetime.now(UTC):%Y%m%d%H%M%S.%f}0",
        "Error_Resolution": {"SAP_Transaction": "Run transaction /IWFND/ERROR_LOG on the SAP Gateway hub system"},
        "errordetails": details,
    }
    message = {"lang": "en", "value": error.message}
    return msgspec.json.encode({"error": {"code": error.code, "message": message, "innererror": inner}})


def xml(error: ODataError) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><error xmlns="{METADATA}"><code>{escape(error.code)}</code>'
        f'<message xml:lang="en">{escape(error.message)}</message></error>'
    ).encode()
