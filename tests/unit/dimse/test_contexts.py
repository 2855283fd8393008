import pytest
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    DermoscopicPhotographyImageStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    VLPhotographicImageStorage,
)
from pynetdicom.presentation import PresentationContext

from dimse.contexts import NATIVE_SYNTAXES, STORAGE_CLASSES, VERIFICATION, offered_contexts, provider_contexts
from dimse.negotiation import WantedPairs, chosen_context, reaction_to_refusal
from dimse.reactions import Reaction

VL_JPEG = (str(VLPhotographicImageStorage), str(JPEGBaseline8Bit))
VL_NATIVE = (str(VLPhotographicImageStorage), str(ExplicitVRLittleEndian))
DERMOSCOPIC_JPEG = (str(DermoscopicPhotographyImageStorage), str(JPEGBaseline8Bit))


def seen(contexts: list[PresentationContext]) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(context.abstract_syntax), tuple(context.transfer_syntax)) for context in contexts]


def accepted(sop_class: str, syntax: str, context_id: int = 1) -> PresentationContext:
    """A context as it stands after the peer has accepted it in one syntax."""
    context = PresentationContext()
    context.abstract_syntax, context.transfer_syntax = sop_class, [syntax]
    context.context_id, context.result = context_id, 0
    context._as_scu = True
    return context


def refused(sop_class: str, result: int) -> PresentationContext:
    context = accepted(sop_class, ExplicitVRLittleEndian)
    context.result = result
    return context


def test_the_provider_takes_the_dermoscopic_class_that_pynetdicom_forgets() -> None:
    abstract = [context.abstract_syntax for context in provider_contexts()]
    assert abstract == [VERIFICATION, *STORAGE_CLASSES]
    assert DermoscopicPhotographyImageStorage in abstract


def test_reports_are_taken_uncompressed_alone_and_pictures_in_every_coding() -> None:
    syntaxes = dict(seen(provider_contexts(retrievals=True)))
    for report in (Comprehensive3DSRStorage, ComprehensiveSRStorage, EnhancedSRStorage):
        assert syntaxes[report] == NATIVE_SYNTAXES
    assert JPEGBaseline8Bit in syntaxes[VLPhotographicImageStorage]


def test_a_compressed_pair_is_offered_alone_and_its_class_uncompressed() -> None:
    """Never a compressed syntax beside another in one context: the peer could pick the wrong one."""
    assert seen(offered_contexts([VL_JPEG, VL_JPEG])) == [
        (VL_JPEG[0], (JPEGBaseline8Bit,)),
        (VL_JPEG[0], (ExplicitVRLittleEndian, ImplicitVRLittleEndian)),
    ]


def test_wanted_pairs_tell_whether_one_is_new() -> None:
    wanted = WantedPairs()
    assert wanted.add(VL_JPEG)
    assert not wanted.add(VL_JPEG)
    assert wanted.add(DERMOSCOPIC_JPEG)
    assert not wanted.add(VL_JPEG)


def test_more_pairs_than_identifiers_leave_those_used_last() -> None:
    wanted = WantedPairs()
    wanted.add(VL_JPEG)
    for number in range(100):
        wanted.add((f"1.2.3.{number}", str(JPEGBaseline8Bit)))
        wanted.add(VL_JPEG)
    contexts = wanted.contexts()
    assert len(contexts) == 128
    assert VL_JPEG[0] in {context.abstract_syntax for context in contexts}
    assert "1.2.3.0" not in {context.abstract_syntax for context in contexts}


def test_an_instance_goes_in_its_own_syntax_where_that_is_accepted() -> None:
    contexts = [accepted(VL_JPEG[0], ExplicitVRLittleEndian, 3), accepted(*VL_JPEG, 1)]
    chosen = chosen_context(contexts, VL_JPEG, convertible=True)
    assert chosen is not None
    assert chosen.context_id == 1


def test_explicit_is_preferred_to_implicit_among_the_uncompressed() -> None:
    contexts = [accepted(VL_JPEG[0], ImplicitVRLittleEndian, 1), accepted(VL_JPEG[0], ExplicitVRLittleEndian, 3)]
    chosen = chosen_context(contexts, VL_JPEG, convertible=True)
    assert chosen is not None
    assert chosen.context_id == 3


def test_nothing_is_converted_where_that_is_not_wanted() -> None:
    contexts = [accepted(VL_JPEG[0], ExplicitVRLittleEndian)]
    assert chosen_context(contexts, VL_JPEG, convertible=False) is None


def test_a_context_of_another_class_is_never_chosen() -> None:
    assert chosen_context([accepted(*DERMOSCOPIC_JPEG)], VL_JPEG, convertible=True) is None


def test_a_refused_class_is_told_from_a_refused_syntax() -> None:
    contexts = [refused(VL_JPEG[0], 4), refused(DERMOSCOPIC_JPEG[0], 3)]
    assert reaction_to_refusal(contexts, VL_JPEG[0]) is Reaction.NO_PRESENTATION_CONTEXT
    assert reaction_to_refusal(contexts, DERMOSCOPIC_JPEG[0]) is Reaction.FALLBACK_CLASS


@pytest.mark.parametrize("result", [1, 2, 3])
def test_a_refusal_that_names_no_syntax_is_one_of_the_class(result: int) -> None:
    assert reaction_to_refusal([refused(VL_JPEG[0], result)], VL_JPEG[0]) is Reaction.FALLBACK_CLASS
