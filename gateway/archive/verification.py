"""Whether files and index agree, object by object, in bounded memory."""

import hashlib
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field

from sqlalchemy import select

from gateway.archive.errors import UnknownObject
from gateway.archive.storage import ObjectStorage
from gateway.archive.tables import InstanceRow, RemovedObjectRow, RevisionRow
from gateway.database import Database

_PAGE = 1000
_BLOCK_BYTES = 1024 * 1024
_MOST_FAULTS = 1000

KnownKeys = Callable[[set[str]], set[str]]
"""Those of some keys that another capability knows (pictures of rejected photos, waiting uploads)."""


@dataclass(slots=True)
class VerifyReport:
    """What was looked at and what is wrong; each list holds object keys, at most 1000, the counts are whole."""

    revisions: int = 0
    objects: int = 0
    awaiting_removal: int = 0
    pending: int = 0
    missing: list[str] = field(default_factory=list)
    wrong_size: list[str] = field(default_factory=list)
    wrong_content: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    faults: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.faults == 0

    def add(self, faults: list[str], key: str) -> None:
        """Note a fault."""
        self.faults += 1
        if len(faults) < _MOST_FAULTS:
            faults.append(key)


def verify(database: Database, storage: ObjectStorage, *, quick: bool, known_keys: KnownKeys) -> VerifyReport:
    """Compare every revision with its object, and every object with the rows; `quick` reads no contents.

    What comes or goes while this runs is not taken for a fault: an object that is still pending belongs to a
    transaction under way, and one that seemed unknown is looked up again.
    """
    report = VerifyReport()
    for key, size_bytes, sha256 in _revisions(database):
        report.revisions += 1
        _check_object(database, storage, report, key=key, size_bytes=size_bytes, sha256=None if quick else sha256)
    for keys in _pages(storage.keys()):
        report.objects += len(keys)
        for key in sorted(_without_row(database, keys) - known_keys(keys)):
            if key not in set(storage.pending_keys()) and _without_row(database, {key}) - known_keys({key}):
                _check_unknown(storage, report, key)
    report.awaiting_removal = _count_removed(database)
    report.pending = sum(1 for _key in storage.pending_keys())
    return report


def instance_uids(database: Database, keys: Set[str]) -> dict[str, str]:
    """The SOP Instance UID that each of these object keys belongs to, where a revision names the key."""
    ordered = sorted(keys)
    uids: dict[str, str] = {}
    with database.read() as session:
        for start in range(0, len(ordered), _PAGE):
            query = (
                select(RevisionRow.object_key, InstanceRow.sop_instance_uid)
                .join(InstanceRow, InstanceRow.id == RevisionRow.instance_id)
                .where(RevisionRow.object_key.in_(ordered[start : start + _PAGE]))
            )
            uids.update((row[0], row[1]) for row in session.execute(query))
    return uids


def _revisions(database: Database) -> Iterator[tuple[str, int, str]]:
    after = 0
    while True:
        with database.read() as session:
            query = (
                select(RevisionRow.id, RevisionRow.object_key, RevisionRow.size_bytes, RevisionRow.sha256)
                .where(RevisionRow.id > after)
                .order_by(RevisionRow.id)
                .limit(_PAGE)
            )
            rows = session.execute(query).all()
        if not rows:
            return
        yield from ((row[1], row[2], row[3]) for row in rows)
        after = rows[-1][0]


def _check_object(
    database: Database, storage: ObjectStorage, report: VerifyReport, *, key: str, size_bytes: int, sha256: str | None
) -> None:
    try:
        if storage.size(key) != size_bytes:
            report.add(report.wrong_size, key)
        elif sha256 is not None and digest_of(storage, key) != sha256:
            report.add(report.wrong_content, key)
    except UnknownObject:
        if not _without_row(database, {key}):  # else it was deleted since the page was read
            report.add(report.missing, key)


def digest_of(storage: ObjectStorage, key: str) -> str:
    """SHA-256 of an object's bytes as they lie there now, in hex; raises UnknownObject."""
    digest = hashlib.sha256()
    with storage.open(key) as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _pages(keys: Iterator[str]) -> Iterator[set[str]]:
    page: set[str] = set()
    for key in keys:
        page.add(key)
        if len(page) == _PAGE:
            yield page
            page = set()
    if page:
        yield page


def _without_row(database: Database, keys: set[str]) -> set[str]:
    """Those of `keys` that neither a revision names nor a removal that is still to be done."""
    with database.read() as session:
        named = set(session.scalars(select(RevisionRow.object_key).where(RevisionRow.object_key.in_(keys))))
        left = keys - named
        return left - set(
            session.scalars(select(RemovedObjectRow.object_key).where(RemovedObjectRow.object_key.in_(left)))
        )


def _check_unknown(storage: ObjectStorage, report: VerifyReport, key: str) -> None:
    try:
        storage.size(key)
    except UnknownObject:  # deleted since it was listed
        return
    report.add(report.unknown, key)


def _count_removed(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(RemovedObjectRow.object_key)).all())
