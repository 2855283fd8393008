"""Embedded pictures for tests of resemblance."""

import uuid
from typing import Any

import numpy as np

from gateway.library.resemblance.embeddings import EmbeddedPicture, Vector

SITES = ("nose", "face", "forearm", "back", None)


def unit(vector: Any) -> Vector:
    """A vector's direction, float32."""
    made = np.asarray(vector, dtype=np.float32)
    return made / np.float32(np.linalg.norm(made))


def embedded(number: int, vector: Vector, **facts: Any) -> EmbeddedPicture:
    """A picture of a case of its own, unless `case_id` says which."""
    known: dict[str, Any] = {
        "case_id": uuid.UUID(int=number).hex,
        "picture": 1,
        "hospital": "north",
        "disease": "nevus",
        "sex": None,
        "age_band": None,
        "body_site": None,
    }
    return EmbeddedPicture(number=number, vector=vector, **(known | facts))


def drawn(rng: np.random.Generator, count: int, width: int = 8) -> list[EmbeddedPicture]:
    """So many pictures of cases that differ in everything, some cases with several."""
    return [
        embedded(
            number,
            unit(rng.standard_normal(width)),
            case_id=uuid.UUID(int=int(rng.integers(0, max(1, 2 * count // 3)))).hex,
            picture=number,
            **_facts(rng.integers(0, 2**31)),
        )
        for number in range(1, count + 1)
    ]


def _facts(seed: Any) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "hospital": rng.choice(["north", "south", "west"]).item(),
        "disease": rng.choice(["nevus", "melanoma"]).item(),
        "sex": [None, "F", "M"][rng.integers(0, 3)],
        "age_band": [None, 30, 40, 50, 90][rng.integers(0, 5)],
        "body_site": SITES[rng.integers(0, len(SITES))],
    }
