"""What a model must reach before it is handed over: a policy, read strictly from a TOML file.

Numbers are kept as they stand in the file (decimal), so that a share can be compared with them exactly: 4 of 5 is
not above 0.8, whatever binary fractions say.
"""

import hashlib
import json
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from trainer.errors import BadPolicy

MAX_POLICY_BYTES = 64 * 1024
BUNDLED = Path(__file__).parent / "policy.toml"

By = Literal["observed", "wilson", "patients"]
"""Which number must reach a limit: as counted, or a lower end of its 95 % interval."""


def _as_decimal(value: Any) -> Any:
    # Text and booleans are no numbers, though Decimal would take them.
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004  # pydantic turns ValueError into a fault with its place
    return Decimal(value) if isinstance(value, int) else value


# Places are bounded, or 1e-999999 would become a fraction of a million digits.
Share = Annotated[Decimal, BeforeValidator(_as_decimal), Field(ge=0, le=1, max_digits=12, decimal_places=9)]
ShareBelowOne = Annotated[Decimal, BeforeValidator(_as_decimal), Field(ge=0, lt=1, max_digits=12, decimal_places=9)]
Amount = Annotated[Decimal, BeforeValidator(_as_decimal), Field(gt=0, le=1_000_000, max_digits=12, decimal_places=4)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Label = Annotated[str, Field(min_length=1, max_length=64)]


class PolicySection(BaseModel):
    """A part of a policy: immutable, and no key in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AccuracyRule(PolicySection):
    """Accuracy must lie strictly above `threshold`."""

    threshold: ShareBelowOne
    by: By = "observed"


class BalancedAccuracyRule(PolicySection):
    """Mean recall of the classes."""

    at_least: Share
    by: Literal["observed", "patients"] = "observed"


class RecallRule(PolicySection):
    """Least recall of each class: the one named in `classes`, else `default`."""

    default: Share = Decimal(0)
    by: Literal["observed", "wilson"] = "observed"
    classes: dict[Label, Share] = Field(default_factory=dict, max_length=10_000)

    def floor(self, label: str) -> Decimal:
        """Give the least recall of a class."""
        return self.classes.get(label, self.default)


class CalibrationRule(PolicySection):
    """Expected calibration error over ten bins of equal width."""

    error_at_most: Share


class ServedRule(PolicySection):
    """How much lower than the served model's the accuracy may be, on the same photos."""

    margin: Share = Decimal(0)
    by: Literal["observed", "patients"] = "observed"


class PhotosRule(PolicySection):
    """On how many held-out photos, photos of each class and patients the numbers must stand."""

    at_least: Count = 0
    each_class_at_least: Count = 0
    patients_at_least: Count = 0


class SuitabilityRule(PolicySection):
    """What is asked of a suitability model alone: the share of usable photos that it lets through."""

    usable_passed_at_least: Share


class LimitsRule(PolicySection):
    """What the file may cost: its size in megabytes of 1 000 000 bytes, and the time of one photo on one thread."""

    file_megabytes_at_most: Amount | None = None
    milliseconds_at_most: Amount | None = None


class Int8Rule(PolicySection):
    """When the int8 file is handed over in place of the float32 one, beside passing the same gate."""

    accuracy_drop_at_most: Share = Decimal("0.005")
    verdicts_agree_at_least: Share = Decimal("0.99")
    faster_by_at_least: ShareBelowOne = Decimal("0.15")


class Policy(PolicySection):
    """All that is asked of a model. A rule that is None is not checked."""

    accuracy: AccuracyRule
    balanced_accuracy: BalancedAccuracyRule | None = None
    recall: RecallRule | None = None
    calibration: CalibrationRule | None = None
    served: ServedRule | None = None
    photos: PhotosRule | None = None
    suitability: SuitabilityRule | None = None
    limits: LimitsRule | None = None
    int8: Int8Rule | None = None

    def with_threshold(self, threshold: float | str | Decimal) -> Self:
        """The same policy with another threshold of accuracy; a float is taken as it is written, 0.1 as 1/10.

        Raises BadPolicy unless it is at least 0 and below 1.
        """
        asked = self.model_dump()
        asked["accuracy"]["threshold"] = Decimal(str(threshold))
        try:
            return self.model_validate(asked)
        except ValidationError as error:
            raise BadPolicy(_faults("asked for", error)) from error

    def fingerprint(self) -> str:
        """SHA-256 of what the policy says, whatever comments and order its file has."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def exactly(number: Decimal) -> Fraction:
    """The number as it stands in the file."""
    return Fraction(number)


def threshold_alone(threshold: float | str | Decimal) -> Policy:
    """A policy that asks for accuracy strictly above `threshold` and nothing else. Raises BadPolicy."""
    return Policy(accuracy=AccuracyRule(threshold=Decimal(0))).with_threshold(threshold)


def bundled_policy() -> Policy:
    """The policy that comes with the package."""
    return read_policy(BUNDLED)


def read_policy(path: Path) -> Policy:
    """Read a policy from a file. Raises BadPolicy, which names each key that is unknown or has a bad value."""
    try:
        if path.stat().st_size > MAX_POLICY_BYTES:
            raise BadPolicy([f"{path.name} has more than {MAX_POLICY_BYTES} bytes"])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadPolicy([f"{path.name} cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise BadPolicy([f"{path.name} is not text in UTF-8"]) from error
    return parse_policy(text, path.name)


def parse_policy(text: str, name: str = "policy") -> Policy:
    """Read a policy from TOML; `name` stands before each fault. Raises BadPolicy."""
    try:
        return Policy.model_validate(tomllib.loads(text, parse_float=Decimal))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadPolicy([f"{name}: {error}"]) from error
    except ValidationError as error:
        raise BadPolicy(_faults(name, error)) from error


def _faults(name: str, error: ValidationError) -> list[str]:
    return [f"{name}: {_fault(detail['loc'], detail['type'], detail['msg'])}" for detail in error.errors()]


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(str(step) for step in place)
    if kind == "extra_forbidden":
        return f"{where} is no key that is known"
    if kind == "missing":
        return f"{where} is missing"
    words = message.removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("Decimal input should ")
    return f"{where}: {_as_demand(words)}"


def _as_demand(words: str) -> str:
    if words.startswith("must"):
        return words
    return f"must {words}" if words.startswith("have") else f"must be {words}"
