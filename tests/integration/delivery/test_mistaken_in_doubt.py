"""Which object a rejection note names where nobody knows what arrived: an attempt at a correction had no answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dimse.outgoing import SentCopy
from dimse.reactions import Reaction
from gateway.archive.tables import InstanceRow, RevisionRow
from gateway.config import DEFAULT_HOSPITAL, DeliverySettings
from gateway.database import Database, now
from gateway.delivery import claims
from gateway.delivery.outcomes import Attempt, record_attempt
from gateway.delivery.replacing.standing import Mistaken, mistaken
from gateway.delivery.rules import Limits
from gateway.delivery.superseding import supersede
from tests.integration.delivery.hospital import archived_and_queued, destination, rows

CORRECTED = SentCopy("1.2.840.1", "2.25.2", "2.25.20", "2.25.200")
HOUR = timedelta(hours=1)
STORED, UNANSWERED = (Reaction.STORED, 0x0000), (Reaction.UNKNOWN_OUTCOME, None)


class Photo:
    """A photo that is corrected again and again, on its way to one destination."""

    def __init__(self, database: Database) -> None:
        self._database = database
        [self.id] = archived_and_queued(database, 1, destination())
        self._revise(1)

    def correct(self, revision: int) -> None:
        with self._database.write() as unit_of_work:
            supersede(unit_of_work, DEFAULT_HOSPITAL, self.id, revision, [destination()])
        self._revise(revision)

    def attempt(self, how: tuple[Reaction, int | None], copy: SentCopy | None = None) -> None:
        at = now()
        with self._database.write() as unit_of_work:
            [held] = claims.claim(unit_of_work, "pacs", "worker", limit=9, at=at + HOUR, until=at + 2 * HOUR)
            attempt = Attempt(at, at, how[0], how[1], "", copy)
            record_attempt(unit_of_work, held, "worker", attempt, Limits.of(DeliverySettings()), chance=0)

    def mistaken_before(self, revision: int) -> Mistaken:
        with self._database.read() as session:
            found = mistaken(session, "pacs", self.id, revision)
        assert found is not None
        return found

    def _revise(self, number: int) -> None:
        with self._database.write() as unit_of_work:
            unit_of_work.session.get_one(InstanceRow, self.id).revision = number
            unit_of_work.session.add(
                RevisionRow(
                    hospital_id=DEFAULT_HOSPITAL, instance_id=self.id, number=number, object_key=f"{number}.dcm",
                    size_bytes=1, sha256="", data_set_sha256="", transfer_syntax_uid="1.2", number_of_frames=1,
                    created_at=now(), created_by="", reason="", layout={}, header={"number": number},
                )
            )  # fmt: skip


@pytest.fixture
def photo(database: Database) -> Photo:
    return Photo(database)


@pytest.mark.parametrize("first", [STORED, UNANSWERED])
def test_a_correction_that_may_have_arrived_is_rejected_under_the_uids_it_went_under(
    photo: Photo, first: tuple[Reaction, int | None]
) -> None:
    photo.attempt(first)
    photo.correct(2)
    photo.attempt(UNANSWERED, CORRECTED)
    photo.correct(3)
    found = photo.mistaken_before(3)
    rejected = found.rejected
    assert (found.revision, found.header) == (2, {"number": 2})
    assert rejected.sop_instance_uid == CORRECTED.sop_instance_uid
    assert rejected.series_instance_uid == CORRECTED.series_instance_uid
    assert rejected.study_instance_uid == CORRECTED.study_instance_uid


@pytest.mark.parametrize("first", [STORED, UNANSWERED])
def test_where_only_the_note_may_have_arrived_it_is_made_of_the_same_object_again(
    photo: Photo, first: tuple[Reaction, int | None]
) -> None:
    photo.attempt(first)
    photo.correct(2)
    before = photo.mistaken_before(2)
    photo.attempt(UNANSWERED)
    photo.correct(3)
    assert photo.mistaken_before(3) == before
    assert before.header == {"number": 1}


def test_what_went_itself_in_the_end_is_not_known_by_a_copy_that_had_no_answer(
    photo: Photo, database: Database
) -> None:
    photo.attempt(UNANSWERED, replace(CORRECTED, study_instance_uid=None))
    photo.attempt(STORED)
    assert rows(database)[0].sent_sop_instance_uid is None
