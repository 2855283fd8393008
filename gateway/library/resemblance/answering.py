"""With which reference cases an answer is illustrated: looked up when a photo is answered, and kept with its ranking.

What is kept are ids, so that an answer goes on saying what it said; whether a case may be shown is asked when it is
(`showing`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.library.cases.facts import age_band_of
from gateway.library.resemblance.comparing import Question, Similar
from gateway.library.resemblance.embeddings import Vector
from gateway.library.resemblance.index import ResemblanceIndex
from inference.context import PatientContext

COMPARED = 3
"""The first diseases of a ranking whose similar cases are shown."""
ILLUSTRATED = 10
"""The first diseases of a ranking that a case's picture is looked for."""
_KEPT = 6
"""Cases kept for a disease that is compared: more than are shown, since some may be withdrawn later."""
_KEPT_FOR_A_PICTURE = 2


class Illustrating:
    """Looks up cases in the index."""

    def __init__(self, index: ResemblanceIndex) -> None:
        self._index = index

    def examples(
        self, model: str, embedding: Vector, diseases: Sequence[str], hospital: str, patient: PatientContext
    ) -> Mapping[str, Any]:
        """By disease, what is kept of its most resembling cases in the hospital's library, as JSON.

        `model` is the SHA-256 of the file that made the embedding, `diseases` are slugs, the likeliest first. Nothing
        where the library is not embedded with that model.
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
        found = {}
        for rank, disease in enumerate(diseases[:ILLUSTRATED], 1):
            limit = _KEPT if rank <= COMPARED else _KEPT_FOR_A_PICTURE
            similar = comparing.similar(replace(question, disease=disease, limit=limit))
            if similar.cases:
                found[disease] = _kept(similar)
        return found


def _kept(similar: Similar) -> dict[str, Any]:
    narrowing = similar.narrowing
    return {
        "cases": [
            {"case": each.case_id, "picture": each.picture, "resemblance": round(each.resemblance, 4)}
            for each in similar.cases
        ],
        "matched": {
            "sex": narrowing.sex is not None,
            "age": narrowing.age,
            "body_site": narrowing.site_match,
        },
    }
