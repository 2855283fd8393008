"""The real systems the tests talk to: Orthanc, DCMTK, dciodvfy, PostgreSQL, and the shared photos.

Each peer is a process of its own on loopback, in a temporary folder of its own. A peer that is not installed
skips its tests; in CI (environment variable `CI`) it fails them, so that nothing is left out unseen.
"""

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import count
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx
import psycopg
import pytest
from psycopg import sql

LOOPBACK = "127.0.0.1"
REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 15.0

_PORTS = range(20000, 32000)  # below the range that the kernel hands out to outgoing connections
_SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"), Path("/usr/local/bin"))
_ports_given: set[int] = set()


def require(program: str) -> Path:
    """Find an installed program outside the virtual environment; skip the test where it is missing (fail in CI).

    pynetdicom installs scripts named as DCMTK's commands are (`storescu`, `findscu`, ...): they are never meant.
    """
    found = next((folder / program for folder in _folders() if os.access(folder / program, os.X_OK)), None)
    if found is None:
        _missing(f"{program} is not installed; deploy/install-peers.sh installs the peers")
    return found


def free_port() -> int:
    """Return a TCP port that is free on loopback, a different one at each call."""
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in _ports_given and _can_bind(port):
            _ports_given.add(port)
            return port
    raise OSError("no free port on loopback")


def shared_data(*parts: str) -> Path:
    """Path below the shared folder (`DERMGATE_SHARED`, else `../shared` beside the repository); skip where absent."""
    folder = Path(os.environ.get("DERMGATE_SHARED", REPOSITORY.parent / "shared"))
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data {'/'.join(parts)} is absent; set DERMGATE_SHARED to the folder that holds it")
    return path


# dciodvfy's Dermoscopic IOD asks for a Frame of Reference module that the standard's has not (PS3.3 A.32.11).
_FALSE_COMPLAINT = re.compile(
    r"(FrameOfReferenceUID|PositionReferenceIndicator).* - Missing attribute .* - Module=<FrameOfReference>"
)
_DERMOSCOPIC = "Dermoscopic"


