"""The card beside a model: for people who decide whether to use it."""

from dataclasses import dataclass

from inference.manifest import Manifest, Metric
from trainer.metrics import Confusion


@dataclass(frozen=True, slots=True, eq=False)
class CardFacts:
    """What the card says beyond the manifest: plain sentences, and the table of the unseen examples."""

    intended_use: str
    made_from: tuple[str, ...]
    limits: tuple[str, ...]
    recipe: str
    unseen: str
    table: Confusion


def card(manifest: Manifest, facts: CardFacts) -> str:
    """Write the card in Markdown."""
    parts = [
        f"# {manifest.name}",
        _standing(manifest),
        f"## Intended use\n\n{facts.intended_use}",
        f"## Made from\n\n{_listed((*facts.made_from, *manifest.credits))}",
        f"## The network\n\n{_network(manifest)}",
        f"## Measured\n\n{facts.unseen}\n\n{_metrics(manifest.metrics)}",
        f"Rows are what the examples are, columns what they were taken for.\n\n{_table(facts.table)}",
        f"## Limits\n\n{_listed(facts.limits)}",
        (
            f"## How it was made\n\n    {facts.recipe}\n\nCode: {manifest.code_version}; "
            f"data fingerprint `{manifest.data.fingerprint}`; "
            f"the {manifest.data.photos} real photos used are listed in `{manifest.data.photos_file}`."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _standing(manifest: Manifest) -> str:
    made = f"Made {manifest.created_at:%Y-%m-%d}."
    if manifest.demonstration:
        return f"**A demonstration. Not a medical device, and not for decisions about people.** {made}"
    return f"Not a medical device by itself; a doctor stays in the loop. {made}"


def _network(manifest: Manifest) -> str:
    size = manifest.architecture
    return (
        f"{size.name}; {size.hidden_layers} hidden layers with {size.units} units, trained from scratch. "
        f"Whole picture at {manifest.image_size} pixels ({manifest.preprocessing}); threshold "
        f"{manifest.threshold:.2f}; temperature {manifest.temperature:.2f} (inside the file)."
    )


def _metrics(metrics: dict[str, Metric]) -> str:
    lines = ["| measure | value | 95 % interval | photos |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {name} | {metric.value:.3f} | {_interval(metric)} | {_count(metric)} |" for name, metric in metrics.items()
    ]
    return "\n".join(lines)


def _interval(metric: Metric) -> str:
    return "" if metric.low is None or metric.high is None else f"{metric.low:.3f} to {metric.high:.3f}"


def _count(metric: Metric) -> str:
    return "" if metric.n is None else str(metric.n)


def _table(table: Confusion) -> str:
    lines = [f"| | {' | '.join(table.labels)} |", "| --- " * (len(table.labels) + 1) + "|"]
    rows = zip(table.labels, table.counts.tolist(), strict=True)
    lines += [f"| {label} | {' | '.join(str(count) for count in row)} |" for label, row in rows]
    return "\n".join(lines)


def _listed(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines)
