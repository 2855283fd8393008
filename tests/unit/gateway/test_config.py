import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.engine.url import make_url

from gateway.config import ConfigurationError, DimseDestination, Settings, load_settings


def _pacs(settings: Settings) -> list[DimseDestination]:
    return [each for each in settings.destinations if isinstance(each, DimseDestination)]


BAD_FILES = [
    ("[http]\nprot = 1", "http.prot: there is no such setting"),
    ("[htpp]\nport = 1", "htpp: there is no such setting"),
    ("http = 3", "http: "),
    ("[http]\nport = 70000", "http.port: "),
    ("[http]\nport = '80 80'", "http.port: "),
    ("[http]\nhost = ''", "http.host: "),
    ("[http]\nshutdown_seconds = inf", "http.shutdown_seconds: "),
    ("[http]\ncors_origins = ['https://viewer.example/']", "http.cors_origins.0: an origin is scheme, host and port"),
    ("[http]\ncors_origins = ['viewer.example']", "http.cors_origins.0: an origin is scheme, host and port"),
    ("[dimse]\nae_title = 'SEVENTEEN_LETTERS'", "dimse.ae_title: an AE title has 1 to 16 printable ASCII characters"),
    ("[dimse]\nae_title = 'A\\\\B'", "dimse.ae_title: an AE title has 1 to 16 printable ASCII characters"),
    ("[dimse]\nae_title = '   '", "dimse.ae_title: "),
    ("[dimse]\nidle_seconds = nan", "dimse.idle_seconds: "),
    ("[archive]\ndatabase = 'mysql://host/name'", "archive.database: must begin with sqlite:///"),
    ("[archive]\ndatabase = 'sqlite:///'", "archive.database: must name a database"),
    ("[archive]\ndatabase = 'sqlite:///:memory:'", "archive.database: must name a database"),
    ("[archive]\ndatabase = 'postgresql+psycopg://a:b@host:port/x'", "archive.database: is no address"),
    ("[archive]\nstorage = 's3://bucket'", "archive.storage: only a folder can be used; s3:// is not supported yet"),
    ("[models]\ndisease_threshold = 0", "models.disease_threshold: "),
    ("[site]\ntimezone = 'Asia/Soul'", "site.timezone: 'Asia/Soul' is no time zone"),
    ("[site]\ntimezone = '../../etc/passwd'", "site.timezone: "),
    ("[site]\nlanguage = 'de'", "site.language: "),
    ("[site]\nhangul_group = 3", "site.hangul_group: "),
    ("[site]\nhangul_group = '둘'", "site.hangul_group: "),
    ("[site]\ncontent_qualification = 'TOY'", "site.content_qualification: "),
    ("[site]\nuid_root = '1.02'", "site.uid_root: a root for UIDs is numbers joined by dots"),
    ("[intake]\njudge_received = true", "intake.judge_received: "),
    ("[intake]\nretain_rejected_days = 1e30", "intake.retain_rejected_days: "),
    ("[delivery]\ngive_up_hours = 1e300", "delivery.give_up_hours: "),
    ("destinations = 3", "destinations: "),
    ("[[destinations]]\nname = 'a'\nport = 1", "destinations.0.ae_title: "),
    (
        "[[destinations]]\nname = 'a b'\nport = 1\nae_title = 'A'",
        "destinations.0.name: a name has 1 to 64 lower-case letters",
    ),
    ("[[destinations]]\nname = 'a'\nport = 0\nae_title = 'A'", "destinations.0.port: "),
    ("[[destinations]]\nname = 'a'\nkind = 'fax'\nport = 1\nae_title = 'A'", "destinations.0: kind: is dimse or stow"),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nport = 1", "destinations.0.url: "),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://h/x'\nport = 1", "destinations.0.port: there is no"),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'ftp://h/x'", "destinations.0.url: an address is http:// or"),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://u:p@h/x'", "destinations.0.url: an address is"),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://h/x?y=z'", "destinations.0.url: an address is"),
    ("[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://h:99999/x'", "destinations.0.url: "),
    (
        "[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'http://pacs.example/x'",
        "destinations.0: url: http:// sends",
    ),
    (
        "[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://h'\ntoken_file = 'a'\ntoken_variable = 'B'",
        "destinations.0: token_file and token_variable: give one of them",
    ),
    (
        "[[destinations]]\nname = 'a'\nkind = 'stow'\nurl = 'https://h'\ntls_key = 'k'",
        "destinations.0: tls_certificate and tls_key: give both or none",
    ),
    ("[[peers]]\nae_title = 'A'\nhost = 'h'\nmay = ['steal']", "peers.0.may.0: "),
    ("[[peers]]\nae_title = 'A'\nhost = 'h'\nmay = ['print']", "peers.0.may.0: "),
    ("[[hospitals]]\nname = 'a'\n[[hospitals]]\nname = 'a'", "hospitals.1.name: there is another entry named 'a'"),
    ("[[peers]]\nae_title = 'A'\nhost = 'h'\nhospital = 'x'", "peers.0.hospital: no [[hospitals]] entry is named 'x'"),
    ("[http]\nport = ", "dermgate.toml: "),
    ("a = " + "[" * 5000, "dermgate.toml: "),
]


