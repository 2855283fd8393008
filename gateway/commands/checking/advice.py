"""Why a PACS could not be talked to, and what to change where: words for whoever runs `dermgate check`. No I/O."""

from collections.abc import Mapping

from dimse.association import AssociationFailed, Obstacle
from dimse.listener_kind import ListenerKind
from dimse.reactions import Reaction
from dimse.tls_words import TlsFault

UNEXPLAINED = (Obstacle.ABORTED, Obstacle.TIMEOUT)
"""The peer was there and did not say what was wrong: worth finding out what it is."""

_TO_DO: Mapping[Obstacle, str] = {
    Obstacle.HOST_UNKNOWN: "correct `host` of this destination, or ask whoever keeps the names",
    Obstacle.CONNECTION_REFUSED: "is it running, and is `port` right? Deliveries wait and go by themselves when it is",
    Obstacle.UNREACHABLE: "correct `host` of this destination, or ask whoever keeps the network",
    Obstacle.NO_PRESENTATION_CONTEXT: "it knows us and takes nothing that we offer, not even C-ECHO: ask its "
    "administrator which SOP classes it takes from us",
}

_BY_KIND: Mapping[ListenerKind, str] = {
    ListenerKind.WEB: "a web server listens there: `port` is its HTTP port, not its DICOM port (104, 11112 and 4242 "
    'are usual); a DICOMweb server is a destination of kind = "stow"',
    ListenerKind.TLS: "TLS is spoken there and this destination is set to go without: use its TLS settings, or its "
    "port without TLS",
    ListenerKind.GREETING: "what listens there speaks first, which DICOM never does: correct `port`",
    ListenerKind.NOBODY: "a firewall may drop what we send: ask whoever keeps the network",
    ListenerKind.SILENT: "some PACS hang up on callers that they do not know: ask its administrator to register "
    "{calling} with our address; else it is no DICOM port",
}

_BY_TLS_FAULT: Mapping[TlsFault, str] = {
    TlsFault.NO_TLS: "correct `port` (2762 is usual for DICOM over TLS), or set tls = false here if it has none",
    TlsFault.NOT_BELIEVED: "set `tls_ca` here to the certificate of whoever signed its own, or to its own where it "
    "signed that itself",
    TlsFault.OTHER_NAME: "set `tls_name` here to a name that its certificate bears, or `host` to that",
    TlsFault.OUT_OF_DATE: "its administrator has to renew the certificate; if that is good, look at the clock here",
    TlsFault.WEAK: "its administrator has to have a certificate made with keys of 2048 bits (curves: 224) or more, and "
    "SHA-256",
    TlsFault.WANTS_OURS: "set `tls_certificate` and `tls_key` here",
    TlsFault.REFUSES_OURS: "ask its administrator to trust whoever signed `tls_certificate`, or set another one here",
    TlsFault.NOTHING_SHARED: "ask its administrator for TLS 1.2 or 1.3 with the cipher suites of BCP 195; set "
    "`tls_certificate` and `tls_key` here if it wants to know who calls",
}

_PASSES = "this passes by itself: deliveries wait meanwhile"
_STAYS = "this stays until somebody changes it: deliveries wait meanwhile"


def explained(failure: AssociationFailed, kind: ListenerKind | None, calling_ae_title: str) -> str:
    """Why there was no association, and what to do about it.

    `kind` is what was found to listen there, None where nobody looked.
    """
    if failure.obstacle is Obstacle.REJECTED:
        lasts = _PASSES if failure.reaction is Reaction.BUSY else _STAYS
        return f"{failure.words} ({lasts})"
    to_do = _BY_KIND[kind] if kind is not None else _to_do(failure)
    return f"{failure.words}: {to_do.format(calling=calling_ae_title)}" if to_do else failure.words


def strangeness(calling_ae_title: str) -> str:
    """What to do about a PACS that lets anybody in and hangs up at what it is asked."""
    return (
        f"perhaps our title {calling_ae_title} is not registered there (Orthanc: DicomModalities): ask its "
        "administrator to register it with our address"
    )


def _to_do(failure: AssociationFailed) -> str:
    if failure.tls_fault is not None:
        return _BY_TLS_FAULT.get(failure.tls_fault, "")
    return _TO_DO.get(failure.obstacle, "")
