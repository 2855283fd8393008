"""`dermgate convert`, as the command runs: photos in folders, objects out."""

import io
import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

import pytest
from pydicom import dcmread

from gateway.cli import main
from tests.integration.commands.photos import Convert, contents, draw


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--patient-sex", "Q"), "patient_sex: "),
        (("--csv", "none.csv"), "none.csv"),
        (("--csv", "bad.csv"), "'colour'"),
        (("--case-id", "x", "--study-instance-uid", "1.2.3"), "case_id: and study_instance_uid exclude each other"),
    ],
)
def test_what_cannot_be_begun_ends_with_two_and_writes_nothing(
    folder: Path, convert: Convert, arguments: Sequence[str], told: str
) -> None:
    (folder / "bad.csv").write_text("file,colour\n")
    code, records, said = convert("in", "-o", "out", *arguments)
    assert (code, records) == (2, [])
    assert told in said
    assert contents(folder / "out") == {}


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (("nosuch", "neither.jpg"), "there is no nosuch, no neither.jpg"),
        (("empty",), "there is no photo or video"),
        (("notes",), "there is no photo or video, but 1 other files"),
    ],
)
def test_where_nothing_is_found_the_run_ends_with_two(
    folder: Path, convert: Convert, named: Sequence[str], told: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "notes").mkdir()
    (folder / "notes" / "Thumbs.db").write_bytes(b"words")
    code, records, said = convert(*named, "-o", "out")
    assert (code, records) == (2, [])
    assert f"nothing to convert: {told}" in said
    assert not (folder / "out").exists()


def test_what_only_lies_in_a_folder_is_passed_by_and_told(folder: Path, convert: Convert) -> None:
    (folder / "in" / "notes.txt").write_text("words")
    code, records, _ = convert("in", "-o", "out")
    assert code == 0
    assert {record["file"]: record["state"] for record in records}["notes.txt"] == "passed_by"
    assert convert("in", "in/notes.txt", "-o", "again")[0] == 1


@pytest.mark.parametrize("jobs", ["0", "-1", "257", "many"])
def test_a_number_of_processes_that_cannot_be_is_told_in_words(capsys: pytest.CaptureFixture[str], jobs: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["convert", "in", "-o", "out", "--jobs", jobs])
    assert "--jobs: must be a whole number from 1 to 256" in capsys.readouterr().err


def test_bad_files_are_told_and_skipped(folder: Path, convert: Convert) -> None:
    (folder / "in" / "words.jpg").write_text("no photo")
    (folder / "in" / "cut.jpg").write_bytes((folder / "in" / "a.jpg").read_bytes()[:700])
    code, records, _ = convert("in", "none.jpg", "-o", "out")
    assert code == 1
    bad = {record["file"]: record["reason"] for record in records if record["state"] == "skipped"}
    assert set(bad) == {"words.jpg", "cut.jpg", "none.jpg"}
    assert all(bad.values())
    codes = {record["file"]: record["code"] for record in records}
    assert codes == {
        "a.jpg": None, "b.jpg": None, "sub/c.png": None,
        "words.jpg": "not_a_picture", "cut.jpg": "damaged_picture", "none.jpg": "no_such_file",
    }  # fmt: skip
    assert len({frozenset(record) for record in records}) == 1, "every member is always there"
    assert len(contents(folder / "out")) == 3


def test_the_same_input_gives_the_same_bytes_and_is_left_as_it_is(folder: Path, convert: Convert) -> None:
    code, records, _ = convert("in", "-o", "out")
    assert (code, {record["state"] for record in records}) == (0, {"converted"})
    once = contents(folder / "out")
    assert {f"{record['dicom']['sop_instance_uid']}.dcm" for record in records} == set(once)
    assert {record["state"] for record in convert("in", "-o", "out")[1]} == {"unchanged"}
    convert("in", "-o", "again", "--jobs", "2")
    assert contents(folder / "again") == once


