"""Which of the cases that were kept with an answer are shown beside it."""

from typing import Any

from gateway.library.resemblance.showing import ALIKE, LiveCase, illustrated

LIVE = {name: LiveCase(name, "clinical", None, None, None) for name in ("near", "edge", "far")}
MATCHED = {"sex": False, "age": "any", "body_site": "any"}


def test_cases_that_hardly_resemble_the_photo_are_not_shown_as_similar() -> None:
    shown = _illustrated({"near": 0.9, "edge": ALIKE, "far": ALIKE - 0.0001})
    assert [each["case"] for each in shown["similar"]] == ["near", "edge"]
    assert shown["matched"] == MATCHED


def test_where_no_case_resembles_the_photo_the_disease_still_has_its_picture() -> None:
    shown = _illustrated({"far": 0.2})
    assert (shown["similar"], shown["matched"]) == ([], None)
    assert (shown["picture_kind"], shown["picture"]) == ("case", "/api/v1/library/cases/far/pictures/1")


def _illustrated(resemblances: dict[str, float]) -> dict[str, Any]:
    cases = [{"case": name, "picture": 1, "resemblance": share} for name, share in resemblances.items()]
    ranking = {"examples": {"nevus": {"pictured": cases[:1], "cases": cases, "matched": MATCHED}}}
    return illustrated(ranking, "nevus", LIVE, "en")
