"""The settings: one typed tree from one TOML file, overridable by environment, checked at start."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence, Set
from datetime import tzinfo
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

ENVIRONMENT_PREFIX = "DERMGATE_"

Port = Annotated[int, Field(ge=0, le=65535)]
# PS3.5 6.2: at most 16 characters of the default repertoire, no backslash, no control characters.
_AE_TITLE = r"^[ -\[\]-~]{1,16}$"
AETitle = Annotated[str, StringConstraints(strip_whitespace=True, pattern=_AE_TITLE)]
# PS3.5 6.2: upper-case letters, digits, space and underscore.
_CODE_STRING = r"^[A-Z0-9_ ]{1,16}$"
CodeString = Annotated[str, StringConstraints(strip_whitespace=True, pattern=_CODE_STRING)]
Host = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=253)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Name = Annotated[str, StringConstraints(pattern=_NAME)]
# PS3.5 9.1: digits and dots; leaves room for a suffix of our own within 64 characters.
_UID_ROOT = r"^[0-2](\.(0|[1-9][0-9]*)){1,12}$"
UidRoot = Annotated[str, StringConstraints(pattern=_UID_ROOT, max_length=24)]
# RFC 6454 6.2: scheme, host and port as a browser sends them, nothing behind.
_ORIGIN = r"^(\*|https?://[a-z0-9._-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?)$"
Origin = Annotated[str, StringConstraints(pattern=_ORIGIN, max_length=300)]

# RFC 3986: no user, no query, no fragment; a host name, an IPv4 or a bracketed IPv6 address; paths as they are sent.
_WEB_ADDRESS = (
    r"^https?://([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?$"
)
WebAddress = Annotated[str, StringConstraints(strip_whitespace=True, pattern=_WEB_ADDRESS, max_length=1000)]
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,127}$"
EnvironmentName = Annotated[str, StringConstraints(pattern=_VARIABLE)]

_WORDS_OF_PATTERNS = {
    _AE_TITLE: "an AE title has 1 to 16 printable ASCII characters without backslash",
    _CODE_STRING: "a modality has 1 to 16 upper-case letters, digits, spaces and _, such as XC",
    _NAME: "a name has 1 to 64 lower-case letters, digits, - and _, and begins with a letter or digit",
    _ORIGIN: "an origin is scheme, host and port in lower case, such as https://viewer.example:8443, or *",
    _WEB_ADDRESS: "an address is http:// or https://, host, port and path, without user, query or fragment",
    _VARIABLE: "an environment variable's name has letters, digits and _",
    _UID_ROOT: "a root for UIDs is numbers joined by dots without leading zeros, such as 1.2.840.99999",
}

Role = Literal["http", "dimse", "delivery", "schedule"]
ALL_ROLES: frozenset[Role] = frozenset({"http", "dimse", "delivery", "schedule"})
DEFAULT_HOSPITAL = "default"


class ConfigurationError(Exception):
    """The settings cannot be used; each of `faults` says where and why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the configuration cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


class Section(BaseModel):
    """A part of the settings: immutable, and no key in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _split(value: object) -> object:
    """A list that came from the environment as one text."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


_S = TypeVar("_S", bound=Section)


class HttpSettings(Section):
    """Where HTTP listens and what a request may cost."""

    host: Host = "127.0.0.1"
    port: Port = 8080
    max_request_bytes: int = Field(default=4 * 1024**3, ge=1)
    cors_origins: Annotated[tuple[Origin, ...], BeforeValidator(_split)] = Field(
        default=(), description="origins whose pages may call DICOMweb; they need a key"
    )
    strict_accept: bool = Field(default=False, description="DICOMweb refuses requests without Accept, as PS3.18 has it")
    viewer: Path | None = Field(default=None, description="folder with a viewer's pages, served at /viewer")
    shutdown_seconds: float = Field(default=20, gt=0, le=600)


TlsProfileName = Literal["bcp195", "modified"]
"""PS3.15 B.12 and B.13."""


