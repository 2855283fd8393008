"""How many epochs a stage gets for the time there is: pure arithmetic, and the words for it."""

from collections.abc import Sequence

from trainer.fitting.recipe import Stage

_KEEPING = 0.5  # of a stage's time may go into what is kept; the rest is for learning
_RESERVE = 0.9  # of the time is planned; steps are seldom faster than measured
_MARGIN = 0.05  # of the whole time may be overdrawn, so that an epoch that is nearly done is not cut


def allotment(stages: Sequence[Stage], index: int, seconds_left: float) -> float:
    """The seconds that stage `index` may take: its share of what is left for it and those after it."""
    waiting = sum(stage.share for stage in stages[index:])
    return max(0.0, seconds_left) * stages[index].share / waiting


def epochs_within(stage: Stage, seconds: float, epoch_seconds: float) -> int:
    """As many epochs as fit into `seconds`, at most those the stage asks for; 0 where not one fits."""
    return min(stage.epochs, int(_RESERVE * seconds / max(epoch_seconds, 1e-9)))


def passes_within(stage: Stage, seconds: float, pass_seconds: float) -> int:
    """How many passes of the frozen part are kept: at least one, and in at most half of the stage's time."""
    return max(1, min(stage.variants, int(_KEEPING * seconds / max(pass_seconds, 1e-9))))


def latest_end(deadline: float, total: float) -> float:
    """When an epoch that is under way ends, whole or not: a little after its stage's deadline; all in seconds."""
    return deadline + _MARGIN * total


def cut_words(number: int, step: int, steps: int) -> str:
    """What the run says of an epoch that the clock ended."""
    return f"the budget was used up in epoch {number}, which ended after {step} of {steps} steps"


def words(stage: Stage, planned: int, seconds: float, epoch_seconds: float) -> str:
    """What the run says about the plan."""
    fits = f"{stage.part}: an epoch takes about {epoch_seconds:.1f} s, {seconds:.0f} s are left for this stage"
    return f"{fits}: {planned} of {stage.epochs} epochs"
