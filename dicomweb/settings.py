"""What a deployment may choose about the DICOMweb resources."""

from dataclasses import dataclass, field

from dicomweb.walker import Limits

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DicomWebSettings:
    """Settings of the DICOMweb application; sizes in bytes.

    Attributes:
        public_url: base URL in RetrieveURL and BulkDataURI, without trailing slash; None takes that of the request.
        max_store_bytes: largest body of a store request.
        max_store_parts: most parts in a store request.
        max_metadata_bytes: most metadata (JSON, XML) in a store request; it is held in memory until the end.
        max_data_set_bytes: largest body of a request to UPS-RS or for storage commitment.
        max_committed_instances: most instances in one request for storage commitment.
        default_limit: results of a search that names no limit.
        max_limit: most results of one search, whatever it asks for.
        matchable_keys: tags by which the archive matches, those inside sequences among them; None for all.
        strict_accept: refuse requests without Accept header, as PS3.18 8.7.5 has it.
        idle_seconds: how long the next piece of a store request's body may take.
        chunk_bytes: size of the pieces in which stored files are read and sent.
        max_decoded_bytes: largest pixel data that is decoded because a client wants it uncompressed, or to look at.
        concurrent_renderings: pictures and uncompressed files that are made at the same time; others wait, and are
            told to come again when that takes long.
        picture_cache_bytes: memory for small pictures that were made, thumbnails above all.
        annotation_font: path of a font for what is written onto pictures; None takes what the machine has.
        cors_origins: origins (`https://viewer.example`) whose pages may call, `*` for all; none by default. Browsers
            never send credentials along by themselves, whatever is listed.
        limits: bounds for reading Part 10 files.
    """

    public_url: str | None = None
    max_store_bytes: int = 512 * _MEBIBYTE
    max_store_parts: int = 5_000
    max_metadata_bytes: int = 16 * _MEBIBYTE
    max_data_set_bytes: int = 2 * _MEBIBYTE
    max_committed_instances: int = 5_000
    default_limit: int = 100
    max_limit: int = 1_000
    matchable_keys: frozenset[int] | None = None
    strict_accept: bool = False
    idle_seconds: float = 60.0
    chunk_bytes: int = _MEBIBYTE
    max_decoded_bytes: int = 256 * _MEBIBYTE
    concurrent_renderings: int = 4
    picture_cache_bytes: int = 64 * _MEBIBYTE
    annotation_font: str | None = None
    cors_origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
