"""Where tickets go and when, in words: a text becomes a setting, or a sentence that says why not. Pure.

`bridge.settings` calls the readers; `bridge.rules.desk.tickets` says when one is made.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from bridge.model.ids import PlaceRef
from bridge.model.state import Said
from bridge.model.tickets import TicketSettings
from bridge.unread import Unread

Way = Literal["webhook", "mail", "slack"]

LEAST, MOST = 60, 24 * 60
"""Minutes after which a ticket may be made by itself."""
LONGEST: Final = 2_000
"""Characters of an address."""
PREFIX: Final = "whsec_"
KEY: Final = range(24, 65)
"""Bytes of a signing secret (github.com/standard-webhooks, specification, signature scheme)."""
SLACK: Final = "slack:"
MAILTO: Final = "mailto:"
_LENGTH = re.compile(r"([0-9]{1,4})(m|h)")
_PLACE = re.compile(r"[CG][A-Z0-9]{1,30}")
_MAILBOX = re.compile(r"[^\s@,<>\"'?&]{1,64}@[A-Za-z0-9.-]{1,190}")


# ── what is set ───────────────────────────────────────────────────────────────────────────────────────────


def way_of(sink: str) -> Way | None:
    """By which way tickets go there; None: nothing is set."""
    if not sink:
        return None
    return "slack" if sink.startswith(SLACK) else "mail" if sink.startswith(MAILTO) else "webhook"


def place_of(sink: str) -> PlaceRef | None:
    """In which channel they are posted, if in one."""
    return PlaceRef(sink.removeprefix(SLACK)) if sink.startswith(SLACK) else None


def sink_in(place: PlaceRef) -> str:
    """How it is written that they are posted there."""
    return f"{SLACK}{place}"


def mailboxes(sink: str) -> str:
    """To whom they are mailed, with commas between them."""
    return sink.removeprefix(MAILTO)


def wants_loopback(sink: str) -> bool:
    """Whether it leads to this machine itself: only for trying out, where every other service is a stand-in too."""
    return way_of(sink) == "webhook" and is_loopback(urlsplit(sink).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as far as its name tells."""
    found = _literal(host)
    return host == "localhost" or host.endswith(".localhost") if found is None else found.is_loopback


# ── what may be set ───────────────────────────────────────────────────────────────────────────────────────


def _timer(text: str) -> int:
    word = text.lower()
    if word in ("", "0", "off", "false", "no"):
        return 0
    if word in ("on", "true", "yes"):
        return LEAST
    found = _LENGTH.fullmatch(word)
    minutes = 0 if found is None else int(found[1]) * (60 if found[2] == "h" else 1)
    if not LEAST <= minutes <= MOST:
        raise Unread(Said(key="setting.no_timer"))
    return minutes


def _sink(text: str) -> str:
    if text.lower() in ("", "off", "none"):
        return ""
    if text.lower().startswith(SLACK):
        place = text[len(SLACK) :].strip().upper()
        if not _PLACE.fullmatch(place):
            raise Unread(Said(key="setting.no_sink_channel"))
        return f"{SLACK}{place}"
    if text.lower().startswith(MAILTO):
        boxes = [box.strip() for box in text[len(MAILTO) :].split(",")]
        if not all(_MAILBOX.fullmatch(box) for box in boxes):
            raise Unread(Said(key="setting.no_mailbox"))
        return f"{MAILTO}{','.join(boxes)}"
    return _address(text)


def _address(text: str) -> str:
    if len(text) > LONGEST or not text.isascii() or any(each.isspace() or not each.isprintable() for each in text):
        raise Unread(Said(key="setting.no_address"))
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Unread(Said(key="setting.no_address")) from None
    if parts.scheme not in ("http", "https") or not host:
        raise Unread(Said(key="setting.no_sink"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unread(Said(key="setting.more_than_address", values={"setting": SECRET}))
    found = _literal(host)
    if found is not None and not found.is_loopback and not found.is_global:
        raise Unread(Said(key="setting.private_address"))
    if parts.scheme == "http" and not is_loopback(host):
        raise Unread(Said(key="setting.plain_address"))
    return text


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


READERS: Mapping[str, Callable[[str], Any]] = {"ticket_timer": _timer, "ticket_sink": _sink}
"""How each setting is read; Unread: what is wrong with the text, to be said after it."""
SECRET: Final = "ticket_secret"  # noqa: S105 - a setting's name
"""The setting that is none of the others: it is kept sealed, and never shown."""
SECRET_FILE: Final = "ticket_secret_file"  # noqa: S105 - likewise
"""In whose place a file may be named that holds it."""


def spelt_out(key: str, text: str) -> Said | None:
    """What is wrong with how the secret is given: it never stands in an argument, which others could read; None: nothing."""
    if key != SECRET or text.strip() in ("", "-"):
        return None
    return Said(key="setting.secret_shown", values={"setting": SECRET, "file": SECRET_FILE})


def shown(settings: TicketSettings) -> dict[str, Any]:
    """The settings under the contract's names, ready for JSON, each as it may be set again."""
    minutes = settings.ticket_timer
    length = f"{minutes // 60}h" if minutes and minutes % 60 == 0 and minutes > LEAST else f"{minutes}m"
    return {"ticket_timer": length if minutes else "off", "ticket_sink": settings.ticket_sink}


def since(before: TicketSettings, after: TicketSettings, at: datetime) -> datetime | None:
    """When the timer was last switched on, where *after* follows *before* at *at*."""
    on = after.ticket_timer and after.ticket_sink
    return at if on and not (before.ticket_timer and before.ticket_sink) else before.ticket_from


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys of a signing secret: the first signs, all verify. ValueError says what is wrong, and never shows it."""
    return tuple(_key(each.strip()) for each in secret.split(","))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in KEY:
        raise ValueError(f"is no signing secret: {PREFIX} and base64 of {KEY[0]} to {KEY[-1]} bytes")
    return key
