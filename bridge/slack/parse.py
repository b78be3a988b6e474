"""Kept items as facts. Pure and total: any bytes give a fact; what means nothing to us says why.

https://docs.slack.dev/reference/events/message lists the shapes; ``subtype`` and what follows from it is looked at on
purpose, row by row, because what falls through here is a reply that nobody hears of.
"""

from collections.abc import Callable
from datetime import datetime

from bridge import prefixes, quickjson
from bridge.model.act import SHORTCUTS
from bridge.model.desk import NOWHERE
from bridge.model.facts import (
    Act,
    AgentEdited,
    AgentReacted,
    AgentWrote,
    CredentialsRevoked,
    EventsMissed,
    Fact,
    HomeOpened,
    Ignored,
    OwnPostSeen,
    PlaceChange,
    PlaceChanged,
    PlaceRenumbered,
    PostDeleted,
    Pressed,
)
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Workspace
from bridge.ports import Needs
from bridge.slack import buttons, emoji, inside, kept, learnt, sift
from bridge.slack.attached import attached
from bridge.slack.refs import moment
from bridge.slack.shapes import (
    SLACKBOT,
    Json,
    UnreadableError,
    action_of,
    clean,
    is_id,
    items,
    label,
    people,
    person_ref,
    place_ref,
    ref,
    thing,
)
from bridge.slack.text import Names, leading_mention, mentions, plain, unaddressed
from bridge.slack.windows import submitted
from bridge.wording import Wording

PLACE_CHANGES = {
    "archive": PlaceChange.ARCHIVED,
    "unarchive": PlaceChange.USABLE,
    "deleted": PlaceChange.DELETED,
    "left": PlaceChange.BOT_REMOVED,
    "shared": PlaceChange.SHARED,
    "unshared": PlaceChange.UNSHARED,
}


class SlackParser:
    """Reads what Slack said; see `bridge.ports.Parser`."""

    def needs(self, body: bytes) -> Needs:
        """Whom it speaks of: who wrote or pressed, and whom they mention."""
        payload = _read(body)
        event = thing(payload.get("event"))
        match event.get("type"), event.get("subtype"):
            case "message", "message_deleted":
                return Needs()
            case "message", "message_changed":
                return Needs(people=_speaks_of(thing(event.get("message")), payload))
            case "message", _:
                return Needs(people=_speaks_of(event, payload))
            case "reaction_added" | "reaction_removed", _:
                return Needs(people=people(event.get("user")))
            case "app_home_opened", _:
                return Needs(people=people(event.get("user")))
            case "user_change", _:
                return Needs(people=people(thing(event.get("user")).get("id")))
            case "subteam_members_changed", _:
                group = event.get("subteam_id")
                return Needs(groups=(GroupRef(group),) if isinstance(group, str) else ())
            case _ if payload.get("type") == kept.TYPE:
                return Needs(people=people(payload.get("person")))
            case _:
                chosen = thing(payload.get("values")).get("whom")
                return Needs(people=people(thing(payload.get("user")).get("id"), chosen))

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> Fact:
        """Return the fact of one item."""
        if workspace is None:
            return Ignored(why="unknown workspace")
        payload = _read(item.body)
        if not payload:
            return Ignored(why="unreadable")
        try:
            return _fact(payload, item.at, known, workspace)
        except UnreadableError as shape:
            return Ignored(why=str(shape))


def _speaks_of(message: Json, payload: Json) -> tuple[PersonRef, ...]:
    author = () if message.get("bot_id") else (message.get("user"),)
    bots = [SLACKBOT, *(each.get("user_id") for each in items(payload.get("authorizations")))]
    return tuple(person for person in people(*author, *mentions(message).users) if person not in bots)


def _fact(payload: Json, at: datetime, known: Known, workspace: Workspace) -> Fact:
    match payload.get("type"):
        case "event_callback":
            return _event(payload, at, known, workspace)
        case "block_actions":
            return _pressed(payload, at, workspace)
        case "message_action":
            return _shortcut(payload, at, workspace)
        case "view_submission":
            return submitted.fact(payload, at, workspace)
        case kept.TYPE:
            return kept.fact(payload, at, workspace)
        case "app_rate_limited":
            return EventsMissed(workspace=workspace.id, at=at)
        case _ if "learnt" in payload:
            return learnt.read(payload, at, workspace)
        case _:
            return Ignored(why="unknown payload")


# -- events ----------------------------------------------------------------------------------------------------------


