"""Figures for Prometheus: requests counted as they end, the queue and the photos read from the database."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from gateway.database import Database, now
from gateway.delivery.figures import queue_figures
from gateway.intake.tables import SubmissionRow
from gateway.operations.model_figures import ModelFigures
from gateway.serving.models import ServedModels

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The gateway's registry; labels are route templates, states and destination names, never identity."""

    def __init__(self, database: Database, models: ServedModels | None = None) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dermgate_http_requests", "HTTP requests that ended", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "dermgate_http_request_seconds",
            "Time of HTTP requests",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_DatabaseFigures(database))
        self.registry.register(ModelFigures(database, models))

    def render(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self.registry)


class _DatabaseFigures(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Figures as of now."""
        with self._database.read() as session:
            photos = session.execute(select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state)).all()
            queues = queue_figures(session, now())
        family = GaugeMetricFamily("dermgate_photos", "Photos by state", labels=["state"])
        for state, count in photos:
            family.add_metric([state], count)
        yield family
        for name, words in _QUEUE_FIGURES.items():
            family = GaugeMetricFamily(f"dermgate_delivery_{name}", words, labels=["destination"])
            for queue in queues:
                family.add_metric([queue.destination], getattr(queue, name))
            yield family

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the database is not asked before somebody scrapes."""
        return iter(())


_QUEUE_FIGURES = {
    "waiting": "Deliveries that wait or are being sent",
    "oldest_waiting_seconds": "Age of the oldest delivery that waits",
    "sent": "Deliveries that arrived",
    "dead": "Deliveries that were given up",
    "not_accepted": "Deliveries of a kind the destination does not take",
    "attempts_sent": "Attempts that succeeded",
    "attempts_failed": "Attempts that failed",
}
