"""Figures for Prometheus about the disease library: how much it holds, and how far it is embedded with each model."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.database import Database
from gateway.library.resemblance.embeddings import count_cases, count_embedded, count_pictures
from gateway.library.resemblance.progress import progress


class LibraryFigures(Collector):
    """The figures as of now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Ask the database."""
        with self._database.read() as session:
            cases, pictures = count_cases(session), count_pictures(session)
            models, embedded = progress(session), count_embedded(session)
        yield GaugeMetricFamily("dermgate_library_cases", "Reference cases in the library", value=cases)
        yield GaugeMetricFamily("dermgate_library_pictures", "Pictures of these cases", value=pictures)
        made = GaugeMetricFamily(
            "dermgate_library_embedded", "Pictures that a disease model has embedded", labels=["version"]
        )
        ready = GaugeMetricFamily(
            "dermgate_library_ready",
            "Whether photos are compared with the library by a model, 1 or 0",
            labels=["version"],
        )
        for version, model in {
            str(model.version): model for model in models
        }.items():  # in another store it may be anew
            made.add_metric([version], embedded.get(model.model, 0))
            ready.add_metric([version], float(model.is_finished))
        yield made
        yield ready

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the database is not asked before somebody scrapes."""
        return iter(())
