"""The processes of a fault run: the gateway, and its three destinations, each to be killed and frozen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.fault_run.faulty_pacs import AE_TITLE, CALLER_AE_TITLE
from tests.e2e.fault_run.faulty_process import FaultyPacsProcess
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import Orthanc, Remote, free_port

GATEWAY, ORTHANC, FAULTY, WEB = "gateway", "orthanc", "faulty", "web"
DESTINATIONS = (ORTHANC, FAULTY, WEB)

_PATIENCE = "connect_seconds = 3\nacse_seconds = 3\ndimse_seconds = 3\nidle_seconds = 1"
_COMMITMENT_SECONDS = 8
"""A PACS that was killed has forgotten what it was asked, and is asked again after that."""

_SETTINGS = f"""\
commitment_references = 100
commitment_hours = {_COMMITMENT_SECONDS / 3600}
[[destinations]]
name = "{ORTHANC}"
port = %(orthanc)d
ae_title = "ORTHANC"
proof = "commitment"
max_associations = 2
{_PATIENCE}
[[destinations]]
name = "{FAULTY}"
port = %(faulty)d
ae_title = "{AE_TITLE}"
proof = "commitment"
max_associations = 2
{_PATIENCE}
[[destinations]]
name = "{WEB}"
kind = "stow"
url = "%(web)s/dicom-web"
max_requests = 2
connect_seconds = 3
response_seconds = 3
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What is dealt blows: how it is killed and started again, and its process meanwhile."""

    kill: Callable[[], None]
    start: Callable[[], object]
    pid: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Hospital:
    """The gateway, an Orthanc, the faulty PACS, and behind STOW-RS another gateway."""

    gateway: GatewayProcess
    orthanc: Orthanc
    faulty: FaultyPacsProcess
    web: GatewayProcess

    def targets(self) -> Mapping[str, Target]:
        """Those that are dealt blows, by name; gateways may be killed again before they are ready."""
        return {
            ORTHANC: Target(self.orthanc.kill, self.orthanc.start, lambda: self.orthanc.pid),
            FAULTY: Target(self.faulty.kill, self.faulty.start, lambda: self.faulty.pid),
            WEB: Target(self.web.kill, self.web.launch, lambda: self.web.pid),
            GATEWAY: Target(self.gateway.kill, self.gateway.launch, lambda: self.gateway.pid),
        }


@contextmanager
def running(folder: Path, seed: int) -> Iterator[Hospital]:
    """All of them, started; ended with the block."""
    dimse_port = free_port()
    with ExitStack() as stack:
        web = stack.enter_context(GatewayProcess(folder / "web"))
        orthanc = stack.enter_context(Orthanc(remotes={"gateway": Remote(CALLER_AE_TITLE, dimse_port)}))
        faulty = FaultyPacsProcess(folder / "faulty", seed, dimse_port)
        stack.callback(faulty.kill)
        faulty.start()
        settings = _SETTINGS % {"orthanc": orthanc.dicom_port, "faulty": faulty.port, "web": web.url}
        gateway = GatewayProcess(folder / "gateway", settings, models=web.models, dimse_port=dimse_port)
        yield Hospital(stack.enter_context(gateway), orthanc, faulty, web)
