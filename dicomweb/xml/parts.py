"""Several data sets as XML: one part each (PS3.18 8.7.3.3)."""

from collections.abc import Iterable, Iterator

from dicomweb.archive import JsonObject
from dicomweb.multipart import closing, part_head
from dicomweb.xml.names import MEDIA_TYPE
from dicomweb.xml.writing import to_xml


def xml_chunks(instances: Iterable[JsonObject], boundary: str) -> Iterator[bytes]:
    """The framed body, piece by piece."""
    for members in instances:
        yield part_head(boundary, {"Content-Type": MEDIA_TYPE})
        yield to_xml(members)
    yield closing(boundary)