@pytest.mark.parametrize(("text", "fault"), BAD_FILES)
def test_a_setting_that_cannot_be_used_is_named_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(_file(tmp_path, text), {})
    assert [line for line in raised.value.faults if fault in line], raised.value.faults
    assert all(line in str(raised.value) for line in raised.value.faults)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = _file(tmp_path, "[http]\nport = -1\nhots = 'x'\n[dimse]\nport = 'y'")
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file, {"DERMGATE_SITE__LANGUAGE": "fr"})
    assert [fault.partition(":")[0] for fault in raised.value.faults] == [
        "http.port",
        "http.hots",
        "dimse.port",
        "site.language (DERMGATE_SITE__LANGUAGE)",
    ]


def test_a_destination_named_twice_and_one_of_an_unknown_hospital_are_both_told(tmp_path: Path) -> None:
    entry = "[[destinations]]\nname = 'pacs'\nport = 104\nae_title = 'PACS'\n"
    with pytest.raises(ConfigurationError) as raised:
        load_settings(_file(tmp_path, entry + entry + "hospital = 'north'"), {})
    assert raised.value.faults == [
        "destinations.1.name: there is another entry named 'pacs'",
        "destinations.1.hospital: no [[hospitals]] entry is named 'north'",
    ]


def test_an_ae_title_cannot_act_for_two_hospitals(tmp_path: Path) -> None:
    text = "[[hospitals]]\nname = 'north'\n[[peers]]\nae_title = 'A'\nhost = 'x'\n"
    with pytest.raises(ConfigurationError, match=r"peers\.1\.hospital: 'A' stands for another hospital already"):
        load_settings(_file(tmp_path, text + "[[peers]]\nae_title = 'A'\nhost = 'y'\nhospital = 'north'"), {})


def test_a_destination_that_reports_under_the_ae_title_of_another_hospitals_peer_is_refused(tmp_path: Path) -> None:
    """It is let in to report, and would be taken for that peer: it could ask for what the other hospital has."""
    two = """
    [[hospitals]]
    name = "b"
    [[peers]]
    ae_title = "PACS"
    host = "10.0.0.1"
    may = ["find"]
    [[destinations]]
    name = "pacs-of-b"
    hospital = "b"
    host = "10.0.0.2"
    port = 104
    ae_title = "PACS"
    """
    load_settings(_file(tmp_path, two), {})
    with pytest.raises(ConfigurationError, match=r"destinations\.0\.ae_title: 'PACS' is a peer of another hospital"):
        load_settings(_file(tmp_path, two + 'proof = "commitment"\n'), {})


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    file = _file(tmp_path, "[archive]\ndatabase = 'postgresql+psycopg://me:s3cret@host:port/name'")
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file, {})
    assert "s3cret" not in str(raised.value)


