"""Values of storage commitment, and what is needed from whoever keeps the objects (PS3.18 13, PS3.3 C.14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class FailureReason(IntEnum):
    """Why an instance is not committed (PS3.3 C.14.1.1)."""

    PROCESSING_FAILURE = 0x0110
    NO_SUCH_INSTANCE = 0x0112
    CLASS_INSTANCE_CONFLICT = 0x0119
    RESOURCE_LIMITATION = 0x0213


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance whose safekeeping is asked for."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one reference; `failure` is None where the instance is committed."""

    reference: Reference
    failure: FailureReason | None


class TransactionInUse(Exception):
    """A request was made under this Transaction UID already."""


class Commitments(Protocol):
    """Storage commitment for one caller; every method may block and is called from worker threads."""

    def commit(self, transaction_uid: str, references: Sequence[Reference]) -> Sequence[Verdict]:
        """Look at every instance and keep what was found; verdicts in the order of the references.

        An instance is committed when its bytes lie in the archive, visible to the caller, under that SOP Class, and
        are those that were stored: read again and compared with the digest taken then.

        Raises:
            TransactionInUse: the UID was used before.
        """

    def result(self, transaction_uid: str) -> Sequence[Verdict] | None:
        """What was found by an earlier request of the caller's, None where there is none any more."""
