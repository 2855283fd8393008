"""A suitability model from good photos and faults made on them, start to hand-over."""

import numpy as np

from inference.contract import IMAGE, PATCHES
from inference.graph import PROBABILITIES
from inference.manifest import Metric, Patches
from inference.rules import SUITABILITY_LABELS, USABLE
from inference.store import ModelStore
from trainer.card import CardFacts
from trainer.data import LabelledPhoto
from trainer.job import Job, Outcome, Sides, finish, first_of, fit_and_check, metric, read_sides
from trainer.metrics import usable_threshold, wilson
from trainer.network import SuitabilityNetwork
from trainer.publish import Finished, publish
from trainer.served import ServedSuitability
from trainer.show import Progress
from trainer.suitability.examples import SuitabilityExamples
from trainer.suitability.making import made
from trainer.suitability.plan import Mix, Planned, plan
from trainer.suitability.render import View
from trainer.tasks import SUITABILITY

_FIRST_SCENE = {"train": 1_000_000, "val": 2_000_000}
_LIMITS = (
    (
        "Its faults are made ones, by the family of programs that also made those it is measured on: real blur, real "
        "distance and real watermarks are harder. Expect less than the table says."
    ),
    "Pictures of other things than skin were drawn, not photographed: it will take some real ones for skin.",
    "Real photos are of skin of Fitzpatrick types I to III, nearly without exception; darker skin is drawn only.",
    "Motion blur is caught less often than defocus; watermarks and scattered lesions on real skin less often still.",
    "It says whether a photo can be used, and nothing about what the photo shows.",
)


def fit_suitability(job: Job, view: View, mix: Mix, progress: Progress) -> int:
    """Fit, check, gate and publish a suitability model; return its version. Raises TrainingError or InferenceError."""
    sides = read_sides(job, progress)
    training = _examples(job, _planned(sides.train, mix, "train"), view)
    unseen_mix = Mix(max(mix.synthetic // 4, 1), usable=2, spoilt=2, seed=mix.seed)
    unseen = _examples(job, _planned(sides.unseen, unseen_mix, "val"), view)

    def build() -> SuitabilityNetwork:
        return SuitabilityNetwork(len(SUITABILITY_LABELS))

    network, outcome = fit_and_check(
        job, labels=SUITABILITY_LABELS, training=training, unseen=unseen, build=build, progress=progress
    )
    threshold = usable_threshold(outcome.probabilities[:, 0], outcome.truth == SUITABILITY_LABELS.index(USABLE))
    finished = Finished(
        task=SUITABILITY,
        labels=SUITABILITY_LABELS,
        architecture="separable residual network, whole picture and native patches",
        served=ServedSuitability(network, outcome.temperature),
        outputs=(PROBABILITIES,),
        example_inputs=first_of(unseen, (IMAGE, PATCHES)),
        image_size=view.image_size,
        threshold=threshold,
        temperature=outcome.temperature,
        metrics=_metrics(outcome, threshold),
        photos=sides.hashes,
        fingerprint=sides.fingerprint,
        demonstration=job.demonstration,
        credits=job.credits,
        card=_facts(job, outcome, sides, mix, len(training.targets)),
        patches=Patches.of(view.patches),
    )
    store = ModelStore(job.store)
    published = publish(finished, store)
    finish(job, SUITABILITY, published, store, progress)
    return published.version


def _examples(job: Job, planned: tuple[Planned, ...], view: View) -> SuitabilityExamples:
    return SuitabilityExamples(planned, made(planned, view, job.workers, job.cache))


def _planned(photos: tuple[LabelledPhoto, ...], mix: Mix, split: str) -> tuple[Planned, ...]:
    return plan([photo.path for photo in photos], mix, _FIRST_SCENE[split])


def _metrics(outcome: Outcome, threshold: float) -> dict[str, Metric]:
    usable = outcome.truth == SUITABILITY_LABELS.index(USABLE)
    passed = outcome.probabilities[:, SUITABILITY_LABELS.index(USABLE)] >= threshold
    return outcome.metrics() | {
        "usable_passed": metric(wilson(int(np.sum(passed & usable)), int(usable.sum()))),
        "spoilt_refused": metric(wilson(int(np.sum(~passed & ~usable)), int((~usable).sum()))),
    }


def _facts(job: Job, outcome: Outcome, sides: Sides, mix: Mix, examples: int) -> CardFacts:
    return CardFacts(
        intended_use="Tells a sender at once that a photo of a skin lesion cannot be used, and why, so that another is "
        "taken while the patient is there.",
        made_from=(
            (
                f"{len(sides.train)} smartphone photos of lesions, taken as usable, and {mix.synthetic} drawn ones; "
                f"{examples} examples in all, each spoilt one with one fault made on it"
            ),
            "drawn pictures of other things than skin",
        ),
        limits=_LIMITS,
        recipe=job.command,
        unseen=f"On {len(outcome.truth)} examples made the same way from {len(sides.unseen)} photos of other patients "
        "and from synthetic scenes not trained on. Threshold and temperature were picked on them.",
        table=outcome.table,
    )
