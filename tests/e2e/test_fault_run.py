"""Three kinds of destinations and the gateway are killed and frozen while photos come in: each instance arrives once.

An Orthanc with storage commitment, a PACS whose every association has an accident and which loses some of what it says
it stored, and a DICOMweb server. At the end every instance is in each one's own store exactly once with the bytes
that were archived, proven, and nobody has touched anything.
"""

import random
from pathlib import Path

import pytest

from tests.e2e.fault_run.run import CUT, WHOLE, Scale, fault_run

pytestmark = pytest.mark.peer


@pytest.mark.timeout(240)
def test_sixty_photos_get_everywhere_once_whatever_is_killed_frozen_or_broken_off(tmp_path: Path) -> None:
    _survives(tmp_path, CUT)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_thousand_photos_get_everywhere_once_whatever_is_killed_frozen_or_broken_off(tmp_path: Path) -> None:
    _survives(tmp_path, WHOLE)


def _survives(folder: Path, scale: Scale) -> None:
    outcome = fault_run(folder, random.randrange(2**32), scale, print)
    print(outcome.figures())
    faults = outcome.faults()
    assert not faults, "\n".join(faults)
