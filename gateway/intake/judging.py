"""What the models make of a photo: decoded once, judged, and ranked where it can be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.config import ModelSettings
from gateway.serving.models import ServedModels
from gateway.serving.shadow import Answered, ShadowJudge
from inference.context import PatientContext, told_facts
from inference.disease import Ranking, rank
from inference.manifest import Task
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel
from inference.suitability import Judgement, judge


@dataclass(frozen=True, slots=True)
class Verdict:
    """The models' answers; `ranking` is None where the photo cannot be used.

    `model_files` has the SHA-256 of the file of each model that answered; `frame` is the one of a video that was
    judged, counted from 1, and None for a photo. `told` names what the ranking's model was told of the patient,
    `examples` holds the reference cases that illustrate it (`gateway.library.resemblance.answering`).
    """

    judgement: Judgement
    ranking: Ranking | None
    model_files: Mapping[Task, str]
    frame: int | None = None
    told: tuple[str, ...] = ()
    examples: Mapping[str, Any] = field(default_factory=dict)


class PhotoJudge:
    """Runs photos through the served models, and then offers them to those that judge in the shadow."""

    def __init__(self, models: ServedModels, shadow: ShadowJudge, thresholds: ModelSettings, max_pixels: int) -> None:
        self._models = models
        self._shadow = shadow
        self._thresholds = thresholds
        self._max_pixels = max_pixels

    def judge(self, photo: bytes, context: PatientContext) -> Verdict:
        """Decode, judge and rank one photo. Raises PictureError, ModelFailed, NoModelServes."""
        with self._shadow.judging():
            prepared = PreparedPicture(decode_picture(photo, max_pixels=self._max_pixels))
            asked = [self._models.suitability()]
            judgement = judge(asked[0], prepared)
            ranking = None
            told: tuple[str, ...] = ()
            if judgement.usable:
                asked.append(self._models.disease())
                ranking, told = self._ranked(asked[1], prepared, context)
        refer_malignant = self._thresholds.refer_malignant
        self._shadow.offer(Answered(prepared, context, judgement, ranking, refer_malignant))
        files = {model.manifest.task: model.manifest.model_sha256 for model in asked}
        return Verdict(judgement, ranking, files, told=told)

    def check_ready(self) -> None:
        """Raise NoModelServes where a photo could not be judged now."""
        self._models.suitability()
        self._models.disease()

    def _ranked(
        self, model: LoadedModel, prepared: PreparedPicture, context: PatientContext
    ) -> tuple[Ranking, tuple[str, ...]]:
        limits = self._thresholds
        ranking = rank(
            model,
            prepared,
            context,
            limits.disease_threshold,
            limits.refer_malignant,
            unknown_threshold=limits.unknown_threshold,
        )
        return ranking, told_facts(context, model.manifest.context)


def judgement_json(verdict: Verdict) -> dict[str, Any]:
    """A judgement as it is kept: codes and numbers, no words of any language."""
    judgement = verdict.judgement
    return {
        "usable": judgement.usable,
        "probability": judgement.probability,
        "threshold": judgement.threshold,
        "reasons": [{"code": reason.code, "probability": reason.probability} for reason in judgement.reasons],
        "model": judgement.model,
        "demonstration": judgement.demonstration,
        **({} if verdict.frame is None else {"frame": verdict.frame}),
    }


def ranking_json(ranking: Ranking, told: Sequence[str] = ()) -> dict[str, Any]:
    """A ranking as it is kept; `told` names what its model was told of the patient."""
    return {
        "decided": ranking.decided,
        "threshold": ranking.threshold,
        "model": ranking.model,
        "demonstration": ranking.demonstration,
        "unlikeness": ranking.unlikeness,
        "told": list(told),
        "diseases": [
            {"rank": disease.rank, "code": disease.code, "probability": disease.probability}
            for disease in ranking.diseases
        ],
    }
