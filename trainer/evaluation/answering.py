"""A served model's whole answer to a picture, through the code that serves."""

from collections.abc import Iterable

from inference.context import UNKNOWN_CONTEXT, PatientContext, encode_context
from inference.contract import CONTEXT, IMAGE, PATCHES
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.runtime import LoadedModel
from trainer.evaluation.answers import Answers, gathered

Asked = tuple[PreparedPicture, PatientContext]


def answers(model: LoadedModel, asked: Iterable[Asked]) -> Answers:
    """What it says of each picture with what is said of its patient, one run each. Raises ModelFailed."""
    runs = (model.run(model_inputs(model, picture, context)) for picture, context in asked)
    return gathered(runs, len(model.manifest.labels))


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
