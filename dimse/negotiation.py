"""Which presentation contexts a sender offers, and which accepted one an instance goes in. No I/O."""

from collections.abc import Sequence

from pynetdicom.presentation import PresentationContext

from dimse.contexts import MAX_CONTEXTS, NATIVE_SYNTAXES, offered_contexts
from dimse.reactions import Reaction

USER_REJECTION, NO_REASON, ABSTRACT_SYNTAX_NOT_SUPPORTED = 0x01, 0x02, 0x03
"""Results of a presentation context (PS3.8 table 9-18); the one that is left complains of the transfer syntaxes."""


class WantedPairs:
    """The (SOP class, transfer syntax) pairs a sender has met, the ones used last kept where they get too many."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], None] = {}

    def add(self, pair: tuple[str, str]) -> bool:
        """Note that `pair` is used now; return whether it is new."""
        is_new = pair not in self._pairs
        self._pairs.pop(pair, None)
        self._pairs[pair] = None
        if is_new:
            while len(self.contexts()) > MAX_CONTEXTS:
                del self._pairs[next(iter(self._pairs))]
        return is_new

    def contexts(self) -> list[PresentationContext]:
        """Return the contexts to offer for them, at most MAX_CONTEXTS."""
        return offered_contexts(self._pairs)


def chosen_context(
    accepted: Sequence[PresentationContext], pair: tuple[str, str], *, convertible: bool
) -> PresentationContext | None:
    """Return the accepted context in which an instance of `pair` goes, None where there is none.

    One in its own transfer syntax if there is one; else, where it is `convertible`, the best uncompressed one.
    """
    sop_class_uid, transfer_syntax_uid = pair
    by_syntax: dict[str, PresentationContext] = {
        context.transfer_syntax[0]: context
        for context in accepted
        if context.abstract_syntax == sop_class_uid and context.as_scu is not False
    }
    acceptable = [transfer_syntax_uid, *(NATIVE_SYNTAXES if convertible else ())]
    return next((by_syntax[syntax] for syntax in acceptable if syntax in by_syntax), None)


def reaction_to_refusal(refused: Sequence[PresentationContext], sop_class_uid: str) -> Reaction:
    """Return FALLBACK_CLASS where the peer refused the SOP class itself, else NO_PRESENTATION_CONTEXT.

    A refusal without a reason is one of the class: the uncompressed syntaxes were among what was offered.
    """
    results = {context.result for context in refused if context.abstract_syntax == sop_class_uid}
    if results & {USER_REJECTION, NO_REASON, ABSTRACT_SYNTAX_NOT_SUPPORTED}:
        return Reaction.FALLBACK_CLASS
    return Reaction.NO_PRESENTATION_CONTEXT
