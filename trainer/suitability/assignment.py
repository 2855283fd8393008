"""A suitability model from labelled photos, and from faults made on the usable ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import nn

from inference.contract import IMAGE, PATCHES
from inference.graph import PROBABILITIES
from inference.manifest import Manifest, Patches
from inference.patches import PatchPlan
from inference.rules import SUITABILITY_LABELS, USABLE
from trainer.errors import BadData
from trainer.evaluation.scored import Scored
from trainer.evaluation.subgroups import FIELDS, subgroups_of
from trainer.handover.photos_side import Side
from trainer.metrics import usable_threshold
from trainer.negatives.listing import checked_path, read_list
from trainer.networks.backbone import Backbone
from trainer.networks.served import ServedSuitability
from trainer.networks.staged import StagedNetwork
from trainer.networks.suitability import SuitabilityNetwork
from trainer.photos.photo import SPLITS, Dataset, LabelledPhoto, Split, of_split
from trainer.running.assignment import Assignment, Particulars, Shown, Sides, Words
from trainer.suitability.examples import SuitabilityExamples
from trainer.suitability.making import made
from trainer.suitability.plan import NOT_SKIN, OUT_OF_FOCUS, Making, Mix, Planned, Source, plan
from trainer.suitability.render import View
from trainer.tasks import SUITABILITY

PATCH_PLAN = PatchPlan(count=5, size=96)
SOFTNESS_IN_USE = 3.0
"""How much likelier a soft photo is in use than among the examples."""

_FIRST_SCENE = {"train": 1_000_000, "val": 2_000_000, "test": 3_000_000}
_SCENES_SHARE = {"train": 1.0, "val": 0.15, "test": 0.25}
_UNSEEN = {"usable": 2, "spoilt": 4, "cuts": 3}
_LIMITS = (
    (
        "Its faults are made ones. Real blur, real distance and real watermarks are harder: expect less than the "
        "table says, most of all of slight blur."
    ),
    "Tones of skin that the groups above do not count were drawn at most, not photographed.",
    "It says whether a photo can be used, and nothing about what the photo shows.",
    (
        f"It takes a soft photo to be {SOFTNESS_IN_USE:g} times likelier than the made examples had it, as softness is "
        "the commonest fault of photos in use: its probabilities are for that."
    ),
)


class SuitabilityAssignment(Assignment):
    """Photos with a suitability label are taken at their word, photos without one as usable."""

    task = SUITABILITY
    labels = SUITABILITY_LABELS
    inputs = (IMAGE, PATCHES)
    outputs = (PROBABILITIES,)
    architecture = "whole picture and native patches"

    def __init__(self, dataset: Dataset, image_size: int, making: Making, workers: int, cache: Path | None) -> None:
        self.image_size = image_size
        self._dataset, self._making, self._workers, self._cache = dataset, making, workers, cache
        self._planned = {side: self._plan(side) for side in SPLITS}
        _refuse_empty(self._planned)
        view = View(image_size, PATCH_PLAN)
        self.sides = Sides(*(self._shown(side, view) for side in SPLITS))

    def network(self, backbone: Backbone) -> StagedNetwork:
        """The backbone on the whole picture, a trunk of our own on the patches."""
        return SuitabilityNetwork(backbone, len(SUITABILITY_LABELS), SUITABILITY_LABELS.index(OUT_OF_FOCUS))

    def served(self, network: StagedNetwork, temperature: float) -> nn.Module:
        """Probabilities of the labels."""
        assert isinstance(network, SuitabilityNetwork)
        return ServedSuitability(network, temperature, self.priors)

    @property
    def priors(self) -> tuple[float, ...]:
        """Softness is what photos in use lack most often (Vodrahalli 2020, Jalaboi 2022); made faults are all alike."""
        return tuple(SOFTNESS_IN_USE if label == OUT_OF_FOCUS else 1.0 for label in self.labels)

    def threshold(self, tune: Scored) -> float:
        """The least P(usable) of a usable photo."""
        return usable_threshold(tune.probability_of(USABLE), tune.is_truly(USABLE))

    def particulars(self, tune: Scored) -> Particulars:  # noqa: ARG002  # nothing is found there
        """Where the patches are cut."""
        return Particulars(patches=Patches.of(PATCH_PLAN))

    def test_as_taken_by(self, manifest: Manifest) -> Side:
        """The same examples at another model's size and with its patches."""
        patches = manifest.patches.plan() if manifest.patches else PATCH_PLAN
        shown = self._shown("test", View(manifest.image_size, patches))
        return Side(shown.examples, self.inputs)

    def words(self) -> Words:
        """What the card says."""
        counts = {side: len(of_split(self._dataset.photos, side)) for side in SPLITS}
        making = self._making
        return Words(
            intended_use="Tells a sender at once that a photo of a skin lesion cannot be used, and why, so that "
            "another is taken while the patient is there.",
            made_from=(
                (
                    f"{counts['train']} photos and {self._scenes('train')} drawn scenes (families "
                    f"{', '.join(making.families.scenes)}), with faults of the families "
                    f"{', '.join(making.families.faults)} made on them: {len(self._planned['train'])} examples"
                ),
                "photographs of other things than skin"
                if making.negatives
                else "drawn pictures of other things than skin",
            ),
            limits=_LIMITS,
            unseen=(
                f"On {len(self._planned['test'])} examples made the same way from {counts['test']} photos of other "
                f"patients and from scenes not trained on. Threshold and temperature were picked on the tune side, "
                f"{counts['val']} photos of yet other patients."
            ),
        )

    def _plan(self, side: Split) -> tuple[Planned, ...]:
        making = self._making
        mix = making.mix
        sources = [_source(photo) for photo in of_split(self._dataset.photos, side)]
        negatives = negative_sources(making.negatives, side) if making.negatives else []
        if side != "train":
            mix = Mix(self._scenes(side), seed=mix.seed, **_UNSEEN)
        return plan(sources, negatives, making.families, mix, _FIRST_SCENE[side])

    def _scenes(self, side: Split) -> int:
        photos = len(of_split(self._dataset.photos, "train"))
        return round(self._making.mix.scenes(photos) * _SCENES_SHARE[side])

    def _shown(self, side: Split, view: View) -> Shown:
        planned = self._planned[side]
        examples = SuitabilityExamples(planned, made(planned, view, self._workers, self._cache))
        photos = {photo.path: photo for photo in of_split(self._dataset.photos, side)}
        return Shown(
            examples,
            patients=tuple(one.origin for one in planned),
            names=tuple(_name(one) for one in planned),
            subgroups=_subgroups(planned, photos),
        )


