"""What `dermgate check` finds of a destination that is a PACS: whether it lets us in, and what it takes of us."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    VideoPhotographicImageStorage,
    VLPhotographicImageStorage,
)

from dimse.addresses import Timeouts
from dimse.commitment_data import COMMITMENT_CLASS
from dimse.contexts import VERIFICATION
from dimse.listener_kind import kind_of_listener
from dimse.probing import STUDY_ROOT_FIND, Probe, probe
from gateway.commands.checking.advice import UNEXPLAINED, explained
from gateway.config import DimseDestination
from gateway.hospitals.remotes import remote_of

KINDS: dict[UID, str] = {
    VLPhotographicImageStorage: "photos",
    DermoscopicPhotographyImageStorage: "dermoscopic photos",
    SecondaryCaptureImageStorage: "secondary captures",
    MultiFrameTrueColorSecondaryCaptureImageStorage: "multi-frame secondary captures",
    VideoPhotographicImageStorage: "videos",
    Comprehensive3DSRStorage: "reports",
}
_SYNTAXES: dict[str, str] = {
    str(JPEGBaseline8Bit): "JPEG",
    str(JPEGLSLossless): "JPEG-LS",
    str(ExplicitVRLittleEndian): "uncompressed",
    str(ImplicitVRLittleEndian): "uncompressed (implicit VR)",
    "1.2.840.10008.1.2.4.102": "H.264",
    "1.2.840.10008.1.2.4.103": "H.264 (Blu-ray)",
    "1.2.840.10008.1.2.4.107": "HEVC",
}
_SERVICES: tuple[tuple[str, str], ...] = (
    (str(VERIFICATION), "C-ECHO"),
    (str(STUDY_ROOT_FIND), "C-FIND (proof by query)"),
    (COMMITMENT_CLASS, "storage commitment"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """One kind of object or service, and how it is taken; "" where it is not."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: what is wrong ("" for nothing), and what is taken, nothing where there was no association."""

    fault: str
    taken: Sequence[Taken] = ()


def look_at_pacs(destination: DimseDestination, calling_ae_title: str) -> Seen:
    """Associate with it, ask for an echo, and see what it takes; nothing is stored there."""
    remote = remote_of(destination, destination.port)
    timeouts = Timeouts(
        connect_seconds=destination.connect_seconds,
        acse_seconds=destination.acse_seconds,
        dimse_seconds=destination.dimse_seconds,
    )
    found = probe(remote, calling_ae_title, timeouts)
    if found.failure is None:
        return Seen("; ".join(faults_of(found, destination)), taken_by(found))
    is_unexplained = found.failure.obstacle in UNEXPLAINED
    kind = kind_of_listener(remote.host, remote.port) if is_unexplained else None
    return Seen(explained(found.failure, kind, calling_ae_title))


def taken_by(found: Probe) -> Sequence[Taken]:
    """Every kind of object and service, and how it is taken."""
    objects = [
        Taken(words, ", ".join(_SYNTAXES[syntax] for syntax in found.syntaxes_of(uid))) for uid, words in KINDS.items()
    ]
    return [*objects, *(Taken(words, "yes" if found.takes(uid) else "") for uid, words in _SERVICES)]


def faults_of(found: Probe, destination: DimseDestination) -> Sequence[str]:
    """What does not fit, in words that say what to change where."""
    faults = [found.echo] if found.echo else []
    if not found.takes(VLPhotographicImageStorage):
        faults.append(_without_photos(found, destination))
    if destination.proof == "commitment" and not found.takes(COMMITMENT_CLASS):
        faults.append(
            'it does not offer storage commitment to us: ask its administrator to, or set proof = "query" here'
        )
    return [fault for fault in faults if fault]


def _without_photos(found: Probe, destination: DimseDestination) -> str:
    """What to do where photos are not taken as what they are."""
    ask = f"ask its administrator to take VL Photographic Image Storage ({VLPhotographicImageStorage})"
    if not found.takes(SecondaryCaptureImageStorage):
        return f"it lets us in and takes no photos, not even as Secondary Capture: {ask}"
    if destination.secondary_capture:
        return ""
    return f"it takes photos as Secondary Capture alone: {ask}, or set secondary_capture = true here"
