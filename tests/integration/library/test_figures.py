"""What /metrics says of the library."""

from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.integration.library.acts import added, work


def _figures(served: Served) -> dict[str, float]:
    lines = served.http.get("/metrics").text.splitlines()
    told = [line.rsplit(" ", 1) for line in lines if line.startswith("dermgate_library")]
    return {name: float(value) for name, value in told}


def test_it_tells_how_far_the_library_is_embedded(small: Served) -> None:
    added(small, photo(1))
    small.photos.library.embedder.work_once()
    assert _figures(small) == {
        "dermgate_library_cases": 1,
        "dermgate_library_pictures": 1,
        'dermgate_library_embedded{version="1"}': 1,
        'dermgate_library_ready{version="1"}': 0,
    }
    work(small)
    assert _figures(small)['dermgate_library_ready{version="1"}'] == 1
