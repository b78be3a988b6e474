"""``/bridge hours``: when each account is open, and hours as they are typed after an account's name. Pure.

Rule 1: whatever cannot be read is answered with what it was, and a command that can be pasted.
Rule 2: hours always count in a zone that somebody has named: the command's, the account's own, the asker's in Slack, or
the one that the other accounts share.
"""

import re
from collections.abc import Sequence
from zoneinfo import available_timezones

from bridge import hours
from bridge.model.automatic import AutomaticSettings
from bridge.model.setup import Change
from bridge.model.state import Account
from bridge.settings import spelling, zones
from bridge.slack.phrase import Json, Phrase, Words, phrase
from bridge.slack.setup import accounts, spoken
from bridge.slack.setup.accounts import in_blocks
from bridge.slack.setup.room import Page, Room, Want, saying
from bridge.unread import Unread

_DAY = r"(?:mon(?:days?)?|tue(?:s|sdays?)?|wed(?:nesdays?)?|thu(?:r|rs|rsdays?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?)"
_SEVERAL = r"(?:weekdays?|weekends?|daily|every\s?day)"
_JA = r"(?:平日|毎日|全日|週末|[月火水木金土日](?:曜日?)?)"
_JA_DAYS = rf"(?<!\S){_JA}(?:(?:\s*(?:[-~〜‐-―−ー、・,]|から)\s*)?{_JA})*\s*(?:午前|午後)?[0-9０-９].*"
_ALWAYS = r"(?:\balways|(?<!\S)(?:いつでも|常時|24時間(?:営業|365日)?))$"
DAYS = re.compile(rf"\b(?:from\s+)?(?:{_DAY}|{_SEVERAL})\b.*|{_JA_DAYS}|{_ALWAYS}", re.IGNORECASE)
"""Where hours begin; what stands before them names an account."""
ZONE = re.compile(r"(?:^|(?<=[0-9時分半mM.])\s+)([A-Za-z_]+(?:/[A-Za-z0-9_+/-]+)*)$")
DEFAULT = AutomaticSettings().zone
"""Of accounts for which nobody has said one."""


def listing(room: Room, some: Sequence[Account]) -> Json:
    """Return when accounts are open."""
    page = Page()
    page.heading(room.wording.say("command.hours"))
    lines: list[Phrase] = []
    for each in some:
        settings = each.settings
        title: Phrase = (Words(text=each.name, bold=True), f" · {room.network(each)} · ")
        shown = spelling.spelt("hours", settings.hours, room.wording)
        written: Phrase = (f"`{shown}` {settings.zone}",) if settings.hours else room.said("command.hours_always")
        lines.append((*title, *written))
    for some_lines in in_blocks(lines):
        page.say(*some_lines)
    example = room.handle(some[0])
    page.small(room.said("command.hours_help", account=example) if room.may() else room.who_may())
    return page.json()


def answer(room: Room) -> Json | Want:
    """Return when accounts are open; behind hours what is wanted, or what was not understood."""
    there, typed = room.survey.accounts, room.asked.rest
    if not there:
        return accounts.listing(room)
    if not typed:
        return listing(room, there)
    name, given = split(typed, there)
    account = accounts.about(room, name, lambda each: f"hours {each} {given}".strip())
    if not given:
        return account if isinstance(account, dict) else listing(room, [account])
    if isinstance(account, Account) and (refused := room.refused(account)) is not None:
        return saying(refused)
    text, zone = zoned(given)
    if (why := _unread(room, text, zone)) is not None:
        meant = account if isinstance(account, Account) else there[0]
        example = room.handle(meant)
        return saying(
            room.said(
                "command.hours_unread", given=Words(text=spoken.typed(spoken.pasted(given))), why=why, account=example
            )
        )
    if isinstance(account, dict):
        return account
    values = {"hours": text} if text else {}
    counts = zone or (None if spelling.plain("hours", text) == hours.EVERY else _counted(room, account))
    return Want(change=Change.SETTINGS, account=account, values=values | ({"zone": counts} if counts else {}))


def split(text: str, there: Sequence[Account]) -> tuple[str, str]:
    """Return what names an account, perhaps nothing, and what stands behind it: hours as they were typed, perhaps nothing."""
    words = text.split()
    starts = [(" ".join(words[:count]), " ".join(words[count:])) for count in range(len(words), 0, -1)]
    for name, rest in starts:
        if spoken.exactly(name, there):
            return name, rest
    if (found := DAYS.search(text)) is not None:
        return text[: found.start()].strip(), found[0].strip()
    for name, rest in starts:
        meant = spoken.which(name, there)
        if meant.account is not None or meant.several:
            return name, rest
    digits = next((at for at, word in enumerate(words) if word[0].isdigit()), len(words))
    return " ".join(words[:digits]), " ".join(words[digits:])


def zoned(given: str) -> tuple[str, str]:
    """Return hours, and the zone that was typed behind them or alone; either may be nothing."""
    line = given.replace("日本時間", " JST").strip()
    found = ZONE.search(line)
    if found is None or DAYS.fullmatch(found[1]):
        return line, ""
    return line[: found.start()].strip(), zones.named(found[1])


def wants_zone(room: Room) -> bool:
    """Whether it must be known which zone the asker's clock shows: hours are given without one, for an account without one."""
    given = split(room.asked.rest, room.survey.accounts)[1] if room.asked.rest else ""
    return bool(given) and not zoned(given)[1]


def known_zone(name: object) -> str | None:
    """Return a zone that Slack tells, where it is one."""
    return name if isinstance(name, str) and name in available_timezones() else None


def _counted(room: Room, account: Account) -> str | None:
    """Return the zone in which hours count for which none was typed; None: the account's own, as it stands."""
    settings = account.settings
    if settings.zone != DEFAULT or settings.hours or settings.digest or settings.quiet:
        return None
    others = {each.settings.zone for each in room.survey.accounts if each.settings.zone != DEFAULT}
    shared = next(iter(others)) if len(others) == 1 else None
    return room.zone or shared


def _unread(room: Room, text: str, zone: str) -> Phrase | None:
    """Say why hours or their zone cannot be read; None: they can."""
    try:
        if zone:
            hours.zone_named(zone)
    except Unread:
        return room.said("command.no_zone", zone=Words(text=spoken.typed(zone)))
    try:
        if text:
            hours.parse(spelling.plain("hours", text))
    except Unread as unread:
        values = {name: Words(text=spoken.typed(str(each))) for name, each in unread.said.values.items()}
        return phrase(room.wording, unread.said.key, values)
    return None
