"""The gateway dies while it receives: whatever was answered with success is there when it runs again."""

import re
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.bench.dimse_sending import make_objects
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, require

pytestmark = pytest.mark.peer
ASSOCIATIONS, OBJECTS = 3, 240


class Storing(threading.Thread):
    """storescu, and which of its files were answered with success."""

    def __init__(self, port: int, paths: list[Path]) -> None:
        super().__init__()
        self._command = [str(require("storescu")), "-v", "-xy", LOOPBACK, str(port), *map(str, paths)]
        self.stored: list[Path] = []

    def run(self) -> None:
        done = subprocess.run(
            self._command, capture_output=True, text=True, timeout=60, check=False, env={"TCP_NODELAY": "1"}
        )
        file = Path()
        for line in (done.stdout + done.stderr).splitlines():
            if sending := re.search(r"Sending file: (.+)", line):
                file = Path(sending[1])
            elif "Received Store Response (Success)" in line:
                self.stored.append(file)


@pytest.mark.parametrize("moment", [0.3, 0.55])
def test_what_was_answered_with_success_outlives_a_kill(tmp_path: Path, moment: float) -> None:
    gateway = GatewayProcess(tmp_path / "gateway")
    try:
        gateway.start()
        with make_objects(tmp_path, "67 kB", OBJECTS) as objects:
            paths = [*objects.paths.values()]
            storing = [Storing(gateway.dimse_port, paths[one::ASSOCIATIONS]) for one in range(ASSOCIATIONS)]
            for one in storing:
                one.start()
            time.sleep(moment)
            gateway.kill()
            for one in storing:
                one.join()
            stored = {path for one in storing for path in one.stored}
            answered = {uid for uid, path in objects.paths.items() if path in stored}
        assert 0 < len(answered) < OBJECTS
        gateway.start()
        found = gateway.http.get("/dicom-web/instances", params={"limit": str(2 * OBJECTS)}).raise_for_status().json()
        held = {instance["00080018"]["Value"][0] for instance in found}
        assert answered <= held
        assert len(held - answered) <= ASSOCIATIONS, "at most the one whose answer was lost, of each"
        verified = gateway.run("verify")
        assert verified.returncode == 0, verified.stdout
        assert not list((gateway.folder / "objects" / "pending").glob("*/*"))
    finally:
        gateway.close()
