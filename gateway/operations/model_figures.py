"""Figures for Prometheus about models: what serves in this process, and how those in the shadow agree with it."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.database import Database
from gateway.serving.models import ServedModels
from gateway.serving.tallies import ShadowAgreement, read_agreements

_COUNTS = {
    "judged": "Photos that a model judged in the shadow of another",
    "agreed": "Photos of these on which both said the same",
    "failed": "Photos on which the model in the shadow failed",
    "dropped": "Photos that were not judged in the shadow because others waited",
}


class ModelFigures(Collector):
    """The figures as of now; without `models` those of the shadows alone."""

    def __init__(self, database: Database, models: ServedModels | None) -> None:
        self._database = database
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Ask the models and the database."""
        with self._database.read() as session:
            agreements = read_agreements(session)
        if self._models is not None:
            yield from _serving(self._models)
        for name, words in _COUNTS.items():
            yield _count(name, words, agreements)
        yield _mean_difference(agreements)

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the database is not asked before somebody scrapes."""
        return iter(())


def _serving(models: ServedModels) -> Iterator[Metric]:
    threads = GaugeMetricFamily(
        "dermgate_model_threads", "Threads of one run of each model that serves", labels=["task", "version"]
    )
    for model in models.serving():
        threads.add_metric([model.manifest.task, str(model.manifest.version)], model.threads)
    yield threads
    yield GaugeMetricFamily(
        "dermgate_model_faults",
        "Models that the store names and that are refused, or have changed since they were loaded",
        value=len(models.faults()),
    )


_PAIR = ["task", "shadow", "active"]


def _names(agreement: ShadowAgreement) -> list[str]:
    return [agreement.task, str(agreement.shadow), str(agreement.active)]


def _count(name: str, words: str, agreements: list[ShadowAgreement]) -> Metric:
    family = CounterMetricFamily(f"dermgate_shadow_{name}", words, labels=_PAIR)
    for agreement in agreements:
        family.add_metric(_names(agreement), getattr(agreement, name))
    return family


def _mean_difference(agreements: list[ShadowAgreement]) -> Metric:
    words = "Mean difference of the two probabilities, 0 to 1"
    family = GaugeMetricFamily("dermgate_shadow_mean_difference", words, labels=_PAIR)
    for agreement in agreements:
        if agreement.mean_difference is not None:
            family.add_metric(_names(agreement), agreement.mean_difference)
    return family
