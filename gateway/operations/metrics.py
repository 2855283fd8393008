"""Figures for Prometheus: requests counted as they end, the photos read from the database."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from gateway.database import Database
from gateway.delivery.metering import Meters
from gateway.intake.tables import SubmissionRow
from gateway.operations.delivery_figures import DeliveryFigures
from gateway.operations.library_figures import LibraryFigures
from gateway.operations.model_figures import ModelFigures
from gateway.serving.models import ServedModels

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The gateway's registry; labels are route templates, states and destination names, never identity."""

    def __init__(self, database: Database, models: ServedModels | None = None, meters: Meters | None = None) -> None:
        self.meters = meters
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
        self.registry.register(_PhotoFigures(database))
        self.registry.register(DeliveryFigures(database, meters))
        self.registry.register(ModelFigures(database, models))
        self.registry.register(LibraryFigures(database))

    def render(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self.registry)


class _PhotoFigures(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Figures as of now."""
        with self._database.read() as session:
            photos = session.execute(select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state)).all()
        family = GaugeMetricFamily("dermgate_photos", "Photos by state", labels=["state"])
        for state, count in photos:
            family.add_metric([state], count)
        yield family

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the database is not asked before somebody scrapes."""
        return iter(())
