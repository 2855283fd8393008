"""What tables and help of the commands say."""

from datetime import UTC, datetime

import pytest

from gateway.archive.verification import VerifyReport
from gateway.commands.deliveries import _last_word
from gateway.commands.maintenance import _print
from gateway.commands.output import print_json, print_table
from gateway.delivery.service import Delivery
from gateway.delivery.states import DeliveryState


def delivery(status: str | None, message: str | None) -> Delivery:
    return Delivery(
        id=1,
        hospital="default",
        instance_id=1,
        sop_instance_uid="1.2.3",
        revision=1,
        destination="pacs",
        state=DeliveryState.SENT,
        attempts=1,
        created_at=datetime.now(UTC),
        next_attempt_at=None,
        sent_at=None,
        confirmed_at=None,
        committed_at=None,
        sent_sop_class_uid=None,
        sent_sop_instance_uid=None,
        proof=None,
        last_status=status,
        last_message=message,
    )


@pytest.mark.parametrize(
    ("status", "message", "word"),
    [
        ("0000", "0x0000: stored", "0x0000: stored"),
        ("A700", None, "0xA700"),
        (None, "cancelled by request", "cancelled by request"),
        (None, None, ""),
    ],
)
def test_a_status_is_said_once(status: str | None, message: str | None, word: str) -> None:
    assert _last_word(delivery(status, message)) == word


def test_nothing_is_cut_in_a_narrow_table_and_no_cell_is_markup(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    uid = "2.25." + "1234567890" * 3
    print_table(("uid", "why"), [(uid, "no [[peers]] [red]")])
    told = capsys.readouterr().out
    assert "…" not in told
    first = "".join(line.split("│")[1].strip() for line in told.splitlines() if line.startswith("│"))
    assert first == uid
    assert "[[peers]]" in told
    assert "[red]" in told


def test_moments_and_states_are_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([{"state": DeliveryState.SENT, "at": datetime(2026, 1, 2, tzinfo=UTC)}, {"state": None}])
    assert capsys.readouterr().out == '{"state":"sent","at":"2026-01-02T00:00:00+00:00"}\n{"state":null}\n'


def test_verify_counts_in_words_names_the_instance_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    _print(VerifyReport(revisions=1, objects=2, missing=["ab.dcm"], faults=1), {"ab.dcm": "1.2.3"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "missing ab.dcm SOP Instance UID 1.2.3"
    assert lines[1] == "1 revision, 2 objects: 1 fault"
    assert "backup" in lines[2]
