"""Kinds of numbers that the commands' options take."""

import argparse


def share(text: str) -> float:
    """A number of 0 to 1, both included."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be 0 to 1")
    return value


def share_below_one(text: str) -> float:
    """A number of at least 0 and below 1."""
    value = share(text)
    if value == 1:
        raise argparse.ArgumentTypeError("must be below 1")
    return value


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