def negative_sources(folder: Path, side: Split) -> list[Source]:
    """The photographs of other things on one side. Raises NoNegatives for one that is missing or another by now."""
    return [Source(checked_path(folder, one), NOT_SKIN, one.group) for one in read_list(folder, side)]


def _refuse_empty(planned: Mapping[Split, Sequence[Planned]]) -> None:
    empty = [side for side, examples in planned.items() if not examples]
    if empty:
        raise BadData(f"there is nothing on the side {', '.join(empty)}")


def _source(photo: LabelledPhoto) -> Source:
    return Source(photo.path, photo.suitability or USABLE, photo.patient_id)


def _name(planned: Planned) -> str:
    where = planned.photo.name if planned.photo else f"scene {planned.scene_seed}"
    return f"{where}: {planned.label} ({planned.making})"


def _subgroups(planned: Sequence[Planned], photos: dict[Path, LabelledPhoto]) -> dict[str, tuple[str, ...]]:
    """What is known of the photo behind each example; as source, what the example was made of."""
    of_photo = {
        path: {name: values[0] for name, values in subgroups_of([photo]).items()} for path, photo in photos.items()
    }
    nothing = dict.fromkeys(FIELDS, "")
    rows = [(of_photo.get(one.photo, nothing) if one.photo else nothing) | {"source": _made_of(one)} for one in planned]
    return {name: tuple(row[name] for row in rows) for name in FIELDS}


def _made_of(planned: Planned) -> str:
    if planned.making == "negative":
        return "photograph of something else"
    return f"drawn scene {planned.scene}" if planned.photo is None else "photo of skin"
