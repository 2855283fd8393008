"""What each method of each resource takes and gives, for the description of capabilities (PS3.18 8.9, annex H)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dicomweb.negotiation import DICOM, JSON, OCTET_STREAM, ZIP
from dicomweb.rendering.encoding import PICTURES
from dicomweb.rendering.offers import PDF
from dicomweb.rendering.reports.layout import HTML, PLAIN
from dicomweb.xml.names import MEDIA_TYPE as XML

PLAIN_JSON: Final = "application/json"
WADL: Final = "application/vnd.sun.wadl+xml"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one resource.

    Attributes:
        name: of the transaction, as PS3.18 has it; our own for what it has not.
        takes: media types of the request's body.
        gives: media types of the answer's body, the default first.
        query: parameters of the query string.
        statuses: of good answers.
    """

    name: str
    takes: Sequence[str] = ()
    gives: Sequence[str] = ()
    query: Sequence[str] = ()
    statuses: Sequence[int] = (200,)


def _parts(*media_types: str) -> list[str]:
    return [f'multipart/related; type="{media_type}"' for media_type in media_types]


_SEARCHED: Final = (JSON, PLAIN_JSON, *_parts(XML))
_PAGING: Final = ("limit", "offset")
_SEARCH_QUERY: Final = ("{attributeID}", "includefield", "fuzzymatching", *_PAGING, "accept", "charset")
_CODED: Final = ("image/jpeg", "image/jp2", "image/jls", "image/dicom-rle", "video/mp4", "video/mpeg")
_VIEWED: Final = (*PICTURES, "video/mp4", "video/mpeg", HTML, PLAIN, PDF)
_STUDY: Final = "/studies/{study}"
_SERIES: Final = _STUDY + "/series/{series}"
_INSTANCE: Final = _SERIES + "/instances/{instance}"
_FRAMES: Final = _INSTANCE + "/frames/{frames}"

_SEARCH = Operation("Search", gives=_SEARCHED, query=_SEARCH_QUERY, statuses=(200, 204))
_STORE = Operation(
    "Store Instances", takes=(*_parts(DICOM, JSON, XML), DICOM), gives=(JSON, PLAIN_JSON, XML), statuses=(200, 202)
)
_RETRIEVE = Operation("Retrieve Instances", gives=(*_parts(DICOM), ZIP), query=("accept",))
_METADATA = Operation("Retrieve Metadata", gives=_SEARCHED, query=("accept", "charset"))
_RENDERED = Operation(
    "Retrieve Rendered",
    gives=(*_VIEWED, *_parts(*PICTURES)),
    query=("accept", "annotation", "quality", "viewport", "window", "iccprofile"),
)
_THUMBNAIL = Operation("Retrieve Thumbnail", gives=PICTURES, query=("accept", "viewport"))
_PIXELS = Operation("Retrieve Frames", gives=(*_parts(OCTET_STREAM, *_CODED), OCTET_STREAM, *_CODED), query=("accept",))
_DELETE = Operation("Delete", statuses=(204,))
_WADO_URI = Operation(
    "Retrieve by WADO-URI",
    gives=(*_VIEWED, DICOM),
    query=(
        *("requestType", "studyUID", "seriesUID", "objectUID", "contentType", "charset", "anonymize", "annotation"),
        *("transferSyntax", "frameNumber", "imageAnnotation", "imageQuality", "rows", "columns", "region"),
        *("windowCenter", "windowWidth", "presentationSeriesUID", "presentationUID"),
    ),
)
_CHANGES = Operation("Changes", gives=(PLAIN_JSON,), query=("after", "limit"))
_CAPABILITIES = Operation("Retrieve Capabilities", gives=(WADL, PLAIN_JSON))

_WORKITEM: Final = "/workitems/{workitem}"
_COMMITMENT: Final = "/commitment-requests/{transaction}"
_DATA_SET: Final = (JSON, PLAIN_JSON, XML)
_SERVICES: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", "/workitems"): replace(_SEARCH, name="Search Workitems"),
    ("POST", "/workitems"): Operation("Create Workitem", _DATA_SET, query=("{workitem}",), statuses=(201,)),
    ("GET", _WORKITEM): Operation("Retrieve Workitem", gives=_SEARCHED, query=("accept",)),
    ("POST", _WORKITEM): Operation("Update Workitem", _DATA_SET, query=("{transaction}",)),
    ("PUT", _WORKITEM + "/state"): Operation("Change Workitem State", _DATA_SET),
    ("POST", _WORKITEM + "/cancelrequest"): Operation("Request Cancellation", _DATA_SET, statuses=(202,)),
    ("POST", _COMMITMENT): Operation("Request Commitment", _DATA_SET, _DATA_SET),
    ("GET", _COMMITMENT): Operation("Retrieve Commitment Result", gives=_DATA_SET),
    ("GET", "/modality-scheduled-procedure-steps"): replace(_SEARCH, name="Search Scheduled Procedure Steps"),
}

_SEARCHES: Final = ("/studies", "/series", "/instances")
_LEVELS: Final = (_STUDY, _SERIES, _INSTANCE)

OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    **{("GET", path): _SEARCH for path in _SEARCHES},
    **{("GET", path): _SEARCH for path in (_STUDY + "/series", _STUDY + "/instances", _SERIES + "/instances")},
    **{("POST", path): _STORE for path in ("/studies", _STUDY)},
    **{("GET", path): _RETRIEVE for path in (_STUDY, _SERIES)},
    ("GET", _INSTANCE): replace(_RETRIEVE, gives=(*_RETRIEVE.gives, DICOM)),
    **{("DELETE", path): _DELETE for path in _LEVELS},
    **{("GET", path + "/metadata"): _METADATA for path in _LEVELS},
    **{("GET", path + "/rendered"): _RENDERED for path in (*_LEVELS, _FRAMES)},
    **{("GET", path + "/thumbnail"): _THUMBNAIL for path in (*_LEVELS, _FRAMES)},
    ("GET", _FRAMES): _PIXELS,
    ("GET", _INSTANCE + "/bulkdata/{path}"): replace(_PIXELS, name="Retrieve Bulk Data"),
    **{("GET", path): _WADO_URI for path in ("/", "/wado")},
    ("OPTIONS", "/"): _CAPABILITIES,
    ("GET", "/changes"): _CHANGES,
    **_SERVICES,
}
"""By method and path, as the routes have them."""
