"""Real photos with a diagnosis, preprocessed once, augmented anew in each epoch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor

from inference.manifest import ContextVocabulary
from inference.preprocess import whole_image
from trainer.disease.cases import CaseExamples
from trainer.fitting.augment import moved, tinted, turned
from trainer.fitting.examples import Batch
from trainer.photos.photo import LabelledPhoto
from trainer.reading import read_picture


class DiseaseExamples(CaseExamples):
    """The examples of one side of the split; the pictures are held as bytes, 150 KB each at 224."""

    def __init__(
        self,
        photos: Sequence[LabelledPhoto],
        labels: tuple[str, ...],
        vocabulary: ContextVocabulary,
        image_size: int,
    ) -> None:
        super().__init__(photos, labels, vocabulary)
        self._images = torch.from_numpy(_preprocessed(photos, image_size))

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All photos in a drawn order, each turned, scaled and tinted, its context filled and thinned."""
        context = self._drawn_context(rng)
        order = torch.from_numpy(rng.permutation(len(self._targets)))
        for chosen in torch.split(order, batch_size):
            yield (_changed(self._images[chosen], rng), context[chosen]), self._targets[chosen]

    def pictures(self, batch_size: int) -> Iterator[Tensor]:
        """All pictures as they are, in order, float32 [n, 3, H, W], 0..1."""
        for images in torch.split(self._images, batch_size):
            yield _floats(images)

    def drawn_pictures(self, rng: np.random.Generator, batch_size: int) -> Iterator[Tensor]:
        """All pictures in order, changed as `shuffled` changes them."""
        for images in torch.split(self._images, batch_size):
            yield _changed(images, rng)

    def _seen(self, chosen: Tensor) -> Tensor:
        return _floats(self._images[chosen])


def _changed(images: Tensor, rng: np.random.Generator) -> Tensor:
    return tinted(moved(turned(_floats(images), rng), rng), rng)


def _floats(images: Tensor) -> Tensor:
    return images.float() / 255


def _preprocessed(photos: Sequence[LabelledPhoto], image_size: int) -> NDArray[np.uint8]:
    pictures = np.empty((len(photos), 3, image_size, image_size), dtype=np.uint8)
    for index, photo in enumerate(track(photos, description="Reading photos")):
        pictures[index] = np.round(_tensor(photo.path, image_size) * 255)
    return pictures


def _tensor(path: Path, image_size: int) -> NDArray[np.float32]:
    return whole_image(read_picture(path.read_bytes(), path.name), image_size)
