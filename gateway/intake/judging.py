"""What the models make of a photo: decoded once, judged, and ranked where it can be used."""

from dataclasses import dataclass
from typing import Any

from gateway.config import ModelSettings
from gateway.serving.models import ServedModels
from inference.context import PatientContext
from inference.disease import Ranking, rank
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.suitability import Judgement, judge


@dataclass(frozen=True, slots=True)
class Verdict:
    """The models' answers; `ranking` is None where the photo cannot be used."""

    judgement: Judgement
    ranking: Ranking | None


class PhotoJudge:
    """Runs photos through the served models."""

    def __init__(self, models: ServedModels, thresholds: ModelSettings, max_pixels: int) -> None:
        self._models = models
        self._thresholds = thresholds
        self._max_pixels = max_pixels

    def judge(self, photo: bytes, context: PatientContext) -> Verdict:
        """Decode, judge and rank one photo. Raises PictureError, ModelFailed, NoModelServes."""
        prepared = PreparedPicture(decode_picture(photo, max_pixels=self._max_pixels))
        judgement = judge(self._models.suitability(), prepared)
        if not judgement.usable:
            return Verdict(judgement, None)
        threshold, refer_malignant = self._thresholds.disease_threshold, self._thresholds.refer_malignant
        return Verdict(judgement, rank(self._models.disease(), prepared, context, threshold, refer_malignant))


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """A judgement as it is kept: codes and numbers, no words of any language."""
    return {
        "usable": judgement.usable,
        "probability": judgement.probability,
        "threshold": judgement.threshold,
        "reasons": [{"code": reason.code, "probability": reason.probability} for reason in judgement.reasons],
        "model": judgement.model,
        "demonstration": judgement.demonstration,
    }


def ranking_json(ranking: Ranking) -> dict[str, Any]:
    """A ranking as it is kept."""
    return {
        "decided": ranking.decided,
        "threshold": ranking.threshold,
        "model": ranking.model,
        "demonstration": ranking.demonstration,
        "diseases": [
            {"rank": disease.rank, "code": disease.code, "probability": disease.probability}
            for disease in ranking.diseases
        ],
    }
