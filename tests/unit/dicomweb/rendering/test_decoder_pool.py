"""Decoding in processes of their own: what dies or hangs there costs one picture."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dicomweb.rendering.decoding.job import Coding, Job
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.errors import NotRenderableError


def coded(size: tuple[int, int] = (16, 12)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, (10, 200, 30)).save(buffer, "JPEG2000", no_jp2=True)
    return buffer.getvalue()


GOOD = Job(Coding.JPEG_2000, coded())


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    decoders = DecoderPool(1 << 20)
    yield decoders
    decoders.close()


def test_a_refused_picture_leaves_the_process_to_the_next(pool: DecoderPool) -> None:
    with pytest.raises(NotRenderableError, match="codestream"):
        pool.decode(Job(Coding.JPEG_2000, b"nothing"))
    (process,) = pool._idle
    assert pool.decode(GOOD).shape == (12, 16, 3)
    assert pool._idle == [process]


def test_a_process_that_dies_costs_one_picture(pool: DecoderPool) -> None:
    pool.decode(GOOD)
    os.kill(pool._idle[0].pid, signal.SIGKILL)
    with pytest.raises(NotRenderableError):
        pool.decode(GOOD)
    assert pool.decode(GOOD).shape == (12, 16, 3)


def test_a_process_that_takes_too_long_is_ended() -> None:
    pool = DecoderPool(1 << 20, seconds=0.05)
    with pytest.raises(NotRenderableError):
        pool.decode(GOOD)  # not even started by then
    assert pool._idle == []


def test_memory_beyond_the_bound_is_refused() -> None:
    size = (6000, 6000)
    job = Job(Coding.JPEG_2000, coded(size))
    pool = DecoderPool(1 << 30, memory_bytes=700 * 1024**2)
    with pytest.raises(NotRenderableError):
        pool.decode(job)
    pool.close()


def test_more_samples_than_allowed_are_not_taken_back() -> None:
    pool = DecoderPool(100)
    with pytest.raises(NotRenderableError):
        pool.decode(GOOD)
    pool.close()


def test_secrets_of_the_server_are_not_handed_on(pool: DecoderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMGATE_ARCHIVE__DATABASE", "postgresql://user:secret@host/name")
    pool.decode(GOOD)
    environment = Path(f"/proc/{pool._idle[0].pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret" not in environment


def test_no_more_processes_are_started_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = DecoderPool(1 << 20, most=2)
    running: list[int] = []
    most: list[int] = []
    alone = pool._decode

    def watched(job: Job) -> object:
        running.append(1)
        most.append(len(running))
        try:
            return alone(job)
        finally:
            running.pop()

    monkeypatch.setattr(pool, "_decode", watched)
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(pool.decode, [GOOD] * 8))) == 8
    pool.close()
    assert max(most) == 2


def test_many_threads_decode_at_a_time_and_one_process_stays(pool: DecoderPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(lambda _: pool.decode(GOOD), range(8)))
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
    assert len(pool._idle) == 1