class DimseSettings(Section):
    """Where DIMSE listens and what an association may cost."""

    host: Host = "127.0.0.1"
    port: Port = 11112
    ae_title: AETitle = "DERMGATE"
    max_associations: int = Field(default=20, ge=1, le=1000)
    max_object_bytes: int = Field(default=512 * 1024**2, ge=1024)
    max_answers: int = Field(default=10_000, ge=1, le=100_000, description="answers to one query at most")
    max_retrieved: int = Field(default=10_000, ge=1, le=65_535, description="instances of one retrieval at most")
    idle_seconds: Seconds = 60
    tls: bool = Field(default=False, description="callers are heard over TLS alone")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = Field(default=None, description="who signs the certificates of those who call")
    tls_callers: Literal["required", "optional", "any"] = Field(
        default="required", description="whether callers have to show one; any: it is not asked for"
    )
    tls_profile: TlsProfileName = "bcp195"

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if not self.tls:
            return self
        if self.tls_certificate is None or self.tls_key is None:
            raise ValueError("tls needs tls_certificate and tls_key")
        if self.tls_ca is None and self.tls_callers != "any":
            raise ValueError('tls_callers: give tls_ca, who signs the certificates of those who call, or set "any"')
        return self


class DialledEntry(Section):
    """What is said of an application entity that we call."""

    tls: bool = Field(default=False, description="it is called over TLS")
    tls_ca: Path | None = Field(default=None, description="who signs its certificate, instead of the system's list")
    tls_certificate: Path | None = Field(default=None, description="our certificate, where it wants one")
    tls_key: Path | None = None
    tls_name: Host | None = Field(default=None, description="the name in its certificate, where that is not the host")
    tls_profile: TlsProfileName = "bcp195"

    @model_validator(mode="after")
    def _pair_of_files(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key: give both or none")
        return self


class ArchiveSettings(Section):
    """Where the index and the objects are kept."""

    database: str = "sqlite:///var/dermgate.db"
    storage: str = "var/objects"

    @field_validator("database")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        named = _named_database(url)
        if not named or named == ":memory:" or named.startswith("file:"):
            raise ValueError("must name a database: sqlite:///folder/name.db or postgresql+psycopg://user@host/name")
        return url

    @field_validator("storage")
    @classmethod
    def _known_storage(cls, address: str) -> str:
        if "://" in address:
            raise ValueError("only a folder can be used; s3:// is not supported yet")
        return address


def _none_for_auto(value: object) -> object:
    return 0 if value == "auto" else value


class ModelSettings(Section):
    """Which models judge, and the thresholds of a ranking."""

    store: Path = Path("var/models")
    disease_threshold: float = Field(default=0.5, gt=0, le=1)
    refer_malignant: float = Field(default=0.10, ge=0, le=1)
    unknown_threshold: Annotated[float, Field(gt=0, le=1)] | None = None
    """From which unlikeness on a photo is unknown to the model; None goes by the model's manifest."""
    threads: Annotated[int, BeforeValidator(_none_for_auto), Field(ge=0, le=64)] = 0
    """Threads of one model run; 0, written "auto", measures at load which number is quickest."""


class LibrarySettings(Section):
    """What the disease library takes up by itself."""

    from_opinions: bool = Field(default=True, description="what dermatologists answer becomes a reference case")
    faces: bool = Field(default=False, description="photos that somebody may be known by become cases as well")


def _number(value: object) -> object:
    """A digit that came from the environment, as the number it is."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class SiteSettings(Section):
    """The place this gateway stands at."""

    name: str = "Dermgate"
    institution: Annotated[str, StringConstraints(max_length=64)] = ""
    department: Annotated[str, StringConstraints(max_length=64)] = ""
    station: Annotated[str, StringConstraints(max_length=16)] = "DERMGATE"
    hangul_group: Annotated[Literal[1, 2], BeforeValidator(_number)] = Field(
        default=1, description="the PN component group of a name written in Hangul alone"
    )
    content_qualification: Literal["PRODUCT", "RESEARCH", "SERVICE"] | None = Field(
        default=None, description="whether the objects are fit for clinical use (PS3.3 C.12.1, 0018,9004)"
    )
    timezone: str = "UTC"
    language: Literal["en", "ko"] = "en"
    uid_root: UidRoot | None = None
    patient_id_issuer: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "DERMGATE"
    codes: Path | None = Field(default=None, description="a folder of tables that replace rows of the bundled ones")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a name too long for a file
            raise ValueError(f"{name!r} is no time zone of the IANA database") from error
        return name

    @property
    def zone(self) -> tzinfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)


class IntakeSettings(Section):
    """What a posted photo may be, and what becomes of it."""

    max_bytes: int = Field(default=64 * 1024**2, ge=1024)
    max_pixels: int = Field(default=220_000_000, ge=224 * 224)
    max_concurrent: int = Field(default=4, ge=1, le=64, description="photos decoded at one time")
    max_video_bytes: int = Field(default=500_000_000, ge=1024)
    max_video_seconds: float = Field(default=120, gt=0, le=3600, description="how long a video may play")
    video_frames: int = Field(default=6, ge=1, le=32, description="frames of a video that are judged")
    keep_audio: bool = Field(default=False, description="sound stays in a video; it may tell who speaks")
    keep_hevc: bool = Field(default=False, description="destinations take HEVC; otherwise it becomes H.264")
    retain_rejected_days: int = Field(default=90, ge=0, le=36500)
    unidentified: Literal["deliver", "hold"] = "deliver"
    store_as: Literal["photographic", "secondary_capture"] = "photographic"
    report: bool = Field(default=True, description="what the models found is archived as a structured report")
    judge_received: Literal[False] = False


class ExplanationSettings(Section):
    """When it is worked out what of a picture an answer stands on."""

    when: Literal["request", "background", "never"] = Field(
        default="request", description="when somebody asks; soon after each answer; not at all"
    )
    max_waiting: int = Field(default=8, ge=1, le=64, description="explanations asked for at one time; then 503")


class AccessSettings(Section):
    """Who may call without a key, and how what callers read is entered in the audit trail."""

    loopback_admin: bool = Field(default=True, description="a caller on loopback without a key is administrator")
    audit_reads: Literal["written", "synced"] = Field(
        default="written", description="whether an entry of a read survives the process, or a loss of power too"
    )


class DeliverySettings(Section):
    """How the outbox behaves."""

    retry_seconds: Seconds = Field(default=5, description="the first wait; it doubles with each attempt")
    retry_max_seconds: float = Field(default=900, gt=0, le=86400)
    give_up_hours: float = Field(default=168, gt=0, le=87600, description="a delivery older than this is dead")
    batch: int = Field(default=50, ge=1, le=1000)
    proof_seconds: Seconds = Field(default=2, description="how long after sending proof is looked for; doubles")
    proof_looks: int = Field(default=8, ge=1, le=100, description="looks in vain before it is sent again")
    proof_resends: int = Field(default=3, ge=0, le=100, description="how often it is sent again for want of proof")
    commitment_references: int = Field(default=500, ge=1, le=10_000, description="objects in one request")
    commitment_hours: float = Field(default=24, gt=0, le=8760, description="how long an answer is waited for")


class WorklistSettings(DialledEntry):
    """The hospital's modality worklist, asked for patients and orders; without a host there is none."""

    host: Host | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 104
    ae_title: AETitle | None = None
    hospital: Name = DEFAULT_HOSPITAL
    modalities: Annotated[tuple[CodeString, ...], BeforeValidator(_split)] = Field(
        default=("XC", "DMS", "OT"), max_length=8, description="what photographs are scheduled as; none: any"
    )
    station_ae_title: AETitle | None = Field(default=None, description="only what is scheduled for this station")
    days_before: int = Field(default=1, ge=0, le=366)
    days_after: int = Field(default=1, ge=0, le=366)
    limit: int = Field(default=200, ge=1, le=2000, description="items of one search; beyond it the query is cancelled")
    seconds: float = Field(default=5, gt=0, le=60, description="for a whole query, the connection among it")
    character_set: Literal["ISO_IR 192", "ISO 2022 IR 149"] = Field(
        default="ISO_IR 192", description="of names beyond ASCII that are looked for"
    )

    @model_validator(mode="after")
    def _whole_address(self) -> Self:
        if (self.host is None) != (self.ae_title is None):
            raise ValueError("host and ae_title: give both of them, or neither where there is no worklist")
        return self


class _AnyDestination(Section):
    """What every place that instances are delivered to has."""

    name: Name
    hospital: Name = DEFAULT_HOSPITAL
    iocm: bool = Field(
        default=False, description="corrected objects go under new UIDs, after a note that rejects the mistaken ones"
    )


class DimseDestination(_AnyDestination, DialledEntry):
    """A PACS that instances are sent to by C-STORE."""

    kind: Literal["dimse"] = "dimse"
    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]
    ae_title: AETitle
    max_associations: int = Field(default=1, ge=1, le=8)
    connect_seconds: Seconds = 10
    acse_seconds: Seconds = 30
    dimse_seconds: Seconds = 60
    idle_seconds: Seconds = 5
    secondary_capture: bool = Field(
        default=False, description="a Secondary Capture copy of a photo goes where its own SOP class is not taken"
    )
    proof: Literal["commitment", "query", "none"] = Field(
        default="query", description="storage commitment; a C-FIND; or what it answers is enough"
    )

    @property
    def lanes(self) -> int:
        """How many instances may be on their way to it at one time."""
        return self.max_associations


