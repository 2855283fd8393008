"""With which reference cases an answer is illustrated: looked up when a photo is answered, and kept with its ranking.

What is kept are ids, so that an answer goes on saying what it said; whether a case may be shown is asked when it is
(`showing`).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.library.cases.facts import age_band_of
from gateway.library.resemblance.comparing import Comparing, Question, Similar
from gateway.library.resemblance.embeddings import Vector
from gateway.library.resemblance.index import ResemblanceIndex
from inference.context import PatientContext

logger = logging.getLogger(__name__)

COMPARED = 3
"""The first diseases of a ranking whose similar cases are shown."""
ILLUSTRATED = 10
"""The first diseases of a ranking that a case's picture is looked for."""
SHOWN = 3
"""Similar cases shown for a disease."""
_KEPT = 6
"""Similar cases kept: some may be withdrawn later."""
_PICTURED = 2
"""Cases kept whose picture stands for the disease: those nearest to what is known of the patient."""


class Illustrating:
    """Looks up cases in the index."""

    def __init__(self, index: ResemblanceIndex) -> None:
        self._index = index

    def examples(
        self, model: str, embedding: Vector, diseases: Sequence[str], hospital: str, patient: PatientContext
    ) -> Mapping[str, Any]:
        """By disease, what is kept of its most resembling cases in the hospital's library, as JSON.

        `model` is the SHA-256 of the file that made the embedding, `diseases` are slugs, the likeliest first. Nothing
        where the library is not embedded with that model, or cannot be searched: a photo is answered all the same.
        """
        comparing = self._index.of_model(model)
        if comparing is None:
            return {}
        question = Question(
            embedding=embedding,
            hospitals=frozenset({hospital}),
            sex=patient.sex,
            age_band=age_band_of(patient.age_years),
            body_site=patient.body_site,
        )
        try:
            return _found(comparing, question, diseases[:ILLUSTRATED])
        except Exception:  # pictures beside an answer, which must not cost the answer
            logger.exception("the library could not be searched for an answer")
            return {}


def _found(comparing: Comparing, question: Question, diseases: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for rank, disease in enumerate(diseases, 1):
        of_disease = replace(question, disease=disease)
        pictured = comparing.similar(replace(of_disease, limit=_PICTURED, enough=1))
        if pictured.cases:
            found[disease] = {"pictured": _kept(pictured)}
        if pictured.cases and rank <= COMPARED:
            similar = comparing.similar(replace(of_disease, limit=_KEPT, enough=SHOWN))
            found[disease] |= {"cases": _kept(similar), "matched": _matched(similar)}
    return found


def _kept(similar: Similar) -> list[dict[str, Any]]:
    return [
        {"case": each.case_id, "picture": each.picture, "resemblance": round(each.resemblance, 4)}
        for each in similar.cases
    ]


def _matched(similar: Similar) -> dict[str, Any]:
    narrowing = similar.narrowing
    return {"sex": narrowing.sex is not None, "age": narrowing.age, "body_site": narrowing.site_match}
