"""What becomes a sample: votes, classes, sides that never move, old photos, the shadow's time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.loop.classes import hold_few
from trainer.loop.replay import replayed
from trainer.loop.shadowing import ShadowCount, Verdict, judge_shadow
from trainer.loop.sides import CLOSED_AT, HoldOut, Placed, in_whole_patients, is_held_out, sides_of
from trainer.loop.votes import Agreed, Why, count_votes
from trainer.photos.gateway_labels import GatewayLabel
from trainer.photos.photo import SaidBy

HOLD_OUT = HoldOut()


def word(number: int, photo: str, said: str | None, voter: str = "kim", by: SaidBy = "doctor") -> GatewayLabel:
    return GatewayLabel(number, photo, "default", said, by, "diagnosis", voter)


# -- votes


def test_doctors_who_disagree_put_a_photo_into_quarantine_until_they_agree() -> None:
    labels = [word(1, "a", "nevus"), word(2, "a", "melanoma", "lee")]
    counted = count_votes(labels, "disease", 1)
    assert (counted.agreed, [held.why for held in counted.held]) == ((), [Why.CONFLICT])
    counted = count_votes([*labels, word(3, "a", "melanoma")], "disease", 1)
    assert (counted.agreed, counted.held) == ((Agreed("a", "melanoma", 3, 2),), ())


def test_a_lone_vote_waits_where_more_are_asked_for() -> None:
    labels = [word(1, "a", "nevus"), word(2, "a", "nevus"), word(3, "b", "nevus"), word(4, "b", "nevus", "lee")]
    counted = count_votes(labels, "disease", 2)
    assert [one.photo_id for one in counted.agreed] == ["b"]
    assert [(held.photo_id, held.why) for held in counted.held] == [("a", Why.LONE)]


def test_a_doctor_who_holds_other_diseases_possible_is_no_certain_voice_alone() -> None:
    unsure = GatewayLabel(1, "a", "default", "nevus", "doctor", "diagnosis", "kim", ("melanoma",))
    assert [held.why for held in count_votes([unsure], "disease", 1).held] == [Why.UNDECIDED]
    assert count_votes([unsure, word(2, "a", "nevus", "lee")], "disease", 1).held == ()


def test_words_of_the_other_task_and_of_deleted_photos_are_no_votes() -> None:
    labels = [
        GatewayLabel(1, "a", "default", "usable", "doctor"), word(2, "b", "nevus"),
        GatewayLabel(3, "b", "default", None, "rule", "deletion"),
    ]  # fmt: skip
    assert count_votes(labels, "disease", 1) == count_votes([], "disease", 1)
    assert [one.photo_id for one in count_votes(labels, "suitability", 1).agreed] == ["a"]


def test_a_rule_speaks_where_no_doctor_does() -> None:
    def said(number: int, photo: str, label: str, voter: str, by: SaidBy) -> GatewayLabel:
        return GatewayLabel(number, photo, "default", label, by, "suitability", voter)

    labels = [
        said(1, "a", "not_skin", "sorter", "rule"), said(2, "a", "usable", "kim", "doctor"),
        said(3, "b", "watermark", "sorter", "rule"),
    ]  # fmt: skip
    assert [(one.photo_id, one.label) for one in count_votes(labels, "suitability", 1).agreed] == [
        ("a", "usable"),
        ("b", "watermark"),
    ]


# -- classes


def test_a_new_disease_waits_for_photos_and_for_patients() -> None:
    labels = ["tinea"] * 4 + ["eczema"] * 4 + ["nevus"]
    patients = ["p1", "p2", "p3", "p4", "p5", "p5", "p6", "p6", "p7"]
    names = [str(number) for number in range(9)]
    held = hold_few(names, labels, patients, {"nevus"}, floor=4)
    assert {one.photo_id for one in held} == {"4", "5", "6", "7"}
    assert "4 photos of 2 patients" in held[0].words
    assert len(hold_few(names, labels, patients, {"nevus"}, floor=5)) == 8


# -- sides

SAMPLES = st.lists(
    st.builds(Placed, st.uuids().map(str), st.sampled_from("abc"), st.integers(0, 60).map(lambda n: f"p{n}")),
    max_size=80,
    unique_by=lambda one: one.sha256,
)


@given(SAMPLES, SAMPLES)
def test_nobody_is_ever_trained_on_and_tested_on_however_the_samples_grow(
    first: list[Placed], more: list[Placed]
) -> None:
    before = sides_of(first, (), HOLD_OUT)
    kept = [one.sha256 for one, side in zip(first, before, strict=True) if side == "test"]
    everything = [*more, *first]
    after = sides_of(everything, kept, HOLD_OUT)
    for sides in in_whole_patients([*first, *everything], [*before, *after]).values():
        assert sides <= {"test", "second"} or sides in ({"train"}, {"val"})
    side_of = {one.sha256: side for one, side in zip(everything, after, strict=True)}
    assert all(side_of[sha256] == "test" for sha256 in kept)


def test_the_test_side_of_a_class_closes_and_what_comes_later_is_held_out_beside_it() -> None:
    held_out = [f"p{number}" for number in range(2000) if is_held_out(f"p{number}", HOLD_OUT)]
    samples = [Placed(f"s{number}", "tinea", patient) for number, patient in enumerate(held_out)]
    counts = Counter(sides_of(samples, (), HOLD_OUT))
    assert counts == {"test": CLOSED_AT, "second": len(held_out) - CLOSED_AT}
    assert set(sides_of(samples, (), HOLD_OUT, closed={"tinea"})) == {"second"}


def test_about_a_fifth_of_patients_is_held_out_and_given_sides_stand() -> None:
    patients = [f"p{number}" for number in range(2000)]
    assert sum(is_held_out(patient, HOLD_OUT) for patient in patients) == pytest.approx(400, abs=60)
    given = [Placed(patient, "nevus", patient, "train") for patient in patients]
    assert set(sides_of(given, patients, HOLD_OUT)) == {"train"}


# -- replay


def test_rare_classes_keep_all_they_have_and_the_commonest_makes_room() -> None:
    old = {f"n{number}": "nevus" for number in range(100)} | {f"m{number}": "melanoma" for number in range(5)}
    kept = replayed(old, 10, share=1, most=30, seed=1)
    assert Counter(old[one] for one in kept) == {"melanoma": 5, "nevus": 25}
    assert kept == replayed(dict(reversed(old.items())), 10, share=1, most=30, seed=1)
    assert kept != replayed(old, 10, share=1, most=30, seed=2)


def test_the_rarest_come_first_where_there_is_no_room_for_every_class() -> None:
    old = {f"{label}{number}": label for label, count in (("m", 5), ("s", 8), ("n", 90)) for number in range(count)}
    assert Counter(old[one] for one in replayed(old, 2, share=0.5, most=1000, seed=1)) == {"m": 1, "s": 1}


def test_old_photos_make_up_no_more_than_their_share() -> None:
    old = {f"n{number}": "nevus" for number in range(100)}
    assert len(replayed(old, 10, share=0.8, most=1000, seed=1)) == 40
    assert len(replayed(old, 10, share=0.0, most=1000, seed=1)) == 0
    assert len(replayed(old, 0, share=0.5, most=1000, seed=1)) == 100
    assert len(replayed({}, 10, share=1, most=1000, seed=1)) == 0


# -- the shadow


@pytest.mark.parametrize(
    ("count", "hours", "verdict"),
    [
        (ShadowCount(), 23, Verdict.GOES_ON),
        (ShadowCount(judged=9), 25, Verdict.GOES_ON),
        (ShadowCount(judged=10, agreed=0), 24, Verdict.SERVES),
        (ShadowCount(judged=500, failed=1), 24, Verdict.SERVES),
        (ShadowCount(judged=10, failed=2), 1, Verdict.WITHHELD),
        (ShadowCount(judged=1000, failed=2), 24, Verdict.SERVES),
    ],
)
def test_a_shadow_serves_after_its_time_and_its_photos_unless_it_fails(
    count: ShadowCount, hours: int, verdict: Verdict
) -> None:
    since = datetime(2026, 5, 1, tzinfo=UTC)
    assert judge_shadow(count, since, since + timedelta(hours=hours), hours=24, photos=10) is verdict
