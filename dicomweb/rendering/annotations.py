"""What is written onto a picture when that is asked for (PS3.18 8.3.5.1.1)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from dicomweb.archive import JsonObject
from dicomweb.rendering import members as json
from dicomweb.rendering.fonts import drawable, font_of
from dicomweb.rendering.parameters import Annotation

_MAX_LINE: Final = 80
_LINES_A_PICTURE: Final = 30
_SMALLEST, _LARGEST = 8, 64


@dataclass(frozen=True, slots=True)
class Writing:
    """Lines to write from the top; `is_whole` says that the font has every letter of them."""

    lines: Sequence[str] = ()
    is_whole: bool = True


def writing(members: JsonObject, wanted: Set[Annotation], font_path: str | None = None) -> Writing:
    """What the header has to say of the patient and of how the picture was made."""
    lines = [*(_patient(members) if Annotation.PATIENT in wanted else ())]
    lines += _technique(members) if Annotation.TECHNIQUE in wanted else ()
    lines = [line[:_MAX_LINE] for line in lines if line]
    drawn = [drawable(line, font_path) for line in lines]
    return Writing(drawn, is_whole=drawn == lines)


def _patient(members: JsonObject) -> Sequence[str]:
    name = json.person_name(members, "00100010")
    groups = [name.get(group, "").replace("^", " ").strip() for group in ("Alphabetic", "Phonetic", "Ideographic")]
    first, *others = [group for group in groups if group] or [""]
    about = json.joined([json.text(members, tag) for tag in ("00100030", "00100040", "00101010")])
    shown_name = f"{first} ({', '.join(others)})" if others else first
    return [shown_name, json.text(members, "00100020"), about]


def _technique(members: JsonObject) -> Sequence[str]:
    moment = json.text(members, "0008002A") or json.joined(
        [json.text(members, "00080023"), json.text(members, "00080033")]
    )
    region = json.text(json.first_item(members, "00082218"), "00080104") or json.text(members, "00180015")
    return [
        json.joined([json.text(members, "00080060"), moment]),
        json.joined([region, json.text(members, "00200062") or json.text(members, "00200060")]),
        json.joined([json.text(members, "00080070"), json.text(members, "00081090")]),
    ]


def written(picture: Image.Image, lines: Sequence[str], font_path: str | None = None) -> Image.Image:
    """The picture with the lines in its upper left corner, white with a black edge, as small as the width asks for."""
    if not lines:
        return picture
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    text = "\n".join(lines)
    size = max(_SMALLEST, min(_LARGEST, picture.height // _LINES_A_PICTURE))
    while size > _SMALLEST and draw.textbbox((0, 0), text, font_of(size, font_path))[2] > picture.width:
        size -= 1
    edge = max(1, size // 12)
    fill, stroke = (255, 0) if picture.mode == "L" else ((255, 255, 255), (0, 0, 0))
    draw.multiline_text(
        (edge, edge), text, fill=fill, font=font_of(size, font_path), stroke_width=edge, stroke_fill=stroke
    )
    return picture
