"""An explanation as it is kept: a small document with the map in it."""

import base64
from datetime import datetime
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from inference.explaining.planes import SIDE
from inference.explaining.region import Box
from inference.explaining.saliency import Method, Saliency
from inference.preprocess import Tensor

MAX_BYTES = 16 * 1024

_Probability = Annotated[float, Field(ge=0, le=1)]
_Code = Annotated[str, StringConstraints(max_length=64)]
_STEPS = 255


class Explanation(BaseModel):
    """What an answer stands on, as `inference.explaining.saliency` has it, and which model was asked.

    `answered_by` gave the answer, `explained_by` was asked what it stands on; both are `task/version`. `plane_steps`
    are the map's values in steps of 1/255, row by row, in base 64. `format` gets another number where maps are made or
    kept otherwise: what was kept before is then made anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1] = 1
    code: _Code
    answered_by: _Code
    explained_by: _Code
    demonstration: bool
    method: Method
    probability: _Probability
    without: _Probability
    clear: bool
    level: _Probability
    region: tuple[_Probability, _Probability, _Probability, _Probability] | None
    made_at: AwareDatetime
    plane_steps: str

    @classmethod
    def of(cls, saliency: Saliency, answered_by: str, explained_by: str, demonstration: bool, at: datetime) -> Self:
        """Write an explanation down."""
        box = saliency.region
        steps = (np.clip(saliency.plane, 0, 1) * _STEPS).round().astype(np.uint8)
        return cls(
            code=saliency.label,
            answered_by=answered_by,
            explained_by=explained_by,
            demonstration=demonstration,
            method=saliency.method,
            probability=saliency.probability,
            without=saliency.without,
            clear=saliency.clear,
            level=saliency.level,
            region=None if box is None else (box.left, box.top, box.right, box.bottom),
            made_at=at,
            plane_steps=base64.b64encode(steps.tobytes()).decode(),
        )

    @field_validator("plane_steps")
    @classmethod
    def _is_a_plane(cls, text: str) -> str:
        if len(base64.b64decode(text, validate=True)) != SIDE * SIDE:
            raise ValueError("is no map")
        return text

    @property
    def plane(self) -> Tensor:
        """The map [SIDE, SIDE], 0..1."""
        steps = np.frombuffer(base64.b64decode(self.plane_steps), np.uint8).reshape(SIDE, SIDE)
        return steps.astype(np.float32) / np.float32(_STEPS)

    @property
    def box(self) -> Box | None:
        """The region, in fractions of the upright picture; None where it is not clear."""
        return None if self.region is None else Box(*self.region)


def read_kept(document: bytes) -> Explanation | None:
    """Read an explanation; None for one of another format, or of none."""
    if len(document) > MAX_BYTES:
        return None
    try:
        return Explanation.model_validate_json(document)
    except ValidationError:
        return None
