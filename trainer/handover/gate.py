"""The gate: a model that is not good enough is not handed over, and is told what it lacks. No files, no torch."""

from trainer.errors import BadPolicy, BelowGate
from trainer.handover.advice import what_to_collect
from trainer.handover.checks import all_checks
from trainer.handover.decision import Decision
from trainer.handover.doubts import doubts, only_guesses
from trainer.handover.examined import Examined, Served
from trainer.handover.policy import Policy
from trainer.handover.record import in_words


def decide(examined: Examined, policy: Policy, served: Served = None) -> Decision:
    """Make every check of `policy` and say what to collect. A check that was not come to does not stop a model.

    `served` are the answers of the model that serves now to the same photos in the same order.
    Raises BadPolicy where the policy names a class the model does not tell apart, ValueError for other photos.
    """
    check_labels(policy, examined.scored.labels)
    made = tuple(all_checks(examined, policy, served))
    return Decision(
        task=examined.task,
        passed=all(check.passed is not False for check in made),
        checks=made,
        collect=what_to_collect(examined, policy, made),
        policy=policy.fingerprint(),
        warnings=doubts(examined, policy, served, made),
        only_guesses=only_guesses(examined),
    )


def check_labels(policy: Policy, labels: tuple[str, ...]) -> None:
    """Refuse a policy with a floor for a class that is none of `labels`: before a run, not only after it.

    Raises BadPolicy.
    """
    named = policy.recall.classes if policy.recall is not None else {}
    strangers = [label for label in named if label not in labels]
    if strangers:
        known = ", ".join(labels)
        raise BadPolicy([f"recall.classes.{label} is no label of this model; they are {known}" for label in strangers])


def require_passed(decision: Decision) -> None:
    """Raise BelowGate, with the decision in words, where the model did not pass."""
    if not decision.passed:
        raise BelowGate(in_words(decision), decision)
