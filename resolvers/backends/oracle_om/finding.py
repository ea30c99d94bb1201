"""What a search for orders asks the order system for, in its own language: every condition is its to evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from resolvers.backends.base import Unusable
from resolvers.backends.oracle_om.language import among, moment, portions, sendable, text, together_short
from resolvers.backends.oracle_om.translate import ORDER_STATUS
from schema import OrderStatus

PORTION = 25
CURRENT = f"StatusCode <> {text('DOO_REFERENCE')}"
"""What an older revision of an order does not meet, whatever it was [mem]: lists give the newest, by the facts, and an
instance that gives others as well must not find an order by what it was once."""
UNDER_WAY = frozenset(OrderStatus) - {OrderStatus.DRAFT, OrderStatus.CLOSED, OrderStatus.CANCELED}
MOST_PARTIES = 200


def questions(
    parties: Iterable[str],
    statuses: Iterable[OrderStatus | str],
    placed_from: datetime | None,
    placed_before: datetime | None,
    channels: Iterable[str],
    sku: str | None,
    carriers: Iterable[str] = (),
) -> list[str]:
    """Conditions that no order meets two of: one, or one for each portion of the parties; "" is met by all orders.

    None at all when no order can be meant: none has an empty channel, or a number of 241 characters. Raises Unusable.
    """
    buyers, systems = _existing(parties), _existing(channels)
    products = _existing([sku] if sku is not None else [])
    hauliers = _existing(carriers)
    if None in (buyers, systems, products, hauliers):
        return []
    rest = (
        among("SourceTransactionSystem", systems) if systems else "",
        *_with_status(statuses),
        *_placed(">=", placed_from),
        *_placed("<", placed_before),
        *(f"lines.ProductNumber = {text(product)}" for product in products or []),
        among("lines.ShippingCarrier", hauliers) if hauliers else "",
    )
    if any(rest) and not list(_with_status(statuses)):
        rest = (*rest, CURRENT)
    return [together_short(buyer, *rest) for buyer in _bought_by(buyers or [])]


def limits(parties: Sequence[str] = (), channels: Sequence[str] = (), carriers: Sequence[str] = ()) -> str:
    """What orders that are known by number have to meet besides; "" when nothing is asked of them. Raises Unusable."""
    return together_short(
        among("BuyingPartyNumber", parties) if parties else "",
        among("SourceTransactionSystem", channels) if channels else "",
        among("lines.ShippingCarrier", carriers) if carriers else "",
    )


def wanting(skus: Sequence[str]) -> str:
    """Orders that are under way and have a line of any of these."""
    return together_short(among("lines.ProductNumber", skus), *_with_status(UNDER_WAY))


def _existing(values: Iterable[str]) -> list[str] | None:
    """Those that can be, each once; None when there are some, but none of them can. Raises Unusable."""
    given = list(values)
    fit, refused = sendable(given)
    for reason in refused.values():
        raise reason
    return fit if fit or not given else None


def _bought_by(parties: list[str]) -> list[str]:
    if len(parties) > MOST_PARTIES:
        raise Unusable(f"{len(parties)} customers are more than can be asked for at once ({MOST_PARTIES}).")
    return [among("BuyingPartyNumber", portion) for portion in portions(parties, PORTION)] or [""]


def _with_status(statuses: Iterable[Any]) -> list[str]:
    """By members of OrderStatus or their names. OTHER is every code but those that have a word of their own."""
    wanted = {_member(one) for one in statuses}
    if not wanted:
        return []
    if OrderStatus.OTHER not in wanted:
        return [among("StatusCode", (code for code, status in ORDER_STATUS.items() if status in wanted))]
    unwanted = [code for code, status in ORDER_STATUS.items() if status not in wanted]
    return [*(f"StatusCode <> {text(code)}" for code in unwanted), CURRENT]


def _member(status: Any) -> OrderStatus:
    name = getattr(status, "name", status)
    if name not in OrderStatus.__members__:
        raise Unusable(f"There is no order status {name!r}.")
    return OrderStatus[name]


def _placed(sign: str, at: datetime | None) -> list[str]:
    if at is None:
        return []
    if at.tzinfo is None:
        raise Unusable("A moment needs its offset from UTC.")
    return [f"TransactionOn {sign} {moment(at)}"]
