"""Finds out what an application entity takes of us: one association that offers everything, a C-ECHO and a C-FIND.

To accept a presentation context is no promise: some PACS accept C-FIND from anybody, and refuse the query itself, or
hang up on callers that are not registered. So one is asked, for an object that nobody has.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import Dataset
from pydicom.uid import (
    HEVCMP51,
    MPEG4HP41,
    MPEG4HP41BD,
    UID,
    Comprehensive3DSRStorage,
    DermoscopicPhotographyImageStorage,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    VideoPhotographicImageStorage,
    VLPhotographicImageStorage,
    generate_uid,
)
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.asking import Asking, HungUp, QueryFailed, Question
from dimse.association import AssociationFailed, break_off, request_association
from dimse.commitment_data import COMMITMENT_CLASS
from dimse.contexts import NATIVE_SYNTAXES, VERIFICATION
from dimse.echo import echo_fault, echo_status

STUDY_ROOT_FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")

_PICTURES = (JPEGBaseline8Bit, JPEGLSLossless, *NATIVE_SYNTAXES)
_VIDEOS = (MPEG4HP41, MPEG4HP41BD, HEVCMP51)

OFFERED: dict[UID, tuple[UID, ...]] = {
    VLPhotographicImageStorage: _PICTURES,
    DermoscopicPhotographyImageStorage: _PICTURES,
    SecondaryCaptureImageStorage: _PICTURES,
    MultiFrameTrueColorSecondaryCaptureImageStorage: _PICTURES,
    VideoPhotographicImageStorage: _VIDEOS,
    Comprehensive3DSRStorage: NATIVE_SYNTAXES,
}
"""What Dermgate makes, in the transfer syntaxes in which it stores or can send it."""

SERVICES: tuple[UID, ...] = (VERIFICATION, STUDY_ROOT_FIND, UID(COMMITMENT_CLASS))


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it.

    `failure` says why there was no association, `echo` and `query` what is wrong with the answers to C-ECHO and C-FIND
    ("" for nothing, and where they are not taken). Without a good echo there is no query. `hung_up`: one of
    them was not answered, but the association ended.
    `accepted` are the (SOP class UID, transfer syntax UID) that were taken, services among them.
    """

    failure: AssociationFailed | None = None
    echo: str = ""
    query: str = ""
    hung_up: bool = False
    accepted: frozenset[tuple[str, str]] = frozenset()

    def syntaxes_of(self, sop_class_uid: str) -> Sequence[str]:
        """The transfer syntaxes taken for a storage class, in the order offered."""
        offered = OFFERED.get(UID(sop_class_uid), ())
        return [str(syntax) for syntax in offered if (sop_class_uid, str(syntax)) in self.accepted]

    def takes(self, sop_class_uid: str) -> bool:
        """Whether the class is taken in some transfer syntax."""
        return any(taken == sop_class_uid for taken, _syntax in self.accepted)


def probe(remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts | None = None) -> Probe:
    """Ask `remote` what it takes; nothing is stored there. Never raises for what the peer does."""
    try:
        association = request_association(
            remote, checked_ae_title(calling_ae_title), _contexts(), timeouts or Timeouts()
        )
    except AssociationFailed as failure:
        return Probe(failure)
    try:
        found = _asked(association, remote, (timeouts or Timeouts()).dimse_seconds)
        if not found.echo and not found.query:
            association.release()
        return found
    finally:
        break_off(association)


def _asked(association: Association, remote: RemoteAE, seconds: float) -> Probe:
    """What is taken, and what the services answer that are."""
    found = Probe(accepted=_pairs(association.accepted_contexts))
    if found.takes(VERIFICATION):
        status = echo_status(association, seconds)
        if fault := echo_fault(status, remote):
            return replace(found, echo=fault, hung_up=status is None)
    if not found.takes(STUDY_ROOT_FIND):
        return found
    try:
        Asking(remote, association).ask(Question(STUDY_ROOT_FIND, _nobodys(), 1, seconds))
    except QueryFailed as failure:
        return replace(found, query=failure.words, hung_up=isinstance(failure, HungUp))
    return found


def _nobodys() -> Dataset:
    """The identifier of an object that nobody has, at the level at which it is looked for what was sent."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "IMAGE"
    keys.StudyInstanceUID, keys.SeriesInstanceUID, keys.SOPInstanceUID = (generate_uid() for _ in range(3))
    keys.SOPClassUID = ""
    return keys


def _contexts() -> list[PresentationContext]:
    """One for each class and syntax, so that each is answered by itself."""
    services = [build_context(service, [*NATIVE_SYNTAXES]) for service in SERVICES]
    storage = [build_context(sop_class, syntax) for sop_class, syntaxes in OFFERED.items() for syntax in syntaxes]
    return [*services, *storage]


def _pairs(accepted: Collection[PresentationContext]) -> frozenset[tuple[str, str]]:
    return frozenset((str(context.abstract_syntax), str(context.transfer_syntax[0])) for context in accepted)
