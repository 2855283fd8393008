"""What can go wrong between us and a web server, before it has answered.

StowError
+-- NoToken           the token that the settings name cannot be read
+-- ExchangeFailed    no answer came; the peer, the network or the settings are at fault
"""

from dimse.reactions import Reaction


class StowError(Exception):
    """Something about talking to a DICOMweb server went wrong."""


class NoToken(StowError):
    """The bearer token cannot be read, or is none."""


class ExchangeFailed(StowError):
    """No answer came: why, in words without identity, and what to do about it."""

    def __init__(self, words: str, reaction: Reaction) -> None:
        super().__init__(words)
        self.words = words
        self.reaction = reaction
