"""The gateway's numbers for Prometheus, read when somebody asks for them; whoever counts them knows nothing of it.

No label says anything of a caller or a customer: systems, outcomes and classes of callers are all there is. Names of
systems are of the category `operations`, and so is who may read this (`gateway.server.metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.auth.door import Believer
from gateway.traffic import Line, Traffic
from gateway.traffic.breaker import State
from gateway.traffic.door import ANYBODY, Places
from gateway.traffic.quota import Quotas
from gateway.trail.trail import Trail

STATES = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


class Numbers(Collector):
    """Systems in the order of their names, so that two readings can be compared line by line."""

    def __init__(self, traffic: Traffic, places: Places) -> None:
        self._traffic = traffic
        self._places = places

    def collect(self) -> Iterable[Metric]:
        yield from self._calls()
        yield from self._spared()
        yield from self._now()
        yield from self._door()

    def _lines(self) -> list[tuple[str, Line]]:
        return sorted(self._traffic.lines.items())

    def _calls(self) -> Iterator[Metric]:
        ended = CounterMetricFamily(
            "customer360_calls", "Calls of a system by how they ended: OK or an error code.", labels=["system", "code"]
        )
        took = HistogramMetricFamily(
            "customer360_call_seconds", "How long calls took, retries included.", labels=["system"]
        )
        for name, line in self._lines():
            for code, count in sorted(line.tally.ended.items()):
                ended.add_metric([name, code], count)
            buckets = [("+Inf" if end == float("inf") else str(end), count) for end, count in line.tally.histogram()]
            took.add_metric([name], buckets, line.tally.took)
        yield ended
        yield took

    def _spared(self) -> Iterator[Metric]:
        """Work that systems were given a second time, or not at all."""
        retries = CounterMetricFamily("customer360_retries", "Calls that were made once more.", labels=["system"])
        joined = CounterMetricFamily(
            "customer360_coalesced", "Questions that found an equal one under way.", labels=["system"]
        )
        travelled = CounterMetricFamily(
            "customer360_gathered", "Questions whose keys travelled with another's.", labels=["system"]
        )
        known = CounterMetricFamily(
            "customer360_answers_from_cache", "Keys answered by what was known.", labels=["system", "mode"]
        )
        full = CounterMetricFamily("customer360_saturated", "Calls that found no place in time.", labels=["system"])
        opened = CounterMetricFamily("customer360_breaker_opened", "How often it was left alone.", labels=["system"])
        for name, line in self._lines():
            retries.add_metric([name], line.budget.spent)
            joined.add_metric([name], line.flights.joined)
            travelled.add_metric([name], line.gathering.travelled)
            full.add_metric([name], line.bulkhead.turned_away)
            opened.add_metric([name], line.breaker.opened)
            for mode in ("cached", "stale"):
                known.add_metric([name, mode], line.tally.answers[mode])
        yield from (retries, joined, travelled, known, full, opened)

    def _now(self) -> Iterator[Metric]:
        state = GaugeMetricFamily(
            "customer360_breaker_state", "0 asked, 1 tried one call at a time, 2 left alone.", labels=["system"]
        )
        on = GaugeMetricFamily("customer360_system_enabled", "0 when an operator has it off.", labels=["system"])
        inside = GaugeMetricFamily("customer360_calls_in_flight", "Calls under way.", labels=["system"])
        waiting = GaugeMetricFamily("customer360_calls_waiting", "Calls that wait for a place.", labels=["system"])
        for name, line in self._lines():
            state.add_metric([name], STATES[line.breaker.state])
            on.add_metric([name], line.enabled)
            inside.add_metric([name], line.bulkhead.inside)
            waiting.add_metric([name], line.bulkhead.waiting)
        yield from (state, on, inside, waiting)
        yield GaugeMetricFamily("customer360_cache_bytes", "Memory for answers kept.", value=self._traffic.cache.size)
        yield GaugeMetricFamily("customer360_cache_entries", "Answers kept.", value=len(self._traffic.cache))

    def _door(self) -> Iterator[Metric]:
        inside = GaugeMetricFamily("customer360_questions_in_flight", "Questions being answered.", labels=["class"])
        away = CounterMetricFamily(
            "customer360_questions_turned_away",
            "Questions answered by 503; anybody: nobody got in.",
            labels=["class"],
        )
        for kind in self._places.limits:
            inside.add_metric([kind], self._places.inside[kind])
        for kind in (*self._places.limits, ANYBODY):
            away.add_metric([kind], self._places.turned_away[kind])
        yield from (inside, away)
        limit = self._places.pressure.limit
        yield GaugeMetricFamily("customer360_questions_limit", "Most questions let in right now.", value=limit)


class Callers(Collector):
    """Who was let in, and who not; a rise of what is refused is somebody who tries."""

    def __init__(self, believer: Believer, quotas: Quotas) -> None:
        self._believer = believer
        self._quotas = quotas

    def collect(self) -> Iterable[Metric]:
        tokens = CounterMetricFamily("customer360_tokens", "Tokens and keys by what came of them.", labels=["outcome"])
        for outcome in ("good", "refused", "unreachable"):
            tokens.add_metric([outcome], self._believer.counted[outcome])
        yield tokens
        known = GaugeMetricFamily("customer360_issuer_keys", "Public keys known of an issuer.", labels=["issuer"])
        for issuer in self._believer.issuers.values():
            known.add_metric([issuer.name], len(issuer.keys.known))
        yield known
        yield CounterMetricFamily(
            "customer360_partner_requests_turned_away", "Requests answered by 429.", value=self._quotas.turned_away
        )


class Records(Collector):
    """The audit trail: whether it keeps up, and whether somebody reads too much."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def collect(self) -> Iterable[Metric]:
        writer = self._trail.writer
        counted = {
            "records": ("Records written.", writer.written),
            "commits": ("Transactions they were written in.", writer.commits),
            "commit_seconds": ("Time those took.", writer.seconds),
            "failures": ("Transactions that failed.", writer.failures),
            "refused": ("Answers refused because they could not be recorded.", writer.refused),
            "lost": ("Records of denials, or in relaxed mode of answers, that could not be written.", writer.lost),
            "alerts": ("Bulk reads that were reported.", self._trail.upkeep.alerts),
        }
        for name, (told, value) in counted.items():
            yield CounterMetricFamily(f"customer360_audit_{name}", told, value=value)
        yield GaugeMetricFamily("customer360_audit_waiting", "Records that wait to be written.", value=writer.waiting)


def registry(
    traffic: Traffic, places: Places, believer: Believer, quotas: Quotas, trail: Trail | None = None
) -> CollectorRegistry:
    """All that is told at `/metrics`: the above, and the process's own memory, time and files."""
    everything = CollectorRegistry(auto_describe=False)
    everything.register(Numbers(traffic, places))
    everything.register(Callers(believer, quotas))
    if trail is not None:
        everything.register(Records(trail))
    ProcessCollector(registry=everything)
    return everything
