"""`make demo`, from photos to a hospital that really holds them, with each kind of hospital."""

import subprocess
import sys

import pytest

from deploy.demo.photos import FAULTS, GOOD_FACTS
from tests.peers import REPOSITORY, require

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("hospital", ["orthanc", "simple"])
def test_every_good_photo_arrives_and_every_spoilt_one_is_rejected(hospital: str) -> None:
    options = ["--simple-pacs"] if hospital == "simple" else []
    if hospital == "orthanc":
        require("Orthanc")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--exit", *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(GOOD_FACTS)} photos are at the hospital; every spoilt one was rejected." in done.stdout
    for fault in FAULTS:
        assert f"{fault} " in done.stdout
