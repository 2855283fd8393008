"""What can go wrong while a picture is made for people.

QueryError                  400, a rendering parameter is wrong
NotAcceptableError
 └ NotRenderableError       406, the instance cannot be shown in the form asked for
"""

from dicomweb.negotiation import NotAcceptableError


class NotRenderableError(NotAcceptableError):
    """Nothing in the form asked for can be made of this instance; the text says why, without identity."""
