"""Finds out what an application entity takes of us: one association that offers everything, and a C-ECHO over it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

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
)
from pynetdicom.presentation import PresentationContext, build_context

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.association import AssociationFailed, break_off, request_association
from dimse.commitment_data import COMMITMENT_CLASS
from dimse.contexts import NATIVE_SYNTAXES, VERIFICATION
from dimse.echo import echo_fault

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

    `failure` says why there was no association, `echo` what is wrong with the answer to the C-ECHO ("" for nothing).
    `accepted` are the (SOP class UID, transfer syntax UID) that were taken, services among them.
    """

    failure: AssociationFailed | None = None
    echo: str = ""
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
        accepted = _pairs(association.accepted_contexts)
        has_echo = any(taken == VERIFICATION for taken, _syntax in accepted)
        fault = echo_fault(association, remote) if has_echo else ""
        if not fault:
            association.release()
        return Probe(None, fault, accepted)
    finally:
        break_off(association)


def _contexts() -> list[PresentationContext]:
    """One for each class and syntax, so that each is answered by itself."""
    services = [build_context(service, [*NATIVE_SYNTAXES]) for service in SERVICES]
    storage = [build_context(sop_class, syntax) for sop_class, syntaxes in OFFERED.items() for syntax in syntaxes]
    return [*services, *storage]


def _pairs(accepted: Collection[PresentationContext]) -> frozenset[tuple[str, str]]:
    return frozenset((str(context.abstract_syntax), str(context.transfer_syntax[0])) for context in accepted)
