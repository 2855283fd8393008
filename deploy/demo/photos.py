"""The photos of the demonstration: drawn by the trainer's generator, good ones and one for each fault."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FAULTS = (
    "lesion_too_small",
    "scattered_lesions",
    "out_of_focus",
    "watermark",
    "underexposed",
    "overexposed",
    "not_skin",
)
SIZE = "1600x1200"
# Far from the seeds that models are trained on, and scenes that the bundled models judge as they were drawn; how often
# they do not stands in their cards.
GOOD_SEED = 20_260_333
FAULT_SEED = 20_260_302

# What an app, a clinic or nobody says about a good photo. The names are invented.
GOOD_FACTS: tuple[dict[str, str], ...] = (
    {
        "patient_id": "1000001", "patient_name": "Kim^Minji=김^민지", "patient_birth_date": "1988-04-12",
        "patient_sex": "F", "body_site": "forearm", "laterality": "L", "symptoms": "itching",
        "captured_at": "2026-03-02T09:30:00+09:00", "device_maker": "Example", "device_model": "Phone 12",
    },
    {
        "patient_id": "1000002", "patient_name": "Nowak^Anna", "patient_birth_date": "1961-11-30",
        "patient_sex": "F", "body_site": "back", "taken_by": "clinician", "size_mm": "7",
    },
    {
        "patient_id": "1000003", "patient_name": "García^José", "patient_sex": "M", "patient_age": "34",
        "body_site": "face", "note": "changed within three weeks",
    },
    {},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoPhoto:
    """A drawn photo: what it shows, where it lies, and the form fields that go with it."""

    title: str
    path: Path
    fault: str | None
    facts: dict[str, str] = field(default_factory=dict)


def draw_photos(folder: Path) -> Iterator[DemoPhoto]:
    """Draw the good photos, then one for each fault, the same ones at every run."""
    good = draw(folder / "good", "none", len(GOOD_FACTS), GOOD_SEED)
    for number, (path, facts) in enumerate(zip(good, GOOD_FACTS, strict=True), start=1):
        yield DemoPhoto(f"good {number}", path, None, facts)
    for seed, fault in enumerate(FAULTS, start=FAULT_SEED):
        (path,) = draw(folder / fault, fault, 1, seed)
        yield DemoPhoto(fault.replace("_", " "), path, fault, {"patient_id": "1000009"})


def draw(folder: Path, fault: str, count: int, seed: int) -> list[Path]:
    """Draw photos with one fault ("none": good ones) into a folder; return where they lie."""
    options = ["--out", str(folder), "--count", str(count), "--seed", str(seed), "--fault", fault, "--size", SIZE]
    subprocess.run([sys.executable, "-m", "trainer.synthetic", *options], check=True, stdout=subprocess.DEVNULL)
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
