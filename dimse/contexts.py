"""SOP classes and transfer syntaxes: the tables of what Dermgate takes, and how what it sends is offered.

The classes are listed one by one: pynetdicom's `StoragePresentationContexts` lacks the Dermoscopic class.
"""

from collections.abc import Iterable

from pydicom.uid import (
    HEVCMP51,
    JPEG2000,
    MPEG2MPHL,
    MPEG2MPML,
    MPEG4HP41,
    MPEG4HP41BD,
    UID,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    DermoscopicPhotographyImageStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    VideoPhotographicImageStorage,
    VLPhotographicImageStorage,
)
from pynetdicom.presentation import PresentationContext, build_context

from dimse.commitment_data import COMMITMENT_CLASS
from dimse.query_models import LEVELS
from dimse.retrieve_models import FIND_MODELS

VERIFICATION = UID("1.2.840.10008.1.1")

PICTURE_CLASSES: tuple[UID, ...] = (
    VLPhotographicImageStorage,
    DermoscopicPhotographyImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    VideoPhotographicImageStorage,
)
REPORT_CLASSES: tuple[UID, ...] = (Comprehensive3DSRStorage, ComprehensiveSRStorage, EnhancedSRStorage)
STORAGE_CLASSES: tuple[UID, ...] = (*PICTURE_CLASSES, *REPORT_CLASSES)
"""What the provider takes."""

NATIVE_SYNTAXES: tuple[UID, ...] = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
"""Uncompressed, best first. Every conforming peer offers Implicit VR Little Endian (PS3.5 10.1), so the retired
big-endian syntax is not needed, nor the deflated one, whose true size nobody knows before inflating."""

PICTURE_SYNTAXES: tuple[UID, ...] = (
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
    RLELossless,
)
VIDEO_SYNTAXES: tuple[UID, ...] = (MPEG2MPML, MPEG2MPHL, MPEG4HP41, MPEG4HP41BD, HEVCMP51)

MAX_CONTEXTS = 128
"""Odd identifiers from 1 to 255 (PS3.8 9.3.2.2)."""


def provider_contexts(
    *, queries: bool = False, retrievals: bool = False, commitments: bool = False
) -> list[PresentationContext]:
    """What the provider accepts: verification, each storage class in the syntaxes it can have, and what else is served.

    A report has no pixels to code: a compressed syntax accepted for one, as a requestor that prefers JPEG proposes it
    first, would be a context in which nothing could go. What is stored is kept as received. With `retrievals` the
    storage classes are taken in the other role too, by whoever proposes to be their SCP (PS3.4 C.4.3).
    """
    native: list[str | UID] = [*NATIVE_SYNTAXES]
    coded: list[str | UID] = [*NATIVE_SYNTAXES, *PICTURE_SYNTAXES, *VIDEO_SYNTAXES]
    storage = [build_context(uid, native if uid in REPORT_CLASSES else coded) for uid in STORAGE_CLASSES]
    if retrievals:
        for context in storage:
            context.scu_role = context.scp_role = True
    asking = [*(LEVELS if queries else ()), *(FIND_MODELS if retrievals else ())]
    simple = [build_context(sop_class_uid, native) for sop_class_uid in (VERIFICATION, *asking)]
    return [*simple, *([commitment_context()] if commitments else []), *storage]


def commitment_context() -> PresentationContext:
    """Storage commitment in both roles: others ask us, and others that we asked call to report (PS3.4 J.2)."""
    context = build_context(COMMITMENT_CLASS, [*NATIVE_SYNTAXES])
    context.scu_role = context.scp_role = True
    return context


def offered_contexts(pairs: Iterable[tuple[str, str]]) -> list[PresentationContext]:
    """What a sender offers for `pairs` of (SOP class UID, transfer syntax UID).

    One context for each pair, so that an instance can go as it is stored, and one for each SOP class with the
    uncompressed syntaxes, to fall back on. Several stored syntaxes in one context would let the peer choose one
    that the instance is not in (PS3.8 9.3.3.2: the acceptor picks one syntax a context).
    """
    distinct = dict.fromkeys(pairs)
    as_stored = [build_context(sop_class_uid, syntax) for sop_class_uid, syntax in distinct]
    classes = dict.fromkeys(sop_class_uid for sop_class_uid, _ in distinct)
    return [*as_stored, *(build_context(sop_class_uid, [*NATIVE_SYNTAXES]) for sop_class_uid in classes)]
