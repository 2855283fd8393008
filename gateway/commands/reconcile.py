"""`dermgate reconcile`: give a case its right patient, through a running gateway."""

import argparse
import re
from typing import Any

from gateway.commands.errors import CommandError
from gateway.commands.options import Commands
from gateway.commands.output import add_json, print_json, print_table
from gateway.commands.submit import KEY_VARIABLE, base_of, post_json

_FIELDS = {
    "worklist_item": "an item of GET /api/v1/worklist, in place of all others",
    "patient_id": "the right patient's id",
    "issuer_of_patient_id": "who gave that id",
    "patient_name": "as given, or a DICOM PN",
    "patient_birth_date": "YYYY-MM-DD",
    "patient_sex": "F, M or O",
    "accession_number": "of the order",
    "reason": "kept with the corrected objects",
}
_CASE = re.compile(r"[0-9a-f]{32}")


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "reconcile",
        parents=[configured],
        help="give a case its right patient",
        epilog=f"A key is taken from the environment variable {KEY_VARIABLE}.",
    )
    parser.add_argument("case", metavar="CASE")
    parser.add_argument("--url", help="the gateway (default: as the settings say)")
    for name, words in _FIELDS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=words)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Reconcile it; 0 when it is of the right patient now, or was before."""
    if not _CASE.fullmatch(options.case):
        raise CommandError("CASE: is no id of a case, which has 32 of the digits 0-9 and a-f")
    said = {name: value for name in _FIELDS if (value := getattr(options, name))}
    status, answer = post_json(base_of(options), f"/api/v1/cases/{options.case}/reconcile", said)
    if status != 200:
        raise CommandError(f"refused ({status}): {_faults(answer)}" if status else str(answer.get("detail")))
    if options.json:
        print_json([answer])
    else:
        row = [str(answer["corrected"]), str(answer["unchanged"]), ", ".join(answer["destinations"])]
        print_table(("corrected", "right before", "sent to"), [row])
    return 0


def _faults(answer: dict[str, Any]) -> str:
    faults = "; ".join(f"{fault['field']}: {fault['fault']}" for fault in answer.get("errors") or ())
    return faults or str(answer.get("detail", ""))
