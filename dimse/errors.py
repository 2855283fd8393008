"""What can go wrong in `dimse`.

DimseError
+-- InvalidAddress         an AE title, host, port or timeout nobody could use; the configuration is at fault
+-- UnreadableInstance     what we were given to send is no DICOM file we can read; our own side is at fault
|   +-- UnavailableInstance    it cannot be read now: what it lies on fails
+-- CannotListen           the provider cannot have its address
+-- AssociationFailed      no association could be had; the peer or the network is at fault (in `association`)

Faults of a peer met while sending never escape `StorageSender` or `echo`: they come back as results.
"""


class DimseError(Exception):
    """Something about DICOM messaging went wrong."""


class InvalidAddress(DimseError, ValueError):
    """An AE title, host, port or timeout nobody could use."""


class UnreadableInstance(DimseError):
    """What was given to be sent cannot be read as a DICOM file."""


class UnavailableInstance(UnreadableInstance):
    """What was given to be sent cannot be read now; later it may."""


class CannotListen(DimseError):
    """The provider cannot listen at its address."""
