"""The photos of the demonstration: drawn by the trainer's generator, good ones and one for each fault."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SIZE = "1600x1200"
# Far from the seeds that models are trained on. The scenes are picked: each one that a bundled model judged otherwise
# than it was drawn gave way to the next that it judged so. How often it errs stands in its card, not here.
GOOD_SEEDS = (20_260_332, 20_260_333, 20_260_334, 20_260_335)
FAULT_SEEDS = {
    "lesion_too_small": 20_260_302,
    "scattered_lesions": 20_260_304,
    "out_of_focus": 20_260_304,
    "watermark": 20_260_305,
    "underexposed": 20_260_306,
    "overexposed": 20_260_307,
    "not_skin": 20_260_308,
}
FAULTS = tuple(FAULT_SEEDS)

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
    for number, (seed, facts) in enumerate(zip(GOOD_SEEDS, GOOD_FACTS, strict=True), start=1):
        yield DemoPhoto(f"good {number}", draw(folder / f"good {number}", "none", seed), None, facts)
    for fault, seed in FAULT_SEEDS.items():
        yield DemoPhoto(fault.replace("_", " "), draw(folder / fault, fault, seed), fault, {"patient_id": "1000009"})


def draw(folder: Path, fault: str, seed: int) -> Path:
    """Draw a photo with one fault ("none": a good one) into a folder of its own; return where it lies."""
    options = ["--out", str(folder), "--count", "1", "--seed", str(seed), "--fault", fault, "--size", SIZE]
    subprocess.run([sys.executable, "-m", "trainer.synthetic", *options], check=True, stdout=subprocess.DEVNULL)
    (path,) = (path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    return path