def test_a_file_that_is_not_there_and_one_that_is_not_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml: there is no such file"):
        load_settings(tmp_path / "absent.toml", {})
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"binary\.toml: "):
        load_settings(tmp_path / "binary.toml", {})
    with pytest.raises(ConfigurationError):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("variable", "text", "fault"),
    [
        ("DERMGATE_HTTP__PROT", "1", r"http\.prot \(DERMGATE_HTTP__PROT\): there is no such setting"),
        ("DERMGATE_HTTP__PORT", "many", r"http\.port \(DERMGATE_HTTP__PORT\): "),
        ("DERMGATE_HTTP__PORT__X", "1", r"http\.port__x \(DERMGATE_HTTP__PORT__X\): there is no such setting"),
        ("DERMGATE_HTPP__PORT", "1", "DERMGATE_HTPP__PORT: there is no section 'htpp'"),
        ("DERMGATE_DESTINATIONS__0", "1", "DERMGATE_DESTINATIONS__0: there is no section 'destinations'"),
        ("DERMGATE_DESTINATIONS", "pacs", "DERMGATE_DESTINATIONS: is not JSON"),
        ("DERMGATE_DESTINATIONS", "[" * 100_000, "DERMGATE_DESTINATIONS: is not JSON"),
        ("DERMGATE_DESTINATIONS", "{}", r"destinations \(DERMGATE_DESTINATIONS\): "),
        ("DERMGATE_PEERS", '[{"ae_title": "A"}]', r"peers\.0\.host \(DERMGATE_PEERS\): "),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(variable: str, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        load_settings(None, {variable: text})


def test_the_environment_lies_over_the_file_value_by_value(tmp_path: Path) -> None:
    settings = load_settings(
        _file(
            tmp_path, "[http]\nport = 1000\nhost = 'localhost'\n[[destinations]]\nname = 'x'\nport = 1\nae_title = 'X'"
        ),
        {
            "DERMGATE_HTTP__PORT": "2000",
            "DERMGATE_SITE__INSTITUTION": "서울 피부과",
            "DERMGATE_SITE__HANGUL_GROUP": "2",
            "DERMGATE_ACCESS__LOOPBACK_ADMIN": "false",
            "DERMGATE_DESTINATIONS": json.dumps([{"name": "y", "port": 104, "ae_title": " Y "}]),
            "DERMGATE_SHARED": "of no concern",
            "HTTP__PORT": "3000",
        },
    )
    assert (settings.http.port, settings.http.host) == (2000, "localhost")
    assert (settings.site.institution, settings.site.hangul_group) == ("서울 피부과", 2)
    assert not settings.access.loopback_admin
    assert [(each.name, each.ae_title) for each in _pacs(settings)] == [("y", "Y")]


def test_without_a_file_and_variables_the_embedded_gateway_is_meant() -> None:
    settings = load_settings(None, {})
    assert settings == Settings()
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8080)
    assert (settings.dimse.host, settings.dimse.port, settings.dimse.ae_title) == ("127.0.0.1", 11112, "DERMGATE")
    assert settings.archive.database == "sqlite:///var/dermgate.db"
    assert settings.archive.storage == "var/objects"
    assert (settings.models.disease_threshold, settings.models.refer_malignant) == (0.5, 0.10)
    assert settings.intake.max_bytes == 64 * 1024 * 1024
    assert settings.intake.max_pixels == 220_000_000
    assert settings.intake.retain_rejected_days == 90
    assert settings.hospital_names() == {"default"}


@pytest.mark.parametrize(
    "text",
    ["", "[archive]\ndatabase = 'sqlite:///var/dermgate.db'\nstorage = 'var/objects'\n[models]\nstore = 'var/models'"],
)
@pytest.mark.parametrize("name", ["gw", "haut praxis?x #1", "50%25"])
def test_relative_paths_are_relative_to_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str
) -> None:
    (tmp_path / name).mkdir()
    _file(tmp_path / name, text)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path(name) / "dermgate.toml", {})
    assert make_url(settings.archive.database).database == str(tmp_path / name / "var/dermgate.db")
    assert settings.archive.storage == str(tmp_path / name / "var/objects")
    assert settings.models.store == tmp_path / name / "var/models"


