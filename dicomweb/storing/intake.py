"""The parts of one store request on their way into a store session. Blocking; no HTTP.

Part 10 files go into the session as they arrive; instances that come as metadata and bulk data go into the same
session when the request is whole, so that the request is one commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dicomweb.archive import Archive, StoreOutcome, StoreSession
from dicomweb.media_types import MediaType, MediaTypeError, parse_media_type
from dicomweb.multipart import Event, PartBegin, PartData, PartEnd
from dicomweb.negotiation import DICOM, OCTET_STREAM
from dicomweb.storing.documents import METADATA_TYPES
from dicomweb.storing.gathering import Gathering, Sink


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a request before its body.

    Attributes:
        media_type: of its parts as the request says.
        base_url: against which relative locations in it are resolved.
        study_instance_uid: the study every instance has to belong to, None for any.
        max_metadata_bytes: how many bytes of metadata are gathered.
    """

    media_type: str
    base_url: str
    study_instance_uid: str | None
    max_metadata_bytes: int


class StoreIntake:
    """Takes the events of one body; then exactly one of `commit` and `abort`."""

    def __init__(self, archive: Archive, arrival: Arrival) -> None:
        self._archive = archive
        self._arrival = arrival
        self._has_metadata = arrival.media_type in METADATA_TYPES
        self._gathering = Gathering(lambda: self._begun().scratch(), arrival.base_url, arrival.max_metadata_bytes)
        self._session: StoreSession | None = None
        self._sink: Sink | None = None
        self._parts = 0
        self._labels: list[str] = []

    def apply(self, events: Sequence[Event]) -> None:
        """Write what the parser found."""
        for event in events:
            if isinstance(event, PartBegin):
                self._parts += 1
                self._sink = self._sink_for(event.headers)
            elif self._sink is not None and isinstance(event, PartData):
                self._sink.write(event.data)
            elif self._sink is not None and isinstance(event, PartEnd):
                self._sink.end()
                self._sink = None

    def commit(self) -> Sequence[StoreOutcome]:
        """Make the good instances durable.

        One outcome an instance, and one for each part that is of no use; none where there was no part.
        """
        failures = self._make_instances()
        outcomes: list[StoreOutcome] = []
        if self._session is not None:
            session, self._session = self._session, None
            outcomes = [_labelled(one, label) for one, label in zip(session.commit(), self._labels, strict=True)]
        self._gathering.close()
        return [*outcomes, *failures]

    def abort(self) -> None:
        """Forget what was written and not committed."""
        if self._session is not None:
            session, self._session = self._session, None
            session.abort()
        self._gathering.close()

    def _sink_for(self, headers: Mapping[str, str]) -> Sink:
        """By the part's own Content-Type."""
        media_type = self._media_type(headers)
        if media_type.essence in METADATA_TYPES:
            self._has_metadata = True
            return self._gathering.metadata(self._parts, media_type.essence)
        if self._has_metadata and media_type.essence != DICOM:
            return self._gathering.bulk_data(self._parts, headers.get("content-location"), media_type)
        return _Part10Sink(self._begun(), self._labels, f"part {self._parts}")

    def _media_type(self, headers: Mapping[str, str]) -> MediaType:
        """A part that does not say is what the request says its parts are; one with a location is bulk data."""
        unsaid = OCTET_STREAM if "content-location" in headers else self._arrival.media_type
        try:
            return parse_media_type(headers.get("content-type") or unsaid)
        except MediaTypeError:
            return MediaType(OCTET_STREAM)

    def _begun(self) -> StoreSession:
        if self._session is None:
            self._session = self._archive.begin_store(self._arrival.study_instance_uid)
        return self._session

    def _make_instances(self) -> list[StoreOutcome]:
        """Write the gathered instances into the session; returns what could not be made."""
        failures: list[StoreOutcome] = []
        for made in self._gathering.made():
            if made.chunks is None:
                assert made.failure is not None
                failures.append(_labelled(made.failure, made.label))
                continue
            sink = _Part10Sink(self._begun(), self._labels, made.label)
            for chunk in made.chunks:
                sink.write(chunk)
            sink.end()
        return failures


@dataclass(frozen=True, slots=True)
class _Part10Sink:
    """Writes a file into the session, and notes whence it came."""

    session: StoreSession
    labels: list[str]
    label: str

    def write(self, chunk: bytes) -> None:
        self.session.write(chunk)

    def end(self) -> None:
        self.session.end_part()
        self.labels.append(self.label)


def _labelled(outcome: StoreOutcome, label: str) -> StoreOutcome:
    return replace(outcome, detail=f"{label}: {outcome.detail}") if outcome.detail else outcome
