"""Which of what Slack says is kept, and as what: raw items for the inbox. Pure and total.

Kept are replies in threads, what happens to posts, places, people and to our installation, and what people press. Not
kept: what stands outside threads, our own edits, counters and previews, other people's comings and goings. Of our own
posts, of buttons and of shortcuts only ids are kept, never the words.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge import quickjson
from bridge.model.ids import PlaceRef, PostRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Workspace
from bridge.prefixes import is_note
from bridge.slack.buttons import acting
from bridge.slack.refs import EVENT_TYPE, mark, marked, moment, split_ref
from bridge.slack.shapes import Json, digest, items, label, thing, word, workspace_of
from bridge.slack.text import Names, plain

SOURCE = "slack"
NOBODY = Names(users={}, channels={}, usergroups={}, unknown="")
WRITTEN = frozenset(["", "bot_message", "thread_broadcast", "file_share", "me_message"])
"""Subtypes of messages that somebody, or something, wrote; all others are Slack's own notices."""
PLACES = frozenset(
    f"{kind}_{what}" for kind in ("channel", "group") for what in ("archive", "unarchive", "deleted", "left")
) | {"channel_shared", "channel_unshared"}
RENUMBERED = "channel_id_changed"
GROUPS = frozenset(["subteam_updated", "subteam_members_changed"])
REVOKED = frozenset(["tokens_revoked", "app_uninstalled"])
MEMBERS = frozenset(["member_joined_channel", "member_left_channel"])
REACTIONS = frozenset(["reaction_added", "reaction_removed"])
HOME = "app_home_opened"
HEARD = PLACES | GROUPS | REVOKED | MEMBERS | REACTIONS | {RENUMBERED, "message", "user_change", HOME}
"""Every kind of event that the app subscribes to; app_manifest.yml names the same."""
PERSON = ("id", "team_id", "deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "name",
          "is_admin", "is_owner", "is_primary_owner")  # fmt: skip
"""What is kept of a person, besides their names and language."""
PICTURES = ("image_72", "image_48")
"""Of the sizes of somebody's picture, those that fit beside a message."""


def split(payload: Json, workspaces: Sequence[Workspace], received: datetime) -> list[RawItem]:
    """Return the items of one request's payload; none for what is only noise.

    workspaces: those we are installed in, which tells our own posts from others'.
    received: the time of what bears no time of its own.
    """
    match payload.get("type"):
        case "event_callback":
            return list(_event(payload, workspaces, received))
        case "block_actions":
            return list(_pressed(payload, received))
        case "message_action":
            return [_shortcut(payload, received)]
        case "app_rate_limited":
            team = word(payload.get("team_id"))
            key = f"slack:limited:{team}:{word(payload.get('minute_rate_limited'))}"
            return [_item(key, f"slack:{team}", received, payload)]
        case _:
            return []


def team_of(payload: Json) -> str:
    """Return the workspace whose installation an event is for (docs.slack.dev, Events API)."""
    authorizations = items(payload.get("authorizations"))
    installed = authorizations[0].get("team_id") if authorizations else None
    if isinstance(installed, str) and installed.startswith("E"):
        installed = None  # an organisation's, which speaks for the workspace in which it happened
    return word(installed or payload.get("team_id"))


def revokes(payload: Json) -> bool:
    """Whether it says that an installation is over, or a token of ours dead."""
    return payload.get("type") == "event_callback" and label(thing(payload.get("event")).get("type")) in REVOKED


def of_team(payload: Json, workspace: WorkspaceId) -> Json:
    """Return the event as one of one workspace, where it concerns several: each keeps it under a key of its own."""
    event_id = payload.get("event_id")
    named = {"event_id": f"{event_id}:{workspace}"} if event_id else {}
    return {**payload, **named, "team_id": workspace, "authorizations": [{"team_id": workspace}]}


def time_of(payload: Json) -> datetime | None:
    """Return when an event happened, in Slack's time."""
    event = thing(payload.get("event"))
    return moment(event.get("event_ts")) or moment(event.get("ts")) or moment(str(payload.get("event_time")))


# -- events ----------------------------------------------------------------------------------------------------------