class StowDestination(_AnyDestination):
    """A DICOMweb server that instances are sent to by STOW-RS (PS3.18 10.5).

    `url` is the address of its studies' parent, such as https://host/dicom-web. The bearer token is read anew for
    each request, so that a changed one needs no restart.
    """

    kind: Literal["stow"]
    url: WebAddress
    plain_http: bool = Field(default=False, description="http:// is allowed to other machines, token and all")
    token_file: Path | None = None
    token_variable: EnvironmentName | None = None
    tls_ca: Path | None = Field(default=None, description="who signs its certificate, instead of the system's list")
    tls_certificate: Path | None = Field(default=None, description="our certificate, where it wants one")
    tls_key: Path | None = None
    max_requests: int = Field(default=1, ge=1, le=8)
    proof: Literal["query", "none"] = Field(default="query", description="a QIDO-RS search, or what it answers")
    connect_seconds: Seconds = 10
    response_seconds: Seconds = 60

    @property
    def lanes(self) -> int:
        """How many instances may be on their way to it at one time."""
        return self.max_requests

    @field_validator("url")
    @classmethod
    def _known_port(cls, url: str) -> str:
        if urlsplit(url).port == 0:  # raises ValueError above 65535
            raise ValueError("a port is a number from 1 to 65535")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.token_file is not None and self.token_variable is not None:
            raise ValueError("token_file and token_variable: give one of them")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key: give both or none")
        if not self.plain_http and self.url.startswith("http://") and not _is_loopback(self.url):
            raise ValueError("url: http:// sends patient data unprotected; use https://, or set plain_http = true")
        return self


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Destination = DimseDestination | StowDestination
"""A place instances are delivered to."""


