"""What is wrong with settings that somebody wants: by setting, each in a sentence. Pure.

A window asks it before it closes, the rules when it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge import settings, tickets
from bridge.model.state import Account, Said
from bridge.rules.setup import names, routes
from bridge.split import WireLimit
from bridge.unread import GIVEN

WHOLE = ""
"""What is wrong with the settings together."""


def wrong(
    account: Account,
    others: Sequence[Account],
    wanted: Mapping[str, str],
    seen: Mapping[str, str],
    *,
    refs: settings.Refs,
    wire: WireLimit,
    most: int = 0,
    loopback: bool = False,
    mail: bool = True,
) -> dict[str, Said]:
    """What cannot be, by setting; seen: as `bridge.model.setup.SetupAsked` has it. most: accounts in one channel, as `routes.full`.

    loopback: tickets may go to this machine itself. mail: a server is set that takes e-mail.
    """
    found: dict[str, Said] = {}
    stands = settings.shown(account.name, account.settings)
    for name, text in wanted.items():
        if name in seen and seen[name] not in settings.seen_as(stands.get(name)):
            found[name] = Said(key="set_up.other_hand")
        elif (why := _crossed(account, others, name, text, most)) is not None:
            found[name] = why
        elif (error := _refused(account, {name: text}, refs, wire)) is not None:
            found[name] = error.said
        elif name == "ticket_sink" and not loopback and tickets.wants_loopback(text):
            found[name] = Said(key="setting.loopback", values={GIVEN: settings.given(name, text)})
        elif name == "ticket_sink" and not mail and tickets.way_of(tickets.READERS[name](text)) == "mail":
            found[name] = Said(key="set_up.no_mail")
        elif name == "ticket_timer" and _alone(account, wanted):
            found[name] = Said(key="set_up.timer_alone")
    if not found and (error := _refused(account, wanted, refs, wire)) is not None:
        found[error.setting or WHOLE] = error.said
    return found


def _alone(account: Account, wanted: Mapping[str, str]) -> bool:
    """Whether tickets are to be made by themselves while nothing says where they go. Its timer is one that can be read."""
    sink = wanted.get("ticket_sink", account.settings.ticket_sink).strip().lower()
    timer = settings.spelling.plain("ticket_timer", wanted["ticket_timer"])
    return bool(tickets.READERS["ticket_timer"](timer)) and sink in ("", "off", "none")


def _crossed(account: Account, others: Sequence[Account], name: str, text: str, most: int) -> Said | None:
    """Why a value cannot be because of another account."""
    match name:
        case "name":
            return names.clash(others, account, text)
        case "channel":
            return routes.crowded(others, account, routes.moved(account, text), most)
        case _:
            return None


def _refused(
    account: Account, wanted: Mapping[str, str], refs: settings.Refs, wire: WireLimit
) -> settings.SettingError | None:
    try:
        settings.change(account, wanted, who="", refs=refs, wire=wire)
    except settings.SettingError as error:
        return error
    return None
