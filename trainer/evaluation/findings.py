"""Everything an evaluation finds of one model on one set of photos, gathered once for tables, report, JSON and card."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.manifest import UnknownRule
from inference.rules import USABLE
from trainer.evaluation.bootstrap import DRAWS, point
from trainer.evaluation.conformal import METHODS, PredictionSets, conformal, cross_conformal, halves
from trainer.evaluation.headline import Numbers, headline, per_class
from trainer.evaluation.latency import Latency
from trainer.evaluation.numbers.probability import ReliabilityBin, calibration_error, log_loss, reliability
from trainer.evaluation.numbers.refusals import threshold_at
from trainer.evaluation.numbers.shares import ClassNumbers, class_numbers
from trainer.evaluation.referring import REFER_MALIGNANT, ReferralRule
from trainer.evaluation.said import Said
from trainer.evaluation.scored import Scored, verdicts
from trainer.evaluation.strangers import Strangers
from trainer.evaluation.subgroups import Field, by_subgroup, untold
from trainer.evaluation.temperature import Bound, bound_of, calibrated
from trainer.evaluation.ways import WaysToADoctor, ways_to_a_doctor
from trainer.metrics import Confusion, confusion


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the probabilities stand, and under the temperature that photos of other patients ask for on top.

    `tuned_on` says whose photos these were: "tune side", or "other half" where there is no tune side. The error under
    the temperature is of `photos` photos, which had no say in it.
    """

    bins: tuple[ReliabilityBin, ...]
    temperature: float
    tuned_on: str
    photos: int
    error_as_is: float
    error_tuned: float
    log_loss_as_is: float
    log_loss_tuned: float

    @property
    def at_bound(self) -> Bound | None:
        """Which end of the search for a temperature was reached, where one was."""
        return bound_of(self.temperature)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """One model on one set of photos.

    `title` says which model and photos, `korean` the same in Korean, "" where it does not. `threshold` and `malignant`
    are the manifest's. `table` counts the likeliest labels, `verdict_table` what the gateway would say at the
    threshold (None for a ranking). `strict_threshold` is the P(usable) that refuses 5 % of usable photos (None for a
    ranking, NaN without usable photos). `ways` say who goes to a doctor, None of a suitability model.
    """

    title: str
    scored: Scored
    threshold: float
    malignant: tuple[str, ...]
    numbers: Numbers
    labels: dict[str, Numbers]
    classes: tuple[ClassNumbers, ...]
    table: Confusion
    verdict_table: Confusion | None
    strict_threshold: float | None
    calibration: Calibration
    sets: tuple[PredictionSets, ...]
    subgroups: tuple[Field, ...]
    untold: tuple[Said, ...]
    latency: Latency | None = None
    korean: str = ""
    ways: WaysToADoctor | None = None

    @property
    def judges_suitability(self) -> bool:
        """Whether this is of a suitability model; else of a disease model."""
        return USABLE in self.scored.labels

    @property
    def commonest(self) -> tuple[str, float]:
        """The label that most photos bear, and their share: what is right as often without a look. Needs a photo."""
        counts = self.table.counts.sum(1)
        return self.scored.labels[int(counts.argmax())], float(counts.max() / counts.sum())

    @property
    def patients(self) -> int:
        """How many patients the photos are of, as far as is known."""
        return len(set(self.scored.clusters().tolist()))


def find(
    title: str,
    scored: Scored,
    threshold: float,
    malignant: Sequence[str] = (),
    *,
    tune: Scored | None = None,
    latency: Latency | None = None,
    strangers: Sequence[Strangers] = (),
    refer_malignant: float = REFER_MALIGNANT,
    unknown: UnknownRule | None = None,
    korean: str = "",
    draws: int = DRAWS,
    seed: int = 0,
) -> Findings:
    """Work everything out.

    `tune` are answers to the tune side's photos, none of whose patients is in `scored`. `strangers` are a ranking's
    answers to pictures that it cannot know. `refer_malignant` and `unknown` decide with `threshold` who goes to a
    doctor, as a gateway's settings and a manifest do.
    """
    numbers = headline(scored, threshold, malignant, draws=draws, seed=seed)
    by_verdict, ways = None, None
    if USABLE in scored.labels:
        by_verdict = confusion(scored.labels, scored.truth, verdicts(scored, threshold))
    else:
        known = tuple(label for label in malignant if label in scored.labels)
        rule = ReferralRule(scored.labels, threshold, known, refer_malignant, _tellable(unknown, scored))
        ways = ways_to_a_doctor(scored, rule, strangers, draws=draws, seed=seed)
        numbers |= ways.numbers()
    return Findings(
        title=title,
        scored=scored,
        threshold=threshold,
        malignant=tuple(malignant),
        numbers=numbers,
        labels=per_class(scored, draws=draws, seed=seed),
        classes=class_numbers(scored, draws=draws, seed=seed),
        table=scored.table,
        verdict_table=by_verdict,
        strict_threshold=threshold_at(scored) if by_verdict is not None else None,
        calibration=_calibration(scored, tune, seed),
        sets=tuple(
            conformal(tune, scored, method) if tune is not None else cross_conformal(scored, method, seed=seed)
            for method in METHODS
        ),
        subgroups=by_subgroup(scored, seed=seed),
        untold=untold(scored),
        latency=latency,
        korean=korean,
        ways=ways,
    )


def _tellable(unknown: UnknownRule | None, scored: Scored) -> UnknownRule | None:
    """The rule, where what it goes by is among the answers."""
    untold = unknown is not None and unknown.rule == "unlikeness" and scored.unlikeness is None
    return None if untold else unknown


def _calibration(scored: Scored, tune: Scored | None, seed: int) -> Calibration:
    first = halves(scored, seed)
    if tune is None:
        tuned_on, asked, tried = "other half", scored.part(first), scored.part(~first)
    else:
        tuned_on, asked, tried = "tune side", tune, scored
    temperature, tuned = calibrated(asked, tried)
    photos = len(tried)
    return Calibration(
        bins=reliability(scored),
        temperature=temperature,
        tuned_on=tuned_on,
        photos=photos,
        error_as_is=point(calibration_error(tried), photos),
        error_tuned=point(calibration_error(tuned), photos),
        log_loss_as_is=point(log_loss(tried), photos),
        log_loss_tuned=point(log_loss(tuned), photos),
    )
