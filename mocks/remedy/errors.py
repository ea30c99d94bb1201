"""How this server says no: always a list, also for one error, with AR System's message numbers.

623 is recorded; 302 and 307 are from memory, as is all that is not in the facts: 303 no such form, 306 value outside
its list, 353 no access to the form, 1587 a qualification that cannot be read, 382 several rows match, 8962 a body that
is none. What workflow refuses has a number above 10000, as filters have.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


class ARError(Exception):
    """An error to be answered with. `appended` is what it is about."""

    def __init__(
        self, status: int, number: int, text: str, appended: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(text)
        self._status = status
        self._headers = headers
        self._message = {
            "messageType": "ERROR",
            "messageText": text,
            "messageAppendedText": appended.encode("utf-8", "replace").decode(),
            "messageNumber": number,
        }

    def response(self) -> Response:
        return JSONResponse([self._message], self._status, self._headers)


def unauthenticated(user: str = "") -> ARError:
    return ARError(401, 623, "Authentication failed", user)


def no_entry(form: str, entry_id: str) -> ARError:
    if len(entry_id) > 64:
        return ARError(400, 101, "Entry ID parameter length is longer than the maximum allowed length.")
    return ARError(404, 302, "Entry does not exist in database", f"{form} : {entry_id}")


def no_form(form: str) -> ARError:
    return ARError(404, 303, "Form does not exist on server", form)


def no_field(form: str, field: str) -> ARError:
    return ARError(400, 314, "Field does not exist on current form", f"{form} : {field}")


def bad_value(field: str, value: object) -> ARError:
    return ARError(
        400, 306, "Value does not fall within the limits specified for the field", f"{field} : {value}"[:200]
    )


def required(field: str) -> ARError:
    return ARError(400, 307, "Required field (without a default) not specified", field)


def bad_qualification(why: str) -> ARError:
    return ARError(400, 1587, "Qualification line error", why[:200])


def bad_body(why: str) -> ARError:
    return ARError(400, 8962, "The request body cannot be read", why[:200])
