"""auth.*, team.*, users.*, usergroups.* and conversations.*: what the app may look up."""

import re
from collections.abc import Iterable

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.model import Channel, Json, Message, SlackError
from bridge.demo.slack.world import World

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_SCOPES = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def api_test(_world: World, asked: Asked) -> Json:
    """Answer, or fail as asked."""
    if "error" in asked:
        raise SlackError(asked.text("error"))
    return {"args": dict(asked.given)}


def auth_test(world: World, _asked: Asked) -> Json:
    """Tell whose the token is."""
    names = world.names
    return {
        "url": f"https://{names.domain}.slack.com/",
        "team": names.workspace,
        "user": "bridge",
        "team_id": names.team_id,
        "user_id": names.bot_user_id,
        "bot_id": names.bot_id,
        "app_id": names.app_id,
        "is_enterprise_install": False,
    }


def team_info(world: World, asked: Asked) -> Json:
    """Tell about the workspace."""
    names = world.names
    if asked.maybe("team") not in (None, names.team_id):
        raise SlackError("team_not_found")
    url = f"https://{names.domain}.slack.com/"
    return {"team": {"id": names.team_id, "name": names.workspace, "domain": names.domain, "url": url, "icon": {}}}


def users_info(world: World, asked: Asked) -> Json:
    """Tell about one user."""
    user = world.users.get(asked.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    if user.stranger and not any(user.id in channel.members for channel in world.channels.values() if channel.shared):
        raise SlackError("user_not_visible")
    return {"user": user.payload(locale=asked.flag("include_locale"), now=world.clock())}


def users_list(world: World, asked: Asked) -> Json:
    """List the workspace's users, deactivated ones and bots among them."""
    users, more = asked.page(list(world.users.values()), default=200, most=1000)
    shown = [user.payload(locale=asked.flag("include_locale"), now=world.clock()) for user in users]
    return {"members": shown, "cache_ts": int(world.clock()), "response_metadata": more}


def usergroups_list(world: World, asked: Asked) -> Json:
    """List user groups."""
    _has_groups(world)
    shown = []
    for group in world.groups.values():
        if group.disabled and not asked.flag("include_disabled"):
            continue
        one: Json = {"id": group.id, "team_id": world.names.team_id, "name": group.handle, "handle": group.handle}
        one |= {"is_usergroup": True, "date_delete": group.disabled}
        if asked.flag("include_users"):
            one["users"] = list(group.members)
        shown.append(one)
    return {"usergroups": shown}


def usergroup_users(world: World, asked: Asked) -> Json:
    """List the members of one user group."""
    _has_groups(world)
    group = world.groups.get(asked.text("usergroup"))
    if group is None or (group.disabled and not asked.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _has_groups(world: World) -> None:
    if not world.switches.user_groups:
        raise SlackError("plan_upgrade_required")


def info(world: World, asked: Asked) -> Json:
    """Tell about one channel."""
    channel = world.bots_channel(asked.text("channel"), member=False)
    shown = channel.payload()
    if asked.flag("include_num_members"):
        shown["num_members"] = len(_members(world, channel))
    return {"channel": shown}


def conversations_list(world: World, asked: Asked) -> Json:
    """List the channels the app may know of."""
    known = [channel for channel in _of_types(world, asked) if channel.bot_member or channel.kind == "channel"]
    channels, more = asked.page(known, default=100, most=1000)
    return {"channels": [channel.payload() for channel in channels], "response_metadata": more}


def users_conversations(world: World, asked: Asked) -> Json:
    """List the channels that the app, or the `user`, is a member of."""
    user = asked.maybe("user")
    mine = [
        channel
        for channel in _of_types(world, asked)
        if (channel.bot_member if user is None else user in channel.members)
    ]
    channels, more = asked.page(mine, default=100, most=999)
    return {"channels": [channel.payload() for channel in channels], "response_metadata": more}


def members(world: World, asked: Asked) -> Json:
    """List the members of a channel."""
    channel = world.bots_channel(asked.text("channel"), member=False)
    page, more = asked.page(_members(world, channel), default=100, most=1000)
    return {"members": page, "response_metadata": more}


def create(world: World, asked: Asked) -> Json:
    """Make a channel, with the app in it."""
    name = asked.text("name")
    if not re.match(r"[\w-]+$", name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if any(channel.name == name for channel in world.channels.values()):
        raise SlackError("name_taken")
    channel = Channel(id=f"C{world.number():08d}", name=name, private=asked.flag("is_private"))
    channel.created = int(world.clock())
    world.channels[channel.id] = channel
    world.messages[channel.id] = {}
    world.touch()
    return {"channel": channel.payload()}


def invite(world: World, asked: Asked) -> Json:
    """Make users members of a channel."""
    channel = world.bots_channel(asked.text("channel"))
    users = asked.names("users")
    if channel.archived:
        raise SlackError("is_archived")
    if world.names.bot_user_id in users:
        raise SlackError("cant_invite_self")
    if any(user not in world.users for user in users):
        raise SlackError("user_not_found")
    if all(user in channel.members for user in users):
        raise SlackError("already_in_channel")
    for user in users:
        joined(world, channel, user, world.names.bot_user_id)
    return {"channel": channel.payload()}


def join(world: World, asked: Asked) -> Json:
    """Become a member of a public channel."""
    channel = world.bots_channel(asked.text("channel"), member=False)
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.bot_member:
        return {"channel": channel.payload(), "warning": "already_in_channel"}
    joined(world, channel, world.names.bot_user_id)
    return {"channel": channel.payload()}


def joined(world: World, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Make someone, or the app itself, a member, and tell the feed."""
    if user == world.names.bot_user_id:
        channel.bot_member = True
    elif user not in channel.members:
        channel.members.append(user)
    event = {"type": "member_joined_channel", "user": user, "channel": channel.id, "team": world.names.team_id}
    event |= {"channel_type": "G" if channel.private else "C", "event_ts": world.stamp(channel.id)}
    if inviter is not None:
        event["inviter"] = inviter
    world.feed.announce(event, channel)
    world.touch()


def open_direct(world: World, asked: Asked) -> Json:
    """Open direct messages with one user."""
    if channel_id := asked.maybe("channel"):
        channel = world.channels.get(channel_id)
        if channel is None or channel.user is None:
            raise SlackError("channel_not_found")
        return {"channel": {"id": channel.id}}
    wanted = asked.names("users")
    if not wanted:
        raise SlackError("not_enough_users")
    if len(wanted) > 1:
        raise SlackError("too_many_users" if len(wanted) > 8 else "missing_scope", needed="mpim:write")
    user = world.users.get(wanted[0])
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.stranger:
        raise SlackError("user_not_visible")
    return {"channel": {"id": world.direct(user.id).id}}


def history(world: World, asked: Asked) -> Json:
    """List a channel's roots and broadcasts, newest first."""
    channel = world.bots_channel(asked.text("channel"))
    standing = [each for each in world.messages[channel.id].values() if not each.is_reply or each.broadcast]
    page, more = asked.page(_between(asked, standing)[::-1], **_page_size(world, default=100, most=999))
    return _listed(world, asked, page, more)


def replies(world: World, asked: Asked) -> Json:
    """List a thread, its root first."""
    channel = world.bots_channel(asked.text("channel"))
    start = world.message(channel.id, asked.text("ts"))
    if start is None:
        raise SlackError("thread_not_found")
    root_ts = start.thread_ts or start.ts
    standing = [each for each in world.messages[channel.id].values() if root_ts in (each.ts, each.thread_ts)]
    root = [each for each in standing if each.ts == root_ts]
    thread = root + [each for each in _between(asked, standing) if each.ts != root_ts]
    page, more = asked.page(thread, **_page_size(world, default=1000, most=1000))
    return _listed(world, asked, page, more)


def _page_size(world: World, *, default: int, most: int) -> dict[str, int]:
    """Return the sizes of a page of history; 15 for apps outside the Marketplace that many workspaces share."""
    if world.limits.history_per_minute is not None:
        return {"default": 15, "most": 15}
    return {"default": default, "most": most}


def _between(asked: Asked, messages: Iterable[Message]) -> list[Message]:
    oldest, latest = asked.text("oldest") or "0", asked.text("latest") or "9999999999"
    edge = asked.flag("inclusive")

    def within(ts: str) -> bool:
        at, first, last = (_moment(each) for each in (ts, oldest, latest))
        return first <= at <= last if edge else first < at < last

    return [message for message in messages if within(message.ts)]


def _moment(ts: str) -> tuple[int, int]:
    seconds, _, micro = ts.partition(".")
    try:
        return int(seconds), int(micro.ljust(6, "0") or 0)
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None


def _listed(world: World, asked: Asked, page: list[Message], more: Json) -> Json:
    shown = [world.shown(message, asked=True) for message in page]
    if not asked.flag("include_all_metadata"):
        shown = [{name: value for name, value in each.items() if name != "metadata"} for each in shown]
    return {"messages": shown, "has_more": bool(more["next_cursor"]), "response_metadata": more}


def _members(world: World, channel: Channel) -> list[str]:
    return [*channel.members, world.names.bot_user_id] if channel.bot_member else list(channel.members)


def _of_types(world: World, asked: Asked) -> list[Channel]:
    kinds = asked.names("types") or ["public_channel"]
    if set(kinds) - set(_KINDS):
        raise SlackError("invalid_types")
    wanted = {_KINDS[kind] for kind in kinds}
    for kind in sorted(wanted):
        if _SCOPES[kind] not in world.install.scopes:
            provided = ",".join(sorted(world.install.scopes))
            raise SlackError("missing_scope", needed=_SCOPES[kind], provided=provided)
    hidden = asked.flag("exclude_archived")
    return [each for each in world.channels.values() if each.kind in wanted and not (hidden and each.archived)]
