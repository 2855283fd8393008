"""A reference case as the API shows it."""

from collections.abc import Sequence

from gateway.conversion.body_sites import find_body_site
from gateway.language import Language
from gateway.library.cases.counting import DiseaseCount, Example
from gateway.library.cases.documents import (
    CaseFeatures,
    CasePicture,
    CountedDisease,
    NamedDisease,
    NamedSite,
    ReferenceCase,
    ReferenceCaseCounts,
)
from gateway.library.cases.facts import band_words
from gateway.library.cases.looking import FoundCase
from gateway.library.diseases import diseases
from gateway.library.tables import ReferencePictureRow


def shown_case(found: FoundCase, language: Language) -> ReferenceCase:
    """The document of a case; a disease that the tables do not know any more is shown by its code alone."""
    row, known = found.row, diseases().get(found.row.disease)
    return ReferenceCase.model_validate(
        {
            "id": row.id,
            "hospital": row.hospital_id,
            "disease": NamedDisease(code=row.disease, name=row.disease if known is None else known.name[language]),
            "kind": row.kind,
            "sex": row.sex,
            "age_band": band_words(row.age_band),
            "body_site": shown_site(row.body_site, language),
            "laterality": row.laterality,
            "features": CaseFeatures.model_validate(row.features),
            "source": row.source,
            "added_on": row.added_at.date(),
            "pictures": [_picture(row.id, each) for each in found.pictures],
        }
    )


def shown_counts(found: Sequence[DiseaseCount]) -> ReferenceCaseCounts:
    """The document of a count."""
    diseases_counted = [
        CountedDisease(code=each.disease, cases=each.cases, picture=_example_url(each.example)) for each in found
    ]
    return ReferenceCaseCounts(cases=sum(each.cases for each in found), diseases=diseases_counted)


def shown_site(slug: str | None, language: Language) -> NamedSite | None:
    """A body site with its name; None where it is not known, or the tables do not know it any more."""
    site = find_body_site(slug or "")
    return None if site is None else NamedSite(slug=site.slug, name=site.korean if language == "ko" else site.english)


def picture_url(case_id: str, number: int) -> str:
    """Where a picture is, on this host."""
    return f"/api/v1/library/cases/{case_id}/pictures/{number}"


def _example_url(example: Example | None) -> str | None:
    return None if example is None else picture_url(example.case_id, example.number)


def _picture(case_id: str, row: ReferencePictureRow) -> CasePicture:
    url = picture_url(case_id, row.number)
    return CasePicture(number=row.number, picture=url, video=None if row.video_key is None else f"{url}/video")
