"""The gate: a model that is not good enough is not handed over, and the run says what it lacks."""

from trainer.errors import BelowGate
from trainer.metrics import Confusion


def check_gate(unseen: Confusion, threshold: float, trained_on: dict[str, int]) -> None:
    """Pass where the accuracy on unseen examples lies strictly above `threshold`; else raise BelowGate.

    `trained_on` counts the training examples of each label; the message lists the labels below the threshold,
    weakest first, with what each was taken for and how many examples it had.
    """
    accuracy = unseen.accuracy
    if accuracy.value > threshold:
        return
    lines = [
        (
            f"accuracy on unseen examples is {accuracy.value:.3f} "
            f"(95 % interval {accuracy.low:.3f} to {accuracy.high:.3f}, {accuracy.n} examples), "
            f"not above {threshold:.3f}: nothing is handed over"
        )
    ]
    weak = [label for label in unseen.labels if unseen.recall(label).value <= threshold]
    lines += [_lack(unseen, label, trained_on) for label in sorted(weak, key=lambda one: unseen.recall(one).value)]
    raise BelowGate("\n".join(lines))


def _lack(unseen: Confusion, label: str, trained_on: dict[str, int]) -> str:
    recall = unseen.recall(label)
    if recall.n == 0:
        return f"  {label}: no unseen example to check it with; {trained_on.get(label, 0)} trained on"
    taken = unseen.most_taken_for(label)
    mistaken = f", most often taken for {taken}" if taken else ""
    right = round(recall.value * recall.n)
    return f"  {label}: {right} of {recall.n} named right{mistaken}; {trained_on.get(label, 0)} trained on"
