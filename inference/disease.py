"""Ranking: which diseases a picture resembles most, and whether a doctor must look."""

from collections.abc import Mapping
from dataclasses import dataclass

from inference.context import PatientContext, encode_context
from inference.contract import CONTEXT, EMBEDDING, IMAGE, UNLIKENESS
from inference.graph import PROBABILITIES
from inference.manifest import UnknownRule
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.rules import RankedDisease, ReferralReason, is_decided, rank_diseases, referral_reasons, rounded
from inference.runtime import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A disease model's answer.

    `decided` when the first disease reaches `threshold`; `diseases` are all of the model's, likeliest first;
    `referral_reasons` is empty where no doctor need look; `embedding` is float32 [D] of unit length, comparable only
    with others of the same `model` (`disease/VERSION`); `demonstration` says that the model is not for real use.
    `unlikeness` is how unlike the photos trained on this one is (0 like .. 1 unlike), None where the model has no
    output for it.
    """

    decided: bool
    threshold: float
    model: str
    diseases: tuple[RankedDisease, ...]
    referral_reasons: tuple[ReferralReason, ...]
    embedding: Tensor
    demonstration: bool
    unlikeness: float | None = None


def rank(
    model: LoadedModel,
    picture: PreparedPicture,
    context: PatientContext,
    threshold: float,
    refer_malignant: float,
    *,
    unknown_threshold: float | None = None,
) -> Ranking:
    """Rank the diseases of one picture, with what is known of the patient.

    `threshold` decides; malignant diseases whose probabilities together reach `refer_malignant` refer.
    `unknown_threshold`, where given, stands in the place of the manifest's for a model that tells unlikeness, and
    means nothing for one that does not. Raises ModelFailed.
    """
    manifest = model.manifest
    outputs = model.run(_inputs(model, picture, context))
    diseases = rank_diseases(manifest.labels, outputs[PROBABILITIES][0])
    unlikeness = unlikeness_of(outputs)
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
            unknown=unknown_rule(manifest.unknown, unknown_threshold),
            unlikeness=unlikeness,
        ),
        embedding=outputs[EMBEDDING][0],
        demonstration=manifest.demonstration,
        unlikeness=unlikeness,
    )


def unlikeness_of(outputs: Mapping[str, Tensor]) -> float | None:
    """The unlikeness of the first row, 0..1, rounded as probabilities are; None where the model has no such output."""
    if UNLIKENESS not in outputs:
        return None
    (value,) = rounded(outputs[UNLIKENESS][:1])
    return min(max(value, 0.0), 1.0)  # float32 may stand a hair outside


def unknown_rule(rule: UnknownRule | None, threshold: float | None) -> UnknownRule | None:
    """The rule in force: the manifest's, with another threshold where one is set for unlikeness.

    The other rules compare other numbers, some the other way round: what is set for unlikeness means nothing there.
    """
    if rule is None or rule.rule != "unlikeness" or threshold is None:
        return rule
    return UnknownRule(rule=rule.rule, threshold=threshold)


def _inputs(model: LoadedModel, picture: PreparedPicture, context: PatientContext) -> dict[str, Tensor]:
    manifest = model.manifest
    inputs = {IMAGE: picture.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.context is not None:
        inputs[CONTEXT] = encode_context(context, manifest.context)
    return inputs
