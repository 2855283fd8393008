"""The paper that reports are written on: one file, both languages, light and dark; nothing leaves it or runs in it."""

from importlib.resources import files

from trainer.evaluation.report.markup import Html, escaped, joined

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SWITCH = Html(
    '<input type="radio" name="language" id="in-english" checked>'
    '<input type="radio" name="language" id="in-korean">'
    '<nav><label for="in-english">English</label><label for="in-korean">한국어</label></nav>'
)


def paper(title: str, *body: Html) -> str:
    """The whole file as text (UTF-8)."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escaped(title)}</title><style>{style}</style></head><body>"
        f"{_SWITCH}<main>{joined(body)}</main></body></html>\n"
    )
