"""UPS Tracking: where parcels are, one of them a request, eight requests at a time.

The log-in is OAuth (client credentials, the client by Basic): settings `username` and `password` are client id and
secret. `transId` is new for every request, `transactionSrc` is the option of that name.

    200                                     taken; with a warning and no package there is no such parcel (UPS
                                            remembers about 120 days)
    404 with a code TW…                     there is no such parcel
    401                                     one more try with a new token, then Refused
    429                                     Throttled
    5xx                                     Unavailable
    3xx, other 4xx                          Refused
    other 2xx                               Garbled
"""

from __future__ import annotations

from resolvers.backends.ups.adapter import MOST_NUMBERS, Ups

__all__ = ["MOST_NUMBERS", "Ups"]
