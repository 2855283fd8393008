"""Which part of a picture an answer stands on: a hint where to look, and no evidence of anything.

It tells what a model reacts to, right or wrong. A model that goes by a ruler beside the lesion is explained as well as
one that goes by the lesion.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.context import PatientContext, encode_context
from inference.contract import CONTEXT, IMAGE, PATCHES
from inference.explaining.asking import Asker, Claim
from inference.explaining.hiding import Hideable
from inference.explaining.planes import SIDE, enlarged
from inference.explaining.region import Box, box_around_peak, level_of, region_of
from inference.explaining.searching import SEARCH_RUNS, ask_without, search
from inference.explaining.softness import SOFT_LEVEL, SOFTNESS_RUNS, look_for_softness
from inference.explaining.trial import TRIAL_RUNS, try_region
from inference.patches import PatchPlan
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.rules import USABLE
from inference.runtime import LoadedModel

Method = Literal["occlusion", "patches"]

MOST_RUNS = 1 + max(SEARCH_RUNS + TRIAL_RUNS, SOFTNESS_RUNS)
"""Pictures that a model is asked about for one explanation, at most."""
DEFAULT_SECONDS = 20.0

_SOFT = "out_of_focus"


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """What an answer stands on.

    `plane` is float32 [SIDE, SIDE], 0..1, over the upright picture: place (r, c) is r/SIDE of its height down and
    c/SIDE of its width across. `label` had `probability`. By `occlusion`, `without` is its probability with the
    region hidden; by `patches`, that if the photo were everywhere as it is at the sharpest place. `clear` says whether
    the map says anything: where it is False a map drawn at random would say as much, and `region` is None. Places from
    `level` on are the region, `region` is the box around that part of it which holds the highest.
    """

    plane: Tensor
    label: str
    method: Method
    probability: float
    without: float
    clear: bool
    level: float
    region: Box | None
    runs: int


def explain_disease(
    model: LoadedModel,
    picture: PreparedPicture,
    context: PatientContext,
    code: str,
    *,
    seconds: float = DEFAULT_SECONDS,
) -> Saliency:
    """Tell what of the picture makes a disease model give the disease `code` its probability.

    The same arguments give the same answer. Raises KeyError for a code that the model does not know, ModelFailed, and
    TookTooLong after `seconds`.
    """
    manifest = model.manifest
    fixed = {} if manifest.context is None else {CONTEXT: encode_context(context, manifest.context)}
    asker = Asker(model, Claim(_place(manifest.labels, code)), fixed, seconds)
    return _by_occlusion(asker, Hideable(picture.whole(manifest.image_size, manifest.preprocessing)[0]), code)


def explain_fault(
    model: LoadedModel, picture: PreparedPicture, code: str, *, seconds: float = DEFAULT_SECONDS
) -> Saliency:
    """Tell where in the frame the fault `code` is, by what makes a suitability model name it rather than `usable`.

    Raises as `explain_disease` does.
    """
    manifest = model.manifest
    claim = Claim(_place(manifest.labels, code), against=_place(manifest.labels, USABLE))
    whole = picture.whole(manifest.image_size, manifest.preprocessing)
    plan = None if manifest.patches is None else manifest.patches.plan()
    if code == _SOFT and plan is not None:
        return _by_patches(Asker(model, claim, {IMAGE: whole}, seconds), picture, plan, code)
    patches = None if plan is None else picture.patches(plan)[0]
    return _by_occlusion(Asker(model, claim, {}, seconds), Hideable(whole[0], patches, plan), code)


def _place(labels: tuple[str, ...], code: str) -> int:
    if code not in labels:
        raise KeyError(code)
    return labels.index(code)


def _by_occlusion(asker: Asker, hideable: Hideable, code: str) -> Saliency:
    before = ask_without(asker, hideable, np.zeros((1, SIDE, SIDE), np.float32))
    probability, evidence = float(before.probability[0]), float(before.evidence[0])
    plane = search(asker, hideable, evidence)
    level = level_of(plane)
    region = region_of(plane, level)
    if not region.any():
        return Saliency(plane, code, "occlusion", probability, probability, False, level, None, asker.runs)
    trial = try_region(asker, hideable, region, evidence)
    clear = trial.is_clear(probability)
    box = box_around_peak(plane, level) if clear else None
    return Saliency(plane, code, "occlusion", probability, trial.probability, clear, level, box, asker.runs)


def _by_patches(asker: Asker, picture: PreparedPicture, plan: PatchPlan, code: str) -> Saliency:
    before = asker.ask([{PATCHES: picture.patches(plan)}])
    softness = look_for_softness(asker, picture.picture, plan)
    plane, clear = enlarged(softness.plane, SIDE, SIDE), softness.is_clear()
    box = box_around_peak(plane, SOFT_LEVEL) if clear else None
    probability = float(before.probability[0])
    return Saliency(plane, code, "patches", probability, softness.sharpest, clear, SOFT_LEVEL, box, asker.runs)
