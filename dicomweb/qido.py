"""QIDO-RS: the answer to a search (PS3.18 10.6), apart from HTTP."""

from collections.abc import Sequence

import orjson

from dicomweb.archive import JsonObject, Level, Matches, Search
from dicomweb.attributes import RETRIEVE_URL, SERIES_INSTANCE_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID
from dicomweb.dicom_json import tag_key

_STEPS = (
    ("studies", tag_key(STUDY_INSTANCE_UID)),
    ("series", tag_key(SERIES_INSTANCE_UID)),
    ("instances", tag_key(SOP_INSTANCE_UID)),
)
_PATH = {Level.STUDY: _STEPS[:1], Level.SERIES: _STEPS[:2], Level.INSTANCE: _STEPS}
_URL_KEY = tag_key(RETRIEVE_URL)


def search_body(matches: Matches, level: Level, base_url: str) -> bytes:
    """The DICOM JSON array of one page, each item with its RetrieveURL, by ascending tag."""
    return orjson.dumps(search_items(matches, level, base_url))


def search_items(matches: Matches, level: Level, base_url: str) -> list[JsonObject]:
    """The DICOM JSON objects of one page."""
    return [_with_retrieve_url(item, level, base_url) for item in matches.items]


def _with_retrieve_url(item: JsonObject, level: Level, base_url: str) -> JsonObject:
    url = base_url
    for name, key in _PATH[level]:
        url += f"/{name}/{item[key]['Value'][0]}"
    complete = {**item, _URL_KEY: {"vr": "UR", "Value": [url]}}
    return {key: complete[key] for key in sorted(complete)}


def search_warnings(warnings: Sequence[str], matches: Matches, search: Search, base_url: str) -> list[str]:
    """Values of Warning headers (PS3.18 10.6.3.2), code 299."""
    texts = list(warnings)
    if matches.remaining and search.limit:
        texts.append(f"There are {matches.remaining} additional results that can be requested")
    return [f'299 {base_url} "{text}"' for text in texts]
