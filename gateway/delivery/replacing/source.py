"""What a destination that is told of corrections gets: corrected objects under new UIDs, and notes that reject.

Nothing of it is archived: it is made from the archive for each attempt, always the same. The archive itself serves the
corrected revision under the UIDs that the object always had.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import ExplicitVRLittleEndian
from sqlalchemy.orm import Session

from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.outgoing import OutgoingInstance, SentCopy
from gateway.archive.errors import StorageError, StoreRefused
from gateway.archive.rewriting import rewritten
from gateway.config import Destination
from gateway.conversion.rejection_note import KEY_OBJECT_SELECTION, NotePlace, rejection_note
from gateway.conversion.renaming import rename
from gateway.conversion.uids import derived_uid
from gateway.database import Database
from gateway.delivery.replacing.names import all_names
from gateway.delivery.replacing.sender import Replacement
from gateway.delivery.replacing.standing import Mistaken, Standing, corrected_at, mistaken, standing

InstanceSource = Callable[[int, int], OutgoingInstance | None]
SourceFor = Callable[[Destination, InstanceSource], InstanceSource]

_IN_MEMORY_BYTES = 16 * 1024 * 1024
"""A copy that is larger lies in a temporary file while it is sent."""


@dataclass(frozen=True, slots=True)
class CopyMaking:
    """How copies and notes are made; `workplace` is the folder where large ones lie while they are sent."""

    workplace: Path
    uid_root: str
    software_version: str


@dataclass(frozen=True, slots=True)
class ReplacingSource:
    """Gives what goes to one destination; `archived` gives what the archive has."""

    database: Database
    destination: str
    archived: InstanceSource
    maker: CopyMaking

    def __call__(self, instance_id: int, revision: int) -> OutgoingInstance | None:
        """What to send; None where the archive no longer holds it, or holds it corrected."""
        instance = self.archived(instance_id, revision)
        if instance is None:
            return None
        with self.database.read() as session:
            found = standing(session, self.destination, instance_id)
            if found is None:
                return instance
            if found.one.revision != revision:  # corrected since: the study is told as it is by now
                return None
            note = self._note(session, instance_id, revision, found)
        return self._replacement(instance, found, note)

    def _replacement(
        self, instance: OutgoingInstance, found: Standing, note: OutgoingInstance | None
    ) -> OutgoingInstance:
        names = all_names(found, self.maker.uid_root)
        sent = SentCopy(
            instance.sop_class_uid,
            names[found.one.sop_instance_uid],
            names[found.one.series_instance_uid],
            names[found.study_instance_uid],
        )
        open_copy = partial(_copied, instance.open_file, names, self.maker.workplace)
        return Replacement(
            instance.sop_class_uid, sent.sop_instance_uid, instance.transfer_syntax_uid, open_copy, sent, note
        )

    def _note(self, session: Session, instance_id: int, revision: int, found: Standing) -> OutgoingInstance | None:
        """The note that rejects what the destination holds of the instance; None where it holds nothing of it."""
        wrong = mistaken(session, self.destination, instance_id, revision)
        # The first correction of it: a later one names the same note.
        made_at = None if wrong is None else corrected_at(session, instance_id, wrong.revision + 1)
        if wrong is None or made_at is None:
            return None
        root, rejected = self.maker.uid_root, wrong.rejected
        series = derived_uid(found.hospital, "rejection notes", rejected.study_instance_uid, root=root)
        uid = derived_uid(found.hospital, "rejection note", rejected.sop_instance_uid, root=root)
        place = NotePlace(series, uid, instance_id % 2**31, made_at)
        file = rejection_note(_header(wrong), rejected, place, self.maker.software_version)
        return OutgoingInstance(KEY_OBJECT_SELECTION, uid, str(ExplicitVRLittleEndian), partial(BytesIO, file))


def replacing_sources(database: Database, maker: CopyMaking) -> SourceFor:
    """For each destination what it is sent: where it is told of corrections, replacements among it."""

    def source_for(destination: Destination, archived: InstanceSource) -> InstanceSource:
        return ReplacingSource(database, destination.name, archived, maker) if destination.iocm else archived

    return source_for


def _header(wrong: Mistaken) -> Dataset:
    return Dataset.from_json(wrong.header, _left_out)


def _left_out(_tag: str, _vr: str, _uri: str) -> None:
    """What a header has in place of pixels and other bulk data."""


def _copied(open_file: Callable[[], BinaryIO], names: Mapping[str, str], workplace: Path) -> BinaryIO:
    """The file under other UIDs, at its first byte."""

    def renamed(header: FileDataset) -> bool:
        rename(header, names)
        return True

    workplace.mkdir(parents=True, exist_ok=True)
    copy = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=str(workplace))  # noqa: SIM115 - whoever sends it closes it
    try:
        with open_file() as stream, rewritten(stream, renamed) as parts:
            for part in parts or ():
                copy.write(part)
    except StoreRefused as error:
        copy.close()
        raise UnreadableInstance(error.detail) from error
    except StorageError as error:
        copy.close()
        raise UnavailableInstance(str(error)) from error
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)
