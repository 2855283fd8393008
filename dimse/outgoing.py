"""What is handed to a sender, and what comes back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from dimse.encoded import EncodedDataSet
from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.reactions import Reaction


@dataclass(frozen=True, slots=True)
class OutgoingInstance:
    """One instance to send: who it is, and how to open its DICOM file (PS3.10) at the first byte.

    `transfer_syntax_uid` is the one it is stored in. `open_file` is called for each attempt, in the
    sender's thread; the stream is closed after it.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    open_file: Callable[[], BinaryIO]

    @property
    def pair(self) -> tuple[str, str]:
        """What is negotiated for it: (SOP class UID, transfer syntax UID)."""
        return self.sop_class_uid, self.transfer_syntax_uid

    @contextmanager
    def opened(self) -> Iterator[EncodedDataSet]:
        """Open the file, and close it at the end: its data set as it is stored.

        Raises UnavailableInstance, and UnreadableInstance where the file is none or in another transfer syntax.
        """
        try:
            stream = self.open_file()
        except OSError as error:
            raise UnavailableInstance(f"the file cannot be read: {error.strerror or type(error).__name__}") from error
        with stream:
            data_set = EncodedDataSet.of_file(stream)
            if data_set.transfer_syntax_uid != self.transfer_syntax_uid:
                raise UnreadableInstance(
                    f"the file is in transfer syntax {data_set.transfer_syntax_uid}, not {self.transfer_syntax_uid}"
                )
            yield data_set


@dataclass(frozen=True, slots=True)
class MoveOriginator:
    """Whose C-MOVE a store belongs to: the AE title, and the Message ID of the request (PS3.7 9.1.1.1.6, 9.1.1.1.7)."""

    ae_title: str
    message_id: int


@dataclass(frozen=True, slots=True)
class SentCopy:
    """Under which UIDs a copy went in an instance's place; `study_instance_uid` is None for the instance's own."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one attempt to send an instance.

    `status` is the peer's DIMSE status, None where none came. `message` says in words what happened, without
    patient identity. `transfer_syntax_uid` is the one it went in, None where it did not go. `peer_comment` is
    what the peer said itself (ErrorComment, at most 64 characters): it may hold identity, so it is never for a
    log, and is kept nowhere. `offending_elements` are tags as "GGGGEEEE". `copy` says what went in its
    place, None where the instance itself did.
    """

    status: int | None
    reaction: Reaction
    message: str
    transfer_syntax_uid: str | None = None
    peer_comment: str = ""
    offending_elements: tuple[str, ...] = ()
    copy: SentCopy | None = None
