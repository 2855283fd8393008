"""What the models say of a photo that is converted; the photo is converted whatever they say.

Imported only where it is asked for: the runtime of the models takes as long to load as all else.
"""

from datetime import datetime
from typing import Any

from gateway.commands.converting.terms import JudgeTerms
from gateway.config import Settings
from gateway.intake.context import patient_context
from gateway.intake.judging import Verdict, judgement_json, ranking_json
from gateway.intake.request import PhotoFields
from inference.bundling import BUNDLED
from inference.disease import rank
from inference.errors import InferenceError
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import load_model
from inference.store import ModelStore
from inference.suitability import judge


def judge_terms(settings: Settings) -> JudgeTerms:
    """The models that serve by the settings; the bundled ones where there is no store. Raises InferenceError."""
    store = ModelStore(settings.models.store)
    if not store.root.exists():
        store = ModelStore(BUNDLED)
        versions = (store.versions("suitability")[-1], store.versions("disease")[-1])
    else:
        versions = (store.serving("suitability"), store.serving("disease"))
    return JudgeTerms(
        suitability=store.folder("suitability", versions[0]),
        disease=store.folder("disease", versions[1]),
        disease_threshold=settings.models.disease_threshold,
        refer_malignant=settings.models.refer_malignant,
        max_pixels=settings.intake.max_pixels,
    )


class BatchJudge:
    """Both models in this process, one thread each: the other cores have photos of their own."""

    def __init__(self, terms: JudgeTerms) -> None:
        self._terms = terms
        self._suitability = load_model(terms.suitability, threads=1)
        self._disease = load_model(terms.disease, threads=1)

    def verdict(self, photo: bytes, fields: PhotoFields, at: datetime) -> dict[str, Any]:
        """The judgement, and the ranking of a usable photo; or the `problem` that kept the models from looking."""
        try:
            picture = PreparedPicture(decode_picture(photo, max_pixels=self._terms.max_pixels))
            judgement = judge(self._suitability, picture)
            ranking = None
            if judgement.usable:
                limits = self._terms.disease_threshold, self._terms.refer_malignant
                ranking = ranking_json(rank(self._disease, picture, patient_context(fields, at), *limits))
        except InferenceError as error:
            return {"problem": str(error)}
        return {"judgement": judgement_json(Verdict(judgement, None, {})), "ranking": ranking}
