"""A served model's whole answer to a picture, through the code that serves."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inference.context import UNKNOWN_CONTEXT, PatientContext, encode_context
from inference.contract import CONTEXT, IMAGE, PATCHES
from inference.graph import PROBABILITIES
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.runtime import LoadedModel

Asked = tuple[PreparedPicture, PatientContext]


def answers(model: LoadedModel, asked: Iterable[Asked]) -> NDArray[np.float64]:
    """Probabilities [N, C] of each picture with what is said of its patient, one run each. Raises ModelFailed."""
    rows = [model.run(model_inputs(model, picture, context))[PROBABILITIES][0] for picture, context in asked]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), len(model.manifest.labels))


def model_inputs(
    model: LoadedModel, picture: PreparedPicture, context: PatientContext = UNKNOWN_CONTEXT
) -> dict[str, Tensor]:
    """What the model takes, whichever task it is of: as `inference.suitability` and `inference.disease` give it."""
    manifest = model.manifest
    inputs = {IMAGE: picture.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.patches is not None:
        inputs[PATCHES] = picture.patches(manifest.patches.plan())
    if manifest.context is not None:
        inputs[CONTEXT] = encode_context(context, manifest.context)
    return inputs
