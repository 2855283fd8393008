"""From the models' answers to the report of them: none of what cannot be used, and which frame it speaks of."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from gateway.config import SiteSettings
from gateway.conversion.clean import clean_picture
from gateway.conversion.facts import SopClass
from gateway.conversion.photo import photo_to_dicom
from gateway.intake.findings import Reported, findings_report
from gateway.intake.judging import Verdict
from inference.disease import Ranking
from inference.rules import RankedDisease
from inference.suitability import Judgement
from tests.unit.conversion.samples import facts, jpeg

JUDGEMENT = Judgement(True, 0.9, 0.5, (), "suitability/3", True)
RANKING = Ranking(
    True, 0.5, "disease/1", (RankedDisease(1, "nevus", 0.8),), (), np.zeros(1, np.float32), True
)  # fmt: skip
FILES: dict[Any, str] = {"suitability": "aa" * 32, "disease": "bb" * 32}


def _about(frames: int | None) -> Reported:
    """A photo's object; with `frames`, as if of so many."""
    said = facts()
    dicom = photo_to_dicom(clean_picture(jpeg()), said, SopClass.VL_PHOTOGRAPHIC)
    if frames is not None:
        dicom.header.NumberOfFrames = frames
    return Reported("default", "a" * 32, dicom, said)


def test_what_cannot_be_used_has_no_report() -> None:
    unusable = Verdict(replace(JUDGEMENT, usable=False), None, FILES)
    assert findings_report(_about(None), unusable, SiteSettings()) is None


@pytest.mark.parametrize(
    ("frames", "judged", "named"),
    [(None, None, None), (12, 7, 7), (1, 1, None), (3, None, 1)],
    ids=["a photo", "a video", "a video of one frame", "pages, of which the first is judged"],
)
def test_the_frame_is_named_where_there_are_others(frames: int | None, judged: int | None, named: int | None) -> None:
    report = findings_report(_about(frames), Verdict(JUDGEMENT, RANKING, FILES, judged), SiteSettings())
    assert report is not None
    (group, *_) = dcmread(io.BytesIO(report.data)).ContentSequence[-2].ContentSequence
    (image,) = [item for item in group.ContentSequence if item.ValueType == "IMAGE"]
    assert image.ReferencedSOPSequence[0].get("ReferencedFrameNumber") == named


def test_the_report_names_what_the_ranking_was_told_of_the_patient_and_no_value() -> None:
    verdict = Verdict(JUDGEMENT, RANKING, FILES, told=("sex", "body_site"))
    for asked, named in ((verdict, ["context=sex,body_site"]), (replace(verdict, told=()), [])):
        report = findings_report(_about(None), asked, SiteSettings())
        assert report is not None
        quality, ranking, *_ = dcmread(io.BytesIO(report.data)).ContentSequence[-2].ContentSequence
        assert [text for text in _parameters(ranking) if text.startswith("context=")] == named
        assert not [text for text in _parameters(quality) if text.startswith("context=")]


def _parameters(group: Dataset) -> list[str]:
    """What the group says of its algorithm (111002 DCM)."""
    return [item.TextValue for item in group.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "111002"]


def test_a_site_that_has_left_the_tables_since_is_told_as_skin() -> None:
    about = _about(None)
    about = replace(about, facts=replace(about.facts, photo=replace(about.facts.photo, body_site="of_yesterday")))
    report = findings_report(about, Verdict(JUDGEMENT, RANKING, FILES), SiteSettings())
    assert report is not None
    *_, group = dcmread(io.BytesIO(report.data)).ContentSequence[-2].ContentSequence
    (site,) = [item for item in group.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "363698007"]
    assert site.ConceptCodeSequence[0].CodeValue == "39937001"
