"""A result is kept before it is sent: whoever hears of it, at whatever moment, finds it in the database already."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gateway.access.caller import LOCAL_ADMINISTRATOR, Scope
from gateway.config import Settings
from gateway.events.log import read
from gateway.intake.request import PhotoFields
from gateway.runtime import Gateway
from tests.e2e.photos import fill_store, photo
from tests.peers import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    fill_store(tmp_path / "models", tmp_path / "made")
    return Settings.model_validate({
        "archive": {"database": f"sqlite:///{tmp_path}/dermgate.db", "storage": f"{tmp_path}/objects"},
        "models": {"store": tmp_path / "models"},
        "destinations": [{"name": "pacs", "port": free_port(), "ae_title": "NOBODY"}],
    })  # fmt: skip


class Died(BaseException):
    """The process ends here."""


def test_what_is_answered_is_there_before_the_answer_is_sent(settings: Settings) -> None:
    """When the answer is made, and nothing has left yet, the result, its event and its delivery stand."""
    gateway = Gateway(settings, frozenset({"http"}))
    assert gateway.photos is not None
    intake = gateway.photos.intake
    try:
        answer = intake.post(
            LOCAL_ADMINISTRATOR, PhotoFields(patient_id="P1"), photo(1), language="en", idempotency_key="first"
        )
        # What a second connection sees is committed; nothing was sent to anybody yet.
        engine = create_engine(gateway.database.url)
        with engine.connect() as connection:
            row = connection.execute(text("SELECT state, judgement, ranking FROM submissions")).one()
            states = connection.execute(text("SELECT state FROM deliveries")).scalars().all()
        engine.dispose()
        assert (row.state, bool(row.judgement), bool(row.ranking)) == ("accepted", True, True)
        assert set(states) == {"queued"}
        with gateway.database.read() as session:
            events = read(session, Scope(None), after=0, limit=10)
        assert f"photo/{answer.submission_id}" in {event.subject for event in events}
    finally:
        gateway.stop()


def test_nothing_is_answered_or_told_where_it_could_not_be_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies in the commit: no answer was made, and nobody was told of a photo that is not there."""
    gateway = Gateway(settings, frozenset({"http"}))
    assert gateway.photos is not None

    def die(*_: object) -> None:
        raise Died

    try:
        with monkeypatch.context() as patch:
            patch.setattr("gateway.database.UnitOfWork.commit", die)
            with pytest.raises(Died):
                gateway.photos.intake.post(
                    LOCAL_ADMINISTRATOR, PhotoFields(patient_id="P1"), photo(1), language="en", idempotency_key=None
                )
        with gateway.database.read() as session:
            assert read(session, Scope(None), after=0, limit=10) == []
            assert session.execute(text("SELECT count(*) FROM deliveries")).scalar_one() == 0
    finally:
        gateway.stop()
