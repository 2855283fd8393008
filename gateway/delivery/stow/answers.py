"""What a DICOMweb server's answer to a store request says of one instance, and what to do about it. No I/O.

The status line speaks of the whole request, the Store Instances Response (PS3.18 Annex I) of each instance: where it
names ours it is believed before the status line, which Orthanc, for one, sets to 409 although it stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dimse.reactions import Reaction
from dimse.status import Meaning, meaning_of_store_status
from gateway.delivery.stow.messages import Answer

DICOM_JSON = "application/dicom+json"
FAILED, STORED = "00081198", "00081199"
INSTANCE_UID, FAILURE_REASON, WARNING_REASON = "00081155", "00081197", "00081196"

TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122
_SUCCESS = 0x0000
_SILENT_WARNING = 0xB000

REASONS: Mapping[int, Meaning] = {
    # PS3.18 table I.2-2 has one more than C-STORE; to C-STORE it is one of many "cannot understand".
    TRANSFER_SYNTAX_NOT_SUPPORTED: Meaning(
        "the server does not take this transfer syntax", Reaction.NO_PRESENTATION_CONTEXT
    ),
}

STATUSES: Mapping[int, Meaning] = {
    200: Meaning("it says success, without naming the instance", Reaction.STORED_WITH_WARNING),
    202: Meaning("it accepted something, without saying what", Reaction.RETRY_FEW),
    400: Meaning("it calls the request malformed", Reaction.RETRY_ONCE),
    401: Meaning("it wants a valid token: see the destination's token_file or token_variable", Reaction.CONFIGURATION),
    403: Meaning("the token that we show may not store there", Reaction.CONFIGURATION),
    404: Meaning("there is no such address: see the path of the destination's url", Reaction.CONFIGURATION),
    405: Meaning("nothing is stored at this address: see the path of the destination's url", Reaction.CONFIGURATION),
    406: Meaning("it cannot answer in DICOM JSON", Reaction.CONFIGURATION),
    407: Meaning("a proxy stands between that wants a password of its own", Reaction.CONFIGURATION),
    408: Meaning("the request took too long to arrive", Reaction.UNKNOWN_OUTCOME),
    409: Meaning("it stored nothing, without saying why", Reaction.RETRY_FEW),
    410: Meaning("the address is given up: see the destination's url", Reaction.CONFIGURATION),
    411: Meaning("it wants to know the length of the request, which we tell", Reaction.PROTOCOL_MISUSE),
    413: Meaning("the object is larger than it takes", Reaction.PERMANENT),
    415: Meaning("it does not take such objects by STOW-RS", Reaction.NO_PRESENTATION_CONTEXT),
    421: Meaning("the server does not answer to this name: see the destination's url", Reaction.CONFIGURATION),
    422: Meaning("it cannot use the object", Reaction.RETRY_ONCE),
    429: Meaning("it asks us to slow down", Reaction.BUSY),
    500: Meaning("it failed", Reaction.RETRY_FEW),
    501: Meaning("it has no STOW-RS", Reaction.CONFIGURATION),
    502: Meaning("the server behind the proxy does not answer", Reaction.UNREACHABLE),
    503: Meaning("it is not available for the moment", Reaction.BUSY),
    504: Meaning("the server behind the proxy did not answer in time", Reaction.UNKNOWN_OUTCOME),
    507: Meaning("it has no room left", Reaction.BUSY),
}

SEARCH_WORDS: Mapping[int, str] = {
    403: "the token that we show may not search there (at a Dermgate a key of the role `gateway` may store and search)",
    405: "nothing is searched at this address: see the path of the destination's url",
    409: "it refuses the search, without saying why",
    413: "the search is longer than it takes",
    415: "it does not take searches like this",
    501: "it has no QIDO-RS",
}
"""Of statuses that say another thing to a search than to a store request."""

_BY_HUNDRED: Mapping[int, Meaning] = {
    2: Meaning("a success that such a request does not have", Reaction.RETRY_FEW),
    3: Meaning("it sends us elsewhere, where we do not follow: enter that address as the url", Reaction.CONFIGURATION),
    4: Meaning("it refuses the request", Reaction.RETRY_ONCE),
    5: Meaning("it failed", Reaction.RETRY_FEW),
}
_NONSENSE = Meaning("no status of HTTP", Reaction.CONFIGURATION)
_WEB_PAGE = Meaning("a web page answers: the url is not that of a DICOMweb service", Reaction.CONFIGURATION)
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about an instance, why in words; `status` is the reason as Annex I numbers it, None without one."""

    reaction: Reaction
    words: str
    status: int | None = None


def judged(answer: Answer, sop_instance_uid: str) -> Verdict:
    """What `answer` says of the instance; any answer has a verdict."""
    reason = _reason(answer.body, sop_instance_uid)
    if reason is not None:
        meaning = REASONS.get(reason) or meaning_of_store_status(reason)
        return Verdict(meaning.reaction, f"HTTP {answer.status}, 0x{reason:04X}: {meaning.words}", reason)
    meaning = meaning_of_status(answer)
    status = _SILENT_WARNING if meaning.reaction.is_stored else None
    return Verdict(meaning.reaction, f"HTTP {answer.status}: {meaning.words}", status)


def meaning_of_status(answer: Answer) -> Meaning:
    """What the status line says by itself; a page for people in place of an answer is a wrong address."""
    if answer.status // 100 == 2 and answer.media_type in _WEB_PAGES:
        return _WEB_PAGE
    return STATUSES.get(answer.status) or _BY_HUNDRED.get(answer.status // 100, _NONSENSE)


def words_of_search(answer: Answer) -> str:
    """What the status line says to a search that was refused."""
    return SEARCH_WORDS.get(answer.status) or meaning_of_status(answer).words


def _reason(body: bytes | None, sop_instance_uid: str) -> int | None:
    """The Failure or Warning Reason given for the instance, 0 where it is stored, None where it is not named."""
    for document in data_sets(body):
        failed = _item(document, FAILED, sop_instance_uid)
        if failed is not None:
            return _number(failed, FAILURE_REASON, otherwise=0x0110)
        stored = _item(document, STORED, sop_instance_uid)
        if stored is not None:
            return _number(stored, WARNING_REASON, otherwise=_SUCCESS)
    return None


def data_sets(body: bytes | None) -> Sequence[Mapping[str, Any]]:
    """The data sets of a DICOM JSON answer (PS3.18 F.2); some servers put the one there is into a list."""
    try:
        document = orjson.loads(body or b"")
    except ValueError:
        return ()
    return [each for each in (document if isinstance(document, list) else [document]) if isinstance(each, dict)]


def is_json(body: bytes) -> bool:
    """Whether a body is JSON at all, or empty; a page for people, or half of an answer, is not."""
    try:
        orjson.loads(body or b"[]")
    except ValueError:
        return False
    return True


def _item(document: Mapping[str, Any], tag: str, sop_instance_uid: str) -> Mapping[str, Any] | None:
    """The item of a sequence that is about the instance."""
    for item in values_of(document, tag):
        if isinstance(item, dict) and sop_instance_uid in values_of(item, INSTANCE_UID):
            return item
    return None


def values_of(document: Mapping[str, Any], tag: str) -> Sequence[Any]:
    """The values of an element of a data set in DICOM JSON, empty where there is none or it is malformed."""
    element = document.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else ()


def _number(item: Mapping[str, Any], tag: str, *, otherwise: int) -> int:
    values = values_of(item, tag)
    number = values[0] if values else otherwise
    return number if isinstance(number, int) and 0 <= number <= 0xFFFF else otherwise
