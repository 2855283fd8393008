"""Orthanc, a real PACS, set up in a folder of its own and reachable from this machine only."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from deploy.demo import processes

_PLUGIN_FOLDERS = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"))  # of Debian's packages


@dataclass(frozen=True, slots=True)
class Remote:
    """A DICOM node that Orthanc may call: its AE title and where it listens."""

    ae_title: str
    port: int
    host: str = processes.LOOPBACK


@dataclass(frozen=True, slots=True)
class Site:
    """One Orthanc: its folder, its ports and its AE title; they stay the same over restarts."""

    folder: Path
    http_port: int
    dicom_port: int
    ae_title: str = "ORTHANC"

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / "orthanc.log"

    @property
    def configuration_file(self) -> Path:
        """Where its configuration stands."""
        return self.folder / "orthanc.json"


def installed() -> Path | None:
    """Orthanc's program, None where it is not installed."""
    found = which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or which("Orthanc")
    return Path(found) if found else None


def configure(site: Site, remotes: Mapping[str, Remote], **settings: object) -> None:
    """Write its configuration; `settings` are further top-level keys of Orthanc's own."""
    configuration = {
        "Name": "hospital", "StorageDirectory": str(site.folder / "db"), "IndexDirectory": str(site.folder / "db"),
        "Plugins": [str(plugin) for plugin in _dicomweb_plugin()],
        "HttpPort": site.http_port, "DicomPort": site.dicom_port, "DicomAet": site.ae_title,
        "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "SslEnabled": False,
        "DicomCheckCalledAet": False, "DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": {name: [node.ae_title, node.host, node.port] for name, node in remotes.items()},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    site.configuration_file.write_text(json.dumps(configuration | settings, indent=1))


def start(program: Path, site: Site) -> subprocess.Popen[bytes]:
    """Start it and wait until both of its ports answer. Raises ProgramFailed where they do not."""
    # Without TCP_NODELAY DCMTK leaves Nagle on, which costs some 40 ms an exchange.
    environment = {"TCP_NODELAY": "1"}
    process = processes.start([program, site.configuration_file], site.log, folder=site.folder, environment=environment)
    processes.wait_for_ports(process, (site.http_port, site.dicom_port), site.log)
    return process


def _dicomweb_plugin() -> list[Path]:
    """The DICOMweb plugin; empty where it is not installed."""
    found = (sorted(folder.glob("libOrthancDicomWeb.so*")) for folder in _PLUGIN_FOLDERS)
    return next((plugins[:1] for plugins in found if plugins), [])
