"""How well-known data sets name their columns: tables to be read beside their headers, and nothing else.

ISIC archive and challenges 2016-2020, HAM10000 (Tschandl 2018), PAD-UFES-20 (Pacheco 2020), Fitzpatrick17k (Groh 2021).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from trainer.photos.errors import UnknownHeader

_NO_CLASSES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dialect:
    """One data set's header, all names in lower case.

    A header is of this dialect when it has one of the `file` columns and, of `marks`, all. `columns` maps a field of
    Claim to the columns that may hold it; of several the first with a value counts. `classes` are one-hot columns:
    column -> name of the disease, the empty name where it stands for none.
    """

    name: str
    marks: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, str] = field(default_factory=lambda: _NO_CLASSES)

    def fits(self, header: frozenset[str]) -> bool:
        """Whether a header is of this dialect."""
        return self.marks <= header and not header.isdisjoint(self.columns["file"])

    def cell(self, cells: Mapping[str, str], wanted: str) -> str:
        """The first non-empty cell that holds a field; empty where none does."""
        return next((cells[column] for column in self.columns.get(wanted, ()) if cells.get(column, "").strip()), "")

    def taken(self) -> frozenset[str]:
        """Columns that are understood; the others are carried along as facts."""
        return frozenset(column for columns in self.columns.values() for column in columns) | frozenset(self.classes)


_ISIC_FILE = ("isic_id", "image", "image_name")
_ISIC_FACTS = {
    "file": _ISIC_FILE,
    "patient_id": ("patient_id",),
    "lesion_id": ("lesion_id",),
    "sex": ("sex",),
    "age": ("age_approx", "age"),
    "body_site": ("anatom_site_general", "anatom_site_general_challenge", "anatom_site_special"),
    "fitzpatrick": ("fitzpatrick_skin_type",),
    "split": ("split",),
}

DIALECTS = (
    Dialect(
        "PAD-UFES-20", frozenset({"img_id", "diagnostic"}),
        {
            "file": ("img_id",), "diagnosis": ("diagnostic",), "patient_id": ("patient_id",),
            "lesion_id": ("lesion_id",), "sex": ("gender",), "age": ("age",), "body_site": ("region",),
            "fitzpatrick": ("fitspatrick", "fitzpatrick"), "split": ("split",),
        },
    ),
    Dialect(
        "HAM10000", frozenset({"image_id", "dx"}),
        {
            "file": ("image_id",), "diagnosis": ("dx",), "patient_id": ("patient_id",), "lesion_id": ("lesion_id",),
            "sex": ("sex",), "age": ("age",), "body_site": ("localization",), "split": ("split",),
        },
    ),
    Dialect(
        "Fitzpatrick17k", frozenset({"md5hash", "label"}),
        {
            "file": ("md5hash",), "diagnosis": ("label",),
            "fitzpatrick": ("fitzpatrick_scale", "fitzpatrick_centaur", "fitzpatrick"), "split": ("split",),
        },
    ),
    Dialect(
        "ISIC 2019 ground truth", frozenset({"mel", "nv", "bcc", "ak", "bkl", "df", "vasc", "scc"}), _ISIC_FACTS,
        {name: name for name in ("mel", "nv", "bcc", "ak", "bkl", "df", "vasc", "scc")} | {"unk": ""},
    ),
    Dialect(
        "ISIC 2018 ground truth", frozenset({"mel", "nv", "bcc", "akiec", "bkl", "df", "vasc"}), _ISIC_FACTS,
        {name: name for name in ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")},
    ),
    Dialect(
        "Dermgate", frozenset({"file"}),
        {
            "file": ("file",), "suitability": ("suitability",), "reason": ("reason",), "diagnosis": ("diagnosis",),
            "patient_id": ("patient_id",), "lesion_id": ("lesion_id",), "split": ("split",), "sex": ("sex",),
            "age": ("age",), "body_site": ("body_site",), "fitzpatrick": ("fitzpatrick",), "said_by": ("said_by",),
        },
    ),
    # The first of these columns that there is names the disease; diagnosis_4 and _5 are kinds of what _3 names. One
    # level for all photos: a "nevus" beside a "benign" would be no classes to tell apart.
    *(
        Dialect(f"ISIC by {column}", frozenset({column}), {**_ISIC_FACTS, "diagnosis": (column,)})
        for column in ("diagnosis", "diagnosis_3", "diagnosis_2", "diagnosis_1", "benign_malignant")
    ),
)  # fmt: skip
"""The first that fits counts: those of fewer marks come later."""

FACTS = Dialect(
    "facts", frozenset(),
    {
        "file": ("file", "isic_id", "image", "image_name", "image_id", "img_id", "md5hash"),
        "patient_id": ("patient_id",),
        "lesion_id": ("lesion_id",),
        "sex": ("sex", "gender"),
        "age": ("age", "age_approx"),
        "body_site": (
            "body_site", "anatom_site_general", "anatom_site_general_challenge", "anatom_site_special",
            "localization", "region",
        ),
        "fitzpatrick": (
            "fitzpatrick", "fitspatrick", "fitzpatrick_skin_type", "fitzpatrick_scale", "fitzpatrick_centaur",
        ),
        "split": ("split",),
    },
)  # fmt: skip
"""A file of facts without labels: the columns of all of the data sets above."""

_SHOWN_COLUMNS = 20


def dialect_of(columns: tuple[str, ...], name: str) -> Dialect:
    """The dialect of a header; raises UnknownHeader, saying what was found and what is understood."""
    header = frozenset(columns)
    for dialect in DIALECTS:
        if dialect.fits(header) and _has_label(dialect, header):
            return dialect
    found = ", ".join(column[:40] for column in columns[:_SHOWN_COLUMNS])
    understood = "; ".join(f"{dialect.name} ({_shown(dialect)})" for dialect in DIALECTS)
    raise UnknownHeader(f"{name}: the header ({found}) is none that is understood: {understood}")


def _has_label(dialect: Dialect, header: frozenset[str]) -> bool:
    labels = {*dialect.columns.get("suitability", ()), *dialect.columns.get("diagnosis", ()), *dialect.classes}
    return not header.isdisjoint(labels)


def _shown(dialect: Dialect) -> str:
    labels = (*dialect.columns.get("suitability", ()), *dialect.columns.get("diagnosis", ()), *dialect.classes)
    return f"{' or '.join(dialect.columns['file'])}; {' or '.join(labels)}"
