"""The library is embedded with the model that serves: anew after a promotion, once, and resumed after a kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.database import Database, now
from gateway.library.resemblance import embedding as embedding_module
from gateway.library.resemblance.embedding import LibraryEmbedder
from gateway.library.resemblance.embeddings import MissingPicture, Vector
from gateway.library.resemblance.progress import KEPT, LEASE, progress
from gateway.library.tables import LibraryModelRow, ReferenceEmbeddingRow, ReferencePictureRow
from gateway.migrations.upgrade import upgrade
from inference.runtime import LoadedModel
from inference.store import ModelStore
from tests.e2e.photos import photo
from tests.integration.delivery.hospital import wait_until
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, added, post_case, work
from tests.integration.library.conftest import settings_over
from tests.integration.library.models import DISEASES

Promote = Callable[[int], None]
MANY = 20


@pytest.fixture
def small(tmp_path: Path, own_models: Path) -> Iterator[Served]:
    with Served(settings_over(tmp_path, own_models)) as made:
        yield made


@pytest.fixture
def gateway(database_url: str, tmp_path: Path, own_models: Path) -> Iterator[Served]:
    if not database_url.startswith("sqlite"):
        database = Database(database_url)
        upgrade(database)
        database.close()
    with Served(settings_over(tmp_path, own_models, database_url)) as made:
        yield made


def _models(gateway: Served) -> dict[str, int]:
    """Embeddings by the model that made them."""
    with gateway.gateway.database.read() as session:
        made = session.scalars(select(ReferenceEmbeddingRow.model)).all()
    return {model: made.count(model) for model in made}


def _serve(gateway: Served, promote: Promote, version: int) -> str:
    """Let another model serve; the SHA-256 of its file."""
    promote(version)
    models = gateway.photos.models
    wait_until(lambda: models.disease().manifest.version == version, "the model serves")
    return models.disease().manifest.model_sha256


def _serving(gateway: Served) -> str:
    return gateway.photos.models.disease().manifest.model_sha256


def test_a_case_is_embedded_when_it_is_added(small: Served) -> None:
    work(small)
    case = added(small, photo(1))
    post_case(small, photo(2), {}, f"{CASES}/{case['id']}/pictures")
    work(small)
    assert _models(small) == {_serving(small): 2}
    comparing = small.photos.library.index.of_model(_serving(small))
    assert comparing is not None
    assert comparing.pictures == 2


def test_another_model_answers_only_when_all_is_embedded_with_it(gateway: Served, promote: Promote) -> None:
    for number in range(MANY):
        added(gateway, photo(number), disease=DISEASES[number % len(DISEASES)])
    work(gateway)
    first = _serving(gateway)
    second = _serve(gateway, promote, 2)
    library = gateway.photos.library
    library.embedder.work_once()  # one batch of two
    library.index.follow()
    assert library.index.of_model(second) is None
    posted = gateway.accepted(photo(100))
    assert posted["ranking"]["model"] == "disease/2"
    assert not any(disease["similar"] for disease in posted["ranking"]["diseases"])
    assert {disease["picture_kind"] for disease in posted["ranking"]["diseases"]} == {"drawing"}
    work(gateway)
    assert _models(gateway) == {first: MANY, second: MANY}
    assert library.index.of_model(first) is None
    assert library.index.of_model(second) is not None
    posted = gateway.accepted(photo(101))
    assert any(disease["similar"] for disease in posted["ranking"]["diseases"])


def test_what_was_killed_goes_on_where_it_was(gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MANY):
        added(gateway, photo(number))
    library = gateway.photos.library
    library.embedder.work_once()
    assert _models(gateway) == {_serving(gateway): embedding_module.BATCH}

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(embedding_module, "add_embedding", killed)
        with pytest.raises(KeyboardInterrupt):
            library.embedder.work_once()
    another, seen = _embedder(gateway), []
    embed = another._embedding

    def counted(model: LoadedModel, picture: MissingPicture) -> Vector | None:
        seen.append(picture)
        return embed(model, picture)

    monkeypatch.setattr(another, "_embedding", counted)
    another.begin()
    if not gateway.gateway.database.is_sqlite:
        assert not another.work_once()  # the lease of who was killed goes on
        _end_leases(gateway)
    while another.work_once():
        continue
    assert len(seen) == MANY - embedding_module.BATCH
    assert _models(gateway) == {_serving(gateway): MANY}


def test_of_two_processes_one_embeds(gateway: Served) -> None:
    for number in range(MANY):
        added(gateway, photo(number))
    first, second = _embedder(gateway), _embedder(gateway)
    assert first.work_once()
    assert not second.work_once()
    assert first.work_once()
    assert not first.work_once()  # all is done, and the turn given back
    added(gateway, photo(99))
    assert second.work_once()
    assert _models(gateway) == {_serving(gateway): MANY + 1}


def test_a_case_withdrawn_while_it_is_embedded_leaves_no_embedding(
    gateway: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = added(gateway, photo(1))
    embedder = gateway.photos.library.embedder
    embed = LibraryEmbedder._embedding

    def withdrawn_meanwhile(self: LibraryEmbedder, *arguments: object) -> object:
        gateway.http.delete(f"{CASES}/{case['id']}")
        return embed(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(LibraryEmbedder, "_embedding", withdrawn_meanwhile)
    embedder.work_once()
    assert _models(gateway) == {}


def test_a_picture_that_cannot_be_read_keeps_no_other_from_being_embedded(
    small: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, kept = added(small, photo(1)), added(small, photo(2))
    (key,) = _keys(small, lost["id"])
    small.gateway.storage.delete(key)
    work(small)
    comparing = small.photos.library.index.of_model(_serving(small))
    assert comparing is not None
    assert comparing.pictures == 1
    assert small.get(f"{CASES}/{kept['id']}")
    assert small.http.get(lost["pictures"][0]["picture"]).status_code == 404


def test_embeddings_of_a_model_long_gone_are_forgotten(small: Served, promote: Promote) -> None:
    added(small, photo(1))
    work(small)
    first = _serving(small)
    second = _serve(small, promote, 2)
    work(small)
    assert set(_models(small)) == {first, second}
    with small.gateway.database.write() as unit_of_work:
        old = update(LibraryModelRow).where(LibraryModelRow.model == first).values(served_at=now() - 2 * KEPT)
        unit_of_work.session.execute(old)
    small.photos.library.embedder._noted_at = 0.0
    for _ in range(3):
        work(small)
    assert set(_models(small)) == {second}
    with small.gateway.database.read() as session:
        assert [each.model for each in progress(session)] == [second]


def test_going_back_to_the_model_before_costs_nothing(small: Served, promote: Promote) -> None:
    added(small, photo(1))
    work(small)
    first = _serving(small)
    _serve(small, promote, 2)
    work(small)
    ModelStore(small.gateway.settings.models.store).rollback("disease")
    wait_until(lambda: _serving(small) == first, "the first serves again")
    small.photos.library.index.follow()
    assert small.photos.library.index.of_model(first) is not None


def _embedder(gateway: Served) -> LibraryEmbedder:
    return LibraryEmbedder(
        gateway.gateway.database, gateway.gateway.storage, gateway.photos.models, max_pixels=10_000_000
    )


def _end_leases(gateway: Served) -> None:
    with gateway.gateway.database.write() as unit_of_work:
        unit_of_work.session.execute(update(LibraryModelRow).values(claimed_until=now() - LEASE))


def _keys(gateway: Served, case_id: str) -> list[str]:
    with gateway.gateway.database.read() as session:
        wanted = ReferencePictureRow.case_id == case_id
        return list(session.scalars(select(ReferencePictureRow.object_key).where(wanted)))