def _event(payload: Json, workspaces: Sequence[Workspace], received: datetime) -> Iterator[RawItem]:
    event, team = thing(payload.get("event")), team_of(payload)
    ours = next((each for each in workspaces if each.id == team), None)
    at = time_of(payload) or received
    event_id = payload.get("event_id")
    key = f"slack:{word(event_id)}" if event_id else f"slack:{digest(payload)}"
    kind = label(event.get("type"))
    if kind == "message":
        yield from _message(payload, event, ours, key, team, at)
    elif kind in MEMBERS:
        if ours is None or event.get("user") == ours.bot_person:
            yield _item(key, f"slack:{team}", at, payload)
    elif kind in REACTIONS:
        item = thing(event.get("item"))
        if item.get("type") == "message" and ours is not None and event.get("user") != ours.bot_person:
            yield _item(key, f"slack:{team}:{word(item.get('channel'))}:{word(item.get('ts'))}", at, payload)
    elif kind == "user_change":
        kept = {**payload, "event": {"type": kind, "user": person(event.get("user"))}}
        yield _item(key, f"slack:{team}", at, kept)
    elif kind == HOME:
        if event.get("tab") == "home" and ours is not None:
            kept = {
                **payload,
                "event": {"type": kind, "user": event.get("user")},
            }  # not the page, which names customers
            yield _item(key, _home(team, event.get("user")), at, kept)
    elif kind in PLACES or kind in GROUPS or kind in REVOKED or kind == RENUMBERED:
        yield _item(key, f"slack:{team}", at, payload)


def _message(
    payload: Json, event: Json, ours: Workspace | None, key: str, team: str, at: datetime
) -> Iterator[RawItem]:
    channel, subtype = word(event.get("channel")), label(event.get("subtype"))
    if subtype == "message_deleted":
        before = thing(event.get("previous_message"))
        if in_thread(before) or own(before, ours):
            gone = {name: event[name] for name in ("type", "subtype", "channel", "deleted_ts") if name in event}
            gone["previous_message"] = {"thread_ts": before.get("thread_ts")}
            yield _item(key, _thread(team, channel, before, event.get("deleted_ts")), at, {**payload, "event": gone})
    elif subtype == "message_changed":
        message = thing(event.get("message"))
        if changed(event) and (tombstone(message) or not own(message, ours)):
            lean = {name: value for name, value in event.items() if name != "previous_message"}
            yield _item(key, _thread(team, channel, message), at, {**payload, "event": {**lean, **_earlier(event)}})
    elif subtype in WRITTEN:
        if own(event, ours):
            yield _own(payload, event, key, _thread(team, channel, event), at)
        elif in_thread(event):
            yield _item(key, _thread(team, channel, event), at, payload)


def _earlier(event: Json) -> Json:
    """Return what is kept of a message before its change: no words, but whether it was a note, and changed before."""
    before = thing(event.get("previous_message"))
    return {"was_note": is_note(plain(before, NOBODY)), "was_edited": "edited" in before}


def _own(payload: Json, event: Json, key: str, lane: str, at: datetime) -> RawItem:
    """Keep of a post of ours only where it stands and which rows' marks it bears: it is there to be looked up."""
    rows = rows_of(event)
    kept = {name: event[name] for name in ("type", "channel", "ts", "thread_ts", "bot_id", "user") if name in event}
    kept["blocks"] = [{"block_id": mark(row)} for row in rows]
    body = {name: payload[name] for name in ("type", "team_id", "event_id", "authorizations") if name in payload}
    about = f"row:{rows[0]}" if rows else None
    return _item(key, lane, at, {**body, "event": kept}, about=about, applied=True)


def rows_of(message: Json) -> tuple[int, ...]:
    """Return the outbox rows whose mark a message bears, in its blocks or its metadata."""
    found = [marked(block.get("block_id")) for block in items(message.get("blocks"))]
    metadata = thing(message.get("metadata"))
    if metadata.get("event_type") == EVENT_TYPE:
        found.append(marked(f"row:{thing(metadata.get('event_payload')).get('row')}"))
    return tuple(dict.fromkeys(row for row in found if row is not None))


def own(message: Json, ours: Workspace | None) -> bool:
    """Whether the bridge itself wrote a message; with an author of its own making it has a bot's id alone."""
    return ours is not None and (message.get("bot_id") == ours.bot_author or message.get("user") == ours.bot_person)


