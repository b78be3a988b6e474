"""Deliveries of one account and one customer on each network, and what is read of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bridge.meta.envelope import split
from bridge.meta.parse import MetaParser
from bridge.model.facts import CustomerWrote, Fact
from bridge.model.outcomes import RawItem
from bridge.model.state import Known

HEARD = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
PAGE, PERSON = "104857600000001", "7200000000000011"
IGID, IGSID = "17841400000000077", "900000000000001"
EVENT_TIME = datetime(2026, 2, 26, 22, 0, 0, 100_000, tzinfo=UTC)
MILLISECONDS = int(EVENT_TIME.timestamp() * 1000)
MEANT_FOR_PEOPLE = "https://www.instagram.com/p/Cabc/"


def item(what: dict[str, Any], *, instagram: bool = False, **more: Any) -> dict[str, Any]:
    """One item of a customer."""
    customer, account = (IGSID, IGID) if instagram else (PERSON, PAGE)
    return {"sender": {"id": customer}, "recipient": {"id": account}, "timestamp": MILLISECONDS} | what | more


def echo(message: dict[str, Any]) -> dict[str, Any]:
    """One item of what the business said."""
    ends = {"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": MILLISECONDS}
    return ends | {"message": message | {"is_echo": True}}


def delivery(*items: Any, instagram: bool = False, container: str = "messaging") -> bytes:
    """The body of a delivery."""
    entry = {"id": IGID if instagram else PAGE, "time": MILLISECONDS + 400, container: list(items)}
    return json.dumps({"object": "instagram" if instagram else "page", "entry": [entry]}).encode()


def read(raw: RawItem) -> Fact:
    """What an item says."""
    return MetaParser().read(raw, Known(), None)


def only(body: bytes) -> RawItem:
    """The one item of a delivery."""
    (found,) = split(body, HEARD)
    return found


def told(what: dict[str, Any], *, instagram: bool = False) -> CustomerWrote:
    """What one item of a customer says."""
    fact = read(only(delivery(item(what, instagram=instagram), instagram=instagram)))
    assert isinstance(fact, CustomerWrote)
    return fact