def test_absolute_paths_and_those_of_the_environment_stay_as_they_are(tmp_path: Path) -> None:
    file = _file(tmp_path, "[archive]\ndatabase = 'sqlite:////data/a.db'\nstorage = '/data/objects'")
    settings = load_settings(file, {"DERMGATE_MODELS__STORE": "models"})
    assert settings.archive.database == "sqlite:////data/a.db"
    assert (settings.archive.storage, settings.models.store) == ("/data/objects", Path("models"))
    variables = {"DERMGATE_ARCHIVE__DATABASE": "sqlite:///here.db", "DERMGATE_ARCHIVE__STORAGE": "here"}
    archive = load_settings(file, variables).archive
    assert (archive.database, archive.storage) == ("sqlite:///here.db", "here")


def test_the_address_of_a_postgresql_database_is_no_path(tmp_path: Path) -> None:
    address = "postgresql+psycopg://me:s3cret@host/name"
    settings = load_settings(_file(tmp_path, f"[archive]\ndatabase = '{address}'"), {})
    assert settings.archive.database == address


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMGATE_HTTP__PORT", "8099")
    assert load_settings(None).http.port == 8099


@pytest.mark.parametrize("section", list(Settings.model_fields))
def test_settings_cannot_be_changed(section: str) -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, section, None)
    part = getattr(settings, section)
    for name in getattr(type(part), "model_fields", ()):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, None)


_variables = st.one_of(
    st.sampled_from([f"DERMGATE_{section.upper()}" for section in Settings.model_fields]),
    st.sampled_from(
        [
            f"DERMGATE_{section.upper()}__{key.upper()}"
            for section, field in Settings.model_fields.items()
            for key in getattr(type(field.default), "model_fields", ())
        ]
    ),
    st.text(max_size=20).map(lambda text: f"DERMGATE_{text}"),
)
_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_texts = st.one_of(
    st.text(max_size=30),
    st.binary(max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.integers().map(str),
    st.floats().map(str),
    _json.map(json.dumps),
    st.sampled_from(["sqlite:///x", "postgresql+psycopg://[", "Asia/Seoul", "1.2.3", "\0"]),
)


@given(st.dictionaries(_variables, _texts, max_size=4))
def test_whatever_the_environment_holds_there_are_settings_or_named_faults(environment: dict[str, str]) -> None:
    outcome = _outcome(environment)
    assert isinstance(outcome, Settings) or (outcome and all(outcome))


@given(_json)
def test_whatever_a_list_holds_there_are_settings_or_named_faults(tree: Any) -> None:
    outcome = _outcome({"DERMGATE_DESTINATIONS": json.dumps([tree]), "DERMGATE_PEERS": json.dumps(tree)})
    assert isinstance(outcome, Settings) or (outcome and all(outcome))


def _outcome(environment: dict[str, str]) -> Settings | list[str]:
    try:
        return load_settings(None, environment)
    except ConfigurationError as error:
        return error.faults


def _file(folder: Path, text: str) -> Path:
    path = folder / "dermgate.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("text", "threads"), [("auto", 0), ("0", 0), ("3", 3)])
def test_threads_of_a_model_are_a_number_or_found_by_measuring(text: str, threads: int) -> None:
    assert load_settings(None, {"DERMGATE_MODELS__THREADS": text}).models.threads == threads


@pytest.mark.parametrize("text", ["many", "-1", "65"])
def test_another_number_of_threads_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigurationError, match="DERMGATE_MODELS__THREADS"):
        load_settings(None, {"DERMGATE_MODELS__THREADS": text})


def test_origins_come_as_a_list_or_as_one_text_of_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "dermgate.toml"
    path.write_text("[http]\ncors_origins = ['https://viewer.example', 'http://[::1]:3000']")
    assert load_settings(path, {}).http.cors_origins == ("https://viewer.example", "http://[::1]:3000")
    variable = {"DERMGATE_HTTP__CORS_ORIGINS": "http://127.0.0.1:3000, https://b.example"}
    assert load_settings(path, variable).http.cors_origins == ("http://127.0.0.1:3000", "https://b.example")
