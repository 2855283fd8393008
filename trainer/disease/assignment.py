"""A disease model from photos with a diagnosis."""

import numpy as np
from pydantic import TypeAdapter, ValidationError
from torch import nn

from inference.contract import CONTEXT, EMBEDDING, IMAGE
from inference.graph import PROBABILITIES
from inference.manifest import Code, ContextVocabulary, Manifest, UnknownRule
from trainer.disease.context import vocabulary_of
from trainer.disease.examples import DiseaseExamples
from trainer.errors import BadData
from trainer.evaluation.scored import Scored
from trainer.evaluation.subgroups import subgroups_of
from trainer.handover.photos_side import Side
from trainer.networks.backbone import Backbone
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.served import ServedDisease
from trainer.networks.staged import StagedNetwork
from trainer.photos.photo import SPLITS, Dataset, LabelledPhoto, Split, of_split
from trainer.running.assignment import Assignment, Particulars, Shown, Sides, Words
from trainer.tasks import DISEASE, MALIGNANT

DECIDED = 0.5
_UNKNOWN_SHARE = 0.02  # of known photos may be called unlike anything known
_LIMITS = (
    "It knows the labels above and nothing else. Whatever it is shown, it names one of them.",
    (
        "What is said of the patient is only a prior. Gaps in it were filled at random in training, so that a gap says "
        "nothing. All numbers are from the picture alone."
    ),
    "Groups of people without photos in the test side were not measured at all: see the groups above.",
)


class DiseaseAssignment(Assignment):
    """The labels are those of the data set, in the order of the alphabet."""

    task = DISEASE
    inputs = (IMAGE, CONTEXT)
    outputs = (PROBABILITIES, EMBEDDING)
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
        return DiseaseNetwork(backbone, len(self.labels), self._vocabulary.width)

    def served(self, network: StagedNetwork, temperature: float) -> nn.Module:
        """Probabilities of the labels, and the embedding."""
        assert isinstance(network, DiseaseNetwork)
        return ServedDisease(network, temperature)

    def threshold(self, tune: Scored) -> float:  # noqa: ARG002  # a disease model's is agreed on, not found
        """The first probability from which on a ranking is decided."""
        return DECIDED

    def particulars(self, tune: Scored) -> Particulars:
        """The words that context is said in, and when a picture is unlike all that is known."""
        least_sure = round(float(np.quantile(tune.confidence, _UNKNOWN_SHARE)), 3)
        return Particulars(context=self._vocabulary, unknown=UnknownRule(rule="max_probability", threshold=least_sure))

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
