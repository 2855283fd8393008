"""The tables of codes as they come, and a site's own laid over them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.conversion.body_sites import body_sites, find_body_site
from gateway.conversion.codes import diseases, quality, sites
from gateway.conversion.codes.check_digit import is_snomed_identifier
from gateway.conversion.codes.diseases import CodedDisease
from gateway.conversion.codes.errors import CodesError
from gateway.conversion.codes.files import MAX_BYTES
from gateway.conversion.codes.quality import PRIVATE_SCHEME, QualityConcept
from gateway.conversion.codes.tables import current_codes, load_codes, use_codes
from gateway.intake.reasons import reason_texts
from gateway.library import diseases as library
from inference.rules import REASON_CODES, SUITABILITY_LABELS
from tests.unit.conversion.test_body_sites import context_group

BUNDLED = load_codes()
SITE = {
    "slug": "sole", "parent": "foot", "scheme": "99WARD", "code": "SOLE", "meaning": "Skin of sole", "body_part": "",
    "paired": "yes", "korean": "발바닥", "english": "Sole", "aliases": "", "source": "ward list",
}  # fmt: skip
DISEASE = {
    "slug": "nevus", "scheme": "SCT", "code": "400096001", "meaning": "Melanocytic nevus", "malignant": "no",
    "contagious": "no", "urgency": "routine", "korean": "점", "english": "Mole", "evidence": "site", "source": "us",
}  # fmt: skip
FAULT = {
    "slug": "watermark", "scheme": "99WARD", "code": "MARK", "meaning": "Mark", "korean": "표시", "english": "Mark",
    "source": "us",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _bundled_again() -> Iterator[None]:
    yield
    use_codes(BUNDLED)


def write(folder: Path, name: str, *rows: Mapping[str, str]) -> Path:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(CodesError) as caught:
        load_codes(folder)
    return "\n".join(caught.value.faults)


class TestASitesOwnTables:
    def test_a_folder_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        assert faults(tmp_path / "none") == f"{tmp_path / 'none'}: there is no such folder"

    def test_a_file_for_no_table_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "body_site.csv").touch()
        assert f"{tmp_path / 'body_site.csv'}: there is no such table" in faults(tmp_path)

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"slug": "The Sole"}, "slug: lower-case"),
            ({"parent": "nowhere"}, "parent: no row is named 'nowhere'"),
            ({"parent": ""}, "parent: no row is named ''"),
            ({"parent": "sole"}, "parent: the site would be part of itself"),
            ({"scheme": "SCT", "code": "39937002"}, "code: its check digit is wrong"),
            ({"code": ""}, "code: 1 to 16 characters"),
            ({"scheme": ""}, "scheme: 1 to 16 characters"),
            ({"scheme": "99AVERYLONGSCHEME"}, "scheme: 1 to 16 characters"),
            ({"meaning": "x" * 65}, "meaning: 1 to 64 characters"),
            ({"meaning": "a\\b"}, "meaning: 1 to 64 characters"),
            ({"korean": ""}, "korean: 1 to 64 characters"),
            ({"english": "a\x07b"}, "english: 1 to 64 characters"),
            ({"paired": "maybe"}, "paired: yes or no"),
            ({"body_part": "foot"}, "body_part: a term of PS3.16 Annex L"),
            ({"body_part": "NOSUCHPART"}, "body_part: a term of PS3.16 Annex L"),
            ({"body_part": "LIVER"}, "body_part: a term of PS3.16 Annex L"),
            ({"scheme": "WARD"}, "scheme: one of DCM, "),
            ({"scheme": "sct"}, "scheme: one of DCM, "),
            ({"scheme": "99"}, "scheme: one of DCM, "),
            ({"code": "39937001"}, "code: '39937001' is a name of 'skin' already"),
            ({"code": "palm"}, "code: 'palm' is a name of 'palm' already"),
            ({"code": "UPPER-ARM"}, "code: 'UPPER-ARM' is a name of 'upper_arm' already"),
            ({"code": "Belly"}, "code: 'Belly' is a name of 'abdomen' already"),
            ({"aliases": "39937001"}, "aliases: '39937001' is a name of 'skin' already"),
            ({"aliases": "palm"}, "aliases: 'palm' is a name of 'palm' already"),
            ({"aliases": "Flat-Foot"}, "aliases: lower case"),
            ({"scheme": "SCT", "code": "60496002"}, "code: '60496002' is a name of 'foot' already"),
            ({"source": ""}, "source: says where"),
        ],
    )
    def test_a_bad_body_site_is_refused_with_file_and_line(
        self, tmp_path: Path, changed: dict[str, str], told: str
    ) -> None:
        write(tmp_path, sites.FILE, SITE | changed)
        assert f"{tmp_path / sites.FILE}:2: {told}" in faults(tmp_path)

    @pytest.mark.parametrize(
        ("changed", "told"),
        [({"urgency": "now"}, "urgency: one of"), ({"malignant": "1"}, "malignant: yes or no"),
         ({"evidence": "hearsay"}, "evidence: one of"), ({"code": ""}, "code: 1 to 16"),
         ({"code": "93655004"}, "code: 93655004 is the code of 'melanoma' already")],
    )  # fmt: skip
    def test_a_bad_disease_is_refused(self, tmp_path: Path, changed: dict[str, str], told: str) -> None:
        write(tmp_path, diseases.FILE, DISEASE | changed)
        assert f"diseases.csv:2: {told}" in faults(tmp_path)

    def test_the_root_stays_the_root(self, tmp_path: Path) -> None:
        write(tmp_path, sites.FILE, SITE | {"slug": "skin", "parent": "foot"})
        assert "parent: 'skin' is part of nothing" in faults(tmp_path)

    def test_sites_in_a_circle_are_refused(self, tmp_path: Path) -> None:
        rows = (SITE | {"slug": "one", "parent": "two"}, SITE | {"slug": "two", "parent": "one", "code": "TWO"})
        write(tmp_path, sites.FILE, *rows)
        assert faults(tmp_path).count("part of itself") == 2

    def test_every_fault_is_told_at_once(self, tmp_path: Path) -> None:
        write(tmp_path, sites.FILE, SITE | {"paired": ""})
        write(tmp_path, quality.FILE, FAULT | {"korean": ""})
        assert len(faults(tmp_path).splitlines()) == 2

    @pytest.mark.parametrize(
        ("text", "told"),
        [("slug,code\n", ":1: columns are missing: scheme"), ("", ":1: columns are missing: slug"),
         (",".join([*FAULT, "colour"]) + "\n", ":1: there are no such columns: 'colour'"),
         (",".join(["slug", *FAULT]) + "\n", ":1: columns stand twice: slug"),
         (",".join(["slug", "slug", "source", *FAULT]) + "\n", ":1: columns stand twice: slug, source"),
         (",".join(FAULT) + '\nwatermark,99WARD,MARK,"Mark\nof water",표시,Mark,us\n', ":3: meaning: 1 to 64"),
         (",".join(FAULT) + "\nwatermark,SCT\n", ":2: the row has more or fewer cells"),
         (",".join(FAULT) + "\n" + "x," * 9 + "\n", ":2: the row has more or fewer cells"),
         (",".join(FAULT) + "\n" + '"a"b,' + "\n", ":2: "), ("a" * (MAX_BYTES + 1), ": more than")],
        ids=lambda value: value[:20],
    )  # fmt: skip
    def test_a_file_that_is_no_such_table_is_refused(self, tmp_path: Path, text: str, told: str) -> None:
        (tmp_path / quality.FILE).write_text(text, encoding="utf-8")
        assert f"{tmp_path / quality.FILE}{told}" in faults(tmp_path)

    def test_bytes_that_are_no_text_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / quality.FILE).write_bytes(b"\xff\xfe\x00")
        assert "utf-8" in faults(tmp_path)

    def test_a_row_that_stands_twice_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path, quality.FILE, FAULT, FAULT)
        assert faults(tmp_path).endswith("quality.csv:3: 'watermark' stands here for the second time")

    def test_rows_replace_and_add(self, tmp_path: Path) -> None:
        write(tmp_path, sites.FILE, SITE, SITE | {"slug": "arch", "code": "ARCH", "english": "Arch", "korean": "족궁"})
        write(tmp_path, diseases.FILE, DISEASE, DISEASE | {"slug": "tsutsugamushi", "scheme": "99WARD", "code": "T1"})
        write(tmp_path, quality.FILE, FAULT)
        use_codes(load_codes(tmp_path))
        assert body_sites()["sole"].code == "SOLE"
        assert find_body_site("arch") == find_body_site("ARCH") == body_sites()["arch"]
        assert len(body_sites()) == len(BUNDLED.body_sites) + 1
        assert library.diseases()["nevus"].urgency == "routine"
        assert library.diseases()["nevus"].advice is not None
        assert library.diseases()["tsutsugamushi"].advice is None
        assert reason_texts()["watermark"].name["en"] == "Mark"

    def test_what_a_site_is_called_may_be_its_own_code_too(self, tmp_path: Path) -> None:
        write(tmp_path, sites.FILE, SITE | {"code": "sole", "aliases": "sole"})
        assert load_codes(tmp_path).sites_by_name["sole"].slug == "sole"

    def test_schemes_of_the_standard_and_of_ones_own_are_taken(self, tmp_path: Path) -> None:
        schemes = ("FMA", "ICDO3", "99W", "99WARD-1")
        rows = [DISEASE | {"slug": f"d{number}", "scheme": scheme} for number, scheme in enumerate(schemes)]
        write(tmp_path, diseases.FILE, *rows)
        assert load_codes(tmp_path).diseases["d3"].scheme == "99WARD-1"

    def test_a_quoted_cell_keeps_its_line_break(self, tmp_path: Path) -> None:
        write(tmp_path, quality.FILE, FAULT | {"source": '"our list,\npage 2"'})
        assert load_codes(tmp_path).quality["watermark"].source == "our list,\npage 2"

    def test_a_file_as_spreadsheets_write_it_is_read(self, tmp_path: Path) -> None:
        text = ",".join(FAULT) + "\r\n" + ",".join(FAULT.values()) + "\r\n"
        (tmp_path / quality.FILE).write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert load_codes(tmp_path).quality["watermark"].code == "MARK"

    def test_without_a_folder_the_bundled_tables_are_used(self) -> None:
        assert current_codes() is load_codes(None)

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.binary(max_size=300), whole_header=st.booleans())
    def test_any_bytes_are_a_table_or_refused(self, tmp_path: Path, data: bytes, whole_header: bool) -> None:
        header = ",".join(SITE).encode() + b"\n" if whole_header else b""
        (tmp_path / sites.FILE).write_bytes(header + data)
        with suppress(CodesError):
            assert "skin" in load_codes(tmp_path).body_sites


def words(row: CodedDisease | QualityConcept) -> None:
    assert re.search("[가-힣]", row.korean)
    assert not re.search("[가-힣]", row.english)
    assert row.source


@pytest.mark.parametrize("disease", BUNDLED.diseases.values(), ids=lambda disease: str(disease.slug))
def test_every_disease_has_words_a_checked_code_and_its_evidence(disease: CodedDisease) -> None:
    words(disease)
    assert is_snomed_identifier(disease.code)
    dicom = {code: meaning for group in (4405, 638) for (_, code), meaning in context_group(group).items()}
    if disease.code in dicom:
        assert (disease.evidence, disease.meaning) == ("context_group", dicom[disease.code])


@pytest.mark.parametrize("concept", BUNDLED.quality.values(), ids=lambda concept: str(concept.slug))
def test_every_quality_concept_is_dicoms_or_declared_private(concept: QualityConcept) -> None:
    words(concept)
    dicom = {**context_group(6044), **context_group(7011)}
    if concept.scheme == PRIVATE_SCHEME:
        assert concept.source == "private"
    else:
        assert dicom[concept.scheme, concept.code] == concept.meaning


def test_every_label_and_reason_of_the_suitability_model_is_coded_and_has_advice() -> None:
    assert set(SUITABILITY_LABELS) <= set(BUNDLED.quality)
    assert set(reason_texts()) == set(REASON_CODES)


def test_no_words_for_people_are_shared_within_a_table() -> None:
    for table in (BUNDLED.diseases, BUNDLED.quality):
        for language in ("korean", "english"):
            named = [getattr(row, language) for row in table.values()]
            assert len(named) == len(set(named))
