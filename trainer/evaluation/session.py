"""Trying one model in every way its task has: each way a set of trials and its findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.runtime import LoadedModel
from trainer.evaluation.display import Display
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.latency import MOST, Latency, measure
from trainer.evaluation.said import Said
from trainer.evaluation.scored import Probabilities
from trainer.evaluation.trials import not_trained_on
from trainer.evaluation.trying import Spoiling, Trial, as_they_are, diagnosed, score, spoilt, strange
from trainer.photos.photo import LabelledPhoto
from trainer.tasks import SUITABILITY

THREADS = 1
"""What models are loaded with here: numbers of time are those of one core."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One model on one set of trials; `findings.scored` is in the trials' order."""

    findings: Findings
    trials: Sequence[Trial]


def try_model(
    model: LoadedModel, photos: Sequence[LabelledPhoto], faults: Sequence[Spoiling], display: Display
) -> Iterator[Tried]:
    """Try a model on the photos that it was not trained on; nothing comes where none has a label that it knows.

    A suitability model: as they are, and usable ones with each of `faults`. A disease model: from the picture alone,
    and with what is said of the patient where it takes that. Raises BadData, InferenceError.
    """
    unseen = not_trained_on(model, photos)
    if unseen.trained_on:
        display.say(f"{unseen.trained_on} photos are left out: {model.manifest.name} was trained on them")
    if model.manifest.task == SUITABILITY:
        yield from _try_suitability(model, unseen.photos, faults, display)
    else:
        yield from _try_disease(model, unseen.photos, display)


def _try_suitability(
    model: LoadedModel, photos: Sequence[LabelledPhoto], faults: Sequence[Spoiling], display: Display
) -> Iterator[Tried]:
    name = model.manifest.name
    trials = as_they_are(photos)
    if trials:
        title = Said(f"{name} on photos as they are", f"{name}: 있는 그대로의 사진")
        yield _tried(title, model, trials, display, latency=_latency(model, trials))
    for how in faults:
        trials = spoilt(photos, how)
        if trials:
            title = Said(
                f"{name} on usable photos spoilt by family {how.family} at severity {how.severity}",
                f"{name}: 결함군 {how.family}, 심각도 {how.severity}로 망친 사용 가능 사진",
            )
            yield _tried(title, model, trials, display)


def _try_disease(model: LoadedModel, photos: Sequence[LabelledPhoto], display: Display) -> Iterator[Tried]:
    name = model.manifest.name
    trials = diagnosed(photos, model.manifest.labels)
    if not trials:
        return
    strangers = score(model, strange(photos, model.manifest.labels[0]), display.track).probabilities
    title = Said(f"{name} from the picture alone", f"{name}: 사진만으로")
    yield _tried(title, model, trials, display, latency=_latency(model, trials), strangers=strangers)
    if model.manifest.context is not None:
        title = Said(f"{name} with sex, age and body site where known", f"{name}: 알려진 성별·나이·부위와 함께")
        yield _tried(title, model, trials, display, with_context=True)


def _tried(
    title: Said,
    model: LoadedModel,
    trials: Sequence[Trial],
    display: Display,
    *,
    latency: Latency | None = None,
    strangers: Probabilities | None = None,
    with_context: bool = False,
) -> Tried:
    scored = score(model, trials, display.track, with_context=with_context)
    manifest = model.manifest
    findings = find(
        title.en, scored, manifest.threshold, manifest.malignant,
        latency=latency, strangers=strangers, korean=title.ko,
    )  # fmt: skip
    return Tried(findings, trials)


def _latency(model: LoadedModel, trials: Sequence[Trial]) -> Latency:
    files = ((trial.name, trial.photo.path.read_bytes()) for trial in trials[:MOST])
    return measure(model, files, THREADS)
