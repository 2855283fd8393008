"""Who is calling and what they may do: the only source of permission, handed to every service function."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from gateway.config import DEFAULT_HOSPITAL


class Permission(StrEnum):
    """One thing a caller may be allowed to do."""

    SUBMIT_PHOTOS = "photos.submit"
    READ_PHOTOS = "photos.read"
    DELETE_PHOTOS = "photos.delete"
    STORE_INSTANCES = "instances.store"
    READ_INSTANCES = "instances.read"
    DELETE_INSTANCES = "instances.delete"
    READ_WORKITEMS = "workitems.read"
    WRITE_WORKITEMS = "workitems.write"
    READ_EVENTS = "events.read"
    READ_LABELS = "labels.read"
    READ_SAMPLE_FACTS = "labels.read_facts"
    WRITE_LABELS = "labels.write"
    WRITE_RULE_LABELS = "labels.write_rule"
    REVIEW = "referrals.review"
    RECONCILE = "cases.reconcile"
    READ_DELIVERIES = "deliveries.read"
    MANAGE_DELIVERIES = "deliveries.manage"
    READ_MODELS = "models.read"
    READ_LIBRARY = "library.read"
    WRITE_LIBRARY = "library.write"
    REPORT_TRAINING = "models.report"
    READ_METRICS = "metrics.read"


class Role(StrEnum):
    """What kinds of caller there are."""

    ADMINISTRATOR = "administrator"
    APP = "app"
    CLINICIAN = "clinician"
    VIEWER = "viewer"
    MODALITY = "modality"
    GATEWAY = "gateway"
    TRAINER = "trainer"
    MONITOR = "monitor"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.APP: frozenset(
        {
            Permission.SUBMIT_PHOTOS,
            Permission.READ_PHOTOS,
            Permission.READ_EVENTS,
            Permission.READ_MODELS,
            Permission.READ_LIBRARY,
        }
    ),
    Role.CLINICIAN: frozenset(
        {
            Permission.SUBMIT_PHOTOS,
            Permission.READ_PHOTOS,
            Permission.READ_INSTANCES,
            Permission.READ_WORKITEMS,
            Permission.WRITE_WORKITEMS,
            Permission.READ_EVENTS,
            Permission.READ_LABELS,
            Permission.WRITE_LABELS,
            Permission.WRITE_RULE_LABELS,
            Permission.REVIEW,
            Permission.RECONCILE,
            Permission.READ_DELIVERIES,
            Permission.READ_MODELS,
            Permission.READ_LIBRARY,
            Permission.WRITE_LIBRARY,
        }
    ),
    Role.VIEWER: frozenset({Permission.READ_INSTANCES, Permission.READ_EVENTS}),
    Role.MODALITY: frozenset({Permission.STORE_INSTANCES, Permission.READ_WORKITEMS, Permission.WRITE_WORKITEMS}),
    Role.GATEWAY: frozenset({Permission.STORE_INSTANCES, Permission.READ_INSTANCES}),
    Role.TRAINER: frozenset(
        {
            Permission.READ_LABELS,
            Permission.READ_SAMPLE_FACTS,
            Permission.WRITE_RULE_LABELS,
            Permission.READ_PHOTOS,
            Permission.READ_MODELS,
            Permission.REPORT_TRAINING,
        }
    ),
    Role.MONITOR: frozenset({Permission.READ_METRICS, Permission.READ_DELIVERIES}),
}


class NotPermitted(Exception):
    """The caller may not do this."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"this needs the permission {permission.value}")
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: the rows of some hospitals (None: of all), of one patient where `patient` is set."""

    hospitals: frozenset[str] | None
    patient: str | None = None

    def sees(self, hospital: str) -> bool:
        """Whether rows of this hospital are in the scope."""
        return self.hospitals is None or hospital in self.hospitals


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks: an id, roles, the hospitals they act for (None: all), the patient they are (or None)."""

    id: str
    roles: Set[Role]
    hospitals: frozenset[str] | None
    patient: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles has the permission."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    def require(self, permission: Permission) -> Scope:
        """The scope for an act that needs `permission`; raises NotPermitted without it."""
        if not self.may(permission):
            raise NotPermitted(permission)
        return Scope(self.hospitals, self.patient)

    def require_hospital_wide(self, permission: Permission) -> Scope:
        """As `require`, for what names no patient: whoever may see one patient alone may not do it."""
        scope = self.require(permission)
        if scope.patient is not None:
            raise NotPermitted(permission)
        return scope

    @property
    def home(self) -> str:
        """The hospital that new rows of this caller belong to."""
        if self.hospitals is None or DEFAULT_HOSPITAL in self.hospitals:
            return DEFAULT_HOSPITAL
        return min(self.hospitals)


LOCAL_ADMINISTRATOR = Caller(id="local", roles=frozenset({Role.ADMINISTRATOR}), hospitals=None)
"""A caller on loopback without a key, as long as no key exists."""

SYSTEM = Caller(id="system", roles=frozenset({Role.ADMINISTRATOR}), hospitals=None)
"""The gateway itself, for work nobody asked for at the moment it is done."""
