"""Files with seeded faults on the whole way: stored, told, searched, cut into frames, made explicit."""

import random
import zlib

import orjson
import pytest
from pydicom.dataset import Dataset

from dicomweb.archive import Level, Search, StoredInstance, StoreStatus
from dicomweb.frame_decoding import FrameDecoder, TranscodingError
from dicomweb.memory import MemoryArchive
from dicomweb.multipart import Event, MultipartError, MultipartParser, PartData
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.transcoding import read_frame, to_explicit_little_endian
from dicomweb.wado import can_be_explicit, metadata_chunks
from tests.unit.dicomweb.samples import EXPLICIT, IMPLICIT, JPEG_BASELINE, element, encapsulated, part10, sequence

KOREAN = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"


def data_set(*, implicit: bool = False) -> bytes:
    """Every kind of value, and sequences, in few bytes: most changes hit something."""
    values: list[tuple[int, str, bytes | str | int]] = [
        (0x00080005, "CS", "ISO 2022 IR 6\\ISO 2022 IR 149"),
        (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.77.1.4"),
        (0x00080018, "UI", "1.2.3"),
        (0x00080020, "DA", "20240115"),
        (0x00100010, "PN", KOREAN),
        (0x00101030, "DS", "1.5\\2"),
        (0x0020000D, "UI", "1.2.4"),
        (0x0020000E, "UI", "1.2.5"),
        (0x00200013, "IS", "1\\2\\"),
        (0x00280002, "US", 1),
        (0x00280008, "IS", "2"),
        (0x00280009, "AT", b"\x18\0\x63\x10"),
        (0x00280010, "US", 2),
        (0x00280011, "US", 2),
        (0x00280100, "US", 8),
    ]
    encoded = {tag: element(tag, vr, value, implicit=implicit) for tag, vr, value in values}
    if not implicit:
        inner = sequence(0x0040A730, [element(0x00400009, "SH", "y")], undefined=True)
        encoded[0x00400275] = sequence(0x00400275, [element(0x00400009, "SH", "x"), inner])
        encoded[0x00720074] = element(0x00720074, "FD", bytes(16))
    return b"".join(encoded[tag] for tag in sorted(encoded))


def deflated(data: bytes) -> bytes:
    """Deflated without compression: a change of a byte is one of the data set."""
    deflater = zlib.compressobj(0, wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def file(data: bytes, transfer_syntax: str) -> bytes:
    return part10(data, transfer_syntax, instance="1.2.3")


FILES = [
    file(data_set() + element(0x7FE00010, "OB", b"12345678"), EXPLICIT),
    file(data_set() + encapsulated([b"\xff\xd8ab", b"\xff\xd8cd"], [0, 12]), JPEG_BASELINE),
    file(data_set(implicit=True), IMPLICIT),
    file(deflated(data_set()), "1.2.840.10008.1.2.1.99"),
]
VALUES = [b"\0", b"\xff" * 4, b"\0" * 4, b"\\", b"SQ", b"UN", b"OB", b"IS", b"PN"]
PIECES = [*VALUES, b"\x1b$B", b"\x1b$)C", b"\xfe\xff\x00\xe0"]


def mutant(source: random.Random, data: bytes, first: int) -> bytes:
    """`data` with one to three changes from byte `first` on, most of which keep its length."""
    spoilt = bytearray(data)
    for _ in range(source.randint(1, 3)):
        at = source.randrange(first, len(spoilt)) if len(spoilt) > first else len(spoilt)
        piece = source.choice([*PIECES, source.randbytes(source.randint(1, 8))])
        spoilt[at : at + source.choice([0, 20, *[len(piece)] * 8])] = piece
    return bytes(spoilt)


DECODER = FrameDecoder(DecoderPool(1 << 20), 1 << 20)


def use(archive: MemoryArchive, instance: StoredInstance) -> None:
    assert orjson.loads(b"".join(metadata_chunks(archive, [instance], "http://x")))
    for level in Level:
        assert orjson.dumps(archive.search(Search(level, Dataset(), include=None)).items) != b"[]"
    for frame in archive.frames(instance):
        read_frame(archive.open(instance), frame)
    if can_be_explicit(instance.transfer_syntax_uid):
        try:
            to_explicit_little_endian(archive.open(instance), archive.frames(instance), DECODER)
        except TranscodingError:
            return


@pytest.mark.parametrize("data", FILES, ids=["native", "encapsulated", "implicit", "deflated"])
def test_a_mutant_is_refused_with_a_status_or_can_be_used_like_any_other(data: bytes) -> None:
    source = random.Random(data)
    stored = 0
    for _ in range(400):
        archive = MemoryArchive()
        session = archive.begin_store(None)
        session.write(mutant(source, data, 132))
        session.end_part()
        (outcome,) = session.commit()
        if outcome.status is StoreStatus.STORED:
            stored += 1
            assert outcome.study_instance_uid is not None
            use(archive, *archive.find(outcome.study_instance_uid))
    assert stored > 10, "the changes are too coarse: nothing behind the reader was tried"


BODY = b"pre\r\n--b \r\nContent-Type: application/dicom\r\n\r\nabc\r\n--bc\r\n--b\r\nA: b\r\n\r\n\r\n--b--\r\nepilogue"


def parse(body: bytes, step: int) -> list[Event] | None:
    """What a body holds when it comes in pieces of `step` bytes, data joined; None where it is refused."""
    parser, events = MultipartParser("b"), list[Event]()
    try:
        for at in range(0, len(body), step):
            for event in parser.feed(body[at : at + step]):
                if isinstance(event, PartData) and events and isinstance(events[-1], PartData):
                    events[-1] = PartData(events[-1].data + event.data)
                else:
                    events.append(event)
        parser.finish()
    except MultipartError:
        return None
    return events


def test_a_mutant_of_a_multipart_body_reads_alike_however_it_arrives() -> None:
    source = random.Random(7)
    for _ in range(1500):
        body = mutant(source, BODY, 0)
        assert parse(body, 1) == parse(body, 3) == parse(body, len(body))
