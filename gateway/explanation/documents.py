"""The shape of an explanation over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.explanation.kept import Explanation
from gateway.explanation.words import name_of, what_it_is_not, what_it_tells
from gateway.intake.explainable import Explainable
from gateway.language import Language

Probability = Annotated[float, Field(ge=0, le=1)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Explained(_Document):
    """The answer that is explained."""

    kind: Literal["disease", "fault"] = Field(description="the first disease, or the fault of a rejected photo")
    code: str
    name: str
    probability: Probability = Field(description="as it was answered")


class Region(_Document):
    """A rectangle around the part that matters most, in fractions of the upright picture's width and height."""

    left: Probability
    top: Probability
    right: Probability
    bottom: Probability


class ShownExplanation(_Document):
    """What of the picture an answer stands on: a hint where to look, and no evidence of anything."""

    about: Explained
    answered_by: str = Field(description="the model, task and version")
    explained_by: str = Field(description="the same, or the one that serves where that is not there any more")
    demonstration: bool
    method: Literal["occlusion", "patches"] = Field(
        description="occlusion: parts were hidden from the model; patches: it was shown one place as all of the photo"
    )
    probability: Probability = Field(description="as the model that explained has it")
    probability_without: Probability = Field(
        description="occlusion: with the region hidden; patches: were all as sharp as the sharpest place"
    )
    clear_region: bool = Field(description="false: the map says no more than one drawn at random, and is not shown")
    region: Region | None = Field(description="null where there is no clear one")
    words: str = Field(description="what the map tells, in the caller's language")
    note: str = Field(description="what it is not; to be shown beside it")
    picture: str = Field(description="where the photo with the map over it is, on this host; a PNG with a legend")
    heat: str = Field(description="where the map alone is: a PNG, transparent, in the photo's proportions")
    made_at: datetime


def shown(explanation: Explanation, wanted: Explainable, place: str, language: Language) -> ShownExplanation:
    """An explanation for a reader of this language; `place` is its own address."""
    box = explanation.box
    return ShownExplanation(
        about=Explained(
            kind="fault" if wanted.task == "suitability" else "disease",
            code=wanted.code,
            name=name_of(wanted, language),
            probability=wanted.probability,
        ),
        answered_by=explanation.answered_by,
        explained_by=explanation.explained_by,
        demonstration=explanation.demonstration,
        method=explanation.method,
        probability=explanation.probability,
        probability_without=explanation.without,
        clear_region=explanation.clear,
        region=None if box is None else Region(left=box.left, top=box.top, right=box.right, bottom=box.bottom),
        words=what_it_tells(explanation, wanted, language),
        note=what_it_is_not(explanation, wanted, language),
        picture=f"{place}/picture",
        heat=f"{place}/picture?layer=heat",
        made_at=explanation.made_at,
    )