def test_another_time_of_change_is_another_object_where_it_stands_for_the_moment(
    folder: Path, convert: Convert
) -> None:
    """A copy of the folder does not meet other content under its objects' names."""
    code, records, _ = convert("in", "-o", "out")
    assert (code, {record["date"] for record in records}) == (0, {"file"})
    for path in (folder / "in").rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000.7))
    code, later, _ = convert("in", "-o", "out")
    assert (code, {record["state"] for record in later}) == (0, {"converted"})
    for path in (folder / "in").rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))  # as a file system with whole seconds keeps it
    assert {record["state"] for record in convert("in", "-o", "out")[1]} == {"unchanged"}
    dates = {dcmread(record["output"]).StudyDate for record in later}
    assert dates == {"20200913"}


def test_who_told_the_moment_is_told_and_a_said_one_makes_the_time_of_change_meaningless(
    folder: Path, convert: Convert
) -> None:
    said = ("--captured-at", "2026-05-31T14:05:00+09:00")
    code, records, _ = convert("in", "-o", "out", *said)
    assert (code, {record["date"] for record in records}) == (0, {"said"})
    for path in (folder / "in").rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert {record["state"] for record in convert("in", "-o", "out", *said)[1]} == {"unchanged"}


def test_a_case_that_grew_is_not_made_to_contradict_what_is_there(folder: Path, convert: Convert) -> None:
    """A photo that comes before the others would begin the study earlier and take the first number."""
    sheet = folder / "said.csv"
    rows = "in/b.jpg,v,2026-05-02T10:00:00Z\nin/sub/c.png,v,\n"
    sheet.write_text(f"file,case_id,captured_at\n{rows}")
    (folder / "in" / "a.jpg").rename(folder / "a.jpg")
    assert convert("in", "-o", "out", "--csv", "said.csv")[0] == 0
    before = contents(folder / "out")
    sheet.write_text(f"file,case_id,captured_at\nin/a.jpg,v,2026-05-01T10:00:00Z\n{rows}")
    (folder / "a.jpg").rename(folder / "in" / "a.jpg")
    code, records, _ = convert("in", "-o", "out", "--csv", "said.csv")
    assert (code, [record["state"] for record in records]) == (1, ["skipped"] * 3)
    assert [record["code"] for record in records] == ["case_differs", "other_content", "other_content"]
    assert contents(folder / "out") == before
    assert convert("in", "-o", "out", "--csv", "said.csv", "--overwrite")[0] == 0
    objects = [dcmread(io.BytesIO(data)) for data in contents(folder / "out").values()]
    assert {ds.StudyDate for ds in objects} == {"20260501"}
    assert sorted(int(ds.InstanceNumber) for ds in objects) == [1, 2, 3]


def test_a_dermoscopic_photo_that_cannot_be_stored_as_one_is_told(folder: Path, convert: Convert) -> None:
    device = ("--device-maker", "M", "--device-model", "D", "--device-serial", "1")
    _, (record,), _ = convert("in/a.jpg", "-o", "out", "--kind", "dermoscopic", *device)
    assert record["notice"].startswith("stored as a VL Photographic image")
    _, (record,), _ = convert("in/a.jpg", "-o", "out", "--kind", "dermoscopic", *device, "--device-software", "2")
    assert record["notice"] is None


def test_other_content_is_replaced_only_when_asked(folder: Path, convert: Convert) -> None:
    convert("in/a.jpg", "-o", "out", "--names", "source")
    (folder / "out" / "a.jpg.dcm").write_bytes(b"other")
    code, records, _ = convert("in/a.jpg", "-o", "out", "--names", "source")
    assert (code, records[0]["reason"]) == (1, "a.jpg.dcm is there already, with other content")
    assert contents(folder / "out") == {"a.jpg.dcm": b"other"}
    assert convert("in/a.jpg", "-o", "out", "--names", "source", "--overwrite")[0] == 0
    assert dcmread(folder / "out" / "a.jpg.dcm").Modality == "XC"


