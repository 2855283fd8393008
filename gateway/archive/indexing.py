"""Making an object known: its rows, in the caller's unit of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from dicomweb.part10 import Identity
from gateway.archive.columns import json_text, packed
from gateway.archive.errors import DuplicateInstance
from gateway.archive.hierarchy import place
from gateway.archive.insertion import insert_unless_there
from gateway.archive.rows import instance_columns
from gateway.archive.staging import StagedObject
from gateway.database import now
from gateway.inserting import insert_rows
from gateway.reading import Reader, kept_moment

FIRST_REVISION = 1
_ATTEMPTS = 5


class Origin(StrEnum):
    """Where an instance came from."""

    INTAKE = "intake"
    STOW = "stow"
    DIMSE = "dimse"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brought an instance: the way, and the calling AE title or the caller's id."""

    origin: Origin
    name: str


@dataclass(frozen=True, slots=True)
class IndexedInstance:
    """An instance the index knows, at one of its revisions."""

    instance_id: int
    hospital_id: str
    identity: Identity
    revision: int
    transfer_syntax_uid: str
    size_bytes: int
    sha256: str
    sender: Sender


@dataclass(frozen=True, slots=True)
class AlreadyStored:
    """The same instance was there: a success, with nothing added."""

    instance_id: int
    hospital_id: str
    identity: Identity


def insert_instance(
    statements: Reader, hospital: str, staged: StagedObject, sender: Sender, created_by: str
) -> IndexedInstance | AlreadyStored:
    """Add the rows of a new instance; of concurrent ones with the same UID exactly one adds them.

    Raises:
        DuplicateInstance: another object, perhaps another hospital's, has its UID.
        StudyMismatch: its study is another patient's.
    """
    known = _known(statements, hospital, staged)
    if known is not None:
        return known
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _savepoint(statements):
                return _insert(statements, hospital, staged, sender, created_by)
        except _TakenMeanwhile:
            known = _known(statements, hospital, staged)
            if known is not None:
                return known
        except IntegrityError:
            # A row above the instance was removed while this one was being added: make it again.
            if attempt == _ATTEMPTS:
                raise
    raise DuplicateInstance


@contextmanager
def _savepoint(statements: Reader) -> Iterator[None]:
    """What is added inside is undone alone where it fails."""
    statements.all("SAVEPOINT instance")
    try:
        yield
    except BaseException:
        statements.all("ROLLBACK TO SAVEPOINT instance")
        statements.all("RELEASE SAVEPOINT instance")
        raise
    statements.all("RELEASE SAVEPOINT instance")


class _TakenMeanwhile(Exception):
    """Another transaction has just added the UID; everything that was added for this one is undone."""


_KNOWN = """
SELECT instances.id, instances.hospital_id, revisions.data_set_sha256
FROM instances JOIN revisions ON revisions.instance_id = instances.id
WHERE instances.sop_instance_uid = ? ORDER BY revisions.number"""


def _known(statements: Reader, hospital: str, staged: StagedObject) -> AlreadyStored | None:
    rows = statements.all(_KNOWN, (staged.identity.sop_instance_uid,))
    if not rows:
        return None
    # What was sent before a correction is still the same instance when it is sent again.
    instance_id, owner, _digest = rows[0]
    if owner == hospital and staged.data_set_sha256 in {digest for _id, _owner, digest in rows}:
        return AlreadyStored(instance_id, hospital, staged.identity)
    raise DuplicateInstance


def _insert(
    statements: Reader, hospital: str, staged: StagedObject, sender: Sender, created_by: str
) -> IndexedInstance:
    rows_above = place(statements, hospital, staged.facts)
    moment = now()
    columns = instance_columns(staged.facts.instance)
    instance_id = insert_unless_there(
        statements,
        "instances",
        ("sop_instance_uid",),
        {
            "hospital_id": hospital,
            "study_row_id": rows_above.study_row_id,
            "series_row_id": rows_above.series_row_id,
            "revision": FIRST_REVISION,
            "origin": sender.origin.value,
            "received_from": sender.name[:64],
            "stored_at": kept_moment(moment, sqlite=statements.is_sqlite),
            **columns,
            "attributes": json_text(columns["attributes"]),
        },
    )
    if instance_id is None:
        raise _TakenMeanwhile
    insert_revision(
        statements, hospital, instance_id, FIRST_REVISION, staged, created_at=moment, created_by=created_by, reason=""
    )
    return indexed(instance_id, hospital, FIRST_REVISION, staged, sender)


def insert_revision(
    statements: Reader,
    hospital: str,
    instance_id: int,
    number: int,
    staged: StagedObject,
    *,
    created_at: datetime,
    created_by: str,
    reason: str,
) -> None:
    """Add a revision's row."""
    insert_rows(
        statements,
        "revisions",
        [
            {
                "hospital_id": hospital,
                "instance_id": instance_id,
                "number": number,
                "object_key": staged.object_key,
                "size_bytes": staged.size_bytes,
                "sha256": staged.sha256,
                "data_set_sha256": staged.data_set_sha256,
                "transfer_syntax_uid": staged.transfer_syntax_uid,
                "number_of_frames": staged.number_of_frames,
                "created_at": kept_moment(created_at, sqlite=statements.is_sqlite),
                "created_by": created_by[:64],
                "reason": reason,
                "layout": packed(staged.layout),
                "header": packed(staged.header),
            }
        ],
    )


def indexed(instance_id: int, hospital: str, revision: int, staged: StagedObject, sender: Sender) -> IndexedInstance:
    """The instance as it now stands in the index."""
    return IndexedInstance(
        instance_id=instance_id,
        hospital_id=hospital,
        identity=staged.identity,
        revision=revision,
        transfer_syntax_uid=staged.transfer_syntax_uid,
        size_bytes=staged.size_bytes,
        sha256=staged.sha256,
        sender=sender,
    )
