"""The reading side of an association that we serve: C-STORE requests go past pynetdicom, the rest to it."""

import logging
from typing import TYPE_CHECKING

from pynetdicom.dul import DULServiceProvider

from dimse.incoming_message import NoStore, ObjectTooLong
from dimse.pdata import MalformedPdata
from dimse.receiving import StoreService
from dimse.store_messages import MalformedCommand
from dimse.transport import TRANSPORT_CLOSED, BoundedSocket

if TYPE_CHECKING:
    from pynetdicom.association import Association

logger = logging.getLogger(__name__)

ESTABLISHED = "Sta6"
INVALID_PDU = "Evt19"
"""The state machine's names (PS3.8 tables 9-1 and 9-2)."""

LINGER_SECONDS = 0.05
"""How long is waited for the next request right behind the last one, without going round by the library's loop."""


class StoreReader(DULServiceProvider):
    """Reads for an association, in its thread; `stores` takes what is stored."""

    def __init__(self, association: "Association", stores: StoreService) -> None:
        super().__init__(association)
        self._stores = stores

    def _read_pdu_data(self) -> None:
        connection = self.socket
        if isinstance(connection, BoundedSocket) and self._is_between_messages(connection):
            self._read_stores(connection)
        else:
            super()._read_pdu_data()

    def _is_between_messages(self, connection: BoundedSocket) -> bool:
        return (
            self.state_machine.current_state == ESTABLISHED
            and not connection.has_handed_back
            and self.assoc.dimse.message is None
        )

    def _read_stores(self, connection: BoundedSocket) -> None:
        # The association's own thread has nothing to look after meanwhile, a thousand times a second as it is.
        self.assoc._reactor_checkpoint.clear()  # noqa: SLF001 - the library offers no other way
        try:
            self._stores.serve_one(self.assoc, connection)
            while self._more_comes(connection):
                self._stores.serve_one(self.assoc, connection)
        except NoStore:
            super()._read_pdu_data()
        except (MalformedPdata, MalformedCommand):
            self.event_queue.put(INVALID_PDU)
        except ObjectTooLong as error:
            logger.warning("association from %s aborted: %s", self.assoc.requestor.address, error)
            self.assoc.abort(block=False)
        except OSError:
            self.event_queue.put(TRANSPORT_CLOSED)
        finally:
            self._idle_timer.restart()
            self.assoc._reactor_checkpoint.set()  # noqa: SLF001 - as above

    def _more_comes(self, connection: BoundedSocket) -> bool:
        return not self._kill_thread and self.to_provider_queue.empty() and connection.waits_for(LINGER_SECONDS)
