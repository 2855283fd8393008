"""Orthanc commits itself to what it holds."""

import pytest

from gateway.database import Database
from tests.integration.delivery.hospital import (
    PROMPT,
    archived_and_queued,
    destination,
    rows,
    uids,
)
from tests.integration.delivery.listener import listening
from tests.integration.delivery.proving import come_to, working
from tests.peers import Orthanc, Remote, free_port


@pytest.mark.peer
def test_orthanc_commits_itself_and_what_it_lost_is_sent_again(sqlite: Database) -> None:
    port = free_port()
    with Orthanc(remotes={"dermgate": Remote("DERMGATE", port)}) as orthanc:
        there = destination(port=orthanc.dicom_port, ae_title=orthanc.ae_title, proof="commitment")
        instance_ids = archived_and_queued(sqlite, 20, there)
        slow = PROMPT.model_copy(update={"proof_seconds": 3})
        with listening(sqlite, [there], port=port), working(sqlite, there, settings=slow):
            come_to(sqlite, {"sent": 20})
            lost = min(uids(sqlite, instance_ids))
            orthanc.delete(lost)
            come_to(sqlite, {"committed": 20}, 30)
        assert {len(orthanc.instances(uid)) for uid in uids(sqlite, instance_ids)} == {1}
    [again] = [row for row in rows(sqlite) if row.resends]
    assert again.attempts == 2
