"""WADO-RS: which bytes answer a retrieve (PS3.18 10.4), apart from HTTP. Blocking; called in worker threads."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

import orjson

from dicomweb.archive import Archive, JsonObject, Span, StoredInstance
from dicomweb.attributes import AVAILABLE_TRANSFER_SYNTAX_UID
from dicomweb.dicom_json import tag_key
from dicomweb.negotiation import DICOM, OCTET_STREAM, ZIP, Offer
from dicomweb.parts import MadeBytes, Part, PartSource, StoredBytes, content_type
from dicomweb.transfer_syntaxes import (
    EXPLICIT_VR_LITTLE_ENDIAN,
    available_syntaxes,
    frame_media_type,
    frame_transfer_syntax,
    is_decodable,
    is_lossy,
)
from dicomweb.xml.parts import xml_chunks

PIXEL_DATA_PATH = "7FE00010"
_METADATA_CHUNK_BYTES = 256 * 1024


def entity_tag(instances: Sequence[StoredInstance], representation: str) -> str:
    """A strong entity tag (RFC 9110 8.8.3) of a representation of these instances, which never change."""
    digest = sha256(representation.encode())
    for instance in instances:
        digest.update(instance.sha256.encode())
    return f'"{digest.hexdigest()[:32]}"'


def instance_url(instance: StoredInstance) -> str:
    """Path of the instance below the base URL."""
    return (
        f"/studies/{instance.study_instance_uid}/series/{instance.series_instance_uid}"
        f"/instances/{instance.sop_instance_uid}"
    )


# -- instances


def dicom_offers(instances: Sequence[StoredInstance]) -> Sequence[Offer]:
    """How these instances can be sent as Part 10 files: as stored where all share a syntax, or uncompressed.

    Explicit VR Little Endian is the default, except where only lossy data exist: then it is what is stored
    (PS3.18 8.7.3.5.2).
    """
    return _dicom_offers(frozenset(instance.transfer_syntax_uid for instance in instances), len(instances) == 1)


@lru_cache(maxsize=256)
def _dicom_offers(syntaxes: frozenset[str], is_one: bool) -> Sequence[Offer]:
    shared = next(iter(syntaxes)) if len(syntaxes) == 1 else None
    offers = [
        Offer(
            DICOM,
            multipart=True,
            transfer_syntax_uid=shared or AS_STORED,
            is_default=all(_may_go_as_stored(syntax) for syntax in syntaxes),
        )
    ]
    if shared != EXPLICIT_VR_LITTLE_ENDIAN and all(can_be_explicit(syntax) for syntax in syntaxes):
        offers.append(Offer(DICOM, multipart=True, transfer_syntax_uid=EXPLICIT_VR_LITTLE_ENDIAN))
    if is_one:
        offers += [
            Offer(DICOM, transfer_syntax_uid=offer.transfer_syntax_uid, is_default=offer.is_default)
            for offer in tuple(offers)
        ]
    # A folder of files is what people ask for, not what programs that leave it open expect: it comes last.
    files = {offer.transfer_syntax_uid: offer for offer in reversed(offers)}
    return (*offers, *(replace(offer, media_type=ZIP, multipart=False) for offer in reversed(files.values())))


AS_STORED = "as-stored"
"""Stands for the transfer syntax of instances of which each has its own."""


def _may_go_as_stored(syntax: str) -> bool:
    """Whether a file of this syntax may answer a request that names none."""
    return syntax == EXPLICIT_VR_LITTLE_ENDIAN or is_lossy(syntax)


def can_be_explicit(syntax: str) -> bool:
    """Whether an instance of this transfer syntax can be made Explicit VR Little Endian here."""
    return EXPLICIT_VR_LITTLE_ENDIAN in available_syntaxes(syntax)


def stored_part(archive: Archive, instance: StoredInstance, base_url: str, chunk_bytes: int) -> Part:
    """The instance's file as it is."""
    source = StoredBytes(archive, instance, (Span(0, instance.size_bytes),), chunk_bytes)
    return Part(_instance_headers(instance, instance.transfer_syntax_uid, base_url), source)


def made_part(instance: StoredInstance, make: Callable[[], bytes], base_url: str) -> Part:
    """The instance as an Explicit VR Little Endian file made for this answer."""
    return Part(_instance_headers(instance, EXPLICIT_VR_LITTLE_ENDIAN, base_url), MadeBytes(make))


def _instance_headers(instance: StoredInstance, transfer_syntax_uid: str, base_url: str) -> dict[str, str]:
    return {
        "Content-Type": content_type(DICOM, transfer_syntax_uid),
        "Content-Location": base_url + instance_url(instance),
    }


