"""Every field of a posted photo as an option of a command."""

import argparse
from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin

from pydantic import AwareDatetime

from gateway.intake.request import PhotoFields

_SORTS = {bool: "true|false", date: "YYYY-MM-DD", datetime: "TIME", AwareDatetime: "TIME", int: "N", float: "NUMBER"}


def add_photo_fields(parser: argparse.ArgumentParser) -> None:
    """The options, named as the fields are."""
    for name, field in PhotoFields.model_fields.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=f"field_{name}", metavar=_metavar(field.annotation), help=field.description)


def photo_fields(options: argparse.Namespace) -> dict[str, str]:
    """The fields that the options say, unchecked."""
    return {
        name: value for name in PhotoFields.model_fields if (value := getattr(options, f"field_{name}")) is not None
    }


def _metavar(kind: Any) -> str:
    """What a field takes, for the help: its choices where it has some, otherwise the sort of value."""
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if choices := [each for part in get_args(kind) for each in [_metavar(part)] if each != "TEXT"]:
        return choices[0]
    return _SORTS.get(kind, "TEXT")
