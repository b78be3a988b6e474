"""What may be set for an account: a text becomes a value, or a sentence that says why not. Pure.

The command line and Slack's windows call this; what a person, a group or a place looks like is the desk's
knowledge, and handed in as `Refs`.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bridge import aliases, automatic, tickets
from bridge.model.change import replace
from bridge.model.ids import GroupRef, PersonRef, PlaceRef
from bridge.model.state import Account, AccountSettings, CardField, Said, Value
from bridge.model.word import Word
from bridge.policy import MOST_PARTS
from bridge.settings import reading, spelling
from bridge.settings.reading import ALL, OFF, ON
from bridge.settings.reading import SettingError as SettingError
from bridge.settings.reading import given as given
from bridge.split import WireLimit
from bridge.unread import GIVEN, Unread

MOST_NAME = 80
"""Characters of an account's name."""
MOST_DAYS = 3_650
MOST_PEOPLE = 200
"""Owners, or agents, of one account."""

NEAR = 0.75
"""How alike a name must be to one that can be set for that one to be meant, from 0 to 1."""

PEOPLE = {"agents": "agent_groups", "leads": "lead_groups", "on_call": "on_call_groups"}
"""Settings that name people and groups: what holds the groups."""
MEDIA = ("upload", "link")
"""What becomes of files that customers send."""
EMOJI = re.compile(r"[a-z0-9_+'-]{1,80}")
"""What the desk calls an emoji."""
MODES = ("all", "explicit", "undo")
"""Which of an agent's messages go to the customer."""
SIGNATURES = ("none", "first", "alias")
"""What customers read of who answered."""
REAUTH = range(1, 366)
"""Days within which an operator may want another login."""
UNDO = range(5, 31)
"""Seconds in which an answer can be stopped."""


class Refs(Word, kw_only=True):
    """How the desk reads what an operator types; each gives None for what is none of it."""

    place: Callable[[str], PlaceRef | None]
    person: Callable[[str], PersonRef | None]
    group: Callable[[str], GroupRef | None]
    emoji: Callable[[str], str | None]
    """The characters of the desk's emoji of this name."""


class Audit(Word, kw_only=True):
    """What is kept of a change: who, what, and the settings before and after; never words, never secrets."""

    who: str
    action: str
    object: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class Changed(Word, kw_only=True):
    """What an account looks like afterwards. audit: None when nothing is different."""

    name: str
    settings: AccountSettings
    audit: Audit | None


def change(account: Account, pairs: Mapping[str, str], *, who: str, refs: Refs, wire: WireLimit) -> Changed:
    """Set each name to its text, all or none; SettingError for the first that cannot be.

    wire: what one message to this account's customers may hold.
    """
    name, settings = account.name, account.settings
    for key, text in pairs.items():
        if key == "name":
            name = _name(text)
        else:
            settings = replace(settings, **_values(key, text, refs, wire))
    if (long := automatic.too_long(settings, name, wire)) is not None:
        raise SettingError(Said(key="setting.long_words", values={"setting": long}), setting=long)
    before, after = shown(account.name, account.settings), shown(name, settings)
    changed = [key for key in after if before[key] != after[key]]
    audit = Audit(
        who=who,
        action="account.set",
        object=subject(account),
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
    )
    return Changed(name=name, settings=settings, audit=audit if changed else None)


def dated(before: AccountSettings, after: AccountSettings, at: datetime) -> AccountSettings:
    """The settings as they are kept: with when answers ceased to need a mark, if ever."""
    ceased = before.answer_mode == "explicit" and after.answer_mode != "explicit"
    until = at if ceased else before.marked_until
    return replace(after, marked_until=until, ticket_from=tickets.since(before, after, at))


