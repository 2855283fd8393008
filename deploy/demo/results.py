"""What became of each posted photo, and the two tables that say so."""

from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.hospital import InstanceUids
from deploy.demo.photos import DemoPhoto

_DELIVERED = frozenset({"sent", "confirmed", "committed"})


@dataclass(frozen=True, slots=True)
class Result:
    """One photo, the submission as it last stood, and whether the hospital answered that it holds the object."""

    photo: DemoPhoto
    submission: dict[str, Any]
    at_the_hospital: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the gateway made a DICOM object of it."""
        return bool(self.submission["state"] == "accepted")

    @property
    def as_expected(self) -> bool:
        """Whether a good photo was accepted, and a spoilt one rejected."""
        return self.accepted == (self.photo.fault is None)

    @property
    def delivery(self) -> str:
        """The states of its deliveries, "-" where it has none."""
        return ", ".join(delivery["state"] for delivery in self.submission.get("deliveries") or []) or "-"

    @property
    def arrived(self) -> bool:
        """Whether it is sent, and found at the hospital; a photo that was not accepted has nowhere to go."""
        states = {delivery["state"] for delivery in self.submission.get("deliveries") or []}
        return not self.accepted or (bool(states) and states <= _DELIVERED and self.at_the_hospital)

    @property
    def instance(self) -> InstanceUids | None:
        """The object made of it, None where none was."""
        dicom = self.submission.get("dicom")
        if not dicom:
            return None
        return InstanceUids(dicom["study_instance_uid"], dicom["series_instance_uid"], dicom["sop_instance_uid"])

    def seen(self, submission: dict[str, Any], *, held: set[str]) -> "Result":
        """The same photo, as its submission stands now and as the hospital answered."""
        found = self.instance is not None and self.instance.sop_instance_uid in held
        return replace(self, submission=submission, at_the_hospital=found)


def show(console: Console, results: list[Result], hospital: str) -> None:
    """Print what was decided about each photo, then what was made of it and where that is."""
    console.print(_verdicts(results))
    console.print(_objects(results, hospital))


def _verdicts(results: list[Result]) -> Table:
    table = Table(title="Verdicts", caption="Rankings come from a demonstration model; they are no diagnosis.")
    for column in ("photo", "verdict", "why"):
        table.add_column(column)
    table.add_column("usable", justify="right")
    table.add_column("most like (demonstration)")
    for result in results:
        judgement = result.submission["judgement"]
        table.add_row(
            result.photo.title,
            f"[green]{result.submission['state']}[/]" if result.accepted else f"[red]{result.submission['state']}[/]",
            ", ".join(f"{reason['code']} {reason['probability']:.0%}" for reason in judgement["reasons"]),
            f"{judgement['probability']:.1%}",
            _first_disease(result.submission),
        )  # fmt: skip
    return table


def _first_disease(submission: dict[str, Any]) -> str:
    diseases = (submission.get("ranking") or {}).get("diseases") or []
    return f"{diseases[0]['name']} {diseases[0]['probability']:.0%}" if diseases else ""


def _objects(results: list[Result], hospital: str) -> Table:
    table = Table(title=f"DICOM objects, delivered by C-STORE to {hospital} and asked back by C-FIND")
    table.add_column("photo")
    table.add_column("Study and SOP Instance UID", overflow="fold", min_width=40)
    table.add_column("delivery")
    table.add_column("found there")
    for result in results:
        if result.instance is not None:
            uids = f"{result.instance.study_instance_uid}\n{result.instance.sop_instance_uid}"
            found = "[green]yes[/]" if result.at_the_hospital else "[red]no[/]"
            table.add_row(result.photo.title, uids, result.delivery, found)
    return table