def _event(payload: Json, at: datetime, known: Known, workspace: Workspace) -> Fact:
    event = thing(payload.get("event"))
    kind = label(event.get("type"))
    what = kind.partition("_")[2]
    match kind:
        case "message":
            return _message(payload, event, at, known, workspace)
        case _ if kind in sift.PLACES:
            return _place(event, PLACE_CHANGES[what], at, workspace)
        case sift.RENUMBERED:
            return _renumbered(event, at, workspace)
        case "member_joined_channel" | "member_left_channel":
            if event.get("user") != workspace.bot_person:
                return Ignored(why="somebody else came or went")
            change = PlaceChange.USABLE if kind == "member_joined_channel" else PlaceChange.BOT_REMOVED
            return _place(event, change, at, workspace)
        case _ if kind in sift.REACTIONS:
            return _reacted(event, at, workspace)
        case _ if kind in sift.REVOKED:
            return _revoked(event, at, workspace)
        case "app_home_opened":
            return HomeOpened(workspace=workspace.id, at=at, person=person_ref(event.get("user")))
        case "user_change":
            return learnt.person_learnt(thing(event.get("user")), at, workspace)
        case "subteam_updated":
            return learnt.group_learnt(thing(event.get("subteam")), at, workspace)
        case "subteam_members_changed":
            return learnt.members_changed(event, at, known, workspace)
        case _:
            return Ignored(why="another kind of event")


def _revoked(event: Json, at: datetime, workspace: Workspace) -> Fact:
    bots = thing(event.get("tokens")).get("bot")
    ours = isinstance(bots, list) and workspace.bot_person in bots
    if event.get("type") == "app_uninstalled" or ours:
        return CredentialsRevoked(workspace=workspace.id, at=at)
    return Ignored(why="other tokens revoked")


def _message(payload: Json, event: Json, at: datetime, known: Known, workspace: Workspace) -> Fact:
    subtype = label(event.get("subtype"))
    if subtype == "message_deleted":
        before = thing(event.get("previous_message"))
        return _deleted(event, event.get("deleted_ts"), before.get("thread_ts"), at, workspace)
    if subtype == "message_changed":
        message = thing(event.get("message"))
        if sift.tombstone(message):
            return _deleted(event, message.get("ts"), message.get("thread_ts"), at, workspace)
        if not sift.changed({**event, "previous_message": thing(event.get("previous_message"))}):
            return Ignored(why="nothing that somebody changed")
        if sift.own(message, workspace):
            return Ignored(why="our own edit")
        return _written(AgentEdited, message, event, at, known, workspace, late=False)
    if subtype not in sift.WRITTEN:
        return Ignored(why="a notice of Slack's")
    if sift.own(event, workspace):
        return _own(event, at, workspace)
    if not sift.in_thread(event):
        return Ignored(why="outside threads")
    if "reply_count" in event and "user" not in event and "bot_id" not in event:
        return Ignored(why="a thread's counters")
    return _written(AgentWrote, event, event, at, known, workspace, late=payload.get("found_late") is True)


def _written(
    kind: Callable[..., AgentWrote],
    message: Json,
    event: Json,
    at: datetime,
    known: Known,
    workspace: Workspace,
    *,
    late: bool,
) -> AgentWrote:
    author = message.get("user")
    named, asked = mentions(message), leading_mention(message) == workspace.bot_person
    text = clean(plain(message, _names(known, workspace)))
    channel = event.get("channel")
    return kind(
        workspace=workspace.id,
        at=at,
        place=place_ref(channel),
        root=ref(channel, message.get("thread_ts")),
        ref=ref(channel, message.get("ts")),
        person=PersonRef(str(author)) if is_id(author) else None,
        automatic=bool(message.get("bot_id")) or message.get("subtype") == "bot_message" or author in (None, SLACKBOT),
        foreign=_foreign(message, workspace),
        text=text,
        note=prefixes.is_note(text),
        mentions_bridge=asked,
        command=unaddressed(message) if asked else "",
        named=tuple(PersonRef(each) for each in named.users if each != workspace.bot_person),
        places=tuple(map(place_ref, named.channels)),
        mentions=bool(
            named.usergroups
            or named.channels
            or named.broadcasts
            or set(named.users) - ({workspace.bot_person} if asked else set())
        ),
        files=attached(message.get("files"), left=kind is AgentEdited),
        found_late=late,
        changed_at=moment(thing(message.get("edited")).get("ts")) if late else None,
        written_at=moment(message.get("ts")) if kind is AgentEdited else None,
        was_note=event.get("was_note") is True,
        edited_before=event.get("was_edited") is True or (late and "edited" in message),
        shared=any(each.get("is_share") for each in items(message.get("attachments"))),
        leads_inside=inside.leads_inside(text),
    )


def _foreign(message: Json, workspace: Workspace) -> bool:
    """Whether Slack marks the author as of another company (docs.slack.dev, Slack Connect)."""
    teams = [message.get(name) for name in ("user_team", "source_team", "team")]
    home = next((team for team in teams if isinstance(team, str) and team), workspace.id)
    return home != workspace.id


