"""How long a comparison with the library takes: `python -m tests.bench.resemblance [--width D] [--beyond N]`.

On one thread: random embeddings around a few hundred centres, facts as patients have them. The floor is the matrix
product that an exact search cannot do without, measured in the same run. `--beyond` adds the index for larger
libraries, with its recall against the exact search.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.conversion.body_sites import body_sites
from gateway.library.diseases import diseases
from gateway.library.resemblance.comparing import Comparing, Question
from gateway.library.resemblance.embeddings import EmbeddedPicture, Vector
from gateway.library.resemblance.room import EXACT_PICTURES, Room, has_index

CENTRES = 400
SPREAD = 0.6
"""How far pictures lie from their centre, in lengths of the centre."""
QUERIES = 60
LIMIT = 6
PAGE = 2000


@dataclass(frozen=True, slots=True)
class Library:
    """Embeddings [N, D] and the same as the library's rows."""

    vectors: Vector
    pictures: Sequence[EmbeddedPicture]


def main() -> None:
    """Measure and print."""
    options = _options()
    _on_one_thread()
    rng = np.random.default_rng(1)
    library = _library(rng, options.pictures, options.width)
    queries = _queries(rng, library)
    comparing = _compared(library, Room(exact=options.pictures, most=0))
    print(f"{options.pictures} pictures, embeddings of {options.width}, one thread, {LIMIT} nearest; milliseconds")
    print(f"{'':44}{'median':>8}{'worst':>8}{'of CPU, median':>16}")
    _tell("the bare product with all (the floor)", _times(lambda query: library.vectors @ query.embedding, queries))
    for name, asked in _kinds(queries).items():
        _tell(name, _times(comparing.similar, asked))
    memory = library.vectors.nbytes / 1e6
    print(f"memory of the matrix: {memory:.0f} MB")
    if options.beyond and has_index():
        _beyond(rng, options.beyond, options.width)


def _on_one_thread() -> None:
    """Begin anew with one thread: numpy asks the environment when it is loaded."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if any(os.environ.get(name) != value for name, value in one.items()):
        os.execve(sys.executable, [sys.executable, "-m", "tests.bench.resemblance", *sys.argv[1:]], os.environ | one)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure comparisons with the library.")
    parser.add_argument("--pictures", type=int, default=EXACT_PICTURES)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--beyond", type=int, default=0, help="pictures for the index, such as 300000")
    return parser.parse_args()


def _library(rng: np.random.Generator, count: int, width: int) -> Library:
    centres = _unit(rng.standard_normal((CENTRES, width)))
    noise = rng.standard_normal((count, width)).astype(np.float32) * np.float32(SPREAD / width**0.5)
    vectors = _unit(centres[rng.integers(0, CENTRES, count)] + noise)
    slugs, sites = list(diseases()), list(body_sites())
    facts = zip(
        rng.integers(0, len(slugs), count).tolist(),
        rng.integers(0, len(sites), count).tolist(),
        rng.integers(0, 10, count).tolist(),
        rng.integers(0, 3, count).tolist(),
        strict=True,
    )
    pictures = [
        EmbeddedPicture(
            number=number,
            case_id=f"{number:032x}",
            picture=1,
            hospital=f"hospital-{number % 3}",
            disease=slugs[disease],
            sex=(None, "F", "M")[sex],
            age_band=10 * band,
            body_site=sites[site],
            vector=vectors[number],
        )
        for number, (disease, site, band, sex) in enumerate(facts)
    ]
    return Library(vectors, pictures)


def _queries(rng: np.random.Generator, library: Library) -> list[Question]:
    """Pictures that resemble some in the library, of patients of whom all is known."""
    chosen = rng.integers(0, len(library.pictures), QUERIES)
    width = library.vectors.shape[1]
    noise = rng.standard_normal((QUERIES, width)).astype(np.float32) * np.float32(SPREAD / width**0.5)
    vectors = _unit(library.vectors[chosen] + noise)
    return [_question(vectors[place], library.pictures[row]) for place, row in enumerate(chosen)]


def _question(vector: Vector, like: EmbeddedPicture) -> Question:
    return Question(
        embedding=vector,
        hospitals=frozenset({like.hospital}),
        disease=like.disease,
        sex=like.sex,
        age_band=like.age_band,
        body_site=like.body_site,
        limit=LIMIT,
    )


def _kinds(queries: Sequence[Question]) -> dict[str, list[Question]]:
    def without(**names: object) -> list[Question]:
        return [_changed(query, **names) for query in queries]

    return {
        "one disease, one hospital, all facts": list(queries),
        "one disease, all hospitals, all facts": without(hospitals=None),
        "any disease, one hospital, all facts": without(disease=None),
        "any disease, one hospital, no facts": without(disease=None, sex=None, age_band=None, body_site=None),
        "any disease, all hospitals, no facts": without(
            disease=None, hospitals=None, sex=None, age_band=None, body_site=None
        ),
    }


def _changed(query: Question, **names: object) -> Question:
    known = {name: getattr(query, name) for name in Question.__dataclass_fields__}
    return Question(**(known | names))


def _times(act: Callable[[Question], object], queries: Sequence[Question]) -> list[tuple[float, float]]:
    """Wall and CPU milliseconds of each; the second tells more on a machine that others use as well."""
    for query in queries[:3]:
        act(query)
    times = []
    for query in queries:
        begun, cpu = time.perf_counter(), time.thread_time()
        act(query)
        times.append((1000 * (time.perf_counter() - begun), 1000 * (time.thread_time() - cpu)))
    return times


def _tell(name: str, times: Sequence[tuple[float, float]]) -> None:
    wall, cpu = zip(*times, strict=True)
    print(f"{name:44}{np.median(wall):8.2f}{max(wall):8.2f}{np.median(cpu):16.2f}")


def _compared(library: Library, room: Room) -> Comparing:
    comparing = Comparing(room)
    for first in range(0, len(library.pictures), PAGE):
        comparing.add(library.pictures[first : first + PAGE])
    return comparing


def _beyond(rng: np.random.Generator, count: int, width: int) -> None:
    """The index, built as a growing library builds it, beside an exact search of the same."""
    library = _library(rng, count, width)
    queries = _queries(rng, library)
    begun = time.perf_counter()
    indexed = _compared(library, Room(exact=EXACT_PICTURES, most=2 * count))
    built = time.perf_counter() - begun
    exact = _compared(library, Room(exact=count, most=0))
    print(f"\n{count} pictures in the index, {2 * library.vectors.nbytes / 4e6:.0f} MB, built in {built:.0f} s")
    _tell("the bare product with all", _times(lambda query: library.vectors @ query.embedding, queries))
    for name, asked in _kinds(queries).items():
        _tell(name, _times(indexed.similar, asked))
        print(f"{'':4}found of what the exact search finds: {_recall(indexed, exact, asked):.3f}")


def _recall(indexed: Comparing, exact: Comparing, queries: Sequence[Question]) -> float:
    shares = []
    for query in queries:
        true = {case.case_id for case in exact.similar(query).cases}
        found = {case.case_id for case in indexed.similar(query).cases}
        shares.append(len(true & found) / len(true))
    return float(np.mean(shares))


def _unit(vectors: NDArray[Any]) -> Vector:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Vector = (vectors / lengths).astype(np.float32)
    return made


if __name__ == "__main__":
    main()