def dciodvfy_errors(path: Path) -> list[str]:
    """Validate a Part 10 file; return the lines that dciodvfy calls Error, without the known false ones.

    A crash of the validator counts as an error, since it means an attribute it could not follow.
    """
    command = [str(require("dciodvfy")), "-new", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    output = done.stdout + done.stderr
    errors = [line for line in output.splitlines() if line.startswith("Error")]
    if _DERMOSCOPIC in output:
        errors = [line for line in errors if not _FALSE_COMPLAINT.search(line)]
    if done.returncode < 0:
        errors.append(f"Error - dciodvfy was ended by {signal.Signals(-done.returncode).name}")
    return errors


@dataclass(frozen=True, slots=True)
class Remote:
    """A DICOM node that Orthanc may call: its AE title and where it listens on loopback."""

    ae_title: str
    port: int
    host: str = LOOPBACK


class Orthanc:
    """An Orthanc with its DICOMweb plugin: a hospital PACS that keeps what it is sent.

    The ports and the folder stay the same over `stop`, `kill` and `start`.
    """

    def __init__(
        self, *, ae_title: str = "ORTHANC", remotes: Mapping[str, Remote] | None = None, **settings: object
    ) -> None:
        self._program = require("Orthanc")
        self.ae_title = ae_title
        self.http_port = free_port()
        self.dicom_port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dermgate-orthanc-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=30)
        configuration = self._configuration(remotes or {}) | settings
        (self.folder / "orthanc.json").write_text(dumps(configuration, indent=1))

    @property
    def url(self) -> str:
        """The address of its REST interface, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def dicom_web(self) -> str:
        """The address of its DICOMweb service."""
        return f"{self.url}/dicom-web"

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until both of its ports answer."""
        with (self.folder / "orthanc.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, self.folder / "orthanc.json"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                # Without it DCMTK leaves Nagle on, which costs some 40 ms an exchange.
                env=os.environ | {"TCP_NODELAY": "1"},
            )  # fmt: skip
        _wait_for_ports(self._process, (self.http_port, self.dicom_port), self.folder / "orthanc.log")

    def stop(self) -> None:
        """End it in order."""
        _end(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        _end(self._process, signal.SIGKILL)

    def get(self, path: str) -> Any:
        """Answer of `GET path` as JSON."""
        return self._client.get(path).raise_for_status().json()

    def instances(self, sop_instance_uid: str | None = None) -> list[str]:
        """Orthanc's own identifiers of what it holds: every instance, or those with this SOP Instance UID."""
        if sop_instance_uid is None:
            return list(self.get("/instances"))
        query = {"Level": "Instance", "Query": {"SOPInstanceUID": sop_instance_uid}}
        return list(self._client.post("/tools/find", json=query).raise_for_status().json())

    def fetch_file(self, orthanc_id: str) -> bytes:
        """The Part 10 file of one instance, by Orthanc's own identifier."""
        return self._client.get(f"/instances/{orthanc_id}/file").raise_for_status().content

    def statistics(self) -> dict[str, Any]:
        """Counts and sizes: `CountInstances`, `CountStudies`, `TotalDiskSize` and more."""
        return dict(self.get("/statistics"))

    def clear(self) -> None:
        """Forget every patient it holds."""
        for patient in self.get("/patients"):
            self._client.delete(f"/patients/{patient}").raise_for_status()

    def close(self) -> None:
        """End it at once and remove its folder."""
        self.kill()
        self._client.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _configuration(self, remotes: Mapping[str, Remote]) -> dict[str, object]:
        return {
            "Name": "hospital", "StorageDirectory": str(self.folder / "db"), "IndexDirectory": str(self.folder / "db"),
            "Plugins": [str(plugin) for plugin in _dicomweb_plugins()],
            "HttpPort": self.http_port, "DicomPort": self.dicom_port, "DicomAet": self.ae_title,
            "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "SslEnabled": False,
            "DicomCheckCalledAet": False, "DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True,
            "DicomAlwaysAllowMove": True, "SyncStorageArea": False,
            "DicomModalities": {name: [r.ae_title, r.host, r.port] for name, r in remotes.items()},
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }  # fmt: skip


class Postgres:
    """A PostgreSQL cluster of its own in a temporary folder, never run as root, on a Unix socket and on loopback."""

    def __init__(self) -> None:
        self._initdb, self._postgres = require("initdb"), require("postgres")
        self._user = _unprivileged_user()
        self._database_number = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dermgate-pg-"))
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        options = ["--auth=trust", "--username=dermgate", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [self._initdb, *options, "--pgdata", self.folder / "data"],
            check=True, capture_output=True, timeout=120, cwd=self.folder, env=self._environment(), user=self._user,
            group=self._group(), extra_groups=self._extra_groups(),
        )  # fmt: skip

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database of this cluster."""
        return f"postgresql+psycopg://dermgate@{LOOPBACK}:{self.port}/{database}"

    def create_database(self) -> str:
        """Create an empty database; return its name."""
        name = f"dermgate_{next(self._database_number)}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        settings = {
            "listen_addresses": LOOPBACK, "unix_socket_directories": str(self.folder), "fsync": "off",
            "full_page_writes": "off", "max_connections": "100",
        }  # fmt: skip
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._postgres, "-D", self.folder / "data", "-p", str(self.port), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env=self._environment(), user=self._user, group=self._group(), extra_groups=self._extra_groups(),
            )  # fmt: skip
        _wait_for_ports(self._process, (self.port,), self.folder / "postgres.log")
        _wait_until(self._takes_connections, "PostgreSQL takes no connections")

    def stop(self) -> None:
        """End it in order, disconnecting everybody (its "fast" shutdown)."""
        _end(self._process, signal.SIGINT)

    def kill(self) -> None:
        """End it and its children at once; it recovers from its log at the next start."""
        _end(self._process, signal.SIGQUIT)

    def close(self) -> None:
        """End it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _execute(self, statement: sql.Composed) -> None:
        with closing(self._connect()) as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=LOOPBACK, port=self.port, user="dermgate", dbname="postgres", autocommit=True)

    def _takes_connections(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _group(self) -> int | None:
        return None if self._user is None else pwd.getpwnam(self._user).pw_gid

    def _extra_groups(self) -> list[int] | None:
        return None if self._user is None else []

    @staticmethod
    def _environment() -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _folders() -> Iterator[Path]:
    yield from _SYSTEM_FOLDERS[:2]
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    yield from _SYSTEM_FOLDERS[2:]
    environment = Path(os.environ.get("VIRTUAL_ENV", REPOSITORY / ".venv")).resolve()
    for entry in os.get_exec_path():
        folder = Path(entry)
        if folder.is_absolute() and not folder.resolve().is_relative_to(environment):
            yield folder


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _can_bind(port: int) -> bool:
    with socket.socket() as candidate:
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


@cache
def _dicomweb_plugins() -> tuple[Path, ...]:
    """The DICOMweb plugin of Debian's package; empty where it is not installed."""
    folders = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"))
    return next(((found[0],) for folder in folders if (found := sorted(folder.glob("libOrthancDicomWeb.so*")))), ())


def _unprivileged_user() -> str | None:
    """Name of the user to run PostgreSQL as: None for ourselves; another one where we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _wait_for_ports(process: subprocess.Popen[bytes], ports: tuple[int, ...], log: Path) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            tail = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}:\n{tail}")
        return all(_listens(port) for port in ports)

    _wait_until(answers, f"{process.args!r} does not answer on {ports}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _wait_until(condition: Any, complaint: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes] | None, by: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
