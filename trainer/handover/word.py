"""The decision as the report takes it."""

from trainer.evaluation.report.page import GateCheck, GateWord
from trainer.handover.decision import Decision
from trainer.handover.record import shown, wish


def gate_word(decision: Decision) -> GateWord:
    """Every check in words, and one sentence for each line of photos to collect."""
    checks = tuple(GateCheck(check.name, check.wanted, shown(check), check.passed) for check in decision.checks)
    return GateWord(decision.passed, checks, tuple(wish(wanted) for wanted in decision.collect))
