"""``/bridge audit``: who has changed what, as people read it. Pure."""

from bridge.model.change import replace
from bridge.model.ids import PersonRef
from bridge.model.survey import Change
from bridge.settings import as_text, subject
from bridge.slack import refs
from bridge.slack.phrase import At, Filling, Json, Link, Mention, Phrase, Words, joined
from bridge.slack.setup.accounts import in_blocks
from bridge.slack.setup.room import Page, Room, saying
from bridge.slack.setup.worded import called, value
from bridge.slack.text import inert_name
from bridge.split import head
from bridge.wording import Wording, languages

MOST_VALUE = 80
"""Characters that are shown of what a setting was and is."""
MOST_DIFFERENT = (200, 20, 8, 4, 2, 1)
"""Settings of one change that are named: as many as one message has room for, of these."""
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
PROFILE = {"greeting": "audit.greeting", "ice_breakers": "audit.ice_breakers", "menu": "audit.menu"}
"""The parts of what customers see of an account."""
WHO = {
    "cli": "audit.by_cli",
    "slack": "audit.by_installer",
    "timer": "audit.by_itself",
    "bridge": "audit.by_itself",
    "link": "audit.by_link",
}
"""Who changed something without being somebody on the desk, by what stands before a colon."""


def audit(room: Room) -> Json:
    """Return the last changes: who, what, before and after, when; never what customers wrote."""
    if not room.changes:
        return saying(room.said("audit.none"))
    pages = (_page(room, most) for most in MOST_DIFFERENT)
    return next((each for each in pages if each.fits), _page(room, MOST_DIFFERENT[-1])).json()


def _page(room: Room, most: int) -> Page:
    page = Page()
    page.heading(room.wording.say("audit.title"))
    for some in in_blocks([line for each in room.changes for line in _change(room, each, most)]):
        page.say(*some)
    page.small(room.said("audit.help"))
    return page


def _change(room: Room, change: Change, most: int) -> list[Phrase]:
    """What was done in a line, and what was different in it, or each on a line of its own. most: settings that are named."""
    told: list[Phrase] = [(At(moment=change.at),), _who(room, change.who), _done(room, change)]
    differences = _differences(room, change) if change.action in DIFFERENCES else []
    if len(differences) == 1 or change.action == "account.profile":
        told, differences = [*told, *differences], []
    if change.thread is not None:
        url = refs.permalink(room.survey.workspace.url, change.thread)
        told.append((Link(url=url, label=room.wording.say("button.open")),))
    left = len(differences) - most
    more = [room.said("audit.more", count=left)] if left > 0 else []
    return [joined(told, " · "), *(("• ", *each) for each in (*differences[:most], *more))]


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
    owner = as_text(change.after.get("owner"))
    return value("owners", owner, room.wording) if owner else room.said("audit.nobody")


def _differences(room: Room, change: Change) -> list[Phrase]:
    """What was different before, as the window of an account's settings calls it."""
    before, after = change.before, change.after
    names = [each for each in after if before.get(each) != after[each]]
    if change.action == "workspace.language":
        return [(_language(before.get(each)), " → ", _language(after[each])) for each in names]
    if change.action == "account.profile":
        # counts alone are kept of it: the words stand on the network
        return [room.said(PROFILE[each]) for each in names if each in PROFILE]
    return [_difference(room, each, as_text(before.get(each)), as_text(after[each])) for each in names]


def _difference(room: Room, setting: str, before: str, after: str) -> Phrase:
    """What was different of a setting; that everybody answers may be said where nobody was named."""
    if setting == "agents" and not before and not after:
        return room.said("audit.everyone")
    return room.said(
        "audit.difference",
        setting=called(setting, room.wording),
        before=_short(value(setting, before, room.wording)),
        after=_short(value(setting, after, room.wording)),
    )


def _short(shown: Phrase) -> Phrase:
    return tuple(
        replace(each, text=f"{head(each.text, MOST_VALUE)}…")
        if isinstance(each, Words) and len(each.text) > MOST_VALUE
        else each
        for each in shown
    )


def _language(code: object) -> str:
    return Wording(str(code)).say("language.name") if code in languages() else "–"
