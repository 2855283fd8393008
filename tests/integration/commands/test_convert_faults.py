"""`dermgate convert`: what goes wrong in a process that converts costs one file, never the run."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.commands.converting import bounds, looking, working
from gateway.commands.converting.finding import find_files
from gateway.commands.converting.making import MadeObject, Maker
from gateway.commands.converting.outcome import Outcome
from gateway.commands.converting.planning import Task, plan_conversion
from gateway.commands.converting.pool import Pool
from gateway.commands.converting.terms import Placement, Terms
from gateway.config import IntakeSettings, SiteSettings
from gateway.conversion.facts import SopClass
from gateway.intake.request import PhotoFields
from tests.integration.commands.photos import Convert, contents, serve
from tests.models import overwrite

PIXELS = 4_000_000


def _unasked(path: Path, fields: PhotoFields) -> SopClass | None:
    raise AssertionError(path, fields)


def _run(folder: Path) -> dict[str, Outcome]:
    """Convert the folder's photos in two processes."""
    (folder / "out").mkdir()
    tasks = plan_conversion([(file, {}) for file in find_files([folder / "in"])], _unasked).tasks
    terms = Terms(SiteSettings(), IntakeSettings(max_bytes=PIXELS, max_pixels=PIXELS), "1")
    pool = Pool(terms, Placement(folder / "out", "source", overwrite=False), 2)
    return {outcome.name: outcome for outcome in pool.run(tasks)}


def _address_space() -> int:
    """Bytes that this process has mapped: tests before may have loaded much."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    time.sleep(60)


def _fail() -> None:
    raise ZeroDivisionError("words of the photo")


def _eat() -> None:
    bytearray(64 * 1024**3)


@pytest.mark.parametrize(
    ("evil", "reason"),
    [
        (_die, "the process that converted it died or took too long"),
        (_hang, "the process that converted it died or took too long"),
        (_fail, "cannot be converted: ZeroDivisionError"),
        (_eat, "there is not enough memory for it"),
    ],
)
def test_a_file_that_brings_its_process_down_is_found_out_and_costs_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch, evil: Callable[[], None], reason: str
) -> None:
    whole = Maker.make

    def make(self: Maker, task: Task) -> MadeObject:
        if task.name == "b.jpg":
            evil()
        return whole(self, task)

    monkeypatch.setattr(Maker, "make", make)  # a fork takes it over
    monkeypatch.setattr(working, "PHOTO_SECONDS", 5.0)  # forks of a large process are slow
    monkeypatch.setattr(bounds, "_MEMORY_BYTES", bounds._MEMORY_BYTES + _address_space())  # and begin as large
    outcomes = _run(folder)
    assert outcomes["b.jpg"].reason == reason
    assert {name for name, outcome in outcomes.items() if outcome.written} == {"a.jpg", "sub/c.png"}
    assert set(contents(folder / "out")) == {"a.jpg.dcm", "c.png.dcm"}


def test_where_no_process_can_begin_the_run_ends_with_two(folder: Path, convert: Convert) -> None:
    """A model that cannot be loaded is no fault of each photo."""
    store = serve(folder, "usable")
    overwrite(store.folder("disease", 1) / "model.onnx", b"no model")
    code, records, said = convert("in", "-o", "out", "--judge")
    assert (code, records) == (2, [])
    assert "no worker can begin: " in said
    assert contents(folder / "out") == {}


def test_a_file_that_cannot_even_be_looked_at_costs_no_other(
    folder: Path, convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dermoscopic photos of a case are looked at before they are converted."""

    def fail(photo: bytes) -> None:
        raise ZeroDivisionError(len(photo))

    monkeypatch.setattr(looking, "glance", fail)
    (folder / "in" / "gone.jpg").symlink_to("nowhere")
    code, records, _ = convert("in", "in/gone.jpg", "-o", "out", "--case-id", "visit", "--kind", "dermoscopic")
    assert code == 1
    states = {record["file"]: record["state"] for record in records}
    assert states == {"a.jpg": "converted", "b.jpg": "converted", "sub/c.png": "converted", "gone.jpg": "skipped"}
    assert len({record["dicom"]["study_instance_uid"] for record in records if record["dicom"]}) == 1


def test_a_damaged_first_file_does_not_divide_a_strangers_case(folder: Path, convert: Convert) -> None:
    (folder / "in" / "a.jpg").write_bytes((folder / "in" / "a.jpg").read_bytes()[:300])
    code, records, _ = convert("in", "-o", "out", "--case-id", "visit")
    assert code == 1
    made = [record["dicom"] for record in records if record["dicom"]]
    assert len(made) == 2
    assert len({each["study_instance_uid"] for each in made}) == 1