def test_a_case_is_one_study_with_series_by_site_and_numbers_that_run(folder: Path, convert: Convert) -> None:
    (folder / "in" / "said.csv").write_text(
        "file,case_id,patient_id,patient_name,body_site,laterality,captured_at\n"
        "a.jpg,visit 7,P-1,홍^길동,forearm,L,2026-05-31T14:05:00+09:00\n"
        "b.jpg,visit 7,,,forearm,L,\n"
        "sub/c.png,visit 7,,,face,,\n"
        "d.jpg,visit 7,,,,,\n",
        encoding="utf-8",
    )
    code, records, _ = convert("in", "-o", "out", "--csv", "in/said.csv", "--names", "source")
    assert code == 1
    assert [record["file"] for record in records if record["state"] == "skipped"] == ["d.jpg"]
    a, b, c = (dcmread(folder / "out" / f"{name}.dcm") for name in ("a.jpg", "b.jpg", "sub/c.png"))
    assert a.StudyInstanceUID == b.StudyInstanceUID == c.StudyInstanceUID
    assert a.SeriesInstanceUID == b.SeriesInstanceUID != c.SeriesInstanceUID
    assert [(int(ds.SeriesNumber), int(ds.InstanceNumber)) for ds in (a, b, c)] == [(1, 1), (1, 2), (2, 1)]
    said = {(ds.PatientID, str(ds.PatientName), ds.StudyDate) for ds in (a, b, c)}
    assert said == {("P-1", "홍^길동", "20260531")}


def test_strangers_stay_strangers(folder: Path, convert: Convert) -> None:
    convert("in", "-o", "out")
    objects = [dcmread(io.BytesIO(data)) for data in contents(folder / "out").values()]
    assert len({ds.PatientID for ds in objects}) == len({ds.StudyInstanceUID for ds in objects}) == 3
    assert all(ds.PatientID.startswith("UNID-") for ds in objects)


def test_the_site_of_the_settings_and_its_codes_are_used(folder: Path, convert: Convert) -> None:
    (folder / "codes").mkdir()
    (folder / "codes" / "body_sites.csv").write_text(
        "slug,parent,scheme,code,meaning,body_part,paired,korean,english,aliases,source\n"
        "sole,foot,99WARD,SOLE,Skin of sole,,yes,발바닥,Sole,,ward\n",
        encoding="utf-8",
    )
    (folder / "dermgate.toml").write_text('[site]\ninstitution = "Ward"\ncodes = "codes"\n')
    convert("in/a.jpg", "-o", "out", "--body-site", "sole", "--store-as", "secondary_capture")
    (ds,) = (dcmread(io.BytesIO(data)) for data in contents(folder / "out").values())
    assert (ds.InstitutionName, ds.AnatomicRegionSequence[0].CodeValue) == ("Ward", "SOLE")
    assert ds.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"


def test_an_interrupted_run_leaves_no_half_file(folder: Path) -> None:
    """Ctrl-C in a real process: what is there is whole, and the next run completes it."""
    for number in range(40):
        draw(folder / "in" / f"more{number}.jpg", 90, (900, 700))
    process = get_context("spawn").Process(target=_convert_and_interrupt, args=(str(folder),))
    process.start()
    process.join(120)
    assert process.exitcode == 130
    left = contents(folder / "out")
    assert not [name for name in left if not name.endswith(".dcm")]
    assert all(dcmread(io.BytesIO(data)).Modality == "XC" for data in left.values())
    assert 0 < len(left) < 43
    assert main(["convert", str(folder / "in"), "-o", str(folder / "out"), "--jobs", "2"]) == 0
    assert len(contents(folder / "out")) == 43


def _convert_and_interrupt(folder: str) -> None:
    """Run the command here, and interrupt it as soon as an object is there."""
    out = Path(folder, "out")

    def watch() -> None:
        while not list(out.glob("*.dcm")):
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    raise SystemExit(main(["convert", str(Path(folder, "in")), "-o", str(out), "--jobs", "1"]))