def _own(event: Json, at: datetime, workspace: Workspace) -> Fact:
    channel, ts, thread = event.get("channel"), event.get("ts"), event.get("thread_ts")
    root = ref(channel, thread) if thread and thread != ts else None
    keys = sift.rows_of(event)
    return OwnPostSeen(
        workspace=workspace.id, at=at, place=place_ref(channel), ref=ref(channel, ts), root=root, keys=keys
    )


def _deleted(event: Json, ts: object, thread: object, at: datetime, workspace: Workspace) -> Fact:
    channel = event.get("channel")
    root = ref(channel, thread) if thread else None
    return PostDeleted(workspace=workspace.id, at=at, place=place_ref(channel), ref=ref(channel, ts), root=root)


def _reacted(event: Json, at: datetime, workspace: Workspace) -> Fact:
    item, (name, _, tone) = thing(event.get("item")), label(event.get("reaction")).partition("::skin-tone-")
    return AgentReacted(
        workspace=workspace.id,
        at=at,
        place=place_ref(item.get("channel")),
        ref=ref(item.get("channel"), item.get("ts")),
        person=person_ref(event.get("user")),
        name=name,
        names=emoji.names(name),
        emoji=emoji.named(name, int(tone) if tone in {"2", "3", "4", "5", "6"} else None),
        removed=event.get("type") == "reaction_removed",
    )


def _place(event: Json, change: PlaceChange, at: datetime, workspace: Workspace) -> Fact:
    return PlaceChanged(workspace=workspace.id, at=at, place=place_ref(event.get("channel")), change=change)


def _renumbered(event: Json, at: datetime, workspace: Workspace) -> Fact:
    """A private channel that is shared: https://docs.slack.dev/reference/events/channel_id_changed."""
    old, new = place_ref(event.get("old_channel_id")), place_ref(event.get("new_channel_id"))
    if old == new:
        return Ignored(why="renumbered already")
    return PlaceRenumbered(workspace=workspace.id, at=at, old=old, new=new)


# -- what people press -----------------------------------------------------------------------------------------------


def _pressed(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    container = thing(payload.get("container"))
    action = action_of(payload)
    act = label(action.get("action_id"))
    if act not in set(Act):
        return Ignored(why="a button of no meaning")
    on = buttons.acting(action.get("value"))
    presser = person_ref(thing(payload.get("user")).get("id"))
    if container.get("at_home"):
        return Pressed(
            workspace=workspace.id, at=at, act=Act(act), person=presser, place=NOWHERE, conversation=on.conversation
        )
    channel, ts, thread = container.get("channel_id"), container.get("message_ts"), container.get("thread_ts")
    # A direct message can be changed at any time; a line that only its reader sees, by the address that came along
    # alone. A card stays: it says anew by itself what is true.
    direct = isinstance(channel, str) and channel.startswith("D")
    handle = payload.get("response_url") if container.get("is_ephemeral") else ref(channel, ts) if direct else None
    # A card is pressed where it stands; a private line and a direct message are no thread's root.
    root = thread or (None if direct or container.get("is_ephemeral") else ts)
    return Pressed(
        workspace=workspace.id,
        at=at,
        act=Act(act),
        person=presser,
        place=place_ref(channel),
        message=on.message,
        conversation=on.conversation,
        incident=on.incident,
        root=ref(channel, root) if root else None,
        handle=handle if isinstance(handle, str) else None,
    )


def _shortcut(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    callback = payload.get("callback_id")
    if not isinstance(callback, str) or callback not in SHORTCUTS:
        return Ignored(why="a shortcut of no meaning")
    message, channel = thing(payload.get("message")), thing(payload.get("channel")).get("id")
    ts = payload.get("message_ts") or message.get("ts")
    return Pressed(
        workspace=workspace.id,
        at=at,
        act=Act(callback),
        person=person_ref(thing(payload.get("user")).get("id")),
        place=place_ref(channel),
        ref=ref(channel, ts),
        root=ref(channel, message.get("thread_ts") or ts),
    )


# -- small things ----------------------------------------------------------------------------------------------------


def _read(body: bytes) -> Json:
    try:
        return thing(quickjson.loads(body))
    except (ValueError, RecursionError):
        return {}


def _names(known: Known, workspace: Workspace) -> Names:
    wording = Wording(workspace.language)
    users = {str(ref): person.name for ref, person in known.people.items()}
    unknown, channel = wording.say("name.unknown_person"), wording.say("name.unknown_channel")
    return Names(users=users, channels={}, usergroups={}, unknown=unknown, unknown_channel=channel)
