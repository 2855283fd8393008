"""How Schemathesis writes bodies of DICOM's media types: what it made up, as bytes. Loaded by its command line."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/dicom", "multipart/related")
def as_bytes(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A body of any bytes."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")
