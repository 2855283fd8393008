"""Why a PACS could not be talked to, and what to change where: words for whoever runs `dermgate check`. No I/O."""

from collections.abc import Mapping

from dimse.association import AssociationFailed, Obstacle
from dimse.listener_kind import ListenerKind
from dimse.reactions import Reaction

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

_PASSES = "this passes by itself: deliveries wait meanwhile"
_STAYS = "this stays until somebody changes it: deliveries wait meanwhile"


def explained(failure: AssociationFailed, kind: ListenerKind | None, calling_ae_title: str) -> str:
    """Why there was no association, and what to do about it.

    `kind` is what was found to listen there, None where nobody looked.
    """
    if failure.obstacle is Obstacle.REJECTED:
        lasts = _PASSES if failure.reaction is Reaction.BUSY else _STAYS
        return f"{failure.words} ({lasts})"
    to_do = _BY_KIND[kind] if kind is not None else _TO_DO.get(failure.obstacle, "")
    return f"{failure.words}: {to_do.format(calling=calling_ae_title)}" if to_do else failure.words
