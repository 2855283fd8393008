import itertools

import pytest

from dimse.reactions import Reaction
from dimse.rejection import Rejection, explain

REACTIONS = {
    (1, 1, 1): Reaction.CONFIGURATION,
    (1, 1, 2): Reaction.PROTOCOL_MISUSE,
    (1, 1, 3): Reaction.CONFIGURATION,
    (1, 1, 7): Reaction.CONFIGURATION,
    (1, 2, 1): Reaction.CONFIGURATION,
    (1, 2, 2): Reaction.PROTOCOL_MISUSE,
    (1, 3, 1): Reaction.BUSY,
    (1, 3, 2): Reaction.BUSY,
    (2, 1, 1): Reaction.BUSY,
    (2, 1, 3): Reaction.BUSY,
    (2, 2, 1): Reaction.BUSY,
    (2, 3, 1): Reaction.BUSY,
    (2, 3, 2): Reaction.BUSY,
    (1, 1, 9): Reaction.CONFIGURATION,
    (0, 0, 0): Reaction.BUSY,
}


@pytest.mark.parametrize(("numbers", "reaction"), REACTIONS.items())
def test_each_rejection_has_its_reaction(numbers: tuple[int, int, int], reaction: Reaction) -> None:
    assert explain(Rejection(*numbers), "DERMGATE", "PACS").reaction is reaction


def test_an_unknown_calling_ae_title_is_named_with_what_to_do() -> None:
    words = explain(Rejection(1, 1, 3), "DERMGATE", "PACS").words
    assert "does not know our AE title DERMGATE" in words
    assert "ask its administrator to register it" in words


def test_a_wrong_called_ae_title_is_named_with_what_to_do() -> None:
    assert "does not answer to the AE title PACS" in explain(Rejection(1, 1, 7), "DERMGATE", "PACS").words


def test_ae_titles_with_braces_are_taken_literally() -> None:
    assert "{called}" in explain(Rejection(1, 1, 3), "{called}", "PACS").words


def test_any_three_bytes_are_explained() -> None:
    numbers = itertools.product((0, 1, 2, 3, 255), (0, 1, 2, 3, 4, 255), (0, 1, 2, 3, 7, 10, 255))
    assert all(explain(Rejection(*three), "A", "B").words for three in numbers)