def parse(pairs: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts; SettingError for another form, an unknown name, or a name given twice."""
    found: dict[str, str] = {}
    for count, pair in enumerate(pairs, 1):
        key, sign, text = pair.partition("=")
        key = key.strip().lower().replace("-", "_")
        if not sign:
            # not shown: it may be a secret in the wrong place
            raise SettingError(Said(key="setting.no_pair", values={"count": count}))
        check_name(key)
        if (wrong := tickets.spelt_out(key, text)) is not None:
            raise SettingError(wrong)
        if key in found:
            raise SettingError(Said(key="setting.twice", values={"setting": key}))
        found[key] = text.strip()
    return found


def check_name(key: str) -> None:
    """SettingError unless *key* may be set in this release."""
    if key in SETTABLE or key == tickets.SECRET_FILE:
        return
    near = difflib.get_close_matches(key, SETTABLE, n=1, cutoff=NEAR)
    named: dict[str, Value] = {"given": reading.quoted(key)}
    if near:
        raise SettingError(Said(key="setting.unknown_near", values={**named, "near": near[0]}))
    raise SettingError(Said(key="setting.unknown", values={**named, "known": ", ".join(SETTABLE)}))


def shown(name: str, settings: AccountSettings) -> dict[str, Any]:
    """An account's settings under the contract's names, ready for JSON."""
    return {
        "name": name,
        "channel": settings.channel,
        "alerts_channel": settings.alerts_channel,
        "owners": list(settings.owners),
        "agents": [*settings.agents, *settings.agent_groups],
        "leads": [*settings.leads, *settings.lead_groups],
        "human_agent": settings.human_agent,
        "media": settings.media,
        "video_out": settings.video_out,
        "card_fields": [field.value for field in (CardField if settings.card_fields is None else settings.card_fields)],
        "ceiling": settings.ceiling,
        "answer_mode": settings.answer_mode,
        "undo_seconds": settings.undo_seconds,
        "explicit_sign": settings.explicit_sign,
        "signature": settings.signature,
        "aliases": aliases.shown(settings.aliases),
        "seen": settings.seen,
        "reactions_out": _reactions_shown(settings.reactions_out),
        "comments": settings.comments,
        "collisions": settings.collisions,
        "reopen_days": settings.reopen_days,
        "reauth_days": settings.reauth_days or "",
        "shared_channel": settings.shared_channel,
        "alert_standard": reading.lead_shown(settings.alert_standard),
        "alert_human": reading.lead_shown(settings.alert_human),
        "on_call": [*settings.on_call, *settings.on_call_groups],
        "quiet": settings.quiet,
        **automatic.shown(settings),
        **tickets.shown(settings),
    }


def as_text(value: object) -> str:
    """A shown setting as somebody would type it."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return ("on" if value else "off") if isinstance(value, bool) else "" if value is None else str(value)


def mark(text: str) -> str:
    """What tells a setting's text from others, where there is no room for all of it."""
    return f"#{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:12]}"


def seen_as(value: object) -> tuple[str, str]:
    """How a shown setting is named by whoever has looked at it: by its text, or by the mark of that."""
    text = as_text(value)
    return text, mark(text)


def subject(account: Account) -> str:
    """How an account is called on the command line and in the audit."""
    return f"{account.platform.value}:{account.remote_id}"


def _values(key: str, text: str, refs: Refs, wire: WireLimit) -> dict[str, Any]:
    """The fields of `AccountSettings` that one setting changes; what cannot be read is quoted as it was typed."""
    plain = spelling.plain(key, text)
    try:
        return _fields(key, plain, refs, wire)
    except SettingError as error:
        if plain == text or GIVEN not in error.said.values:
            raise
        values = {**error.said.values, GIVEN: reading.given(key, text)}
        raise SettingError(replace(error.said, values=values), setting=error.setting) from None


def readable(key: str, text: str) -> bool:
    """Whether a setting that needs nothing but itself can be read so; of others it is not asked."""
    try:
        if key in PLAIN:
            PLAIN[key](key, text)
        elif key in READERS:
            READERS[key](text)
    except (SettingError, Unread):
        return False
    return key != "ceiling" or (text.isascii() and text.isdigit())


def _fields(key: str, text: str, refs: Refs, wire: WireLimit) -> dict[str, Any]:
    match key:
        case "channel":
            return {key: _place(key, text, refs)}
        case "alerts_channel":
            return {key: _place(key, text, refs) if text else None}
        case "owners":
            return {key: _people(key, text, refs, groups=False)[0]}
        case _ if key in PEOPLE:
            people, groups = _people(key, text, refs, groups=True)
            return {key: people, PEOPLE[key]: groups}
        case "aliases":
            return {key: _read(key, text, partial(aliases.read, person=refs.person))}
        case "ceiling":
            return {key: _ceiling(text, wire)}
        case "reactions_out":
            return {key: _reactions(key, text, refs)}
        case _ if key in PLAIN:
            return {key: PLAIN[key](key, text)}
        case _ if key in READERS:
            return {key: _read(key, text, READERS[key])}
        case _:
            check_name(key)
            raise SettingError(Said(key="setting.not_this_way", values={"setting": key}))


def _read(key: str, text: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(text)
    except Unread as error:
        values = {**error.said.values, GIVEN: reading.given(key, text)}
        raise SettingError(replace(error.said, values=values)) from None


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or any(unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} for character in name):
        raise SettingError(Said(key="setting.no_name"))
    if len(name) > MOST_NAME:
        raise SettingError(Said(key="setting.long_name", values={"count": len(name), "most": MOST_NAME}))
    return name


def _place(key: str, text: str, refs: Refs) -> PlaceRef:
    place = refs.place(text)
    if place is None:
        raise SettingError(Said(key="setting.no_channel", values={"given": reading.given(key, text)}))
    return place


def _people(key: str, text: str, refs: Refs, *, groups: bool) -> tuple[tuple[PersonRef, ...], tuple[GroupRef, ...]]:
    people: dict[PersonRef, None] = {}
    named: dict[GroupRef, None] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        person, group = refs.person(item), refs.group(item)
        if person is not None:
            people[person] = None
        elif group is not None and groups:
            named[group] = None
        else:
            why = "setting.no_person_nor_group" if groups else "setting.no_person"
            raise SettingError(Said(key=why, values={"given": reading.given(key, item)}))
    if len(people) + len(named) > MOST_PEOPLE:
        count = len(people) + len(named)
        raise SettingError(
            Said(key="setting.many_people", values={"setting": key, "count": count, "most": MOST_PEOPLE})
        )
    return tuple(people), tuple(named)


def _reactions(key: str, text: str, refs: Refs) -> tuple[str, ...]:
    names = [name for name in (part.strip().strip(":").lower() for part in text.split(",")) if name]
    if len(names) == 1 and names[0] in ON | OFF:
        return (ALL,) if names[0] in ON else ()
    for name in names:
        if not EMOJI.fullmatch(name) or refs.emoji(name) is None:
            raise SettingError(Said(key="setting.no_emoji", values={"given": reading.given(key, name)}))
    return tuple(dict.fromkeys(names))


def _reactions_shown(names: tuple[str, ...]) -> str:
    return "on" if ALL in names else ",".join(names) or "off"


def _ceiling(text: str, wire: WireLimit) -> int:
    """At most what `MOST_PARTS` messages on the wire hold, were every character as short as can be."""
    most = MOST_PARTS * wire.maximum
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise SettingError(
            Said(
                key="setting.no_ceiling",
                values={"given": reading.given("ceiling", text), "most": most, "parts": MOST_PARTS},
            )
        )
    return int(text)


PLAIN: Mapping[str, Callable[[str, str], Any]] = {
    "human_agent": reading.switch,
    "media": partial(reading.choice, among=MEDIA),
    "video_out": reading.switch,
    "card_fields": reading.fields,
    "answer_mode": partial(reading.choice, among=MODES),
    "undo_seconds": partial(reading.count, among=UNDO, unit="seconds"),
    "explicit_sign": reading.sign,
    "signature": partial(reading.choice, among=SIGNATURES),
    "seen": reading.switch,
    "comments": reading.switch,
    "collisions": reading.switch,
    "reopen_days": partial(reading.count, among=range(MOST_DAYS + 1), unit="days"),
    "reauth_days": partial(reading.count, among=REAUTH, unit="days", none=True),
    "shared_channel": reading.switch,
    "alert_standard": partial(reading.lead, most=1),
    "alert_human": partial(reading.lead, most=6),
    "quiet": reading.quiet,
}
"""How settings are read whose values need nothing but themselves; each is the field of the same name."""

READERS: Mapping[str, Callable[[str], Any]] = {**automatic.READERS, **tickets.READERS}
SETTABLE = (
    "name", "channel", "alerts_channel", "owners", "agents", "leads", "human_agent", "media", "video_out", "card_fields", "ceiling",
    "answer_mode", "undo_seconds", "explicit_sign", "signature", "aliases", "reactions_out", "seen", "comments",
    "collisions", "reopen_days", "reauth_days", "shared_channel", "alert_standard", "alert_human", "on_call", "quiet",
    *READERS, tickets.SECRET,
)  # fmt: skip
