"""The card tells people what to know before they use a model."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from inference.manifest import Architecture, Manifest, TrainingData
from tests.unit.trainer.evaluation.cases import drawn_scored
from trainer.evaluation.card import CardFacts, card
from trainer.evaluation.headline import headline
from trainer.evaluation.manifest import metrics_of
from trainer.evaluation.subgroups import Field, Group
from trainer.metrics import Confusion, Estimate, wilson

SCORED = drawn_scored(1, 60, labels=("nevus", "melanoma"))


def manifest(*, demonstration: bool = False) -> Manifest:
    return Manifest(
        task="disease",
        version=7,
        architecture=Architecture(name="a network", hidden_layers=12, units=900),
        labels=("nevus", "melanoma"),
        threshold=0.5,
        metrics=metrics_of(headline(SCORED, 0.5, draws=50)),
        data=TrainingData(fingerprint="0" * 64, photos=3),
        code_version="dermgate 1",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        demonstration=demonstration,
        credits=("PAD-UFES-20, CC BY 4.0",),
        model_sha256="0" * 64,
    )


def facts(subgroups: tuple[Field, ...] = (), untold: tuple[str, ...] = ()) -> CardFacts:
    return CardFacts("For doctors.", ("60 photos",), ("Only two diseases.",), "dermgate-train fit", "On 60 photos.",
                     SCORED.table, "trained from scratch", subgroups=subgroups, untold=untold)  # fmt: skip


def test_every_part_that_a_reader_needs_is_there() -> None:
    text = card(manifest(), facts())
    for part in ("Intended use", "Not for", "Made from", "Measured", "Each label", "Groups", "Limits", "Ethics"):
        assert f"# {part}\n" in text
    assert "CC BY 4.0" in text
    assert "| accuracy | " in text
    assert "doctor stays in the loop" in text
    assert "Not measured by group." in text


def test_labels_that_were_never_named_rightly_stand_first_among_the_limits() -> None:
    blind = Confusion(("nevus", "melanoma", "wart"), np.array([[9, 0, 0], [4, 0, 0], [0, 0, 0]]))
    limits = card(manifest(), replace(facts(), table=blind)).partition("## Limits")[2]
    assert limits.index("melanoma (4)") < limits.index("Only two diseases.")
    assert "nevus (9)" not in limits
    assert "wart" not in limits
    assert "Not one of" not in card(manifest(), facts())


def test_a_demonstration_says_so_first() -> None:
    assert "**A demonstration." in card(manifest(demonstration=True), facts()).split("## ")[0]


def test_small_groups_get_words_and_hostile_values_stay_in_their_cell() -> None:
    groups = (
        Group("body_site", "back|x\n# y", 3, 2, None, None),
        Group("body_site", "arm", 30, 9, wilson(20, 30), None),
    )
    text = card(manifest(), facts((Field("body_site", groups, 4),), ("No photo of type VI.",)))
    assert "| body site: back/x # y | 3 | 2 | too few to say |" in text
    assert "| body site: arm | 30 | 9 | 0.667 (0.488 to 0.808) |" in text
    assert "| body site: unknown | 4 |  |  |" in text
    assert "- No photo of type VI." in text


def test_a_manifest_carries_only_what_can_be_said() -> None:
    nothing = Estimate(np.nan, np.nan, np.nan, 0)
    found = metrics_of({"x": nothing, "y": Estimate(0.123456, np.nan, np.nan, 5), "z": wilson(1, 2)})
    assert set(found) == {"y", "z"}
    assert (found["y"].value, found["y"].low, found["y"].n) == (0.1235, None, 5)
    assert found["z"].low == pytest.approx(0.0945, abs=1e-4)
