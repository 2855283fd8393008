"""Moments as one DICOM object writes them (PS3.5 6.2; PS3.3 C.12.1, Timezone Offset From UTC).

DA and TM carry no zone, so that every one of an object is written at one offset, which stands in it once. It is
the site's offset when the study began: the objects of a study agree even across a change to summer time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """Writes aware moments at one offset from UTC."""

    zone: timezone

    @classmethod
    def of_site(cls, zone: tzinfo, started_at: datetime) -> "Clock":
        """The clock for a study that began at this moment, at a site in this zone."""
        offset = started_at.astimezone(zone).utcoffset() or timedelta(0)
        return cls(timezone(_MINUTE * round(offset / _MINUTE)))

    def date(self, moment: datetime) -> str:
        """DA: YYYYMMDD."""
        return f"{moment.astimezone(self.zone):%Y%m%d}"

    def time(self, moment: datetime) -> str:
        """TM: HHMMSS.FFFFFF."""
        return f"{moment.astimezone(self.zone):%H%M%S.%f}"

    def date_time(self, moment: datetime) -> str:
        """DT: YYYYMMDDHHMMSS.FFFFFF&ZZXX."""
        return f"{moment.astimezone(self.zone):%Y%m%d%H%M%S.%f%z}"

    def offset(self) -> str:
        """The offset as &ZZXX, without a colon."""
        return f"{datetime.min.replace(tzinfo=self.zone):%z}"