# -- metadata


def metadata_chunks(
    archive: Archive, instances: Sequence[StoredInstance], base_url: str
) -> Generator[bytes, None, None]:
    """The DICOM JSON array of the instances' metadata, BulkDataURIs absolute."""
    pending = bytearray(b"[")
    for number, (instance, members) in enumerate(zip(instances, archive.metadata(instances), strict=True)):
        if number:
            pending += b","
        pending += orjson.dumps(_as_served(members, instance, base_url))
        if len(pending) >= _METADATA_CHUNK_BYTES:
            yield bytes(pending)
            pending.clear()
    pending += b"]"
    yield bytes(pending)


def metadata_xml_chunks(
    archive: Archive, instances: Sequence[StoredInstance], base_url: str, boundary: str
) -> Generator[bytes, None, None]:
    """The same as XML, one part an instance."""
    located = zip(instances, archive.metadata(instances), strict=True)
    yield from xml_chunks((_as_served(members, instance, base_url) for instance, members in located), boundary)


def _as_served(members: JsonObject, instance: StoredInstance, base_url: str) -> JsonObject:
    """With AvailableTransferSyntaxUID, by ascending tag, BulkDataURIs absolute."""
    available = {"vr": "UI", "Value": available_syntaxes(instance.transfer_syntax_uid)}
    complete = {**members, tag_key(AVAILABLE_TRANSFER_SYNTAX_UID): available}
    return _with_absolute_uris({tag: complete[tag] for tag in sorted(complete)}, f"{base_url}{instance_url(instance)}/")


def _with_absolute_uris(members: JsonObject, prefix: str) -> JsonObject:
    """A relative URI would be resolved against `.../metadata`, whose depth differs by level."""
    return {tag: _with_absolute_uri(member, prefix) for tag, member in members.items()}


def _with_absolute_uri(member: JsonObject, prefix: str) -> JsonObject:
    if "BulkDataURI" in member:
        return {**member, "BulkDataURI": prefix + member["BulkDataURI"]}
    if member["vr"] == "SQ" and "Value" in member:
        return {**member, "Value": [_with_absolute_uris(item, prefix) for item in member["Value"]]}
    return member


# -- frames and bulk data


def frame_offers(instance: StoredInstance, *, single: bool) -> Sequence[Offer]:
    """How frames can be sent: in the stored coding, and uncompressed where that is how they are stored.

    A compressed frame may be asked for as octet-stream too, if its transfer syntax is asked for with it; a plain
    octet-stream means decoded samples.
    """
    return _frame_offers(instance.transfer_syntax_uid, single)


@lru_cache(maxsize=256)
def _frame_offers(stored: str, is_one: bool) -> Sequence[Offer]:
    media_type, syntax = frame_media_type(stored), frame_transfer_syntax(stored)
    as_stored = media_type != OCTET_STREAM or syntax == EXPLICIT_VR_LITTLE_ENDIAN
    aliases = (OCTET_STREAM,) if media_type != OCTET_STREAM else ()
    kinds = (True, False) if is_one else (True,)
    offers = [Offer(media_type, multipart, syntax, is_default=as_stored, aliases=aliases) for multipart in kinds]
    if is_decodable(stored):
        offers += [Offer(OCTET_STREAM, multipart, EXPLICIT_VR_LITTLE_ENDIAN) for multipart in kinds]
    return tuple(offers)


def bulk_offers() -> list[Offer]:
    """How a bulk value other than pixel data can be sent."""
    return [Offer(OCTET_STREAM, multipart=True), Offer(OCTET_STREAM)]


def span_part(source: PartSource, type_text: str, location: str) -> Part:
    """A frame or bulk value as it lies in the file."""
    return Part({"Content-Type": type_text, "Content-Location": location}, source)


def parse_frame_list(text: str, number_of_frames: int) -> list[int]:
    """`1,3` as frame numbers from 1.

    Raises:
        ValueError: no comma list of frame numbers from 1 in ascending order.
        IndexError: a frame that the instance does not have.
    """
    if len(text) > 64 * 1024 or not all(
        part.isascii() and part.isdigit() and len(part) < 9 for part in text.split(",")
    ):
        raise ValueError("frames are named by numbers from 1, separated by commas")
    numbers = [int(part) for part in text.split(",")]
    if min(numbers) < 1 or sorted(set(numbers)) != numbers:
        raise ValueError("frames are named by ascending numbers from 1")
    if numbers[-1] > number_of_frames:
        raise IndexError(f"the instance has {number_of_frames} frame(s)")
    return numbers
