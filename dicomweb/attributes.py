"""Which attribute belongs to which level, and what a search returns by default (PS3.18 10.6.3.3, PS3.4 C.6)."""

from dicomweb.archive import Level

INSTANCE_AVAILABILITY = 0x00080056
MODALITY = 0x00080060
MODALITIES_IN_STUDY = 0x00080061
TIMEZONE_OFFSET = 0x00080201
RETRIEVE_URL = 0x00081190
AVAILABLE_TRANSFER_SYNTAX_UID = 0x00083002
SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E
SERIES_NUMBER = 0x00200011
INSTANCE_NUMBER = 0x00200013
STUDY_RELATED_SERIES = 0x00201206
STUDY_RELATED_INSTANCES = 0x00201208
SERIES_RELATED_INSTANCES = 0x00201209

DEFAULT_TAGS: dict[Level, frozenset[int]] = {
    Level.STUDY: frozenset(
        {
            *(0x00080020, 0x00080030, 0x00080050, INSTANCE_AVAILABILITY, MODALITIES_IN_STUDY, 0x00080090),
            *(TIMEZONE_OFFSET, 0x00100010, 0x00100020, 0x00100030, 0x00100040),
            *(STUDY_INSTANCE_UID, 0x00200010, STUDY_RELATED_SERIES, STUDY_RELATED_INSTANCES),
        }
    ),
    Level.SERIES: frozenset(
        {
            *(INSTANCE_AVAILABILITY, MODALITY, TIMEZONE_OFFSET, 0x0008103E, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID),
            *(SERIES_NUMBER, SERIES_RELATED_INSTANCES, 0x00400244, 0x00400245, 0x00400275),
        }
    ),
    Level.INSTANCE: frozenset(
        {
            *(SOP_CLASS_UID, SOP_INSTANCE_UID, INSTANCE_AVAILABILITY, TIMEZONE_OFFSET, AVAILABLE_TRANSFER_SYNTAX_UID),
            *(STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, INSTANCE_NUMBER),
            *(0x00280008, 0x00280010, 0x00280011, 0x00280100),
        }
    ),
}
"""Returned without being asked for, where known; RetrieveURL is added by QIDO. The UIDs above a level are needed
to name the resource."""

REQUIRED_TAGS: dict[Level, frozenset[int]] = {
    Level.STUDY: DEFAULT_TAGS[Level.STUDY] - {INSTANCE_AVAILABILITY, TIMEZONE_OFFSET},
    Level.SERIES: frozenset({MODALITY, SERIES_INSTANCE_UID, SERIES_NUMBER, SERIES_RELATED_INSTANCES}),
    Level.INSTANCE: frozenset({SOP_CLASS_UID, SOP_INSTANCE_UID, INSTANCE_NUMBER}),
}
"""Returned even where they are empty."""

_STUDY_TAGS = DEFAULT_TAGS[Level.STUDY] | {
    *(0x00081030, 0x00081032, 0x00081048, 0x00081049, 0x00081060, 0x00081080, 0x00081110),
    *(0x00080051, 0x00100021, 0x00100032, 0x00101000, 0x00101001, 0x00101010, 0x00101020, 0x00101030),
    *(0x00102160, 0x00102180, 0x001021B0, 0x00104000, 0x00321032, 0x00321033, 0x00321060, 0x00380010),
}
_SERIES_TAGS = DEFAULT_TAGS[Level.SERIES] | {
    *(0x00080021, 0x00080031, 0x00080070, 0x00080080, 0x00081010, 0x00081040, 0x00081050, 0x00081070),
    *(0x00081090, 0x00081111, 0x00180015, 0x00181000, 0x00181020, 0x00181030, 0x00185100, 0x00200052),
    *(0x00200060, 0x00400244, 0x00400245, 0x00400250, 0x00400251, 0x00400253, 0x00400254, 0x00400260),
}


def level_of(tag: int) -> Level:
    """The level whose attribute `tag` is; what is not known to be higher up belongs to the instance."""
    if tag in _STUDY_TAGS:
        return Level.STUDY
    return Level.SERIES if tag in _SERIES_TAGS else Level.INSTANCE


def returned(tag: int, level: Level, include: frozenset[int] | None) -> bool:
    """Whether a search at `level` that asks for `include` (None: everything) returns `tag`."""
    if tag in DEFAULT_TAGS[level]:
        return True
    if include is not None:
        return tag in include
    return level is Level.INSTANCE or level_of(tag) in _ABOVE[level]


_ABOVE = {Level.STUDY: (Level.STUDY,), Level.SERIES: (Level.STUDY, Level.SERIES)}
