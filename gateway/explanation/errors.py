"""Why there is no explanation."""


class NothingToExplain(Exception):
    """There is no answer about this photo that could be explained."""


class TooManyAsked(Exception):
    """So many explanations are asked for that this one would wait too long."""
