"""A model is fitted to what doctors said in a running gateway, and serves there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from gateway.access.caller import Role
from gateway.config import Settings
from inference.rules import USABLE
from inference.store import ModelStore
from tests.e2e.photos import fill_store
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.integration.trainer.drawn import FEW, SMALL, SUITABILITY, draw_suitability
from tests.peers import LOOPBACK, free_port
from trainer.cli import main

pytestmark = pytest.mark.timeout(400)  # a whole fit of suitability, its examples made by a process of its own


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A gateway with labelled photos; a caller without a key may do nothing."""
    fill_store(tmp_path / "models", tmp_path / "made")
    settings = Settings.model_validate({
        "archive": {"database": f"sqlite:///{tmp_path / 'dermgate.db'}", "storage": f"{tmp_path}/objects"},
        "models": {"store": tmp_path / "models"},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
    })  # fmt: skip
    with Served(settings) as running:
        running.http.headers.update(key_for(running.gateway.database, Role.ADMINISTRATOR))
        photos = draw_suitability(tmp_path / "drawn", 8)
        for label in SUITABILITY:
            for path in sorted((photos / label).iterdir()):
                say(running, path, label)
        yield running


def say(served: Served, path: Path, label: str) -> None:
    """Post a photo, of a patient of its own, and say what it is."""
    submission = served.accepted(path.read_bytes(), {"patient_id": f"{label}-{path.stem}"})
    said = {"usable": label == USABLE, "reason": None if label == USABLE else label}
    served.http.post(f"/api/v1/photos/{submission['id']}/label", json=said).raise_for_status()


def fit(served: Served, folder: Path, *options: str) -> int:
    places = ["--gateway", f"http://{LOOPBACK}:{served.port}", "--store", str(folder / "models")]
    return main(["fit", *places, "--run", str(folder / "run"), *SMALL, *FEW, "--threshold", "0", *options])


def test_without_a_place_for_the_pictures_nothing_is_fetched(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(served, tmp_path) == 1
    assert "--cache DIR" in capsys.readouterr().err


def test_without_a_key_the_command_says_what_is_missing(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DERMGATE_KEY", raising=False)
    assert fit(served, tmp_path, "--cache", str(tmp_path / "cache")) == 1
    assert "key" in capsys.readouterr().err


def test_what_doctors_said_becomes_a_model(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_for(served.gateway.database, Role.TRAINER)["Authorization"].removeprefix("Bearer ")
    monkeypatch.setenv("DERMGATE_KEY", key)
    assert fit(served, tmp_path, "--cache", str(tmp_path / "cache")) == 0
    store = ModelStore(tmp_path / "models")
    assert store.versions("suitability")[-1] == 2
    manifest = store.verify("suitability", 2)
    assert manifest.data.photos > 6
    card = (store.folder("suitability", 2) / "card.md").read_text(encoding="utf-8")
    assert "--gateway GATEWAY" in card
    assert LOOPBACK not in card
    assert key not in (tmp_path / "run" / "arguments.json").read_text()
