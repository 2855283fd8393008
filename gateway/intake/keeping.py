"""Photos and videos that are kept outside the archive: for later, or because they cannot be used."""

from gateway.archive.settling import announce
from gateway.archive.storage import ObjectStorage, PendingObject
from gateway.conversion.picture import CleanPicture
from gateway.database import Database
from gateway.events.log import EventType
from gateway.intake.judging import Verdict
from gateway.intake.outcome import Answer, Work, answer, note_models, note_picture, submission_row, tell
from gateway.intake.pictures import give_up_objects
from gateway.intake.preparing import KINDS
from gateway.intake.settled import settled
from gateway.intake.submission import NO_REFERRAL, SubmissionState


def keep_for_later(database: Database, work: Work, posted: PendingObject) -> Answer:
    """Make what was posted, all of it written, durable with its row; raises KeyInFlight, StorageError."""
    with settled(posted, database):
        posted.finish()
        with database.write() as unit_of_work:
            announce(unit_of_work)
            row = submission_row(unit_of_work, work, SubmissionState.PROCESSING)
            row.upload_key = posted.key
            return answer(unit_of_work, work, row, status=202, referral=NO_REFERRAL)


def reject(
    database: Database, storage: ObjectStorage, work: Work, verdict: Verdict, picture: CleanPicture
) -> tuple[Answer, list[str]]:
    """Keep the picture of an unusable photo, and say why it is; the answer, and the keys to be swept."""
    pending = storage.begin(KINDS[picture.media_type])
    with settled(pending, database):
        pending.write(picture.stream)
        pending.finish()
        with database.write() as unit_of_work:
            announce(unit_of_work)
            row = submission_row(unit_of_work, work, SubmissionState.REJECTED)
            keys = give_up_objects(unit_of_work, row)
            note_models(row, verdict)
            note_picture(row, pending.key, 0, pending.size_bytes, picture.media_type)
            reasons = [reason.code for reason in verdict.judgement.reasons]
            tell(unit_of_work, work, EventType.PHOTO_REJECTED, {"reasons": reasons})
            return answer(unit_of_work, work, row, status=201, referral=NO_REFERRAL), keys
