"""What `dermgate check` finds of a destination that is a DICOMweb server: asked for a study that nobody has."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit

from pydicom.uid import generate_uid

from dimse.listener_kind import ListenerKind, kind_of_listener
from dimse.reactions import Reaction
from gateway.config import StowDestination
from gateway.delivery.stow.answers import DICOM_JSON, words_of_search
from gateway.delivery.stow.channel import Channel
from gateway.delivery.stow.connecting import channel_to, token_of
from gateway.delivery.stow.credentials import TokenSource, authorization
from gateway.delivery.stow.endpoint import Endpoint
from gateway.delivery.stow.errors import ExchangeFailed, NoToken
from gateway.delivery.stow.messages import Answer, Request

USUAL_PATHS = ("/dicom-web", "/dicomweb", "/dcm4chee-arc/aets/DCM4CHEE/rs", "/rs")
"""Where servers have DICOMweb by default: tried where the path that is set leads nowhere, at the same server."""

_WRONG_PATH = frozenset({404, 405, 410})
_NO_SEARCH = frozenset({400, 406, 501})
_JSON = frozenset({"application/dicom+json", "application/json"})
_LONGEST_LOCATION = 200

_ADVICE: Mapping[tuple[ListenerKind, bool], str] = {
    (ListenerKind.TLS, False): "TLS is spoken there: does url begin with https://?",
    (ListenerKind.WEB, True): "HTTP without TLS is spoken there: does url begin with http://?",
    (ListenerKind.GREETING, False): "what listens there speaks first, which no web server does: correct the port",
    (ListenerKind.GREETING, True): "what listens there speaks first, which no web server does: correct the port",
    (ListenerKind.SILENT, False): "it says nothing to HTTP; is it a DICOM port?",
    (ListenerKind.SILENT, True): "it speaks neither TLS nor HTTP; is it a DICOM port?",
}
"""By what was found to listen there, and whether TLS is set to be spoken."""


def look_at_web(destination: StowDestination) -> str:
    """What is wrong with it, "" for nothing; nothing is stored there, and nobody's data is asked for."""
    try:
        answer = _asked(destination)
    except NoToken as lack:
        return str(lack)
    except ExchangeFailed as failure:
        return _unreachable(destination, failure)
    return _fault(destination, answer)


def _asked(destination: StowDestination) -> Answer:
    with closing(channel_to(destination)) as channel:
        return _search(channel, token_of(destination))


def _search(channel: Channel, token: TokenSource) -> Answer:
    target = f"/studies?StudyInstanceUID={generate_uid()}&limit=1"
    return channel.exchange(Request("GET", target, {"Accept": DICOM_JSON, **authorization(token)}))


def _fault(destination: StowDestination, answer: Answer) -> str:
    if _is_dicomweb(answer):
        return ""
    words = f"HTTP {answer.status}: {words_of_search(answer)}"
    if answer.status == 401 and token_of(destination)() is None:
        return f"HTTP {answer.status}: it wants a token and none is set: set token_file or token_variable"
    if answer.status // 100 == 3:
        return f"{words}{_location(answer)}"
    if answer.status in _WRONG_PATH or answer.status // 100 == 2:
        return f"{words}{_other_path(destination)}"
    if answer.status in _NO_SEARCH:
        return _unsearchable(destination, words)
    return words


def _unsearchable(destination: StowDestination, words: str) -> str:
    """A server that has no searches is no fault where none are wanted; another's address can look like one."""
    if other := _other_path(destination):
        return f"{words}{other}"
    return "" if destination.proof == "none" else f'{words}; it cannot be searched: set proof = "none" here'


def _is_dicomweb(answer: Answer) -> bool:
    if answer.status == 204:
        return True
    return answer.status == 200 and (answer.media_type in _JSON or not answer.body)


def _location(answer: Answer) -> str:
    """Where it sends us, as far as that can be printed; what stands behind the path is left out."""
    parts = urlsplit(answer.headers.get("location", "")[:_LONGEST_LOCATION])
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".removesuffix("/studies")
    return f" ({where})" if parts.netloc and where.isprintable() else ""


def _other_path(destination: StowDestination) -> str:
    """The address that may be meant, where one of the usual paths answers as it should."""
    endpoint = Endpoint.of(destination.url)
    for path in USUAL_PATHS:
        url = str(replace(endpoint, path=path))
        if path == endpoint.path:
            continue
        try:
            if _is_dicomweb(_asked(destination.model_copy(update={"url": url}))):
                return f'; is url = "{url}" meant?'
        except (ExchangeFailed, NoToken):
            return ""
    return ""


def _unreachable(destination: StowDestination, failure: ExchangeFailed) -> str:
    """Why there was no answer; what does not say so itself is looked at."""
    if failure.reaction not in {Reaction.UNKNOWN_OUTCOME, Reaction.UNREACHABLE}:
        return failure.words
    endpoint = Endpoint.of(destination.url)
    advice = _ADVICE.get((kind_of_listener(endpoint.host, endpoint.port), endpoint.encrypted))
    return f"{failure.words}: {advice}" if advice else failure.words
