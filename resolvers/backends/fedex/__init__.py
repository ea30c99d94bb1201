"""FedEx Track v1: where parcels are, thirty of them a call.

The log-in is OAuth (client credentials as form fields): settings `username` and `password` are client id and secret.
What a number lacks is told inside a 200, for that number alone:

    …NOTFOUND, …INVALID                     there is no such parcel (any more: FedEx remembers about 90 days)
    INTERNAL…, SERVICE.UNAVAILABLE…         Unavailable
    any other error                         Refused

    200                                     taken
    401                                     one more try with a new token, then Refused: the project may lack this API
    429                                     Throttled
    5xx                                     Unavailable
    3xx, 4xx                                Refused
    other 2xx                               Garbled

A number that was used before has several results; the one that moved last is meant. Only codes go into an error's text.
"""

from __future__ import annotations

from resolvers.backends.fedex.adapter import MOST_NUMBERS, Fedex

__all__ = ["MOST_NUMBERS", "Fedex"]