def in_thread(message: Json) -> bool:
    """Whether a message is a reply: a root has no ``thread_ts``, or its own (docs.slack.dev, Retrieving messages)."""
    return bool(message.get("thread_ts")) and message.get("thread_ts") != message.get("ts")


def tombstone(message: Json) -> bool:
    """Whether it is what stays of a deleted root that had replies."""
    return message.get("subtype") == "tombstone"


def changed(event: Json) -> bool:
    """Whether somebody changed a message: Slack tells of counters, previews and languages in the same words."""
    message, before = thing(event.get("message")), thing(event.get("previous_message"))
    if tombstone(message):
        return not tombstone(before)
    if not in_thread(message):
        return False
    if _unfiled(message) - _unfiled(before):
        return True
    edited = thing(message.get("edited")).get("ts")
    fresh = edited is not None and edited != thing(before.get("edited")).get("ts")
    return fresh and any(message.get(name) != before.get(name) for name in ("text", "blocks", "files"))


def _unfiled(message: Json) -> set[str]:
    """Return the files of a message that were deleted: Slack tells of that without calling it an edit."""
    return {word(file.get("id")) for file in items(message.get("files")) if file.get("mode") == "tombstone"}


def person(user: Any) -> Json:
    """Return what is kept of a person."""
    user = thing(user)
    profile = thing(user.get("profile"))
    kept = {name: user[name] for name in (*PERSON, "real_name", "locale", "enterprise_user") if name in user}
    kept["profile"] = {name: profile[name] for name in ("display_name", "real_name", *PICTURES) if name in profile}
    return kept


# -- what people press -----------------------------------------------------------------------------------------------


def _pressed(payload: Json, received: datetime) -> Iterator[RawItem]:
    container = thing(payload.get("container"))
    if container.get("type") == "view":
        yield from _pressed_at_home(payload, received)
        return
    user, team = word(thing(payload.get("user")).get("id")), workspace_of(payload)
    message = thing(payload.get("message"))
    ts = container.get("message_ts") or message.get("ts")
    thread = container.get("thread_ts") or message.get("thread_ts")
    channel = word(container.get("channel_id") or thing(payload.get("channel")).get("id"))
    for action in items(payload.get("actions")):
        body = {
            "type": "block_actions",
            "user": {"id": user},
            "team": {"id": team},
            "container": {
                "channel_id": channel,
                "message_ts": ts,
                "thread_ts": thread,
                "is_ephemeral": bool(container.get("is_ephemeral")),
            },
            "actions": [{name: action.get(name) for name in ("action_id", "value", "action_ts")}],
            "response_url": payload.get("response_url"),
        }
        parts = (action.get("action_ts"), user, ts, action.get("action_id"))
        key = f"slack:press:{team}:{':'.join(map(word, parts))}"
        lane = _thread(team, channel, {"thread_ts": thread, "ts": ts})
        yield _item(key, lane, moment(action.get("action_ts")) or received, body)


def at_home(payload: Json) -> bool:
    """Whether a button was pressed on somebody's own page that acts on a conversation: a fact, and no question."""
    action = (items(payload.get("actions")) or [{}])[0]
    on_page = thing(payload.get("view")).get("type") == "home"
    return on_page and acting(action.get("value")).conversation is not None


def _pressed_at_home(payload: Json, received: datetime) -> Iterator[RawItem]:
    if not at_home(payload):
        return
    user, team = word(thing(payload.get("user")).get("id")), workspace_of(payload)
    for action in items(payload.get("actions"))[:1]:
        body = {
            "type": "block_actions",
            "user": {"id": user},
            "team": {"id": team},
            "container": {"at_home": True},
            "actions": [{name: action.get(name) for name in ("action_id", "value", "action_ts")}],
        }
        parts = (action.get("action_ts"), user, action.get("value"), action.get("action_id"))
        key = f"slack:press:{team}:{':'.join(map(word, parts))}"
        yield _item(key, _home(team, user), moment(action.get("action_ts")) or received, body)


