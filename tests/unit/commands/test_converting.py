"""Finding, describing, planning and writing: `dermgate convert` before and after a photo is made an object."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.commands.converting import finding
from gateway.commands.converting.finding import Found, TooManyFiles, find_files
from gateway.commands.converting.outcome import State
from gateway.commands.converting.passing import passed_by
from gateway.commands.converting.planning import ConversionPlan, Task, plan_conversion, with_distinct_names
from gateway.commands.converting.reading import NotAFile, read_photo
from gateway.commands.converting.sheet import describe, read_sheet
from gateway.commands.converting.writing import OtherContent, is_there, put_in_place, write_beside
from gateway.commands.errors import CommandError
from gateway.conversion.facts import SopClass
from gateway.intake.request import PhotoFields


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return [folder / name for name in names]


def classified(path: Path, fields: PhotoFields) -> SopClass | None:
    """A file is what it is called."""
    if path.name.startswith("unreadable"):
        return None
    if path.suffix == ".mp4":
        return SopClass.VIDEO_PHOTOGRAPHIC
    return SopClass.DERMOSCOPIC if "known" in path.name else SopClass.VL_PHOTOGRAPHIC


def plan(*said: tuple[str, Mapping[str, str]]) -> ConversionPlan:
    return plan_conversion([(Found(Path("/photos", name), name), fields) for name, fields in said], classified)


def tasks(*said: tuple[str, Mapping[str, str]]) -> dict[str, Task]:
    return {task.name: task for task in plan(*said).tasks}


class TestFinding:
    def test_too_many_files_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files(tmp_path, "a", "b", "c")
        monkeypatch.setattr(finding, "MAX_FILES", 2)
        with pytest.raises(TooManyFiles):
            find_files([tmp_path])

    def test_folders_are_gone_through_and_numbers_count_as_numbers(self, tmp_path: Path) -> None:
        files(tmp_path, "b/10.jpg", "b/9.jpg", "a.jpg", ".hidden", ".git/x", "out/x.dcm")
        found = find_files([tmp_path], leaving_out=[tmp_path / "out"])
        assert [each.name for each in found] == ["a.jpg", "b/9.jpg", "b/10.jpg"]

    def test_pipes_in_folders_are_passed_by_and_links_to_folders_not_followed(self, tmp_path: Path) -> None:
        files(tmp_path, "a.jpg")
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "again").symlink_to(tmp_path)
        assert [each.name for each in find_files([tmp_path])] == ["a.jpg"]

    def test_what_is_no_picture_by_bytes_and_name_is_passed_by_where_nobody_named_it(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0 a JPEG")
        (tmp_path / "in" / "damaged.jpg").write_text("words")
        for name in ("Thumbs.db", "notes.txt", "doc.pdf", "named.txt", "in_a_row.txt"):
            (tmp_path / "in" / name).write_text("%PDF" if name == "doc.pdf" else "words")
        found = find_files([tmp_path / "in", tmp_path / "in" / "named.txt"])
        (tmp_path / "s.csv").write_text("file\nin/in_a_row.txt\n")
        described, _ = describe(found, read_sheet(tmp_path / "s.csv"), tmp_path)
        passed = passed_by(file for file, _ in described)
        assert sorted(file.name for file in passed) == ["Thumbs.db", "doc.pdf", "notes.txt"]
        assert {each.state for each in passed.values()} == {State.PASSED_BY}

    def test_what_is_named_twice_is_taken_once_and_what_is_not_there_stays(self, tmp_path: Path) -> None:
        (photo,) = files(tmp_path, "a.jpg")
        found = find_files([photo, tmp_path, tmp_path / "none.jpg"])
        assert [each.name for each in found] == ["a.jpg", "none.jpg"]


class TestReading:
    def test_a_pipe_is_no_photo_and_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(NotAFile):
            read_photo(tmp_path / "pipe", 10)

    def test_a_file_larger_than_allowed_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"12345")
        assert read_photo(tmp_path / "a", 5)[0] == b"12345"
        with pytest.raises(NotAFile):
            read_photo(tmp_path / "a", 4)


class TestSheet:
    @pytest.mark.parametrize(
        ("text", "told"),
        [("", "no column 'file'"), ("body_site\nface\n", "no column 'file'"), ("file,colour\na,b\n", "'colour'"),
         ("file,note\na,b,c\n", "line 2: more cells"), ("file,note\n,b\n", "line 2: no file is named"),
         ("file\na\n./a\n", "line 3: the file of line 2 again"), ("file,file\na,b\n", "stands twice"),
         ('file,note\na,"b"c\n', "line 2")],
    )  # fmt: skip
    def test_what_is_no_sheet_is_refused_with_its_place(self, tmp_path: Path, text: str, told: str) -> None:
        (tmp_path / "s.csv").write_text(text)
        with pytest.raises(CommandError, match=told):
            read_sheet(tmp_path / "s.csv")

    @pytest.mark.parametrize("delimiter", [";", "\t", ","])
    def test_what_a_countrys_spreadsheets_write_between_cells_is_told_by_the_header(
        self, tmp_path: Path, delimiter: str
    ) -> None:
        rows = [("file", "note", "shape"), ("a.jpg", '"one; two, three\nfour"', "round")]
        (tmp_path / "s.csv").write_text("\r\n".join(map(delimiter.join, rows)), encoding="utf-8-sig", newline="")
        (row,) = read_sheet(tmp_path / "s.csv")
        assert row.fields == {"note": "one; two, three\nfour", "shape": "round"}

    def test_a_sheet_of_another_encoding_is_refused_with_the_line_and_what_to_do(self, tmp_path: Path) -> None:
        (tmp_path / "s.csv").write_bytes("file,patient_name\na.jpg,P\nb.jpg,홍길동\n".encode("cp949"))
        with pytest.raises(CommandError, match=r'line 3: is not UTF-8; .* "CSV UTF-8"'):
            read_sheet(tmp_path / "s.csv")

    def test_rows_find_their_files_below_the_sheet_or_by_their_name_in_the_folder(self, tmp_path: Path) -> None:
        files(tmp_path, "in/x/a.jpg", "in/b.jpg", "in/c.jpg")
        (tmp_path / "s.csv").write_text("file,note\nb.jpg,two\nin/x/a.jpg,one\nnone.jpg,three\n", encoding="utf-8-sig")
        described, faults = describe(find_files([tmp_path / "in"]), read_sheet(tmp_path / "s.csv"), tmp_path)
        assert [(file.name, dict(said)) for file, said in described] == [
            ("b.jpg", {"note": "two"}), ("x/a.jpg", {"note": "one"}), ("c.jpg", {}),
        ]  # fmt: skip
        assert [(fault.name, fault.reason) for fault in faults] == [
            ("none.jpg", "line 4 of the sheet: there is no such file among those given")
        ]

    def test_a_row_that_could_mean_two_files_describes_neither(self, tmp_path: Path) -> None:
        files(tmp_path, "one/a.jpg", "two/a.jpg")
        (tmp_path / "s.csv").write_text("file,patient_id\na.jpg,P1\n")
        found = find_files([tmp_path / "one", tmp_path / "two"])
        described, faults = describe(found, read_sheet(tmp_path / "s.csv"), tmp_path)
        assert described == []
        assert "several files" in faults[0].reason


class TestPlanning:
    def test_no_series_of_a_large_case_has_the_number_of_the_reports_of_another(self) -> None:
        operators = [(f"{number}.jpg", {"case_id": "c", "operator": f"N{number}"}) for number in range(250)]
        numbers = {task.series_number for task in tasks(*operators).values()}
        assert len(numbers) == 250
        assert not numbers & {number + 100 for number in numbers}

    def test_a_case_of_two_patients_is_refused(self) -> None:
        said = [("a", {"case_id": "1", "patient_id": "P1"}), ("b", {"case_id": "1", "patient_id": "P2"})]
        assert [(each.name, each.reason) for each in plan(*said, ("c", {"case_id": "1"})).skipped] == [
            (name, "patient_id: a and b of one case say different things") for name in "abc"
        ]
        assert plan(*said).tasks == ()

    def test_what_one_photo_says_of_the_study_holds_for_all_and_contradictions_are_refused(self) -> None:
        placed = tasks(("a", {"case_id": "1", "study_description": "visit"}), ("b", {"case_id": "1"}))
        assert placed["b"].fields.study_description == "visit"
        said = [(name, {"case_id": "1", "accession_number": name}) for name in "ab"]
        assert [each.code for each in plan(*said).skipped] == ["case_contradicts"] * 2

    @pytest.mark.parametrize(
        ("fields", "told"),
        [({"body_site": "moon"}, "body_site: is no body site that is known"), ({"laterality": "X"}, "laterality: "),
         ({"case_id": "a\\b"}, "case_id: "), ({"case_id": "1", "study_instance_uid": "1.2"}, "exclude each other")],
    )  # fmt: skip
    def test_fields_that_cannot_be_used_skip_their_photo_alone(self, fields: dict[str, str], told: str) -> None:
        planned = plan(("a", fields), ("b", {}))
        assert [task.name for task in planned.tasks] == ["b"]
        assert told in planned.skipped[0].reason

    def test_series_go_by_site_side_and_kind_and_numbers_run(self) -> None:
        placed = tasks(
            ("a", {"case_id": "1", "body_site": "hand", "laterality": "L"}),
            ("b", {"case_id": "1", "body_site": "face"}),
            ("c", {"case_id": "1", "body_site": "hand", "laterality": "L"}),
            ("d", {"body_site": "hand", "laterality": "L"}),
        )
        numbers = {name: (task.series_number, task.instance_number) for name, task in placed.items()}
        assert numbers == {"a": (1, 1), "b": (2, 1), "c": (1, 2), "d": (1, 1)}
        assert [task.lead.name for task in placed.values()] == ["a", "a", "a", "d"]

    def test_what_one_photo_says_of_the_patient_holds_for_the_whole_case(self) -> None:
        placed = tasks(("a", {"case_id": "1"}), ("b", {"case_id": "1", "patient_id": "P1", "patient_sex": "F"}))
        assert (placed["a"].fields.patient_id, placed["a"].fields.patient_sex) == ("P1", "F")

    def test_the_study_begins_with_the_earliest_moment_said(self) -> None:
        early, late = "2026-05-01T10:00:00+09:00", "2026-05-01T11:00:00+09:00"
        placed = tasks(
            ("a", {"case_id": "1", "captured_at": late}), ("b", {"case_id": "1", "captured_at": early}), ("c", {})
        )
        assert placed["a"].started_at == placed["b"].fields.captured_at
        assert placed["c"].started_at is None

    def test_of_two_files_called_alike_the_second_is_told(self) -> None:
        both = [(Found(Path(folder, "a.jpg"), "a.jpg"), dict[str, str]()) for folder in ("x", "y")]
        planned = with_distinct_names(plan_conversion(both, classified))
        assert [task.path for task in planned.tasks] == [Path("x/a.jpg")]
        assert [(each.code, each.reason.partition(":")[0]) for each in planned.skipped] == [
            ("same_name", "y/a.jpg would be written over what becomes of x/a.jpg")
        ]

    def test_a_file_called_as_the_report_of_another_is_told(self) -> None:
        planned = plan(("a.jpg", {}), ("a.jpg.report", {}))
        assert len(with_distinct_names(planned).tasks) == 2
        assert [task.name for task in with_distinct_names(planned, reports=True).tasks] == ["a.jpg"]

    def test_a_series_has_one_modality_and_a_number_of_its_own(self) -> None:
        dermoscopic = {"case_id": "1", "kind": "dermoscopic"}
        placed = tasks(
            ("known.jpg", dermoscopic), ("other.jpg", dermoscopic), ("known2.jpg", dermoscopic),
            ("film.mp4", dermoscopic), ("film2.mp4", {"case_id": "1"}), ("clinical.jpg", {"case_id": "1"}),
        )  # fmt: skip
        numbers = {name: (task.series_number, task.instance_number) for name, task in placed.items()}
        assert numbers == {
            "known.jpg": (1, 1), "known2.jpg": (1, 2), "other.jpg": (2, 1),
            "film.mp4": (3, 1), "film2.mp4": (4, 1), "clinical.jpg": (5, 1),
        }  # fmt: skip

    def test_a_case_is_led_by_a_photo_that_can_be_read(self) -> None:
        case = {"case_id": "1"}
        placed = tasks(("unreadable.jpg", case), ("film.mp4", case), ("a.jpg", case), ("b.jpg", case))
        assert {task.lead.name for task in placed.values()} == {"a.jpg"}
        placed = tasks(("unreadable.jpg", case), ("film.mp4", case), ("film2.mp4", case))
        assert {task.lead.name for task in placed.values()} == {"film.mp4"}

    def test_a_file_that_is_a_case_by_itself_is_not_looked_into(self) -> None:
        def never(path: Path, fields: PhotoFields) -> SopClass | None:
            raise AssertionError

        (task,) = plan_conversion([(Found(Path("a"), "a"), {})], never).tasks
        assert (task.alone, task.lead, task.series_number) == (True, Path("a"), 1)


class TestWriting:
    def test_other_content_is_told_and_the_same_is_recognised(self, tmp_path: Path) -> None:
        target = tmp_path / "a.dcm"
        assert not is_there(target, [b"one"])
        put_in_place(write_beside(target, [b"o", b"ne"]), target)
        assert target.read_bytes() == b"one"
        assert is_there(target, [b"on", b"e"])
        for other in ([b"two"], [b"longer"]):
            with pytest.raises(OtherContent):
                is_there(target, other)

    def test_nothing_is_left_of_a_write_that_fails(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError):
            write_beside(tmp_path / "a.dcm", [b"one", "two"])  # type: ignore[list-item]  # that is the point
        (tmp_path / "folder").mkdir()
        pending = write_beside(tmp_path / "folder", [b"one"])
        with pytest.raises(OSError):  # noqa: PT011 - of several kinds
            put_in_place(pending, tmp_path / "folder")
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_page_names_every_column() -> None:
    page = (Path(__file__).parents[3] / "docs" / "convert.md").read_text("utf-8")
    first_cells = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert not [name for name in PhotoFields.model_fields if f"`{name}`" not in first_cells]
