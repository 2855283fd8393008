"""The process that decodes for a server: `python -m dicomweb.rendering.decoding.worker BYTES`.

Large decoders are given whatever people store, so that they get a process of their own whose memory is bounded to
BYTES; when it dies, one picture is not shown. It answers job after job until its standard input ends.
"""

import os
import resource
import sys
from typing import BinaryIO

from dicomweb.rendering.decoding.errors import UndecodableError
from dicomweb.rendering.decoding.foreign import Samples, decoded
from dicomweb.rendering.decoding.job import REPLY, REQUEST, Coding, Job


def main(memory_bytes: int) -> None:
    """Answer until nothing more comes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to a pipe, never to a file
    sys.dont_write_bytecode = True
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a decoder prints must not end up among the answers
        while (job := _next(sys.stdin.buffer)) is not None:
            _answer(job, answers)
            answers.flush()


def _next(jobs: BinaryIO) -> Job | None:
    head = jobs.read(REQUEST.size)
    if len(head) < REQUEST.size:
        return None
    coding, reduction, length = REQUEST.unpack(head)
    data = jobs.read(length)
    return Job(Coding(coding), data, reduction) if len(data) == length else None


def _answer(job: Job, answers: BinaryIO) -> None:
    try:
        samples = decoded(job)
    except UndecodableError as error:
        _refuse(answers, str(error))
    except MemoryError:
        _refuse(answers, "decoding takes too much memory")
    except Exception:  # noqa: BLE001 - decoders of foreign bytes raise anything; the next job is another's
        _refuse(answers, "the coded picture cannot be decoded")
    else:
        _give(answers, samples)


def _refuse(answers: BinaryIO, why: str) -> None:
    text = why.encode()
    answers.write(REPLY.pack(1, 0, 0, 0, 0, len(text)) + text)


def _give(answers: BinaryIO, samples: Samples) -> None:
    channels = samples.shape[2] if samples.ndim == 3 else 1
    answers.write(REPLY.pack(0, *samples.shape[:2], channels, samples.itemsize, samples.nbytes))
    answers.write(samples.tobytes())


if __name__ == "__main__":
    main(int(sys.argv[1]))
