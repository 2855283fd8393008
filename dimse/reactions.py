"""What a sender should do after an attempt: the one vocabulary for statuses, rejections and broken connections."""

from enum import StrEnum


class Reaction(StrEnum):
    """What to do with an instance (or with its whole destination) after an attempt to send it."""

    STORED = "stored"
    """The peer has it."""
    STORED_WITH_WARNING = "stored_with_warning"
    """The peer has it, but changed or dropped something, or doubts it."""
    CONFIRM_DUPLICATE = "confirm_duplicate"
    """The peer says that it has it already: ask back, and if it is the same, it is stored."""
    RETRY = "retry"
    """Will pass by itself: try again with growing pauses, without a limit but age."""
    RETRY_FEW = "retry_few"
    """May pass: try a few times, then give up."""
    RETRY_ONCE = "retry_once"
    """Hardly ever passes: try once more, then give up."""
    FALLBACK_CLASS = "fallback_class"
    """This peer does not take this SOP class: another class may do."""
    MISMATCH = "mismatch"
    """The peer says that this object is none of its SOP class: another class may do, else somebody has to look."""
    PERMANENT = "permanent"
    """Will fail again however often it is sent."""
    NO_PRESENTATION_CONTEXT = "no_presentation_context"
    """The peer accepted no presentation context that this instance could be sent in."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """No answer came: the peer may or may not have it. Send the same instance again."""
    UNREACHABLE = "unreachable"
    """No association could be had; nothing was sent. The destination waits, not the instance."""
    BUSY = "busy"
    """No association for the moment, nothing was sent: the peer has as many as it allows, ours perhaps among them."""
    CONFIGURATION = "configuration"
    """Refused until somebody changes a configuration, here or there: tell an administrator."""
    PROTOCOL_MISUSE = "protocol_misuse"
    """The peer says that we broke the protocol: a defect, tell an administrator."""

    @property
    def is_stored(self) -> bool:
        """The peer says that it has the instance."""
        return self in (Reaction.STORED, Reaction.STORED_WITH_WARNING)

    @property
    def concerns_destination(self) -> bool:
        """Other instances would meet the same at this destination now."""
        return self in (Reaction.UNREACHABLE, Reaction.BUSY, Reaction.CONFIGURATION)
