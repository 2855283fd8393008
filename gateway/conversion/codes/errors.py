"""What can be wrong with a table of codes."""

from collections.abc import Sequence


class CodesError(Exception):
    """Tables of codes cannot be used; each of `faults` names the file, the line and what is wrong there."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("the tables of codes cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = tuple(faults)
