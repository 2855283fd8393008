"""Orthanc, a real PACS, set up in a folder of its own.

Its DICOM port cannot be bound to loopback, so others reach it; it answers only to the AE titles it knows, calling
from their own addresses. Its HTTP port answers only to this machine, where there is one.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from deploy.demo import processes

_PLUGIN_FOLDERS = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"))  # of Debian's packages
_OPERATIONS = ("Echo", "Store", "Find", "FindWorklist", "Get", "Move")


@dataclass(frozen=True, slots=True)
class Remote:
    """A DICOM node that Orthanc may call: its AE title and where it listens."""

    ae_title: str
    port: int
    host: str = processes.LOOPBACK


@dataclass(frozen=True, slots=True)
class Site:
    """One Orthanc: its folder, its ports and its AE title; they stay the same over restarts.

    Without an `http_port` it serves DICOM alone.
    """

    folder: Path
    http_port: int | None
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


def configure(site: Site, remotes: Mapping[str, Remote], *, strangers: bool = False, **settings: object) -> None:
    """Write its configuration: only the `remotes`, from their own addresses, may echo, store, find, get and move.

    `strangers` serves every AE title from everywhere, as tests with many of them need it. `settings` are further
    top-level keys of Orthanc's own.
    """
    configuration = {
        "Name": "hospital", "StorageDirectory": str(site.folder / "db"), "IndexDirectory": str(site.folder / "db"),
        "Plugins": [str(plugin) for plugin in _dicomweb_plugin()],
        "DicomPort": site.dicom_port, "DicomAet": site.ae_title, **_http(site.http_port),
        "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "SslEnabled": False,
        "DicomCheckCalledAet": False, "DicomCheckModalityHost": not strangers,
        **{f"DicomAlwaysAllow{operation}": strangers for operation in _OPERATIONS},
        "DicomModalities": {name: [node.ae_title, node.host, node.port] for name, node in remotes.items()},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    site.configuration_file.write_text(json.dumps(configuration | settings, indent=1))


def start(program: Path, site: Site, *, as_shipped: bool = False) -> subprocess.Popen[bytes]:
    """Start it and wait until its ports answer. Raises ProgramFailed where they do not.

    Unless it runs `as_shipped` TCP_NODELAY is set: without it DCMTK leaves Nagle on, which may cost 40 ms an exchange.
    """
    environment = {} if as_shipped else {"TCP_NODELAY": "1"}
    process = processes.start([program, site.configuration_file], site.log, folder=site.folder, environment=environment)
    ports = [port for port in (site.dicom_port, site.http_port) if port is not None]
    processes.wait_for_ports(process, ports, site.log)
    return process


def _http(port: int | None) -> dict[str, object]:
    """The keys of its HTTP server; releases before 1.12.10 do not know the one that binds it to loopback."""
    if port is None:
        return {"HttpServerEnabled": False}
    return {"HttpPort": port, "HttpBindAddresses": [processes.LOOPBACK]}


def _dicomweb_plugin() -> list[Path]:
    """The DICOMweb plugin; empty where it is not installed."""
    found = (sorted(folder.glob("libOrthancDicomWeb.so*")) for folder in _PLUGIN_FOLDERS)
    return next((plugins[:1] for plugins in found if plugins), [])
