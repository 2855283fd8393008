"""What a command refuses by itself."""


class CommandError(Exception):
    """What was asked of a command cannot be done; the text says why, for the person at the terminal."""
