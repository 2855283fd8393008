"""Judging: can a photo be used for diagnosis, and if not, why not."""

from dataclasses import dataclass

from inference.contract import IMAGE, PATCHES
from inference.graph import PROBABILITIES
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.rules import Reason, give_verdict
from inference.runtime import LoadedModel


@dataclass(frozen=True, slots=True)
class Judgement:
    """A suitability model's verdict.

    `probability` is P(usable), `threshold` what it has to reach; `reasons` are the faults at 0.2 or more, likeliest
    first, at least one where the photo is unusable; `model` is `suitability/VERSION`; `demonstration` says that the
    model is not for real use.
    """

    usable: bool
    probability: float
    threshold: float
    reasons: tuple[Reason, ...]
    model: str
    demonstration: bool


def judge(model: LoadedModel, picture: PreparedPicture) -> Judgement:
    """Judge one picture. Raises ModelFailed."""
    manifest = model.manifest
    probabilities = model.run(_inputs(model, picture))[PROBABILITIES][0]
    verdict = give_verdict(manifest.labels, probabilities, manifest.threshold)
    return Judgement(
        usable=verdict.usable,
        probability=verdict.probability,
        threshold=manifest.threshold,
        reasons=verdict.reasons,
        model=manifest.name,
        demonstration=manifest.demonstration,
    )


def _inputs(model: LoadedModel, picture: PreparedPicture) -> dict[str, Tensor]:
    manifest = model.manifest
    inputs = {IMAGE: picture.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.patches is not None:
        inputs[PATCHES] = picture.patches(manifest.patches.plan())
    return inputs
