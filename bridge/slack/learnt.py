"""What was asked of Slack, or told without asking, about people, groups and our own posts, as facts. Pure and total."""

import re
from datetime import datetime

from bridge.model.facts import (
    CredentialsAlive,
    Fact,
    GroupLearnt,
    Ignored,
    OwnPostSeen,
    PersonLearnt,
    PlaceChange,
    PlaceChanged,
    PostNotFound,
    QuestionStands,
)
from bridge.model.ids import GroupRef, MessageId
from bridge.model.state import Known, Person, PersonKind, Workspace
from bridge.slack.shapes import (
    SLACKBOT,
    Json,
    UnreadableError,
    an_id,
    clean,
    people,
    person_ref,
    place_ref,
    ref,
    thing,
)
from bridge.slack.sift import PICTURES

MOST_NAME = 200
ADMIN = ("is_admin", "is_owner", "is_primary_owner")
"""Who of a workspace may change it. https://docs.slack.dev/reference/objects/user-object"""
PICTURE = re.compile(r"https://[^\s/]+/\S{1,2000}\Z")


def read(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return the fact of an answer that `bridge.slack.sift.learnt` kept."""
    match payload.get("learnt"):
        case "person":
            user = payload.get("user")
            if user is None:
                return PersonLearnt(workspace=workspace.id, at=at, ref=person_ref(payload.get("ref")), person=None)
            return person_learnt(thing(user), at, workspace)
        case "group":
            members = payload.get("people")
            group = GroupRef(an_id(payload.get("group"), "a group"))
            why = payload.get("why")
            if why == "desk_scope":
                return GroupLearnt(workspace=workspace.id, at=at, group=group, people=None, why=why)
            belonging = people(*members) if isinstance(members, list) else ()
            said = why if isinstance(why, str) else ""
            return GroupLearnt(workspace=workspace.id, at=at, group=group, people=belonging, why=said)
        case "post":
            return _post_found(payload, at, workspace)
        case "absent":
            row = payload.get("row")
            if not isinstance(row, int):
                raise UnreadableError("a look for nothing")
            return PostNotFound(workspace=workspace.id, at=at, key=row)
        case "question":
            return _question(payload, at, workspace)
        case "usable":
            place = place_ref(payload.get("channel"))
            return PlaceChanged(workspace=workspace.id, at=at, place=place, change=PlaceChange.USABLE)
        case "alive":
            return CredentialsAlive(workspace=workspace.id, at=at)
        case _:
            return Ignored(why="learnt nothing")


def person_learnt(user: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return who somebody is."""
    who = person_ref(user.get("id"))
    profile = thing(user.get("profile"))
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((each for each in names if isinstance(each, str) and each.strip()), str(who))
    locale = user.get("locale")
    language = locale.partition("-")[0].lower() if isinstance(locale, str) and locale else None
    picture = next((each for name in PICTURES if isinstance(each := profile.get(name), str)), None)
    person = Person(
        ref=who,
        kind=_kind(user, workspace),
        name=clean(name)[:MOST_NAME],
        language=language,
        picture=picture if picture is None or PICTURE.match(picture) else None,
        admin=any(user.get(name) is True for name in ADMIN) if any(name in user for name in ADMIN) else None,
    )
    return PersonLearnt(workspace=workspace.id, at=at, ref=who, person=person)


def _kind(user: Json, workspace: Workspace) -> PersonKind:
    """Say what a person is (docs.slack.dev, users.info); the more careful answer first."""
    teams = thing(user.get("enterprise_user")).get("teams")
    home = user.get("team_id") in (None, workspace.id) or (isinstance(teams, list) and workspace.id in teams)
    if user.get("deleted"):
        return PersonKind.GONE
    if user.get("is_bot") or user.get("id") == SLACKBOT:
        return PersonKind.BOT
    if user.get("is_stranger") or not home:
        return PersonKind.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return PersonKind.GUEST
    return PersonKind.MEMBER


def group_learnt(subteam: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return who belongs to a group; whom the event does not name whole must be asked for.

    At most 500 are named: https://docs.slack.dev/reference/events/subteam_updated
    """
    group, users = GroupRef(an_id(subteam.get("id"), "a group")), subteam.get("users")
    if subteam.get("date_delete"):
        return GroupLearnt(workspace=workspace.id, at=at, group=group, people=(), why="gone")
    count = subteam.get("user_count")
    if not isinstance(users, list) or (str(count).isdecimal() and int(str(count)) > len(users)):
        return GroupLearnt(workspace=workspace.id, at=at, group=group, people=None, why="more")
    return GroupLearnt(workspace=workspace.id, at=at, group=group, people=people(*users))


def members_changed(event: Json, at: datetime, known: Known, workspace: Workspace) -> Fact:
    """Apply a change to the members we know; of a group nobody asked for there are none to change."""
    group = GroupRef(an_id(event.get("subteam_id"), "a group"))
    if group not in known.groups:
        return Ignored(why="a group nobody asked for")
    added, removed = event.get("added_users"), event.get("removed_users")
    kept = set(known.groups[group]) - set(people(*(removed if isinstance(removed, list) else ())))
    members = kept | set(people(*(added if isinstance(added, list) else ())))
    return GroupLearnt(workspace=workspace.id, at=at, group=group, people=tuple(sorted(members)))


def _question(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return where somebody was asked about an answer of theirs."""
    message, key = payload.get("message"), payload.get("key")
    if not isinstance(message, int) or not isinstance(key, str):
        return Ignored(why="a question about no answer")
    handle = ref(payload.get("channel"), payload.get("ts"))
    person = person_ref(payload.get("person"))
    return QuestionStands(
        workspace=workspace.id, at=at, message=MessageId(message), person=person, handle=handle, key=key
    )


def _post_found(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    channel, ts, thread, row = (payload.get(name) for name in ("channel", "ts", "thread_ts", "row"))
    root = ref(channel, thread) if thread and thread != ts else None
    others = payload.get("rows")
    rows = [row, *(others if isinstance(others, list) else ())]
    keys = tuple(dict.fromkeys(each for each in rows if isinstance(each, int)))
    return OwnPostSeen(
        workspace=workspace.id, at=at, place=place_ref(channel), ref=ref(channel, ts), root=root, keys=keys
    )
