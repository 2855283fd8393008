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

from dimse.commitment_data import COMMITMENT_CLASS
from dimse.contexts import VERIFICATION
from dimse.listener_kind import kind_of_listener
from dimse.probing import STUDY_ROOT_FIND, Probe, probe
from gateway.commands.checking.advice import UNEXPLAINED, explained, strangeness
from gateway.config import DimseDestination
from gateway.hospitals.remotes import remote_of, timeouts_of

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


@dataclass(frozen=True, slots=True)
class Taken:
    """One kind of object or service, and how it is taken; "" where it is not."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: what is wrong ("" for nothing), and what is taken, nothing where there was no association.

    `note` is what is no fault and yet to be known.
    """

    fault: str
    taken: Sequence[Taken] = ()
    note: str = ""


def look_at_pacs(destination: DimseDestination, calling_ae_title: str) -> Seen:
    """Associate with it, ask for an echo and an object that nobody has, and see what it takes; nothing is stored."""
    remote = remote_of(destination, destination.port)
    timeouts = timeouts_of(destination)
    found = probe(remote, calling_ae_title, timeouts)
    if found.failure is None:
        faults = faults_of(found, destination, calling_ae_title)
        return Seen("; ".join(faults), taken_by(found), note_of(found))
    is_unexplained = found.failure.obstacle in UNEXPLAINED
    kind = kind_of_listener(remote.host, remote.port) if is_unexplained else None
    return Seen(explained(found.failure, kind, calling_ae_title))


def taken_by(found: Probe) -> Sequence[Taken]:
    """Every kind of object and service, and how it is taken."""
    objects = [
        Taken(words, ", ".join(_SYNTAXES[syntax] for syntax in found.syntaxes_of(uid))) for uid, words in KINDS.items()
    ]
    return [
        *objects,
        Taken("C-ECHO", "yes" if found.takes(VERIFICATION) and not found.echo else ""),
        Taken("C-FIND (proof by query)", _queries(found)),
        Taken("storage commitment", "yes" if found.takes(COMMITMENT_CLASS) else ""),
    ]


def _queries(found: Probe) -> str:
    if found.query or not found.takes(STUDY_ROOT_FIND):
        return ""
    return "offered, not asked" if found.echo else "yes"


def note_of(found: Probe) -> str:
    """What somebody may well live with, and ought to know."""
    if found.takes(Comprehensive3DSRStorage) or not found.takes(VLPhotographicImageStorage):
        return ""
    return (
        "it takes no reports, each ends not_accepted: ask its administrator to take Comprehensive 3D SR Storage "
        f"({Comprehensive3DSRStorage}), or set [intake] report = false to have none made of photos"
    )


def faults_of(found: Probe, destination: DimseDestination, calling_ae_title: str) -> Sequence[str]:
    """What does not fit, in words that say what to change where."""
    faults = [
        _unechoed(found, calling_ae_title),
        "" if found.takes(VLPhotographicImageStorage) else _without_photos(found, destination),
        "" if destination.proof == "none" else _unproven(found, destination, calling_ae_title),
    ]
    return [fault for fault in faults if fault]


def _unechoed(found: Probe, calling_ae_title: str) -> str:
    if not found.hung_up:
        return found.echo
    return found.echo and f"{found.echo}: {strangeness(calling_ae_title)}"


def _unproven(found: Probe, destination: DimseDestination, calling_ae_title: str) -> str:
    """Why what it takes would stay unproven."""
    if destination.proof == "commitment" and not found.takes(COMMITMENT_CLASS):
        return 'it does not offer storage commitment to us: ask its administrator to, or set proof = "query" here'
    if found.query:
        return f"a query for an object that nobody has: {found.query}: {_let_query(found, calling_ae_title)}"
    if destination.proof == "query" and not found.takes(STUDY_ROOT_FIND):
        other = "commitment" if found.takes(COMMITMENT_CLASS) else "none"
        return f'it takes no queries (C-FIND) from us: ask its administrator to, or set proof = "{other}" here'
    return ""


def _let_query(found: Probe, calling_ae_title: str) -> str:
    if found.hung_up:
        return f"{strangeness(calling_ae_title)}; nothing is proven until it is"
    return f"ask its administrator to register {calling_ae_title} with our address and to let it query"


def _without_photos(found: Probe, destination: DimseDestination) -> str:
    """What to do where photos are not taken as what they are."""
    ask = f"ask its administrator to take VL Photographic Image Storage ({VLPhotographicImageStorage})"
    if not found.takes(SecondaryCaptureImageStorage):
        return f"it lets us in and takes no photos, not even as Secondary Capture: {ask}"
    if destination.secondary_capture:
        return ""
    return f"it takes photos as Secondary Capture alone: {ask}, or set secondary_capture = true here"
