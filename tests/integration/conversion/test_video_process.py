"""The process that works on a video: what its ends mean, what it gets to see, and what is left of it."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.conversion.video.errors import (
    VideoTooCostlyError,
    VideoTooLongError,
    VideoWorkDied,
    VideoWorkHindered,
)
from gateway.conversion.video.job import FAULT, FAULTY, HINDERED, STORED, VideoWishes
from gateway.conversion.video.process import check_end, environment, run_worker
from gateway.conversion.video.running import clean_video
from gateway.conversion.video.workplace import PREFIX, tidy, work_folder
from tests.unit.conversion.video.samples import make_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_video(tmp_path_factory.mktemp("video") / "v.mp4", frames=2, size=(64, 48))


def test_a_full_disk_says_nothing_about_the_video(video: Path, tmp_path: Path) -> None:
    with video.open("rb") as stream, work_folder(tmp_path) as folder:
        (folder.path / STORED).symlink_to("/dev/full")
        with pytest.raises(VideoWorkHindered, match="No space left"):
            run_worker(stream, folder, VideoWishes(stills=1), 60.0, lambda: False)


def test_a_place_that_is_no_folder_says_nothing_about_the_video(video: Path) -> None:
    with pytest.raises(VideoWorkHindered, match="no folder"), video.open("rb") as stream:
        clean_video(stream, VideoWishes(), video).__enter__()


def test_a_killed_process_says_nothing_about_the_video(video: Path, tmp_path: Path) -> None:
    def kill() -> bool:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        os.kill(int(children.split()[-1]), signal.SIGKILL)
        return False

    with video.open("rb") as stream, pytest.raises(VideoWorkDied, match="Killed"):
        clean_video(stream, VideoWishes(), tmp_path, stopping=kill).__enter__()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (HINDERED + errno.EDQUOT, VideoWorkHindered, "quota"),
        (1, VideoWorkHindered, "cannot begin"),
        (-signal.SIGTERM, VideoWorkHindered, "was ended"),
        (-signal.SIGINT, VideoWorkHindered, "was ended"),
        (-signal.SIGKILL, VideoWorkDied, "Killed"),
        (-signal.SIGSEGV, VideoWorkDied, "Segmentation fault"),
        (FAULTY, VideoWorkDied, "KeyError"),
        (3, VideoWorkDied, "exit status 3"),
        (-signal.SIGXCPU, VideoTooCostlyError, "processor"),
    ],
)
def test_an_end_means(status: int, error: type[Exception], words: str, tmp_path: Path) -> None:
    (tmp_path / FAULT).write_text("KeyError")
    with pytest.raises(error, match=words):
        check_end(status, tmp_path)


def test_what_becomes_too_large_is_refused_for_good(video: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from gateway.conversion.video import worker; worker.FILE_BYTES = 600; from pathlib import Path;"
        "sys.exit(worker.main(Path(sys.argv[1]), b'{}', 60, __import__('os').getppid()))"
    )
    with video.open("rb") as stream:
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], stdin=stream, check=False, timeout=60)
    assert done.returncode == 0
    assert VideoTooLongError.code in (tmp_path / "refusal.json").read_text()


def test_neither_the_current_folder_nor_the_environment_reaches_it(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("gateway", "gateway/conversion", "gateway/conversion/video"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "gateway/conversion/video/worker.py").write_text("import os; os._exit(0)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DERMGATE_ARCHIVE__DATABASE", "postgresql+psycopg://user:SECRET@host/name")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    monkeypatch.setenv("PYTHONPATH", ".")
    with video.open("rb") as stream, clean_video(stream, VideoWishes(stills=1), Path("working")) as clean:
        assert clean.facts.frames == 2
    assert "SECRET" not in repr(environment())


def test_what_a_killed_process_left_goes_and_what_is_held_stays(video: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from gateway.conversion.video.running import clean_video;"
        "from gateway.conversion.video.job import VideoWishes;"
        "held = clean_video(open(sys.argv[1], 'rb'), VideoWishes(), Path(sys.argv[2])); held.__enter__();"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(video), str(tmp_path)], check=False, timeout=60)
    (left,) = tmp_path.glob(f"{PREFIX}*")
    assert (left / STORED).exists()
    with work_folder(tmp_path) as held:
        assert not left.exists()
        tidy(tmp_path)
        assert held.path.exists()
    assert list(tmp_path.iterdir()) == []