def _shortcut(payload: Json, received: datetime) -> RawItem:
    message = thing(payload.get("message"))
    team, channel = workspace_of(payload), word(thing(payload.get("channel")).get("id"))
    ts = payload.get("message_ts") or message.get("ts")
    root = {"ts": ts, "thread_ts": message.get("thread_ts")}
    body = {
        "type": "message_action",
        "callback_id": payload.get("callback_id"),
        "user": {"id": word(thing(payload.get("user")).get("id"))},
        "team": {"id": team},
        "channel": {"id": channel},
        "message_ts": ts,
        "message": root,
        "response_url": payload.get("response_url"),
    }
    key = f"slack:shortcut:{digest({'trigger': payload.get('trigger_id')})}"
    return _item(key, _thread(team, channel, root), moment(payload.get("action_ts")) or received, body)


# -- what was learnt by asking ---------------------------------------------------------------------------------------


def learnt(workspace: Workspace, what: str, look: int, now: datetime, /, **values: object) -> RawItem:
    """Keep an answer to the look whose outbox row is *look*: a ``person``, a ``group``, a ``post``, its absence, a ``usable`` channel, that we are ``alive``, or where a ``question`` stands."""
    body = {"learnt": what, "team_id": workspace.id, **values}
    about = f"row:{values['row']}" if what == "post" else None
    return _item(f"slack:learnt:{look}", f"slack:{workspace.id}", now, body, about=about)


def missed(workspace: Workspace, now: datetime) -> RawItem:
    """Keep that events may have been missed, in the shape in which Slack itself says that it left some out."""
    stamp = int(now.timestamp())
    body = {"type": "app_rate_limited", "team_id": workspace.id, "minute_rate_limited": stamp, "unheard": True}
    return _item(f"slack:unheard:{workspace.id}:{stamp}", f"slack:{workspace.id}", now, body)


def found(workspace: Workspace, channel: PlaceRef, message: Json) -> RawItem:
    """Keep a reply that was read after a gap, in the shape of the event that was missed."""
    ts = message.get("ts")
    key = f"slack:found:{workspace.id}:{channel}:{word(ts)}"
    if (edited := thing(message.get("edited")).get("ts")) is not None:
        key = f"{key}:{word(edited)}"
    lane = _thread(workspace.id, channel, message)
    event = {**message, "type": "message", "channel": channel}
    return _item(key, lane, moment(ts) or datetime.fromtimestamp(0, UTC), _missed(workspace, event))


def gone(workspace: Workspace, root: PostRef, now: datetime, *, reply: PostRef | None = None) -> RawItem:
    """Keep that a thread's root, or this *reply* to it, was found deleted."""
    channel, ts = split_ref(reply or root)
    event: Json = {"type": "message", "subtype": "message_deleted", "channel": channel, "deleted_ts": ts}
    if reply is not None:
        event = {**event, "previous_message": {"thread_ts": split_ref(root)[1]}}
    key = f"slack:found:{workspace.id}:{channel}:{ts}:gone"
    return _item(key, lane_of(workspace.id, root), now, _missed(workspace, event))


def _missed(workspace: Workspace, event: Json) -> Json:
    authorizations = [{"team_id": workspace.id, "user_id": workspace.bot_person}]
    shape = {"type": "event_callback", "found_late": True, "team_id": workspace.id}
    return {**shape, "authorizations": authorizations, "event": event}


# -- small things ----------------------------------------------------------------------------------------------------


def lane_of(team: str, root: PostRef) -> str:
    """Return the inbox lane in which everything heard of one thread stands: for an erasure."""
    channel, ts = split_ref(root)
    return _thread(team, channel, {"ts": ts})


def _thread(team: str, channel: str, message: Json, ts: object = None) -> str:
    return f"slack:{team}:{channel}:{word(message.get('thread_ts') or ts or message.get('ts'))}"


def _home(team: str, person: object) -> str:
    return f"slack:{team}:home:{word(person)}"


def _item(key: str, lane: str, at: datetime, body: Json, *, about: str | None = None, applied: bool = False) -> RawItem:
    raw = quickjson.dumps(body)
    workspace = WorkspaceId(lane.split(":")[1])
    return RawItem(
        key=key, source=SOURCE, lane=lane, at=at, body=raw, workspace=workspace, about=about, applied=applied
    )
