"""The faulty PACS as a process of its own, and what it leaves in its folder."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo import processes
from tests.e2e.fault_run.faulty_pacs import ACCIDENTS_FILE
from tests.e2e.fault_run.shelf import Arrival, Shelf, lines_of
from tests.peers import REPOSITORY, free_port


@dataclass
class FaultyPacsProcess:
    """`faulty_pacs` in a folder; its port is the same over restarts. `caller_port` is where its reports go."""

    folder: Path
    seed: int
    caller_port: int
    port: int = field(default_factory=free_port)
    _starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._starts += 1
        module, log = "tests.e2e.fault_run.faulty_pacs", self.folder / "pacs.log"
        arguments = [str(self.folder), str(self.port), f"{self.seed}/{self._starts}", str(self.caller_port)]
        self._process = processes.start([sys.executable, "-m", module, *arguments], log, folder=REPOSITORY)
        processes.wait_for_ports(self._process, [self.port], log)

    def kill(self) -> None:
        """End it at once."""
        processes.end(self._process, signal.SIGKILL)

    def files(self) -> Mapping[str, bytes]:
        """What it holds, by SOP Instance UID."""
        return Shelf(self.folder).files()

    def arrivals(self) -> list[Arrival]:
        """Everything that came to it whole, in order."""
        return Shelf(self.folder).arrivals()

    def accidents(self) -> Counter[str]:
        """What befell its associations."""
        return Counter(lines_of(self.folder / ACCIDENTS_FILE))
