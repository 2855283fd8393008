"""The real systems the tests talk to: Orthanc, DCMTK, dciodvfy, PostgreSQL, and the shared photos.

Each peer is a process of its own on loopback, in a temporary folder of its own. A peer that is not installed
skips its tests; in CI (environment variable `CI`) it fails them, so that nothing is left out unseen.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx
import psycopg
import pytest
from psycopg import sql

from deploy.demo import orthanc, processes
from deploy.demo.orthanc import Remote
from deploy.demo.processes import LOOPBACK, free_port

__all__ = [
    "LOOPBACK", "Orthanc", "Postgres", "Remote", "allowed_complaints", "dciodvfy_errors", "free_port", "require",
    "shared_data",
]  # fmt: skip

REPOSITORY = Path(__file__).resolve().parent.parent

_SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"), Path("/usr/local/bin"))


def require(program: str) -> Path:
    """Find an installed program outside the virtual environment; skip the test where it is missing (fail in CI).

    pynetdicom installs scripts named as DCMTK's commands are (`storescu`, `findscu`, ...): they are never meant.
    """
    found = next((folder / program for folder in _folders() if os.access(folder / program, os.X_OK)), None)
    if found is None:
        _missing(f"{program} is not installed; deploy/install-peers.sh installs the peers")
    return found


def shared_data(*parts: str) -> Path:
    """Path below the shared folder (`DERMGATE_SHARED`, else `../shared` beside the repository); skip where absent."""
    folder = Path(os.environ.get("DERMGATE_SHARED", REPOSITORY.parent / "shared"))
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data {'/'.join(parts)} is absent; set DERMGATE_SHARED to the folder that holds it")
    return path


_ALLOWED = Path(__file__).parent / "integration" / "conversion" / "dciodvfy_allowed.txt"


@cache
def allowed_complaints() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """What dciodvfy wrongly calls an Error: (IOD, expression, reason), read from the list beside its tests."""
    lines = (line.strip() for line in _ALLOWED.read_text(encoding="utf-8").splitlines())
    rows = [[cell.strip() for cell in line.split(" | ")] for line in lines if line and not line.startswith("#")]
    return tuple((iod, re.compile(expression), reason) for iod, expression, reason in rows)


def dciodvfy_errors(path: Path) -> list[str]:
    """Validate a Part 10 file; return the lines that dciodvfy calls Error, without those on the allow-list.

    A crash of the validator counts as an error, since it means an attribute it could not follow.
    """
    command = [str(require("dciodvfy")), "-new", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    allowed = [expression for iod, expression, _ in allowed_complaints() if iod in lines]
    errors = [line for line in lines if line.startswith("Error") and not any(known.search(line) for known in allowed)]
    if done.returncode < 0:
        errors.append(f"Error - dciodvfy was ended by {signal.Signals(-done.returncode).name}")
    return errors


class Orthanc:
    """An Orthanc with its DICOMweb plugin: a hospital PACS that keeps what it is sent.

    The ports and the folder stay the same over `stop`, `kill` and `start`.
    """

    def __init__(
        self,
        *,
        ae_title: str = "ORTHANC",
        remotes: Mapping[str, Remote] | None = None,
        as_shipped: bool = False,
        **settings: object,
    ) -> None:
        self._program = require("Orthanc")
        self.ae_title = ae_title
        self._as_shipped = as_shipped
        self.folder = Path(tempfile.mkdtemp(prefix="dermgate-orthanc-"))
        self._site = orthanc.Site(self.folder, free_port(), free_port(), ae_title)
        self.http_port, self.dicom_port = self._site.http_port, self._site.dicom_port
        orthanc.configure(self._site, remotes or {}, strangers=True, **{"SyncStorageArea": False, **settings})
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=30)

    @property
    def url(self) -> str:
        """The address of its REST interface, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def dicom_web(self) -> str:
        """The address of its DICOMweb service."""
        return f"{self.url}/dicom-web"

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until both of its ports answer."""
        self._process = orthanc.start(self._program, self._site, as_shipped=self._as_shipped)

    def stop(self) -> None:
        """End it in order."""
        processes.end(self._process)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        processes.end(self._process, signal.SIGKILL)

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

    def delete(self, sop_instance_uid: str) -> None:
        """Lose an instance."""
        for orthanc_id in self.instances(sop_instance_uid):
            self._client.delete(f"/instances/{orthanc_id}").raise_for_status()

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

    def create_database(self, template: str = "template1") -> str:
        """Create a database, empty or a copy of one that nobody is connected to; return its name."""
        name = f"dermgate_{next(self._database_number)}"
        names = sql.Identifier(name), sql.Identifier(template)
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
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
        log_file = self.folder / "postgres.log"
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self._postgres, "-D", self.folder / "data", "-p", str(self.port), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env=self._environment(), user=self._user, group=self._group(), extra_groups=self._extra_groups(),
            )  # fmt: skip
        processes.wait_until(self._takes_connections, self._process, log_file)

    def stop(self) -> None:
        """End it in order, disconnecting everybody (its "fast" shutdown)."""
        processes.end(self._process, signal.SIGINT)

    def kill(self) -> None:
        """End it and its children at once; it recovers from its log at the next start."""
        processes.end(self._process, signal.SIGQUIT)

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


def _unprivileged_user() -> str | None:
    """Name of the user to run PostgreSQL as: None for ourselves; another one where we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
