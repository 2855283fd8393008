"""Workitems as somebody would ask for them, in DICOM JSON."""

from dicomweb.archive import JsonObject

HOLDER, STRANGER = "1.2.3.777", "1.2.3.888"


def element(vr: str, *values: object) -> JsonObject:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def wanted(**elements: JsonObject) -> JsonObject:
    """A workitem to be created; `elements` as t00100020=… replace its own or add to them."""
    members = {
        "00100010": element("PN", {"Alphabetic": "Hong^Gildong", "Phonetic": "홍^길동"}),
        "00100020": element("LO", "P-1"),
        "00404005": element("DT", "20260305093000+0900"),
        "00404018": element("SQ"),
        "00404041": element("CS", "READY"),
        "00741000": element("CS", "SCHEDULED"),
        "00741200": element("CS", "MEDIUM"),
        "00741204": element("LO", "Judge the photos of a case"),
    }
    return members | {name.removeprefix("t"): value for name, value in elements.items()}


def change_to(state: str, transaction_uid: str | None = HOLDER) -> JsonObject:
    """A request for another state."""
    given = {} if transaction_uid is None else {"00081195": element("UI", transaction_uid)}
    return given | {"00741000": element("CS", state)}


def code(value: str, meaning: str) -> JsonObject:
    return {"00080100": element("SH", value), "00080102": element("SH", "99TEST"), "00080104": element("LO", meaning)}


def performed() -> JsonObject:
    """An update that says what was done, as much as a completion needs."""
    item = {
        "00404019": element("SQ", code("judge", "Judge photos")),
        "00404028": element("SQ", code("worker-1", "Worker 1")),
        "00404050": element("DT", "20260305100000+0900"),
        "00404051": element("DT", "20260305100200+0900"),
    }
    return {"00741216": element("SQ", item)}
