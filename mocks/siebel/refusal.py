"""How this Siebel says no: an HTTP status and `{"ERROR": "<text>(SBL-XXX-nnnnn)"}`.

Codes are Oracle's where the documentation or a measured server gives one; a refusal it gives no code for has none here.
"""

from __future__ import annotations

from starlette.responses import JSONResponse

NO_DATA = "There is no data for the requested resource"


class Refusal(Exception):
    def __init__(self, status: int, text: str, code: str = "", headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.text = f"{text}({code})" if code else text
        self.headers = headers
        super().__init__(self.text)

    def response(self) -> JSONResponse:
        return JSONResponse({"ERROR": self.text}, self.status, self.headers)


def nothing_found() -> Refusal:
    """Measured: 404, not the documented 204."""
    return Refusal(404, NO_DATA)


def bad_search(why: str) -> Refusal:
    return Refusal(500, f"Invalid search specification: {why}", "SBL-DAT-00416")


def bad_field(component: str, field: str) -> Refusal:
    return Refusal(400, f"Field '{field}' does not exist in business component '{component}'", "SBL-EAI-50258")


def bad_date(text: str) -> Refusal:
    return Refusal(500, f"Could not convert string '{text}' to date", "SBL-DAT-00359")
