"""A served model tried on labelled photos, as they are and spoilt, the way the gateway runs it."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from inference.context import UNKNOWN_CONTEXT, PatientContext
from inference.orientation import turn
from inference.prepared import PreparedPicture
from inference.rules import USABLE
from inference.runtime import LoadedModel
from trainer.errors import BadData
from trainer.evaluation.answering import Asked, answers
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Kind
from trainer.evaluation.subgroups import subgroups_of
from trainer.faults.registry import FAULTS, harm_nothing, spoil
from trainer.photos.photo import LabelledPhoto
from trainer.reading import read_picture

Change = Callable[[Image.Image], Image.Image]
Track = Callable[[Sequence["Trial"], str], Iterable["Trial"]]
"""Goes through trials while it shows how far it is; the words say what is being done."""

NOT_SKIN = "not_skin"
_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to a model: a photo, perhaps changed, and the label that is right then."""

    photo: LabelledPhoto
    label: str
    name: str
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Spoiling:
    """Which faults are made: of which family, how severe (0..1), drawn from which seed."""

    family: str
    severity: float
    seed: int


def as_they_are(photos: Iterable[LabelledPhoto]) -> list[Trial]:
    """Every photo whose suitability is said."""
    return [Trial(photo, photo.suitability, photo.name) for photo in photos if photo.suitability is not None]


def spoilt(photos: Iterable[LabelledPhoto], how: Spoiling) -> list[Trial]:
    """Every usable photo as it is, after a change that leaves it usable, and with each fault."""
    usable = [photo for photo in photos if photo.suitability == USABLE]
    return [trial for place, photo in enumerate(usable) for trial in _versions(photo, how, how.seed + place)]


def diagnosed(photos: Iterable[LabelledPhoto], labels: Sequence[str]) -> list[Trial]:
    """Every usable photo, as far as is said, whose diagnosis is one of `labels`."""
    return [
        Trial(photo, photo.diagnosis, photo.name)
        for photo in photos
        if photo.diagnosis is not None and photo.diagnosis in labels and photo.suitability in (None, USABLE)
    ]


def strange(photos: Sequence[LabelledPhoto], labels: Sequence[str]) -> dict[Kind, list[Trial]]:
    """Every photo that a ranking of `labels` cannot know: of other things than skin, and of other diseases.

    Whatever a ranking says of it is wrong, so the label of the trial is any one.
    """
    other = [
        photo
        for photo in photos
        if photo.diagnosis is not None and photo.diagnosis not in labels and photo.suitability in (None, USABLE)
    ]
    found: dict[Kind, list[LabelledPhoto]] = {
        "not_skin": [photo for photo in photos if photo.suitability == NOT_SKIN],
        "other_disease": other,
    }
    return {kind: [Trial(photo, labels[0], photo.name) for photo in some] for kind, some in found.items() if some}


def score(model: LoadedModel, trials: Sequence[Trial], track: Track, *, with_context: bool = False) -> Scored:
    """Ask the model; `with_context` also tells it sex, age and body site as far as they are known.

    Raises BadData for a file that is no photo any more, ModelFailed.
    """
    asked = _asked(track(trials, f"Asking {model.manifest.name}"), with_context=with_context)
    labels, said = model.manifest.labels, answers(model, asked)
    return Scored(
        labels,
        said.probabilities,
        np.array([labels.index(trial.label) for trial in trials], dtype=np.int64),
        tuple(trial.photo.patient_id for trial in trials),
        tuple(trial.name for trial in trials),
        subgroups_of([trial.photo for trial in trials]),
        said.unlikeness,
    )


def shown(trial: Trial) -> Image.Image:
    """The picture that was judged, upright, RGB."""
    picture = _picture(trial).picture
    return turn(picture.image, picture.orientation)


def _versions(photo: LabelledPhoto, how: Spoiling, seed: int) -> Iterator[Trial]:
    def harmless(picture: Image.Image) -> Image.Image:
        return harm_nothing(picture, how.severity, seed, how.family)

    def faulty(code: str) -> Change:
        return lambda picture: spoil(picture, code, how.severity, seed, how.family)

    yield Trial(photo, USABLE, photo.name)
    yield Trial(photo, USABLE, f"{photo.name} + harmless change", harmless)
    for code in FAULTS:
        yield Trial(photo, code, f"{photo.name} + {code}", faulty(code))


def _asked(trials: Iterable[Trial], *, with_context: bool) -> Iterator[Asked]:
    for trial in trials:
        said = _context_of(trial.photo) if with_context else UNKNOWN_CONTEXT
        yield _picture(trial), said


def _context_of(photo: LabelledPhoto) -> PatientContext:
    return PatientContext(photo.sex, photo.age, photo.body_site)


def _picture(trial: Trial) -> PreparedPicture:
    try:
        data = trial.photo.path.read_bytes()
    except OSError as error:
        raise BadData(f"{trial.photo.name} cannot be read: {error.strerror}") from error
    picture = read_picture(data, trial.photo.name)
    if trial.change is not None:
        upright = turn(picture.image, picture.orientation)
        picture = read_picture(_jpeg(trial.change(upright)), trial.name)
    return PreparedPicture(picture)


def _jpeg(photo: Image.Image) -> bytes:
    """As a phone would send it."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
