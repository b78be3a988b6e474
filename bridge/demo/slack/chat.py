"""chat.* and reactions.*, pins and bookmarks: what the app does in channels. https://docs.slack.dev/reference/methods."""

import re
from collections.abc import Sequence

from bridge.demo.slack import checks
from bridge.demo.slack.asked import Asked
from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.emoji import EMOJI, shortcodes
from bridge.demo.slack.model import Channel, Ephemeral, Json, Message, SlackError
from bridge.demo.slack.text import has_link, linked, pages, walk
from bridge.demo.slack.world import World

MOST_TEXT, MOST_UPDATE, MOST_MARKDOWN, SPLIT = 40_000, 4_000, 12_000, 4_040
MOST_METADATA = 8_000
"""Characters of metadata; Slack publishes no figure for `metadata_too_large`."""

_EMOJI_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?$")
_EVENT_TYPE = re.compile(r"[A-Za-z0-9_.:-]{1,255}$")
_FIELD = checks.shape(
    {},
    dict.fromkeys(("title", "value", "short"), checks.anything),
)
_ATTACHMENT = checks.shape(
    {},
    {
        "color": checks.string(20),
        "fallback": checks.string(4000, least=0),
        "text": checks.string(8000, least=0),
        "pretext": checks.string(4000, least=0),
        "title": checks.string(4000, least=0),
        "title_link": checks.string(3000),
        "footer": checks.string(300, least=0),
        "ts": checks.anything,
        "mrkdwn_in": checks.anything,
        "fields": checks.array(_FIELD, most=100),
        "blocks": checks.anything,
        "image_url": checks.string(3000, pattern="https?://"),
        "thumb_url": checks.string(3000, pattern="https?://"),
    },
)


def post_message(world: World, asked: Asked) -> Json:
    """Post into a channel or a thread, or to a user's direct messages."""
    channel = _open_channel(world, asked.text("channel"))
    message = _composed(world, asked, channel)
    message.thread_ts = asked.maybe("thread_ts")
    _may_post(channel, message.thread_ts)
    message.broadcast = asked.flag("reply_broadcast")
    message.metadata = _metadata(asked)
    wanted = asked.flag("unfurl_links", default=True) or asked.flag("unfurl_media", default=True)
    message.unfurled = wanted and has_link(message.text, message.blocks)
    if "link_names" in asked:
        message.notified = pages(message.text, message.blocks, link_names=asked.flag("link_names"))
    rest = ""
    if world.switches.split_long_text and len(message.text) > SPLIT and not message.blocks:
        message.text, rest = message.text[:MOST_UPDATE], message.text[MOST_UPDATE:]
    world.post(message)
    while rest:
        piece, rest = rest[:MOST_UPDATE], rest[MOST_UPDATE:]
        more = _authored(world, asked, channel.id)
        more.text, more.thread_ts = piece, message.thread_ts
        world.post(more)
    return {"channel": channel.id, "ts": message.ts, "message": world.shown(message, asked=True)}


