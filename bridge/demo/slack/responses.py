"""What an app may do with a response_url, and with the body that acknowledges a command.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.chat import check_pictures
from bridge.demo.slack.emoji import shortcodes
from bridge.demo.slack.model import Ephemeral, Json, Message, SlackError
from bridge.demo.slack.text import linked, pages
from bridge.demo.slack.world import Pass, World

MOST_SECONDS = 30 * 60
FIELDS = frozenset(
    [
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
    ]
)


def respond(world: World, name: str, asked: Asked) -> None:
    """Do what was sent to a response_url: show, replace or delete."""
    given = world.response_urls.get(name)
    if given is None:
        raise SlackError("no_url")
    if given.left < 1:
        raise SlackError("used_url")
    if world.clock() - given.made > MOST_SECONDS:
        raise SlackError("expired_url")
    if strange := asked.given.keys() - FIELDS:
        raise SlackError(
            "invalid_arguments", messages=[f"[ERROR] unknown argument: {each}" for each in sorted(strange)]
        )
    given.left -= 1
    if asked.flag("delete_original"):
        _delete(world, given)
    elif asked.flag("replace_original"):
        _replace(world, given, asked)
    else:
        show(world, given, asked)


def show(world: World, given: Pass, asked: Asked) -> None:
    """Show a line to the user, or with ``in_channel`` to all."""
    text, blocks = _contents(world, asked)
    channel = given.channel
    if channel is None:
        raise SlackError("channel_not_found")
    if asked.text("response_type") == "in_channel":
        message = Message(channel=channel, ts="", text=text, blocks=blocks, thread_ts=asked.maybe("thread_ts"))
        message.user, message.team = world.names.bot_user_id, world.names.team_id
        message.bot_id, message.app_id = world.names.bot_id, world.names.app_id
        world.post(message)
        return
    line = Ephemeral(channel=channel, user=given.user, ts=world.stamp(channel), text=text, blocks=blocks)
    line.thread_ts = asked.maybe("thread_ts")
    world.ephemerals.append(line)
    world.touch()


def _contents(world: World, asked: Asked) -> tuple[str, list[Json]]:
    given = asked.json("blocks", "invalid_blocks_format")
    blocks = check_message_blocks(given) if given is not None else []
    check_pictures(world, blocks)
    text = linked(shortcodes(asked.text("text")))
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks


def _replace(world: World, given: Pass, asked: Asked) -> None:
    text, blocks = _contents(world, asked)
    if given.ephemeral is not None:
        given.ephemeral.text, given.ephemeral.blocks, given.ephemeral.deleted = text, blocks, False
        world.touch()
        return
    message = world.message(given.channel or "", given.message_ts or "")
    if message is None:
        raise SlackError("message_not_found")
    before = world.shown(message)
    message.text, message.blocks = text, blocks
    message.notified |= pages(text, blocks)
    world.tell_changed(message, before)


def _delete(world: World, given: Pass) -> None:
    if given.ephemeral is not None:
        given.ephemeral.deleted = True
        world.touch()
    elif message := world.message(given.channel or "", given.message_ts or ""):
        world.delete(message)
