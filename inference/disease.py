"""Ranking: which diseases a picture resembles most, and whether a doctor must look."""

from dataclasses import dataclass

from inference.context import PatientContext, encode_context
from inference.contract import CONTEXT, EMBEDDING, IMAGE
from inference.graph import PROBABILITIES
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.rules import RankedDisease, ReferralReason, is_decided, rank_diseases, referral_reasons
from inference.runtime import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A disease model's answer.

    `decided` when the first disease reaches `threshold`; `diseases` are all of the model's, likeliest first;
    `referral_reasons` is empty where no doctor need look; `embedding` is float32 [D] of unit length, comparable only
    with others of the same `model` (`disease/VERSION`); `demonstration` says that the model is not for real use.
    """

    decided: bool
    threshold: float
    model: str
    diseases: tuple[RankedDisease, ...]
    referral_reasons: tuple[ReferralReason, ...]
    embedding: Tensor
    demonstration: bool


def rank(
    model: LoadedModel,
    picture: PreparedPicture,
    context: PatientContext,
    threshold: float,
    refer_malignant: float,
) -> Ranking:
    """Rank the diseases of one picture, with what is known of the patient.

    `threshold` decides; malignant diseases whose probabilities together reach `refer_malignant` refer. Raises
    ModelFailed.
    """
    manifest = model.manifest
    outputs = model.run(_inputs(model, picture, context))
    diseases = rank_diseases(manifest.labels, outputs[PROBABILITIES][0])
    return Ranking(
        decided=is_decided(diseases, threshold),
        threshold=threshold,
        model=manifest.name,
        diseases=diseases,
        referral_reasons=referral_reasons(
            diseases,
            threshold=threshold,
            malignant=manifest.malignant,
            refer_malignant=refer_malignant,
            unknown=manifest.unknown,
        ),
        embedding=outputs[EMBEDDING][0],
        demonstration=manifest.demonstration,
    )


def _inputs(model: LoadedModel, picture: PreparedPicture, context: PatientContext) -> dict[str, Tensor]:
    manifest = model.manifest
    inputs = {IMAGE: picture.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.context is not None:
        inputs[CONTEXT] = encode_context(context, manifest.context)
    return inputs
