"""Figures for Prometheus about deliveries: the queues as the database has them, and what this process sent."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from gateway.database import Database, now
from gateway.delivery.figures import QueueFigures, queue_figures
from gateway.delivery.metering import Meters, Reading
from gateway.delivery.unproven import Unproven

_OF_QUEUES = {
    "waiting": "Deliveries that wait or are being sent",
    "oldest_waiting_seconds": "Age of the oldest delivery that waits",
    "sent": "Deliveries that arrived",
    "dead": "Deliveries that were given up",
    "not_accepted": "Deliveries of a kind the destination does not take",
    "attempts_sent": "Attempts that succeeded",
    "attempts_failed": "Attempts that failed",
}

_OF_PROOF: tuple[tuple[str, str, Callable[[Unproven], float]], ...] = (
    ("unproven", "Deliveries that arrived, and for which proof is still asked", lambda of: of.count),
    ("oldest_unproven_seconds", "How long ago the oldest of these was sent", lambda of: of.oldest_seconds),
    ("left_unproven", "Deliveries of the last 24 hours for which no proof is to be had", lambda of: of.left),
)


class DeliveryFigures(Collector):
    """The figures as of now; without `meters` those of the queues alone, which any process can tell."""

    def __init__(self, database: Database, meters: Meters | None) -> None:
        self._database = database
        self._meters = meters

    def collect(self) -> Iterator[Metric]:
        """Ask the database, then the meters."""
        with self._database.read() as session:
            queues = queue_figures(session, now())
        for name, words in _OF_QUEUES.items():
            yield _gauge(name, words, [(queue.destination, getattr(queue, name)) for queue in queues])
        yield _states(queues)
        for name, words, value in _OF_PROOF:
            yield _gauge(name, words, [(queue.destination, value(queue.unproven)) for queue in queues])
        if self._meters is not None:
            yield from _of_meters(self._meters.read())

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the database is not asked before somebody scrapes."""
        return iter(())


def _states(queues: Sequence[QueueFigures]) -> Metric:
    family = GaugeMetricFamily("dermgate_deliveries", "Deliveries by state", labels=["destination", "state"])
    for queue in queues:
        for state, count in queue.states.items():
            family.add_metric([queue.destination, state], count)
    return family


def _of_meters(readings: Sequence[Reading]) -> Iterator[Metric]:
    yield _attempts(readings)
    sent = CounterMetricFamily(
        "dermgate_delivery_bytes", "Bytes of files that arrived, sent by this process", labels=["destination"]
    )
    seconds = SummaryMetricFamily(
        "dermgate_delivery_seconds", "Time of attempts made by this process", labels=["destination"]
    )
    for reading in readings:
        sent.add_metric([reading.destination], reading.sent_bytes)
        seconds.add_metric([reading.destination], sum(reading.attempts.values()), reading.seconds)
    yield sent
    yield seconds
    yield _read("down", "1 while the destination is taken to be down", readings, lambda each: each.is_down)
    yield _read(
        "pause_seconds", "How long it will be left alone from now on", readings, lambda each: each.pause_seconds
    )


def _attempts(readings: Sequence[Reading]) -> Metric:
    family = CounterMetricFamily(
        "dermgate_delivery_attempts",
        "Attempts made by this process, by what came of them; status is DIMSE's, in hexadecimal",
        labels=["destination", "outcome", "status"],
    )
    for reading in readings:
        for (outcome, status), count in reading.attempts.items():
            family.add_metric([reading.destination, outcome, status], count)
    return family


def _read(name: str, words: str, readings: Sequence[Reading], value: Callable[[Reading], float]) -> Metric:
    return _gauge(name, words, [(reading.destination, value(reading)) for reading in readings])


def _gauge(name: str, words: str, values: Sequence[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"dermgate_delivery_{name}", words, labels=["destination"])
    for destination, value in values:
        family.add_metric([destination], value)
    return family
