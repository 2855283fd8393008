"""Which of the representations that a resource has is sent (PS3.18 8.7).

A resource makes `Offer`s, best first; `choose` picks by what the client accepts. Pure: strings in, an offer out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dicomweb.media_types import MediaType, Preference, parse_accept

MULTIPART = "multipart/related"
JSON = "application/dicom+json"
DICOM = "application/dicom"
OCTET_STREAM = "application/octet-stream"
ZIP = "application/zip"


class NotAcceptableError(ValueError):
    """No representation fits what the client accepts; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation that can be sent.

    Attributes:
        media_type: of the body, or of each part where `multipart`.
        multipart: whether it is sent as multipart/related.
        transfer_syntax_uid: of the DICOM or pixel data in it; None where there is none.
        is_default: whether it may answer a request without a transfer-syntax parameter: Explicit VR Little
            Endian, or the stored syntax where nothing but lossy data exists (PS3.18 8.7.3.5.2).
        aliases: other media types under which it may be asked for, together with a transfer-syntax parameter that
            fits: a JPEG is no answer to a plain application/octet-stream.
    """

    media_type: str
    multipart: bool = False
    transfer_syntax_uid: str | None = None
    is_default: bool = True
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As a client would ask for it."""
        return f'multipart/related; type="{self.media_type}"' if self.multipart else self.media_type


def preferences(header: str | None, parameter: str | None, *, strict: bool) -> Sequence[Preference]:
    """What the client accepts: the `accept` query parameter before the header (PS3.18 8.3.3.1).

    Args:
        header: the Accept header, None where there is none.
        parameter: the accept query parameter, decoded.
        strict: refuse a request that has neither, as PS3.18 8.7.5 wants; else it accepts everything.

    Raises:
        NotAcceptableError: strict, and neither is there.
        MediaTypeError: one is no list of media types.
    """
    text = parameter or header
    if text:
        return _parsed(text)
    if strict:
        raise NotAcceptableError("the request has no Accept header")
    return (Preference(MediaType("*/*"), 1.0),)


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[Preference, ...]:
    """A client sends the same list with each of its requests."""
    return tuple(parse_accept(text))


def choose(accepted: Sequence[Preference], offers: Sequence[Offer]) -> Offer:
    """The offer that suits the client best; among equals the one offered first.

    Raises:
        NotAcceptableError: none suits.
    """
    for preference in accepted:
        for offer in offers:
            if _fits(preference.media_type, offer):
                return offer
    raise NotAcceptableError("available: " + ", ".join(dict.fromkeys(offer.name for offer in offers)))


def _fits(wanted: MediaType, offer: Offer) -> bool:
    if wanted.essence == "*/*":
        return _syntax_fits(wanted, offer, anything=True)
    if wanted.essence == MULTIPART or (offer.multipart and wanted.essence == "multipart/*"):
        return offer.multipart and _type_fits(wanted, wanted.get("type") or "*/*", offer)
    return not offer.multipart and _type_fits(wanted, wanted.essence, offer)


def _type_fits(wanted: MediaType, type_range: str, offer: Offer) -> bool:
    type_range = type_range.lower()
    if type_range == offer.media_type or _is_within(offer.media_type, type_range):
        return _syntax_fits(wanted, offer, anything=type_range.endswith("/*"))
    return (
        type_range in offer.aliases
        and wanted.get("transfer-syntax") is not None
        and _syntax_fits(wanted, offer, anything=False)
    )


def _is_within(media_type: str, type_range: str) -> bool:
    return type_range == "*/*" or (type_range.endswith("/*") and media_type.startswith(type_range[:-1]))


def _syntax_fits(wanted: MediaType, offer: Offer, *, anything: bool) -> bool:
    """Whether the transfer syntax suits; a wildcard type without a transfer-syntax takes what is stored."""
    asked = wanted.get("transfer-syntax")
    if asked is None:
        return offer.is_default or anything
    return asked == "*" or offer.transfer_syntax_uid is None or asked == offer.transfer_syntax_uid
