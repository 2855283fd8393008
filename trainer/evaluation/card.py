"""The card beside a model, in Markdown: for people who decide whether to use it (Mitchell 2019)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.manifest import Manifest, Metric
from trainer.evaluation.numbers.shares import ClassNumbers
from trainer.evaluation.subgroups import Field, Group
from trainer.evaluation.temperature import Bound, bound_of
from trainer.metrics import Confusion, Estimate

NOT_FOR = (
    "anyone without access to a doctor who looks at the same photo: it never stands alone",
    "deciding that something is harmless: what it does not name may be there all the same",
    "people, body sites, skin types, cameras or diseases that the numbers below do not cover",
    "insurance, triage of access to care, identification of people, or any use that the people shown did not agree to",
)
ETHICS = (
    (
        "A mistake costs people differently: a missed malignant disease far more than a second look. Read the recall "
        "of each label, not the accuracy."
    ),
    (
        "Photos of skin are health data and can show who somebody is. None is in this folder; the photos trained on "
        "are listed by hash only."
    ),
    (
        "A mean can hide a group that the model fails. Groups without enough photos got no number, which is no sign "
        "that all is well there."
    ),
)


_BOUNDS: dict[Bound | None, str] = {
    "highest": ", the highest that is looked for: the tune side found its probabilities to say hardly anything",
    "lowest": ", the lowest that is looked for: the tune side cannot tell how sure it may be",
}


@dataclass(frozen=True, slots=True, eq=False)
class CardFacts:
    """What the card says beyond the manifest: plain sentences, and the table of the unseen examples.

    `weights` says what the network started from. `classes`, `subgroups` and `untold` are those of the findings;
    `not_for` and `ethics` have words that hold for every model here.
    """

    intended_use: str
    made_from: tuple[str, ...]
    limits: tuple[str, ...]
    recipe: str
    unseen: str
    table: Confusion
    weights: str
    classes: tuple[ClassNumbers, ...] = ()
    subgroups: tuple[Field, ...] = ()
    untold: tuple[str, ...] = ()
    not_for: tuple[str, ...] = NOT_FOR
    ethics: tuple[str, ...] = ETHICS


def card(manifest: Manifest, facts: CardFacts) -> str:
    """Write the card in Markdown."""
    parts = [
        f"# {manifest.name}",
        _standing(manifest),
        f"## Intended use\n\n{facts.intended_use}",
        f"## Not for\n\n{_listed(facts.not_for)}",
        f"## Made from\n\n{_listed((*facts.made_from, *manifest.credits))}",
        f"## The network\n\n{_network(manifest, facts)}",
        f"## Measured\n\n{facts.unseen}\n\n{_metrics(manifest.metrics)}",
        f"### Each label\n\n{_labels(manifest, facts)}",
        f"Rows are what the examples are, columns what they were taken for.\n\n{_confusion(facts.table)}",
        f"### Groups\n\n{_groups(facts)}",
        f"## Limits\n\n{_listed((*_never_named(facts.table), *facts.limits))}",
        f"## Ethics\n\n{_listed(facts.ethics)}",
        f"## How it was made\n\n    {facts.recipe}\n\n{_provenance(manifest)}",
    ]
    return "\n\n".join(parts) + "\n"


def _standing(manifest: Manifest) -> str:
    made = f"Made {manifest.created_at:%Y-%m-%d}."
    if manifest.demonstration:
        return f"**A demonstration. Not a medical device, and not for decisions about people.** {made}"
    return f"Not a medical device by itself; a doctor stays in the loop. {made}"


def _network(manifest: Manifest, facts: CardFacts) -> str:
    size = manifest.architecture
    return (
        f"{size.name}; {size.hidden_layers} hidden layers with {size.units} units, {facts.weights}. "
        f"Whole picture at {manifest.image_size} pixels ({manifest.preprocessing}); threshold "
        f"{manifest.threshold:.2f}; temperature {manifest.temperature:.2f} (inside the file)"
        f"{_BOUNDS.get(bound_of(manifest.temperature), '')}."
    )


def _provenance(manifest: Manifest) -> str:
    return (
        f"Code: {manifest.code_version}; data fingerprint `{manifest.data.fingerprint}`; "
        f"the {manifest.data.photos} real photos used are listed in `{manifest.data.photos_file}`."
    )


def _metrics(metrics: dict[str, Metric]) -> str:
    rows = ((name, f"{one.value:.3f}", _interval(one.low, one.high), _count(one.n)) for name, one in metrics.items())
    return _table(("measure", "value", "95 % interval", "photos"), rows)


def _labels(manifest: Manifest, facts: CardFacts) -> str:
    """Every label against the rest; where the findings' numbers are not there, the recalls that the manifest has."""
    if facts.classes:
        head = ("label", "photos", "sensitivity", "specificity", "positive predictive value")
        shares = ((one, map(_share, (one.sensitivity, one.specificity, one.ppv))) for one in facts.classes)
        return _table(head, ((one.label, str(one.sensitivity.n), *told) for one, told in shares))
    recalls = ((label, manifest.metrics.get(f"recall_{label}")) for label in facts.table.labels)
    rows = (
        (label, _count(one.n), f"{one.value:.3f} ({_interval(one.low, one.high)})") for label, one in recalls if one
    )
    return _table(("label", "photos", "sensitivity"), rows)


def _confusion(table: Confusion) -> str:
    rows = ((label, *map(str, row)) for label, row in zip(table.labels, table.counts.tolist(), strict=True))
    return _table(("", *table.labels), rows)


def _never_named(table: Confusion) -> tuple[str, ...]:
    """A sentence on the labels that were never named where they were right; it must not take a table to see them."""
    photos = {label: int(row.sum()) for label, row in zip(table.labels, table.counts, strict=True)}
    missed = [label for label, count in photos.items() if count and table.recall(label).value == 0]
    if not missed:
        return ()
    listed = ", ".join(f"{label} ({photos[label]})" for label in missed)
    return (f"**Not one of these was named rightly: {listed}.** Do not count on it to find them.",)


def _groups(facts: CardFacts) -> str:
    if not facts.subgroups:
        return _listed(facts.untold or ("Not measured by group.",))
    rows = [row for field in facts.subgroups for row in _field(field)]
    whole = _table(("group", "photos", "patients", "accuracy"), rows)
    return f"{_listed(facts.untold)}\n\n{whole}" if facts.untold else whole


def _field(field: Field) -> list[tuple[str, ...]]:
    name = field.name.replace("_", " ")
    rows = [_group(name, group) for group in field.groups]
    return [*rows, (f"{name}: unknown", str(field.unknown), "", "")] if field.unknown else rows


def _group(name: str, group: Group) -> tuple[str, ...]:
    accuracy = "too few to say" if group.accuracy is None else _share(group.accuracy)
    return f"{name}: {group.value}", str(group.photos), str(group.patients), accuracy


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({_interval(estimate.low, estimate.high)})" if estimate.n else ""


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(head), "| --- " * len(head) + "|", *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    # A value that comes with the photos (a body site, a source) must not end its cell or its line.
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in cells)} |"


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
