"""What can go wrong in the archive.

```
ArchiveError
├── StoreRefused                 an object that is not taken; carries the status of PS3.4 B.2.3
│   ├── NotUnderstood            no DICOM file that can be read (C000), or in a syntax that is not (C122)
│   ├── StudyMismatch            not of the study, or of the patient, it claims to belong to (A900)
│   └── DuplicateInstance        its UID is taken by other content (0111)
├── StorageError                 the object storage failed
│   ├── StorageFull              no room for another object
│   └── UnknownObject            there is no object under this key
└── UnknownInstance              there is no such instance within the caller's scope
    └── DeletedMeanwhile         it was there when it was looked for
```

Texts name tags, UIDs and our own ids, never a patient.
"""

from dicomweb.archive import InstanceGoneError, StoreStatus


class ArchiveError(Exception):
    """Parent of the archive's errors."""


class StoreRefused(ArchiveError):
    """An object is not taken; `status` says why in DICOM's terms."""

    def __init__(self, status: StoreStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class NotUnderstood(StoreRefused):
    """The bytes are no object that can be archived."""


class StudyMismatch(StoreRefused):
    """The object contradicts the study it claims to belong to."""

    def __init__(self, detail: str) -> None:
        super().__init__(StoreStatus.DATA_SET_MISMATCH, detail)


class DuplicateInstance(StoreRefused):
    """Another object has this SOP Instance UID; nothing tells where, it may be another hospital's."""

    def __init__(self) -> None:
        super().__init__(
            StoreStatus.DUPLICATE_SOP_INSTANCE, "another object with other content has this SOP Instance UID"
        )


class StorageError(ArchiveError):
    """The object storage failed."""


class StorageFull(StorageError):
    """There is no room for another object."""


class UnknownObject(StorageError):
    """There is no object under this key."""


class UnknownInstance(ArchiveError):
    """There is no such instance within the caller's scope."""


class DeletedMeanwhile(UnknownInstance, InstanceGoneError):
    """An instance that was found has been deleted before it could be read."""
