"""Index entries of instances that lie nowhere."""

from dicomweb.archive import StoredInstance


def stored(transfer_syntax_uid: str, *, sha256: str = "00") -> StoredInstance:
    """An instance with this transfer syntax."""
    return StoredInstance(
        study_instance_uid="1.1",
        series_instance_uid="1.2",
        sop_instance_uid="1.3",
        sop_class_uid="1.4",
        transfer_syntax_uid=transfer_syntax_uid,
        size_bytes=10,
        sha256=sha256,
        number_of_frames=1,
    )
