"""From the words of the command to what is asked."""

from pathlib import Path

import pytest

from trainer.cli import _parse
from trainer.errors import BadData, BadPolicy, TrainingError
from trainer.running.asked import Asked
from trainer.running.command import asked_of, command_of
from trainer.running.labelled import read_labelled


def asked(*words: str) -> Asked:
    return asked_of(_parse(["fit", *words]))


def folder(root: Path, *names: str) -> str:
    for name in names:
        (root / name).mkdir(parents=True)
    return str(root)


def test_without_photos_the_command_says_what_to_name() -> None:
    with pytest.raises(BadData, match="name a folder of photos"):
        asked()


def test_a_csv_may_speak_of_both_tasks_so_the_task_must_be_named() -> None:
    with pytest.raises(BadData, match="name the --task"):
        asked("photos", "--labels", "labels.csv")


def test_a_folder_that_is_not_there_is_named_without_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadData) as refusal:
        asked(str(tmp_path / "absent"))
    assert str(refusal.value) == "absent is no folder"


@pytest.mark.parametrize("words", [("--minutes", "-1"), ("--seed", "-1"), ("--patience", "-1"), ("--threads", "-1")])
def test_a_recipe_that_cannot_be_is_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    with pytest.raises(TrainingError, match="recipe"):
        asked(folder(tmp_path, "nevus"), *words)


def test_a_bad_policy_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[accuracy]\nthreshold = 1.5\n")
    with pytest.raises(BadPolicy, match="threshold"):
        asked(folder(tmp_path / "photos", "nevus"), "--policy", str(tmp_path / "policy.toml"))


@pytest.mark.parametrize(
    ("names", "task"),
    [
        (("usable", "out_of_focus"), "suitability"),
        (("usable", "unusable/watermark"), "suitability"),
        (("train/usable", "val/usable", "test/watermark"), "suitability"),
        (("nevus", "psoriasis"), "disease"),
        (("usable", "psoriasis"), "disease"),
        (("train/nevus", "test/nevus"), "disease"),
        ((".thumbnails", "usable"), "suitability"),
        ((), "disease"),
    ],
)
def test_the_classes_tell_the_task(tmp_path: Path, names: tuple[str, ...], task: str) -> None:
    tmp_path.joinpath("photos").mkdir()
    assert asked(folder(tmp_path / "photos", *names)).task == task


def test_a_gateway_has_labels_of_suitability() -> None:
    assert asked("--gateway", "http://127.0.0.1:8080", "--cache", "cache").task == "suitability"


def test_a_threshold_alone_asks_for_nothing_else_and_beside_a_policy_replaces_its_own(tmp_path: Path) -> None:
    photos = folder(tmp_path, "nevus")
    alone, bundled = asked(photos, "--threshold", "0.9").policy, asked(photos).policy
    assert float(alone.accuracy.threshold) == 0.9
    assert alone.photos is None
    assert bundled.photos is not None
    (tmp_path / "policy.toml").write_text("[accuracy]\nthreshold = 0.7\n[photos]\nat_least = 50\n")
    both = asked(photos, "--policy", str(tmp_path / "policy.toml"), "--threshold", "0.9").policy
    assert float(both.accuracy.threshold) == 0.9
    assert both.photos is not None


def test_a_pretrained_backbone_is_fitted_in_stages_and_the_rate_is_of_its_head(tmp_path: Path) -> None:
    words = ("--backbone", "w.pth", "--epochs", "5", "--tail-epochs", "2", "--learning-rate", "0.01", "--minutes", "2")
    recipe = asked(folder(tmp_path, "nevus"), *words).recipe
    assert [(stage.part, stage.epochs) for stage in recipe.stages] == [("head", 5), ("tail", 2)]
    assert recipe.stages[0].learning_rate == 0.01
    assert recipe.stages[1].learning_rate != 0.01
    assert recipe.budget_seconds == 120


def test_the_command_in_a_card_names_no_place_no_address_and_nothing_without_a_part_in_it(tmp_path: Path) -> None:
    words = ["--labels", str(tmp_path / "l.csv"), "--backbone", str(tmp_path / "w.pth"), "--workers", "7", "--promote"]
    options = _parse(["fit", folder(tmp_path, "nevus"), *words, "--gateway", "http://hospital.example", "--seed", "3"])
    said = command_of(options, "disease")
    assert said.startswith("dermgate-train fit PHOTOS ")
    assert "--backbone BACKBONE" in said
    assert "--gateway GATEWAY" in said
    assert "--seed 3" in said
    assert "--task disease" in said
    for hidden in (str(tmp_path), "hospital", "workers", "promote"):
        assert hidden not in said


def test_facts_beside_a_gateway_are_refused_and_not_passed_over() -> None:
    with pytest.raises(BadData, match="--facts goes with a folder"):
        read_labelled(asked("--gateway", "http://127.0.0.1:1", "--cache", "cache", "--facts", "facts.csv"))
