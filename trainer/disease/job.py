"""A disease model from labelled photos, start to hand-over."""

import numpy as np

from inference.contract import CONTEXT, EMBEDDING, IMAGE
from inference.graph import PROBABILITIES
from inference.manifest import Metric, UnknownRule
from inference.store import ModelStore
from trainer.card import CardFacts
from trainer.disease.context import vocabulary_of
from trainer.disease.examples import DiseaseExamples
from trainer.fit import predict
from trainer.job import Job, Outcome, finish, first_of, fit_and_check, metric, read_sides
from trainer.metrics import confusion, within_first
from trainer.network import DiseaseNetwork
from trainer.publish import Finished, publish
from trainer.served import ServedDisease
from trainer.show import Progress
from trainer.tasks import DISEASE, DISEASE_LABELS, MALIGNANT

DECIDED = 0.5
_UNKNOWN_SHARE = 0.02  # of known photos may be called unlike anything known
_LIMITS = (
    "Six diagnoses of single lesions only: no rash, no infection, nothing else. Whatever it is shown, it names one.",
    "Skin of Fitzpatrick types I to III, nearly without exception: nothing can be said about dark skin.",
    "Few melanomas and squamous cell carcinomas to learn from; see their recall and its interval.",
    "Probabilities were calibrated on the very photos they are reported on: expect them somewhat too sure.",
    (
        "What is said of the patient is only a prior. Gaps in it were filled at random in training, so that a gap says "
        "nothing. All numbers but accuracy_with_context are from the picture alone."
    ),
)


def fit_disease(job: Job, image_size: int, progress: Progress) -> int:
    """Fit, check, gate and publish a disease model; return its version. Raises TrainingError or InferenceError."""
    sides = read_sides(job, progress)
    vocabulary = vocabulary_of(sides.train)
    training = DiseaseExamples(sides.train, vocabulary, image_size)
    unseen = DiseaseExamples(sides.unseen, vocabulary, image_size)

    def build() -> DiseaseNetwork:
        return DiseaseNetwork(len(DISEASE_LABELS), vocabulary.width)

    network, outcome = fit_and_check(
        job, labels=DISEASE_LABELS, training=training, unseen=unseen, build=build, progress=progress
    )
    finished = Finished(
        task=DISEASE,
        labels=DISEASE_LABELS,
        architecture="separable residual network, late context",
        served=ServedDisease(network, outcome.temperature),
        outputs=(PROBABILITIES, EMBEDDING),
        example_inputs=first_of(unseen, (IMAGE, CONTEXT)),
        image_size=image_size,
        threshold=DECIDED,
        temperature=outcome.temperature,
        metrics=_metrics(outcome) | {"accuracy_with_context": _with_context(network, unseen, job)},
        photos=sides.hashes,
        fingerprint=sides.fingerprint,
        demonstration=job.demonstration,
        credits=job.credits,
        card=_facts(job, outcome, len(sides.train)),
        context=vocabulary,
        malignant=MALIGNANT,
        unknown=UnknownRule(rule="max_probability", threshold=_least_sure(outcome)),
    )
    store = ModelStore(job.store)
    published = publish(finished, store)
    finish(job, DISEASE, published, store, progress)
    return published.version


def _metrics(outcome: Outcome) -> dict[str, Metric]:
    sure = outcome.probabilities.max(1) >= DECIDED
    decided = confusion(DISEASE_LABELS, outcome.truth[sure], outcome.probabilities[sure].argmax(1))
    return outcome.metrics() | {
        "within_first_3": metric(within_first(outcome.probabilities, outcome.truth, 3)),
        "decided_share": Metric(value=round(float(sure.mean()), 4), n=len(sure)),
        "accuracy_when_decided": metric(decided.accuracy),
    }


def _with_context(network: DiseaseNetwork, unseen: DiseaseExamples, job: Job) -> Metric:
    """Accuracy with age, sex and body site as far as they are known."""
    named = predict(network, unseen.with_context(job.recipe.batch_size)).argmax(1)
    return metric(confusion(DISEASE_LABELS, unseen.targets.numpy(), named.numpy()).accuracy)


def _least_sure(outcome: Outcome) -> float:
    return round(float(np.quantile(outcome.probabilities.max(1), _UNKNOWN_SHARE)), 3)


def _facts(job: Job, outcome: Outcome, trained_on: int) -> CardFacts:
    return CardFacts(
        intended_use="Ranks six diagnoses of a single skin lesion on a smartphone photo, for a doctor who looks at the "
        "photo as well. Below the threshold it has decided nothing.",
        made_from=(f"{trained_on} smartphone photos of lesions, augmented; nothing pretrained",),
        limits=_LIMITS,
        recipe=job.command,
        unseen=f"On {len(outcome.truth)} photos of other patients, from the picture alone. No weights were picked by "
        "these numbers; the temperature was.",
        table=outcome.table,
    )