def _kind(entry: object) -> object:
    """Which of the kinds an entry is meant to be; unless it says so, a PACS."""
    return entry.get("kind", "dimse") if isinstance(entry, Mapping) else getattr(entry, "kind", "dimse")


_DestinationEntry = Annotated[
    Annotated[DimseDestination, Tag("dimse")] | Annotated[StowDestination, Tag("stow")], Discriminator(_kind)
]


Act = Literal["echo", "store", "find", "move", "get", "commit"]
"""What a peer may do."""


class Peer(DialledEntry):
    """An application entity that may call us over DIMSE."""

    ae_title: AETitle
    host: Host
    hospital: Name = DEFAULT_HOSPITAL
    may: tuple[Act, ...] = ("echo", "store")
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        default=None, description="where it listens itself: for C-MOVE to it, and for reports on storage commitment"
    )


class Hospital(Section):
    """A connected organisation."""

    name: Name
    title: str = ""


class Settings(Section):
    """The whole tree."""

    http: HttpSettings = HttpSettings()
    dimse: DimseSettings = DimseSettings()
    archive: ArchiveSettings = ArchiveSettings()
    models: ModelSettings = ModelSettings()
    library: LibrarySettings = LibrarySettings()
    site: SiteSettings = SiteSettings()
    intake: IntakeSettings = IntakeSettings()
    explanation: ExplanationSettings = ExplanationSettings()
    access: AccessSettings = AccessSettings()
    delivery: DeliverySettings = DeliverySettings()
    worklist: WorklistSettings = WorklistSettings()
    destinations: tuple[_DestinationEntry, ...] = ()
    peers: tuple[Peer, ...] = ()
    hospitals: tuple[Hospital, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        faults = [
            *_twice("destinations", [destination.name for destination in self.destinations]),
            *_twice("hospitals", [hospital.name for hospital in self.hospitals]),
            *_unknown_hospitals("destinations", self.destinations, self.hospital_names()),
            *_unknown_hospitals("peers", self.peers, self.hospital_names()),
            *_of_two_hospitals(self.peers),
            *_taken_for_others(self.destinations, self.peers),
            *_worklist_of_nobody(self.worklist, self.hospital_names()),
        ]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def hospital_names(self) -> frozenset[str]:
        """Every hospital's name, the default one among them."""
        return frozenset({DEFAULT_HOSPITAL, *(hospital.name for hospital in self.hospitals)})


def _twice(place: str, names: Sequence[str]) -> list[str]:
    return [
        f"{place}.{number}.name: there is another entry named {name!r}"
        for number, name in enumerate(names)
        if name in names[:number]
    ]


def _unknown_hospitals(place: str, entries: Sequence[Destination | Peer], known: frozenset[str]) -> list[str]:
    return [
        f"{place}.{number}.hospital: no [[hospitals]] entry is named {entry.hospital!r}"
        for number, entry in enumerate(entries)
        if entry.hospital not in known
    ]


def _of_two_hospitals(peers: Sequence[Peer]) -> list[str]:
    """A caller is known by its AE title, so that one title cannot act for two hospitals."""
    return [
        f"peers.{number}.hospital: {peer.ae_title!r} stands for another hospital already"
        for number, peer in enumerate(peers)
        if any(other.ae_title == peer.ae_title and other.hospital != peer.hospital for other in peers[:number])
    ]


def _taken_for_others(destinations: Sequence[Destination], peers: Sequence[Peer]) -> list[str]:
    """A destination that reports to us is let in for that; what a peer of its AE title may is no matter of its own."""
    listed = {(peer.ae_title, peer.host) for peer in peers}
    return [
        f"destinations.{number}.ae_title: {entry.ae_title!r} is a peer of another hospital; it could not report to us"
        for number, entry in enumerate(destinations)
        if isinstance(entry, DimseDestination)
        and entry.proof == "commitment"
        and (entry.ae_title, entry.host) not in listed
        and any(peer.ae_title == entry.ae_title and peer.hospital != entry.hospital for peer in peers)
    ]


def _worklist_of_nobody(worklist: WorklistSettings, known: frozenset[str]) -> list[str]:
    unknown = worklist.hospital not in known
    return [f"worklist.hospital: no [[hospitals]] entry is named {worklist.hospital!r}"] if unknown else []


def load_settings(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the TOML file (none: all defaults), lay the environment over it, check everything.

    Relative paths are relative to the folder of the file, those the file leaves to their defaults too. Without a file
    they are relative to the working directory, and so are those that a variable of the environment sets.
    Raises ConfigurationError naming each place.
    """
    tree = _read_file(path) if path is not None else {}
    variables = os.environ if environment is None else environment
    overlaid, sources = _overlay(tree, variables)
    try:
        settings = Settings.model_validate(overlaid)
    except ValidationError as error:
        raise ConfigurationError([line for fault in error.errors() for line in _told(fault, sources)]) from error
    return settings if path is None else _beside_the_file(settings, path.absolute().parent, sources)


def _beside_the_file(settings: Settings, folder: Path, sources: Mapping[str, str]) -> Settings:
    """The settings with every relative path that no variable has set joined to the file's folder."""
    archive, models, site, http = settings.archive, settings.models, settings.site, settings.http
    if "archive.database" not in sources:
        archive = archive.model_copy(update={"database": _absolute_database(archive.database, folder)})
    if "archive.storage" not in sources:
        archive = archive.model_copy(update={"storage": str(folder / archive.storage)})
    if "models.store" not in sources:
        models = models.model_copy(update={"store": folder / models.store})
    if "site.codes" not in sources and site.codes is not None:
        site = site.model_copy(update={"codes": folder / site.codes})
    if "http.viewer" not in sources and http.viewer is not None:
        http = http.model_copy(update={"viewer": folder / http.viewer})
    update: dict[str, object] = {"archive": archive, "models": models, "site": site, "http": http}
    for name in ("destinations", "peers"):
        if name not in sources:
            update[name] = tuple(_with_absolute_paths(entry, folder) for entry in getattr(settings, name))
    for name in ("dimse", "worklist"):
        variables = {source.removeprefix(f"{name}.") for source in sources if source.startswith(f"{name}.")}
        update[name] = _with_absolute_paths(getattr(settings, name), folder, variables)
    return settings.model_copy(update=update)


def _with_absolute_paths(entry: _S, folder: Path, but: Set[str] = frozenset()) -> _S:
    """The entry with its relative paths joined to the folder, except those of the names in `but`."""
    found = {name: value for name, value in entry if isinstance(value, Path) and name not in but}
    return entry.model_copy(update={name: folder / path for name, path in found.items()})


def _named_database(address: str) -> str | None:
    # Loaded only for an address that was given: `dermgate convert` needs no database, and begins in half the time.
    from sqlalchemy.engine.url import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        return make_url(address).database
    except (ArgumentError, ValueError) as error:
        raise ValueError("is no address of a database") from error


def _absolute_database(address: str, folder: Path) -> str:
    from sqlalchemy.engine.url import make_url  # noqa: PLC0415

    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return address
    return url.set(database=str(folder / (url.database or ""))).render_as_string(hide_password=False)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError([f"{path}: there is no such file"]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from error


def _overlay(tree: dict[str, Any], environment: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Lay the environment over a copy of the tree; also which variable each place now comes from.

    `DERMGATE_SECTION__KEY` sets one value of a section; `DERMGATE_DESTINATIONS` and the other lists take JSON.
    Variables of the prefix that name no part of the tree are not settings and are left alone.
    """
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in tree.items()}
    sources: dict[str, str] = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        section, separator, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        field = Settings.model_fields.get(section)
        if separator:
            if field is None or not isinstance(field.default, Section):
                raise ConfigurationError([f"{variable}: there is no section {section!r}"])
            _set(merged, section, key, text)
            sources[f"{section}.{key}"] = variable
        elif field is not None and isinstance(field.default, tuple):
            merged[section] = _json_list(variable, text)
            sources[section] = variable
    return merged, sources


def _set(tree: dict[str, Any], section: str, key: str, text: str) -> None:
    values = tree.setdefault(section, {})
    if not isinstance(values, dict):
        raise ConfigurationError([f"{section}: must be a table"])
    values[key] = text


def _json_list(variable: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError([f"{variable}: is not JSON ({error})"]) from error


def _told(fault: ErrorDetails, sources: Mapping[str, str]) -> list[str]:
    """A fault with its place: where it stands in the tree, and the variable that put it there."""
    text = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:  # faults of the whole tree name their places themselves
        return text.splitlines()
    if fault["type"] == "extra_forbidden":
        text = "there is no such setting"
    elif fault["type"] == "string_pattern_mismatch":
        text = _WORDS_OF_PATTERNS.get(fault["ctx"]["pattern"], text)
    elif fault["type"] == "union_tag_invalid":
        text = "kind: is dimse or stow"
    parts = _place(fault["loc"])
    source = sources.get(".".join(parts[:2])) or sources.get(parts[0])
    return [f"{'.'.join(parts)}{f' ({source})' if source else ''}: {text}"]


def _place(location: Sequence[int | str]) -> list[str]:
    """The parts of a place as they stand in the file; the kind by which an entry was checked is none of them."""
    parts = [str(part) for part in location]
    if parts[0] == "destinations" and parts[2:3] in (["dimse"], ["stow"]):
        del parts[2]
    return parts
