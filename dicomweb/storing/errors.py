"""What can be wrong with an instance that came as metadata and bulk data."""

from dicomweb.archive import StoreStatus


class MetadataError(ValueError):
    """Metadata or bulk data of which no instance can be made; the text says what and where, never a value.

    Attributes:
        status: the failure reason told to the client.
    """

    def __init__(self, detail: str, status: StoreStatus = StoreStatus.CANNOT_UNDERSTAND) -> None:
        super().__init__(detail)
        self.status = status
