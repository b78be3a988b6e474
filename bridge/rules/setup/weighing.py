"""What is wrong with settings that somebody wants: by setting, each in a sentence. Pure.

A window asks it before it closes, the rules when it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge import settings
from bridge.model.state import Account, Said
from bridge.rules.setup import routes
from bridge.split import WireLimit

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
) -> dict[str, Said]:
    """What cannot be, by setting; seen: as `bridge.model.setup.SetupAsked` has it. most: accounts in one channel, as `routes.full`."""
    found: dict[str, Said] = {}
    stands = settings.shown(account.name, account.settings)
    for name, text in wanted.items():
        if name in seen and seen[name] not in settings.seen_as(stands.get(name)):
            found[name] = Said(key="set_up.other_hand")
        elif name == "name" and name_taken(text, others):
            found[name] = Said(key="set_up.name_taken")
        elif name == "channel" and (why := routes.crowded(others, account, routes.moved(account, text), most)):
            found[name] = why
        elif (error := _refused(account, {name: text}, refs, wire)) is not None:
            found[name] = error.said
    if not found and (error := _refused(account, wanted, refs, wire)) is not None:
        found[error.setting or WHOLE] = error.said
    return found


def name_taken(name: str, others: Sequence[Account]) -> bool:
    """Whether another account of the workspace is called so, in whatever letters."""
    return " ".join(name.split()).casefold() in {each.name.casefold() for each in others}


def _refused(
    account: Account, wanted: Mapping[str, str], refs: settings.Refs, wire: WireLimit
) -> settings.SettingError | None:
    try:
        settings.change(account, wanted, who="", refs=refs, wire=wire)
    except settings.SettingError as error:
        return error
    return None
