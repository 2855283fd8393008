"""Who goes to a doctor: as the gateway decides it photo by photo, counted by hand, and over other settings."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.manifest import UnknownRule
from inference.rules import UnknownSignName, rank_diseases, referral_reasons
from tests.unit.trainer.evaluation.cases import LABELS, drawn_scored, scored_of, seeds
from trainer.evaluation.answers import Answers
from trainer.evaluation.findings import find
from trainer.evaluation.numbers.referral import referrals
from trainer.evaluation.numbers.referred_groups import referred_groups
from trainer.evaluation.numbers.sweeps import GRIDS, sweeps
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Strangers, detect
from trainer.evaluation.ways import ways_to_a_doctor

RULE = ReferralRule(LABELS, 0.5, ("c",), 0.1)
UNLIKE = UnknownRule(rule="unlikeness", threshold=0.7)


def six() -> Scored:
    """Sure and right, sure and wrong, unsure and right, maybe malignant, malignant and seen, malignant and missed."""
    rows = [
        (0.9, 0.06, 0.04),
        (0.9, 0.06, 0.04),
        (0.48, 0.46, 0.06),
        (0.8, 0.1, 0.1),
        (0.1, 0.1, 0.8),
        (0.95, 0.03, 0.02),
    ]
    return scored_of(rows, [0, 1, 0, 0, 2, 2])


@given(seeds, st.floats(0, 1), st.floats(0, 1), st.sampled_from([None, "max_probability", "entropy", "unlikeness"]))
def test_many_are_decided_as_the_gateway_decides_one(
    seed: int, threshold: float, refer_malignant: float, sign: UnknownSignName | None
) -> None:
    rng = np.random.default_rng(seed)
    answers = Answers(rng.dirichlet(np.full(3, 0.5), 20), rng.random(20).round(6))
    unknown = None if sign is None else UnknownRule(rule=sign, threshold=round(float(rng.random()), 3))
    rule = ReferralRule(LABELS, threshold, ("a", "c"), refer_malignant, unknown)
    found = rule.reasons(answers)
    assert answers.unlikeness is not None
    for place, (row, unlikeness) in enumerate(zip(answers.probabilities, answers.unlikeness.tolist(), strict=True)):
        one = referral_reasons(
            rank_diseases(LABELS, row),
            threshold=threshold,
            malignant=rule.malignant,
            refer_malignant=refer_malignant,
            unknown=unknown,
            unlikeness=unlikeness,
        )
        assert tuple(reason for reason, mask in found.items() if mask[place]) == one
        assert bool(rule.refers(answers)[place]) is bool(one)


def test_without_malignant_labels_no_photo_is_referred_for_malignancy() -> None:
    rule = replace(RULE, malignant=())
    assert not rule.reasons(six().answers)["malignant"].any()


def test_the_shares_are_those_counted_by_hand() -> None:
    found = referrals(six(), RULE, draws=20)
    outcome = found.outcome
    shares = (outcome.referred, outcome.rightly, outcome.missed, outcome.wrong_kept)
    assert [one.n for one in shares] == [6, 3, 2, 3]
    np.testing.assert_allclose([one.value for one in shares], [3 / 6, 1 / 3, 1 / 2, 2 / 3])
    assert [one.reason for one in found.reasons] == ["undecided", "malignant", "unknown"]
    np.testing.assert_allclose([one.share.value for one in found.reasons], [1 / 6, 2 / 6, 0])
    np.testing.assert_allclose([one.alone.value for one in found.reasons], [1 / 6, 2 / 6, 0])
    assert [(one.label, one.malignant) for one in found.labels] == [("a", False), ("b", False), ("c", True)]
    np.testing.assert_allclose([one.recall.value for one in found.labels], [1, 0, 0.5])
    np.testing.assert_allclose([one.referred.value for one in found.labels], [2 / 3, 0, 0.5])
    assert outcome.missed.low < 0.5 < outcome.missed.high


def test_a_setting_changes_alone_and_the_one_in_force_is_marked() -> None:
    scored = drawn_scored(3, 120, patients=60)
    rule = replace(RULE, threshold=0.55)
    found = {sweep.setting: sweep.steps for sweep in sweeps(scored, rule, draws=20)}
    assert set(found) == {"disease_threshold", "refer_malignant"}
    decided = found["disease_threshold"]
    assert [step.value for step in decided] == sorted({*GRIDS["disease_threshold"], 0.55})
    assert [step.value for step in decided if step.in_force] == [0.55]
    assert [step.value for step in found["refer_malignant"] if step.in_force] == [0.1]
    in_force = referrals(scored, rule, draws=20).outcome.referred
    assert next(step for step in decided if step.in_force).outcome.referred == in_force
    shares = [step.outcome.referred.value for step in decided]
    assert shares == sorted(shares)
    missed = [step.outcome.missed.value for step in found["refer_malignant"]]
    assert missed == sorted(missed)


def test_strangers_are_told_by_unlikeness_where_the_probabilities_cannot_tell() -> None:
    rng = np.random.default_rng(0)
    known = replace(drawn_scored(1, 80), unlikeness=rng.uniform(0, 0.5, 80))
    sure = np.tile([0.98, 0.01, 0.01], (30, 1))
    strangers = Strangers("not_skin", Answers(sure, rng.uniform(0.6, 1, 30)), ("",) * 30)
    rule = replace(RULE, unknown=UNLIKE)
    found = detect(known, strangers, rule, draws=50)
    assert (found.kind, found.pictures) == ("not_skin", 30)
    assert found.by_unlikeness is not None
    assert found.by_unlikeness.value == 1
    assert found.by_unlikeness.low > 0.8
    assert found.by_doubt.value < 0.2
    assert strangers.answers.unlikeness is not None
    called = float(np.mean(strangers.answers.unlikeness >= 0.7))
    assert found.unknown.value == found.referred.value == pytest.approx(called)
    blind = detect(drawn_scored(1, 80), replace(strangers, answers=Answers(sure)), RULE, draws=20)
    assert (blind.by_unlikeness, blind.referred.value) == (None, 0)


def test_photos_of_one_strange_patient_prove_less_than_those_of_many() -> None:
    known = drawn_scored(1, 60)
    answers = Answers(np.repeat([[0.98, 0.01, 0.01], [0.34, 0.33, 0.33]], 20, axis=0))
    alone, one = (
        detect(known, Strangers("other_disease", answers, whose), RULE, draws=400).by_doubt
        for whose in (tuple(map(str, range(40))), tuple(str(number // 20) for number in range(40)))
    )
    assert alone.value == one.value
    assert one.high - one.low > alone.high - alone.low


def test_an_unlikeness_that_was_not_told_refers_nobody_in_a_report() -> None:
    found = find("x", drawn_scored(1, 60), 0.5, ("c",), unknown=UNLIKE, draws=20)
    assert found.ways is not None
    assert found.ways.rule.unknown is None
    told = replace(drawn_scored(1, 60), unlikeness=np.ones(60))
    assert find("x", told, 0.5, ("c",), unknown=UNLIKE, draws=20).numbers["referred_share"].value == 1


def test_groups_of_people_are_told_apart_and_small_ones_left_out() -> None:
    """Of thirty women all melanomas go, of thirty men none; of nineteen whose sex nobody knows nothing is said."""
    sure, doubted = (0.97, 0.02, 0.01), (0.1, 0.1, 0.8)
    rows = [doubted] * 15 + [sure] * 15 + [sure] * 30 + [sure] * 19 + [sure] * 21
    truth = [2] * 15 + [0] * 15 + [2] * 12 + [0] * 18 + [0] * 19 + [2] * 9 + [0] * 12
    sexes = ("F",) * 30 + ("M",) * 30 + ("",) * 19 + ("O",) * 21
    ages = ("20-39",) * 19 + ("",) * 81
    scored = scored_of(rows, truth, subgroups={"sex": sexes, "age_band": ages})
    women, men, others = referred_groups(scored, RULE, draws=50)
    assert [(one.value, one.photos, one.malignant) for one in (women, men, others)] == [
        ("F", 30, 15),
        ("M", 30, 12),
        ("O", 21, 9),
    ]
    assert women.malignant_referred is not None
    assert men.malignant_referred is not None
    assert (women.malignant_referred.value, men.malignant_referred.value) == (1, 0)
    assert men.malignant_referred.high > 0.1
    assert others.malignant_referred is None
    assert (women.referred.value, others.referred.value) == (0.5, 0)


def test_no_photo_at_all_says_nothing_and_fails_nothing() -> None:
    ways = ways_to_a_doctor(scored_of([], []), replace(RULE, unknown=UNLIKE), draws=20)
    assert np.isnan(ways.referrals.outcome.referred.value)
    assert ways.referrals.labels == ()
    assert ways.detections == ()


@pytest.mark.parametrize("unlikeness", [[1.1, 0, 0], [np.nan, 0, 0], [0, 0]])
def test_unlikeness_that_means_nothing_is_refused(unlikeness: list[float]) -> None:
    with pytest.raises(ValueError, match="unlikeness must be"):
        replace(scored_of([(1, 0, 0)] * 3, [0, 1, 2]), unlikeness=np.array(unlikeness))
