"""``/bridge audit``: who has changed what, as people read it. Pure."""

from collections.abc import Mapping

from bridge.model.ids import PersonRef
from bridge.model.survey import Change
from bridge.settings import as_text, subject
from bridge.slack import refs
from bridge.slack.phrase import At, Filling, Group, Json, Link, Mention, Phrase, Place, Words, joined
from bridge.slack.setup.accounts import in_blocks
from bridge.slack.setup.room import Page, Room, saying
from bridge.slack.setup.sections import OPTIONS, SECTIONS, SWITCHED
from bridge.slack.text import inert_name
from bridge.split import head
from bridge.wording import Wording, languages

MOST_VALUE = 80
"""Characters that are shown of what a setting was and is."""
MOST_NAMED = 5
"""People who are named of a list."""
ACTIONS = {
    "account.add": "audit.add",
    "account.renew": "audit.renew",
    "account.set": "audit.set",
    "account.pause": "audit.pause",
    "account.resume": "audit.resume",
    "account.remove": "audit.remove",
    "account.restore": "audit.restore",
    "account.profile": "audit.profile",
    "account.icon": "audit.icon",
    "account.confirm": "audit.confirm",
    "workspace.language": "audit.language",
    "installation.add": "audit.installed",
    "conversations.backfill": "audit.backfill",
    "conversation.take": "audit.take",
    "conversation.release": "audit.release",
    "conversation.assign": "audit.assign",
    "conversation.close": "audit.close",
    "conversation.reopen": "audit.reopen",
    "conversation.snooze": "audit.snooze",
    "conversation.block": "audit.block",
    "conversation.spam": "audit.spam",
    "conversation.unblock": "audit.unblock",
    "conversation.forward": "audit.forward",
    "conversation.unforward": "audit.unforward",
    "conversation.export": "audit.export",
    "conversation.transcript": "audit.export",
    "conversation.erase": "audit.erase",
    "conversation.ticket": "audit.ticket",
    "conversation.ask": "audit.ask",
    "message.correct": "audit.correct",
    "saved_reply.save": "audit.reply_saved",
    "saved_reply.change": "audit.reply_changed",
    "saved_reply.delete": "audit.reply_deleted",
}
"""What was done, by the audit's own word for it."""
DIFFERENCES = frozenset({"account.set", "workspace.language", "account.profile"})
"""Changes of which it is told what was different before."""
WHO = {
    "cli": "audit.by_cli",
    "slack": "audit.by_installer",
    "timer": "audit.by_itself",
    "bridge": "audit.by_itself",
    "link": "audit.by_link",
}
"""Who changed something without being somebody on the desk, by what stands before a colon."""
LABELS: Mapping[str, str] = {each.name: each.label for part in SECTIONS.values() for each in part}
"""What settings are called where they are set."""
REFS = frozenset({"channel", "alerts_channel", "owners", "agents", "leads", "on_call"})
"""Settings that are people, groups or channels."""


def audit(room: Room) -> Json:
    """Return the last changes: who, what, before and after, when; never what customers wrote."""
    if not room.changes:
        return saying(room.said("audit.none"))
    page = Page()
    page.heading(room.wording.say("audit.title"))
    for some in in_blocks([_change(room, each) for each in room.changes]):
        page.say(*some)
    page.small(room.said("audit.help"))
    return page.json()


def _change(room: Room, change: Change) -> Phrase:
    told: list[Phrase] = [(At(moment=change.at),), _who(room, change.who), _done(room, change)]
    if change.action in DIFFERENCES:
        told += _differences(room, change)
    if change.thread is not None:
        url = refs.permalink(room.survey.workspace.url, change.thread)
        told.append((Link(url=url, label=room.wording.say("button.open")),))
    return joined(told, " · ")


def _who(room: Room, who: str) -> Phrase:
    person = refs.person(who)
    if person is not None:
        return (Mention(person=PersonRef(person)),)
    kind, _, rest = who.partition(":")
    if kind == "cli" and rest:
        return room.said("audit.by_cli_name", name=Words(text=rest))
    key = WHO.get(kind)
    if key is None:
        return (Words(text=who),)
    known = refs.person(rest)
    named: Phrase = () if known is None else (" (", Mention(person=known), ")")
    return (*room.said(key), *named)


def _done(room: Room, change: Change) -> Phrase:
    key = ACTIONS.get(change.action)
    if key is None:
        return (change.action, " ", *_what(room, change))
    values: dict[str, Filling] = {"what": _what(room, change), "whom": _whom(room, change)}
    return room.said(key, **values)


def _what(room: Room, change: Change) -> Phrase:
    """The account, or whoever wrote."""
    there = (*room.survey.accounts, *room.survey.removed)
    account = next((each for each in there if subject(each) == change.subject), None)
    if account is not None:
        return room.called([account])
    kind = change.subject.partition(":")[0]
    if kind not in ("conversation", "message"):
        return (Words(text=change.subject),)
    name = inert_name(change.customer or "")
    return (Words(text=name),) if name else room.said("audit.somebody")


def _whom(room: Room, change: Change) -> Phrase:
    """Who looks after a conversation afterwards."""
    owner = change.after.get("owner")
    return _value(room, "owners", owner) if owner else room.said("audit.nobody")


def _differences(room: Room, change: Change) -> list[Phrase]:
    """What was different before, as the window of an account's settings calls it."""
    before, after = change.before, change.after
    names = [each for each in after if before.get(each) != after[each]][:MOST_NAMED]
    if change.action == "workspace.language":
        return [(_language(before.get(each)), " → ", _language(after[each])) for each in names]
    return [
        room.said(
            "audit.difference",
            setting=room.wording.say(LABELS[each]) if each in LABELS else f"`{each}`",
            before=_value(room, each, before.get(each)),
            after=_value(room, each, after[each]),
        )
        for each in names
    ]


def _language(code: object) -> str:
    return Wording(str(code)).say("language.name") if code in languages() else "–"


def _value(room: Room, name: str, value: object) -> Phrase:
    text = as_text(value)
    options = dict(OPTIONS.get(name, SWITCHED))
    if text and all(each.strip() in options for each in text.split(",")):
        return (room.wording.listed(room.wording.say(options[each.strip()]) for each in text.split(",")),)
    if name in REFS and text:
        some = [each.strip() for each in text.split(",")]
        more: list[Phrase] = [("…",)] if len(some) > MOST_NAMED else []
        return joined([*(_ref(each) for each in some[:MOST_NAMED]), *more], " ")
    return (Words(text=f"{head(text, MOST_VALUE)}…" if len(text) > MOST_VALUE else text or "–"),)


def _ref(text: str) -> Phrase:
    if (person := refs.person(text)) is not None:
        return (Mention(person=person),)
    if (group := refs.group(text)) is not None:
        return (Group(group=group),)
    if (place := refs.place(text)) is not None:
        return (Place(channel=place),)
    return (Words(text=text),)
