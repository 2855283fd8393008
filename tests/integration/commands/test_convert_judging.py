"""`dermgate convert --judge`: what is archived is judged, and a report of it lies beside it."""

import io
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.pixels import pixel_array

from gateway.cli import main
from gateway.commands.converting.finding import Found
from gateway.commands.converting.judging import pictures_of
from gateway.commands.converting.leads import Leads
from gateway.commands.converting.making import Maker
from gateway.commands.converting.planning import plan_conversion
from gateway.commands.converting.terms import Terms
from gateway.config import IntakeSettings, SiteSettings
from gateway.conversion.findings.document import COMPREHENSIVE_3D_SR
from tests.integration.commands.photos import Convert, contents, draw, serve
from tests.integration.conversion import kinds
from tests.integration.conversion.kinds import KINDS, SPECIAL
from tests.peers import dciodvfy_errors
from tests.unit.conversion.samples import furthest, scene

LARGE = (300, 260)


def named(folder: Path) -> dict[str, Dataset]:
    return {name: dcmread(io.BytesIO(data)) for name, data in contents(folder).items()}


def test_a_photo_that_cannot_be_judged_is_converted_and_says_why(folder: Path, convert: Convert) -> None:
    """One too small for the models."""
    code, records, _ = convert("in/a.jpg", "-o", "out", "--judge")
    assert (code, records[0]["state"], records[0]["report"]) == (0, "converted", None)
    assert "short side" in records[0]["problem"]
    assert len(contents(folder / "out")) == 1


def test_an_unusable_photo_is_converted_and_has_no_report(folder: Path, convert: Convert) -> None:
    serve(folder, "out_of_focus")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    code, records, _ = convert("in/a.jpg", "-o", "out", "--judge")
    assert (code, records[0]["state"], records[0]["report"]) == (0, "converted", None)
    assert records[0]["judgement"]["reasons"][0]["code"] == "out_of_focus"
    assert len(contents(folder / "out")) == 1


def test_the_table_counts_what_the_models_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serve(folder, "out_of_focus")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    assert main(["convert", "in", "-o", "out", "--judge", "--jobs", "1"]) == 0
    rows = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert rows == [["converted", "3"], ["dated", "by", "the", "file", "3"], ["unusable", "1"], ["not", "judged", "2"]]


def test_a_usable_photo_has_its_report_beside_it_in_the_same_study(folder: Path, convert: Convert) -> None:
    serve(folder, "usable")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    said = ("--names", "source", "--patient-id", "P-1", "--body-site", "forearm", "--laterality", "L")
    code, records, _ = convert("in/a.jpg", "-o", "out", "--judge", *said)
    assert (code, records[0]["ranking"]["diseases"][0]["code"]) == (0, "NEV")
    image, report = (named(folder / "out")[name] for name in ("a.jpg.dcm", "a.jpg.report.dcm"))
    assert records[0]["report"]["dicom"]["sop_instance_uid"] == report.SOPInstanceUID
    assert Path(records[0]["report"]["output"]).name == "a.jpg.report.dcm"
    assert report.SOPClassUID == COMPREHENSIVE_3D_SR
    assert (report.StudyInstanceUID, report.PatientID) == (image.StudyInstanceUID, "P-1")
    assert report.SeriesInstanceUID != image.SeriesInstanceUID
    assert (report.SeriesNumber, report.InstanceNumber) == (100 + image.SeriesNumber, image.InstanceNumber)
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    referenced = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert referenced.ReferencedSOPInstanceUID == image.SOPInstanceUID
    assert dciodvfy_errors(folder / "out" / "a.jpg.report.dcm") == []


def test_judging_again_changes_nothing_and_other_models_make_another_report(folder: Path, convert: Convert) -> None:
    serve(folder, "usable")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    convert("in/a.jpg", "-o", "out", "--judge")
    once = contents(folder / "out")
    assert convert("in/a.jpg", "-o", "out", "--judge")[1][0]["state"] == "unchanged"
    assert contents(folder / "out") == once
    serve(folder, "usable", 0.8)
    assert convert("in/a.jpg", "-o", "out", "--judge")[1][0]["state"] == "converted"
    more = contents(folder / "out")
    assert len(more) == len(once) + 1 == 3
    assert {name: more[name] for name in once} == once


def test_a_report_that_cannot_be_written_leaves_nothing_new(folder: Path, convert: Convert) -> None:
    serve(folder, "usable")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    (folder / "out").mkdir()
    (folder / "out" / "a.jpg.report.dcm").write_bytes(b"other")
    code, records, _ = convert("in/a.jpg", "-o", "out", "--judge", "--names", "source")
    assert (code, records[0]["reason"]) == (1, "a.jpg.report.dcm is there already, with other content")
    assert contents(folder / "out") == {"a.jpg.report.dcm": b"other"}


def test_the_settings_may_want_no_reports(folder: Path, convert: Convert) -> None:
    serve(folder, "usable")
    with (folder / "dermgate.toml").open("a") as settings:
        settings.write("[intake]\nreport = false\n")
    draw(folder / "in" / "a.jpg", 20, LARGE)
    _, records, _ = convert("in/a.jpg", "-o", "out", "--judge")
    assert (records[0]["report"], records[0]["judgement"]["usable"]) == (None, True)
    assert len(contents(folder / "out")) == 1


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_picture_that_is_judged_is_the_one_in_the_object(kind: str, tmp_path: Path) -> None:
    file = KINDS[kind].write(scene(240, 257), 6 if KINDS[kind].can_turn else 1, None)
    _assert_judged_as_archived(file, tmp_path)


@pytest.mark.parametrize("kind", sorted(SPECIAL.keys() - {"arithmetic JPEG"}))  # of a fixed, small size
def test_other_samples_and_first_frames_are_judged_as_they_are_archived(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "ODD", (231, 257))
    _assert_judged_as_archived(SPECIAL[kind](), tmp_path)


def _assert_judged_as_archived(file: bytes, folder: Path) -> None:
    path = folder / "photo"
    path.write_bytes(file)
    (task,) = plan_conversion([(Found(path, "photo"), {})], lambda _path, _fields: None).tasks
    terms = Terms(SiteSettings(), IntakeSettings(), "1")
    made = Maker(terms, Leads(terms)).make(task)
    ((frame, judged),) = pictures_of(made)
    pixels = pixel_array(io.BytesIO(b"".join(made.dicom.parts)), index=0)
    archived = pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
    assert (frame, judged.orientation, (judged.height, judged.width)) == (None, 1, archived.shape[:2])
    assert furthest(np.asarray(judged.image), archived) <= 2
