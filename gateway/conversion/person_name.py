"""Names of people as DICOM has them (PS3.5 section 6.2.1.2): groups = alphabetic, ideographic, phonetic."""

from typing import Final, Literal

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.text import single_line

MAX_GROUPS: Final = 3
MAX_COMPONENTS: Final = 5
MAX_GROUP_LENGTH: Final = 64

_HANGUL: Final = (("\u1100", "\u11ff"), ("\u3130", "\u318f"), ("\ua960", "\ua97f"), ("\uac00", "\ud7ff"))


def person_name(text: str, *, hangul_group: Literal[1, 2] = 1, field: str = "patient_name") -> str:
    """A valid PN value of a name given as free text, or as a PN (it holds `^` or `=`).

    Free text becomes one component as it stands: nobody can tell family from given name for sure. A name of
    one group, written in Hangul, goes into the component group `hangul_group`: sites differ (`홍^길동` or
    `=홍^길동`). Groups longer than 64 characters are cut. Raises InvalidFactsError where the text claims to be
    a PN with more groups or components than there are.
    """
    groups = [_group(group, field) for group in text.split("=")]
    while groups and not groups[-1]:
        groups.pop()
    if len(groups) > MAX_GROUPS:
        raise InvalidFactsError(field, f"more than {MAX_GROUPS} component groups")
    if hangul_group == 2 and len(groups) == 1 and _is_hangul(groups[0]):
        groups.insert(0, "")
    return "=".join(groups)


def _group(text: str, field: str) -> str:
    components = [single_line(component, MAX_GROUP_LENGTH) for component in text.split("^")]
    while components and not components[-1]:
        components.pop()
    if len(components) > MAX_COMPONENTS:
        raise InvalidFactsError(field, f"more than {MAX_COMPONENTS} name components")
    return "^".join(components)[:MAX_GROUP_LENGTH].rstrip(" ^")


def _is_hangul(group: str) -> bool:
    letters = [character for character in group if character not in "^ "]
    return bool(letters) and all(any(first <= c <= last for first, last in _HANGUL) for c in letters)
