"""Trying one model in every way its task has: each way a set of trials and its findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inference.disease import unknown_rule
from inference.runtime import LoadedModel
from trainer.evaluation.comparing import Comparison, compare
from trainer.evaluation.display import Display
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.latency import MOST, Latency, measure
from trainer.evaluation.referring import REFER_MALIGNANT
from trainer.evaluation.said import Said
from trainer.evaluation.strangers import Strangers
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


@dataclass(frozen=True, slots=True)
class Limits:
    """A gateway's settings of a ranking; None leaves it at what the manifest says."""

    disease_threshold: float | None = None
    refer_malignant: float = REFER_MALIGNANT
    unknown_threshold: float | None = None


AS_THEY_COME = Limits()
"""What a gateway has whose settings say nothing of it."""


def try_model(
    model: LoadedModel,
    photos: Sequence[LabelledPhoto],
    faults: Sequence[Spoiling],
    display: Display,
    limits: Limits = AS_THEY_COME,
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
        yield from _try_disease(model, unseen.photos, display, limits)


def comparisons_of(tried: Sequence[Tried]) -> tuple[Comparison, ...]:
    """What the patient's facts are worth, of each model that was tried without and then with them."""
    pairs = ((one, other) for one, other in pairwise(tried) if one.trials is other.trials)
    return tuple(compare(one.findings, other.findings) for one, other in pairs)


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


def _try_disease(
    model: LoadedModel, photos: Sequence[LabelledPhoto], display: Display, limits: Limits
) -> Iterator[Tried]:
    name = model.manifest.name
    trials = diagnosed(photos, model.manifest.labels)
    if not trials:
        return
    title = Said(f"{name} from the picture alone", f"{name}: 사진만으로")
    latency = _latency(model, trials)
    yield _tried(title, model, trials, display, limits=limits, latency=latency, strangers=photos)
    if model.manifest.context is not None:
        title = Said(f"{name} with sex, age and body site where known", f"{name}: 알려진 성별·나이·부위와 함께")
        yield _tried(title, model, trials, display, limits=limits, strangers=photos, with_context=True)


def _tried(
    title: Said,
    model: LoadedModel,
    trials: Sequence[Trial],
    display: Display,
    *,
    limits: Limits = AS_THEY_COME,
    latency: Latency | None = None,
    strangers: Sequence[LabelledPhoto] = (),
    with_context: bool = False,
) -> Tried:
    scored = score(model, trials, display.track, with_context=with_context)
    manifest = model.manifest
    findings = find(
        title.en,
        scored,
        manifest.threshold if limits.disease_threshold is None else limits.disease_threshold,
        manifest.malignant,
        latency=latency,
        strangers=_strangers(model, strangers, display, with_context=with_context),
        refer_malignant=limits.refer_malignant,
        unknown=unknown_rule(manifest.unknown, limits.unknown_threshold),
        korean=title.ko,
    )
    return Tried(findings, trials)


def _strangers(
    model: LoadedModel, photos: Sequence[LabelledPhoto], display: Display, *, with_context: bool
) -> list[Strangers]:
    """Its answers to the pictures among `photos` that it cannot know, by their kind."""
    trials = strange(photos, model.manifest.labels)
    scored = {kind: score(model, asked, display.track, with_context=with_context) for kind, asked in trials.items()}
    return [Strangers(kind, one.answers, one.patients) for kind, one in scored.items()]


def _latency(model: LoadedModel, trials: Sequence[Trial]) -> Latency:
    files = ((trial.name, trial.photo.path.read_bytes()) for trial in trials[:MOST])
    return measure(model, files, THREADS)
