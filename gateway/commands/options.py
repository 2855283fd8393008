"""What every command gets from the parser."""

import argparse
from typing import Any

from gateway.config import Settings

Commands = Any
"""What argparse's `add_subparsers` returns; its class is private."""


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings the options name; raises ConfigurationError."""
    settings: Settings = options.settings(options)
    return settings
