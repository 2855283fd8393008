"""What the new samples of a round look like to the model that serves, beside those it learnt from."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.contract import EMBEDDING
from inference.errors import InferenceError
from inference.graph import PROBABILITIES
from inference.manifest import Task
from inference.rules import USABLE
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from trainer.evaluation.answering import model_inputs
from trainer.fitting.durable import write_text
from trainer.loop.drift.page import drift_page
from trainer.loop.drift.shift import (
    Flags,
    Floats,
    Shift,
    kolmogorov_smirnov,
    mean_discrepancy,
    measured,
    population_stability,
    total_variation,
)
from trainer.loop.drift.told import Drift, Scores
from trainer.loop.pictures import opened
from trainer.loop.samples import Sample

MOST_PHOTOS = 400
"""New and old ones each: four hundred embeddings tell a shift; more would cost the round minutes."""
FEWEST_PHOTOS = 8
DRIFT_JSON, DRIFT_PAGE = "drift.json", "drift.html"
_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """What the model says of N photos: a score each (0..1), embeddings [N, D] where it has them, which are new."""

    scores: Floats
    embeddings: Floats | None
    new: Flags
    patients: NDArray[np.int64]


def drift_report(store: ModelStore, task: Task, samples: Sequence[Sample], folder: Path) -> list[str]:
    """Measure and write `drift.json` and `drift.html` into `folder`; gives lines for the console.

    Scores and embeddings of new photos are compared with those of old ones that no round trains on: a model is surer
    of what it learnt by heart, which would pass for drift. Nothing is measured where no model serves or there are fewer
    than FEWEST_PHOTOS on either side, which it says.
    Raises BadData for a picture that cannot be read, ModelFailed.
    """
    found = _drift(store, task, samples)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_text(folder / DRIFT_JSON, json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n")
    write_text(folder / DRIFT_PAGE, drift_page(found))
    return list(_lines(found))


def _drift(store: ModelStore, task: Task, samples: Sequence[Sample]) -> Drift:
    new = _chosen(one for one in samples if one.is_new)
    old = _chosen(one for one in samples if not one.is_new and one.place in ("train", "val", "resting"))
    labels = _class_counts(new), _class_counts(old)
    if min(len(new), len(old)) < FEWEST_PHOTOS:
        return Drift("", len(new), len(old), *labels, "too few photos to compare: nothing can be told of drift")
    classes = measured(total_variation(_classes([*new, *old])), *_sets(new, old), _SEED)
    unlearnt = _chosen(one for one in samples if not one.is_new and one.place in ("val", "test", "second"))
    if len(unlearnt) < FEWEST_PHOTOS:
        words = "scores and embeddings were not compared: too few old photos were not trained on"
        return Drift("", len(new), len(old), *labels, words, classes=classes)
    try:
        model = load_model(store.folder(task, store.serving(task)), threads=1)
        answers = _ask(model, new, unlearnt)
    except InferenceError as error:
        words = f"scores and embeddings were not compared: {error}"
        return Drift("", len(new), len(old), *labels, words, classes=classes)
    return Drift(
        model.manifest.name,
        len(new),
        len(old),
        *labels,
        "",
        classes=classes,
        scores=_score_shift(answers),
        embedding=_embedding_shift(answers),
        unlearnt_photos=len(unlearnt),
    )


def _score_shift(answers: _Answers) -> Scores:
    shift = measured(kolmogorov_smirnov(answers.scores), answers.new, answers.patients, _SEED)
    stability = population_stability(answers.scores, answers.new)
    edges = np.linspace(0, 1, 11)
    counts = [np.histogram(answers.scores[part], edges)[0].tolist() for part in (answers.new, ~answers.new)]
    return Scores(shift, stability, tuple(counts[0]), tuple(counts[1]))


def _embedding_shift(answers: _Answers) -> Shift | None:
    if answers.embeddings is None:
        return None
    return measured(mean_discrepancy(answers.embeddings), answers.new, answers.patients, _SEED)


def _ask(model: LoadedModel, new: Sequence[Sample], old: Sequence[Sample]) -> _Answers:
    scores: list[float] = []
    embeddings: list[NDArray[np.float32]] = []
    for sample in (*new, *old):
        outputs = model.run(model_inputs(model, opened(sample)))
        scores.append(_score(model, outputs[PROBABILITIES][0]))
        if EMBEDDING in outputs:
            embeddings.append(outputs[EMBEDDING][0])
    found = np.asarray(embeddings, dtype=np.float64) if embeddings else None
    return _Answers(np.asarray(scores), found, *_sets(new, old))


def _sets(new: Sequence[Sample], old: Sequence[Sample]) -> tuple[Flags, NDArray[np.int64]]:
    """Which photos of both are new, and numbers of their patients."""
    return np.arange(len(new) + len(old)) < len(new), _patients([*new, *old])


def _score(model: LoadedModel, probabilities: NDArray[np.float32]) -> float:
    """P(usable), or how sure a ranking is of its first disease; what the gateways decide by."""
    labels = model.manifest.labels
    return float(probabilities[labels.index(USABLE)] if USABLE in labels else probabilities.max())


def _chosen(samples: Iterable[Sample]) -> list[Sample]:
    """At most MOST_PHOTOS, drawn by the hashes of the pictures: the same each time."""
    ordered = sorted(samples, key=lambda one: hashlib.sha256(one.sha256.encode()).digest())
    return ordered[:MOST_PHOTOS]


def _class_counts(samples: Sequence[Sample]) -> dict[str, int]:
    return dict(sorted(Counter(one.label for one in samples).items()))


def _classes(samples: Sequence[Sample]) -> NDArray[np.int64]:
    return np.unique([one.label for one in samples], return_inverse=True)[1].astype(np.int64)


def _patients(samples: Sequence[Sample]) -> NDArray[np.int64]:
    names = [one.claim.patient_id or one.claim.lesion_id or one.sha256 for one in samples]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _lines(found: Drift) -> Iterator[str]:
    if found.words:
        yield f"drift: {found.words}"
    scores = None if found.scores is None else found.scores.shift
    named = (("classes", found.classes), ("scores", scores), ("pictures", found.embedding))
    for name, shift in named:
        if shift is not None:
            word = "more than chance" if shift.is_more_than_chance else "within chance"
            yield f"drift of {name}: {shift.value:.3f}, by chance {shift.low:.3f} to {shift.high:.3f}: {word}"