def update(world: World, asked: Asked) -> Json:
    """Change one of the app's own messages."""
    channel, message = _own(world, asked, "cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    _may_change(asked)
    before = world.shown(message)
    blocks = _blocks(world, asked)
    if not any(name in asked for name in ("text", "blocks", "attachments", "markdown_text")):
        raise SlackError("no_text")
    was_rich = bool(message.blocks) and message.blocks[0]["type"] == "rich_text"
    if was_rich and blocks and blocks[0]["type"] != "rich_text":
        raise SlackError("block_mismatch")
    if "text" in asked or "markdown_text" in asked:
        text = _stored(asked)
        if blocks is None:
            message.edited = {"user": message.user or world.names.bot_user_id, "ts": world.stamp(channel.id)}
        message.text, message.blocks = text, blocks or []
    elif blocks is not None:
        message.blocks = blocks
    if "attachments" in asked:
        message.attachments = _attachments(world, asked)
    if "metadata" in asked:
        message.metadata = _metadata(asked)
    if world.switches.edit_drops_author:
        message.username, message.icons = None, {}
    if not (message.text or message.blocks or message.attachments or message.files):
        raise SlackError("no_text")
    message.notified |= pages(message.text, message.blocks)
    world.tell_changed(message, before)
    answer = {"channel": channel.id, "ts": message.ts, "text": message.text}
    return answer | {"message": world.shown(message, asked=True)}


def _may_change(asked: Asked) -> None:
    if len(asked.text("text")) > MOST_UPDATE or len(asked.text("markdown_text")) > MOST_MARKDOWN:
        raise SlackError("msg_too_long")
    if asked.flag("reply_broadcast") and any(name in asked for name in ("text", "blocks", "attachments")):
        raise SlackError("no_dual_broadcast_content_update")


def delete(world: World, asked: Asked) -> Json:
    """Delete one of the app's own messages."""
    channel, message = _own(world, asked, "cant_delete_message")
    if channel.archived:
        # Of the errors that Slack lists for this method the one that comes nearest.
        raise SlackError("cant_delete_message")
    world.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(world: World, asked: Asked) -> Json:
    """Show one user a line."""
    channel = world.bots_channel(asked.text("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    if asked.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    if len(asked.text("text")) > MOST_UPDATE:
        raise SlackError("msg_too_long")
    message = _composed(world, asked, channel)
    line = Ephemeral(
        channel=channel.id,
        user=asked.text("user"),
        ts=world.stamp(channel.id),
        text=message.text,
        blocks=message.blocks,
        thread_ts=asked.maybe("thread_ts"),
        username=message.username,
    )
    world.ephemerals.append(line)
    world.touch()
    return {"message_ts": line.ts}


def get_permalink(world: World, asked: Asked) -> Json:
    """Tell the address of a message."""
    channel = world.bots_channel(asked.text("channel"), member=False)
    message = _found(world, channel, asked.text("message_ts"))
    link = f"https://{world.names.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(world: World, asked: Asked) -> Json:
    """React to a message."""
    return _react(world, asked, add=True)


def remove_reaction(world: World, asked: Asked) -> Json:
    """Take the app's own reaction away."""
    return _react(world, asked, add=False)


def get_reactions(world: World, asked: Asked) -> Json:
    """Tell the reactions to a message."""
    channel = world.bots_channel(asked.text("channel"))
    message = _found(world, channel, asked.text("timestamp"))
    return {"type": "message", "channel": channel.id, "message": world.shown(message, asked=True)}


def add_pin(world: World, asked: Asked) -> Json:
    """Pin a message."""
    channel = world.bots_channel(asked.text("channel"))
    message = _found(world, channel, asked.text("timestamp"))
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= 100:
        raise SlackError("too_many_pins")
    channel.pins.append(message.ts)
    world.touch()
    return {}


def remove_pin(world: World, asked: Asked) -> Json:
    """Unpin a message."""
    channel = world.bots_channel(asked.text("channel"))
    if asked.text("timestamp") not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(asked.text("timestamp"))
    world.touch()
    return {}


def add_bookmark(world: World, asked: Asked) -> Json:
    """Put a link above a channel."""
    channel = world.bots_channel(asked.text("channel_id"))
    link = asked.text("link")
    if asked.text("type") != "link" or not re.match(r"https?://\S+$", link) or len(link) > 2048:
        raise SlackError("invalid_link")
    if len(asked.text("title")) > 256:
        raise SlackError("invalid_arguments", messages=[checks.problem("must be less than 257 characters", "/title")])
    bookmark = {"id": f"Bk{world.number():08d}", "channel_id": channel.id, "title": asked.text("title"), "link": link}
    channel.bookmarks.append(bookmark)
    world.touch()
    return {"bookmark": bookmark}


def check_pictures(world: World, blocks: Sequence[Json]) -> None:
    """Refuse pictures that Slack could not show: all of them by switch, files that are not ready or no pictures."""
    for item in walk(list(blocks)):
        if item.get("type") != "image":
            continue
        found = ""
        if world.switches.refuse_pictures:
            found = "downloading image failed"
        if "slack_file" in item:
            given = item["slack_file"]
            wanted = given.get("id") or given["url"].removeprefix(f"{world.url}/files/").partition("/")[0]
            file = world.files.get(wanted)
            if file is None or not file.ready or file.deleted or not file.mimetype.startswith("image/"):
                found = "invalid slack file"
        if found:
            messages = [checks.problem(found, "/blocks")]
            raise SlackError("invalid_blocks", messages=messages, errors=messages)


def author(world: World, asked: Asked, message: Message) -> Message:
    """Put the app, or the author it made up, on a message; `chat:write.customize` was looked at before."""
    message.bot_id, message.app_id = world.names.bot_id, world.names.app_id
    if not any(name in asked for name in ("username", "icon_url", "icon_emoji")):
        message.user, message.team = world.names.bot_user_id, world.names.team_id
        return message
    message.subtype, message.username = "bot_message", asked.maybe("username")
    icon = asked.text("icon_url")
    if icon and (len(icon) > 3000 or not re.match(r"https?://[^\s/]+", icon)):
        raise SlackError("invalid_arguments", messages=[checks.problem("must be a valid URL", "/icon_url")])
    if asked.text("icon_emoji"):
        message.icons = {"emoji": asked.text("icon_emoji")}
    elif icon:
        message.icons = {"image_36": icon, "image_48": icon, "image_72": icon}
    return message


def _authored(world: World, asked: Asked, channel: str) -> Message:
    return author(world, asked, Message(channel=channel, ts=""))


def _composed(world: World, asked: Asked, channel: Channel) -> Message:
    """Make a message of the arguments that all ways of posting have."""
    if "markdown_text" in asked and ("text" in asked or "blocks" in asked):
        raise SlackError("markdown_text_conflict")
    if len(asked.text("markdown_text")) > MOST_MARKDOWN:
        raise SlackError("msg_too_long")
    message = _authored(world, asked, channel.id)
    message.blocks = _blocks(world, asked) or []
    message.attachments = _attachments(world, asked)
    message.text = _stored(asked)
    if not (message.text or message.blocks or message.attachments):
        raise SlackError("no_text")
    return message


def _stored(asked: Asked) -> str:
    """Return the text as Slack keeps it: cut at 40,000 characters, addresses in brackets, emoji by name."""
    text = shortcodes((asked.maybe("text") or asked.text("markdown_text"))[:MOST_TEXT])
    return text if asked.text("parse") == "none" else linked(text)


def _blocks(world: World, asked: Asked) -> list[Json] | None:
    if "blocks" not in asked:
        return None
    given = asked.json("blocks", "invalid_blocks_format")
    if not isinstance(given, list):
        raise SlackError("invalid_blocks_format")
    blocks = check_message_blocks(given)
    check_pictures(world, blocks)
    return blocks


def _attachments(world: World, asked: Asked) -> list[Json]:
    given = asked.json("attachments", "invalid_attachments")
    if given is None:
        return []
    if isinstance(given, list) and len(given) > 100:
        raise SlackError("too_many_attachments")
    found = list(checks.array(_ATTACHMENT, most=100, least=0)(given, "/attachments"))
    if found or not isinstance(given, list):
        raise SlackError("invalid_attachments", messages=found)
    for attachment in given:
        if "blocks" in attachment:
            attachment["blocks"] = check_message_blocks(attachment["blocks"])
            check_pictures(world, attachment["blocks"])
    return given


def _metadata(asked: Asked) -> Json | None:
    if "metadata" not in asked:
        return None
    given = asked.json("metadata", "invalid_metadata_format")
    if not isinstance(given, dict) or set(given) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_format")
    if not given:
        return None  # how metadata is taken off a message
    kind = given.get("event_type")
    if not isinstance(kind, str) or not _EVENT_TYPE.match(kind) or not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(str(given)) > MOST_METADATA:
        raise SlackError("metadata_too_large")
    return given


def _open_channel(world: World, channel: str) -> Channel:
    if channel in world.users:
        if world.users[channel].bot or world.users[channel].stranger or world.users[channel].deleted:
            raise SlackError("channel_not_found")
        return world.direct(channel)
    return world.bots_channel(channel)


def _may_post(channel: Channel, thread_ts: str | None) -> None:
    if channel.archived:
        raise SlackError("is_archived")
    if channel.read_only:
        raise SlackError("restricted_action_read_only_channel")
    if channel.thread_only and thread_ts is None:
        raise SlackError("restricted_action_thread_only_channel")
    if channel.non_threadable and thread_ts is not None:
        raise SlackError("restricted_action_non_threadable_channel")
    if thread_ts in channel.locked_threads:
        raise SlackError("restricted_action_thread_locked")


def _found(world: World, channel: Channel, ts: str) -> Message:
    if not re.match(r"\d+\.\d+$", ts):
        raise SlackError("bad_timestamp")
    message = world.message(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    return message


def _own(world: World, asked: Asked, refusal: str) -> tuple[Channel, Message]:
    channel = world.bots_channel(asked.text("channel"), member=False)
    message = world.message(channel.id, asked.text("ts"))
    if message is None or message.tombstone:
        raise SlackError("message_not_found")
    if message.bot_id != world.names.bot_id:
        raise SlackError(refusal)
    return channel, message


def _react(world: World, asked: Asked, *, add: bool) -> Json:
    channel = world.bots_channel(asked.text("channel"))
    name, bot = asked.text("name"), world.names.bot_user_id
    known = name.partition("::")[0] in (EMOJI.keys() | world.emoji)
    if not _EMOJI_NAME.match(name) or not known:
        raise SlackError("invalid_name")
    if channel.archived:
        raise SlackError("is_archived")
    message = _found(world, channel, asked.text("timestamp"))
    if message.tombstone:
        raise SlackError("message_not_found")
    mine = bot in message.reactions.get(name, ())
    if add and mine:
        raise SlackError("already_reacted")
    if not add and not mine:
        raise SlackError("no_reaction")
    if add and sum(bot in users for users in message.reactions.values()) >= 23:
        raise SlackError("too_many_reactions")
    world.react(message, name, bot, add=add)
    return {}
