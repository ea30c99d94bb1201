"""How long goods last: stock set against open orders, then, day by day, promises against what is foreseen. Pure sums.

* Stock counts where it may be sold; a promise counts from its last day on; a week's forecast is spread evenly over its
  days, of which those gone by no longer count.
* Open orders are served from stock alone, those promised first first: what is on its way is no answer to them yet.
* The forecast is taken to come on top of what is ordered already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from resolvers.backends.oracle_om import Waiting
from resolvers.backends.partner_hub import Forecast
from resolvers.backends.sap import StockLevel
from schema import StockType

NOUGHT, DAY = Decimal(0), timedelta(days=1)
FINEST = Decimal("0.001")
"""No unit of measure is counted more finely; what days share of a week has digits without end."""
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Supplied:
    """What is known of one product. `weeks`: None when the hub counts in another unit than the ERP."""

    stock: Sequence[StockLevel] = ()
    waiting: Sequence[Waiting] = ()
    weeks: Sequence[Forecast] | None = ()

    @property
    def unit(self) -> str | None:
        units = {level.unit for level in self.stock if level.unit}
        return units.pop() if len(units) == 1 else None

    @property
    def on_hand(self) -> Decimal:
        free = (level for level in self.stock if level.type is StockType.UNRESTRICTED)
        return sum((level.quantity or NOUGHT for level in free), NOUGHT)

    @property
    def ordered(self) -> Decimal:
        return sum((line.quantity for line in self.waiting), NOUGHT)

    @property
    def backordered(self) -> Decimal:
        return sum((line.quantity for line in self.waiting if line.backordered), NOUGHT)

    def foreseen(self, begins: date, ends: date) -> Decimal:
        """What is needed in these days, both included."""
        return sum((_share(week, begins, ends) for week in self.weeks or ()), NOUGHT)

    def promised(self, begins: date, ends: date) -> Decimal:
        """What suppliers will have sent in these days, both included."""
        lots = (one for week in self.weeks or () for one in week.commitments)
        return sum((Decimal(one.quantity) for one in lots if begins <= one.ends <= ends), NOUGHT)

    def needed(self, begins: date, ends: date) -> Mapping[date, Decimal]:
        """What is foreseen for each of these days."""
        found: dict[date, Decimal] = {}
        for week in self.weeks or ():
            first, last = max(week.begins, begins), min(week.ends, ends)
            for at in (first + number * DAY for number in range((last - first).days + 1)):
                found[at] = found.get(at, NOUGHT) + _share(week, at, at)
        return found

    def sent(self, begins: date, ends: date) -> Mapping[date, Decimal]:
        """What suppliers have promised to have sent by the end of each of these days, and not of the day before."""
        found: dict[date, Decimal] = {}
        for one in (lot for week in self.weeks or () for lot in week.commitments if begins <= lot.ends <= ends):
            found[one.ends] = found.get(one.ends, NOUGHT) + Decimal(one.quantity)
        return found


def rounded(quantity: Decimal) -> Decimal:
    exponent = quantity.as_tuple().exponent
    return quantity.quantize(FINEST) if isinstance(exponent, int) and exponent < -3 else quantity


def balances(supplied: Supplied, today: date, until: date) -> Iterable[tuple[int, Decimal]]:
    """What is left at the end of each day, today being 0."""
    left, sent, needed = supplied.on_hand - supplied.ordered, supplied.sent(today, until), supplied.needed(today, until)
    for number in range((until - today).days + 1):
        at = today + number * DAY
        left += sent.get(at, NOUGHT) - needed.get(at, NOUGHT)
        yield number, rounded(left)


def cover(supplied: Supplied, today: date, until: date) -> tuple[int | None, Decimal]:
    """The first day on which something is lacking, and the most that is lacking on any."""
    course = list(balances(supplied, today, until))
    first = next((number for number, left in course if left < 0), None)
    return first, max(NOUGHT, -min(left for _, left in course))


def unserved(supplied: Supplied) -> list[str]:
    """Numbers of the orders that stock does not serve in full, those promised first first."""
    left, short = supplied.on_hand, dict[str, None]()
    for line in sorted(supplied.waiting, key=lambda one: (one.promised_on or LATEST, one.order_number)):
        if line.quantity > left:
            short[line.order_number] = None
        left -= min(line.quantity, max(left, NOUGHT))
    return list(short)


def _share(week: Forecast, begins: date, ends: date) -> Decimal:
    days = (min(week.ends, ends) - max(week.begins, begins)).days + 1
    return week.mean * days / ((week.ends - week.begins).days + 1) if days > 0 else NOUGHT
