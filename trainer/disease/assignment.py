"""A disease model from photos with a diagnosis."""

from collections.abc import Mapping, Sequence

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from inference.contract import CONTEXT, EMBEDDING, IMAGE, UNLIKENESS
from inference.graph import PROBABILITIES
from inference.manifest import Code, ContextVocabulary, Manifest, UnknownRule
from trainer.disease.context import vocabulary_of
from trainer.disease.examples import DiseaseExamples
from trainer.errors import BadData
from trainer.evaluation.scored import Scored
from trainer.evaluation.subgroups import subgroups_of
from trainer.fitting.examples import Examples
from trainer.fitting.predict import answers
from trainer.handover.photos_side import Side
from trainer.networks.backbone import Backbone
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.served import ServedDisease
from trainer.networks.staged import StagedNetwork
from trainer.networks.unlikeness import UNKNOWN_FROM, Unlikeness
from trainer.photos.photo import SPLITS, Dataset, LabelledPhoto, Split, of_split
from trainer.running.assignment import Assignment, Particulars, Shown, Sides, Words
from trainer.tasks import DECIDED, DISEASE, MALIGNANT

_BATCH = 64
_DEARER = 1.4
"""How much likelier a rare malignant label counts than it is: to miss one costs more than to name one too many.

Few examples are learnt by heart, whatever they weigh in the loss, and are then named too seldom; a cost that is applied
behind the fit is not (Elkan 2001).
"""
_RARE = 0.5  # of the photos that a label has on average
_LIMITS = (
    (
        "It knows the labels above and nothing else. Whatever it is shown, it names one of them: other diseases of the "
        "skin are mostly taken for one it knows, and its unlikeness tells them apart badly or not at all."
    ),
    (
        "What is said of the patient is only a prior, counted among the photos trained on. What is not known adds "
        "nothing. Numbers are from the picture alone unless they say otherwise."
    ),
    "Groups of people without photos in the test side were not measured at all: see the groups above.",
)


class DiseaseAssignment(Assignment):
    """The labels are those of the data set, in the order of the alphabet."""

    task = DISEASE
    inputs = (IMAGE, CONTEXT)
    outputs = (PROBABILITIES, EMBEDDING, UNLIKENESS)
    architecture = "late context"

    def __init__(self, dataset: Dataset, image_size: int) -> None:
        self._dataset = dataset
        self.image_size = image_size
        self.labels = _labels(dataset)
        self.malignant = tuple(label for label in self.labels if label in MALIGNANT)
        self._vocabulary = vocabulary_of(of_split(dataset.photos, "train"))
        self.sides = Sides(*(self._shown(side) for side in SPLITS))

    def network(self, backbone: Backbone) -> StagedNetwork:
        """The backbone, an embedding, and the patient's facts as further logits."""
        training = self.sides.train.examples
        assert isinstance(training, DiseaseExamples)
        evidence = torch.from_numpy(training.evidence())
        return DiseaseNetwork(backbone, len(self.labels), self._vocabulary.width, evidence=evidence)

    @property
    def priors(self) -> tuple[float, ...]:
        """What rare malignant labels count more than they are; 1 for all others."""
        return dearer(self.labels, self.malignant, self.trained_on())

    def served(self, network: StagedNetwork, temperature: float) -> nn.Module:
        """Probabilities of the labels, the embedding, and how unlike the photos that it knows a picture is."""
        assert isinstance(network, DiseaseNetwork)
        known, others = (_pooled(network, side.examples) for side in (self.sides.train, self.sides.tune))
        return ServedDisease(network, temperature, Unlikeness(known, others), self.priors)

    def threshold(self, tune: Scored) -> float:  # noqa: ARG002  # a disease model's is agreed on, not found
        """The first probability from which on a ranking is decided."""
        return DECIDED

    def particulars(self, tune: Scored) -> Particulars:  # noqa: ARG002  # the tune side has set the scale already
        """The words that context is said in, and when a picture is unlike all that is known."""
        return Particulars(context=self._vocabulary, unknown=UnknownRule(rule="unlikeness", threshold=UNKNOWN_FROM))

    def test_as_taken_by(self, manifest: Manifest) -> Side:
        """The test photos at another model's size and with its vocabulary."""
        vocabulary = manifest.context or self._vocabulary
        examples = self._examples("test", vocabulary, manifest.image_size)
        return Side(examples, self.inputs)

    def words(self) -> Words:
        """What the card says."""
        counts = {side: len(of_split(self._dataset.photos, side)) for side in SPLITS}
        return Words(
            intended_use=f"Ranks {len(self.labels)} diagnoses of a single skin lesion on a photo, for a doctor who "
            "looks at the photo as well. Below the threshold it has decided nothing.",
            made_from=(f"{counts['train']} photos with a diagnosis, augmented",),
            limits=_LIMITS,
            unseen=f"On {counts['test']} photos of other patients, from the picture alone. The temperature was picked "
            f"on {counts['val']} photos of yet other patients.",
        )

    def _shown(self, side: Split) -> Shown:
        photos = of_split(self._dataset.photos, side)
        return Shown(
            self._examples(side, self._vocabulary, self.image_size),
            patients=tuple(photo.patient_id for photo in photos),
            names=tuple(photo.name for photo in photos),
            subgroups=subgroups_of(photos),
        )

    def _examples(self, side: Split, vocabulary: ContextVocabulary, image_size: int) -> DiseaseExamples:
        photos: tuple[LabelledPhoto, ...] = of_split(self._dataset.photos, side)
        return DiseaseExamples(photos, self.labels, vocabulary, image_size)


def dearer(labels: Sequence[str], malignant: Sequence[str], trained_on: Mapping[str, int]) -> tuple[float, ...]:
    """How much likelier each label counts than it is: 1.4 times where it is malignant and rare, else as it is."""
    rare = _RARE * sum(trained_on.values()) / len(labels)
    return tuple(_DEARER if label in malignant and trained_on[label] < rare else 1.0 for label in labels)


def _pooled(network: DiseaseNetwork, examples: Examples) -> Tensor:
    return answers(network, lambda image, _: network.pooled(image), examples.in_order(_BATCH))


def _require_code(label: str) -> None:
    """Refuse now what the manifest would refuse after the fit."""
    try:
        TypeAdapter(Code).validate_python(label)
    except ValidationError as error:
        raise BadData(
            f"{label[:80]!r} cannot be a label: name it with at most 64 letters a-z, digits and underscores"
        ) from error


def _labels(dataset: Dataset) -> tuple[str, ...]:
    """The diagnoses trained on; one that only the other sides have cannot be learnt and is refused."""
    known = {photo.diagnosis for photo in of_split(dataset.photos, "train") if photo.diagnosis}
    strange = {photo.diagnosis for photo in dataset.photos if photo.diagnosis} - known
    if strange:
        raise BadData(f"no photo to train on has the diagnosis {', '.join(sorted(strange))}")
    if len(known) < 2:
        raise BadData("photos of at least two diagnoses are needed")
    for label in sorted(known):
        _require_code(label)
    return tuple(sorted(known))
