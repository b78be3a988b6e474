"""files.*: uploads in three steps, which Slack finishes in its own time. https://docs.slack.dev/messaging/working-with-files."""

import asyncio
import mimetypes

from bridge.demo.slack.asked import Asked
from bridge.demo.slack.blocks import check_message_blocks
from bridge.demo.slack.chat import author
from bridge.demo.slack.emoji import shortcodes
from bridge.demo.slack.model import File, Json, Message, SlackError
from bridge.demo.slack.text import linked
from bridge.demo.slack.world import World


def get_upload_url(world: World, asked: Asked) -> Json:
    """Announce a file."""
    length = asked.number("length", 0)
    if length < 1:
        raise SlackError("missing_argument")
    if length > 1 << 30:
        raise SlackError("file_upload_size_restricted")
    if len(asked.text("alt_txt")) > 1000:
        raise SlackError("alt_txt_too_large")
    name = asked.text("filename")
    file = File(
        id=f"F{world.number():08d}",
        name=name,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        user=world.names.bot_user_id,
        created=int(world.clock()),
        size=length,
        alt_text=asked.text("alt_txt"),
    )
    world.files[file.id] = file
    return {"upload_url": f"{world.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(world: World, asked: Asked) -> Json:
    """Finish uploads; the message, where one was asked for, appears a little later."""
    files = _completed(world, asked)
    channels = asked.names("channels") + asked.names("channel_id")
    if len(channels) > 100:
        raise SlackError("channels_limit_exceeded")
    if "thread_ts" in asked and len(channels) != 1:
        raise SlackError(
            "invalid_arguments", messages=["[ERROR] thread_ts needs one channel [json-pointer:/thread_ts]"]
        )
    messages = []
    for channel_id in channels:
        channel = world.bots_channel(channel_id)
        if channel.archived:
            raise SlackError("posting_to_channel_denied")
        message = author(world, asked, Message(channel=channel.id, ts=""))
        message.subtype = "file_share"
        message.text = linked(shortcodes(asked.text("initial_comment")))
        message.thread_ts = asked.maybe("thread_ts")
        message.files = [file.id for file in files]
        given = asked.json("blocks", "invalid_blocks")
        if given is not None and not message.text:
            message.blocks = check_message_blocks(given)
            if any(block["type"] != "rich_text" for block in message.blocks):
                raise SlackError("invalid_blocks")
        messages.append(message)
    for file in files:
        file.completed = True
    world.deliveries.spawn(_finish(world, files, messages))
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}


def file_info(world: World, asked: Asked) -> Json:
    """Tell about one file."""
    file = _file(world, asked.text("file"))
    return {"file": world.file(file.id, full=True), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete_file(world: World, asked: Asked) -> Json:
    """Delete a file, which takes it out of the messages that show it."""
    file = _file(world, asked.text("file"))
    if file.user != world.names.bot_user_id:
        raise SlackError("cant_delete_file")
    file.deleted, file.content = True, b""
    for messages in world.messages.values():
        for message in [each for each in messages.values() if file.id in each.files]:
            before = world.shown(message)
            message.files.remove(file.id)
            if message.files or message.text or message.blocks:
                world.tell_changed(message, before)
            else:
                world.delete(message)
    world.touch()
    return {}


def _file(world: World, file_id: str) -> File:
    file = world.files.get(file_id)
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return file


def _completed(world: World, asked: Asked) -> list[File]:
    given = asked.json("files")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", messages=["[ERROR] must be an array [json-pointer:/files]"])
    files = []
    for each in given:
        if not isinstance(each, dict) or set(each) - {"id", "title", "highlight_type"}:
            raise SlackError("invalid_arguments", messages=["[ERROR] unknown field [json-pointer:/files]"])
        file = world.files.get(str(each.get("id")))
        if file is None or file.completed:
            raise SlackError("file_not_found")
        if file.content is None:
            raise SlackError("file_update_failed")
        file.title = str(each.get("title") or "")
        files.append(file)
    return files


async def _finish(world: World, files: list[File], messages: list[Message]) -> None:
    await asyncio.sleep(world.switches.share_delay)
    for file in files:
        file.ready = True
    files = [file for file in files if not file.deleted]
    if files and not world.switches.never_share:
        for message in messages:
            message.files = [file.id for file in files]
            world.post(message)
            for file in files:
                share = {"ts": message.ts, "channel_name": world.channels[message.channel].name}
                if message.thread_ts:
                    share["thread_ts"] = message.thread_ts
                file.shares.setdefault(message.channel, []).append(share)
    world.touch()
