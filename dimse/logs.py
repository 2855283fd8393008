"""Keeps pynetdicom's own words out of our logs: it prints requests, data sets and raw bytes, identity among them.

What matters of an association is logged by this package itself, with AE titles and UIDs only.
"""

import logging

from pynetdicom import _config


def silence_pynetdicom() -> None:
    """Stop pynetdicom from logging anything and from formatting what it would log; may be called repeatedly.

    These switches are the library's, and hold for the whole process; associations made later obey them.
    """
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
