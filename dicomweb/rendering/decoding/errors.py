"""What can go wrong in the process that decodes."""


class UndecodableError(ValueError):
    """A picture that cannot be decoded; the text says why."""
