"""What the models make of a photo: decoded once, judged, and ranked where it can be used."""

from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any

from gateway.config import IntakeSettings, ModelSettings
from gateway.conversion.clean import clean_picture
from gateway.conversion.picture import CleanPicture
from gateway.serving.models import ServedModels
from inference.context import PatientContext
from inference.disease import Ranking, rank
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.suitability import Judgement, judge

LARGE_PIXELS = 50_000_000
"""Pictures above this are decoded one at a time: each takes hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """A photo with the models' answers; `ranking` is None where the photo cannot be used."""

    picture: CleanPicture
    judgement: Judgement
    ranking: Ranking | None


class PhotoJudge:
    """Runs photos through the served models, a bounded number at a time."""

    def __init__(self, models: ServedModels, intake: IntakeSettings, thresholds: ModelSettings) -> None:
        self._models = models
        self._max_pixels = intake.max_pixels
        self._thresholds = thresholds
        self._slots = BoundedSemaphore(intake.max_concurrent)
        self._one_large = Lock()

    def judge(self, photo: bytes, context: PatientContext) -> JudgedPhoto:
        """Decode, judge, rank and clean one photo.

        Raises inference's PictureError or conversion's PictureError for what is no usable picture, ModelFailed.
        """
        with self._slots:
            picture = clean_picture(photo, max_pixels=self._max_pixels)
            if picture.rows * picture.columns <= LARGE_PIXELS:
                return self._judge(photo, picture, context)
            with self._one_large:
                return self._judge(photo, picture, context)

    def _judge(self, photo: bytes, picture: CleanPicture, context: PatientContext) -> JudgedPhoto:
        prepared = PreparedPicture(decode_picture(photo, max_pixels=self._max_pixels))
        judgement = judge(self._models.suitability(), prepared)
        ranking = None
        if judgement.usable:
            threshold, refer_malignant = self._thresholds.disease_threshold, self._thresholds.refer_malignant
            ranking = rank(self._models.disease(), prepared, context, threshold, refer_malignant)
        return JudgedPhoto(picture, judgement, ranking)


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """A judgement as it is kept: codes and numbers, no words of any language."""
    return {
        "usable": judgement.usable,
        "probability": judgement.probability,
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
