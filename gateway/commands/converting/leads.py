"""The first files of cases, each looked at once."""

from importlib import import_module
from pathlib import Path

from gateway.commands.converting.placing import Own
from gateway.commands.converting.reading import NotAFile
from gateway.commands.converting.terms import Terms
from gateway.conversion.errors import ConversionError

_KEPT = 256


class LeadUnread(ConversionError):
    """What a file takes from the first one of its case cannot be told."""

    code = "lead_unread"


class Leads:
    """What leads say of themselves; remembers the last ones."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._known: dict[Path, Own] = {}

    def known(self, path: Path, own: Own) -> Own:
        """Remember what a lead said of itself."""
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[path] = own
        return own

    def of(self, path: Path) -> Own:
        """What the lead at `path` says. Raises LeadUnread: to go on without it would divide the case."""
        if path in self._known:
            return self._known[path]
        try:
            own: Own = import_module("gateway.commands.converting.looking").lead_words(path, self._terms)
        except (NotAFile, OSError) as error:
            raise LeadUnread("the first file of its case cannot be read") from error
        return self.known(path, own)
