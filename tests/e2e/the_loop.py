"""A clinic with two diseases that its model knows and one that it does not: photos, doctors, a trainer beside it."""

import io
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from inference.store import ModelStore
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import add_model
from tests.models import build_model, make_manifest, write_model
from trainer.cli import main
from trainer.synthetic.album import USABLE, synthetic_photo

KNOWN = ("nevus", "psoriasis")
NEW = "tinea"
SIDE = 256
_TINTS = {"nevus": (40, 40, 40), "psoriasis": (220, 30, 30), NEW: (40, 80, 230)}
"""What tells the drawn diseases apart: colour alone."""


def drawn(disease: str, number: int) -> bytes:
    """A drawn photo of a disease, as JPEG; no two alike."""
    scene = synthetic_photo(USABLE, 10_000 * (sorted(_TINTS).index(disease) + 1) + number, (SIDE, SIDE))
    tinted = Image.blend(scene, Image.new("RGB", scene.size, _TINTS[disease]), 0.7)
    target = io.BytesIO()
    tinted.save(target, "JPEG", quality=90)
    return target.getvalue()


def draw_base(folder: Path, of_each: int) -> Path:
    """Photos of what is known, a folder per class."""
    for disease in KNOWN:
        (folder / disease).mkdir(parents=True)
        for number in range(of_each):
            (folder / disease / f"{number}.jpg").write_bytes(drawn(disease, number))
    return folder


def fill(store: Path, folder: Path) -> None:
    """A suitability model that lets everything pass, and a disease model that knows two diseases and says the first."""
    add_model(store, folder, "suitability", 1, USABLE)
    manifest = make_manifest("disease", labels=KNOWN, malignant=())
    model = build_model(manifest, probabilities={"nevus": 0.9, "psoriasis": 0.1})
    models = ModelStore(store)
    models.add(write_model(folder / "disease-1", manifest, model))
    models.promote("disease", 1)


@dataclass
class Clinic:
    """A running gateway, the keys of a doctor and of a trainer, and the trainer's folders."""

    gateway: GatewayProcess
    folder: Path
    doctor: dict[str, str]
    trainer: str

    def labelled(self, disease: str, numbers: Sequence[int], said: str | None = None) -> list[str]:
        """Photos of a disease, each of a patient of its own, posted and labelled; their ids."""
        return [self._labelled(disease, number, said or disease) for number in numbers]

    def _labelled(self, disease: str, number: int, said: str) -> str:
        fields = {"patient_id": f"P-{disease}-{number}", "patient_sex": "F", "patient_age": "043Y", "body_site": "back"}
        posted = self.gateway.post(drawn(disease, number), fields, self.doctor)
        assert posted.status_code == 201, posted.text
        photo_id: str = posted.json()["id"]
        self.say(photo_id, {"diagnosis": said})
        return photo_id

    def say(self, photo_id: str, words: dict[str, Any]) -> None:
        """A doctor's word on a photo."""
        path = f"/api/v1/photos/{photo_id}/label"
        self.gateway.http.post(path, json=words, headers=self.doctor).raise_for_status()

    def arguments(self, *more: str) -> list[str]:
        """Of a watcher that looks once and fits a network of seconds."""
        places = {
            "--gateway": self.gateway.url,
            "--task": "disease",
            "--cache": str(self.folder / "cache"),
            "--rounds": str(self.folder / "rounds"),
            "--store": str(self.gateway.models),
            "--base": str(self.folder / "base"),
        }
        recipe = [
            "--image-size",
            "64",
            "--batch-size",
            "8",
            "--threads",
            "1",
            "--learning-rate",
            "0.01",
            "--workers",
            "1",
        ]
        words = [word for pair in places.items() for word in pair]
        return ["watch", *words, "--once", "--floor", "10", *recipe, *more]

    def watch(self, *more: str) -> int:
        """Look once, in this process; the exit code."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DERMGATE_KEY", self.trainer)
            return main(self.arguments(*more))

    def events(self, *types: str) -> list[dict[str, Any]]:
        """What the gateway told, of these types."""
        asked: list[tuple[str, str | int | float | bool | None]] = [("type", each) for each in types]
        page = self.gateway.http.get("/api/v1/events", params=asked, headers=self.doctor).raise_for_status().json()
        found: list[dict[str, Any]] = page["events"]
        return found

    def ranking_of(self, disease: str, number: int) -> dict[str, Any]:
        """What the gateway says of a photo that it has not seen."""
        posted = self.gateway.post(drawn(disease, number), None, self.doctor)
        assert posted.status_code == 201, posted.text
        ranking: dict[str, Any] = posted.json()["ranking"]
        return ranking


@contextmanager
def clinic(folder: Path) -> Iterator[Clinic]:
    """The clinic, until the block ends."""
    fill(folder / "models", folder / "made")
    draw_base(folder / "trainer-side" / "base", 24)
    gateway = GatewayProcess(folder / "gateway", models=folder / "models")
    keys = [gateway.run("keys", "create", role, "--role", role).stdout.split()[-1] for role in ("clinician", "trainer")]
    with gateway:
        yield Clinic(gateway, folder / "trainer-side", {"Authorization": f"Bearer {keys[0]}"}, keys[1])


@dataclass
class Posting:
    """Somebody who posts photos without pause and remembers every answer that was none."""

    clinic: Clinic
    faults: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Post until it is over."""
        photos = itertools.cycle([drawn("nevus", number) for number in range(500, 504)])
        with httpx.Client(base_url=self.clinic.gateway.url, trust_env=False, timeout=60) as http:
            while not self._over.wait(0.2):
                try:
                    answer = http.post("/api/v1/photos", files={"photo": next(photos)}, headers=self.clinic.doctor)
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))
                    continue
                if answer.status_code != 201:
                    self.faults.append(f"{answer.status_code} {answer.text[:300]}")
                else:
                    self.models.append(answer.json()["ranking"]["model"])

    @contextmanager
    def going_on(self) -> Iterator["Posting"]:
        """While the block lasts."""
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
