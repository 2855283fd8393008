"""The gate's decision as tables on the console."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trainer.handover.decision import Check, Decision, Wanted
from trainer.handover.record import RULE_OF_THUMB_NOTE, photos_wanted, shown, verdict

_OUTCOME = {True: Text("passed", "green"), False: Text("failed", "bold red"), None: Text("not come to", "dim")}


def show_decision(decision: Decision, console: Console) -> None:
    """Print every check, what to collect and what to beware of; last that the model passes.

    That it does not is for whoever catches BelowGate to say, once and on standard error.
    """
    console.print(_checks(decision.checks))
    if decision.collect:
        console.print(_collect(decision.collect))
        console.print(Text(RULE_OF_THUMB_NOTE, "dim"))
    if decision.precision is not None:
        console.print(Text(f"{decision.precision.chosen}: {decision.precision.why}"))
    for warning in decision.warnings:
        console.print(Text(f"warning: {warning}", "yellow"), soft_wrap=True)
    if decision.passed:
        console.print(Text(verdict(decision), "green"))


def _checks(checks: tuple[Check, ...]) -> Table:
    table = Table("check", "wanted", "found (95 % interval)", "", title="The gate", title_justify="left")
    for check in checks:
        table.add_row(Text(check.name), Text(check.wanted), Text(shown(check)), _OUTCOME[check.passed])
    return table


def _collect(collect: tuple[Wanted, ...]) -> Table:
    table = Table(title="What to collect", title_justify="left")
    table.add_column("label")
    table.add_column("more to\ntest with", justify="right")
    table.add_column("more to\ntrain on", justify="right")
    table.add_column("why")
    for one in collect:
        table.add_row(Text(one.label), photos_wanted(one.test_photos), photos_wanted(one.train_photos), Text(one.why))
    return table
