"""The gate's decision written down: JSON for programs, Markdown and plain words for people."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from trainer.handover.decision import Check, Decision, Parity, PrecisionChoice, Wanted

DECISION_JSON = "decision.json"
DECISION_MARKDOWN = "decision.md"

RULE_OF_THUMB_NOTE = (
    "Numbers of photos to train on are rules of thumb: error falls with about the 0.35th power of their number, at "
    "best (Hestness et al. 2017, arXiv 1712.00409). Take them for an order of magnitude, and for the least. Where the "
    "rule asks for more than a hundred times what there is, ten times is named, as a start: it halves the mistakes at "
    "best; a pretrained network (--backbone) and clearer photos help more. Lines overlap; do not add them up."
)


_FINGERPRINT = 16
_POLICY = (
    "What was asked for stands under *wanted*. Models with the same fingerprint, `{}` here, were asked for the same: "
    "it begins the SHA-256 that `decision.json` holds as `policy`."
)


def write_decision(decision: Decision, folder: Path) -> None:
    """Write `decision.json` and `decision.md` into a run's folder, over older ones."""
    (folder / DECISION_JSON).write_text(as_json(decision), encoding="utf-8")
    (folder / DECISION_MARKDOWN).write_text(as_markdown(decision), encoding="utf-8")


def as_json(decision: Decision) -> str:
    """The decision with every number in full."""
    return json.dumps(asdict(decision), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_markdown(decision: Decision) -> str:
    """The decision as a page."""
    parts = [f"# {verdict(decision)}", _checks_table(decision.checks)]
    if decision.warnings:
        parts += ["## Warnings", "\n".join(f"- {warning}" for warning in decision.warnings)]
    if decision.collect:
        parts += ["## What to collect", _collect_table(decision.collect), RULE_OF_THUMB_NOTE]
    if decision.parity is not None:
        parts += ["## File and network", _alike(decision.parity)]
    if decision.precision is not None:
        parts += ["## Which file", _choice(decision.precision)]
    return "\n\n".join([*parts, _POLICY.format(decision.policy[:_FINGERPRINT])]) + "\n"


def in_words(decision: Decision) -> str:
    """The decision in lines for an error message: the failed checks, then what to collect."""
    lines = [verdict(decision)]
    lines += [f"  {_refusal(check)}" for check in decision.failed]
    lines += [f"  warning: {warning}" for warning in decision.warnings]
    if decision.collect:
        lines += ["to collect (rules of thumb, at least):", *(f"  {wish(wanted)}" for wanted in decision.collect)]
    return "\n".join(lines)


def verdict(decision: Decision) -> str:
    """One line: what the gate says."""
    if decision.passed:
        return f"The {decision.task} model passes the gate"
    names = ", ".join(check.name for check in decision.failed)
    return f"The {decision.task} model does not pass the gate ({names}): nothing is handed over"


def shown(check: Check) -> str:
    """What was found, its 95 % interval in brackets and its photos, as far as there are any; then the note."""
    parts = ["nothing to measure" if check.found is None else _number(check.found)]
    if check.interval is not None:
        parts[0] += f" ({_number(check.interval[0])} to {_number(check.interval[1])})"
    if check.n is not None:
        parts.append(f"{check.n} photos")
    return ", ".join(parts) + (f"; {check.note}" if check.note else "")


def _refusal(check: Check) -> str:
    note = f"; {check.note}" if check.note else ""
    return f"{check.name}: {shown(replace(check, note=''))}, wanted {check.wanted}{note}"


def outcome(check: Check) -> str:
    """passed, failed, or not come to."""
    return {True: "passed", False: "**failed**", None: "not come to"}[check.passed]


def photos_wanted(number: int | None) -> str:
    """A number of photos with its thousands apart; empty where there is none."""
    return "" if number is None else f"{number:,}".replace(",", " ")


def wish(wanted: Wanted) -> str:
    """One line of photos to collect, as a sentence."""
    test, train = photos_wanted(wanted.test_photos), photos_wanted(wanted.train_photos)
    numbers = [f"{test} more to test with"] * bool(test) + [f"{train} more to train on"] * bool(train)
    return f"{wanted.label}: {', '.join(numbers)}{' - ' if numbers else ''}{wanted.why}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) and abs(value) > 1 else f"{value:.3f}"


def _checks_table(checks: tuple[Check, ...]) -> str:
    lines = ["| check | wanted | found (95 % interval) | |", "| --- | --- | --- | --- |"]
    lines += [f"| {check.name} | {check.wanted} | {shown(check)} | {outcome(check)} |" for check in checks]
    return "\n".join(lines)


def _collect_table(collect: tuple[Wanted, ...]) -> str:
    lines = ["| label | more to test with | more to train on | why |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.label} | {photos_wanted(one.test_photos)} | {photos_wanted(one.train_photos)} | {one.why} |"
        for one in collect
    ]
    return "\n".join(lines)


def _alike(parity: Parity) -> str:
    return (
        f"On {parity.photos} real photos of the test side they differ by {parity.largest_difference:.1e} at most, "
        f"and name {parity.same_first:.1%} of the photos alike."
    )


def _choice(choice: PrecisionChoice) -> str:
    lines = [
        f"**{choice.chosen}**: {choice.why}.",
        "",
        "| file | bytes | milliseconds a photo, one thread | accuracy | gate |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.precision} | {one.file_bytes} | {one.milliseconds:.2f} | {one.accuracy:.4f} | "
        f"{'passed' if one.passed else 'failed'} |"
        for one in choice.candidates
    ]
    if choice.verdicts_agree is not None:
        lines += ["", f"Both say the same of {choice.verdicts_agree:.1%} of the test photos."]
    return "\n".join(lines)
