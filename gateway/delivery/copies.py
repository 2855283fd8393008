"""Secondary Capture copies for destinations that know no photographic SOP class."""

from functools import partial
from io import BytesIO

from pydicom import Dataset, dcmread
from pydicom.filewriter import dcmwrite

from dimse.errors import UnavailableInstance
from dimse.fallback import CannotCopy, Copy, CopyMaker
from dimse.outgoing import OutgoingInstance
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.secondary_capture import as_secondary_capture

MAX_COPIED_BYTES = 256 * 1024 * 1024
"""Of a data set, held in memory twice while it is copied; photos that are taken in are far below."""


def secondary_captures(software_version: str, uid_root: str) -> CopyMaker:
    """A maker of copies: of a photo always the same one, the coded picture as it is; of anything else none."""

    def copy(instance: OutgoingInstance) -> Copy:
        with instance.opened() as data_set:
            if data_set.length > MAX_COPIED_BYTES:
                raise CannotCopy("it is too large for a Secondary Capture copy")
            file = data_set.whole_file()
        ds, copied = _captured(file, software_version, uid_root)
        outgoing = OutgoingInstance(
            str(ds.SOPClassUID),
            str(ds.SOPInstanceUID),
            str(ds.file_meta.TransferSyntaxUID),
            partial(BytesIO, copied),
        )
        return Copy(outgoing, str(ds.SeriesInstanceUID))

    return copy


def _captured(file: bytes, software_version: str, uid_root: str) -> tuple[Dataset, bytes]:
    """The copy, and its file."""
    written = BytesIO()
    try:
        ds = as_secondary_capture(dcmread(BytesIO(file)), software_version=software_version, uid_root=uid_root)
        dcmwrite(written, ds, enforce_file_format=True)
    except MemoryError as error:
        raise UnavailableInstance("too little memory to copy it as Secondary Capture") from error
    except InvalidFactsError as error:
        raise CannotCopy("only photos have a Secondary Capture copy") from error
    except Exception as error:  # what others stored may hold anything; no object may stop a courier
        raise CannotCopy(f"a Secondary Capture copy cannot be made ({type(error).__name__})") from error
    return ds, written.getvalue()
