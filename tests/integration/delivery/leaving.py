"""Objects as the intake makes them on their way out of a real archive, to DCMTK's storescp."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.filewriter import dcmwrite
from sqlalchemy import select

from deploy.demo import processes
from gateway.access.caller import LOCAL_ADMINISTRATOR
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow
from gateway.config import DimseDestination
from gateway.database import Database
from gateway.delivery.source import archive_source
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import destination, queue, rows, states, wait_until, worker_for
from tests.peers import free_port, require
from tests.unit.conversion.object_kinds import file_of

PHOTO = "dermoscopic photo"


@dataclass
class Receiver:
    """DCMTK's storescp in a folder, its port the same over restarts, and what it holds."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: Popen[bytes] | None = None

    def start(self, *options: str) -> "Receiver":
        """Run it with options, and wait until it listens."""
        self.received.mkdir(exist_ok=True)
        command: list[str | Path] = [require("storescp"), "-aet", "PACS", "-od", self.received, *options]
        log = self.folder / "storescp.log"
        environment = {"TCP_NODELAY": "1"}
        self._process = processes.start([*command, str(self.port)], log, folder=self.folder, environment=environment)
        processes.wait_for_ports(self._process, [self.port], log)
        return self

    def stop(self) -> None:
        """End it."""
        processes.end(self._process)

    @property
    def received(self) -> Path:
        """Where it writes what it gets."""
        return self.folder / "received"

    def objects(self) -> list[Dataset]:
        """What it holds."""
        return [dcmread(path) for path in sorted(self.received.iterdir())]


@dataclass
class House:
    """A gateway's archive, and what leaves it."""

    archive: ArchiveService
    database: Database

    @contextmanager
    def delivering(self, where: DimseDestination, *kinds: str) -> Iterator[None]:
        """Objects of these kinds on their way."""
        for number, kind in enumerate(kinds):
            session = self.archive.begin_store(LOCAL_ADMINISTRATOR, None)
            session.write(numbered(kind, number))
            session.end_part()
            [outcome] = session.commit()
            assert outcome.status == 0, outcome.detail
        with self.database.read() as reading:
            queue(self.database, list(reading.scalars(select(InstanceRow.id).order_by(InstanceRow.id))), where)
        worker = worker_for(self.database, where, source=archive_source(self.archive.instance_for_delivery))
        worker.start()
        try:
            yield
        finally:
            assert worker.stop(10)

    def ended(self, where: DimseDestination, kind: str, state: str) -> DeliveryRow:
        """The delivery of one object, once it has come to `state`."""
        with self.delivering(where, kind):
            wait_until(lambda: states(self.database) == {state: 1}, f"it is {state}")
        [row] = rows(self.database)
        return row


def numbered(kind: str, number: int) -> bytes:
    """The object of a kind, under a UID and in a series of its own but for the first."""
    if not number:
        return file_of(kind)
    ds = original(kind)
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID"):
        ds[keyword].value += f".{number}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    written = io.BytesIO()
    dcmwrite(written, ds, enforce_file_format=True)
    return written.getvalue()


def there(receiver: Receiver, **values: Any) -> DimseDestination:
    """The receiver as a destination that is not asked for proof."""
    return destination(port=receiver.port, proof="none", **values)


def original(kind: str = PHOTO) -> Dataset:
    """The object of a kind."""
    return dcmread(io.BytesIO(file_of(kind)))
